"""The twelve months of a household in words: the entries beside the timeline's figure, two in a line."""

from __future__ import annotations

from dataclasses import dataclass

from engine.kernel.dates import month_end, wareki_short
from engine.records.case import Case, TimelineEntry
from reports.figures.timeline import telling
from reports.sheet_words.case_hits import hits_of
from reports.sheet_words.fact_words import without_remark
from reports.sheet_words.names import Names

SHOWN = 4
_MARKS = {"事実": "●", "連絡": "■", "支援": "▲"}
_SELF = "本人"


@dataclass(frozen=True)
class EntryRow:
    """Two numbered entries of the timeline side by side, the elder left; the right one may be empty."""

    left: str
    right: str


def told_entries(case: Case) -> tuple[TimelineEntry, ...]:
    """The entries that the table tells, in the order of their numbers: first those on which the scenarios rest."""
    days = {
        (fact.provenance.source_label, fact.on)
        for child in case.children
        for hit in hits_of(child)
        for sentence in hit.sentences
        for fact in sentence.facts
    }
    weighty = {e for e in case.timeline if not days.isdisjoint({(e.source_label, e.on), (e.source_label, e.until)})}
    return telling(case.timeline, SHOWN, weighty)


def entry_rows(case: Case, names: Names) -> tuple[EntryRow, ...]:
    """The told entries, numbered as in the figure."""
    texts = [f"{number} {_in_words(entry, case, names)}" for number, entry in enumerate(told_entries(case), start=1)]
    return tuple(EntryRow(texts[i], texts[i + 1] if i + 1 < len(texts) else "") for i in range(0, len(texts), 2))


def _in_words(entry: TimelineEntry, case: Case, names: Names) -> str:
    child = next((one for one in case.children if one.child_key == entry.child_key), None)
    who = names.tag([child]) if child else "" if entry.who in ("", _SELF) else f"{entry.who}: "
    source = without_remark(entry.source_label)
    return f"{_MARKS[entry.kind]} {_when(entry)} {who}{entry.text}" + ("" if entry.text.startswith(source) else f"({source})")


def _when(entry: TimelineEntry) -> str:
    """R8.11.2, R8.4.1から, R8年10月 for the figures of a month, else from when until when."""
    day = wareki_short(entry.on)
    if not entry.lasts:
        return day
    if entry.until is None:
        return f"{day}から"
    if entry.on.day == 1 and entry.until == month_end(entry.on):
        year, month, _ = day.split(".")
        return f"{year}年{month}月"
    return f"{day}～{wareki_short(entry.until)}"
