"""What a conference decided, and what the next lists make of it."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.records.case import HARDSHIP_LABELS, Tier
from engine.records.conference import DECISIONS, PastDecision
from engine.tiers.listing import ChildDecision, WeekList, list_households
from engine.tiers.standing import (
    Conferences,
    decisions_known,
    effect_of,
    facts_matter,
    pair,
    standing_decisions,
)

MEETING = date(2026, 12, 4)
AS_OF = date(2026, 11, 27)
LAST_AS_OF, LAST_MEETING = date(2026, 11, 20), date(2026, 11, 27)
RUN = "R20261120-01"


def child(key: str, household: str, tier: Tier = Tier.INQUIRY, hits: tuple[str, ...] = ("YC-01",)) -> ChildDecision:
    return ChildDecision(key, household, tier, 0, frozenset(hits))


def decided(decision: str | None = "見送り", household: str = "H", **said) -> PastDecision:
    """By default on the list of 11月20日, when PH had YC-01 and the household was in ②."""
    told = {"met_then": (pair(f"P{household}", "YC-01"),), "tier_then": 2, "decided_on": LAST_MEETING, **said}
    return PastDecision(told.pop("run_id", RUN), household, decision=decision, **told)


def week(
    children: list[ChildDecision],
    decisions: list[PastDecision],
    *,
    capacity: int = 10,
    before: list[ChildDecision] | None = None,
    day: date = MEETING,
) -> WeekList:
    known = decisions_known(decisions, AS_OF, day)
    conferences = Conferences(day, standing_decisions(known), LAST_AS_OF, LAST_MEETING)
    return list_households(children, children if before is None else before, capacity, conferences)


def change_of(found: WeekList, household: str = "H") -> tuple[str, str]:
    return next((line.change, line.back_because) for line in found.households if line.household_key == household)


def test_what_is_put_off_stands_apart_until_its_day():
    """見送り until 12月11日: on the list for 12月4日 it is apart, with its decision and the day on which it comes back."""
    found = week([child("PH", "H"), child("PO", "O")], [decided(until=date(2026, 12, 11))])
    assert [line.household_key for line in found.households] == ["O"]
    (apart,) = found.apart
    assert (apart.household_key, apart.tier, apart.until) == ("H", Tier.INQUIRY, date(2026, 12, 11))


def test_the_day_of_the_meeting_decides():
    """見送り until 12月4日 is over for the meeting of 12月4日, and not for one the day before."""
    decision = decided(until=date(2026, 12, 4))
    assert effect_of(decision, date(2026, 12, 3), Tier.INQUIRY, decision.met_then).is_apart
    found = week([child("PH", "H")], [decision])
    assert change_of(found) == ("見送り明け", "見送りの期限(R8.12.4)が来ました。")


def test_something_new_brings_a_household_back_before_its_day():
    """A scenario that did not count then: on the list again, and not as 見送り明け, so that it is not taken last."""
    decision = decided(until=date(2027, 3, 31))
    found = week([child("PH", "H", hits=("YC-01", "PV-02"))], [decision], before=[child("PH", "H")])
    assert change_of(found) == ("新規", "新しくPV-02に該当しました。")
    raised = week([child("PH", "H", Tier.ACTIVE)], [decision], before=[child("PH", "H")])
    assert change_of(raised) == ("上昇", "区分が②から①に変わりました。")


def test_a_child_of_whom_nothing_counted_then_is_something_new():
    """A sibling who now meets the same scenario was not spoken of in the conference."""
    children = [child("PH", "H"), child("PS", "H")]
    found = week(children, [decided("対象外")], before=[child("PH", "H")])
    assert change_of(found)[1] == "新しくYC-01に該当しました。"


def test_what_counts_no_longer_brings_nobody_back():
    """Fewer hits or a lower tier are nothing new."""
    decision = decided("対象外", tier_then=1, met_then=("PH/PV-02", "PH/YC-01"))
    assert [line.household_key for line in week([child("PH", "H")], [decision]).apart] == ["H"]


def test_supported_and_not_meant_stand_apart_without_a_day():
    """既に支援中 and 対象外 set apart until something new; with 次回見直し until that day."""
    for decision in ("既に支援中", "対象外"):
        assert week([child("PH", "H")], [decided(decision)]).apart[0].until is None
        reviewed = decided(decision, review_on=date(2026, 12, 4))
        assert change_of(week([child("PH", "H")], [reviewed])) == ("見送り明け", "見直しの日(R8.12.4)が来ました。")


def test_what_is_being_done_stays_on_the_list_unless_a_day_to_review_it_is_given():
    """積極的アプローチ, 学校等への調査, 見守り: on the list as before; apart (対応中) only until 次回見直し."""
    for decision in ("積極的アプローチ", "学校等への調査", "見守り"):
        assert change_of(week([child("PH", "H")], [decided(decision)])) == ("継続", "")
        later = decided(decision, review_on=date(2027, 1, 15))
        assert week([child("PH", "H")], [later]).apart[0].until == date(2027, 1, 15)


def test_to_put_off_without_a_day_sets_nobody_apart():
    """Nobody vanishes for good because a blank was left empty."""
    assert change_of(week([child("PH", "H")], [decided(until=None)])) == ("継続", "")


def test_a_case_that_was_closed_is_on_the_list_again():
    """Support that ended sets nobody apart any more; 対象外 and 見送り go on."""
    closed = {"closed_on": date(2026, 12, 1)}
    assert change_of(week([child("PH", "H")], [decided("既に支援中", **closed)]))[1] == "支援が終結しました(R8.12.1)。"
    assert week([child("PH", "H")], [decided("対象外", **closed)]).apart


def test_back_is_said_once():
    """On the second list after its day the household is one of the list like any other, though nothing was decided since."""
    earlier = decided(until=date(2026, 11, 27), run_id="R20261113-01", decided_on=date(2026, 11, 20))
    assert change_of(week([child("PH", "H")], [earlier])) == ("継続", "")


def test_whom_a_conference_put_off_to_before_the_next_list_is_back_on_it():
    """Decided on 11月27日 until 12月1日: the list for 12月4日 says why the household is there again."""
    assert change_of(week([child("PH", "H")], [decided(until=date(2026, 12, 1))]))[0] == "見送り明け"


def test_the_newest_decision_counts():
    """A later 見守り without a day puts the household on the list again; a sheet without 判断 changes nothing."""
    off = decided("対象外", run_id="R20261106-01", decided_on=date(2026, 11, 13))
    assert change_of(week([child("PH", "H")], [off, decided("見守り")]))[0] == "継続"
    assert week([child("PH", "H")], [off, decided(None)]).apart


def test_a_week_that_is_run_again_does_not_know_what_was_decided_on_it():
    """Decisions on the list of the same day, of a later list, or of a later day are not honoured."""
    same = decided("対象外", run_id="R20261127-01", decided_on=date(2026, 12, 4))
    later = decided("対象外", run_id="R20261204-01", decided_on=date(2026, 12, 11))
    late_meeting = decided("対象外", decided_on=MEETING + timedelta(days=1))
    for decision in (same, later, late_meeting):
        assert not week([child("PH", "H")], [decision]).apart


def test_whom_conferences_set_apart_leave_their_room_to_others():
    """The next household that waits takes the place on the list."""
    children = [child("PH", "H"), child("PO", "O"), child("PX", "X")]
    assert week(children, [], capacity=2).waiting == 1
    found = week(children, [decided("対象外")], capacity=2)
    assert ({line.household_key for line in found.households}, found.waiting) == ({"O", "X"}, 0)


def test_in_a_tier_whose_day_has_come_is_taken_last():
    """New, raised, lowered, unchanged, 見送り明け; ① before ② all the same."""
    before = [child("PR", "R", Tier.INQUIRY), child("PL", "L", Tier.ACTIVE), child("PU", "U"), child("PH", "H")]
    now = [child("PN", "N"), child("PR", "R", Tier.ACTIVE), child("PL", "L"), child("PU", "U"), child("PH", "H")]
    found = week(now, [decided(until=MEETING)], before=before)
    assert [line.change for line in found.households] == ["上昇", "新規", "低下", "継続", "見送り明け"]


households = [f"H{n}" for n in range(6)]
scenarios = ["YC-01", "PV-02", "AB-03"]
children_of_a_week = st.lists(
    st.builds(
        ChildDecision,
        child_key=st.sampled_from([f"P{n}" for n in range(12)]),
        household_key=st.just(""),
        tier=st.sampled_from(Tier),
        points=st.integers(0, 300),
        hits=st.frozensets(st.sampled_from(scenarios)),
    ).map(lambda c: replace(c, household_key=households[int(c.child_key[1:]) % 6])),
    max_size=12,
    unique_by=lambda c: c.child_key,
)
days = st.dates(date(2026, 11, 1), date(2027, 1, 31))
past = st.builds(
    PastDecision,
    run_id=st.sampled_from(["R20261106-01", "R20261113-02", "R20261120-01", "R20261127-01", "R20261204-01"]),
    household_key=st.sampled_from([*households, "nobody"]),
    decided_on=days,
    decision=st.one_of(st.none(), st.sampled_from(DECISIONS)),
    until=st.one_of(st.none(), days),
    review_on=st.one_of(st.none(), days),
    closed_on=st.one_of(st.none(), days),
    met_then=st.lists(
        st.builds(pair, st.sampled_from([f"P{n}" for n in range(12)]), st.sampled_from(scenarios)), unique=True
    ).map(lambda pairs: tuple(sorted(pairs))),
    tier_then=st.integers(1, 3),
)


@given(children_of_a_week, children_of_a_week, st.lists(past, max_size=8), st.integers(1, 6), days)
def test_nobody_is_lost_and_no_tier_changes(now, before, decisions, capacity, day):
    """Every household with a child in ① or ② is on the list, waiting or apart, once, in its own tier; all of ① that is not apart is on the list."""
    plain = list_households(now, before, capacity)
    found = week(now, decisions, capacity=capacity, before=before, day=day)
    tiers = {line.household_key: line.tier for line in list_households(now, before, 100).households}
    shown = {line.household_key: line.tier for line in found.households}
    apart = {line.household_key: line.tier for line in found.apart}
    assert not shown.keys() & apart.keys()
    assert shown.items() | apart.items() <= tiers.items()
    assert len(shown) + len(apart) + found.waiting == len(tiers) == len(plain.households) + plain.waiting
    assert {key for key, tier in tiers.items() if tier is Tier.ACTIVE} <= shown.keys() | apart.keys()
    active = sum(tier is Tier.ACTIVE for tier in shown.values())
    assert sum(line.over_capacity for line in found.households) == max(0, active - capacity)
    assert found.dropped == plain.dropped


@given(children_of_a_week, children_of_a_week, st.lists(past, max_size=8), st.integers(1, 6), days)
def test_what_is_decided_later_changes_no_earlier_list(now, before, decisions, capacity, day):
    """Decisions of the week's own list, of later ones and of later days might as well not be there; nor those on households that are not."""
    earlier = [d for d in decisions if d.run_id < f"R{AS_OF:%Y%m%d}" and d.decided_on <= day]
    ours = [d for d in earlier if d.household_key != "nobody"]
    assert week(now, decisions, capacity=capacity, before=before, day=day) == week(
        now, ours, capacity=capacity, before=before, day=day
    )


