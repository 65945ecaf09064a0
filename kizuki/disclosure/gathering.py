"""Everything that is held on one person, sorted into what is shown and what is withheld."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.kernel.dates import wareki_short
from engine.linkage.person import HeldReview
from engine.records.layout import Layout
from engine.records.vocabulary import RecordKind
from engine.store.person_history import PersonHistory, RegisterLine, StoredRow
from kizuki.disclosure.delivered_lines import SearchedFiles
from kizuki.disclosure.withholding import Ground, Withholding, kind_label
from reports.disclosure.contents import HeldKind, HeldRow, LineOfFile, Occurrences, Withheld

UNREADABLE = "不詳"
_REGISTER_COPY = "年齢・地区の計算のための写し"
_REGISTER_LABELS = {
    "born_on": "生年月日",
    "sex": "性別",
    "resident_status": "住民状態",
    "became_resident_on": "住民となった日",
    "district": "町字(地区別の集計)",
}
IsInOwnName = Callable[[StoredRow], bool]


@dataclass(frozen=True)
class Sorted:
    """Rows for both papers: shown kinds, what is withheld of rows and columns, what to read first, and every line's fate."""

    kinds: tuple[HeldKind, ...]
    withheld: tuple[Withheld, ...]
    to_look_at: tuple[Withheld, ...]
    lines: tuple[LineOfFile, ...]


def sort_rows(
    history: PersonHistory,
    rules: Withholding,
    layouts: Mapping[str, Layout],
    is_in_own_name: IsInOwnName,
    *,
    hides_place: bool,
) -> Sorted:
    """Every stored row, shown or withheld. `hides_place`: the town is not printed, as is no address."""
    kinds: list[HeldKind] = []
    withheld: list[Withheld] = []
    look: list[Withheld] = []
    lines: list[LineOfFile] = []
    by_record: dict[str, list[StoredRow]] = defaultdict(list)
    for row in history.rows:
        by_record[row.record].append(row)
    known = [record for record in rules.vocabulary.records if record in by_record]
    for record in [*known, *sorted(set(by_record) - set(known))]:
        label, source = kind_label(rules.vocabulary, record), by_record[record][0].entry.label
        shown: list[StoredRow] = []
        for ground, rows in _by_ground(by_record[record], rules, is_in_own_name):
            became = "開示用に記載" if ground is None else f"載せない({ground.item})"
            lines += [LineOfFile(row.entry.file, str(row.line), label, became) for row in rows]
            if ground is None:
                shown += rows
            else:
                withheld.append(Withheld(label, f"保管した事実({source})", len(_alike(rows)), ground.item, ground.why))
        if not shown:
            continue
        kind = rules.vocabulary.records[record]
        hidden = _hidden_columns(record, shown, rules)
        withheld += [
            Withheld(f"{label}の「{name}」", f"保管した事実({source})", count, ground.item, ground.why)
            for name, (ground, count) in hidden.items()
            if count
        ]
        held = _kind(kind, layouts[kind.source].label if kind.source in layouts else source, shown, hidden, rules, record)
        kinds.append(held)
        if rules.asks_for_a_look(record):
            why = "だれが知らせたかや、支援のいきさつが分かり、ご本人を傷つけるおそれがないか"
            look.append(Withheld(label, "開示用の紙「2 記録」", len(held.rows), "第1号・第7号", why))
    copy_of_register = _register(history.register, hides_place=hides_place)
    if copy_of_register and rules.of_kind("resident") is None:
        kinds.append(copy_of_register)
    elif copy_of_register and (ground := rules.of_kind("resident")):
        withheld.append(
            Withheld(_REGISTER_COPY, "保管した事実(住民記録)", len(copy_of_register.rows), ground.item, ground.why)
        )
    return Sorted(tuple(kinds), tuple(withheld), tuple(look), tuple(lines))


def unstored_lines(stored: Iterable[LineOfFile], found: SearchedFiles, reviews: Sequence[HeldReview]) -> Iterator[LineOfFile]:
    """Lines that name the person and are no record of theirs, rows that were put aside, and files that could not be searched."""
    known = {(line.file, line.line) for line in stored}
    for line in found.lines:
        if (line.entry.file, str(line.line)) in known:
            continue
        columns = "・".join(line.columns)
        if line.is_own:
            yield LineOfFile(line.entry.file, str(line.line), f"ご本人の行({columns})", "記録にしていない(隔離したか、取り込み定義で除いた)")
        else:
            yield LineOfFile(line.entry.file, str(line.line), f"ほかの方の行({columns}の欄)", "載せない(第2号)")
    for review in reviews:
        numbers = "・".join(map(str, review.lines))
        yield LineOfFile(review.file, numbers, f"保留した行({review.reason})", "ご本人のものか確かめていない")
    for file in found.missing:
        yield LineOfFile(file, "―", "受領したファイル", "すでになく、調べられない")


