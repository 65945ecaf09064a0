"""The words of the whole handout: cover, list, state of the data, and every household (`case_view.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from engine.kernel.dates import wareki
from engine.records.case import HARDSHIP_LABELS, Case, Casebook, Identity, SourceStatus, Tier
from engine.records.conference import AGENCIES
from engine.replay.verdict import ReplayVerdict
from reports.sheet_words.case_model import model_in_use, model_on_cover
from reports.sheet_words.case_past import Texts
from reports.sheet_words.case_view import CaseView, view_case
from reports.sheet_words.unlisted_view import ApartPage, DrawnPage, view_apart, view_drawn
from reports.wording import CHANGE_LABELS, CHANGE_ORDER, TIER_ORDER, as_of_label, reference_number, source_state


@dataclass(frozen=True)
class TierCount:
    """How many are in one of the three groups. `households`: in all, the listed, those set aside and those that wait for a later week together.

    `where`: how many of them are on the list, set aside, waiting, in words; empty for ③, of which households are not counted. `children`: of everybody
    who was evaluated.
    """

    mark: str
    label: str
    children: str
    households: str
    where: str


@dataclass(frozen=True)
class SourceView:
    """One line of データの状況."""

    label: str
    as_of: str
    state: str
    received: int
    used: int
    quarantined: int
    unlinked: int


@dataclass(frozen=True)
class ChangeGroup:
    """The households of this volume with one tier and one change since last week: `label` ① ★新規 …, `count` of them.

    Groups follow each other as the cases do, so that numbers run down the list; those whom a model raised to ① stand in groups of their own.
    """

    label: str
    count: int
    cases: tuple[CaseView, ...]


@dataclass(frozen=True)
class BookView:
    """Everything the template may print. Counts are of the whole week also where the list is split into volumes.

    `groups`: the list by tier and change since last week, in the order of the cases. `source_days`: as-of day of every source in one text. `apart_pages`: the sheet of
    households set aside, one line each, or none. `drawn_pages`: the sheet of children drawn by chance, or none. `head`: the printed head of the run
    record, empty for runs before it was kept. `agencies`: those of which one may lead (主担当機関), as the city names them.
    """

    city: str
    meeting_on: str
    as_of: str
    run_id: str
    agencies: tuple[str, ...]
    copy_label: str
    volume_label: str
    case_count: int
    child_count: int
    children_evaluated: str
    capacity: int
    over_capacity: int
    not_printed: int
    tiers: tuple[TierCount, ...]
    changes: tuple[int, ...]
    dropped_count: int
    dropped: str
    attention: str
    replay: str
    replay_note: str
    model: str
    rulebooks: str
    type_labels: tuple[str, ...]
    sources: tuple[SourceView, ...]
    cases: tuple[CaseView, ...]
    groups: tuple[ChangeGroup, ...]
    source_days: str
    apart_count: int
    apart_pages: tuple[ApartPage, ...]
    drawn_pages: tuple[DrawnPage, ...]
    head: str


@dataclass(frozen=True)
class Copy:
    """Which numbered copy, of how many (0: to be numbered by hand), and which volume, of how many."""

    number: int = 0
    copies: int = 1
    volume: int = 1
    volumes: int = 1


def view_casebook(
    casebook: Casebook,
    cases: tuple[Case, ...],
    identities: Mapping[str, Identity],
    copy: Copy,
    *,
    texts: Texts | None = None,
    head: str = "",
    agencies: tuple[str, ...] = AGENCIES,
) -> BookView:
    """Turn a casebook into words; `cases` are those of this volume, in the order given.

    `texts`: what people wrote in earlier conferences. `head`: of the run record. Households set aside and children drawn stand in the first volume.
    """
    kept = any(case.timeline or case.weeks for case in casebook.cases)
    views = tuple(
        view_case(case, identities, run_id=casebook.run_id, as_of=casebook.as_of, texts=texts, history_kept=kept) for case in cases
    )
    changes = Counter(case.change for case in casebook.cases)
    return BookView(
        city=casebook.city,
        meeting_on=wareki(casebook.meeting_on, weekday=True),
        as_of=wareki(casebook.as_of, weekday=True),
        run_id=casebook.run_id,
        agencies=agencies,
        copy_label=f"{copy.number} / {copy.copies}" if copy.number else "＿＿＿",
        volume_label=_volume_label(cases, copy),
        case_count=len(casebook.cases),
        child_count=sum(len(case.children) for case in casebook.cases),
        children_evaluated=f"{casebook.children_evaluated:,}",
        capacity=casebook.capacity,
        over_capacity=sum(case.over_capacity for case in casebook.cases),
        not_printed=casebook.not_printed,
        tiers=_tier_counts(casebook),
        changes=tuple(changes[name] for name in CHANGE_ORDER),
        dropped_count=len(casebook.dropped),
        dropped="、 ".join(reference_number(key) for key in casebook.dropped) or "なし",
        attention=_attention(casebook),
        replay=casebook.replay,
        replay_note=f"{casebook.replay}。{casebook.replay_note}" if casebook.replay_note else casebook.replay,
        model=model_in_use(casebook),
        rulebooks="、".join(
            f"{HARDSHIP_LABELS.get(name, name)} {version}版" for name, version in casebook.rulebook_versions.items()
        ),
        type_labels=tuple(HARDSHIP_LABELS.values()),
        sources=tuple(_view_source(source) for source in casebook.sources),
        cases=views,
        groups=_grouped(cases, views),
        source_days="、".join(f"{source.label} {as_of_label(source.as_of)}" for source in casebook.sources),
        apart_count=len(casebook.apart),
        apart_pages=view_apart(casebook, identities) if copy.volume == 1 else (),
        drawn_pages=view_drawn(casebook, identities) if copy.volume == 1 else (),
        head=_in_fours(head),
    )


def _grouped(cases: tuple[Case, ...], views: tuple[CaseView, ...]) -> tuple[ChangeGroup, ...]:
    found = [(label, tuple(view for _, view in group)) for label, group in groupby(zip(cases, views, strict=True), lambda each: _group_label(each[0]))]
    return tuple(ChangeGroup(label, len(group), group) for label, group in found)


def _group_label(case: Case) -> str:
    raised = "(モデルが1段上げた世帯)" if case.tier is Tier.ACTIVE and case.lifted_from is not None else ""
    return f"{case.tier.mark} {CHANGE_LABELS[case.change]}{raised}"


def _in_fours(head: str) -> str:
    """In groups of four letters, to be compared by eye."""
    return " ".join(head[at : at + 4] for at in range(0, len(head), 4))


def _volume_label(cases: tuple[Case, ...], copy: Copy) -> str:
    if copy.volumes == 1 or not cases:
        return ""
    return f"全{copy.volumes}分冊の第{copy.volume}分冊(案件{cases[0].case_no}～{cases[-1].case_no})"


def _tier_counts(casebook: Casebook) -> tuple[TierCount, ...]:
    return tuple(_tier_count(casebook, tier) for tier in TIER_ORDER)


def _tier_count(casebook: Casebook, tier: Tier) -> TierCount:
    """Households of ① and ② wherever they are told; only ② ever waits. A list holds nobody of ③, so its households are not counted."""
    listed = sum(case.tier is tier for case in casebook.cases)
    apart = sum(one.tier is tier for one in casebook.apart)
    waiting = casebook.not_printed if tier is Tier.INQUIRY else 0
    children = f"{_children_of(casebook.tier_counts, tier):,}"
    if tier is Tier.NO_ACTION:
        return TierCount(tier.mark, tier.label, children, "―", "")
    where = [f"一覧 {listed:,}", *([f"別に示す {apart:,}"] if apart else []), *([f"次回以降 {waiting:,}"] if waiting else [])]
    return TierCount(tier.mark, tier.label, children, f"{listed + apart + waiting:,}", "・".join(where))


def _children_of(counts: Mapping[str, int], tier: Tier) -> int:
    """The count under whichever name of the tier was used: its mark, number or English name."""
    return sum(counts.get(name, 0) for name in (tier.mark, str(int(tier)), tier.name, tier.name.lower()))


def _attention(casebook: Casebook) -> str:
    """What the room must know before reading the list: whether it was checked, what a model did, data that are missing or old, and what is not printed."""
    lines = [*filter(None, (model_on_cover(casebook), _of_data(casebook) or "すべてのデータが期日どおり届いています。"))]
    if unchecked := _unchecked(casebook):
        lines.insert(0, unchecked)
    return "\n".join(lines)


def _unchecked(casebook: Casebook) -> str:
    """That no other engine confirmed the list, or not all of it; empty where one did."""
    if casebook.replay == ReplayVerdict.AGREED.value:
        return ""
    then = "会議の前に、管理者と「再現の食い違いの表」を確かめてください。" if casebook.replay == ReplayVerdict.DISAGREED.value else ""
    return f"【再現:{casebook.replay}】{casebook.replay_note}{then}"


def _of_data(casebook: Casebook) -> str:
    lines = []
    if late := [_late(source) for source in casebook.sources if not source.fresh]:
        lines.append(f"届いていない・古いデータがあります: {'、'.join(late)}。関係する条件は「不明」になります。")
    if urgent := sum(source.urgent_unlinked for source in casebook.sources):
        lines.append(
            f"だれの記録か確かめられていない緊急連絡が{urgent}件あります。会議を待たず、通常の通告手順で確かめてください。"
        )
    if torn := [f"{source.label}{source.unattributed}件" for source in casebook.sources if source.unattributed]:
        lines.append(
            f"だれのものか読めない行があります({'、'.join(torn)})。これらの源の「記録なし」は慎重に読んでください。"
        )
    if holes := [_holes(source) for source in casebook.sources if source.missing_periods]:
        lines.append(f"だれについても届いていない月があります: {'、'.join(holes)}。この月を含む条件は「不明」になります。")
    if casebook.not_printed:
        lines.append(
            f"このほか、定員を超えたため次回以降に回した②が{casebook.not_printed}世帯あります。"
        )
    return "\n".join(lines)


def _holes(source: SourceStatus) -> str:
    return f"{source.label}({'・'.join(f'{day.year}年{day.month}月' for day in source.missing_periods)})"


def _late(source: SourceStatus) -> str:
    return source.label + ("(未着)" if source.as_of is None else f"({as_of_label(source.as_of)}時点)")


def _view_source(source: SourceStatus) -> SourceView:
    return SourceView(
        source.label, as_of_label(source.as_of), source_state(source),
        source.received, source.used, source.quarantined, source.unlinked,
    )
