"""What conferences decided before a week's list, as the weekly job reads it and as whoever verifies a run reads it again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from engine.audit.run_record import RunRecord
from engine.records.case import Casebook
from engine.records.conference import ConferenceEntry, PastDecision
from engine.records.conference_store import read_conference
from engine.tiers.standing import Conferences, decisions_known, standing_decisions


@dataclass(frozen=True)
class ReadIn:
    """The store of conferences when a run was made. `files`: their names in order, which hold the hash of each; `entries`: all of it, with words."""

    files: tuple[str, ...] = ()
    entries: tuple[ConferenceEntry, ...] = ()

    def known(self, as_of: date, meeting_on: date) -> tuple[PastDecision, ...]:
        """What had been decided before the list of a week, without anything that people wrote in words of their own: it goes into the record."""
        return decisions_known((without_words(entry.decision) for entry in self.entries), as_of, meeting_on)


def without_words(decision: PastDecision) -> PastDecision:
    """The decision without 主担当機関 and 終結理由, which are written freely, so that a name may stand there."""
    return replace(decision, lead_agency="", closed_because="")


def with_words(casebook: Casebook, entries: Iterable[ConferenceEntry]) -> Casebook:
    """The casebook with those words again, for papers with names; as names they join last."""
    said = {(entry.decision.run_id, entry.decision.household_key): entry.decision for entry in entries}

    def joined(decision: PastDecision) -> PastDecision:
        found = said.get((decision.run_id, decision.household_key))
        if found is None:
            return decision
        return replace(decision, lead_agency=found.lead_agency, closed_because=found.closed_because)

    return replace(
        casebook,
        cases=tuple(replace(case, decisions=tuple(map(joined, case.decisions))) for case in casebook.cases),
        apart=tuple(replace(household, decision=joined(household.decision)) for household in casebook.apart),
    )


def read_in(folder: Path, first: int | None = None) -> ReadIn:
    """All that was read in, or what the `first` files say. The workspace must be locked while a run is made of it.

    Raises KizukiError E-FEEDBACK-02 for files that are not as they were written.
    """
    files = tuple(sorted(path.name for path in folder.glob("*.jsonl"))[:first])
    return ReadIn(files, read_conference(folder, first=first).entries)


def conferences_of(known: Iterable[PastDecision], meeting_on: date, before: RunRecord | None) -> Conferences:
    """What stands for the list of a week; `before`: the run of the week before."""
    last_day = None
    if before is not None:
        said = before.manifest.get("list_inputs", {}).get("meeting_on")
        last_day = date.fromisoformat(said) if said else before.as_of
    return Conferences(meeting_on, standing_decisions(known), before.as_of if before else None, last_day)
