"""Store what was read: first the words, then the feedback made from all that stands. Each is one file, written whole.

Where the second is missing because the machine stopped in between, reading the same file again adds it: the feedback is made from what the store holds, not
from what is new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.records.conference import ConferenceEntry
from engine.records.conference_store import Word, append_conference, read_conference
from engine.records.feedback import Feedback, append_feedback, read_feedback
from kizuki.readback.findings import findings_of_drawn, findings_of_entry, with_withdrawn
from kizuki.readback.planning import Plan
from kizuki.readback.runs import RunOnRecord
from kizuki.settings import Workspace


@dataclass(frozen=True)
class Stored:
    """What was written: the files (None: nothing new) and how many words and findings are in them."""

    conference: Path | None
    feedback: Path | None
    words: int
    findings: int


def store(workspace: Workspace, plan: Plan, today: date) -> Stored:
    """Write what is new in a plan without problems. The workspace must be locked since the plan was made."""
    words = plan.new_words
    conference = append_conference(workspace.conference, words)
    known = read_feedback(workspace.feedback)
    findings = set(_findings(workspace, plan, known)) - set(known)
    feedback = append_feedback(workspace.feedback, today, findings)
    return Stored(conference, feedback, len(words), len(findings))


def _findings(workspace: Workspace, plan: Plan, known: tuple[Feedback, ...]) -> Iterator[Feedback]:
    """Of every household and child of whom a sheet was read, from all that stands about them."""
    touched = {_whose(line.word) for line in plan.lines if line.word}
    book = read_conference(workspace.conference)
    yield from with_withdrawn(_all(book.entries, book.drawn, plan.runs, touched), known, touched)


def _all(
    entries: tuple[ConferenceEntry, ...],
    drawn: tuple[Word, ...],
    runs: Mapping[str, RunOnRecord],
    touched: set[tuple[str, str]],
) -> Iterator[Feedback]:
    for word in (*entries, *drawn):
        run_id, key = _whose(word)
        if (run_id, key) not in touched or run_id not in runs:
            continue
        if isinstance(word, ConferenceEntry):
            yield from findings_of_entry(word, runs[run_id])
        else:
            yield from findings_of_drawn(word, runs[run_id])


def _whose(word: Word) -> tuple[str, str]:
    """Run and household, or run and drawn child."""
    if isinstance(word, ConferenceEntry):
        return word.decision.run_id, word.decision.household_key
    return word.run_id, word.child_key
