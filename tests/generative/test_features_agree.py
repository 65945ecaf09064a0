"""What the overlay sees and what the rules say of the same records agree, whatever holes the data have."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_worlds import World
from test_evaluators_agree import AS_OF, TIMES, VOCABULARY, WORLDS

from engine.evaluate.columns.evaluation import evaluate_all
from engine.evaluate.plan import Plan
from engine.records.household import Household, Row
from engine.rulebook.language import syntax as s
from engine.rulebook.language.printer import to_japanese
from engine.store.memory import snapshot_of
from ml_overlay.features.feature import Feature, FeatureTable
from ml_overlay.features.looks import RELATION_OF, Look, feature_of, looks
from ml_overlay.features.table import build_features

LOOKS = tuple(looks(VOCABULARY, ()))
FEATURES: tuple[Feature, ...] = tuple(feature_of(look, VOCABULARY) for look in LOOKS)


def same_question(look: Look, at_least: int) -> s.Sentence | None:
    """The sentence that asks whether a look's number is at least so much; None where the language has none."""
    item = VOCABULARY.items[look.item]
    owner = s.Owner(RELATION_OF[look.role]) if look.role in RELATION_OF else None
    window = s.Window("日", look.measure.days)
    match look.measure.quantity:
        case "holds":
            has = s.Has(look.item, True)
            return s.Members(s.Owner(owner.relation, (has,)), s.Count("以上", 1)) if owner else has
        case "count":
            return s.Events(look.item, window, s.Count("以上", at_least), owner)
        case "sum":
            return s.Total(look.item, window, s.Bound("以上", at_least), owner)
        case "level" if item.kind in ("数", "順序区分"):
            value = item.values[at_least - 1] if item.values else at_least
            return s.Compare(look.item, (s.Bound("以上", value),), owner)
        case "latest":
            within = window if look.measure.days else None
            if item.kind == "最新の区分":
                return s.LatestIs(look.item, item.values[at_least - 1 :], within, owner)
            return s.Latest(look.item, s.Bound("以上", at_least), within, owner)
        case "overdue":
            return s.Overdue(look.item, at_least, owner)
    return None


def seen(households: list[Household], conditions: tuple[s.Sentence, ...] = ()) -> tuple[FeatureTable, pa.Table]:
    """The table of all features, and the truths of the conditions."""
    plan = Plan(households[0].as_of, VOCABULARY, conditions, ())
    with snapshot_of(households, VOCABULARY) as snapshot:
        truths = evaluate_all(snapshot, plan)
        return build_features(snapshot, plan, truths, FEATURES), truths


def world_of(seed: int, households: int = 40) -> tuple[list[Household], World]:
    world = World(random.Random(seed), VOCABULARY)
    return world.households(households, world.rng.choice(AS_OF), frozenset(VOCABULARY.records)), world


def test_a_feature_and_the_sentence_that_asks_the_same_agree() -> None:
    """「直近90日の欠席が10日以上」 and the sum of 90 days: of the child a known number settles the sentence, and what a
    sentence knows to be nothing is 0; a number that is unknown leaves the sentence unknown, unless what is known is enough.
    Of relatives, as much as the number says is met for certain, and 0 is for certain nobody."""
    judged: Counter[tuple[str, str, str]] = Counter()

    @settings(WORLDS, max_examples=4 * TIMES)
    @given(st.integers(0, 2**32 - 1))
    def compare(seed: int) -> None:
        households, world = world_of(seed)
        asked: dict[s.Sentence, tuple[int, Look, int]] = {}
        for place, look in enumerate(LOOKS):
            for least in {1, 1 if look.measure.quantity == "holds" else world.rng.choice((1, 2, 3, 5))}:
                if (sentence := same_question(look, least)) is not None:
                    asked[sentence] = place, look, least
        table, truths = seen(households, conditions=tuple(asked))
        for number, (sentence, (place, look, least)) in enumerate(asked.items(), start=1):
            for value, truth in zip(table.values[:, place], truths[f"c{number}"].to_pylist(), strict=True):
                said = f"{to_japanese(sentence, VOCABULARY)}: {truth}, but {value}; seed {seed}"
                assert _agrees(look, least, float(value), truth), said
                judged[look.measure.quantity, "child" if look.role not in RELATION_OF else "relative", str(truth)] += 1

    compare()
    quantities = ("holds", "count", "sum", "level", "latest", "overdue")
    missing = [
        key
        for key in (
            (q, role, truth)
            for q in quantities
            for role in ("child", "relative")
            for truth in ("None", "True", "False")
        )
        if not judged[key]
    ]
    assert missing == []


