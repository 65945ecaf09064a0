"""Errors as a caseworker reads them: place, what, why it matters, what to do; all at once; a code for each kind.

No message ever holds a name, an address, a birth date or any other value of a person: only file, line, column name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class ExitStatus(IntEnum):
    """What the command tells the shell. Documented in docs/exit-status.md."""

    OK = 0
    BUG = 1
    USAGE = 2
    SETTINGS = 3
    DELIVERY_REFUSED = 4
    RULEBOOK = 5
    PROTECTION_MISSING = 6
    STORE = 7
    NOT_FOUND = 8
    BUSY = 9
    DISAGREEMENT = 10
    NOT_CONFIRMED = 11
    OFFICER_MUST_LOOK = 12
    MODEL = 13
    READBACK = 14


_STATUS_BY_KIND = {
    "DISC": ExitStatus.OFFICER_MUST_LOOK,
    "PERS": ExitStatus.NOT_FOUND,
    "CONF": ExitStatus.SETTINGS,
    "DELIV": ExitStatus.DELIVERY_REFUSED,
    "LAYOUT": ExitStatus.SETTINGS,
    "VOCAB": ExitStatus.SETTINGS,
    "YAML": ExitStatus.RULEBOOK,
    "RULE": ExitStatus.RULEBOOK,
    "TIER": ExitStatus.RULEBOOK,
    "PROT": ExitStatus.PROTECTION_MISSING,
    "STORE": ExitStatus.STORE,
    "FEEDBACK": ExitStatus.STORE,
    "READ": ExitStatus.READBACK,
    "RUN": ExitStatus.NOT_FOUND,
    "REPORT": ExitStatus.SETTINGS,
    "BUSY": ExitStatus.BUSY,
    "MODEL": ExitStatus.MODEL,
    "AUDIT": ExitStatus.NOT_CONFIRMED,
    "OUTCOME": ExitStatus.USAGE,
}


@dataclass(frozen=True, order=True)
class Place:
    """Where a problem is: a file and, where known, line and column (both from 1) or the name of a table column."""

    file: str
    line: int | None = None
    column: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        text = self.file
        if self.line is not None:
            text += f":{self.line}"
            if self.column is not None:
                text += f":{self.column}"
        return f"{text} 列「{self.field}」" if self.field else text


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong. `code` is E-<KIND>-<nn> (stops) or W-<KIND>-<nn> (warns); texts are Japanese."""

    place: Place
    code: str
    what: str
    why: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place} {self.code} {self.what}{self.why}\n  {self.remedy}"

    @property
    def kind(self) -> str:
        """The middle part of the code, e.g. RULE in E-RULE-04."""
        return self.code.split("-")[1]


def _shown_order(problem: Problem) -> tuple[str, int, int, str, str, str]:
    """By place, then code; a place without a line comes before the lines of the same file."""
    place = problem.place
    return (place.file, place.line or 0, place.column or 0, place.field or "", problem.code, problem.what)


class KizukiError(Exception):
    """User-facing failure carrying every problem found, never only the first. Shown without a traceback."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (
            (problems,) if isinstance(problems, Problem) else tuple(sorted(problems, key=_shown_order))
        )
        if not self.problems:
            raise ValueError("KizukiError without a problem")
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def exit_status(self) -> ExitStatus:
        """The status of the first problem's kind; missing protection flags (PROT) go before everything else."""
        if any(problem.kind == "PROT" for problem in self.problems):
            return ExitStatus.PROTECTION_MISSING
        return _STATUS_BY_KIND[self.problems[0].kind]
