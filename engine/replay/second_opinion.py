"""The outcome of a run's replay: who was judged again, where engines differ, what was not replayed and why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.kernel.truth import Truth
from engine.records.vocabulary import Vocabulary
from engine.replay.comparison import Difference
from engine.replay.verdict import ReplayVerdict, verdict_of
from engine.rulebook.language.printer import to_japanese


@dataclass(frozen=True)
class SecondOpinion:
    """What the engines said of the children on the list (`listed`) and of some who are not (`sampled`).

    `engine`: name and version of the second engine, empty if it was not there (`unavailable` says why). `compared`: sentences and
    scenarios on which at least two engines were compared. `differences`: by child key, only children with any. `not_replayed`:
    child key to reason; `left_out`: 番号 of a scenario that cannot be said to the second engine, to the reason. `start_up_ms`, `replay_ms`:
    what the second engine took.
    """

    listed: tuple[str, ...]
    sampled: tuple[str, ...]
    compared: int
    differences: Mapping[str, tuple[Difference, ...]]
    engine: str = ""
    unavailable: str = ""
    not_replayed: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    start_up_ms: int = 0
    replay_ms: int = 0

    @property
    def verdict(self) -> ReplayVerdict:
        """What the run may say of itself."""
        return verdict_of(
            performed=bool(self.engine),
            differs=bool(self.differences),
            unanswered=bool(self.not_replayed or self.left_out),
        )

    @property
    def must_be_read(self) -> bool:
        """Whether there is anything for the error sheet: engines that differ, or that left a question unanswered."""
        return bool(self.differences or self.not_replayed or self.left_out)

    @property
    def disagreeing(self) -> tuple[str, ...]:
        """Children on the list about whom engines differ: nobody knows which answer is right, so they are not printed."""
        return tuple(key for key in self.listed if key in self.differences)

    def note(self) -> str:
        """The verdict explained in a sentence or two, for the cover and the screen."""
        not_done = "" if self.engine else f"別の仕組みによる再計算は行っていません({self.unavailable.rstrip('。')})。"
        if not_done and not self.differences:
            return not_done
        whom = f"一覧の{len(self.listed):,}人と、それ以外から無作為に選んだ{len(self.sampled):,}人"
        if self.differences:
            listed = len(self.disagreeing)
            others = len(self.differences) - listed
            parts = [
                f"一覧に載るはずの{listed}人は世帯ごと外しました" if listed else "",
                f"一覧にないこども{others}人" if others else "",
            ]
            found = (
                f"{whom}のうち{len(self.differences)}人で答えか根拠が食い違いました({'、'.join(filter(None, parts))})。"
            )
            return found + (
                not_done or (f"{self._not_replayed()}は再計算できませんでした。" if self._not_replayed() else "")
            )
        if self._not_replayed():
            return (
                f"{whom}を確かめましたが、{self._not_replayed()}は再計算できませんでした。ほかに食い違いはありません。"
            )
        return f"{whom}について、別の仕組みでも同じ答えと根拠になりました。"

    def _not_replayed(self) -> str:
        what = [
            f"こども{len(self.not_replayed):,}人" if self.not_replayed else "",
            f"シナリオ{len(self.left_out)}件" if self.left_out else "",
        ]
        return "と".join(filter(None, what))

    def for_record(self, vocabulary: Vocabulary) -> Mapping[str, Any]:
        """As the run record keeps it: pseudonyms, numbers and words, no float and no time."""
        return {
            "verdict": self.verdict.value,
            "engine": self.engine or None,
            "unavailable": self.unavailable or None,
            "limits": list(self.limits),
            "listed": list(self.listed),
            "sampled": list(self.sampled),
            "compared": self.compared,
            "not_replayed": dict(sorted(self.not_replayed.items())),
            "left_out": dict(sorted(self.left_out.items())),
            "differences": {
                key: [_difference(one, vocabulary) for one in found] for key, found in sorted(self.differences.items())
            },
        }


def sample_of(children: Iterable[str], run_id: str, size: int) -> tuple[str, ...]:
    """`size` of the children by chance, the same for everybody who asks for this run: those with the smallest hash of run and key."""
    drawn = sorted(children, key=lambda key: hashlib.sha256(f"{run_id}/{key}".encode()).digest())
    return tuple(sorted(drawn[:size]))


def _difference(difference: Difference, vocabulary: Vocabulary) -> Mapping[str, Any]:
    subject = difference.subject
    return {
        "subject": subject if isinstance(subject, str) else to_japanese(subject, vocabulary),
        "point": difference.point,
        "said": {
            name: said.mark if isinstance(said, Truth) else sorted(said) for name, said in difference.said.items()
        },
    }
