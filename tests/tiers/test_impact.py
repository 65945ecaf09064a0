"""The comparison of two decision tables, on tables that fit on a page."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.records.case import HARDSHIP_LABELS, Tier
from engine.tiers.impact import Impact, count_by, list_changes, move_kind
from engine.tiers.impact import compare as compare_tables

KEYS = ("P1", "P2", "P3", "P4")
SAME = {"YC-01": "中", "PV-01": "弱"}


def table(tiers: list[int], types: dict[str, list[int]] | None = None, **scenarios: list[int | None]) -> pa.Table:
    """`YC_01=[1, 0, None]` is 該当, 非該当, 不明; 2 is 該当 but cancelled."""
    columns: dict[str, list[object]] = {
        "child_key": list(KEYS[: len(tiers)]),
        "household_key": [f"H{i // 2}" for i in range(len(tiers))],
        "tier": list(tiers),
    }
    columns |= {f"tier_{kind}": (types or {}).get(kind, [3] * len(tiers)) for kind in HARDSHIP_LABELS}
    for name, truths in scenarios.items():
        columns[name.replace("_", "-")] = [1 if t == 2 else t for t in truths]
        columns[f"{name.replace('_', '-')}_cancelled"] = [int(t == 2) for t in truths]
    return pa.table({name: pa.array(values) for name, values in columns.items()})


def compare(before: pa.Table, after: pa.Table, old=SAME, new=SAME) -> Impact:
    return compare_tables(before, after, old, new)


def test_the_same_decisions_change_nothing():
    """Identical rules: nobody moves, no scenario is told."""
    now = table([1, 2, 3], YC_01=[1, 2, None], PV_01=[0, 1, 0])
    found = compare(now, now)
    assert (found.moves, found.shifted) == ((), 0)
    assert all((c.gained, c.lost, c.moved) == (0, 0, 0) and c.before == c.after for c in found.scenarios)


@pytest.mark.parametrize(
    ("before", "after", "kind"), [(3, 1, "入る"), (3, 2, "入る"), (2, 3, "外れる"), (2, 1, "上がる"), (1, 2, "下がる")]
)
def test_a_move_is_seen_from_the_list(before: int, after: int, kind: str):
    """The list is ① and ②: coming from ③ is entering, whatever the tier."""
    assert move_kind(Tier(before), Tier(after)) == kind


def test_each_move_names_the_scenarios_that_count_otherwise():
    """Met, unmet, cancelled, no longer unknown: with the standing on both sides, and only what counts otherwise."""
    before = table([3, 2, 2, 3], YC_01=[0, 1, 1, None], PV_01=[1, 1, 1, 1])
    after = table([2, 3, 3, 2], YC_01=[1, 0, 2, 1], PV_01=[1, 1, 1, 1])
    moves = {move.child_key: move for move in compare(before, after).moves}
    standings = {key: [(s.scenario_id, s.before, s.after) for s in move.shifts] for key, move in moves.items()}
    assert standings == {
        "P1": [("YC-01", "非該当", "該当")],
        "P2": [("YC-01", "該当", "非該当")],
        "P3": [("YC-01", "該当", "打ち消し")],
        "P4": [("YC-01", "不明", "該当")],
    }


def test_a_scenario_that_comes_or_goes_has_one_side_only():
    """A new scenario did not stand before; a removed one does not stand after; neither is called 非該当."""
    before, after = table([3, 2], PV_01=[0, 1]), table([2, 3], YC_01=[1, 0])
    moves = compare(before, after, {"PV-01": "弱"}, {"YC-01": "中"}).moves
    assert [(s.scenario_id, s.before, s.after) for move in moves for s in move.shifts] == [
        ("YC-01", None, "該当"),
        ("PV-01", "該当", None),
    ]


def test_a_raised_strength_counts_only_for_those_whom_it_hits():
    """Children whom the scenario hits on both sides are named; the others have no part in it."""
    before = table([3, 2, 3], YC_01=[1, 1, 0], PV_01=[0, 0, 0])
    after = table([2, 1, 3], YC_01=[1, 1, 0], PV_01=[0, 0, 0])
    found = compare(before, after, SAME, {**SAME, "YC-01": "強"})
    assert [(m.child_key, [s.strengths for s in m.shifts]) for m in found.moves] == [
        ("P1", [("中", "強")]),
        ("P2", [("中", "強")]),
    ]
    (count,) = (c for c in found.scenarios if c.scenario_id == "YC-01")
    assert (count.before, count.after, count.gained, count.lost, count.moved) == (2, 2, 0, 0, 2)


def test_a_move_without_a_scenario_is_the_policy():
    """Where only tiers.yaml changed, a child moves although every scenario stands as before."""
    (move,) = compare(table([3], YC_01=[1], PV_01=[0]), table([2], YC_01=[1], PV_01=[0])).moves
    assert move.shifts == ()


def test_a_hit_that_moves_nobody_is_counted_apart():
    """More hits inside a tier change order and sheet, so they are not silent."""
    found = compare(table([1, 3], YC_01=[0, 0], PV_01=[0, 0]), table([1, 3], YC_01=[1, 0], PV_01=[0, 0]))
    assert (found.moves, found.shifted) == ((), 1)


def test_types_are_counted_by_their_own_tier():
    """A child can move in one type and stay in the list because of another."""
    before = table([1, 3], types={"poverty": [1, 3], "abuse": [2, 3]}, YC_01=[0, 0], PV_01=[0, 0])
    after = table([2, 2], types={"poverty": [3, 2], "abuse": [2, 3]}, YC_01=[0, 1], PV_01=[0, 0])
    found = compare(before, after)
    assert dict(found.by_type["poverty"]) == {"外れる": 1, "入る": 1}
    assert not found.by_type["abuse"]


def test_counts_by_place_add_up_and_name_nobody():
    """Every move is in one group; whoever has none is in the last."""
    found = compare(table([3, 3, 2], YC_01=[0] * 3, PV_01=[0] * 3), table([2, 1, 3], YC_01=[0] * 3, PV_01=[0] * 3))
    counted = count_by(found.moves, {"P1": "東小", "P3": "東小"}, "不明")
    assert {name: dict(kinds) for name, kinds in counted.items()} == {
        "東小": {"入る": 1, "外れる": 1},
        "不明": {"入る": 1},
    }
    assert list(counted)[-1] == "不明"


def test_the_list_gains_and_loses_households():
    """Both differences, each in order."""
    assert list_changes(["H2", "H1"], ["H3", "H1"]) == (("H3",), ("H2",))


def test_tables_of_different_children_are_not_compared():
    """A missing child is not a child who left the list."""
    with pytest.raises(ValueError, match="same children"):
        compare(table([1, 2], YC_01=[0, 0], PV_01=[0, 0]), table([1], YC_01=[0], PV_01=[0]))


truths = st.lists(st.sampled_from([0, 1, 2, None]), min_size=4, max_size=4)
tiers = st.lists(st.integers(1, 3), min_size=4, max_size=4)


@given(tiers, tiers, truths, truths, truths, st.permutations(range(4)), st.permutations(range(4)))
def test_the_order_of_rows_means_nothing(old, new, one, two, three, order_before, order_after):
    """Rows in any order give the same comparison."""
    before, after = table(old, YC_01=one, PV_01=two), table(new, YC_01=three, PV_01=two)
    assert compare(before.take(list(order_before)), after.take(list(order_after))) == compare(before, after)


@given(tiers, tiers, truths, truths)
def test_back_is_the_way_there_reversed(old, new, one, two):
    """Undoing a change moves the same children the other way."""
    before, after = table(old, YC_01=one, PV_01=one), table(new, YC_01=two, PV_01=one)
    there, back = compare(before, after), compare(after, before)
    opposite = {"入る": "外れる", "外れる": "入る", "上がる": "下がる", "下がる": "上がる"}
    assert {(m.child_key, m.kind) for m in there.moves} == {(m.child_key, opposite[m.kind]) for m in back.moves}
    assert [(c.gained, c.lost) for c in there.scenarios] == [(c.lost, c.gained) for c in back.scenarios]
