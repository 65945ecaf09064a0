"""Hold the made-up conferences: fill the real handout in, read it back as anybody would, and a week later once more with what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

from rich.console import Console

from engine.audit.runs import open_run
from engine.records.case import SUPPORTED_NOW, Case, Casebook
from engine.records.conference import CONTACTS
from engine.records.conference_store import read_conference
from kizuki.demo_conference.answers import Family, a_week_later, about_drawn, at_the_conference, in_the_register
from kizuki.demo_conference.filling import Answer, fill_in
from kizuki.demo_conference.truth import Truth, read_truth
from kizuki.readback.asking import Nobody
from kizuki.readback.command import read_back
from kizuki.readback.entries import Reading
from kizuki.readback.planning import Wishes
from kizuki.settings import open_workspace
from reports.blanks import SheetIdentity

READER = "デモの読み取り担当"
SENT_BACK = timedelta(days=3)
"""After the conference, until the filled-in sheets are read; their outcomes a week after that."""


@dataclass(frozen=True)
class Held:
    """One conference: the run whose list it had, its day, the printed volumes, and what was written on each household's sheet."""

    book: Casebook
    papers: tuple[Path, ...]
    said: Mapping[str, Mapping[str, Answer]]
    drawn: Mapping[str, Mapping[str, Answer]]


@dataclass
class MadeUpConference:
    """The people of a demonstration, who meet week after week. `decided`: how often each choice was taken, `blank`: sheets left empty."""

    city: Path
    seed: int
    held: list[Held] = field(default_factory=list)
    decided: Counter[str] = field(default_factory=Counter)
    blank: int = 0

    def meet(self, run_id: str, papers: Sequence[Path]) -> Path:
        """The conference of one run: every volume is filled in beside the printed one and read back some days later. Returns the first."""
        book = open_run(self.city / "runs", run_id).casebook()
        said = {
            case.household_key: at_the_conference(self._family(case), run_id, book.meeting_on, self.seed)
            for case in book.cases
        }
        drawn = {
            child.child_key: about_drawn(
                child, self._truth.of([child.child_key, *(m.key for m in child.members)]), run_id, self.seed
            )
            for child in book.drawn
        }
        self.blank += sum(not each for each in said.values())
        self.decided.update(str(each["判断"]).strip() for each in said.values() if each)
        held = Held(book, tuple(papers), said, drawn)
        self.held.append(held)
        return self._send_back(held, said, book.meeting_on + SENT_BACK)

    def tell_what_came_of_it(self, held: Held) -> None:
        """The same workbook comes back a second time: outcomes, and whether the list was right."""
        later = {
            case.household_key: a_week_later(
                self._family(case), held.said[case.household_key], held.book.run_id, held.book.meeting_on, self.seed
            )
            for case in held.book.cases
        }
        self._send_back(held, later, held.book.meeting_on + SENT_BACK + timedelta(days=7))

    def fill_register(self, printed: Path, on: date) -> Path:
        """The quarterly meeting: some cases end, others get a new day. Returns the filled-in register."""
        workspace, _ = open_workspace(self.city)
        known = {
            (e.decision.run_id, e.decision.household_key): e.decision
            for e in read_conference(workspace.conference).entries
        }

        def answers(identity: SheetIdentity) -> Mapping[str, Answer]:
            decision = known[identity.run_id, identity.household_key]
            reached = decision.outcome in CONTACTS
            return in_the_register(identity.household_key, decision.decision or "", reached, on, self.seed)

        filled = printed.with_name(f"{printed.stem}_filled{printed.suffix}")
        fill_in(printed, filled, answers)
        self._read([filled], on)
        return filled

    def _send_back(self, held: Held, said: Mapping[str, Mapping[str, Answer]], on: date) -> Path:
        def answers(identity: SheetIdentity) -> Mapping[str, Answer]:
            if identity.kind == "無作為":
                return held.drawn.get(identity.child_key, {})
            return said.get(identity.household_key, {})

        filled = []
        for paper in held.papers:
            target = paper.with_name(f"{paper.stem}_filled{paper.suffix}")
            fill_in(paper, target, answers)
            filled.append(target)
        self._read(filled, on)
        return filled[0]

    def _read(self, paths: Sequence[Path], on: date) -> None:
        quiet = Console(quiet=True)
        read_back(self.city, paths, Reading(READER, on), quiet, who=Nobody(), wishes=Wishes(missing_is_none=True))

    def _family(self, case: Case) -> Family:
        people = list(self._people(case))
        return Family(
            case,
            self._truth.of(people),
            self._truth.is_reachable(people),
            any(SUPPORTED_NOW in member.note for member in case.members),
        )

    def _people(self, case: Case) -> Iterator[str]:
        yield from (member.key for member in case.members)
        yield from (child.child_key for child in case.children)

    @cached_property
    def _truth(self) -> Truth:
        return read_truth(self.city)
