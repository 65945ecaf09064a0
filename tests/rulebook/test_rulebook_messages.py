"""What an author is told about a rulebook that cannot be used, word for word."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from engine.kernel.errors import KizukiError
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.files.load import load_rulebooks

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "errors" / "rulebook.txt"
AS_OF = date(2026, 11, 20)
VOCABULARY = load_vocabulary(ROOT / "rulebooks" / "fields.yaml")

# One fault a line: the sentence stands under 条件.
SENTENCES = """
年令が6歳以上
年齢が6日以上
年齢が18歳以上6歳未満
年齢が6歳以上18歳以上
要介護度が要介護9以上
学級区分が特別支援学級である
就学援助受給を受けている
就学援助である
直近3か月に欠席が10日以上
欠席が10日以上
直近3か月の欠席日が10日以上
直近3か月の欠席が10日
直近3か月の欠席が10回以上
直近6か月に水道料金の督促が2日以上ある
直近0日に相談がある
直近6か月に相談が0回以上ある
これまでの欠席が前年の同じ期間の2倍以上
最新の3歳児検診の判定が要観察である
最新の3歳児健診の判定が要観察か要観察である
3歳児健診が期限を0日過ぎても済んでいない
直近3か月に、母に給水停止がある
お母さんがいない
母がいます
直近6か月の相談がある
直近6か月に相談が3回以上
直近3か月の欠席が10日以上ある
過去6か月に相談が1度もない
年齢が6歳より大きい
3歳児健診が未受診
直近12か月に相談が3期以上続いている
直近12か月に欠席が5日以上の月が3期以上続いている
直近12か月に欠席が5日以上の期が3か月以上続いている
直近12か月に欠席が5日以上の月が1か月以上続いている
直近12か月に欠席が5日以上の月が続いている
生後2歳を過ぎても新生児訪問の記録がない
2日を過ぎても新生児訪問の記録がない
生後0日を過ぎても新生児訪問の記録がない
今年度の欠席が0日以上
年齢が0歳以上
今年度の欠席が「長期欠席のめやす」以上
今年度の欠席が「督促の目安」以上
今年度の欠席が「長期欠席の目安」(20日)以上
今年度の欠席が長期欠席の目安以上
要介護度が「長期欠席の目安」以上の世帯員がいる
今年度の欠席がその前の同じ期間の2倍以上
シナリオYC-99に該当する
シナリオYC01に該当する
YC-01に該当
シナリオYC-01に該当する
成績が3点以上
課税情報が非課税である
氏名が空である
むずかしい家庭である
○ 直近6か月に相談がある
直近6か月に相談がある  ← 本人 相談(30日前)
直近3か月の欠席が10日以上  ← 本人 欠席: 12日
今年度の欠席が『長期欠席の目安』以上
今年度の欠席が（30日）以上
今年度の欠席が「長期欠席の目安」
欠席が30日以上
水道料金を滞納している
""".strip().split("\n")

HEAD = """\
ルールブック: 見本
類型: {type}
版: "2026.1"
担当: こども家庭サポートセンター
閾値: {{長期欠席の目安: 30日, 督促の目安: 2回}}
対象: 年齢が6歳以上18歳未満
シナリオ:
"""
SCENARIO = """\
  - 番号: {number}
    名前: 見本
    ねらい: 見本
    出典: 当市の既定
    強さ: 強
    条件:{condition}
    試験:
      - {{例: 一, 事実: {{}}, 結果: 該当}}
      - {{例: 二, 事実: {{}}, 結果: 非該当}}
      - {{例: 三, 事実: {{}}, 結果: 不明}}
