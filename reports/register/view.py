"""The words of the case register. Names and what people wrote rejoin here, last of all; of a protected household no school and no district."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from engine.kernel.dates import grade_label, wareki, wareki_short
from engine.records.case import HARDSHIP_LABELS, Case, ChildCase, Identity, MemberLine, Tier
from engine.records.conference import AGENCIES, DECISIONS, ConferenceEntry
from reports.blanks import SheetIdentity
from reports.inert import cut
from reports.register.rows import DUES, Due, Register, RegisterRow
from reports.sheet_words.case_past import came_of_it
from reports.wording import NAME_IN_KEYRING, age_label, reference_number

Grouping = Literal["見直し", "主担当"]
NO_AGENCY = "主担当機関が決まっていない"
NOT_NAMED = "一覧にない書き方(台帳の行を見てください)"
_GROUP_TITLES: dict[Due, str] = {
    "期限超過": "見直しの期限が過ぎている",
    "期間内": "次の3か月のうちに見直す",
    "その先": "見直しはその先",
    "未定": "見直しの日が決まっていない",
    "経過だけ": "見送り・対象外(見直しの日なし)",
}
_ROUTE = "データによる一覧"
_GUARDIANS = ("父", "母")
_ADULT = 18
_SUPPORTS_SHOWN = 3
_WORDS_SHOWN = 160


@dataclass(frozen=True)
class RegisterRowView:
    """One line of the register. `rated`: 緊急度 and 重症度 as people rated them last. Every text may hold several lines; `identity` stands in the hidden column."""

    identity: str
    number: int
    reference: str
    children: str
    protection: str
    guardian: str
    kind: str
    types: str
    rated: str
    received: str
    agencies: str
    state: str
    policy: str
    roles: str
    reviewed_on: str
    next_review: str
    outcome: str


@dataclass(frozen=True)
class ClosedRowView:
    """One household that was closed in the quarter."""

    number: int
    reference: str
    children: str
    received: str
    lead_agency: str
    policy: str
    outcome: str
    closed_on: str
    because: str


@dataclass(frozen=True)
class GroupView:
    """Households that belong together, under one heading."""

    title: str
    rows: tuple[RegisterRowView, ...]


@dataclass(frozen=True)
class CountView:
    """A line of the front page: how many open households, of them overdue, without contact, and protected."""

    label: str
    open: int
    overdue: int
    without_contact: int


@dataclass(frozen=True)
class RegisterView:
    """All that the template may print. `agencies`: those of which one may lead, as the city names them."""

    city: str
    agencies: tuple[str, ...]
    on: str
    period: str
    run_label: str
    open: int
    overdue: int
    without_contact: int
    received: int
    closed: int
    protected: int
    without_case: int
    by_due: tuple[CountView, ...]
    by_agency: tuple[CountView, ...]
    by_decision: tuple[CountView, ...]
    groups: tuple[GroupView, ...]
    closed_rows: tuple[ClosedRowView, ...]


def view_register(
    register: Register, identities: Mapping[str, Identity], newest_run: str, *, grouping: Grouping = "見直し",
    agencies: tuple[str, ...] = AGENCIES,
) -> RegisterView:
    """The register in words, in groups by due review or by leading agency; inside a group the most urgent first."""
    numbered = _grouped(register.open, grouping)
    groups = []
    number = 0
    for title, rows in numbered:
        views = []
        for row in rows:
            number += 1
            views.append(_row(number, row, identities, register.on))
        groups.append(GroupView(f"{title} {len(rows)}世帯", tuple(views)))
    closed = tuple(_closed(n, row, identities) for n, row in enumerate(register.closed, start=1))
    return RegisterView(
        city=register.city,
        agencies=agencies,
        on=wareki(register.on, weekday=True),
        period=f"{wareki(register.start)}から{wareki(register.end)}まで",
        run_label=newest_run,
        open=len(register.open),
        overdue=register.overdue,
        without_contact=register.without_contact,
        received=register.received,
        closed=len(register.closed),
        protected=sum(row.protected for row in register.open),
        without_case=register.without_case,
        by_due=_counted(register.open, lambda row: _GROUP_TITLES[row.due], [_GROUP_TITLES[due] for due in DUES]),
        by_agency=_counted(register.open, _agency_of, _agencies(register.open)),
        by_decision=_counted(register.open, lambda row: str(row.decision.decision), list(DECISIONS)),
        groups=tuple(groups),
        closed_rows=closed,
    )


def _grouped(rows: Iterable[RegisterRow], grouping: Grouping) -> list[tuple[str, list[RegisterRow]]]:
    rows = list(rows)
    if grouping == "主担当":
        named = [(agency, agency) for agency in _agencies(rows)]
        chosen = [(title, [row for row in rows if _agency_of(row) == agency]) for agency, title in named]
    else:
        chosen = [(_GROUP_TITLES[due], [row for row in rows if row.due == due]) for due in DUES]
    return [(title, members) for title, members in chosen if members]


def _agency_of(row: RegisterRow) -> str:
    """Counts stand under names of sections only: what somebody wrote in words of their own may be a person's name."""
    return row.lead_agency or (NOT_NAMED if row.lead_agency_text else NO_AGENCY)


