"""Made-up families, and what the overlay sees of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from math import isnan
from pathlib import Path

from engine.evaluate.columns.evaluation import evaluate_all
from engine.evaluate.plan import Plan, PlannedScenario, make_plan
from engine.kernel.dates import age_on, school_grade
from engine.kernel.errors import Place
from engine.records.household import Household, Person, Row, Value
from engine.records.vocabulary import Vocabulary, load_vocabulary
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.language import syntax as s
from engine.rulebook.language.parsing import parse_sentence
from engine.rulebook.model import Scenario
from engine.store.memory import snapshot_of
from ml_overlay.features.feature import Feature, FeatureTable
from ml_overlay.features.table import build_features, declare_features

RULEBOOKS = Path(__file__).parents[3] / "rulebooks"
VOCABULARY: Vocabulary = load_vocabulary(RULEBOOKS / "fields.yaml")
AS_OF = date(2026, 11, 20)
SHIPPED: Plan = make_plan(load_rulebooks(RULEBOOKS, VOCABULARY, as_of=AS_OF), VOCABULARY)
NO_RULES = Plan(AS_OF, VOCABULARY, (), ())
HIDDEN = ("council_case", "consultation", "npo_visit")
MONTHS = tuple(date(2026, month, day) for month, day in ((5, 31), (6, 30), (7, 31), (9, 30), (10, 31)))
LONG_AGO = date(2010, 4, 1)
SOURCES = {kind.source for kind in VOCABULARY.records.values()}


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


def row(record: str, line: int = 2, unknown: tuple[str, ...] = (), **cells: Value) -> Row:
    return Row(record, cells, 0, line, frozenset(unknown))


def months(*absent: int | None, of: tuple[date, ...] = MONTHS) -> tuple[Row, ...]:
    """One row a month of school, with that many days of absence."""
    return tuple(
        row("school_month", 2 + n, school_month_on=end, absent_days=days)
        for n, (end, days) in enumerate(zip(of, absent, strict=True))
    )


def person(
    key: str,
    *rows: Row,
    years: int = 9,
    relations: tuple[str, ...] = (),
    uncovered: tuple[str, ...] = (),
    covered: date = LONG_AGO,
) -> Person:
    """Someone whom all sources cover since `covered`, but for those of `uncovered`."""
    born_on = date(AS_OF.year - years, 6, 1)
    by_record: dict[str, tuple[Row, ...]] = {}
    for one in rows:
        by_record[one.record] = (*by_record.get(one.record, ()), one)
    covers = dict.fromkeys(SOURCES - set(uncovered), covered)
    seen_as = frozenset({"世帯員", *relations}) if relations else frozenset()
    return Person(key, seen_as, age_on(born_on, AS_OF), school_grade(born_on, AS_OF), by_record, covers, born_on)


def family(
    child: Person, *members: Person, bills: tuple[Row, ...] = (), periods: tuple[date, ...] = MONTHS
) -> Household:
    """A household; `bills` with their periods are its own records."""
    ends = tuple(sorted({end for one in bills if isinstance(end := one.values["billed_on"], date)}))
    return Household(
        "H-" + child.key, AS_OF, child, members, {"water_bill": bills} if bills else {},
        {"water": LONG_AGO}, {"school_month": periods, "water_bill": ends},
    )  # fmt: skip


OF_RECORDS = {feature.name: feature for feature in declare_features(VOCABULARY, NO_RULES, HIDDEN)}


def seen(*households: Household, features: Iterable[Feature] = OF_RECORDS.values()) -> FeatureTable:
    """The table of these features (all that rest on records alone) of these families."""
    with snapshot_of(households, VOCABULARY) as snapshot:
        return build_features(snapshot, NO_RULES, evaluate_all(snapshot, NO_RULES), tuple(features))


def numbers(household: Household, *names: str) -> list[float | None]:
    """The features of these names of the family's child; None is unknown."""
    table = seen(household, features=[OF_RECORDS[name] for name in names])
    values = table.values[table.child_keys.tolist().index(household.child.key)]
    return [None if isnan(value) else value for value in map(float, values)]


def features_by_name(vocabulary: Vocabulary = VOCABULARY, plan: Plan = SHIPPED) -> dict[str, Feature]:
    if vocabulary is VOCABULARY and plan is SHIPPED:
        return dict(_shipped())
    return {feature.name: feature for feature in declare_features(vocabulary, plan, HIDDEN)}


@cache
def _shipped() -> dict[str, Feature]:
    return {feature.name: feature for feature in declare_features(VOCABULARY, SHIPPED, HIDDEN)}


def plan_of(condition: s.Condition, *cancels: s.Condition) -> Plan:
    """A plan of one scenario."""
    target = parse_sentence("年齢が18歳未満", VOCABULARY)
    scenario = Scenario(
        "PV-01", "poverty", "名前", "", "", "弱", target, condition, cancels, (), (), Place("poverty.yaml")
    )
    every = [target, *s.sentences_of(condition), *(one for cancel in cancels for one in s.sentences_of(cancel))]
    return Plan(AS_OF, VOCABULARY, tuple(dict.fromkeys(every)), (PlannedScenario(1, scenario),))
