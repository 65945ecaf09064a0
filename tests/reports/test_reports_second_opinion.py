"""The error sheet of the engines: what it says first, and that it can be read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl

from engine.evaluate.plan import make_plan
from engine.kernel.errors import Place
from engine.kernel.truth import Truth
from engine.records.vocabulary import load_vocabulary
from engine.replay.comparison import Difference
from engine.replay.second_opinion import SecondOpinion
from engine.rulebook.language.parsing import parse_sentence
from engine.rulebook.language.syntax import Group
from engine.rulebook.model import Rulebook, RulebookSet, Scenario
from reports.second_opinion.paper import write_second_opinion

VOCABULARY = load_vocabulary(Path(__file__).parents[2] / "rulebooks" / "fields.yaml")
TARGET, CONDITION = (parse_sentence(text, VOCABULARY) for text in ("年齢が18歳未満", "要対協に登録されている"))
SCENARIOS = tuple(
    Scenario(f"AB-0{n}", "abuse", "名前", "", "", "強", TARGET, Group("すべて", (CONDITION,)), (), (), (), Place("abuse.yaml", n))
    for n in range(1, 6)
)
PLAN = make_plan(
    RulebookSet(date(2026, 11, 20), (Rulebook("abuse", "", "1", "", TARGET, SCENARIOS, (), "abuse.yaml", ""),)), VOCABULARY
)
SAID = {"一括": Truth.UNKNOWN, "基準": Truth.MET, "再現": Truth.MET}


def written(tmp_path: Path, opinion: SecondOpinion) -> dict[str, list[tuple[object, ...]]]:
    path = write_second_opinion(opinion, PLAN, (), tmp_path / "replay_differences.xlsx", city="見本市", run_id="R20261120-01")
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in openpyxl.load_workbook(path)}


def test_a_sentence_of_many_scenarios_names_a_few_beside_each_child(tmp_path: Path) -> None:
    """All of them stand once, in the summary; beside a child there are three, and how many more."""
    opinion = SecondOpinion(("P1",), (), 10, {"P1": (Difference(TARGET, "答え", SAID),)}, engine="durable_rules")
    sheets = written(tmp_path, opinion)
    assert any("AB-01・AB-02・AB-03・AB-04・AB-05" in row for row in sheets["まとめ"])
    [row] = [row for row in sheets["食い違い"] if "P1" in row]
    assert tuple(cell for cell in row if cell) == (
        "P1", "載るはず", "AB-01・AB-02・AB-03ほか2件", "年齢が18歳未満", "答え", "?", "○", "○",
    )  # fmt: skip


def test_it_says_what_each_column_of_answers_is(tmp_path: Path) -> None:
    """Whoever opens the sheet need not know the engines by name, and is told what to do before the conference."""
    opinion = SecondOpinion(("P1",), (), 10, {"P1": (Difference(TARGET, "答え", SAID),)}, engine="durable_rules")
    sheets = written(tmp_path, opinion)
    text = "\n".join(str(cell) for rows in sheets.values() for row in rows for cell in row if cell)
    assert "一括は一覧をつくった計算、基準は意味を定める計算、再現は別の仕組み" in text
    assert "急ぎの心配があるときは、通常の手順で先に対応してください" in text


def test_who_was_not_replayed_is_told_with_the_reason(tmp_path: Path) -> None:
    """Nothing differs, but a listed child was not judged again: no sheet of differences, and the reason beside the child."""
    sheets = written(tmp_path, SecondOpinion(("P1",), ("P9",), 10, {}, engine="x", not_replayed={"P1": "時間切れ"}))
    assert set(sheets) == {"まとめ", "再計算できなかったもの"}
    assert any({"P1", "載っている", "時間切れ"} <= set(row) for row in sheets["再計算できなかったもの"])


def test_the_file_says_who_made_it_and_no_library(tmp_path: Path) -> None:
    """What a program writes into a workbook's properties is read by whoever gets it: kizuki, and what the paper is."""
    opinion = SecondOpinion(("P1",), (), 10, {}, engine="x", not_replayed={"P1": "時間切れ"})
    path = write_second_opinion(opinion, PLAN, (), tmp_path / "book.xlsx", city="見本市", run_id="R20261120-01")
    properties = openpyxl.load_workbook(path).properties
    assert (properties.creator, properties.lastModifiedBy, properties.title) == ("kizuki", "kizuki", "再現の食い違い")
