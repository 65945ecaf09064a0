"""Who is not on the list and yet in the handout: households that a conference has set aside, and children drawn by chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.kernel.dates import wareki_short
from engine.records.case import ApartHousehold, Casebook, DrawnChild, Identity
from reports.blanks import SheetIdentity
from reports.wording import ADDRESS_HIDDEN, NAME_IN_KEYRING, age_and_grade, age_label, reference_number

APART_SHEET, DRAWN_SHEET = "別に示す世帯", "無作為の確認"


@dataclass(frozen=True)
class ApartView:
    """One household that an earlier conference has set aside, in one line.

    `children`: names and ages. `decision`: what set it aside, and when. `until`: the day on which it is on the list again, or that only something new
    brings it back. `lead_agency`: 主担当機関. `since`: what has been recorded since the papers on which it was decided: how much, and the newest.
    """

    reference: str
    children: str
    place: str
    tier_mark: str
    main_reason: str
    decision: str
    until: str
    lead_agency: str
    since: str


@dataclass(frozen=True)
class ApartPage:
    """The sheet of the households set aside: how many, and each in one line."""

    sheet: str
    count: int
    households: tuple[ApartView, ...]


@dataclass(frozen=True)
class DrawnView:
    """One child drawn by chance: a row to be filled in. `id_text` is read back from the row's hidden cell; `members`: the others, without names."""

    number: int
    id_text: str
    reference: str
    name: str
    kana: str
    age: str
    place: str
    school: str
    members: str


@dataclass(frozen=True)
class DrawnPage:
    """The sheet of the children drawn by chance. `why`: why they are here, and that it says nothing about them."""

    sheet: str
    why: str
    children: tuple[DrawnView, ...]


def view_apart(casebook: Casebook, identities: Mapping[str, Identity]) -> tuple[ApartPage, ...]:
    """One sheet with the households set aside, in the order of the casebook, or none where no conference set one aside."""
    lines = tuple(_apart(one, identities) for one in casebook.apart)
    return (ApartPage(APART_SHEET, len(lines), lines),) if lines else ()


def _apart(one: ApartHousehold, identities: Mapping[str, Identity]) -> ApartView:
    decision = one.decision
    return ApartView(
        reference=reference_number(one.household_key),
        children="、".join(f"{_name(child.key, identities)}({age_label(child.age_years)})" for child in one.children),
        place=ADDRESS_HIDDEN if one.protected else (one.district or "―"),
        tier_mark=one.tier.mark,
        main_reason=one.main_reason,
        decision=f"{decision.decision or '―'}({wareki_short(decision.decided_on)})",
        until=wareki_short(one.until) if one.until else "新しい該当があるとき",
        lead_agency=decision.lead_agency or "―",
        since=_since(one),
    )


def _since(one: ApartHousehold) -> str:
    if one.new_facts is None:
        return "―"
    if one.newest_fact is None:
        return "なし"
    newest = one.newest_fact
    return f"{one.new_facts}件(最新 {wareki_short(newest.on)} {newest.who} {newest.text})"


def view_drawn(casebook: Casebook, identities: Mapping[str, Identity]) -> tuple[DrawnPage, ...]:
    """One sheet, or none where nobody was drawn."""
    if not casebook.drawn:
        return ()
    among = f"{casebook.drawn_from:,}人の中から" if casebook.drawn_from else "の中から"
    why = (
        f"ここに載っている{len(casebook.drawn)}人は、今週の一覧に載っていないこども{among}、くじで選ばれました。データから心配な点が見つかったためではありません。"
        "一覧がこどもを見落としていないかを確かめるために、いつもの関わりの中で知っていることだけを書いてください。"
        "新しく訪問や聞き取りをする必要はなく、分からなければ「分からない」でかまいません。"
    )
    rows = tuple(_drawn(child, casebook.run_id, identities) for child in casebook.drawn)
    return (DrawnPage(DRAWN_SHEET, why, rows),)


def _drawn(child: DrawnChild, run_id: str, identities: Mapping[str, Identity]) -> DrawnView:
    identity = identities.get(child.child_key)
    return DrawnView(
        number=child.number,
        id_text=SheetIdentity(run_id, "無作為", child.household_key, child.child_key, child.number).text,
        reference=reference_number(child.household_key),
        name=_name(child.child_key, identities),
        kana=identity.kana if identity else "",
        age=age_and_grade(child.age_years, child.school_grade),
        place=child.district or "―",
        school=(identity.school or "") if identity else "",
        members="、".join(f"{member.relation} {age_label(member.age_years)}" for member in child.members if member.key != child.child_key),
    )


def _name(key: str, identities: Mapping[str, Identity]) -> str:
    identity = identities.get(key)
    return identity.name if identity and identity.name else NAME_IN_KEYRING
