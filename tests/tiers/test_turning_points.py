"""What one answer would change: every claim is exactly what judging all over again gives, and none is missing."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.kernel import truth as kleene
from engine.kernel.truth import Truth
from engine.records.case import HARDSHIP_LABELS, HardshipType, Strength, Tier, TurningPoint
from engine.records.outline import OutlineLine, ScenarioOutline
from engine.records.score import Band
from engine.tiers.decide import ScenarioInfo, decide
from engine.tiers.policy import BANDS, TierPolicy, load_policy
from engine.tiers.turning import turning_points

POLICY = load_policy(Path(__file__).parents[2] / "rulebooks" / "tiers.yaml")
MET, NOT_MET, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN
AGE = OutlineLine("年齢が18歳未満", number=1, describes=True)


def line(number: int, text: str = "", **said: object) -> OutlineLine:
    return OutlineLine(text or f"文{number}", number=number, **said)  # type: ignore[arg-type]


def all_of(*parts: OutlineLine) -> OutlineLine:
    return OutlineLine("すべて", "すべて", parts=parts)


def scenario(
    key: str,
    condition: OutlineLine,
    *cancels: OutlineLine,
    kind: HardshipType = "poverty",
    strength: Strength = "強",
    target: OutlineLine = AGE,
) -> ScenarioOutline:
    return ScenarioOutline(key, kind, key, "", strength, "", "f.yaml", 1, 1, target, condition, cancels)


def told(points: Sequence[TurningPoint]) -> list[tuple[int, str, str, str]]:
    return [(p.number, p.now.mark, p.would_be.mark, p.tier.mark) for p in points]


def test_one_known_answer_would_lift_or_lower() -> None:
    """A child in ② by one strong hit: the hit's own sentence lowers, the one that a second strong scenario lacks lifts."""
    outlines = [scenario("PV-01", line(2)), scenario("PV-02", all_of(line(3), line(4)))]
    points = turning_points(outlines, {1: MET, 2: MET, 3: MET, 4: NOT_MET}, POLICY)
    assert told(points) == [(4, "×", "○", "①"), (2, "○", "×", "③")]
    assert [point.scenario_ids for point in points] == [("PV-02",), ("PV-01",)]


def test_an_age_that_is_known_is_no_turning_point_but_one_that_is_unknown_is() -> None:
    """Nobody changes an age; but where the birth date is unknown, finding it out may decide."""
    outlines = [scenario("PV-01", line(2))]
    assert told(turning_points(outlines, {1: NOT_MET, 2: MET}, POLICY)) == []
    assert told(turning_points(outlines, {1: UNKNOWN, 2: MET}, POLICY)) == [(1, "?", "○", "②")]


def test_what_would_change_the_tier_comes_before_what_would_change_a_scenario() -> None:
    """Two unknowns: one completes a weak scenario and leaves the tier, one a strong one; the strong one is asked first."""
    outlines = [scenario("PV-01", line(2), strength="弱"), scenario("PV-02", line(3))]
    assert told(turning_points(outlines, {1: MET, 2: UNKNOWN, 3: UNKNOWN}, POLICY)) == [
        (3, "?", "○", "②"),
        (2, "?", "○", "③"),
    ]


def test_an_answer_goes_through_a_scenario_that_refers_to_another() -> None:
    """The support that would cancel one scenario takes the hit from the one that refers to it as well."""
    refers = line(5, refers_to="PV-01")
    outlines = [scenario("PV-02", all_of(line(3), refers), kind="abuse"), scenario("PV-01", line(2), line(4))]
    [lower] = [p for p in turning_points(outlines, {1: MET, 2: MET, 3: MET, 4: UNKNOWN}, POLICY) if p.number == 4]
    assert (lower.would_be, lower.tier, lower.scenario_ids) == (MET, Tier.NO_ACTION, ("PV-02", "PV-01"))


