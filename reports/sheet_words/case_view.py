"""The words of one household's sheet. Plain strings and lists, so that the template stays simple."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from engine.kernel.dates import grade_label, school_grade
from engine.records.case import HARDSHIP_LABELS, Case, ChildCase, Identity, MemberLine, Tier
from reports.blanks import SheetIdentity
from reports.figures.figure import Figure
from reports.figures.genogram import genogram
from reports.figures.timeline import timeline
from reports.renderer.fill import Link
from reports.sheet_words.case_hits import HitView, hits_of, only_weak, view_hits
from reports.sheet_words.case_lists import CheckRow, checks_of, missing_text, supports_text
from reports.sheet_words.case_model import ModelNote, model_notes, tier_by_whom
from reports.sheet_words.case_past import DecisionView, Texts, past_decisions
from reports.sheet_words.case_similar import SimilarRow, similar_rows
from reports.sheet_words.case_timeline import EntryRow, entry_rows, told_entries
from reports.sheet_words.names import Names
from reports.similar_words import CAUTION
from reports.wording import ADDRESS_HIDDEN, CHANGE_LABELS, age_and_grade, age_label, reference_number, tier_label

_REASONS_SHOWN = 2
_MEMBER_LINES = 5
# The reasons of a tier, in the fewest words that say the same.
_SHORTER = (
    (re.compile(r"似た状況の世帯より注意が必要\(モデル\)なため、([①②③])から1段上げています。"), r"モデルで\1から1段上げ。"),
    (re.compile(r"該当したシナリオは(.+?)で、段は「(.)」です。"), r"\1で段は「\2」。"),
    (re.compile(r"該当したシナリオはなく、段は「無」です。"), "該当したシナリオはなし。"),
    (re.compile(r"(は、1件でも[①②]とする)決まりです。"), r"\1決まり。"),
)
_NO_HISTORY = "この1年に記録された経過はありません(何もなかったという意味ではありません)。"
_NOT_KEPT = "この記録には経過が残っていません(経過を残す前につくられた記録です。何もなかったという意味ではありません)。"
_PROTECTED = "支援措置あり:住所・地区・学校名は印刷していません。問い合わせ先にも伝えないでください。"
_BOX_LABELS = {"young_carer": "ヤング\nケアラー", "postpartum_depression": "産後\nうつ", "developmental_disorder": "発達\n障がい"}


@dataclass(frozen=True)
class MemberView:
    """One line of 世帯の構成. `listed` is ◎ for a child of this case; `about`: school, grade and note in one text."""

    listed: str
    relation: str
    name: str
    kana: str
    age: str
    school: str
    note: str

    @property
    def about(self) -> str:
        """School or nursery, grade, and what else is to be known."""
        return " ".join(filter(None, (self.school, self.note)))


@dataclass(frozen=True)
class ChildView:
    """One listed child: its tier, and in one line what led to it. Children alike in both share a line where they are told together."""

    name: str
    label: str
    tier: str
    tier_mark: str
    summary: str


@dataclass(frozen=True)
class CaseView:
    """One household: a row of the list and a sheet.

    `link` leads to the sheet; `id_text` is read back from a hidden cell. `child_lines` are `children`, those alike in one. `full_hits` and `brief_hits` are `hits`,
    parted: what is told in full, and what in brief. `children_line` and `protected_mark` are for the list. `member_gaps`: as many
    empty lines as a small household leaves for the pen. `genogram` and `timeline` are figures; `no_history` stands in place of a timeline of which nothing is
    recorded. `entries`: the numbered entries of the timeline. `decisions`: earlier conferences, newest first. `back_because`: why a household
    that was set aside is here again. `before`: the tier of the week before, ― where it was in none that is listed. `types_line`: the marked types in
    one text, most active first. `no_decisions`: said in place of earlier conferences where there was none.
    """

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
    type_marks: tuple[str, ...]
    type_boxes: tuple[str, ...]
    types_line: str
    main_reason: str
    members: tuple[MemberView, ...]
    children: tuple[ChildView, ...]
    child_lines: tuple[ChildView, ...]
    hits: tuple[HitView, ...]
    full_hits: tuple[HitView, ...]
    brief_hits: tuple[HitView, ...]
    model_notes: tuple[ModelNote, ...]
    tier_by_whom: str
    missing: str
    supports: str
    checks: tuple[CheckRow, ...]
    checks_left_out: str
    similar: tuple[SimilarRow, ...]
    similar_caution: str
    children_line: str
    protected_mark: str
    before: str
    before_and_now: str
    member_gaps: tuple[int, ...]
    genogram: Figure
    timeline: Figure
    no_history: str
    entries: tuple[EntryRow, ...]
    decisions: tuple[DecisionView, ...]
    no_decisions: str
    back_because: str


def view_case(
    case: Case, identities: Mapping[str, Identity], *, run_id: str, as_of: date, texts: Texts | None = None, history_kept: bool = True
) -> CaseView:
    """Turn a case into words. Of a protected household neither address, district nor school is passed on.

    `texts`: what people wrote in earlier conferences, by run and household. `history_kept`: whether the record tells of earlier weeks and months at all.
    """
    names = Names(case, identities)
    grades = {child.child_key: child.school_grade for child in case.children}
    checks, left_out = checks_of(case, names)
    marks = {kind: _type_mark(case, kind) for kind in HARDSHIP_LABELS}
    hits = view_hits(case, names)
    sheet = f"案件{case.case_no:02d}"
    return CaseView(
        sheet=sheet,
        link=Link(str(case.case_no), sheet),
        number=case.case_no,
        id_text=SheetIdentity(run_id, "案件", case.household_key, "", case.case_no).text,
        reference=reference_number(case.household_key),
        place=ADDRESS_HIDDEN if case.protected else (case.district or "―"),
        protection=_PROTECTED if case.protected else "",
        tier_mark=case.tier.mark,
        tier_label=case.tier.label,
        tier_and_excess=case.tier.mark
        + ("\n超過" if case.over_capacity else "")
        + ("\nモデル" if case.lifted_from is not None else ""),
        change=CHANGE_LABELS[case.change],
        change_detail=_change_detail(case),
        type_marks=tuple(marks.values()),
        type_boxes=tuple(f"{mark or '　'} {_BOX_LABELS.get(kind, HARDSHIP_LABELS[kind])}" for kind, mark in marks.items()),
        types_line=" ".join(f"{mark}{HARDSHIP_LABELS[kind]}" for kind, mark in sorted(marks.items(), key=lambda each: "●○".find(each[1])) if mark)
        or "当てはまる類型はありません",
        main_reason=case.main_reason,
        members=tuple(
            _view_member(member, identities.get(member.key), grades.get(member.key), names, as_of, case.protected)
            for member in case.members
        ),
        children=tuple(_view_child(child, names) for child in case.children),
        child_lines=_child_lines(case, names),
        hits=hits,
        full_hits=tuple(hit for hit in hits if not hit.brief),
        brief_hits=tuple(hit for hit in hits if hit.brief),
        model_notes=model_notes(case, names),
        tier_by_whom=tier_by_whom(case),
        missing=missing_text(case, names),
        supports=supports_text(case, names),
        checks=checks,
        checks_left_out=f"(ほか{left_out}件)" if left_out else "",
        similar=similar_rows(case, names),
        similar_caution=CAUTION,
        children_line=_children_line(case.children, names),
        protected_mark="支援措置" if case.protected else "",
        before="―" if case.previous_tier is None or case.previous_tier is Tier.NO_ACTION else case.previous_tier.mark,
        before_and_now=CHANGE_LABELS[case.change] + (f"\n前週{case.previous_tier.mark}" if case.previous_tier and case.change != "新規" else ""),
        member_gaps=tuple(range(_member_lines(case) - len(case.members))),
        genogram=genogram(case.members, {m.key: identities[m.key].sex for m in case.members if m.key in identities}),
        timeline=timeline(case, as_of, told_entries(case)),
        no_history=(_NO_HISTORY if history_kept else _NOT_KEPT) if not (case.timeline or case.weeks or case.decisions) else "",
        entries=entry_rows(case, names),
        decisions=past_decisions(case, texts or {}),
        no_decisions="" if case.decisions else ": ありません",
        back_because=_back_because(case),
    )


def _member_lines(case: Case) -> int:
    """As many lines as the genogram beside them needs: one more where a third generation lives there."""
    return _MEMBER_LINES + any(member.relation == "祖父母" for member in case.members)


def _back_because(case: Case) -> str:
    return f"前に見送り・別扱いとした世帯です: {case.back_because.rstrip('。')}。" if case.back_because else ""


def _children_line(children: tuple[ChildCase, ...], names: Names) -> str:
    """All listed children in one text: the family name once, where they share it."""
    shown: list[str] = []
    for child in children:
        name = names.of(child.child_key)
        family, _, given = name.replace("\u3000", " ").partition(" ")
        known = bool(shown) and bool(given) and all(names.of(one.child_key).startswith(family) for one in children)
        grade = "" if child.school_grade is None else f"・{grade_label(child.school_grade)}"
        shown.append(f"{given if known else name}({age_label(child.age_years)}{grade})")
    return "、".join(shown)


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
    if case.change == "新規":
        return f"前週の一覧にはありません\n(前週の区分 {case.previous_tier.mark})"
    return f"前週 {case.previous_tier.mark} → 今週 {case.tier.mark}"


def _view_child(child: ChildCase, names: Names) -> ChildView:
    who = f"{names.of(child.child_key)}({age_and_grade(child.age_years, child.school_grade)})"
    return ChildView(names.of(child.child_key), who, tier_label(child.tier), child.tier.mark, _summary(child))


def _child_lines(case: Case, names: Names) -> tuple[ChildView, ...]:
    """Children of the same tier for the same reasons by their given names in one line: their ages stand at the top of the sheet."""
    alike: dict[tuple[Tier, str], list[ChildCase]] = {}
    for child in case.children:
        alike.setdefault((child.tier, _summary(child)), []).append(child)
    return tuple(
        _view_child(children[0], names)
        if len(children) == 1
        else ChildView(names.of(children[0].child_key), names.tag(children)[1:-1], tier_label(tier), tier.mark, summary)
        for (tier, summary), children in alike.items()
    )


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
    text = " ".join(filter(None, (marks, *dict.fromkeys(reasons[:_REASONS_SHOWN]))))
    for long, short in _SHORTER:
        text = long.sub(short, text)
    return text


def _kind_order(kind: str) -> int:
    return list(HARDSHIP_LABELS).index(kind) if kind in HARDSHIP_LABELS else len(HARDSHIP_LABELS)
