"""Where a child stands on the week's list, in words: on it, waiting beyond its length, taken off, or with no call for it."""

from __future__ import annotations

from engine.records.case import Case, Casebook, ChildCase, Tier
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
        on_sheet = find_child(case, child.child_key) is not None
        return place + ("" if on_sheet else "該当したシナリオがなく、モデルも区分を上げていないため、このこどもは児童票に載っていません。")
    household = min((answered.child(key).tier for key in answered.keys_like(child.household_key)), default=child.tier)
    if household is Tier.NO_ACTION:
        return "会議の一覧には載っていません(世帯のこどもは全員③です)。"
    if child.household_key in taken_off(answered):
        return (
            "会議の一覧には載っていません。判定の仕組みどうしの答えが世帯のこどもについて一致せず、"
            "どちらが正しいか分かるまで、世帯ごと印刷から外しています。"
        )
    if household is Tier.INQUIRY:
        return (
            f"会議の一覧には載っていません。世帯の区分は②ですが、定員({casebook.capacity}世帯)を超えたため"
            f"次回以降に回した{casebook.not_printed}世帯の1つです。②は、新規・上昇・低下・継続の順、同じなら点の多い順に載ります。"
        )
    return "会議の一覧には載っていません。①は必ず載る決まりなので、記録に食い違いがあります。管理者に知らせてください。"
