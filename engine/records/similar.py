"""Past households like one of today, as the conference reads of them: what was decided, what was done, how it went. Plain words, no measure of likeness."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class SimilarCase:
    """One past household. Its key is a pseudonym, and no name is rejoined; days are given as months.

    `alike`: concepts that speak for a difficulty in both, in a caseworker's words (出席, 家計), strongest first. `differing`: one that speaks for it in one of the two
    only; empty if none does. `in_words`: whether its consultation records use similar words; always False where the register does not permit the text.
    `decided`: the entry in the council's register, then later decisions of a conference. `course`: consultations meanwhile. `support`: what began meanwhile.
    `ended`: after how many months and why it was closed, or for how long it has been open.

    For whoever audits it: `hardship_type`, in whose model the two are compared; `child_key`, the past child that is nearest; `looked_at`, the day as of which that
    child is looked at; `distance`, between both explanations, in millionths of log odds. No paper of a conference shows them.
    """

    household_key: str
    child_key: str
    hardship_type: str
    looked_at: date
    distance: int
    alike: tuple[str, ...]
    differing: str
    in_words: bool
    decided: tuple[str, ...]
    course: tuple[str, ...]
    support: tuple[str, ...]
    ended: str

    @property
    def likeness(self) -> str:
        """「出席と家計の様子が近い」: in which respects it is like the household asked about, and in which it is not."""
        parts = [f"{_listed(self.alike)}の様子が近い"] if self.alike else []
        parts += ["相談の記録のことばが近い"] if self.in_words else []
        parts += [f"{self.differing}は違う"] if self.differing else []
        return "。".join(parts)


@dataclass(frozen=True)
class SimilarCases:
    """What is shown of one child of the list: some past households, nearest first, or none and `note` says why. `hardship_label`: in which respect they are like it."""

    child_key: str
    hardship_label: str
    cases: tuple[SimilarCase, ...]
    note: str


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else "、".join(words[:-1]) + "と" + words[-1]
