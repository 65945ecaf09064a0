"""What changed between two runs: for one child, for the whole list, and why."""

from __future__ import annotations

import made_up_record as made
import pytest

from engine.kernel.errors import KizukiError
from engine.kernel.truth import Truth
from engine.records.case import Tier
from reports.trace.diff import Difference
from reports.trace.diff_text import child_difference_text, grounds_text, list_difference_text
from reports.trace.make import Tracer

EARLIER = "R20261113-01"


def difference(folder, *, then=None, now=None, **changes):
    """Two runs a week apart: what is given in `then` and `now` replaces answers; `changes` are of the second run's record."""
    first = made.make_record(folder, EARLIER, answers={**made.ANSWERS, **(then or {})})
    second = made.make_record(folder, answers={**made.ANSWERS, **(now or {})}, **changes)
    return Difference(Tracer(first), Tracer(second))


def test_a_sentence_that_changed_leads_to_the_scenario_and_the_tier(tmp_path):
    """The watch report became known: ？→○, the scenario 不明→該当, the tier ③→②."""
    made_known = {made.UNKNOWN: (1, 1, 0, 1, 0, 0)}
    [change] = difference(tmp_path, now=made_known).of_children(made.UNKNOWN)
    assert (change.then.tier, change.now.tier) == (Tier.NO_ACTION, Tier.INQUIRY)
    told = {each.id: (each.then, each.now, [(s.text, s.then, s.now) for s in each.sentences]) for each in change.scenarios}
    watch = ("直近6か月に見守り記録がある", Truth.UNKNOWN, Truth.MET)
    assert told["YC-01"] == ("不明", "該当", [watch])
    assert told["YC-02"] == ("非該当", "非該当", [watch])
    text = "\n".join(child_difference_text(change))
    assert "区分 ③ 積極的な介入は行わない → ② 学校等への調査" in text
    assert "？ → ○  直近6か月に見守り記録がある" in text


def test_facts_that_came_and_went_are_told_for_children_on_both_lists(tmp_path):
    """The same fact delivered again is no change; a sentence that lost its fact is."""
    same = next(difference(tmp_path / "same").of_children(made.LISTED))
    assert same.facts_known and same.facts_came == same.facts_went == () and same.scenarios == ()
    unlisted = next(difference(tmp_path / "unlisted").of_children(made.UNKNOWN))
    assert not unlisted.facts_known
    assert "根拠の事実を比べられます" in "\n".join(child_difference_text(unlisted))


def test_why_is_told_in_order(tmp_path):
    """Deliveries by source, then rules by hash and by scenario, then program; and what did not change is said."""
    harder = made.outlines("10日")
    changed = {"versions": {"kizuki": "0.2.0", "code": "d" * 64, "python": "3.11"}}
    grounds = difference(tmp_path / "rules", scenarios=harder, manifest=changed).grounds
    assert grounds.rules == ("条件の文が違うシナリオ: SA-01・YC-01",)
    assert grounds.code == ("kizuki 0.1.0→0.2.0(コードの SHA-256 が違います)",)
    lines = list(grounds_text(grounds))
    order = [i for i, line in enumerate(lines) if line.strip()[:2] in ("1 ", "2 ", "3 ", "4 ")]
    assert order == sorted(order) and len(order) == 4
    assert any("受領データ: 同じデータです" in line for line in lines)


def test_a_new_delivery_is_told_by_its_source(tmp_path):
    """Which file came and which is no longer used, under the source's name."""
    first = made.make_record(tmp_path, EARLIER)
    entries = [dict(entry) for entry in first.manifest["deliveries"]]
    entries[0] |= {"file": "2026-11-20/10_attendance_20261120.csv", "sha256": "f" * 64}
    second = made.make_record(tmp_path, manifest={"deliveries": entries})
    grounds = Difference(Tracer(first), Tracer(second)).grounds
    assert grounds.deliveries == (
        f"校務支援: 新しく使った 2026-11-20/10_attendance_20261120.csv、使わなくなった {made.SCHOOL}",
    )


def test_a_changed_sentence_is_a_matter_of_the_rules(tmp_path):
    """Another threshold is another sentence: one went, one came, and the scenario is marked."""
    [change] = difference(tmp_path, scenarios=made.outlines("10日")).of_children(made.LISTED)
    scenario = next(each for each in change.scenarios if each.id == "YC-01")
    assert scenario.rule_changed
    assert [(s.text, s.then, s.now) for s in scenario.sentences] == [
        ("直近3か月の欠席が7日以上", Truth.MET, None),
        ("直近3か月の欠席が10日以上", None, Truth.MET),
    ]
    assert "※条件の文が変わっています" in "\n".join(child_difference_text(change))


def test_another_household_and_another_key_are_said(tmp_path):
    """A child who moved to another household is named so; runs under different keys cannot be compared by person."""
    [moved] = difference(tmp_path / "home", household_of={made.WAITING: "HZZZZZZZZZZZZZZZ2"}).of_children(made.WAITING)
    assert "世帯が変わっています" in "\n".join(child_difference_text(moved))
    other_key = difference(tmp_path / "key", manifest={"key_id": "aaaaaaaa"})
    assert "違う鍵" in "\n".join(list_difference_text(other_key.of_list()))


def test_a_child_in_one_run_only_is_told(tmp_path):
    """Moved in since: not judged then."""
    then = {key: row for key, row in made.ANSWERS.items() if key != made.CANCELLED}
    first = made.make_record(tmp_path, EARLIER, answers=then)
    second = made.make_record(tmp_path)
    [change] = Difference(Tracer(first), Tracer(second)).of_children(made.CANCELLED)
    assert (change.then.tier, change.now.tier) == (None, Tier.NO_ACTION)
    assert "判定されていません" in change.then.standing
    with pytest.raises(KizukiError) as caught:
        list(Difference(Tracer(first), Tracer(second)).of_children("PZZZZZZZZ"))
    assert caught.value.problems[0].code == "E-RUN-02"


def test_the_whole_list_counts_everyone_and_names_the_households(tmp_path):
    """Children by tier then and now add up to all; a household that left says where it is now."""
    change = difference(tmp_path, now={made.LISTED: (1, 0, 0, 0, 0, 0)}).of_list()
    assert change.moves == {
        (Tier.ACTIVE, Tier.NO_ACTION): 1, (Tier.INQUIRY, Tier.INQUIRY): 2, (Tier.NO_ACTION, Tier.NO_ACTION): 2
    }
    [left] = change.households
    assert (left.household_key, left.kind, left.then, left.now) == (f"H{made.LISTED[1:]}", "外れた", Tier.ACTIVE, None)
    assert "全員③" in left.why
    text = "\n".join(list_difference_text(change))
    assert "外れた世帯 1" in text and f"H{made.LISTED[1:]}  ① → 一覧外" in text
