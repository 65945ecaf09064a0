"""The week's list of households."""

from hypothesis import given
from hypothesis import strategies as st

from engine.records.case import Tier
from engine.tiers.listing import ChildDecision, list_households

decisions = st.lists(
    st.builds(
        ChildDecision,
        child_key=st.uuids().map(str),
        household_key=st.sampled_from([f"H{i}" for i in range(8)]),
        tier=st.sampled_from(Tier),
        points=st.integers(0, 300),
        hits=st.frozensets(st.sampled_from(["YC-01", "PV-02", "AB-03"])),
    ),
    max_size=25,
    unique_by=lambda d: d.child_key,
)


def child(key: str, household: str, tier: Tier, points: int = 0, hits: tuple[str, ...] = ("YC-01",)) -> ChildDecision:
    return ChildDecision(key, household, tier, points, frozenset(hits))


def test_siblings_are_one_line_with_the_most_active_tier():
    """A household is listed once; its tier is the most active among its children."""
    week = list_households([child("a", "H", Tier.INQUIRY), child("b", "H", Tier.ACTIVE)], None, 10)
    (line,) = week.households
    assert line.tier is Tier.ACTIVE
    assert [c.child_key for c in line.children] == ["b", "a"]


def test_new_then_raised_then_lowered_then_unchanged():
    """Inside a tier the conference first sees what changed since last week."""
    before = [child("r", "R", Tier.INQUIRY), child("u", "U", Tier.ACTIVE), child("gone", "G", Tier.INQUIRY)]
    now = [child("u", "U", Tier.ACTIVE, 999), child("r", "R", Tier.ACTIVE), child("n", "N", Tier.ACTIVE)]
    week = list_households([*now, child("gone", "G", Tier.NO_ACTION, hits=())], before, 10)
    assert [(h.household_key, h.change) for h in week.households] == [("N", "新規"), ("R", "上昇"), ("U", "継続")]
    assert week.dropped == ("G",)


@given(decisions, st.one_of(st.none(), decisions), st.integers(1, 10))
def test_tier_one_is_never_cut_and_every_listed_household_is_counted(now, before, capacity):
    """All of ① is printed and marked 超過 beyond the capacity; ② is printed or counted as waiting."""
    week = list_households(now, before, capacity)
    tiers: dict[str, Tier] = {}
    for d in now:
        tiers[d.household_key] = min(tiers.get(d.household_key, Tier.NO_ACTION), d.tier)
    active = {k for k, t in tiers.items() if t is Tier.ACTIVE}
    inquiry = {k for k, t in tiers.items() if t is Tier.INQUIRY}
    printed = [h.household_key for h in week.households]
    assert active <= set(printed)
    assert len(printed) == len(set(printed)) <= max(capacity, len(active))
    assert len(printed) + week.waiting == len(active | inquiry)
    assert sum(h.over_capacity for h in week.households) == max(0, len(active) - capacity)


@given(decisions, decisions, st.randoms())
def test_the_order_in_which_children_arrive_changes_nothing(now, before, random):
    """The list depends on what is known, not on the order of rows."""
    shuffled = list(now)
    random.shuffle(shuffled)
    assert list_households(now, before, 5) == list_households(shuffled, before, 5)


def test_whom_a_model_raised_to_active_takes_nobodys_place():
    """Inside ① the households that the rules put there come first, whatever is new and however many points; 超過 falls on those raised."""
    by_rules = [ChildDecision(f"P{n}", f"H{n}", Tier.ACTIVE, 10, frozenset({"AB-01"})) for n in range(2)]
    raised = ChildDecision("P9", "H9", Tier.ACTIVE, 900, frozenset({"PV-02"}), rule_tier=Tier.INQUIRY)
    before = [*by_rules, ChildDecision("P9", "H9", Tier.INQUIRY, 900, frozenset({"PV-02"}))]
    week = list_households([raised, *by_rules], before, capacity=2)
    assert [line.household_key for line in week.households] == ["H0", "H1", "H9"]
    assert [line.over_capacity for line in week.households] == [False, False, True]
    assert week.households[-1].change == "上昇"
