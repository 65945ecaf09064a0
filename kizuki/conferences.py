"""What conferences decided before a week's list, as the weekly job reads it and as whoever verifies a run reads it again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from engine.audit.run_record import RunRecord
from engine.kernel.errors import Place, Problem
from engine.records.case import Casebook
from engine.records.conference import CLOSED_BECAUSE, ConferenceEntry, PastDecision
from engine.records.conference_store import read_conference
from engine.tiers.standing import Conferences, decisions_known, standing_decisions


@dataclass(frozen=True)
class ReadIn:
    """The store of conferences when a run was made. `files`: their names in order, which hold the hash of each; `entries`: all of it, with words."""

    files: tuple[str, ...] = ()
    entries: tuple[ConferenceEntry, ...] = ()

    def known(self, as_of: date, meeting_on: date, agencies: Collection[str]) -> tuple[PastDecision, ...]:
        """What had been decided before the list of a week, as it goes into the record: without anything that people wrote in words of their own.

        `agencies`: those that the city named when the list was made.
        """
        return decisions_known((for_record(entry.decision, agencies) for entry in self.entries), as_of, meeting_on)


def for_record(decision: PastDecision, agencies: Collection[str]) -> PastDecision:
    """The decision as lists and records may know it.

    主担当機関 and 終結理由 stay where they are of a list, also if another one was written when that list was longer or there was none: in words of their
    own a name may stand. 緊急度 and 重症度 are left out: what no record holds, no list, order or score can be made from.
    """
    return replace(
        decision,
        lead_agency=decision.lead_agency if decision.lead_agency in agencies else "",
        closed_because=decision.closed_because if decision.closed_because in CLOSED_BECAUSE else "",
        urgency=None,
        severity=None,
    )


def with_words(casebook: Casebook, entries: Iterable[ConferenceEntry]) -> Casebook:
    """The casebook with 主担当機関 and 終結理由 as they were written, for papers with names; as names they join last."""
    said = {(entry.decision.run_id, entry.decision.household_key): entry for entry in entries}

    def joined(decision: PastDecision) -> PastDecision:
        found = said.get((decision.run_id, decision.household_key))
        if found is None:
            return decision
        return replace(
            decision,
            lead_agency=found.decision.lead_agency or found.texts.lead_agency_text,
            closed_because=found.decision.closed_because or found.texts.closed_because_text,
        )

    return _with_decisions(casebook, joined)


def without_words(casebook: Casebook, agencies: Collection[str]) -> Casebook:
    """The casebook as a record may know it, for papers without names that are made from one with words."""
    return _with_decisions(casebook, lambda decision: for_record(decision, agencies))


def _with_decisions(casebook: Casebook, changed: Callable[[PastDecision], PastDecision]) -> Casebook:
    return replace(
        casebook,
        cases=tuple(replace(case, decisions=tuple(map(changed, case.decisions))) for case in casebook.cases),
        apart=tuple(replace(household, decision=changed(household.decision)) for household in casebook.apart),
    )


def read_in(folder: Path, first: int | None = None) -> ReadIn:
    """All that was read in, or what the `first` files say. The workspace must be locked while a run is made of it.

    Raises KizukiError E-FEEDBACK-02 for files that are not as they were written.
    """
    files = tuple(sorted(path.name for path in folder.glob("*.jsonl"))[:first])
    return ReadIn(files, read_conference(folder, first=first).entries)


def conferences_of(known: Iterable[PastDecision], meeting_on: date, before: RunRecord | None) -> Conferences:
    """What stands for the list of a week; `before`: the run of the week before. Of new facts (`new_facts.py`) it knows nothing yet."""
    last_day = None
    if before is not None:
        said = before.manifest.get("list_inputs", {}).get("meeting_on")
        last_day = date.fromisoformat(said) if said else before.as_of
    return Conferences(meeting_on, standing_decisions(known), before.as_of if before else None, last_day)


def lost_since(before: RunRecord | None, files: Collection[str]) -> list[Problem]:
    """Files that the week before still had in the store of conferences, as one warning: a missing last file leaves no gap in the numbers.

    It stops nobody: where no backup is left, the conference still needs its list, and whom a lost decision had set aside is on it.
    """
    had = before.manifest.get("list_inputs", {}).get("conference_files", []) if before is not None else []
    lost = [name for name in had if name not in files]
    if before is None or not lost:
        return []
    return [
        Problem(
            Place("conference"),
            "W-FEEDBACK-01",
            f"実行 {before.run_id} のときにあった会議の控え(conference)のうち、{len(lost)}件がありません。",
            "そこに書かれた判断は、この一覧に反映されていません(別に示すはずの世帯も一覧に載ります)。",
            "控え(バックアップ)から元のファイルに戻して、もう一度実行してください。",
        )
    ]
