"""Scenarios that find nobody whom another scenario of the same type does not find as well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from engine.kernel.errors import Problem
from engine.records.vocabulary import Vocabulary
from engine.rulebook.checks.parts import CONDITION, TARGET, named, required_parts
from engine.rulebook.checks.reasoning import Reasoner
from engine.rulebook.model import Scenario

_RANK = {"弱": 0, "中": 1, "強": 2}
_SHOWN = 3


def shadowed_scenarios(scenarios: Sequence[Scenario], reasoner: Reasoner, vocabulary: Vocabulary) -> Iterator[Problem]:
    """W-RULE-05: implied by another of equal or greater strength. W-RULE-06: two with the same condition.

    Cancels count: what the wider scenario cancels, the narrower one must cancel too, or it makes a difference. So do the days
    on which both are in force.
    """
    told: set[str] = set()
    for one, other in combinations(scenarios, 2):
        if one.hardship_type != other.hardship_type:
            continue
        forth, back = reasoner.stands_only_if(one, other), reasoner.stands_only_if(other, one)
        if forth and back:
            yield _same(one, other)
            continue
        for narrow, wide in [(one, other)] * forth + [(other, one)] * back:
            if _RANK[wide.strength] >= _RANK[narrow.strength] and narrow.id not in told and _covers(wide, narrow):
                told.add(narrow.id)
                yield _shadowed(narrow, wide, reasoner, vocabulary)


def _covers(wide: Scenario, narrow: Scenario) -> bool:
    if wide.validity is None or narrow.validity is None:
        return wide.validity is None
    begins = wide.validity.start <= narrow.validity.start
    return begins and (
        wide.validity.end is None or (narrow.validity.end is not None and narrow.validity.end <= wide.validity.end)
    )


def _same(one: Scenario, other: Scenario) -> Problem:
    return Problem(
        other.place_of("条件"),
        "W-RULE-06",
        f"シナリオ「{other.id}」(強さ {other.strength})は「{one.id}」(強さ {one.strength}、{one.place})と同じこどもに該当します。",
        "1つの事情が2件の該当として数えられ、段が上がってしまいます。",
        "1つにまとめるか、条件を書き分けてください。",
    )


def _shadowed(narrow: Scenario, wide: Scenario, reasoner: Reasoner, vocabulary: Vocabulary) -> Problem:
    given = [*required_parts(narrow.target, TARGET), *required_parts(narrow.condition, CONDITION)]
    assumed = [part for part, _ in given]
    reasons = []
    for wanted, _ in required_parts(wide.condition, CONDITION):
        blamed = [assumed[number] for number in reasoner.reasons(wanted, assumed)]
        if blamed and blamed != [wanted]:
            reasons.append(f"{'と'.join(named(each, vocabulary) for each in blamed)}なら{named(wanted, vocabulary)}")
    explained = "、".join(reasons[:_SHOWN]) or "条件がすべて含まれています"
    return Problem(
        narrow.place_of("番号"),
        "W-RULE-05",
        f"シナリオ「{narrow.id}」(強さ {narrow.strength})に該当するこどもは、必ず「{wide.id}」(強さ {wide.strength}、{wide.place})にも該当します({explained})。",
        f"「{narrow.id}」だけで新しく気づけるこどもはいません。",
        "強さを上げるか、条件を書き分けるか、どちらかを消してください。",
    )