def test_what_follows_from_an_answer_is_supposed_with_it() -> None:
    """20 days absent are 10 days absent: the scenario that wants 20 days and not 10 can never be claimed."""
    ten, twenty = line(2, "10日以上"), line(3, "20日以上", if_met=(2,))
    impossible = all_of(twenty, OutlineLine("次でない", "次でない", parts=(ten,)))
    outlines = [scenario("PV-01", impossible), scenario("PV-02", all_of(ten, twenty))]
    points = turning_points(outlines, {1: MET, 2: NOT_MET, 3: NOT_MET}, POLICY)
    assert [(p.number, p.scenario_ids) for p in points] == [(3, ("PV-02",))]


def test_an_unknown_is_not_supposed_against_what_is_known() -> None:
    """Known to be absent for less than 10 days, nobody need ask whether it were 20."""
    ten, twenty = line(2, "10日以上"), line(3, "20日以上", if_met=(2,))
    outlines = [scenario("PV-01", OutlineLine("いずれか", "いずれか", parts=(ten, twenty)))]
    points = turning_points(outlines, {1: MET, 2: NOT_MET, 3: UNKNOWN}, POLICY)
    assert [(p.number, p.would_be) for p in points] == [(2, MET)]


def test_of_known_answers_the_nearest_is_told() -> None:
    """Where 2 months in arrears would do as well as 3, the 2 months are the turning point."""
    two, three = line(2, "2か月以上"), line(3, "3か月以上", if_met=(2,))
    outlines = [scenario("PV-01", two), scenario("AB-01", three, kind="abuse", strength="弱")]
    assert told(turning_points(outlines[:1], {1: MET, 2: NOT_MET, 3: NOT_MET}, POLICY)) == [(2, "×", "○", "②")]
    both = OutlineLine("いずれか", "いずれか", parts=(three, two))
    assert told(turning_points([scenario("PV-01", both)], {1: MET, 2: NOT_MET, 3: NOT_MET}, POLICY)) == [
        (2, "×", "○", "②")
    ]


def test_two_sentences_that_say_the_same_are_told_once() -> None:
    """受けている and 受けていない are one answer, written twice: one turning point, not two and not none."""
    has, has_not = (
        line(2, "受けている", if_met=(-3,), if_not_met=(3,)),
        line(3, "受けていない", if_met=(-2,), if_not_met=(2,)),
    )
    outlines = [scenario("PV-01", OutlineLine("次でない", "次でない", parts=(has,))), scenario("PV-02", has_not)]
    assert told(turning_points(outlines, {1: MET, 2: MET, 3: NOT_MET}, POLICY)) == [(2, "○", "×", "①")]


def test_two_unknowns_that_decide_only_together_are_told_as_a_pair() -> None:
    """Where no unknown alone would give another tier, those two that would are named together."""
    points = turning_points([scenario("PV-01", all_of(line(2), line(3)))], {1: MET, 2: UNKNOWN, 3: UNKNOWN}, POLICY)
    [pair] = points
    assert (pair.number, pair.would_be, pair.tier) == (2, MET, Tier.INQUIRY)
    assert [(other.number, other.now, other.would_be) for other in pair.also] == [(3, UNKNOWN, MET)]


# ── against brute force ──

SENTENCES = range(1, 9)