def _lead(row: RegisterRow) -> str:
    return row.lead_agency or " ".join(row.lead_agency_text.split())


def _agencies(rows: Iterable[RegisterRow]) -> list[str]:
    """Where nobody leads first: that is what a chair must settle; then by how many they have."""
    counted = Counter(_agency_of(row) for row in rows)
    return sorted(counted, key=lambda agency: (agency != NO_AGENCY, -counted[agency], agency))


def _counted(rows: Iterable[RegisterRow], label: Callable[[RegisterRow], str], order: list[str]) -> tuple[CountView, ...]:
    kept: dict[str, list[RegisterRow]] = {name: [] for name in order}
    for row in rows:
        kept.setdefault(label(row), []).append(row)
    return tuple(
        CountView(
            name,
            len(found),
            sum(row.due == "期限超過" for row in found),
            sum(row.waits is not None for row in found),
        )
        for name, found in kept.items()
    )


def _row(number: int, row: RegisterRow, identities: Mapping[str, Identity], on: date) -> RegisterRowView:
    decision = row.decision
    return RegisterRowView(
        identity=SheetIdentity(decision.run_id, "台帳", row.household_key, "", number).text,
        number=number,
        reference=_reference(row),
        children="\n".join(_child(child, identities, row.protected) for child in row.case.children),
        protection="【支援措置】住所・地区・学校名は載せていません。" if row.protected else "",
        guardian=_guardians(row.case, identities),
        kind=row.council.kind if row.council else "登録なし",
        types=_types(row.case),
        rated=f"緊急度 {row.urgency or '―'}\n重症度 {row.severity or '―'}",
        received=f"{wareki_short(row.received_on)}\n{_ROUTE}",
        agencies=_agency_lines(row),
        state=_state(row, on),
        policy=_policy(row.entry),
        roles=_roles(row.entry),
        reviewed_on=wareki_short(row.reviewed_on),
        next_review=_next_review(row, on),
        outcome=_outcome(row),
    )


def _closed(number: int, row: RegisterRow, identities: Mapping[str, Identity]) -> ClosedRowView:
    return ClosedRowView(
        number=number,
        reference=_reference(row),
        children="\n".join(_name(child, identities) for child in row.case.children),
        received=wareki_short(row.received_on),
        lead_agency=_lead(row) or "―",
        policy=str(row.decision.decision),
        outcome=_outcome(row),
        closed_on=wareki_short(row.closed_on) if row.closed_on else "",
        because=cut(row.closed_because or row.closed_because_text, _WORDS_SHOWN),
    )


def _reference(row: RegisterRow) -> str:
    """整理番号, and under which number of which conference its sheet lay on the table last."""
    return f"{reference_number(row.household_key)}\n{wareki_short(row.decision.decided_on)}\n案件{row.case.case_no:02d}"


def _name(child: ChildCase, identities: Mapping[str, Identity]) -> str:
    identity = identities.get(child.child_key)
    name = identity.name if identity and identity.name else NAME_IN_KEYRING
    return f"{name}({identity.kana})" if identity and identity.kana else name


def _child(child: ChildCase, identities: Mapping[str, Identity], protected: bool) -> str:
    """Name, day of birth, age, and grade and school as far as the names hold one; no school where it must not be told."""
    identity = identities.get(child.child_key)
    born = f"{wareki_short(identity.born_on)}生" if identity and identity.born_on else ""
    grade = grade_label(child.school_grade) if child.school_grade is not None else ""
    school = "学校名非表示" if protected else identity.school or "" if identity else ""
    lines = (_name(child, identities), f"{born} {age_label(child.age_years)}".strip(), f"{grade} {school}".strip())
    return "\n　".join(filter(None, lines))


