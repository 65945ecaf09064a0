"""Both versions of the rules on the facts of a past run: evaluated once where they share their words, and decided under each."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from engine.audit.run_record import RunRecord
from engine.audit.runs import open_run
from engine.evaluate.columns.evaluation import evaluate_all
from engine.evaluate.versions.common_plan import TwoVersions, plan_both
from engine.evaluate.versions.deciding_edits import Deciding, deciding_edits
from engine.kernel.errors import KizukiError
from engine.records.layout import Layout
from engine.records.vocabulary import Vocabulary
from engine.store.places import Places, places_of, protected_people
from engine.store.snapshot import known_deliveries
from engine.store.tables import Snapshot
from engine.tiers.impact import Impact, compare
from engine.tiers.listing import ChildDecision, WeekList, list_households
from kizuki.conferences import conferences_of
from kizuki.decisions import children_with_hits, decisions_table
from kizuki.past_facts import decisions_before, delivered_to, open_past_snapshot
from kizuki.progress import Stages
from kizuki.rules.files import RuleFiles, load_rule_files
from kizuki.rules.past import load_past_rules, load_past_words
from kizuki.settings import Settings, Workspace


@dataclass(frozen=True)
class Compared:
    """Everything that the paper is made of.

    `before`, `after`: decisions under the rules of the run and under the working rules. `differing`: children whose recomputed
    decisions are not those of the record (0 unless the code changed). `left_out`: deliveries that came for that day since the
    run. `deciding`: by 番号, which edits made a difference for whom; only where both versions share their words.
    """

    run: RunRecord
    old: RuleFiles
    new: RuleFiles
    impact: Impact
    lists: tuple[WeekList, WeekList]
    households: tuple[Mapping[str, int], Mapping[str, int]]
    capacity: int
    differing: int
    left_out: int
    places: Places
    deciding: Mapping[str, Deciding]
    shares_words: bool


def compare_with_run(workspace: Workspace, settings: Settings, run: RunRecord, stages: Stages) -> Compared:
    """The working rules against those of a run, on the facts that the run saw.

    Raises KizukiError: every fault of the working rules as `rules check` tells them, E-STORE-21 for a damaged record,
    E-RUN-07 and -08 where it cannot be compared with, E-RUN-09 where its deliveries are no longer in the store.
    """
    with ExitStack() as stack:
        with stages.stage("ルールと、その日の事実を読む"):
            words = load_past_words(run)
            opener = _Opener(workspace, settings, run, stack)
            opener.begin(words.vocabulary, words.layouts)  # DuckDB reads the facts while Python reads the rules
            old = load_past_rules(run, run.as_of, words)
            new = load_rule_files(workspace, run.as_of, words)
            shares_words = _keeps_words(old.vocabulary, new.vocabulary) and old.layouts == new.layouts
            past = opener.opened()
            snapshot = past if _reads_alike(old, new) else opener.open(new.vocabulary, new.layouts)
        with stages.stage("前と後のルールで判定する"):
            truths: pa.Table | None = None
            both: TwoVersions | None = None
            if shares_words:
                both = plan_both(old.rulebooks, new.rulebooks, new.vocabulary)
                truths = evaluate_all(snapshot, both.plan)
                sides = (both.old_truths(truths), both.new_truths(truths))
            else:
                sides = (evaluate_all(past, old.plan), evaluate_all(snapshot, new.plan))
            before = decisions_table(past, sides[0], old.plan, old.policy)
            after = decisions_table(snapshot, sides[1], new.plan, new.policy)
        with stages.stage("くらべる"):
            impact = compare(before, after, _strengths(old), _strengths(new))
            book = run.casebook()
            capacity = book.capacity
            week_before, last = _week_before(workspace.runs, run)
            conferences = conferences_of(run.conference(), book.meeting_on, last)
            lists = tuple(
                list_households(children_with_hits(t), week_before, capacity, conferences) for t in (before, after)
            )
            return Compared(
                run,
                old,
                new,
                impact,
                (lists[0], lists[1]),
                (_household_tiers(before), _household_tiers(after)),
                capacity,
                _differing(before, run.decisions()),
                len(known_deliveries(workspace.store, new.layouts, run.as_of) - delivered_to(run)),
                places_of(snapshot, protected_people(workspace.store)),
                _deciding(both, truths, impact) if both is not None and truths is not None else {},
                shares_words,
            )


class _Opener:
    """Opens snapshots of the run's deliveries; the likely one at once and beside the parsing of the rules."""

    def __init__(self, workspace: Workspace, settings: Settings, run: RunRecord, stack: ExitStack) -> None:
        self._workspace, self._settings, self._run, self._stack = workspace, settings, run, stack
        self._opened: Future[Snapshot] | None = None

    def begin(self, vocabulary: Vocabulary, layouts: Mapping[str, Layout]) -> None:
        """Start to open the snapshot with these words in the background."""
        pool = self._stack.enter_context(ThreadPoolExecutor(1))
        self._opened = pool.submit(self._open, vocabulary, layouts)
        self._stack.callback(self._close)

    def opened(self) -> Snapshot:
        """The snapshot that was begun."""
        assert self._opened is not None
        return self._opened.result()

    def open(self, vocabulary: Vocabulary, layouts: Mapping[str, Layout]) -> Snapshot:
        """A snapshot of exactly the deliveries that the run used."""
        return self._stack.enter_context(self._open(vocabulary, layouts))

    def _open(self, vocabulary: Vocabulary, layouts: Mapping[str, Layout]) -> Snapshot:
        return open_past_snapshot(self._workspace, self._settings.processing, self._run, vocabulary, layouts)

    def _close(self) -> None:
        if self._opened is not None and self._opened.exception() is None:
            self._opened.result().close()


