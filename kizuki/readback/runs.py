"""The runs to which sheets belong, as their records tell: the day of the conference, who was on the list, what counted then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from engine.audit.run_record import RunRecord
from engine.audit.runs import open_run, published_ids
from engine.records.case import Case, DrawnChild, Tier
from engine.tiers.standing import pair
from kizuki.decisions import children_with_hits


@dataclass(frozen=True)
class RunOnRecord:
    """One run, as far as its sheets need it. `cases`: by household key; `drawn`: children drawn by chance, by child key."""

    record: RunRecord
    as_of: date
    meeting_on: date
    cases: Mapping[str, Case]
    drawn: Mapping[str, DrawnChild]

    @property
    def run_id(self) -> str:
        """The number that stands on the sheets."""
        return self.record.run_id

    @cached_property
    def counted(self) -> Mapping[str, tuple[str, ...]]:
        """By household, what counted towards the tiers of all its children, as a decision remembers it."""
        found: dict[str, list[str]] = {}
        for child in children_with_hits(self.record.decisions()):
            if child.household_key in self.cases:
                found.setdefault(child.household_key, []).extend(pair(child.child_key, hit) for hit in child.hits)
        return {household: tuple(sorted(pairs)) for household, pairs in found.items()}

    def flagged_types(self, household_key: str) -> dict[str, set[str]]:
        """By listed child, the hardship types in a tier above ③ or with a hit."""
        return {
            child.child_key: {each.hardship_type for each in child.types if each.tier < Tier.NO_ACTION}
            | {result.hardship_type for result in child.results if result.is_hit}
            for child in self.cases[household_key].children
        }


@dataclass
class RunsOnRecord:
    """The runs of a workspace, each opened once."""

    folder: Path
    _opened: dict[str, RunOnRecord] = field(default_factory=dict)

    def get(self, run_id: str) -> RunOnRecord | None:
        """A run; None where there is no record of it. Raises KizukiError for a damaged one."""
        if run_id not in self._opened:
            if run_id not in published_ids(self.folder):
                return None
            record = open_run(self.folder, run_id)
            book = record.casebook()
            self._opened[run_id] = RunOnRecord(
                record,
                book.as_of,
                book.meeting_on,
                {case.household_key: case for case in book.cases},
                {child.child_key: child for child in book.drawn},
            )
        return self._opened[run_id]
