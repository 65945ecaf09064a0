"""Similar past households for children of today: from a snapshot and the model in use to what a sheet prints.

    found = similar_for(snapshot, layouts, plan, model, {child_key: hardship_type}, hidden=protected_people(store))

Nothing is kept: the past households are made anew each time, from the same facts, in some twenty seconds for a city.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

import numpy as np

from engine.evaluate.plan import Plan
from engine.records.case import HARDSHIP_LABELS
from engine.records.layout import Layout
from engine.records.similar import SimilarCase, SimilarCases
from engine.store.some_households import some_households
from engine.store.tables import Snapshot
from ml_overlay.cohorts.days import PastDays
from ml_overlay.cohorts.training_sets import feature_tables, features_as_of
from ml_overlay.features.feature import FeatureTable
from ml_overlay.learning.model import OverlayModel
from ml_overlay.scoring.outcome import Limits, NotScored
from ml_overlay.scoring.process import WORDS, ScoringFault, ask
from ml_overlay.similar.cases import PastCase, courses_of, past_cases
from ml_overlay.similar.past import USUAL, PastHouseholds, Terms, TypeParts, before_registration, by_day
from ml_overlay.similar.text import TextIndex, household_texts, why_no_text
from ml_overlay.similar.words import course_words, decided_words, ended_words, support_words

NO_CASES = "要対協の台帳に、終結した、または半年以上続いている案件がないため、過去の似た世帯は出していません。"
NONE_ALIKE = "登録の前のようすが近い世帯は見つかりませんでした。"
NO_TYPE = "区分の上がった類型のモデルがないため、過去の似た世帯は出していません。"

Progress = Callable[[str], None]


def hardship_type_asked(tiers: Mapping[str, int], modelled: Collection[str]) -> str | None:
    """In which type a child is likened: of those with a model and a tier of ① or ②, the one with the most active tier; None if there is none.

    `tiers`: 1, 2 or 3 by type, in the order in which equals are preferred.
    """
    known = [(tier, order, kind) for order, (kind, tier) in enumerate(tiers.items()) if kind in modelled and tier < 3]
    return min(known)[2] if known else None


def similar_for(
    snapshot: Snapshot,
    layouts: Mapping[str, Layout],
    plan: Plan,
    model: OverlayModel,
    asked: Mapping[str, str | None],
    *,
    hidden: Collection[str],
    decisions: Mapping[str, Sequence[str]] | None = None,
    terms: Terms = USUAL,
    limits: Limits | None = None,
    progress: Progress = lambda _: None,
) -> dict[str, SimilarCases] | NotScored:
    """What to show of each child: `asked` by key, with the type in which it is likened (`hardship_type_asked`).

    `hidden`: keys of people or households that were protected in any list (`protected_people`); they are never shown, nor is who is protected on the snapshot's day.
    `decisions`: later decisions of a conference by household key, in words. NotScored where the limited process of the model failed: then nothing is shown, and the
    run goes on. Past days are those that today's deliveries tell of (`backdated`), all of them, so that cases are compared alike.
    """
    label = {child: HARDSHIP_LABELS[kind] if kind else "" for child, kind in asked.items()}
    wanted = {child: kind for child, kind in asked.items() if kind is not None and kind in model.types}
    notes = {child: "" if child in wanted else NO_TYPE for child in asked}
    cases = past_cases(snapshot, hidden)
    days = by_day(cases, snapshot.as_of, terms)
    if not days:
        notes |= dict.fromkeys(wanted, NO_CASES)
    if not days or not wanted:
        return {child: SimilarCases(child, label[child], (), notes[child]) for child in sorted(asked)}
    declared = sorted(
        {f.name: f for each in model.types.values() for f in each.features}.values(), key=lambda each: each.name
    )
    households = {case.household_key for case in cases} | _households(snapshot, wanted)
    with some_households(snapshot, households) as few:
        tables = feature_tables(PastDays(few, layouts), plan, declared, days, progress)
        before = before_registration(tables, days)
        today = _only(features_as_of(few, plan, declared), wanted)
        past_parts = _parts(before, model, limits)
        today_parts = _parts(today, model, limits)
        if isinstance(past_parts, NotScored):
            return past_parts
        if isinstance(today_parts, NotScored):
            return today_parts
        past = PastHouseholds(cases, before, past_parts, terms)
        no_text = why_no_text(snapshot.vocabulary)
        words = None if no_text else _Words(few, cases, today)
        found = past.similar(today, today_parts, wanted, words)
        courses = courses_of(few, [each.case for near in found.values() for each in near])
    notes |= {child: "" if near else past.why_none() or NONE_ALIKE for child, near in found.items()}
    registered = _children_by_household(cases)
    return {
        child: SimilarCases(
            child,
            label[child],
            tuple(
                SimilarCase(
                    household_key=each.case.household_key,
                    alike=each.likeness.alike,
                    differing=each.likeness.differing,
                    in_words=each.in_words,
                    decided=(
                        decided_words(each.case, registered[each.case.household_key] - 1),
                        *(decisions or {}).get(each.case.household_key, ()),
                    ),
                    course=course_words(courses[each.case.child_key]),
                    support=support_words(courses[each.case.child_key]),
                    ended=ended_words(each.case, snapshot.as_of),
                )
                for each in found.get(child, ())
            ),
            notes[child],
        )
        for child in sorted(asked)
    }


class _Words:
    """Past households by the words of their records before registration, asked with those of a child of today."""

    def __init__(self, snapshot: Snapshot, cases: Collection[PastCase], today: FeatureTable) -> None:
        first: dict[str, date] = {}
        for case in cases:
            first[case.household_key] = min(case.registered_on, first.get(case.household_key, case.registered_on))
        past = household_texts(snapshot, first)
        self._index = TextIndex(np.array(sorted(past)), [past[key] for key in sorted(past)])
        self._home = dict(zip(today.child_keys.tolist(), today.household_keys.tolist(), strict=True))
        self._today = household_texts(snapshot, dict.fromkeys(self._home.values(), snapshot.as_of))

    def __call__(self, child_key: str, count: int) -> Sequence[str]:
        return self._index.nearest(self._today[self._home[child_key]], count)


def _parts(table: FeatureTable, model: OverlayModel, limits: Limits | None) -> dict[str, TypeParts] | NotScored:
    try:
        answered = ask(table, None, model.types, explain=True, limits=limits or Limits())
    except ScoringFault as error:
        return NotScored(error.fault.value, WORDS[error.fault])
    parts = {}
    for kind, answer in answered.types.items():
        assert answer.contributions is not None
        parts[kind] = TypeParts(model.types[kind].features, answer.contributions)
    return parts


def _only(table: FeatureTable, children: Collection[str]) -> FeatureTable:
    rows = np.flatnonzero([key in children for key in table.child_keys.tolist()])
    return FeatureTable(
        table.as_of, table.child_keys[rows], table.household_keys[rows], table.features, table.values[rows]
    )


def _households(snapshot: Snapshot, children: Collection[str]) -> set[str]:
    found = snapshot.connection.execute(
        "SELECT DISTINCT household_key FROM person WHERE person_key IN (SELECT unnest(string_split($keys, ' ')))",
        {"keys": " ".join(sorted(children))},
    ).fetchall()
    return {household for (household,) in found}


def _children_by_household(cases: Collection[PastCase]) -> dict[str, int]:
    homes = [case.household_key for case in cases]
    return {home: homes.count(home) for home in set(homes)}