def _keeps_words(old: Vocabulary, new: Vocabulary) -> bool:
    """Whether every word that the old rules may use still means the same; new words may have come."""
    if (old.records, old.relations, old.identifiers) != (new.records, new.relations, new.identifiers):
        return False
    return all(new.items.get(key) == item for key, item in old.items.items())


def _reads_alike(old: RuleFiles, new: RuleFiles) -> bool:
    """Whether both give the same tables of facts."""
    return (old.vocabulary.records, old.layouts) == (new.vocabulary.records, new.layouts)


def _strengths(rules: RuleFiles) -> dict[str, Any]:
    return {planned.id: planned.scenario.strength for planned in rules.plan.scenarios}


def _week_before(runs: Path, run: RunRecord) -> tuple[list[ChildDecision] | None, RunRecord | None]:
    """For the order of that run's list; None if there is none to be had."""
    previous = run.manifest["previous_run"]
    try:
        return decisions_before(runs, run), open_run(runs, previous) if previous else None
    except KizukiError:
        return None, None


def _household_tiers(decisions: pa.Table) -> Mapping[str, int]:
    """Tier of each household with a child in ① or ②."""
    grouped = decisions.group_by("household_key").aggregate([("tier", "min")])
    tiers = zip(grouped.column("household_key").to_pylist(), grouped.column("tier_min").to_pylist(), strict=True)
    return {key: tier for key, tier in tiers if tier < 3}


def _differing(recomputed: pa.Table, recorded: pa.Table) -> int:
    """Children whose decisions, computed again with the rules of then, are not those that were recorded."""
    if recomputed.equals(recorded):
        return 0
    ours, theirs = ({row["child_key"]: row for row in table.to_pylist()} for table in (recomputed, recorded))
    return sum(ours.get(key) != theirs.get(key) for key in {*ours, *theirs})


def _deciding(both: TwoVersions, truths: pa.Table, impact: Impact) -> Mapping[str, Deciding]:
    return {
        scenario: deciding_edits(both, truths, scenario, impact.otherwise[scenario])
        for scenario in both.renamed
        if scenario in both.new.by_id and impact.otherwise.get(scenario)
    }
