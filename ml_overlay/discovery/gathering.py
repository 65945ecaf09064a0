"""The bank and the evidence of every hardship type, made in one walk through the cut-off days, all sentences judged by the rules' own engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.evaluate.columns.evaluation import evaluate_all
from engine.evaluate.columns.kleene import NO, UNKNOWN, YES, Truths, all_of, any_of, at_least_of, negation
from engine.evaluate.plan import Plan, cancelled_column, truth_column
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.model import Rulebook, RulebookSet
from ml_overlay.cohorts.days import PastDays
from ml_overlay.cohorts.definition import LabelDefinition, ModelDefinition
from ml_overlay.cohorts.labels import CAME_TRUE, Cohort, Progress, judge_labels
from ml_overlay.cohorts.rows import choose_rows
from ml_overlay.cohorts.training_sets import told_children
from ml_overlay.discovery.pairs import Flags
from ml_overlay.discovery.search import Evidence
from ml_overlay.discovery.sentences import Candidate, Ground, Ladder, choose_rungs, distinct, ladders, reasons_of
from ml_overlay.features.feature import Texts

Places = npt.NDArray[np.int64]
FEWEST_CHILDREN = 20
_MOST_SHARE = 0.1
"""What holds for more of the children of 対象 than this is everyday life, and no worry."""


@dataclass(frozen=True)
class Today:
    """The children of a type's 対象 as of the newest day: which sentences of the bank they meet, and whom a scenario of the type hits.

    `labelled`: the label's sentence is met today. `districts`: 町字, empty where it is protected or unknown.
    """

    met: Flags
    already: Flags
    labelled: Flags
    districts: Texts


@dataclass(frozen=True)
class Material:
    """All that a search in one type needs and its report tells of."""

    label: LabelDefinition
    book: Rulebook
    bank: tuple[Candidate, ...]
    evidence: Evidence
    today: Today
    first_day: date
    last_day: date


@dataclass(frozen=True)
class _Judged:
    """All children of a day, in order of key, and the truths of whatever is asked of them."""

    child_keys: Texts
    table: pa.Table
    plan: Plan

    def truths(self, condition: s.Condition) -> Truths:
        if not isinstance(condition, s.Group):
            return _three_valued(self.table.column(f"c{self.plan.number_of(condition)}"))
        parts = [self.truths(part) for part in condition.parts]
        match condition.kind:
            case "すべて":
                return all_of(parts)
            case "いずれか":
                return any_of(parts)
            case "次でない":
                return negation(parts[0])
            case "n以上":
                return at_least_of(condition.needed, parts, len(self.child_keys))

    def met(self, sentences: Sequence[s.Sentence]) -> Flags:
        """n × m; unknown is not met."""
        columns = [self.truths(sentence) == YES for sentence in sentences]
        return np.column_stack(columns) if columns else np.zeros((len(self.child_keys), 0), dtype=bool)

    def hit(self, hardship_type: str) -> Flags:
        """Whom a scenario of a type hits, less those for whom it is cancelled for certain."""
        found = np.zeros(len(self.child_keys), dtype=bool)
        for planned in self.plan.scenarios:
            if planned.scenario.hardship_type == hardship_type:
                met, cancelled = (
                    _three_valued(self.table.column(name(planned))) for name in (truth_column, cancelled_column)
                )
                found |= (met == YES) & (cancelled != YES)
        return found


def grounds(rulebooks: RulebookSet, definition: ModelDefinition, vocabulary: Vocabulary) -> dict[str, Ground]:
    """For each type that has a label, what its sentences may be made of."""
    words: dict[str, tuple[s.Sentence, ...]] = {
        book.hardship_type: tuple(
            dict.fromkeys(sentence for scenario in book.scenarios for sentence in reasons_of(scenario.condition))
        )
        for book in rulebooks.rulebooks
    }
    return {
        kind: Ground(
            vocabulary,
            definition.hidden_records,
            label.sentence,
            words.get(kind, ()),
            tuple(dict.fromkeys(one for other, those in words.items() if other != kind for one in those)),
        )
        for kind, label in definition.labels.items()
    }


def gather(
    days: PastDays,
    plan: Plan,
    rulebooks: RulebookSet,
    definition: ModelDefinition,
    types: Iterable[str],
    progress: Progress = lambda _: None,
) -> tuple[dict[str, Material], dict[str, str]]:
    """The material of each type, and of the types for which there is none the reason in Japanese.

    `plan`: of the rulebooks in force. Each child is in one row: on one of the days on which its label came true, or on one drawn in proportion to
    where those are.
    """
    vocabulary, wanted = days.newest.vocabulary, tuple(types)
    without = {
        kind: definition.without.get(kind, "model.yaml に正例の決まりがありません。")
        for kind in wanted
        if kind not in definition.labels
    }
    kinds = [kind for kind in wanted if kind in definition.labels]
    if not kinds:
        return {}, without
    books: dict[str, Rulebook] = {book.hardship_type: book for book in rulebooks.rulebooks}
    of_ground = {
        kind: tuple(ladders(ground))
        for kind, ground in grounds(rulebooks, definition, vocabulary).items()
        if kind in kinds
    }
    progress("文の候補をつくり、いまの市で当てはまる人数を数えています")
    asked = [c.sentence for every in of_ground.values() for ladder in every for c in ladder]
    today = _judge(
        days, days.as_of, plan, [*asked, *(definition.labels[kind].sentence for kind in kinds)], books.values()
    )
    banks = {kind: _bank(of_ground[kind], today, books[kind]) for kind in kinds}
    cohorts = judge_labels(days, [definition.labels[kind] for kind in kinds], progress)
    rows = {kind: _one_row_a_child(cohorts[kind], kind) for kind in kinds}
    parts: dict[str, list[Evidence]] = {kind: [] for kind in kinds}
    listed = sorted(
        {
            cohort.cut_off.on
            for kind in kinds
            for cohort, places in zip(cohorts[kind], rows[kind], strict=True)
            if len(places)
        }
    )
    sentences = list(dict.fromkeys(c.sentence for bank in banks.values() for c in bank))
    for number, day in enumerate(listed, start=1):
        progress(f"過去の時点で文を判定しています({day.isoformat()}、{number}/{len(listed)}日)")
        judged = _judge(days, day, plan, sentences, books.values())
        for kind in kinds:
            for cohort, places in zip(cohorts[kind], rows[kind], strict=True):
                if cohort.cut_off.on == day and len(places):
                    parts[kind].append(_evidence(judged, cohort, places, banks[kind], books[kind]))
    found: dict[str, Material] = {}
    for kind in kinds:
        evidence = _joined(parts[kind])
        positives = int(evidence.label.sum()) if evidence else 0
        if evidence is None or positives < definition.fewest_positives:
            without[kind] = (
                f"あとで困難が分かったこども(正例)が「対象」に{told_children(positives)}で、最少の{definition.fewest_positives}人に足りません。"
            )
            continue
        label = definition.labels[kind]
        used = [cohort.cut_off.on for cohort in cohorts[kind]]
        shown = _today(today, days, banks[kind], books[kind], label)
        found[kind] = Material(label, books[kind], banks[kind], evidence, shown, min(used), max(used))
    return found, without


def _bank(families: Sequence[Ladder], today: _Judged, book: Rulebook) -> tuple[Candidate, ...]:
    """The sentences of a type, their numbers chosen from how many of today's children of 対象 they hold for."""
    of_target = today.truths(book.target) == YES
    most = int(_MOST_SHARE * int(of_target.sum()))
    chosen = [
        choose_rungs(
            ladder,
            [int(((today.truths(c.sentence) == YES) & of_target).sum()) for c in ladder],
            fewest=FEWEST_CHILDREN,
            most=int(of_target.sum()) if ladder[0].is_target else most,
        )
        for ladder in families
    ]
    return distinct(candidate for ladder in chosen for candidate in ladder)