@given(children_of_a_week, children_of_a_week, st.lists(past, max_size=8), st.integers(1, 6))
def test_who_is_apart_comes_back_by_itself_on_its_day(now, before, decisions, capacity):
    """Whoever is apart until a day is not apart on the list for it, and says why it is back or is listed as ever."""
    for line in week(now, decisions, capacity=capacity, before=before).apart:
        if line.until is not None:
            pairs = {pair(c.child_key, hit) for c in line.children for hit in c.hits}
            assert not effect_of(line.decision, line.until, line.tier, pairs).is_apart
            assert effect_of(line.decision, line.until - timedelta(days=1), line.tier, pairs).is_apart


@given(children_of_a_week, children_of_a_week, st.lists(past, max_size=8), st.randoms())
def test_the_order_in_which_things_arrive_changes_nothing(now, before, decisions, random):
    """Neither the order of children nor that of decisions on other days and lists."""
    unique = list({(d.household_key, d.decided_on, d.run_id): d for d in decisions}.values())
    shuffled, mixed = list(now), list(unique)
    random.shuffle(shuffled)
    random.shuffle(mixed)
    assert week(now, unique, before=before) == week(shuffled, mixed, before=before)


ABUSE = pair("PH", "AB-01")
KNEW = date(2026, 11, 20)
"""The as-of day of the list on which the decisions of these tests were taken."""


