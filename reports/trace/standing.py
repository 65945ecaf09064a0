"""Where a child stands on the week's list, in words: on it, waiting beyond its length, set apart, drawn, taken off, or with no call for it."""

from __future__ import annotations

from collections.abc import Sequence

from engine.kernel.dates import wareki
from engine.records.case import ApartHousehold, Case, Casebook, ChildCase, Tier
from engine.records.conference import PastDecision
from reports.trace.answers import Answered, Judged


def find_case(casebook: Casebook, household_key: str) -> Case | None:
    """The household's case on the list."""
    return next((case for case in casebook.cases if case.household_key == household_key), None)


def find_child(case: Case | None, child_key: str) -> ChildCase | None:
    """The child on its household's sheet; a sibling without any hit is not on it."""
    return next((child for child in case.children if child.child_key == child_key), None) if case else None


def taken_off(answered: Answered) -> frozenset[str]:
    """Keys of households that were kept off the printed list because engines disagreed on a child of theirs."""
    children = set(answered.run.manifest.get("evaluators_disagree_on", ()))
    pairs = zip(answered.keys, answered.households, strict=True)
    return frozenset(home for key, home in pairs if key in children)


def standing(answered: Answered, casebook: Casebook, child: Judged, case: Case | None) -> str:
    """One or two sentences; the children of one household share a place on the list."""
    if case is not None:
        place = f"会議の一覧の案件{case.case_no:02d}です(世帯の区分{case.tier.mark}、前週からの変化は{case.change}"
        place += "、定員の超過)。" if case.over_capacity else ")。"
        if case.back_because:
            place += f"{_decided(case.decisions)}一覧から外すことになっていましたが、戻りました。{case.back_because}"
        on_sheet = find_child(case, child.child_key) is not None
        return place + ("" if on_sheet else "該当したシナリオがなく、モデルも区分を上げていないため、このこどもは児童票に載っていません。")
    household = min((answered.child(key).tier for key in answered.keys_like(child.household_key)), default=child.tier)
    if household is Tier.NO_ACTION:
        return "会議の一覧には載っていません(世帯のこどもは全員③です)。" + _drawn(casebook, child.child_key)
    apart = next((each for each in casebook.apart if each.household_key == child.household_key), None)
    if apart is not None:
        return _set_apart(apart)
    if child.household_key in taken_off(answered):
        return (
            "会議の一覧には載っていません。判定の仕組みどうしの答えが世帯のこどもについて一致せず、"
            "どちらが正しいか分かるまで、世帯ごと印刷から外しています。"
        )
    if household is Tier.INQUIRY:
        return (
            f"会議の一覧には載っていません。世帯の区分は②ですが、定員({casebook.capacity}世帯)を超えたため"
            f"次回以降に回した{casebook.not_printed}世帯の1つです。②は、新規・上昇・低下・継続・見送り明けの順、同じなら点の多い順に載ります。"
        )
    return "会議の一覧には載っていません。①は必ず載る決まりなので、記録に食い違いがあります。管理者に知らせてください。"


def _set_apart(household: ApartHousehold) -> str:
    """That a conference set it aside, when, how, and until when; the words that were written are in no record."""
    until = f"{wareki(household.until)}の会議から一覧に戻ります" if household.until else "新しい該当があれば一覧に戻ります"
    return (
        f"会議の一覧には載せず、別に示しています(世帯の区分{household.tier.mark})。{_decided((household.decision,))}、"
        f"それから新しい該当がないためです。{until}。"
    )


def _decided(decisions: Sequence[PastDecision]) -> str:
    """The decision that counts, of those on a household, newest first."""
    newest = next((each for each in decisions if each.decision is not None), None)
    if newest is None:
        return ""
    return f"{newest.run_id}の一覧についての{wareki(newest.decided_on)}の会議の判断「{newest.decision}」により"


def _drawn(casebook: Casebook, child_key: str) -> str:
    drawn = next((each for each in casebook.drawn if each.child_key == child_key), None)
    if drawn is None:
        return ""
    return (
        f"気づきに関わりなく、一覧に載っていないこども{casebook.drawn_from:,}人から無作為に選ばれ、別のシートで会議に示しています"
        f"(無作為{drawn.number})。"
    )
