"""The words of one household's sheet. Plain strings and lists, so that the template stays simple."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from engine.kernel.dates import school_grade
from engine.kernel.truth import Truth
from engine.records.case import (
    HARDSHIP_LABELS,
    Case,
    ChildCase,
    Fact,
    Identity,
    MemberLine,
    ScenarioResult,
    SentenceResult,
    Tier,
)
from reports.renderer.fill import Link
from reports.wording import (
    ADDRESS_HIDDEN,
    CHANGE_LABELS,
    NAME_IN_KEYRING,
    age_and_grade,
    age_label,
    dated,
    origin,
    reference_number,
    tier_label,
)

_NONE_RECORDED = "記録はありません(支援がないという意味ではありません)"
_UNJUDGED_SHOWN = 6
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
class EvidenceLine:
    """One line under a scenario: ○×?, the indented sentence, a dated fact (or why its absence counts), its origin."""

    mark: str
    sentence: str
    fact: str
    origin: str


@dataclass(frozen=True)
class HitView:
    """A scenario that was met. `purpose` is there for templates that want it."""

    scenario_id: str
    name: str
    type_label: str
    tier_mark: str
    strength: str
    news: str
    purpose: str
    threshold_source: str
    cancel: str
    lines: tuple[EvidenceLine, ...]


@dataclass(frozen=True)
class TypeView:
    """One hardship type of one child with the reason in words and the scenarios met."""

    label: str
    tier_mark: str
    reason: str
    hits: tuple[HitView, ...]


@dataclass(frozen=True)
class ChildView:
    """One listed child."""

    name: str
    label: str
    tier: str
    types: tuple[TypeView, ...]


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
    missing: str
    supports: str
    checks: tuple[str, ...]


def view_case(case: Case, identities: Mapping[str, Identity], *, run_id: str, as_of: date) -> CaseView:
    """Turn a case into words. Of a protected household neither address, district nor school is passed on."""
    names = _Names(case, identities, as_of)
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
        tier_and_excess=case.tier.mark + ("\n超過" if case.over_capacity else ""),
        change=CHANGE_LABELS[case.change],
        change_detail=_change_detail(case),
        children_text="\n".join([*labels, *([f"【{protection}】"] if protection else [])]),
        type_marks=tuple(marks.values()),
        type_boxes=tuple(f"{mark or '　'} {_BOX_LABELS.get(kind, HARDSHIP_LABELS[kind])}" for kind, mark in marks.items()),
        main_reason=case.main_reason,
        members=tuple(names.member(member) for member in case.members),
        children=tuple(_view_child(child, case, names) for child in case.children),
        missing=_bullets(_missing(case, names), "足りないと分かっている情報はありません"),
        supports=_bullets(_supports(case, names), _NONE_RECORDED),
        checks=tuple(_checks(case, names)),
    )


class _Names:
    """Who is called what on this household's sheet."""

    def __init__(self, case: Case, identities: Mapping[str, Identity], as_of: date) -> None:
        self.case = case
        self.identities = identities
        self.as_of = as_of
        self.grades = {child.child_key: child.school_grade for child in case.children}

    def of(self, key: str) -> str:
        identity = self.identities.get(key)
        return identity.name if identity and identity.name else NAME_IN_KEYRING

    def tag(self, children: list[ChildCase]) -> str:
        """Which children a line is about; nothing where the case has only one."""
        if len(self.case.children) == 1:
            return ""
        return f"〔{'・'.join(self._given(child) for child in children)}〕"

    def _given(self, child: ChildCase) -> str:
        identity = self.identities.get(child.child_key)
        if identity is None or not identity.name.strip():
            return f"{self.case.children.index(child) + 1}人目"
        return identity.name.split()[-1]

    def member(self, member: MemberLine) -> MemberView:
        identity = self.identities.get(member.key)
        grade = self.grades.get(member.key)
        if grade is None and identity and identity.born_on and member.age_years is not None and member.age_years < 18:
            grade = school_grade(identity.born_on, self.as_of)
        school = ""
        if grade is not None:
            school = age_and_grade(None, grade).split("・")[-1]
        if identity and identity.school:
            school = f"学校名非表示 {school}" if self.case.protected else f"{identity.school} {school}"
        return MemberView(
            listed="◎" if member.is_listed_child else "",
            relation=member.relation,
            name=self.of(member.key),
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


def _view_child(child: ChildCase, case: Case, names: _Names) -> ChildView:
    hits = [result for result in child.results if result.is_hit]
    kinds = sorted({d.hardship_type: d for d in child.types}.values(), key=lambda d: (d.tier, _kind_order(d.hardship_type)))
    views = []
    for decision in kinds:
        own = [hit for hit in hits if hit.hardship_type == decision.hardship_type]
        if own or decision.tier is not Tier.NO_ACTION:
            views.append(_view_type(decision.hardship_type, decision.tier.mark, decision.reason, own, case))
    decided = {decision.hardship_type for decision in kinds}
    for kind in sorted({hit.hardship_type for hit in hits} - decided, key=_kind_order):
        views.append(_view_type(kind, "―", "", [hit for hit in hits if hit.hardship_type == kind], case))
    who = f"{names.of(child.child_key)}({age_and_grade(child.age_years, child.school_grade)})"
    return ChildView(names.of(child.child_key), who, tier_label(child.tier), tuple(views))


def _kind_order(kind: str) -> int:
    return list(HARDSHIP_LABELS).index(kind) if kind in HARDSHIP_LABELS else len(HARDSHIP_LABELS)


def _view_type(kind: str, mark: str, reason: str, hits: list[ScenarioResult], case: Case) -> TypeView:
    label = HARDSHIP_LABELS.get(kind, kind)
    return TypeView(label, mark, reason, tuple(_view_hit(hit, label, mark, case) for hit in hits))


def _view_hit(hit: ScenarioResult, label: str, mark: str, case: Case) -> HitView:
    return HitView(
        scenario_id=hit.scenario_id,
        name=hit.name,
        type_label=label,
        tier_mark=mark,
        strength=hit.strength,
        news="★今週から" if hit.scenario_id in case.new_scenarios else "",
        purpose=hit.purpose,
        threshold_source=hit.source,
        cancel=_cancel(hit),
        lines=tuple(line for sentence in hit.sentences for line in _evidence(sentence)),
    )


def _evidence(sentence: SentenceResult) -> list[EvidenceLine]:
    text = "　" * sentence.depth + sentence.text
    mark = sentence.truth.mark
    if not sentence.facts:
        return [EvidenceLine(mark, text, sentence.note, "")]
    facts = [(dated(fact), origin(fact)) for fact in sentence.facts]
    lines = [EvidenceLine(mark, text, *facts[0])]
    lines += [EvidenceLine("", "", *fact) for fact in facts[1:]]
    if sentence.note:
        lines.append(EvidenceLine("", "", sentence.note, ""))
    return lines


def _cancel(hit: ScenarioResult) -> str:
    if not hit.cancel_sentences:
        return "なし"
    texts = "、".join(
        sentence.text + (f"({sentence.truth.label})" if len(hit.cancel_sentences) > 1 else "")
        for sentence in hit.cancel_sentences
    )
    if hit.cancelled is Truth.UNKNOWN:
        return f"?不明(確認が必要です) {texts}"
    return f"×{hit.cancelled.label} {texts}"


def _by_child(pairs: Iterable[tuple[ChildCase, str]], names: _Names) -> list[str]:
    """Each line once, in order of first appearance, with the children it is about in front where there are several."""
    about: dict[str, list[ChildCase]] = {}
    for child, text in pairs:
        children = about.setdefault(text, [])
        if text and child not in children:
            children.append(child)
    return [f"{names.tag(children)}{text}" for text, children in about.items() if text]


def _missing(case: Case, names: _Names) -> list[str]:
    pairs: list[tuple[ChildCase, str]] = []
    for child in case.children:
        pairs += [(child, text) for text in child.missing]
        unjudged = [result.name for result in child.results if result.truth is Truth.UNKNOWN]
        if unjudged:
            rest = len(unjudged) - _UNJUDGED_SHOWN
            more = f" ほか{rest}件" if rest > 0 else ""
            pairs.append((child, f"情報が足りず判定できなかったシナリオ: {'、'.join(unjudged[:_UNJUDGED_SHOWN])}{more}"))
    return _by_child(pairs, names)


def _supports(case: Case, names: _Names) -> list[str]:
    pairs: list[tuple[ChildCase, str]] = []
    for child in case.children:
        pairs += [(child, _support(fact)) for fact in child.supports]
        pairs += [
            (child, f"「{result.name}」は、支援につながっているため打ち消しました")
            for result in child.results
            if result.truth is Truth.MET and result.cancelled is Truth.MET
        ]
    return _by_child(pairs, names)


def _support(fact: Fact) -> str:
    return f"{dated(fact)}〔{origin(fact)}〕"


def _checks(case: Case, names: _Names) -> list[str]:
    """What to find out: the unknowns that could change the tier, most decisive first, then what the scenarios tell to ask."""
    unknown = [(child, text) for child in case.children for text in child.to_check]
    asked = [(child, text) for child in case.children for hit in child.results if hit.is_hit for text in hit.ask]
    return _by_child([*unknown, *asked], names)


def _bullets(lines: list[str], otherwise: str) -> str:
    return "\n".join(f"・{line}" for line in lines) if lines else otherwise