def _agrees(look: Look, least: int, value: float, truth: bool | None) -> bool:
    quantity, item = look.measure.quantity, VOCABULARY.items[look.item]
    if look.role in RELATION_OF:
        if item.concern == "少ない":  # the least of them is seen, the sentence asks for the most
            return True
        if np.isnan(value):
            return truth is not False or quantity not in ("holds", "count", "sum") or least > 1
        if value >= least:
            return truth is True
        return truth is False or value > 0  # of somebody of whom not all is known it may be more
    if not np.isnan(value):
        return truth is (value >= least)
    if quantity == "holds":
        return truth is None
    if quantity in (
        "count",
        "sum",
    ):  # a record that may count beside too few others leaves the number unknown, not the sentence
        return truth is not False or (quantity == "count" and least > 1)
    # Where several records contradict each other, the sentence may hold, or not, whichever of them is right; and without a
    # record there is no newest value to be known.
    return True


def _tables(one: list[Household], other: list[Household]) -> tuple[FeatureTable, FeatureTable]:
    return seen(one)[0], seen(other)[0]


def _changed(household: Household, rows: Callable[[tuple[Row, ...]], tuple[Row, ...]]) -> Household:
    """The household with the rows of everybody in it changed, kind by kind."""

    def of(by_kind: object) -> dict[str, tuple[Row, ...]]:
        assert isinstance(by_kind, dict)
        return {kind: rows(its) for kind, its in by_kind.items()}

    return replace(
        household,
        child=replace(household.child, rows=of(household.child.rows)),
        members=tuple(replace(m, rows=of(m.rows)) for m in household.members),
        rows=of(household.rows),
    )


@pytest.mark.parametrize("seed", range(3))
def test_order_of_rows_changes_no_feature(seed: int) -> None:
    """A delivery sorted another way, and households in another order, give the same bytes."""
    households, _ = world_of(seed)
    backwards = [_changed(household, lambda rows: tuple(reversed(rows))) for household in reversed(households)]
    one, other = _tables(households, backwards)
    assert one.child_keys.tolist() == other.child_keys.tolist()
    assert one.values.tobytes() == other.values.tobytes()


@pytest.mark.parametrize("seed", range(3))
def test_an_unrelated_household_changes_no_feature(seed: int) -> None:
    """What is seen of a child rests on its own household alone."""
    households, _ = world_of(seed)
    some = [household for household in households if household.key != households[0].key]
    one, other = _tables(households, some)
    kept = np.isin(one.child_keys, other.child_keys)
    assert one.values[kept].tobytes() == other.values.tobytes()


@pytest.mark.parametrize("seed", range(3))
def test_what_happens_after_the_day_changes_no_feature(seed: int) -> None:
    """Events dated after the as-of day, states that begin after it: nothing of them is seen."""
    households, _ = world_of(seed)
    later = {
        record: kind.date or (kind.valid.start if kind.valid else None) for record, kind in VOCABULARY.records.items()
    }

    def with_future(rows: tuple[Row, ...]) -> tuple[Row, ...]:
        column = later[rows[0].record]
        if column is None:
            return rows
        day: date = households[0].as_of + timedelta(days=9)
        dates = [name for name, c in VOCABULARY.records[rows[0].record].columns.items() if c.type == "日付"]
        return (
            *rows,
            *(
                replace(
                    r,
                    values={**r.values, **dict.fromkeys(dates, day)},
                    line=r.line + 10_000,
                    unknown=r.unknown - set(dates),
                )
                for r in rows
            ),
        )

    one, other = _tables(households, [_changed(household, with_future) for household in households])
    due = [feature.name.endswith("overdue_d") for feature in FEATURES]
    assert one.values[:, ~np.array(due)].tobytes() == other.values[:, ~np.array(due)].tobytes()
    # A check that falls due later is told of before its day: it turns "nothing at hand" into "not overdue", and nothing else.
    before, after = one.values[:, due], other.values[:, due]
    assert np.array_equal(before[~np.isnan(before)], after[~np.isnan(before)])
    assert set(np.unique(after[np.isnan(before) & ~np.isnan(after)])) <= {0.0}
