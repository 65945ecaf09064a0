"""What the page counts: tiers by type, the flow since last week, and what became of conference decisions."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date

import made_up_week as week
from hypothesis import given
from hypothesis import strategies as st

from engine.records.case import Tier
from reports.dashboard.counts import of_everybody, of_the_list
from reports.dashboard.decided import decisions_so_far
from reports.dashboard.flow import moves
from reports.dashboard.ribbon import ribbons

ROWS = st.lists(
    st.tuples(st.integers(1, 12), st.integers(1, 3), st.integers(1, 3)), unique_by=lambda row: row[:2], max_size=25
)


def in_short(rows: list[tuple[int, int, int]], others: list[tuple[int, int, int]]) -> dict[str, tuple[int, int]]:
    def name(place: Tier | None) -> str:
        return place.mark if place else "・"

    found = moves(week.decisions(rows), week.decisions(others))
    return {f"{name(move.before)}{name(move.now)}": (move.households, move.children) for move in found}


def test_children_and_households_by_tier_and_type() -> None:
    """Two siblings in ① are two children and one household; a type in which nobody is active counts them in ③."""
    active, inquiry, rest = of_everybody(week.decisions(week.NOW))
    assert [(row.mark, row.cells[0].children, row.cells[0].households) for row in (active, inquiry, rest)] == [
        ("①", 3, 2),
        ("②", 3, 3),
        ("③", 3, 3),
    ]
    assert (active.cells[1].children, rest.cells[1].children, rest.cells[1].households) == (0, 9, 8)
    assert (active.cells[-1].children, active.cells[-1].households) == (3, 2)


def test_the_list_by_type() -> None:
    """A child of the list is counted in every type, in ③ where nothing of that type counts for it."""
    active, inquiry, rest = of_the_list(week.four_cases())
    assert [cell.children for cell in active.cells] == [1, 2, 0, 0, 0, 0, 3]
    assert [cell.children for cell in inquiry.cells] == [1, 1, 0, 1, 0, 0, 2]
    assert [cell.households for cell in active.cells] == [1, 2, 0, 0, 0, 0, 2]
    assert all(sum(row.cells[i].children for row in (active, inquiry, rest)) == 5 for i in range(7))


def test_shades_rank_within_a_row() -> None:
    """The most of a row is darkest, nobody has no shade, and ③ and the whole have none: nearly everybody is there."""
    active, _, rest = of_the_list(week.four_cases())
    assert [cell.shade for cell in active.cells] == [2, 4, 0, 0, 0, 0, 0]
    assert {cell.shade for cell in rest.cells} == {0}


def test_the_flow_tells_who_came_and_went() -> None:
    """A household is where its most active child is; who was not judged in the other run is 'not there'."""
    assert in_short(week.LAST, week.NOW) == {
        "①③": (1, 1),
        "②①": (1, 1),
        "②②": (3, 3),
        "③①": (0, 1),
        "③③": (1, 1),
        "③・": (1, 1),
        "・①": (1, 1),
        "・③": (1, 1),
    }


@given(ROWS, ROWS)
def test_nobody_is_lost_in_the_flow(last: list[tuple[int, int, int]], now: list[tuple[int, int, int]]) -> None:
    """Every child and household of either run is counted once."""
    found = moves(week.decisions(last), week.decisions(now))
    assert sum(move.children for move in found) == len({row[:2] for row in (*last, *now)})
    assert sum(move.households for move in found) == len({row[0] for row in (*last, *now)})


@given(ROWS, ROWS)
def test_ribbons_are_as_wide_as_what_they_show(
    last: list[tuple[int, int, int]], now: list[tuple[int, int, int]]
) -> None:
    """Ribbons and bars stay within the drawing; one ribbon for each move of households that touches ① or ②, and none for ③→③."""
    found = moves(week.decisions(last), week.decisions(now))
    root = ET.fromstring(str(ribbons(found, before="前回", now="今回")))
    shown = [move for move in found if move.is_news and move.households]
    assert [path[0].text or "" for path in root.iter("path")] == [
        f"{move.before.mark if move.before else 'いなかった'}→{move.now.mark if move.now else 'いない'} {move.households:,}世帯"
        for move in shown
    ]
    assert not any((path[0].text or "").startswith("③→③") for path in root.iter("path"))
    assert all(float(bar.attrib["y"]) + float(bar.attrib["height"]) <= 250 for bar in root.iter("rect"))


def test_where_decided_households_are_now() -> None:
    """One set apart, one back from 見送り, one in neither list; outcomes only where somebody wrote them."""
    gone = week.decided(8, "見守り", outcome="断られた")
    lines = {line.decision: line for line in decisions_so_far(week.casebook(), [gone])}
    assert {name: (line.apart, line.back, line.listed, line.elsewhere) for name, line in lines.items()} == {
        "見守り": (0, 0, 0, 1),
        "見送り": (0, 1, 0, 0),
        "既に支援中": (1, 0, 0, 0),
    }
    assert lines["既に支援中"].outcomes == "支援につながった 1世帯"
    assert lines["見送り"].outcomes == "まだ分かりません"


def test_only_the_newest_decision_counts() -> None:
    """A household that was watched first and is left alone now stands under 見送り only, with what is known of that."""
    older = replace(week.decided(8, "見守り", date(2026, 10, 2), outcome="断られた"), run_id="R20260925-01")
    newer = week.decided(8, "見送り")
    lines = decisions_so_far(week.casebook(apart=()), [newer, older])
    assert [(line.decision, line.households, line.outcomes) for line in lines] == [("見送り", 2, "まだ分かりません")]


def test_what_the_store_knows_now_goes_before_what_the_record_knew() -> None:
    """An outcome that was read in after the run is counted, once."""
    known = week.decided(3, "見送り", until=week.MEETING, outcome="連絡がとれた")
    line = decisions_so_far(week.casebook(apart=()), [known])[0]
    assert (line.households, line.outcomes) == (1, "連絡がとれた 1世帯")
