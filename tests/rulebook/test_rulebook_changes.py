"""What counts as a change of a scenario's meaning, what as wording, and how it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from engine.records.vocabulary import load_vocabulary
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.language.syntax import Count, Events, Group, Has, Window, sentences_of
from engine.rulebook.versions.scenario_changes import ScenarioChange, scenario_changes
from engine.rulebook.versions.tree_changes import Edit, choose, edits_of, lay_over, same_meaning
from kizuki.rules.changes import change_lines

ROOT = Path(__file__).parents[2]
VOCABULARY = load_vocabulary(ROOT / "rulebooks" / "fields.yaml")
AS_OF = date(2026, 11, 20)
BOOK = """\
ルールブック: ヤングケアラー
類型: young_carer
版: "2026.1"
担当: こども家庭サポートセンター
閾値: {休みの目安: 10日}
対象: 年齢が6歳以上18歳未満
シナリオ:
  - 番号: YC-01
    名前: 休みが多い
    ねらい: 見本
    出典: 当市の既定
    強さ: 中
    条件:
      すべて:
        - 母がいない
        - いずれか: [直近3か月の欠席が「休みの目安」以上, 直近3か月の遅刻が10回以上]
    打ち消し: [要対協に登録されている]
    試験: &EX
  - 番号: YC-02
    名前: 見本
    ねらい: 見本
    出典: 当市の既定
    強さ: 弱
    条件: {すべて: [シナリオYC-01に該当する, 父がいない]}
    試験: &EX
