"""Running the in-file examples: the household that an example means, its outcome, and what its author reads."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.evaluate.examples import run_examples
from engine.evaluate.reference import judge_sentence
from engine.kernel.truth import Truth
from engine.records.household import Household
from engine.records.layout import load_layouts
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.examples import build_household
from engine.rulebook.load import load_rulebooks
from engine.rulebook.model import Example
from engine.rulebook.parsing import parse_sentence

ROOT = Path(__file__).parents[2]
VOCABULARY = load_vocabulary(ROOT / "rulebooks" / "fields.yaml")
LABELS = {source: layout.label for source, layout in load_layouts(ROOT / "sources", VOCABULARY).items()}
MET, NOT, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN

FACTS = {
    "本人": {"年齢": "13", "学年": "中1", "就学援助": "なし", "学級区分": "通常"},
    "世帯員": [
        {"続柄": "祖父母", "年齢": "80", "要介護度": "要介護4", "介護サービス": "なし"},
        {"続柄": "母", "年齢": "41", "生活保護": "あり", "精神障害者保健福祉手帳": "不明"},
    ],
    "出来事": [
        {"種類": "欠席", "量": "12", "日前": "30"},
        {"種類": "水道料金の督促", "日前": "20"},
        {"種類": "EPDSの合計点", "量": "12", "日前": "20", "誰": "母"},
        {"種類": "EPDSの項目10", "量": "1", "日前": "20", "誰": "母"},
        {"種類": "3歳児健診の判定", "値": "要観察", "日前": "100"},
        {"種類": "1歳6か月児健診", "期限から": "120", "実施": "なし"},
        {"種類": "児童扶養手当の現況届", "日前": "100"},
        {"種類": "生活保護の廃止", "日前": "400", "誰": "母"},
    ],
    "不明": ["介護保険"],
}


def of(**changes: object) -> Household | tuple[object, ...]:
    facts = {**FACTS, **changes}
    return build_household(Example.model_validate({"例": "見本", "事実": facts, "結果": "該当"}), VOCABULARY, LABELS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("年齢が13歳以上13歳以下", MET),
        ("学年が中1以上中1以下", MET),
        ("就学援助を受けている", NOT),
        ("学級区分が通常である", MET),
        ("直近3か月の欠席が12日以上", MET),
        ("直近3か月の欠席が13日以上", NOT),
        ("直近3か月の遅刻が1回未満", MET),  # not mentioned: a month of zeros
        ("直近3か月の欠席が前年の同じ期間の2倍以上", MET),
        ("直近6か月に水道料金の督促がある", MET),
        ("直近6か月に水道料金の未納がある", NOT),
        ("母の最新のEPDSの合計点が12点以上", MET),
        ("母の最新のEPDSの項目10が1点以上", MET),  # one sheet holds both numbers
        ("生活保護を受給している母がいる", MET),  # an earlier one ended, this one holds
        ("直近24か月に、母に生活保護の廃止がある", MET),
        ("精神障害者保健福祉手帳を持っている母がいる", UNKNOWN),
        ("身体障害者手帳を持っている母がいる", UNKNOWN),  # the same source does not cover her
        ("身体障害者手帳を持っている祖父母がいる", NOT),
        ("要介護度が要介護3以上の祖父母がいる", MET),
        ("介護サービスを利用している祖父母がいる", UNKNOWN),  # the source has not arrived
        ("最新の3歳児健診の判定が要観察である", MET),
        ("最新の1歳6か月児健診の判定が異常なしである", NOT),
        ("1歳6か月児健診が期限を90日過ぎても済んでいない", MET),
        ("児童扶養手当を受給している", NOT),
        ("直近6か月に児童扶養手当の現況届がある", MET),
        ("父がいない", MET),
        ("直近24か月に転入がない", MET),
    ],
)
def test_an_example_means_what_its_author_expects(text: str, expected: Truth) -> None:
    """What is written holds, what is not mentioned is a known "no", what is called 不明 is unknown."""
    household = of()
    assert isinstance(household, Household)
    assert judge_sentence(parse_sentence(text, VOCABULARY), household, VOCABULARY).truth is expected


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"不明": ["介護ほけん"]}, "「介護ほけん」という源はありません。"),
        ({"本人": {"年令": "3"}}, "「年令」という項目はありません。"),
        ({"本人": {"学級区分": "特別"}}, "「学級区分」に値「特別」はありません。"),
        ({"本人": {"就学援助": "有"}}, "「就学援助」の値「有」を読めません。"),
        ({"世帯員": [{"年齢": "3"}], "出来事": []}, "世帯員の「続柄」がないか、使えない続柄です。"),
        ({"出来事": [{"種類": "欠席", "日前": "3"}]}, "「欠席」に「量」がありません。"),
        ({"出来事": [{"種類": "転入"}]}, "「転入」に「日前」がありません。"),
        ({"出来事": [{"種類": "転入", "日前": "3", "誰": "父"}]}, "「誰: 父」にあたる世帯員がいません。"),
        ({"出来事": [{"種類": "3歳児健診", "日前": "3"}]}, "「3歳児健診」には「期限から」と「実施」が要ります。"),
    ],
)
def test_a_fact_that_cannot_be_understood_is_named(changes: dict[str, object], what: str) -> None:
    """A misspelt fact never becomes a silent "no"."""
    faults = of(**changes)
    assert isinstance(faults, tuple)
    assert what in [fault.what for fault in faults]  # type: ignore[attr-defined]


def test_the_report_shows_a_failure_line_by_line(tmp_path: Path) -> None:
    """An author sees which sentence made the difference, and which sentence no example exercises."""
    rulebooks = tmp_path / "rulebooks"
    rulebooks.mkdir()
    (rulebooks / "young_carer.yaml").write_text(
        """\
ルールブック: ヤングケアラー
類型: young_carer
版: "2026.1"
担当: こども家庭サポートセンター
対象: 年齢が6歳以上18歳未満
シナリオ:
  - 番号: YC-01
    名前: 見本
    ねらい: 見本
    出典: 当市の既定
    強さ: 中
    条件: {すべて: [母がいない, 直近3か月の欠席が10日以上]}
    打ち消し: [要対協に登録されている]
    試験:
      - {例: 休みが多い, 事実: {本人: {年齢: 9}, 出来事: [{種類: 欠席, 量: 9, 日前: 40}]}, 結果: 該当}
      - {例: 休みがない, 事実: {本人: {年齢: 9}}, 結果: 非該当}
      - {例: 届いていない, 事実: {本人: {年齢: 9}, 不明: [校務支援(出欠・学校生活)]}, 結果: 不明}
      - {例: 登録済み, 事実: {本人: {年齢: 9, 要対協の登録: あり}, 出来事: [{種類: 欠席, 量: 10, 日前: 40}]}, 結果: 打ち消し}
""",
        encoding="utf-8",
    )
    written = load_rulebooks(rulebooks, VOCABULARY, as_of=date(2026, 11, 20), types=("young_carer",))
    report = run_examples(written, VOCABULARY, LABELS).text()
    assert "試験 4件: 合格 3件、不合格 1件" in report
    assert (
        "✕ YC-01「休みが多い」: 期待は該当、結果は非該当です。\n"
        "  ○ 対象: 年齢が6歳以上18歳未満\n"
        "  × 条件: すべて\n"
        "    ○ 母がいない\n"
        "    × 直近3か月の欠席が10日以上\n"
        "  × 打ち消し: 要対協に登録されている\n"
    ) in report
    assert "YC-01 「母がいない」が非該当になる例がありません。" in report
