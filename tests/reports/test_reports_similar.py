"""What a sheet says of similar past households, and that they never cost a page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import made_up_cases as made
import openpyxl
import pytest

from engine.records.case import Case
from engine.records.similar import SimilarCase
from reports.handout import write_handout
from reports.sheet_words.case_similar import SimilarRow, similar_rows
from reports.sheet_words.names import Names
from reports.similar_words import CAUTION


def similar(number: int, ended: str = "14か月で終結(改善)", **changes: object) -> SimilarCase:
    case = SimilarCase(
        household_key=made.key("H", 900 + number),
        child_key=made.key("P", 900 + number),
        hardship_type="abuse",
        looked_at=date(2025, 2, 20),
        distance=1_234_567 + number,
        alike=("出席", "家計"),
        differing="健診",
        in_words=False,
        decided=("2024年5月に要保護(ネグレクト、中度)として登録。主担当は児童相談所",),
        course=("相談2回(養護・虐待2回)",),
        support=("2024年8月から見守り訪問(2回)", "2024年9月から就学援助", "2025年1月から保育施設"),
        ended=ended,
    )
    return replace(case, **changes)  # type: ignore[arg-type]


def with_similar(case: Case, *of_children: tuple[SimilarCase, ...]) -> Case:
    children = tuple(replace(c, similar=its) for c, its in zip(case.children, of_children, strict=False))
    return replace(case, children=children + case.children[len(children) :])


def rows_of(case: Case) -> tuple[SimilarRow, ...]:
    return similar_rows(case, Names(case, made.identities((case,))))


def test_a_row_tells_in_what_they_are_alike_what_was_decided_how_it_ended_and_what_helped() -> None:
    """No key, no name and no number of likeness; of several kinds of support two, and how many more there are."""
    [row] = rows_of(with_similar(made.case(1, children=(made.child(1),)), (similar(1),)))
    assert (row.number, row.alike) == ("1", "虐待: 出席と家計の様子が近い。健診は違う")
    assert row.told == (
        "2024年5月に要保護(ネグレクト、中度)として登録。主担当は児童相談所 → 14か月で終結(改善)。支援: 見守り訪問(2回)、就学援助ほか1つ"
    )


def test_a_household_has_three_at_most_and_each_once() -> None:
    """Siblings are often like the same past household; the nearest of each child come first."""
    case = made.case(1, children=(made.child(1), made.child(2)))
    told = rows_of(with_similar(case, (similar(1), similar(2), similar(3)), (similar(1), similar(4))))
    assert [row.number for row in told] == ["1", "2", "3"]
    kept = with_similar(
        case, (similar(1, ended="一"), similar(2, ended="二"), similar(3)), (similar(1), similar(4, ended="四"))
    )
    assert [row.told.split(" → ")[1].split("。")[0] for row in rows_of(kept)] == ["一", "二", "四"]


def test_of_open_cases_one_is_told() -> None:
    """Two children may each have one; the sheet tells of one of them."""
    case = made.case(1, children=(made.child(1), made.child(2)))
    still_open = "継続中(9か月)"
    told = rows_of(with_similar(case, (similar(1, ended=still_open), similar(2)), (similar(3, ended=still_open),)))
    assert [still_open in row.told for row in told] == [True, False]


def test_without_any_there_is_no_section(tmp_path: Path) -> None:
    """Neither a heading nor the warning; with some, both, and nothing that tells who it is or how near."""
    some = with_similar(made.case(1, children=(made.child(1, hits=1),)), (similar(1), similar(2), similar(3)))
    none = made.case(2)
    path = write_handout(made.casebook((some, none)), made.identities((some, none)), tmp_path / "handout.xlsx")[0]
    book = openpyxl.load_workbook(path)
    first, second = (
        [str(c.value) for row in book[name].iter_rows() for c in row if c.value is not None]
        for name in ("案件01", "案件02")
    )
    assert "参考 過去の似た世帯" in first
    assert CAUTION in first
    assert "参考 過去の似た世帯" not in second
    assert not any(
        similar(n).household_key[:6] in text or "1,234" in text or "1234" in text for text in first for n in (1, 2, 3)
    )


@pytest.mark.parametrize("number", range(1, 9))
def test_they_never_take_a_page_of_their_own(tmp_path: Path, number: int) -> None:
    """Whatever stands on a sheet: with similar households it has as many pages as without, for they are left out where they alone would need another."""
    pages, told = {}, {}
    for its in ((), (similar(1), similar(2), similar(3))):
        child = replace(made.child(1, hits=number), similar=its)
        case = made.case(1, children=(child,))
        path = write_handout(made.casebook((case,)), made.identities((case,)), tmp_path / f"{len(its)}.xlsx")[0]
        sheet = openpyxl.load_workbook(path)["案件01"]
        pages[len(its)] = 1 if sheet.sheet_properties.pageSetUpPr.fitToPage else 1 + len(sheet.row_breaks.brk)
        told[len(its)] = any(c.value == "参考 過去の似た世帯" for row in sheet.iter_rows() for c in row)
    assert pages[0] == pages[3]
    assert not told[0]
    if number == 1:
        assert told[3]  # a short sheet has room
