"""What changed between two runs, for one child and for the whole list, and why (`grounds.py`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.kernel.errors import KizukiError
from engine.kernel.truth import Truth
from engine.records.case import HARDSHIP_LABELS, Fact, Tier
from engine.records.outline import ScenarioOutline
from engine.records.score import Band
from reports.trace.answers import Judged
from reports.trace.grounds import Grounds, grounds, text_of
from reports.trace.make import Tracer, is_case_number, nobody
from reports.trace.scenarios import flattened
from reports.trace.standing import find_case, find_child, standing
from reports.trace.traced import Outcome, Part
from reports.wording import without_origin

Moved = Literal["加わった", "外れた", "①に上がった", "②に下がった"]


@dataclass(frozen=True)
class SentenceChange:
    """A sentence of a scenario that is answered otherwise; `now` or `then` None where the sentence is in one run only."""

    part: Part
    text: str
    then: Truth | None
    now: Truth | None


@dataclass(frozen=True)
class ScenarioChange:
    """A scenario whose result or sentences differ. An outcome is None where the run did not judge the scenario."""

    id: str
    name: str
    then: Outcome | None
    now: Outcome | None
    sentences: tuple[SentenceChange, ...]
    rule_changed: bool


@dataclass(frozen=True)
class Side:
    """One child in one run; `tier` None: not judged there. `types`: tiers by type, ③ left out; `bands`: of the model's scores by
    type, なし left out."""

    run_id: str
    tier: Tier | None
    household_key: str
    standing: str
    types: Mapping[str, Tier]
    bands: Mapping[str, Band] = field(default_factory=dict)


@dataclass(frozen=True)
class ChildDifference:
    """What changed for one child. `facts_known`: the child is on both lists, so that their facts can be compared."""

    child_key: str
    then: Side
    now: Side
    scenarios: tuple[ScenarioChange, ...]
    facts_came: tuple[str, ...]
    facts_went: tuple[str, ...]
    facts_known: bool
    grounds: Grounds


@dataclass(frozen=True)
class HouseholdMove:
    """A household that came onto the list, left it, or changed its tier there. `why`: where it is in the other run, in words."""

    household_key: str
    kind: Moved
    then: Tier | None
    now: Tier | None
    why: str


@dataclass(frozen=True)
class ListDifference:
    """What changed for everyone. `moves`: children by tier then and now (None: not judged); `households`: of the printed lists."""

    run_ids: tuple[str, str]
    listed: tuple[int, int]
    moves: Mapping[tuple[Tier | None, Tier | None], int]
    households: tuple[HouseholdMove, ...]
    unchanged: int
    grounds: Grounds


class Difference:
    """Two runs, opened; the second is taken as the later one."""

    def __init__(self, then: Tracer, now: Tracer) -> None:
        self._then, self._now = then, now
        self.grounds = grounds(then, now)

    def of_children(self, wanted: str) -> Iterator[ChildDifference]:
        """What changed for each child meant in either run; a case number is that of the second.

        Raises KizukiError E-RUN-02 where nobody is meant in either.
        """
        keys = dict.fromkeys(self._now.found(wanted))
        if not is_case_number(wanted):
            keys |= dict.fromkeys(self._then.found(wanted))
        if not keys:
            raise KizukiError(nobody(f"{self._then.run.run_id}・{self._now.run.run_id}"))
        for key in keys:
            yield self._child(key)

    def of_list(self) -> ListDifference:
        """What changed for the whole list."""
        then, now = self._then.answered.tiers, self._now.answered.tiers
        moves: dict[tuple[Tier | None, Tier | None], int] = {}
        for key in {*then, *now}:
            step = (then.get(key), now.get(key))
            moves[step] = moves.get(step, 0) + 1
        before = {case.household_key: case for case in self._then.casebook.cases}
        after = {case.household_key: case for case in self._now.casebook.cases}
        households = []
        unchanged = 0
        for key in sorted({*before, *after}):
            old, new = before.get(key), after.get(key)
            if old and new and old.tier == new.tier:
                unchanged += 1
                continue
            households.append(self._move(key, old.tier if old else None, new.tier if new else None))
        return ListDifference(
            (self._then.run.run_id, self._now.run.run_id),
            (len(before), len(after)),
            dict(sorted(moves.items(), key=lambda item: tuple(tier or 9 for tier in item[0]))),
            tuple(households),
            unchanged,
            self.grounds,
        )

    def _move(self, key: str, then: Tier | None, now: Tier | None) -> HouseholdMove:
        if then is None:
            return HouseholdMove(key, "加わった", then, now, self._where(self._then, key))
        if now is None:
            return HouseholdMove(key, "外れた", then, now, self._where(self._now, key))
        return HouseholdMove(key, "①に上がった" if now < then else "②に下がった", then, now, "")

    def _where(self, tracer: Tracer, household_key: str) -> str:
        keys = [
            k for k, home in zip(tracer.answered.keys, tracer.answered.households, strict=True) if home == household_key
        ]
        if not keys:
            return "この世帯のこどもは判定されていません(転出・世帯の異動・年齢など)。"
        child = min((tracer.answered.child(key) for key in keys), key=lambda each: each.tier)
        return standing(tracer.answered, tracer.casebook, child, None)

    def _child(self, key: str) -> ChildDifference:
        sides, judged, facts = [], [], []
        for tracer in (self._then, self._now):
            child = tracer.answered.child(key) if key in tracer.answered.tiers else None
            judged.append(child)
            sides.append(_side(tracer, child))
            facts.append(_facts(tracer, child))
        came: tuple[str, ...] = ()
        went: tuple[str, ...] = ()
        if facts[0] is not None and facts[1] is not None:
            came = tuple(text for text in facts[1] if text not in facts[0])
            went = tuple(text for text in facts[0] if text not in facts[1])
        return ChildDifference(
            child_key=key,
            then=sides[0],
            now=sides[1],
            scenarios=tuple(self._scenarios(judged[0], judged[1])),
            facts_came=came,
            facts_went=went,
            facts_known=None not in facts,
            grounds=self.grounds,
        )

    def _scenarios(self, then: Judged | None, now: Judged | None) -> Iterator[ScenarioChange]:
        if then is None or now is None:
            return
        old = {outline.id: outline for outline in self._then.answered.outlines}
        new = {outline.id: outline for outline in self._now.answered.outlines}
        names = {**self._then.run.manifest["scenarios"], **self._now.run.manifest["scenarios"]}
        for scenario in sorted({*then.scenarios, *now.scenarios}):
            outcomes = [side.outcome(scenario) if scenario in side.scenarios else None for side in (then, now)]
            was, is_now = old.get(scenario), new.get(scenario)
            sentences = tuple(_sentences(was, then, is_now, now)) if was and is_now else ()
            if outcomes[0] != outcomes[1] or sentences:
                yield ScenarioChange(
                    scenario,
                    names[scenario]["name"],
                    outcomes[0],
                    outcomes[1],
                    sentences,
                    bool(was and is_now and text_of(was) != text_of(is_now)) or None in outcomes,
                )


def _sentences(was: ScenarioOutline, then: Judged, is_now: ScenarioOutline, now: Judged) -> Iterator[SentenceChange]:
    before = _answers(was, then)
    after = _answers(is_now, now)
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) is not after.get(key):
            yield SentenceChange(key[0], key[1], before.get(key), after.get(key))


def _answers(outline: ScenarioOutline, child: Judged) -> dict[tuple[Part, str], Truth]:
    return {(part, line.text): child.line(line) for part, _, line in flattened(outline) if line.kind == "文"}


def _side(tracer: Tracer, child: Judged | None) -> Side:
    if child is None:
        return Side(tracer.run.run_id, None, "", "この実行では判定されていません(転入前・転出後・年齢など)。", {})
    case = find_case(tracer.casebook, child.household_key)
    types = {kind: tier for kind, tier in child.type_tiers.items() if tier < Tier.NO_ACTION}
    return Side(
        tracer.run.run_id,
        child.tier,
        child.household_key,
        standing(tracer.answered, tracer.casebook, child, case),
        types,
        {kind: band for kind, band in child.bands.items() if band != "なし"},
    )


def _facts(tracer: Tracer, child: Judged | None) -> tuple[str, ...] | None:
    """The facts of a listed child as texts, without where they came from: every week delivers most of them anew."""
    listed = find_child(find_case(tracer.casebook, child.household_key), child.child_key) if child else None
    if listed is None:
        return None
    facts: list[Fact] = [*listed.supports]
    for result in listed.results:
        for sentence in (*result.sentences, *result.cancel_sentences):
            facts += sentence.facts
    return tuple(dict.fromkeys(f"{fact.subject} {without_origin(fact)}" for fact in facts))


def type_label(kind: str) -> str:
    """ヤングケアラー."""
    return HARDSHIP_LABELS.get(kind, kind)