""".replace("&EX", "[{例: 一, 事実: {}, 結果: 該当}, {例: 二, 事実: {}, 結果: 非該当}, {例: 三, 事実: {}, 結果: 不明}]")


def read(folder: Path, text: str):
    folder.mkdir(exist_ok=True)
    (folder / "young_carer.yaml").write_text(text, encoding="utf-8")
    return load_rulebooks(folder, VOCABULARY, as_of=AS_OF, types=("young_carer",))


def changes(tmp_path: Path, *edits: tuple[str, str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    text = BOOK
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    before, after = read(tmp_path / "old", BOOK), read(tmp_path / "new", text)
    return {c.scenario_id: (c.kind, c.details) for c in scenario_changes(before, after, VOCABULARY, VOCABULARY)}


FOLLOWS = ("変更", ("参照しているシナリオYC-01が変わった",))


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (("強さ: 中", "強さ: 強"), "強さ 中→強"),
        (("母がいない", "母がいる"), "条件: 「母がいない」→「母がいる」"),
        (("遅刻が10回以上", "遅刻が8回以上"), "条件: 「直近3か月の遅刻が10回以上」→「直近3か月の遅刻が8回以上」"),
        (
            ("休みの目安: 10日", "休みの目安: 7日"),
            "条件: 閾値「休みの目安」10日→7日",
        ),
        (("    打ち消し: [要対協に登録されている]\n", ""), "打ち消し: 「要対協に登録されている」を除いた"),
        (("        - 母がいない\n", "        - 母がいない\n        - 父がいない\n"), "条件: 「父がいない」を加えた"),
        (("    強さ: 中", "    有効期間: {開始: 2026-04-01}\n    強さ: 中"), "有効期間 (決めていない)→2026-04-01から"),
    ],
    ids=["strength", "a sentence", "a number", "a threshold", "a cancel", "one more sentence", "days"],
)
def test_a_change_of_meaning_is_told_by_its_place(tmp_path: Path, edit: tuple[str, str], told: str):
    """Exactly the edited scenario, by the very sentence; and the scenario that refers to it, because it means it."""
    found = changes(tmp_path, edit)
    assert found == {"YC-01": ("変更", (told,)), "YC-02": FOLLOWS}


def test_a_threshold_that_changes_another_day_changes_the_scenario(tmp_path: Path):
    """A value that counts from next April is a change today, though no sentence sounds different yet."""
    later = "休みの目安: {改定: [{開始: 2020-04-01, 値: 10日}, {開始: 2027-04-01, 値: 5日}]}"
    found = changes(tmp_path, ("休みの目安: 10日", later))
    assert found["YC-01"] == ("変更", ("閾値「休みの目安」の改定を直した(2020-04-01から10日、2027-04-01から5日)",))


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (("ねらい: 見本", "ねらい: 早く気づく"), "ねらい"),
        (("名前: 休みが多い", "名前: 休みが目立つ"), "名前"),
        (("例: 一", "例: 壱"), "試験"),
        (("直近3か月の遅刻が10回以上", "直近 3か月の遅刻が、10回以上"), "文の書き方(意味は同じ)"),
    ],
    ids=["purpose", "name", "examples", "spelling"],
)
def test_wording_changes_nobody(tmp_path: Path, edit: tuple[str, str], told: str):
    """Another name, purpose or example, or the same sentence written otherwise, is told as wording only."""
    assert changes(tmp_path, edit) == {"YC-01": ("言い回し", (told,))}


def test_order_comments_and_layout_are_no_change(tmp_path: Path):
    """Sentences in another order mean the same; a comment means nothing."""
    swapped = (
        "[直近3か月の欠席が「休みの目安」以上, 直近3か月の遅刻が10回以上]",
        "[直近3か月の遅刻が10回以上, 直近3か月の欠席が「休みの目安」以上]",
    )
    assert changes(tmp_path, ("シナリオ:\n", "# 注\nシナリオ:\n")) == {}
    assert changes(tmp_path, swapped) == {"YC-01": ("言い回し", ("文の書き方(意味は同じ)",))}


def test_scenarios_come_and_go(tmp_path: Path):
    """A new 番号 is an addition, a missing one a removal; resting ones count, too."""
    resting = ("シナリオYC-01に該当する", "直近6か月に家族の介護・家事の見守り記録がある")
    assert changes(tmp_path, ("番号: YC-02", "番号: YC-03")) == {"YC-03": ("追加", ()), "YC-02": ("削除", ())}
    before = read(tmp_path / "old", BOOK.replace(*resting))
    after = read(
        tmp_path / "new", BOOK.replace(*resting).replace("強さ: 弱", "有効期間: {開始: 2027-04-01}\n    強さ: 弱")
    )
    (found,) = scenario_changes(before, after, VOCABULARY, VOCABULARY)
    assert (found.scenario_id, found.kind) == ("YC-02", "変更")


A, B, C = (Has(item, True) for item in ("address_protected", "on_public_assistance", "on_medical_aid"))
VISIT = [Events("npo_visited", Window("か月", n), Count("以上", 1)) for n in (3, 6)]


def test_each_side_of_an_overlay_is_its_tree():
    """Choosing old everywhere gives the old tree, choosing new everywhere the new one, whatever was edited."""
    old = Group("すべて", (A, Group("いずれか", (B, VISIT[0])), Group("次でない", (C,))))
    new = Group("すべて", (Group("いずれか", (VISIT[1], B, A)), Group("次でない", (B,)), A))
    laid = lay_over(old, new)
    assert same_meaning(choose(laid, lambda edit: False), old)
    assert same_meaning(choose(laid, lambda edit: True), new)
    assert list(edits_of(laid)) == [Edit(VISIT[0], VISIT[1]), Edit(None, A), Edit(C, B)]


def test_another_kind_of_group_is_one_edit():
    """すべて turned into いずれか is told as a whole: no sentence of it changed."""
    laid = lay_over(Group("すべて", (A, B)), Group("いずれか", (A, B)))
    assert len(list(edits_of(laid))) == 1
    assert len(list(sentences_of(choose(laid, lambda edit: True)))) == 2


def test_each_difference_of_a_scenario_stands_in_its_own_line():
    """One difference stands beside the name; several stand below it, one a line, so that they can be read aloud."""
    one = ScenarioChange("YC-01", "young_carer", "休みが続く", "変更", ("強さ 強→中",), ("2026.1", "2026.2"))
    two = replace(one, details=("強さ 強→中", "条件: 「母がいない」を加えた"))
    assert list(change_lines([one], lambda _: "【3人】")) == ["YC-01 意味が変わった  休みが続く: 強さ 強→中【3人】"]
    assert next(change_lines([two], lambda _: "【3人】")).splitlines() == [
        "YC-01 意味が変わった  休みが続く【3人】",
        "      - 強さ 強→中",
        "      - 条件: 「母がいない」を加えた",
    ]