def _judge(
    days: PastDays, day: date, plan: Plan, sentences: Iterable[s.Sentence], books: Iterable[Rulebook]
) -> _Judged:
    targets = (sentence for book in books for sentence in s.sentences_of(book.target))
    asked = tuple(dict.fromkeys((*plan.conditions, *targets, *sentences)))
    todays = replace(plan, as_of=day, conditions=asked)
    with days.open(day) as snapshot:
        table = evaluate_all(snapshot, todays)
    return _Judged(np.array(table.column("child_key").to_pylist(), dtype=np.str_), table, todays)


def _one_row_a_child(cohorts: Sequence[Cohort], hardship_type: str) -> list[Places]:
    """Places in each cohort. Of the days on which a child's label came true, one is drawn by a hash of the child."""
    chosen = choose_rows(cohorts, hardship_type)
    days_of: dict[str, list[int]] = {}
    for number, cohort in enumerate(cohorts):
        for key in cohort.child_keys[cohort.outcome == CAME_TRUE].tolist():
            days_of.setdefault(key, []).append(number)
    drawn = {
        key: on[
            int.from_bytes(hashlib.sha256(f"discovery/{hardship_type}/{key}".encode()).digest()[:8], "big") % len(on)
        ]
        for key, on in days_of.items()
    }
    kept = []
    for number, (cohort, rows) in enumerate(zip(cohorts, chosen, strict=True)):
        keys = cohort.child_keys[rows.places].tolist()
        kept.append(
            np.array(
                [p for p, key in zip(rows.places.tolist(), keys, strict=True) if drawn.get(key, number) == number],
                dtype=np.int64,
            )
        )
    return kept


def _evidence(judged: _Judged, cohort: Cohort, places: Places, bank: Sequence[Candidate], book: Rulebook) -> Evidence:
    if not np.array_equal(judged.child_keys, cohort.child_keys):
        raise ValueError("sentences and labels are of different children")
    of_target = (judged.truths(book.target) == YES)[places]
    rows = places[of_target]
    return Evidence(
        judged.met([c.sentence for c in bank])[rows],
        (cohort.outcome == CAME_TRUE)[rows],
        cohort.household_keys[rows],
        np.full(len(rows), np.datetime64(cohort.cut_off.on, "D")),
        judged.hit(book.hardship_type)[rows],
    )


def _joined(parts: Sequence[Evidence]) -> Evidence | None:
    if not parts:
        return None
    return Evidence(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("met", "label", "household_keys", "cut_on", "already")
        )
    )


def _today(today: _Judged, days: PastDays, bank: Sequence[Candidate], book: Rulebook, label: LabelDefinition) -> Today:
    of_target = today.truths(book.target) == YES
    districts = dict(
        days.newest.connection.execute(
            "SELECT person_key, CASE WHEN h.protected THEN NULL ELSE h.district END FROM person p JOIN household h USING (household_key) WHERE p.is_child"
        ).fetchall()
    )
    places = np.array([districts.get(key) or "" for key in today.child_keys.tolist()], dtype=np.str_)
    return Today(
        today.met([c.sentence for c in bank])[of_target],
        today.hit(book.hardship_type)[of_target],
        (today.truths(label.sentence) == YES)[of_target],
        places[of_target],
    )


def _three_valued(column: pa.ChunkedArray) -> Truths:
    array = column.combine_chunks()
    met = np.asarray(array.fill_null(False).to_numpy(zero_copy_only=False))
    return np.where(np.asarray(array.is_valid()), np.where(met, YES, NO), UNKNOWN)