@st.composite
def groups(draw: st.DrawFn, leaves: st.SearchStrategy[OutlineLine], depth: int = 2) -> OutlineLine:
    if depth == 0 or draw(st.booleans()):
        return draw(leaves)
    kind = draw(st.sampled_from(("すべて", "いずれか", "次でない", "n以上")))
    size = 1 if kind == "次でない" else draw(st.integers(1, 3))
    parts = tuple(draw(groups(leaves, depth - 1)) for _ in range(size))
    return OutlineLine(kind, kind, parts=parts, needed=draw(st.integers(1, size)) if kind == "n以上" else 0)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[ScenarioOutline], dict[int, Truth], TierPolicy, dict[str, Band]]:
    """Scenarios that share sentences and refer to earlier ones, in any order; truths; the policy, with other points at ①; a model's bands."""
    others = st.sampled_from(SENTENCES)
    follows = st.lists(st.tuples(others, st.sampled_from((1, -1))), max_size=2)
    said = {}
    for number in SENTENCES:
        met, not_met = ([(n * sign) for n, sign in draw(follows) if n != number] for _ in range(2))
        if draw(st.booleans()):
            met, not_met = [], []
        said[number] = line(
            number, describes=draw(st.integers(0, 5)) == 0, if_met=tuple(met), if_not_met=tuple(not_met)
        )
    outlines: list[ScenarioOutline] = []
    number = max(SENTENCES)
    for place in range(draw(st.integers(1, 6))):
        leaves = list(said.values())
        for earlier in outlines[-2:]:
            for positive in (True, False):
                number += 1
                leaves.append(line(number, refers_to=earlier.id, refers_positive=positive))
        chosen = groups(st.sampled_from(leaves))
        outlines.append(
            scenario(
                f"S-{place}",
                draw(chosen),
                *draw(st.lists(chosen, max_size=2)),
                kind=draw(st.sampled_from(tuple(HARDSHIP_LABELS)[:3])),  # type: ignore[arg-type]
                strength=draw(st.sampled_from(("強", "強", "中", "弱"))),
                target=draw(st.sampled_from(list(said.values()))),
            )
        )
    truths = {number: draw(st.sampled_from((MET, NOT_MET, UNKNOWN, UNKNOWN))) for number in SENTENCES}
    policy = TierPolicy(
        **{
            **vars(POLICY),
            "overlap_count": draw(st.integers(2, 3)),
            "always_active": frozenset(draw(st.lists(st.sampled_from([o.id for o in outlines]), max_size=1))),
        }
    )
    bands = draw(st.dictionaries(st.sampled_from(tuple(HARDSHIP_LABELS)[:4]), st.sampled_from(BANDS)))
    return draw(st.permutations(outlines)), truths, policy, bands


class BruteForce:
    """Judges everything anew for each supposition, with the kernel's logic and the bulk decision on tiers."""

    def __init__(
        self,
        outlines: Sequence[ScenarioOutline],
        truths: Mapping[int, Truth],
        policy: TierPolicy,
        bands: Mapping[str, Band],
    ) -> None:
        self.outlines, self.truths, self.policy = outlines, truths, policy
        self.bands = {kind: np.array([BANDS.index(band)]) for kind, band in bands.items()}
        self.by_id = {outline.id: outline for outline in outlines}
        self.lines = {line.number: line for outline in outlines for line in outline.sentences()}
        self.answerable = sorted(n for n, line in self.lines.items() if line.refers_to is None)

    def truth(self, line: OutlineLine, truths: Mapping[int, Truth]) -> Truth:
        if line.refers_to is not None:
            met, cancelled = self.result(self.by_id[line.refers_to], truths)
            stands = NOT_MET if cancelled is MET else met
            return stands if line.refers_positive else ~stands
        parts = [self.truth(part, truths) for part in line.parts]
        match line.kind:
            case "文":
                return truths[line.number]
            case "すべて":
                return kleene.all_of(parts)
            case "いずれか":
                return kleene.any_of(parts)
            case "次でない":
                return ~parts[0]
            case "n以上":
                return kleene.at_least(line.needed, parts)

    def result(self, outline: ScenarioOutline, truths: Mapping[int, Truth]) -> tuple[Truth, Truth]:
        met = self.truth(outline.target, truths) & self.truth(outline.condition, truths)
        return met, kleene.any_of(self.truth(cancel, truths) for cancel in outline.cancels)

    def outcome(self, supposed: Mapping[int, Truth]) -> tuple[frozenset[str], Tier]:
        truths = {**self.truths, **supposed}
        hits = set()
        for outline in self.outlines:
            met, cancelled = self.result(outline, truths)
            if met is MET and cancelled is not MET:
                hits.add(outline.id)
        infos = [ScenarioInfo(o.id, o.hardship_type, o.strength) for o in self.outlines]
        arrays = {o.id: np.array([o.id in hits]) for o in self.outlines}
        return frozenset(hits), Tier(int(decide(arrays, infos, self.policy, 1, self.bands).tier[0]))

    def supposed(self, *answers: tuple[int, Truth]) -> dict[int, Truth] | None:
        """The answers and all that follows from them; None where it cannot be."""
        supposed: dict[int, Truth] = {}
        todo = list(answers)
        while todo:
            number, answer = todo.pop()
            if supposed.setdefault(number, answer) is not answer:
                return None
            line = self.lines[number]
            for following in line.if_met if answer is MET else line.if_not_met:
                other = self.lines.get(abs(following))
                if other is not None and (abs(following), MET if following > 0 else NOT_MET) not in supposed.items():
                    todo.append((abs(following), MET if following > 0 else NOT_MET))
        return supposed

    def possible(self, *answers: tuple[int, Truth]) -> dict[int, Truth] | None:
        """As `supposed`; None also where unknown answers contradict what is known."""
        supposed = self.supposed(*answers)
        if supposed is None or all(self.truths[number] is not UNKNOWN for number, _ in answers):
            return supposed
        against = any(self.truths[number] not in (UNKNOWN, answer) for number, answer in supposed.items())
        return None if against else supposed