def again(decision: PastDecision, *days: date, before: tuple[ChildDecision, ...] | None = None) -> WeekList:
    """A week in which AB-01 counts for PH as it did when the conference decided, resting on facts of these days."""
    children = [child("PH", "H", hits=("YC-01", "AB-01"))]
    known = decisions_known([decision], AS_OF, MEETING)
    conferences = Conferences(MEETING, standing_decisions(known), LAST_AS_OF, LAST_MEETING, {ABUSE: days})
    return list_households(children, list(before) if before is not None else children, 10, conferences)


def supported(**said) -> PastDecision:
    return decided("既に支援中", met_then=(ABUSE, pair("PH", "YC-01")), **said)


def test_a_second_event_of_the_same_kind_brings_a_household_back():
    """What a strong 虐待 scenario rests on has grown since the papers of the conference: the household is on the list, as new, and the day is told."""
    found = again(supported(run_id="R20261113-01", decided_on=date(2026, 11, 20)), date(2026, 10, 1), date(2026, 11, 25))
    assert not found.apart
    assert change_of(found) == ("新規", "判断のあとに新しい事実があります(AB-01 R8.11.25)。")


def test_what_the_conference_had_before_it_brings_nobody_back():
    """A fact of the as-of day of its list, or earlier, stood on its papers."""
    (apart,) = again(supported(), date(2026, 10, 1), KNEW).apart
    assert apart.household_key == "H"


