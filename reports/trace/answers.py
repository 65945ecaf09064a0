"""What a record holds of one child: tier, scenarios and numbered sentences, and what they make of each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.audit.run_record import RunRecord
from engine.kernel import truth as kleene
from engine.kernel.truth import Truth
from engine.records.case import Tier
from engine.records.outline import OutlineLine, ScenarioOutline
from engine.records.score import Band, Score
from engine.tiers.week_scores import WeekScores, recorded_scores
from reports.trace.traced import Outcome

Answers = Callable[[OutlineLine], Truth]


@dataclass(frozen=True)
class Judged:
    """One child's row of decisions. `sentences`: truth by number; empty in a record that did not keep them.
    `scores`: by type, without reasons; empty where no model was used."""

    child_key: str
    household_key: str
    tier: Tier
    points: int
    type_tiers: Mapping[str, Tier]
    scenarios: Mapping[str, tuple[Truth, Truth]]
    sentences: Mapping[int, Truth]
    scores: Mapping[str, Score] = field(default_factory=dict)

    @property
    def bands(self) -> Mapping[str, Band]:
        """The bands of the model's scores by type."""
        return {kind: score.band for kind, score in self.scores.items()}

    def outcome(self, scenario_id: str) -> Outcome:
        """The scenario's result as recorded."""
        return outcome_of(*self.scenarios[scenario_id])

    def line(self, line: OutlineLine) -> Truth:
        """The truth of a line, groups made up from their sentences."""
        return truth_of(line, lambda sentence: self.sentences[sentence.number])

    @property
    def hits(self) -> tuple[str, ...]:
        """The scenarios that count towards the tier."""
        return tuple(each for each in self.scenarios if self.outcome(each) == "該当")


def outcome_of(truth: Truth, cancelled: Truth) -> Outcome:
    """A scenario's result in the words of every sheet; an unknown cancel does not cancel."""
    if truth is Truth.NOT_MET:
        return "非該当"
    if cancelled is Truth.MET:
        return "打ち消し"
    return "該当" if truth is Truth.MET else "不明"


def truth_of(line: OutlineLine, answer: Answers) -> Truth:
    """The truth of a line from those of its sentences."""
    if line.kind == "文":
        return answer(line)
    parts = [truth_of(part, answer) for part in line.parts]
    if line.kind == "すべて":
        return kleene.all_of(parts)
    if line.kind == "いずれか":
        return kleene.any_of(parts)
    if line.kind == "次でない":
        return ~parts[0]
    return kleene.at_least(line.needed, parts)


def scenario_truth(outline: ScenarioOutline, answer: Answers) -> tuple[Truth, Truth]:
    """Whether a scenario is met (対象 and 条件), and whether it is cancelled."""
    met = kleene.all_of(truth_of(line, answer) for line in (outline.target, outline.condition))
    return met, kleene.any_of(truth_of(line, answer) for line in outline.cancels)


class Answered:
    """The decisions and sentences of a run, opened once; children are taken out one by one."""

    def __init__(self, run: RunRecord) -> None:
        self.run = run
        self._decisions = run.decisions()
        self._conditions = run.conditions() if run.is_complete else None
        self.keys: Sequence[str] = self._decisions.column("child_key").to_pylist()
        self.households: Sequence[str] = self._decisions.column("household_key").to_pylist()
        self.outlines = run.outlines() if run.is_complete else ()

    def keys_like(self, wanted: str) -> list[str]:
        """Keys of the children whose key or household's key begins with the text."""
        pairs = zip(self.keys, self.households, strict=True)
        return [key for key, home in pairs if key.startswith(wanted) or home.startswith(wanted)]

    def child(self, key: str) -> Judged:
        """One child's answers. Raises KeyError for a key that was not judged."""
        if key not in self._position:
            raise KeyError(key)
        i = self._position[key]
        row: dict[str, Any] = self._decisions.slice(i, 1).to_pylist()[0]
        scenarios = [name.removesuffix("_cancelled") for name in row if name.endswith("_cancelled")]
        return Judged(
            key,
            row["household_key"],
            Tier(row["tier"]),
            row["points"],
            {name.removeprefix("tier_"): Tier(row[name]) for name in row if name.startswith("tier_")},
            {each: (_truth(row[each]), _truth(row[f"{each}_cancelled"])) for each in scenarios},
            dict(self._sentences(i, key)),
            self.scores.of(key) if self.scores is not None else {},
        )

    @cached_property
    def scores(self) -> WeekScores | None:
        """The model's scores of everybody; None where the rules alone decided. Raises KizukiError E-STORE-21 where they are damaged."""
        scores = recorded_scores(self.run)
        if scores is not None and list(scores.child_keys) != list(self.keys):
            raise AssertionError("scores.parquet holds other children than decisions.parquet")
        return scores

    @cached_property
    def tiers(self) -> Mapping[str, Tier]:
        """The tier of every child that was judged."""
        return dict(zip(self.keys, map(Tier, self._decisions.column("tier").to_pylist()), strict=True))

    @cached_property
    def _position(self) -> Mapping[str, int]:
        return {key: i for i, key in enumerate(self.keys)}

    def _sentences(self, i: int, key: str) -> Iterator[tuple[int, Truth]]:
        if self._conditions is None:
            return
        row = self._conditions.slice(i, 1).to_pylist()[0]
        if row.pop("child_key") != key:
            raise AssertionError("conditions.parquet holds other children than decisions.parquet")
        for name, value in row.items():
            yield int(name.removeprefix("c")), _truth(value)


def _truth(value: int | None) -> Truth:
    return Truth(None if value is None else bool(value))