@settings(max_examples=400, deadline=None)
@given(worlds())
def test_every_claim_is_what_judging_anew_gives_and_none_is_missing(
    world: tuple[list[ScenarioOutline], dict[int, Truth], TierPolicy, dict[str, Band]],
) -> None:
    """For random scenarios, answers and policy: what is told of one answer, or two, is so; what is so is told."""
    outlines, truths, policy, bands = world
    brute = BruteForce(outlines, truths, policy, bands)
    points = turning_points(outlines, truths, policy, bands)
    hits, tier = brute.outcome({})

    def effect(supposed: Mapping[int, Truth]) -> tuple[frozenset[str], Tier]:
        then, tier_then = brute.outcome(supposed)
        return hits ^ then, tier_then

    told: dict[frozenset[tuple[int, Truth]], tuple[frozenset[str], Tier]] = {}
    for point in points:
        answers = [(each.number, each.would_be) for each in (point, *point.also)]
        assert all(each.now is truths[each.number] is not each.would_be for each in (point, *point.also))
        supposed = brute.possible(*answers)
        assert supposed is not None
        told[frozenset(answers)] = (frozenset(point.scenario_ids), point.tier)
        assert effect(supposed) == told[frozenset(answers)]
        assert point.scenario_ids
    assert len(told) == len(points)

    weighing = {line.number for o in outlines for part in (o.condition, *o.cancels) for line in part.sentences()}
    unknown_decides = False
    for number, answer in itertools.product(brute.answerable, (MET, NOT_MET)):
        now = truths[number]
        supposed = brute.possible((number, answer))
        if answer is now or supposed is None:
            continue
        change, tier_then = effect(supposed)
        is_told = frozenset([(number, answer)]) in told
        if now is UNKNOWN:
            assert is_told == bool(change)
            unknown_decides |= tier_then is not tier
        elif number not in weighing or brute.lines[number].describes or tier_then is tier:
            assert not is_told
        else:  # it, or a nearer one that follows from it and changes the same
            follows = [frozenset([each]) for each in supposed.items()]
            assert any(told.get(each) == (change, tier_then) for each in follows)

    pairs = {answers for answers in told if len(answers) == 2}
    unknown = [(n, a) for n in brute.answerable if truths[n] is UNKNOWN for a in (MET, NOT_MET)]
    expected = set()
    if not unknown_decides:
        for one, other in itertools.combinations(unknown, 2):
            each_possible = brute.possible(one) is not None and brute.possible(other) is not None
            supposed = brute.possible(one, other)
            if one[0] != other[0] and each_possible and supposed is not None and effect(supposed)[1] is not tier:
                expected.add(frozenset((one, other)))
    assert pairs == expected

    kinds = [2 if p.also else 0 if p.tier is not tier else 1 for p in points]
    assert kinds == sorted(kinds)
