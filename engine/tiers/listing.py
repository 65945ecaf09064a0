"""The week's list: households in the order in which the conference takes them, with what changed since last week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from engine.records.case import Change, Tier
from engine.records.conference import PastDecision
from engine.tiers.standing import Conferences, Effect, effect_of, pair, was_on_the_list

_CHANGE_ORDER: dict[Change, int] = {"新規": 0, "上昇": 1, "低下": 2, "継続": 3, "見送り明け": 4}


@dataclass(frozen=True)
class ChildDecision:
    """One child's outcome this week. `hits` are the scenarios met and not cancelled; `rule_tier` is what the rules alone say (None: the same)."""

    child_key: str
    household_key: str
    tier: Tier
    points: int
    hits: frozenset[str]
    rule_tier: Tier | None = None

    @property
    def by_rules(self) -> Tier:
        """The tier without a model."""
        return self.tier if self.rule_tier is None else self.rule_tier


@dataclass(frozen=True)
class ListedHousehold:
    """One line of the list. `new_scenarios` are hits of its children that last week's run did not have.

    `back_because`: why a household that a conference had set aside is on the list again; empty for others.
    """

    household_key: str
    tier: Tier
    change: Change
    previous_tier: Tier | None
    points: int
    over_capacity: bool
    children: tuple[ChildDecision, ...]
    new_scenarios: tuple[str, ...]
    back_because: str = ""


@dataclass(frozen=True)
class SetApart:
    """A household in ① or ② that a conference has set aside, with its children and the decision. `until`: the day on which it comes back by itself."""

    household_key: str
    tier: Tier
    children: tuple[ChildDecision, ...]
    decision: PastDecision
    until: date | None


@dataclass(frozen=True)
class WeekList:
    """The printed list, what is waiting beyond it, who is set apart, and which households left it since last week.

    `waiting` counts households in tier ② that the weekly capacity leaves for a later week; ① is never cut. Every household with a child in ① or ② is in
    exactly one of the three. `dropped`: households of last week that have no child in ① or ② any more.
    """

    households: tuple[ListedHousehold, ...]
    waiting: int
    dropped: tuple[str, ...]
    apart: tuple[SetApart, ...] = ()


def list_households(
    decisions: Sequence[ChildDecision],
    previous: Sequence[ChildDecision] | None,
    capacity: int,
    conferences: Conferences | None = None,
) -> WeekList:
    """Order households with a child in tier ① or ②; `previous` holds last run's decisions, None on the first run.

    The household's tier is the most active of its children's. Inside ① those whom the rules alone put there come first, so that
    nobody whom a model raised takes their place in the conference. Then new, raised, lowered, unchanged, 見送り明け; then
    points; then key, so that equal input always gives the same order. All of ① is printed, and marked 超過 beyond
    `capacity`; ② fills what is left.

    `conferences`: what earlier ones decided. Whom they set aside leaves the room to others and stands in `apart`, in the order of tier, day of coming back,
    key. Whose day has come is 見送り明け on the first list after it; whom something new brings back is 上昇 or 新規, so that it is not taken last.
    """
    now = _by_household(decisions)
    before = _by_household(previous or ())
    standing = conferences.standing if conferences else {}
    apart: list[SetApart] = []
    lines: list[ListedHousehold] = []
    for key, children in now.items():
        line = _line(key, children, before.get(key), previous is not None)
        decision = standing.get(key)
        if conferences is None or decision is None:
            lines.append(line)
            continue
        effect = effect_of(decision, conferences.day, line.tier, _pairs(children), conferences.evidence)
        if effect.is_apart:
            apart.append(SetApart(key, line.tier, line.children, decision, effect.until))
        else:
            lines.append(_back(line, effect, decision, conferences, before.get(key)))
    lines.sort(
        key=lambda line: (
            line.tier,
            _raised_to_active(line),
            _CHANGE_ORDER[line.change],
            -line.points,
            line.household_key,
        )
    )
    active = [line for line in lines if line.tier is Tier.ACTIVE]
    inquiry = [line for line in lines if line.tier is Tier.INQUIRY]
    printed = [_over(line) if i >= capacity else line for i, line in enumerate(active)]
    room = max(0, capacity - len(active))
    dropped = tuple(sorted(key for key in before if key not in now))
    apart.sort(key=lambda each: (each.tier, each.until or date.max, each.household_key))
    return WeekList((*printed, *inquiry[:room]), max(0, len(inquiry) - room), dropped, tuple(apart))


def _raised_to_active(line: ListedHousehold) -> bool:
    """Whether a household is in ① only because a model raised one of its children."""
    return line.tier is Tier.ACTIVE and min(child.by_rules for child in line.children) is not Tier.ACTIVE


def _by_household(decisions: Sequence[ChildDecision]) -> Mapping[str, list[ChildDecision]]:
    """Households with at least one child in ① or ②, each with all its children that have a hit, most active first."""
    households: dict[str, list[ChildDecision]] = {}
    for decision in decisions:
        households.setdefault(decision.household_key, []).append(decision)
    listed = {}
    for key, children in households.items():
        if min(child.tier for child in children) < Tier.NO_ACTION:
            shown = [child for child in children if child.hits or child.tier < Tier.NO_ACTION]
            listed[key] = sorted(shown, key=lambda child: (child.tier, -child.points, child.child_key))
    return listed


def _line(
    key: str, children: Sequence[ChildDecision], before: Sequence[ChildDecision] | None, has_previous: bool
) -> ListedHousehold:
    tier = min(child.tier for child in children)
    hits = {hit for child in children for hit in child.hits}
    if before is None:
        change: Change = "新規"
        previous_tier = Tier.NO_ACTION if has_previous else None
        new = hits if has_previous else set()
    else:
        previous_tier = min(child.tier for child in before)
        change = "上昇" if tier < previous_tier else "低下" if tier > previous_tier else "継続"
        new = hits - {hit for child in before for hit in child.hits}
    points = sum(child.points for child in children)
    return ListedHousehold(key, tier, change, previous_tier, points, False, tuple(children), tuple(sorted(new)))


def _back(
    line: ListedHousehold,
    effect: Effect,
    decision: PastDecision,
    conferences: Conferences,
    before: Sequence[ChildDecision] | None,
) -> ListedHousehold:
    """The line with why it is back, on the first list after it was set aside; later it is a household of the list like any other."""
    if not effect.back_because:
        return line
    if before is None:  # it was not in ① or ② last week, so it is new on the list anyway
        return replace(line, back_because=effect.back_because)
    if was_on_the_list(decision, conferences, min(child.tier for child in before), _pairs(before)):
        return line
    change: Change = "見送り明け"
    if effect.is_new:
        change = "上昇" if line.tier < decision.tier_then else "新規"
    return replace(line, change=change, back_because=effect.back_because)


def _pairs(children: Sequence[ChildDecision]) -> frozenset[str]:
    return frozenset(pair(child.child_key, hit) for child in children for hit in child.hits)


def _over(line: ListedHousehold) -> ListedHousehold:
    return replace(line, over_capacity=True)