def _by_ground(
    rows: Iterable[StoredRow], rules: Withholding, is_in_own_name: IsInOwnName
) -> Iterator[tuple[Ground | None, list[StoredRow]]]:
    found: dict[Ground | None, list[StoredRow]] = defaultdict(list)
    for row in rows:
        kind = rules.vocabulary.records.get(row.record)
        ground = rules.of_kind(row.record)
        if ground is None and kind is not None and kind.subject != "人":
            ground = rules.of_household_row(is_in_own_name(row))
        found[ground].append(row)
    yield from found.items()


def _alike(rows: Iterable[StoredRow]) -> list[list[StoredRow]]:
    """Rows that say the same, together: a full delivery repeats them every week. Twice in one delivery stays two."""
    groups: dict[tuple[Any, ...], list[StoredRow]] = defaultdict(list)
    seen: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        what = (row.record, tuple(sorted(row.cells.items(), key=lambda cell: cell[0])), row.unknown)
        seen[row.entry.file, what] += 1
        groups[seen[row.entry.file, what], what].append(row)
    return list(groups.values())


def _hidden_columns(record: str, rows: Sequence[StoredRow], rules: Withholding) -> dict[str, tuple[Ground, int]]:
    hidden: dict[str, tuple[Ground, int]] = {}
    columns = rules.vocabulary.records[record].columns
    for name in dict.fromkeys(name for row in rows for name in row.cells):
        ground = rules.of_column(record, name)
        if ground is not None:
            told = sum(row[0].cells.get(name) is not None for row in _alike(rows))
            hidden[columns[name].label if name in columns else name] = (ground, told)
    return hidden


def _kind(
    kind: RecordKind,
    source: str,
    rows: Sequence[StoredRow],
    hidden: Mapping[str, object],
    rules: Withholding,
    record: str,
) -> HeldKind:
    lines = []
    for alike in _alike(rows):
        first = alike[0]
        shown = {name: value for name, value in first.cells.items() if rules.of_column(record, name) is None}
        content = [
            f"{kind.columns[name].label} {UNREADABLE if name in first.unknown else _in_words(value)}"
            for name, value in shown.items()
            if value is not None or name in first.unknown
        ]
        lines.append(HeldRow(_days(kind, shown, first.unknown), "、".join(content) or "(値のない行)", _came(alike)))
    lines.sort(key=lambda line: (line.came.last, line.came.line))
    return HeldKind(
        kind.label, source, kind.owner, kind.purpose, kind.legal_basis, kind.retention_years, tuple(hidden), tuple(lines)
    )


def _came(alike: Sequence[StoredRow]) -> Occurrences:
    days = sorted(row.entry.as_of for row in alike)
    last = max(alike, key=lambda row: (row.entry.as_of, row.entry.file, row.line))
    return Occurrences(len({row.entry.file for row in alike}), days[0], days[-1], last.entry.file, last.line)


def _days(kind: RecordKind, shown: Mapping[str, Any], unknown: frozenset[str]) -> str:
    def day(name: str | None, blank: str) -> str:
        if name is None:
            return blank
        return UNREADABLE if name in unknown else _in_words(shown[name]) if shown.get(name) else blank

    if kind.date:
        return day(kind.date, "日の記載なし")
    if kind.valid:
        return f"{day(kind.valid.start, '')}〜{day(kind.valid.end, '')}"
    return "受領の日の時点"


def _in_words(value: Any) -> str:
    return wareki_short(value) if isinstance(value, date) else str(value)


def _register(found: Sequence[RegisterLine], *, hides_place: bool) -> HeldKind | None:
    groups: dict[tuple[tuple[str, Any], ...], list[RegisterLine]] = defaultdict(list)
    for line in found:
        told = {n: v for n, v in line.cells.items() if v is not None and not (hides_place and n == "district")}
        groups[tuple(sorted(told.items()))].append(line)
    if not groups:
        return None
    rows = []
    for cells, lines in groups.items():
        days = sorted(line.entry.as_of for line in lines)
        last = max(lines, key=lambda line: line.entry.as_of)
        content = "、".join(f"{_REGISTER_LABELS.get(name, name)} {_in_words(value)}" for name, value in cells)
        rows.append(HeldRow("受領の日の時点", content, Occurrences(len(lines), days[0], days[-1], last.entry.file, 0)))
    return HeldKind(
        _REGISTER_COPY, "住民記録", "市民課", "年齢・学年・地区の計算", "個人情報保護法69条2項2号", 5,
        ("町字(地区別の集計)",) if hides_place else (), tuple(rows),
    )  # fmt: skip
