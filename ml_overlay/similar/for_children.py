"""Similar past households for children of today: from a snapshot, a model's index and today's contributions to what a sheet prints.

    found = similar_for(snapshot, read_index(content, model), today, {child_key: hardship_type}, hidden=protected_people(store))

The weekly run has the contributions of the listed children already; `explained_today` works them out for a few children.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.evaluate.plan import Plan
from engine.records.case import HARDSHIP_LABELS
from engine.records.similar import SimilarCase, SimilarCases
from engine.store.some_households import some_households
from engine.store.tables import Snapshot
from ml_overlay.cohorts.training_sets import features_as_of
from ml_overlay.features.ages import AGE
from ml_overlay.features.feature import FeatureTable, Texts
from ml_overlay.features.looks import age_feature
from ml_overlay.learning.model import OverlayModel
from ml_overlay.learning.predict import is_about
from ml_overlay.scoring.outcome import Limits, NotScored
from ml_overlay.scoring.process import WORDS, ScoringFault, ask
from ml_overlay.similar.cases import Course, PastCase, courses_of, past_cases
from ml_overlay.similar.index import PastIndex, TypeParts
from ml_overlay.similar.past import USUAL, Asked, Found, PastHouseholds, Terms
from ml_overlay.similar.text import TextIndex, household_texts, why_no_text
from ml_overlay.similar.words import course_words, decided_words, ended_words, support_words

NO_CASES = "要対協の台帳に、終結した、または半年以上続いている案件がないため、過去の似た世帯は出していません。"
NONE_ALIKE = "登録の前のようすが近い世帯は見つかりませんでした。"
OTHER_AGE = "区分の上がった類型のモデルが対象とする年齢ではないため、過去の似た世帯は出していません。"
NO_TYPE = "区分の上がった類型のモデルがないため、過去の似た世帯は出していません。"


@dataclass(frozen=True)
class Today:
    """Children of today and what each feature added to their log odds, by hardship type of the same model; rows in the order of `child_keys`."""

    child_keys: Texts
    household_keys: Texts
    parts: Mapping[str, TypeParts]


def hardship_type_asked(tiers: Mapping[str, int], modelled: Collection[str]) -> str | None:
    """In which type a child is likened: of those with a model and a tier of ① or ②, the one with the most active tier; None if there is none.

    `tiers`: 1, 2 or 3 by type, in the order in which equals are preferred.
    """
    known = [(tier, order, kind) for order, (kind, tier) in enumerate(tiers.items()) if kind in modelled and tier < 3]
    return min(known)[2] if known else None


def similar_for(
    snapshot: Snapshot,
    index: PastIndex,
    today: Today,
    asked: Mapping[str, str | None],
    *,
    hidden: Collection[str],
    decisions: Mapping[str, Sequence[str]] | None = None,
    terms: Terms = USUAL,
) -> dict[str, SimilarCases]:
    """What to show of each child: `asked` by key, with the type in which it is likened (`hardship_type_asked`).

    `hidden`: keys of people or households that were protected in any list (`protected_people`); they are never shown, nor is who is protected on the snapshot's
    day or not in it any more. `decisions`: later decisions of a conference by household key, in words. Raises KeyError for a child that `today` does not have.
    """
    wanted = {child: kind for child, kind in asked.items() if kind is not None and kind in today.parts}
    cases = past_cases(snapshot, hidden)
    place = {key: at for at, key in enumerate(today.child_keys.tolist())}
    found: dict[str, tuple[Found, ...]] = {}
    notes = dict.fromkeys(asked, NO_TYPE)
    if not cases:
        notes |= dict.fromkeys(wanted, NO_CASES)
    elif wanted:
        past = PastHouseholds(cases, index, terms)
        about = {child: bool(today.parts[kind].about[place[child]]) for child, kind in wanted.items()}
        children = [
            Asked(child, str(today.household_keys[place[child]]), kind, today.parts[kind].values[place[child]])
            for child, kind in sorted(wanted.items())
            if about[child]
        ]
        words = None if why_no_text(snapshot.vocabulary) else _Words(snapshot, cases, children)
        found = past.similar(children, words)
        for child, kind in wanted.items():
            why = (past.why_none(kind) or NONE_ALIKE) if about[child] else OTHER_AGE
            notes[child] = "" if found.get(child) else why
    courses = courses_of(snapshot, [each.case for near in found.values() for each in near])
    told = _Told(snapshot.as_of, courses, _children_by_household(cases), decisions or {})
    return {
        child: SimilarCases(
            child,
            HARDSHIP_LABELS[kind] if kind else "",
            tuple(told.case(kind or "", each) for each in found.get(child, ())),
            notes[child],
        )
        for child, kind in sorted(asked.items())
    }


def explained_today(
    snapshot: Snapshot, plan: Plan, model: OverlayModel, children: Collection[str], limits: Limits | None = None
) -> Today | NotScored:
    """The contributions of a few children, worked out from their households alone. NotScored where the limited process of the model failed."""
    read = {f.name: f for each in model.types.values() for f in each.features}
    if any(each.ages is not None for each in model.types.values()):
        read.setdefault(AGE, age_feature(snapshot.vocabulary))
    with some_households(snapshot, _households(snapshot, children)) as few:
        table = _only(features_as_of(few, plan, [read[name] for name in sorted(read)]), children)
    try:
        answered = ask(table, None, model.types, explain=True, limits=limits or Limits())
    except ScoringFault as error:
        return NotScored(error.fault.value, WORDS[error.fault])
    parts = {}
    for kind, answer in answered.types.items():
        assert answer.contributions is not None
        parts[kind] = TypeParts(model.types[kind].features, answer.contributions, is_about(model.types[kind], table))
    return Today(table.child_keys, table.household_keys, parts)


@dataclass(frozen=True)
class _Told:
    """What is told of a past household, from the facts of today."""

    as_of: date
    courses: Mapping[str, Course]
    registered: Mapping[str, int]
    decisions: Mapping[str, Sequence[str]]

    def case(self, kind: str, found: Found) -> SimilarCase:
        case, course = found.case, self.courses[found.case.child_key]
        return SimilarCase(
            household_key=case.household_key,
            child_key=case.child_key,
            hardship_type=kind,
            looked_at=found.looked_at,
            distance=found.distance,
            alike=found.likeness.alike,
            differing=found.likeness.differing,
            in_words=found.in_words,
            decided=(
                decided_words(case, self.registered[case.household_key] - 1),
                *self.decisions.get(case.household_key, ()),
            ),
            course=course_words(course),
            support=support_words(course),
            ended=ended_words(case, self.as_of),
        )


class _Words:
    """Past households by the words of their records before registration, asked with those of a child of today."""

    def __init__(self, snapshot: Snapshot, cases: Collection[PastCase], children: Collection[Asked]) -> None:
        first: dict[str, date] = {}
        for case in cases:
            first[case.household_key] = min(case.registered_on, first.get(case.household_key, case.registered_on))
        past = household_texts(snapshot, first)
        self._index = TextIndex(np.array(sorted(past)), [past[key] for key in sorted(past)])
        self._home = {child.child_key: child.household_key for child in children}
        self._today = household_texts(snapshot, dict.fromkeys(self._home.values(), snapshot.as_of))

    def __call__(self, child_key: str, count: int) -> Sequence[str]:
        return self._index.nearest(self._today[self._home[child_key]], count)


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
