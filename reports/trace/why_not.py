"""Why a tier is not higher: for every scenario that does not count, the fewest sentences that would have to be otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.kernel.truth import Truth
from engine.records.case import Strength
from engine.records.outline import OutlineLine, ScenarioOutline
from engine.tiers.policy import TierPolicy
from reports.trace.answers import Judged
from reports.trace.tier_steps import tier_with
from reports.trace.traced import TracedChild, TracedLine, TracedScenario, WayToHit, WhyNot

_STRENGTH = {"強": 0, "中": 1, "弱": 2}


@dataclass(frozen=True)
class Step:
    """What a sentence would have to be. `fixed`: it is known, and only describes the child: nobody changes an age."""

    wanted: Truth
    fixed: bool


_Needed = dict[int, Step]


def explain_why_not(
    child: TracedChild,
    judged: Judged,
    outlines: Sequence[ScenarioOutline],
    hits: Sequence[tuple[str, str, Strength]],
    policy: TierPolicy | None,
    in_full: int,
) -> WhyNot:
    """Nearest first: fewest sentences that only describe the child, fewest sentences, fewest that are known, then the strongest scenario.

    A sentence is counted once however often it is written. Whether the sentences could come about together is not asked. Scenarios whose
    対象 is known not to be this child are only named.
    """
    by_id = {outline.id: outline for outline in outlines}
    ways = []
    for scenario in child.scenarios:
        if scenario.outcome == "該当" or scenario.in_target is Truth.NOT_MET:
            continue
        ways.append(_way(scenario, by_id[scenario.id], judged, hits, policy))
    ways.sort(key=lambda way: _nearness(by_id[way.scenario.id], judged))
    out = [o.id for o in outlines if judged.line(o.target) is Truth.NOT_MET]
    return WhyNot(child.child_key, child.tier, child.standing, tuple(ways), tuple(out), in_full)


def nearest(outlines: Sequence[ScenarioOutline], judged: Judged) -> tuple[str, ...]:
    """The scenarios that do not count, nearest first, without those whose 対象 is known not to be this child."""
    open_ = [o for o in outlines if judged.outcome(o.id) != "該当" and judged.line(o.target) is not Truth.NOT_MET]
    return tuple(o.id for o in sorted(open_, key=lambda o: _nearness(o, judged)))


def _nearness(outline: ScenarioOutline, judged: Judged) -> tuple[int, int, int, int, str]:
    needed = needed_sentences(outline, judged)
    fixed = sum(step.fixed for step in needed.values())
    return fixed, len(needed), _known_in(needed, judged), _STRENGTH[outline.strength], outline.id


def _known_in(part: Mapping[int, Step], judged: Judged) -> int:
    return sum(judged.sentences[number] is not Truth.UNKNOWN for number in part)


def _way(
    scenario: TracedScenario,
    outline: ScenarioOutline,
    judged: Judged,
    hits: Sequence[tuple[str, str, Strength]],
    policy: TierPolicy | None,
) -> WayToHit:
    needed = needed_sentences(outline, judged)
    lines = {line.number: line for line in reversed(scenario.lines) if line.number}
    cancelling = {line.number for c in outline.cancels if judged.line(c) is Truth.MET for line in c.sentences()}
    return WayToHit(
        scenario=scenario,
        lines=tuple(lines[number] for number in needed),
        wanted=tuple(step.wanted for step in needed.values()),
        cancels=tuple(_once(line for line in scenario.lines if line.number in cancelling and line.truth is Truth.MET)),
        fixed=sum(step.fixed for step in needed.values()),
        tier=tier_with(hits, (scenario.id, scenario.hardship_type, scenario.strength), policy, judged.bands) if policy else None,
    )


def needed_sentences(outline: ScenarioOutline, judged: Judged) -> Mapping[int, Step]:
    """The nearest way to a hit: for each sentence, by number, what it would have to be. Empty where the scenario counts."""
    needed = _needed(OutlineLine("すべて", "すべて", parts=(outline.target, outline.condition)), Truth.MET, judged)
    cancels = [cancel for cancel in outline.cancels if judged.line(cancel) is Truth.MET]
    return _merged((needed, *(_needed(cancel, Truth.NOT_MET, judged) for cancel in cancels)))


def _once(lines: Iterable[TracedLine]) -> Iterable[TracedLine]:
    return {line.number: line for line in lines}.values()


def _needed(line: OutlineLine, wanted: Truth, judged: Judged) -> _Needed:
    """The smallest known set of sentences that, answered otherwise, give the line this truth; empty if it has it."""
    if judged.line(line) is wanted:
        return {}
    if line.kind == "文":
        return {line.number: Step(wanted, line.describes and judged.line(line) is not Truth.UNKNOWN)}
    if line.kind == "次でない":
        return _needed(line.parts[0], ~wanted, judged)
    parts = [_needed(part, wanted, judged) for part in line.parts]
    count = {"すべて": len(parts), "いずれか": 1, "n以上": line.needed}[line.kind]
    if wanted is Truth.NOT_MET:  # enough parts must fail that the rest no longer suffices
        count = len(parts) - count + 1
    parts.sort(key=lambda part: (sum(step.fixed for step in part.values()), len(part), _known_in(part, judged)))
    return _merged(parts[:count])


def _merged(parts: Iterable[_Needed]) -> _Needed:
    merged: _Needed = {}
    for part in parts:
        merged.update(part)
    return dict(sorted(merged.items()))
