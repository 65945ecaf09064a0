"""The words of one household's sheet. Plain strings and lists, so that the template stays simple."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from engine.kernel.dates import school_grade
from engine.records.case import HARDSHIP_LABELS, Case, ChildCase, Identity, MemberLine, Tier
from reports.case_hits import HitView, hits_of, only_weak, view_hits
from reports.case_lists import CheckRow, checks_of, missing_text, supports_text
from reports.case_model import ModelNote, model_notes, tier_by_whom
from reports.case_similar import SimilarRow, similar_rows
from reports.names import Names
from reports.renderer.fill import Link
from reports.similar_words import CAUTION
from reports.wording import ADDRESS_HIDDEN, CHANGE_LABELS, age_and_grade, age_label, reference_number, tier_label

_REASONS_SHOWN = 2
_BOX_LABELS = {"young_carer": "ヤング\nケアラー", "postpartum_depression": "産後\nうつ", "developmental_disorder": "発達\n障がい"}


@dataclass(frozen=True)
class MemberView:
    """One line of 世帯の構成. `listed` is ◎ for a child of this case."""

    listed: str
    relation: str
    name: str
    kana: str
    age: str
    school: str
    note: str


@dataclass(frozen=True)
class ChildView:
    """One listed child: its tier, and in one line what led to it."""

    name: str
    label: str
    tier: str
    tier_mark: str
    summary: str


@dataclass(frozen=True)
class CaseView:
    """One household: a row of the list and a sheet. `link` leads to the sheet; `id_text` is read back from a hidden cell."""

    sheet: str
    link: Link
    number: int
    id_text: str
    reference: str
    place: str
    protection: str
    tier_mark: str
    tier_label: str
    tier_and_excess: str
    change: str
    change_detail: str
    children_text: str
    type_marks: tuple[str, ...]
    type_boxes: tuple[str, ...]
    main_reason: str
    members: tuple[MemberView, ...]
    children: tuple[ChildView, ...]
    hits: tuple[HitView, ...]
    model_notes: tuple[ModelNote, ...]
    tier_by_whom: str
    missing: str
    supports: str
    checks: tuple[CheckRow, ...]
    checks_left_out: str
    similar: tuple[SimilarRow, ...]
    similar_caution: str


def view_case(case: Case, identities: Mapping[str, Identity], *, run_id: str, as_of: date) -> CaseView:
    """Turn a case into words. Of a protected household neither address, district nor school is passed on."""
    names = Names(case, identities)
    grades = {child.child_key: child.school_grade for child in case.children}
    checks, left_out = checks_of(case, names)
    marks = {kind: _type_mark(case, kind) for kind in HARDSHIP_LABELS}
    protection = ADDRESS_HIDDEN if case.protected else ""
    labels = [f"{names.of(child.child_key)}({age_and_grade(child.age_years, child.school_grade)})" for child in case.children]
    sheet = f"案件{case.case_no:02d}"
    return CaseView(
        sheet=sheet,
        link=Link(str(case.case_no), sheet),
        number=case.case_no,
        id_text=f"kizuki|{run_id}|{case.household_key}|{case.case_no}",
        reference=reference_number(case.household_key),
        place=ADDRESS_HIDDEN if case.protected else (case.district or "―"),
        protection="支援措置あり:住所・地区・学校名は印刷していません。問い合わせ先にも伝えないでください。" if case.protected else "",
        tier_mark=case.tier.mark,
        tier_label=case.tier.label,
        tier_and_excess=case.tier.mark
        + ("\n超過" if case.over_capacity else "")
        + ("\nモデル" if case.lifted_from is not None else ""),
        change=CHANGE_LABELS[case.change],
        change_detail=_change_detail(case),
        children_text="\n".join([*labels, *([f"【{protection}】"] if protection else [])]),
        type_marks=tuple(marks.values()),
        type_boxes=tuple(f"{mark or '　'} {_BOX_LABELS.get(kind, HARDSHIP_LABELS[kind])}" for kind, mark in marks.items()),
        main_reason=case.main_reason,
        members=tuple(
            _view_member(member, identities.get(member.key), grades.get(member.key), names, as_of, case.protected)
            for member in case.members
        ),
        children=tuple(_view_child(child, names) for child in case.children),
        hits=view_hits(case, names),
        model_notes=model_notes(case, names),
        tier_by_whom=tier_by_whom(case),
        missing=missing_text(case, names),
        supports=supports_text(case, names),
        checks=checks,
        checks_left_out=f"(ほか{left_out}件)" if left_out else "",
        similar=similar_rows(case, names),
        similar_caution=CAUTION,
    )


def _view_member(
    member: MemberLine, identity: Identity | None, grade: int | None, names: Names, as_of: date, protected: bool
) -> MemberView:
    if grade is None and identity and identity.born_on and member.age_years is not None and member.age_years < 18:
        grade = school_grade(identity.born_on, as_of)
    school = "" if grade is None else age_and_grade(None, grade).split("・")[-1]
    if identity and identity.school:
        school = f"学校名非表示 {school}" if protected else f"{identity.school} {school}"
    return MemberView(
        listed="◎" if member.is_listed_child else "",
        relation=member.relation,
        name=names.of(member.key),
        kana=identity.kana if identity else "",
        age=age_label(member.age_years),
        school=school.strip(),
        note=member.note,
    )


def _type_mark(case: Case, kind: str) -> str:
    tiers = [decision.tier for child in case.children for decision in child.types if decision.hardship_type == kind]
    best = min(tiers, default=Tier.NO_ACTION)
    return {Tier.ACTIVE: "●", Tier.INQUIRY: "○"}.get(best, "")


def _change_detail(case: Case) -> str:
    if case.previous_tier is None:
        return "前週の一覧にはありません"
    return f"前週 {case.previous_tier.mark} → 今週 {case.tier.mark}"


def _view_child(child: ChildCase, names: Names) -> ChildView:
    who = f"{names.of(child.child_key)}({age_and_grade(child.age_years, child.school_grade)})"
    return ChildView(names.of(child.child_key), who, tier_label(child.tier), child.tier.mark, _summary(child))


def _summary(child: ChildCase) -> str:
    """The types that call for something, and how the most active came about; of a child with weak hits only, those hits."""
    hits = hits_of(child)
    if not hits and child.lifted_from is None:
        return "該当したシナリオはありません(安全であることを意味しません)。"
    if only_weak(child):
        return "弱いシナリオだけに該当: " + "、".join(f"{hit.scenario_id} {hit.name}" for hit in hits)
    types = sorted(child.types, key=lambda decision: (decision.tier, _kind_order(decision.hardship_type)))
    shown = [decision for decision in types if decision.tier is not Tier.NO_ACTION]
    marks = "・".join(f"{HARDSHIP_LABELS.get(d.hardship_type, d.hardship_type)}{d.tier.mark}" for d in shown)
    reasons = [d.reason for d in types if d.tier == child.tier and d.reason]
    return " ".join(filter(None, (marks, *dict.fromkeys(reasons[:_REASONS_SHOWN]))))


def _kind_order(kind: str) -> int:
    return list(HARDSHIP_LABELS).index(kind) if kind in HARDSHIP_LABELS else len(HARDSHIP_LABELS)
