"""Several facts in one cell: the same item told once with its newest days, and where it all came from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date

from engine.kernel.dates import wareki_short
from engine.records.case import Fact
from reports.wording import tells_a_day, without_origin

FACTS_SHOWN = 3
_SELF = "本人"
_PROTECTION = "address_protection"
_SINCE = re.compile(r"[((][^()()]*から[^()()]*[))]$")
_THRESHOLD = re.compile(r"「[^「」]*」[((](\d[^()()]*)[))]")
_MONTH_THEN_DAYS = re.compile(r"(年\d{1,2}月) (\d+日)$")
# Lengths are bounded: without, a very long text would take minutes.
_LONG_NOTES = (
    (re.compile(r"(?P<who>[^、]{1,80}?について、)?(?P<source>[^、]{1,80}?)は(?:全住民|対象の学年の全員|市立学校の在籍者|突合できた世帯)が対象で、(?P<day>[RH]\d+\.\d+\.\d+)時点の記録に"
                r"(?P<what>「.+?」は)?(?P<other>ほかには)?ありません"), r"\g<who>\g<what>\g<other>記録にありません(\g<source> \g<day>)"),
    (re.compile(r"同じ世帯の住民記録に、当てはまる人は(.+?)\((.+?)時点\)"), r"住民記録で当てはまる人は\1"),
    (re.compile(r"[^、]{1,80}の、この期間の記録はそろっています\(.+?時点\)"), "この期間の記録はそろっています"),
)
_REMARK = re.compile(r"[((][^()()]*[))]$")


def facts_in_words(facts: Iterable[Fact]) -> str:
    """水道料金の督促 R8.6.20・R8.8.20・R8.10.20; who it is about in front unless the child itself (世帯: …).

    Of the days of one item the newest three are told, oldest first, then how many more there are. Equal texts of
    different rows are counted.
    """
    groups: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts:
        groups.setdefault((fact.subject, _item(fact)), []).append(fact)
    by_subject: dict[str, list[str]] = {}
    for (subject, item), members in groups.items():
        by_subject.setdefault(subject, []).append(_group(item, members))
    return "、".join(
        ("" if subject in ("", _SELF) else f"{subject}: ") + "、".join(texts) for subject, texts in by_subject.items()
    )


def origins_in_words(facts: Iterable[Fact]) -> str:
    """校務支援 R8.11.13: each source once with its newest as-of day, remarks on the source's name left out."""
    days: dict[str, date] = {}
    for fact in facts:
        label = without_remark(fact.provenance.source_label)
        days[label] = max(days.get(label, fact.provenance.known_on), fact.provenance.known_on)
    return "\n".join(f"{label} {wareki_short(day)}" for label, day in days.items())


def without_remark(source_label: str) -> str:
    """校務支援 of 校務支援(出欠・学校生活)."""
    return _REMARK.sub("", source_label) or source_label


def shortened(note: str) -> str:
    """What an answer rests on besides facts, in the fewest words that keep source and day.

    >>> shortened("保育は全住民が対象で、R8.11.6時点の記録にありません")
    '記録にありません(保育 R8.11.6)'
    """
    for long, short in _LONG_NOTES:
        note = long.sub(short, note)
    return note


def told(fact: Fact) -> str:
    """The fact's text without its origin, with its day in front unless it tells one.

    Days of absence after a month (R8年10月 9日) would read as a day of that month: they become R8年10月に9日. Since when a household is protected
    is not told: who reads the sheet must know that it is, and that day may lead to where it lived before.
    """
    if fact.provenance.source == _PROTECTION:
        return _SINCE.sub("", without_origin(fact))
    text = _MONTH_THEN_DAYS.sub(r"\1に\2", without_origin(fact))
    return text if fact.on is None or tells_a_day(text) else f"{wareki_short(fact.on)} {text}"


def with_plain_thresholds(text: str) -> str:
    """The sentence with the values of its thresholds alone: their names are in the rulebook, and on the sheet each takes half a line.

    >>> with_plain_thresholds("母の最新のEPDSの合計点が「EPDSの目安」(9点)以上")
    '母の最新のEPDSの合計点が9点以上'
    """
    return _THRESHOLD.sub(r"\1", text)


def is_event(fact: Fact) -> bool:
    """Whether the text is the item and a day, nothing else: such facts can be counted."""
    return fact.on is not None and told(fact) == f"{fact.label} {wareki_short(fact.on)}"


def _item(fact: Fact) -> str:
    """The item if the text is the item followed by a value, else empty."""
    return fact.label if fact.label and told(fact).startswith(f"{fact.label} ") else ""


def _group(item: str, facts: list[Fact]) -> str:
    if not item:
        return "、".join(dict.fromkeys(map(told, facts)))
    ordered = sorted({(fact.id, told(fact)): fact for fact in facts}.values(), key=lambda fact: fact.on or date.min)
    counts = Counter(told(fact).removeprefix(f"{item} ") for fact in ordered)
    values = [value + (f"({count}件)" if count > 1 else "") for value, count in counts.items()]
    rest = sum(list(counts.values())[:-FACTS_SHOWN])
    return f"{item} {'・'.join(values[-FACTS_SHOWN:])}" + (f" ほか{rest}件" if rest else "")
