"""What a run says of its replay: engines compared, the verdict, whom chance draws, and the error sheet."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.truth import Truth
from engine.records.answer import Answer
from engine.replay.comparison import Difference, Opinion, compare
from engine.replay.second_opinion import SecondOpinion, sample_of
from engine.replay.verdict import ReplayVerdict
from engine.rulebook.language.syntax import Bound, Compare

OLDER = Compare("age", (Bound("以上", 10),))
YOUNGER = Compare("age", (Bound("未満", 3),))


def opinion(truth: Truth, *facts: str, names_facts: bool = True, met: Truth = Truth.MET) -> Opinion:
    return Opinion({OLDER: Answer(truth, frozenset(facts))}, {"AB-01": (met, Truth.NOT_MET)}, names_facts)


def test_engines_that_say_the_same_do_not_differ():
    """Equal truths and equal records: nothing to tell, and one sentence and one scenario were compared."""
    found = compare({"基準": opinion(Truth.MET, "a/0/1"), "再現": opinion(Truth.MET, "a/0/1")})
    assert found.differences == ()
    assert found.compared == 2


@pytest.mark.parametrize("other", [Truth.NOT_MET, Truth.UNKNOWN])
def test_another_truth_is_a_difference_also_where_it_is_unknown(other):
    """不明 is an answer of its own: an engine that does not know does not agree with one that does."""
    found = compare({"基準": opinion(Truth.MET), "再現": opinion(other)})
    assert found.differences == (Difference(OLDER, "答え", {"基準": Truth.MET, "再現": other}),)


def test_the_same_truth_for_another_reason_is_a_difference():
    """Two engines that reach one answer by different records have not confirmed each other."""
    found = compare({"基準": opinion(Truth.MET, "a/0/1"), "再現": opinion(Truth.MET, "a/0/2")})
    assert [each.point for each in found.differences] == ["根拠"]


def test_an_engine_that_names_no_records_is_asked_for_none():
    """The evaluation of everybody at once gives truths only; this is no disagreement about reasons."""
    found = compare({"一括": opinion(Truth.MET, names_facts=False), "再現": opinion(Truth.MET, "a/0/1")})
    assert found.differences == ()


def test_a_sentence_that_only_one_engine_judged_is_not_counted_as_compared():
    """What was left out of the replay neither agrees nor differs."""
    alone = Opinion({YOUNGER: Answer(Truth.MET)}, {})
    assert compare({"基準": alone, "再現": Opinion({}, {})}).compared == 0


def test_a_scenario_is_compared_for_being_met_and_for_being_cancelled():
    """The same sentences chained otherwise are found at the scenario."""
    found = compare({"基準": opinion(Truth.MET), "再現": opinion(Truth.MET, met=Truth.UNKNOWN)})
    assert found.differences == (Difference("AB-01", "該当", {"基準": Truth.MET, "再現": Truth.UNKNOWN}),)


DIFFERS = {"P1": (Difference(OLDER, "答え", {"基準": Truth.MET, "再現": Truth.NOT_MET}),)}


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ({"engine": "durable_rules 2.0.28"}, ReplayVerdict.AGREED),
        ({"unavailable": "入っていません"}, ReplayVerdict.NOT_PERFORMED),
        ({"engine": "x", "not_replayed": {"P1": "異常終了"}}, ReplayVerdict.PARTLY_PERFORMED),
        ({"engine": "x", "not_replayed": {"P9": "異常終了"}}, ReplayVerdict.PARTLY_PERFORMED),
        ({"engine": "x", "left_out": {"AB-01": "…"}}, ReplayVerdict.PARTLY_PERFORMED),
        ({"engine": "x", "differences": DIFFERS}, ReplayVerdict.DISAGREED),
        ({"unavailable": "入っていません", "differences": DIFFERS}, ReplayVerdict.DISAGREED),
        ({"engine": "x", "differences": DIFFERS, "not_replayed": {"P2": "時間切れ"}}, ReplayVerdict.DISAGREED),
    ],
)
def test_the_verdict_never_says_more_than_was_found(found, verdict):
    """一致 only if everybody who was asked about was judged again, listed or drawn by chance; any difference outweighs all else, with and without the second engine."""
    opinion = SecondOpinion(("P1", "P2"), ("P9",), 10, found.pop("differences", {}), **found)
    assert opinion.verdict is verdict
    assert opinion.note().endswith("。")


def test_only_listed_children_leave_the_list():
    """A difference about somebody who is not listed is told, and takes nobody off."""
    opinion = SecondOpinion(("P1",), ("P9",), 10, {"P9": DIFFERS["P1"]}, engine="x")
    assert opinion.disagreeing == ()
    assert opinion.verdict is ReplayVerdict.DISAGREED
    assert "一覧にないこども1人" in opinion.note()


def test_a_missing_engine_does_not_hide_a_difference():
    """Where two other engines differ, the note says who left the list, and that the second engine was not there."""
    note = SecondOpinion(("P1", "P2"), (), 10, DIFFERS, unavailable="入っていません。").note()
    assert "一覧に載るはずの1人は世帯ごと外しました" in note
    assert "別の仕組みによる再計算は行っていません(入っていません)。" in note


def test_a_difference_does_not_hide_who_was_not_replayed():
    """Both are told: on whom engines differ, and how many could not be judged again."""
    note = SecondOpinion(("P1", "P2"), (), 10, DIFFERS, engine="x", not_replayed={"P2": "時間切れ"}).note()
    assert "食い違いました" in note and "こども1人は再計算できませんでした" in note


KEYS = st.sets(st.text(string.ascii_uppercase, min_size=6, max_size=8), max_size=30)


@given(KEYS, st.integers(0, 40))
def test_chance_draws_the_same_children_for_whoever_asks(keys, size):
    """The sample depends on the run and the children alone, not on their order; it has no one twice, and as many as there are."""
    drawn = sample_of(sorted(keys), "R20261120-01", size)
    assert drawn == sample_of(sorted(keys, reverse=True), "R20261120-01", size)
    assert set(drawn) <= keys
    assert len(drawn) == len(set(drawn)) == min(size, len(keys))


def test_every_run_draws_other_children():
    """Over the weeks chance reaches everybody: two runs do not draw the same twenty of a thousand."""
    keys = [f"P{number:05}" for number in range(1000)]
    assert sample_of(keys, "R20261120-01", 20) != sample_of(keys, "R20261127-01", 20)


def test_the_sample_prefers_nobody():
    """Of 200 runs over 50 children, 10 drawn each time, everybody is drawn about 40 times."""
    keys = [f"P{number:05}" for number in range(50)]
    times = dict.fromkeys(keys, 0)
    for number in range(200):
        for key in sample_of(keys, f"R{number}", 10):
            times[key] += 1
    assert min(times.values()) >= 20 and max(times.values()) <= 62