def test_what_happened_between_the_papers_and_the_meeting_is_new():
    """It stood on no paper, though it is of a day before the meeting."""
    assert KNEW < date(2026, 11, 24) < LAST_MEETING
    assert not again(supported(), date(2026, 11, 24)).apart


def test_whom_a_new_fact_brought_back_last_week_is_no_news_this_week():
    """It stays on the list until a conference decides again, and is like any other there."""
    decision = supported(run_id="R20261106-01", decided_on=date(2026, 11, 13))
    assert change_of(again(decision, date(2026, 11, 18))) == ("継続", "")


def test_a_decision_on_the_newer_papers_sets_it_aside_again():
    """The rule looks at the newest decision and at what it was taken on."""
    fact = date(2026, 11, 18)
    assert not again(supported(run_id="R20261113-01", decided_on=date(2026, 11, 20)), fact).apart
    assert again(supported(), fact).apart


def test_new_facts_matter_of_strong_abuse_scenarios_only():
    """Of the others they are told in the household's line: months of figures would bring it back every month."""
    kinds = [(kind, strength) for kind in HARDSHIP_LABELS for strength in ("強", "中", "弱") if facts_matter(kind, strength)]
    assert kinds == [("abuse", "強")]


@given(st.sampled_from(DECISIONS), st.lists(st.dates(date(2026, 9, 1), AS_OF), max_size=4))
def test_a_new_fact_only_ever_brings_back(decision: str, days: list[date]):
    """Nobody is set aside by facts, and the tier is the same with and without them."""
    said = decided(decision, met_then=(ABUSE, pair("PH", "YC-01")), review_on=date(2027, 3, 1), until=date(2027, 3, 1))
    without, found = again(said), again(said, *days)
    assert {line.household_key for line in without.households} <= {line.household_key for line in found.households}
    assert bool(found.apart) == (max(days, default=KNEW) <= KNEW)
    assert {line.tier for line in (*found.households, *found.apart)} == {line.tier for line in (*without.households, *without.apart)}
