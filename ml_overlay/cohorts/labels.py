"""Whether a label came true for each child after each cut-off day, judged by the rules' own engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.evaluate.columns.evaluation import evaluate_all
from engine.evaluate.plan import Plan
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language import syntax as s
from ml_overlay.cohorts.days import CutOff, PastDays, cut_offs
from ml_overlay.cohorts.definition import LabelDefinition
from ml_overlay.features.ages import UNKNOWN_AGE, within
from ml_overlay.features.feature import Texts

CAME_TRUE, UNLABELLED, LEFT_OUT = np.int8(1), np.int8(0), np.int8(-1)
NOT_LOOKED_AT, BY_CHANCE, BY_LIST = np.int8(0), np.int8(1), np.int8(2)
Outcomes = npt.NDArray[np.int8]
_UNKNOWN = -1
# Full years as the law counts them, and the full months since the last birthday; in a made-up city somebody may have an age and no birth date.
_CHILDREN = """
    SELECT person_key, household_key,
        age_years * 12 + coalesce(greatest(0, least(11, datesub('month', born_on, $day) - age_years * 12)), 0) AS age_months
    FROM person WHERE is_child ORDER BY person_key"""
Progress = Callable[[str], None]
"""Told in Japanese what is being done."""


@dataclass(frozen=True)
class Cohort:
    """All children of a cut-off day, in order of key, and what came of them in one hardship type.

    `outcome`: CAME_TRUE within the label's window after the gap; UNLABELLED, which is not "no difficulty"; LEFT_OUT who had
    it by the end of the gap already, of whom it is unknown on either day, or who is not of the label's ages. `age_months`: on the
    cut-off day, -1 where unknown. `looked`: whether a conference looked at the child
    within the window, and how it came to (NOT_LOOKED_AT, BY_CHANCE, BY_LIST); `chance`: of having been looked at (see `looked_at`).
    """

    cut_off: CutOff
    child_keys: Texts
    household_keys: Texts
    age_months: npt.NDArray[np.int64]
    outcome: Outcomes
    looked: Outcomes
    chance: npt.NDArray[np.float64]

    @property
    def positives(self) -> int:
        """Children for whom the label came true."""
        return int((self.outcome == CAME_TRUE).sum())


@dataclass(frozen=True)
class _Day:
    child_keys: Texts
    household_keys: Texts
    age_months: npt.NDArray[np.int64]
    truths: Mapping[s.Sentence, Outcomes]


def judge_labels(
    days: PastDays, labels: Iterable[LabelDefinition], progress: Progress = lambda _: None
) -> dict[str, tuple[Cohort, ...]]:
    """By hardship type its cohorts, oldest first. Each day is opened once for all labels."""
    labels = tuple(labels)
    planned = {label.hardship_type: cut_offs(days.as_of, label) for label in labels}
    asked: dict[date, set[s.Sentence]] = {}
    for label in labels:
        for cut_off in planned[label.hardship_type]:
            asked.setdefault(cut_off.on, set())
            for day in (cut_off.gap_until, cut_off.seen_until):
                asked.setdefault(day, set()).add(label.sentence)
    judged: dict[date, _Day] = {}
    for number, day in enumerate(sorted(asked), start=1):
        progress(f"あとで分かったことを確かめています({day.isoformat()}、{number}/{len(asked)}日)")
        judged[day] = _judge(days, day, asked[day])
    return {
        label.hardship_type: tuple(_cohort(cut_off, label, judged) for cut_off in planned[label.hardship_type])
        for label in labels
    }


def _judge(days: PastDays, day: date, sentences: set[s.Sentence]) -> _Day:
    with days.open(day, copied=False) as snapshot:
        children = snapshot.connection.execute(_CHILDREN, {"day": day}).to_arrow_table()
        table = evaluate_all(snapshot, plan := _plan_of(sentences, day, snapshot.vocabulary)) if sentences else None
    keys, households = (_texts(children[name]) for name in ("person_key", "household_key"))
    months = children["age_months"].combine_chunks().fill_null(_UNKNOWN).to_numpy(zero_copy_only=False).astype(np.int64)
    if table is None:
        return _Day(keys, households, months, {})
    truths = {sentence: _three_valued(table[f"c{number}"]) for sentence, number in plan.numbers.items()}
    return _Day(keys, households, months, truths)


def _plan_of(sentences: set[s.Sentence], day: date, vocabulary: Vocabulary) -> Plan:
    """A plan of nothing but the labels, in an order that does not depend on how a set happens to be kept."""
    return Plan(day, vocabulary, tuple(sorted(sentences, key=repr)), ())


def _cohort(cut_off: CutOff, label: LabelDefinition, judged: Mapping[date, _Day]) -> Cohort:
    on = judged[cut_off.on]
    before, after = (
        _truths_of(on.child_keys, judged[day], label.sentence) for day in (cut_off.gap_until, cut_off.seen_until)
    )
    years = np.where(on.age_months == _UNKNOWN, UNKNOWN_AGE, on.age_months // 12)
    outcome = np.where((before == UNLABELLED) & (after != LEFT_OUT) & within(label.ages, years), after, LEFT_OUT)
    nobody = np.full(len(outcome), NOT_LOOKED_AT)
    return Cohort(cut_off, on.child_keys, on.household_keys, on.age_months, outcome, nobody, np.zeros(len(outcome)))


def _truths_of(children: Texts, day: _Day, sentence: s.Sentence) -> Outcomes:
    """The truths of the children on a later day; who is no child or not there any more is unknown."""
    place = np.searchsorted(day.child_keys, children)
    place[place == len(day.child_keys)] = 0
    if not len(day.child_keys):
        return np.full(len(children), LEFT_OUT)
    return np.where(day.child_keys[place] == children, day.truths[sentence][place], LEFT_OUT)


def _three_valued(column: pa.ChunkedArray) -> Outcomes:
    array = column.combine_chunks()
    met = np.asarray(array.fill_null(False).to_numpy(zero_copy_only=False))
    return np.where(np.asarray(array.is_valid()), met.astype(np.int8), LEFT_OUT)


def _texts(column: pa.ChunkedArray) -> Texts:
    return np.array(column.to_pylist(), dtype=np.str_)