def _guardians(case: Case, identities: Mapping[str, Identity]) -> str:
    """Father and mother; where neither lives there, the other grown-ups."""
    parents = [member for member in case.members if member.relation in _GUARDIANS]
    others = [m for m in case.members if m.age_years is not None and m.age_years >= _ADULT and not m.is_listed_child]
    return "\n".join(_guardian(member, identities) for member in parents or others) or "―"


def _guardian(member: MemberLine, identities: Mapping[str, Identity]) -> str:
    identity = identities.get(member.key)
    return f"{identity.name if identity and identity.name else NAME_IN_KEYRING}({member.relation})"


def _types(case: Case) -> str:
    """The types in ① or ② with their mark, the most active first."""
    best: dict[str, Tier] = {}
    for child in case.children:
        for one in child.types:
            if one.tier is not Tier.NO_ACTION:
                best[one.hardship_type] = min(one.tier, best.get(one.hardship_type, one.tier))
    ordered = sorted(best.items(), key=lambda each: (each[1], list(HARDSHIP_LABELS).index(each[0])))
    return "\n".join(f"{tier.mark} {HARDSHIP_LABELS[kind]}" for kind, tier in ordered) or "―"


def _agency_lines(row: RegisterRow) -> str:
    others = dict.fromkeys(
        one.who for entry in row.history for one in entry.texts.assignments if one.who and one.who != _lead(row)
    )
    if row.council and row.council.lead_agency and row.council.lead_agency != row.lead_agency:
        others.setdefault(row.council.lead_agency)
    return "\n".join(["◎" + (_lead(row) or "主担当は未定"), *(f"・{name}" for name in others)])


def _state(row: RegisterRow, on: date) -> str:
    now = row.now
    where = {
        "掲載": "一覧に掲載",
        "別に示す": "別に示す",
        "一覧に入らない②": "定員のため一覧の外",
        "①②ではない": "①②ではない(安全であることを意味しません)",
        "不明": "判定の対象にいない(転出・年齢など)",
    }[now.standing]
    tier = f"{now.tier.mark} " if now.tier is not None and now.standing != "①②ではない" else ""
    lines = [f"{wareki_short(now.as_of)}時点: {tier}{where}"]
    supports = dict.fromkeys(fact.label for child in row.case.children for fact in child.supports)
    if supports:
        shown = list(supports)[:_SUPPORTS_SHOWN]
        lines.append(f"支援: {'、'.join(shown)}{'ほか' if len(supports) > len(shown) else ''}")
    if row.in_touch:
        lines.append(f"連絡: {wareki_short(row.contact_on)}にとれた" if row.contact_on else "連絡: とれた(日の記入なし)")
    elif row.waits is not None:
        lines.append(f"★まだ連絡がとれていない(会議から{row.waits}日)")
    return "\n".join(lines)


def _policy(entry: ConferenceEntry) -> str:
    decision = entry.decision
    until = f"({wareki_short(decision.until)}まで)" if decision.until else ""
    lines = [f"{decision.decision}{until}"]
    if entry.texts.reason:
        lines.append(f"理由: {cut(entry.texts.reason, _WORDS_SHOWN)}")
    if entry.texts.key_person:
        lines.append(f"キーパーソン: {entry.texts.key_person}")
    return "\n".join(lines)


def _roles(entry: ConferenceEntry) -> str:
    return "\n".join(
        f"・{one.who or '(だれが)'}: {cut(one.what, _WORDS_SHOWN)}" + (f"({wareki_short(one.by)}まで)" if one.by else "")
        for one in entry.texts.assignments
    )


def _outcome(row: RegisterRow) -> str:
    """What came of the newest decision; where nothing is written of it yet, of the one before, with its day."""
    for entry in row.history:
        said = entry.decision
        if said.outcome or said.rightness or said.found_types:
            before = "" if said.run_id == row.decision.run_id else f"({wareki_short(said.decided_on)}の会議のあと)"
            return before + came_of_it(replace(said, closed_on=None))
    return "未記入"


def _next_review(row: RegisterRow, on: date) -> str:
    if row.review_on is None:
        return "なし" if row.due == "経過だけ" else "未定"
    late = f"\n★{(on - row.review_on).days}日超過" if row.due == "期限超過" else ""
    return wareki_short(row.review_on) + late