"""
CONDITIONS = {
    "a group of another name": "\n      すべで:\n        - 母がいない",
    "a group without parts": "\n      すべて: []",
    "no condition at all": "",
    "two groups side by side": "\n      すべて: [母がいない]\n      いずれか: [父がいない]",
    "the same sentence twice": "\n      すべて:\n        - 直近6か月に相談がある\n        - 直近6か月に、相談がある",
    "a contradiction with the target": "\n      すべて: [年齢が3歳未満, 直近6か月に相談がある]",
    "values that exclude each other": "\n      すべて: [学級区分が通級である, 学級区分が通常である, 直近6か月に相談がある]",
    "both yes and no": "\n      すべて: [生活保護を受給している, 生活保護を受給していない, 直近6か月に相談がある]",
    "more needed than there are": "\n      3つ以上: [母がいない, 父がいない]",
    "nothing but the use of support": "\n      すべて: [保育施設を利用している]",
    "or in another word": "\n      または: [母がいない, 直近6か月に相談がある]",
    "a list without すべて": "\n      - 直近6か月に相談がある\n      - 母がいない",
    "次でない over several": "\n      すべて:\n        - 直近6か月に相談がある\n        - 次でない: [母がいない, 父がいない]",
    "one or more of several": "\n      1つ以上: [母がいない, 直近6か月に相談がある]",
    "the shape of a household alone": "\n      すべて: [母がいない, 直近12か月に転入がある, 児童手当を受給していない]",
    "nested deep: counts that clash": (
        "\n      すべて:\n        - いずれか:"
        "\n            - すべて: [直近3か月に相談が3回以上ある, 直近6か月に相談が2回以下である]"
        "\n            - すべて: [直近3か月に相談がある, 直近3か月に相談がない]"
    ),
    "a relative who is there and is not": "\n      すべて: [母がいない, 直近6か月に、年齢が18歳以上の母に相談がある]",
    "a grade that the age does not reach": "\n      すべて: [学年が高3以上, 年齢が16歳未満, 直近6か月に相談がある]",
}


def messages(folder: Path, text: str, hardship_type: str = "young_carer") -> str:
    (folder / f"{hardship_type}.yaml").write_text(text, encoding="utf-8")
    try:
        load_rulebooks(folder, VOCABULARY, as_of=AS_OF, types=(hardship_type,))
    except KizukiError as error:
        return str(error)
    return "(誤りなし)"


def book(condition: str, **more: str) -> str:
    values = {"type": "young_carer", "number": "YC-01", **more}
    return HEAD.format(**values) + SCENARIO.format(condition=condition, **values)


def test_every_message_is_as_agreed(tmp_path: Path) -> None:
    """Place, what, why and remedy of each fault are public: a change is reviewed as a change of this file."""
    blocks = [f"# {text}\n{messages(tmp_path, book(chr(10) + '      ' + text))}" for text in SENTENCES]
    blocks += [f"# {name}\n{messages(tmp_path, book(condition))}" for name, condition in CONDITIONS.items()]
    sound = book(" 直近6か月に相談がある")
    head, scenario = sound[: sound.index("  - 番号")], sound[sound.index("  - 番号") :]
    span = "    有効期間: {開始: 2026-04-01, 終了: 2026-03-01}\n    強さ"
    whole = {
        "another type than the file's": sound.replace("young_carer", "poverty"),
        "a number twice, and one with another prefix": sound + scenario + scenario.replace("YC-01", "PV-02"),
        "no scenario": head.replace("シナリオ:", "シナリオ: []"),
        "an example lacking": sound.replace("結果: 不明", "結果: 該当"),
        "a strength that does not exist": sound.replace("強さ: 強", "強さ: 極"),
        "a remark in a value": sound.replace("強さ: 強", "強さ: 強(中から変更)"),
        "a remark behind a full-width mark": sound.replace("強さ: 強", "強さ: 強 ＃ 中から変更"),
        "a key misspelt": sound.replace("ねらい", "ねがい"),
        "an end before the start": sound.replace("    強さ", span),
    }
    blocks += [f"# {name}\n{messages(tmp_path, written)}" for name, written in whole.items()]
    text = "\n\n".join(blocks) + "\n"
    if os.environ.get("KIZUKI_WRITE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")
    assert "(誤りなし)" not in text


def test_all_faults_of_all_files_are_shown_at_once(tmp_path: Path) -> None:
    """An author corrects everything in one go: two sentences in one file, a missing file, all in one message."""
    text = book("\n      すべて: [年令が6歳以上, 母がいます]")
    (tmp_path / "young_carer.yaml").write_text(text, encoding="utf-8")
    try:
        load_rulebooks(tmp_path, VOCABULARY, as_of=AS_OF)
        raise AssertionError("five files are missing")
    except KizukiError as error:
        codes = [problem.code for problem in error.problems]
    assert codes.count("E-YAML-07") == 5
    assert codes.count("E-RULE-01") == 1 and codes.count("E-RULE-02") == 1


def test_a_column_points_at_the_wrong_word(tmp_path: Path) -> None:
    """Full-width digits and spaces before the word do not shift the column."""
    shown = messages(tmp_path, book("\n      直近 ３か月に、欠席が10日以上"))
    assert "young_carer.yaml:14:15 " in shown


def test_an_item_that_is_not_permitted_says_who_owns_it(tmp_path: Path) -> None:
    """A rule over a pending item does not load, and the message names owner and state."""
    fields = (ROOT / "rulebooks" / "fields.yaml").read_text(encoding="utf-8")
    pending = fields.replace("肯定: DV等支援措置を受けている", "状態: 照会中, 肯定: DV等支援措置を受けている")
    (tmp_path / "fields.yaml").write_text(pending, encoding="utf-8")
    (tmp_path / "young_carer.yaml").write_text(book(" DV等支援措置を受けている母がいる"), encoding="utf-8")
    try:
        load_rulebooks(tmp_path, load_vocabulary(tmp_path / "fields.yaml"), as_of=AS_OF, types=("young_carer",))
        raise AssertionError("a pending item must not load")
    except KizukiError as error:
        [problem] = error.problems
    assert problem.code == "E-RULE-05"
    assert "所管 市民課、状態 照会中" in problem.what


def test_scenarios_out_of_force_are_checked_but_not_used(tmp_path: Path) -> None:
    """A scenario whose 有効期間 has not begun does not judge anybody yet."""
    later = book(" 直近6か月に相談がある").replace("    強さ", "    有効期間: {開始: 2027-04-01}\n    強さ")
    (tmp_path / "young_carer.yaml").write_text(later, encoding="utf-8")
    [rulebook] = load_rulebooks(tmp_path, VOCABULARY, as_of=AS_OF, types=("young_carer",)).rulebooks
    assert (rulebook.scenarios, rulebook.not_in_force) == ((), ("YC-01",))
    [rulebook] = load_rulebooks(tmp_path, VOCABULARY, as_of=date(2027, 4, 1), types=("young_carer",)).rulebooks
    assert [scenario.id for scenario in rulebook.scenarios] == ["YC-01"]


def test_a_file_that_nobody_reads_says_where_its_scenarios_belong(tmp_path: Path) -> None:
    """A rulebook named after its type in Japanese, or a copy beside it, is told the file that counts; nothing is overwritten."""
    for path in (ROOT / "rulebooks").glob("*.yaml"):
        shutil.copy(path, tmp_path)
    for name in ("貧困.yaml", "young_carer - コピー.yaml", "メモ.yaml"):
        (tmp_path / name).write_text("ルールブック: 見本\n", encoding="utf-8")
    with pytest.raises(KizukiError) as caught:
        load_rulebooks(tmp_path, VOCABULARY, as_of=AS_OF)
    told = {p.place.file: p.remedy for p in caught.value.problems if p.code == "E-RULE-18"}
    assert "使われるのは「poverty.yaml」です" in told["貧困.yaml"]
    assert "使われるのは「young_carer.yaml」です" in told["young_carer - コピー.yaml"]
    assert "poverty.yaml" in told["メモ.yaml"] and "abuse.yaml" in told["メモ.yaml"]
    (tmp_path / "poverty.yaml").unlink()
    with pytest.raises(KizukiError) as caught:
        load_rulebooks(tmp_path, VOCABULARY, as_of=AS_OF)
    assert "名前を「poverty.yaml」に直すか" in next(p.remedy for p in caught.value.problems if p.place.file == "貧困.yaml")


@pytest.mark.parametrize(
    ("written", "code", "remedy"),
    [(b"", "E-RULE-16", "rulebooks/approved/"), (b"PK\x03\x04" + bytes(range(256)), "E-YAML-01", "メモ帳など")],
    ids=["empty", "a workbook"],
)
def test_a_lost_rulebook_is_one_fault(tmp_path: Path, written: bytes, code: str, remedy: str) -> None:
    """A file lost while saving, or a workbook saved over it, is told once; sentences that use its names are no faults of theirs."""
    for path in (ROOT / "rulebooks").glob("*.yaml"):
        shutil.copy(path, tmp_path)
    (tmp_path / "young_carer.yaml").write_bytes(written)
    with pytest.raises(KizukiError) as caught:
        load_rulebooks(tmp_path, VOCABULARY, as_of=AS_OF)
    assert [(p.place.file, p.code) for p in caught.value.problems] == [("young_carer.yaml", code)]
    assert remedy in caught.value.problems[0].remedy
