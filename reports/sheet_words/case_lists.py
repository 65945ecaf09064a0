"""The three short lists of a household's sheet: what is missing, what helps already, what to find out. Each is cut to
what one page has room for, the most telling first, and says how many are left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from engine.kernel.dates import wareki_short
from engine.kernel.truth import Truth
from engine.records.case import Case, ChildCase, Fact
from reports.sheet_words.case_hits import hits_of, unknown
from reports.sheet_words.fact_words import facts_in_words, is_event, origins_in_words, told, with_plain_thresholds
from reports.sheet_words.names import Names
from reports.wording import tells_a_day

MISSING_SHOWN, SUPPORTS_SHOWN, CHECKS_SHOWN = 4, 5, 6
_OPEN_QUESTIONS_FIRST = 3
_NONE_MISSING = "足りないと分かっている情報はありません"
_NONE_RECORDED = "記録はありません(支援がないという意味ではありません)"
_ALWAYS_ASKED = "通常の通告手順"
# The engine tells one gap a source; gaps of the same kind are told together.
_SAME_GAP = re.compile(r"((?:(?!について、).)+?)(の記録は.+からで、それより前は分かりません|の対象に入っていません)")
_BEFORE = re.compile(r"の記録は(\S+?)からで、それより前は分かりません")
_MONTHS = re.compile(r"R\d+年\d+月(?:・R\d+年\d+月){3,}")
_MAY_DECIDE = "★"  # the heading of the list says what it means
_PROCEDURE = re.compile(r"(.+とき)は、通常の通告手順へ")
_SELF = "本人"
_NOT_COVERED = "の対象に入っていません"
_WHETHER = re.compile(r"^「(.+)」かどうか")


@dataclass(frozen=True)
class CheckRow:
    """Two things to find out side by side, each with its box to tick; the right one may be empty."""

    left: str
    right: str


def missing_text(case: Case, names: Names) -> str:
    """足りない情報: first what kept a scenario from being judged, last the sources that do not cover the child.

    That nothing is known from before somebody was born is no gap.
    """
    born = {f"{wareki_short(day)}からで、" for day in names.birthdays()}
    ranked: list[tuple[int, ChildCase, str]] = []
    for child in case.children:
        telling = {s.note for hit in hits_of(child) for s in unknown((*hit.sentences, *hit.cancel_sentences))}
        gaps = tuple(gap for gap in child.missing if not any(day in gap for day in born))
        for rank, text in _joined(gaps, telling | set(child.to_check)):
            ranked.append((rank, child, _BEFORE.sub(r"は\1より前が分かりません", _MONTHS.sub(_span, text))))
    ranked.sort(key=lambda entry: entry[0])
    pairs = [(child, text) for _, child, text in ranked]
    for child in case.children:
        unjudged = [result.name for result in child.results if result.truth is Truth.UNKNOWN]
        if unjudged:
            pairs.append((child, f"判定できなかったシナリオが{len(unjudged)}件あります"))
    return _bullets(names.by_child(pairs), MISSING_SHOWN, _NONE_MISSING)


def _joined(texts: tuple[str, ...], telling: set[str]) -> list[tuple[int, str]]:
    """Texts with their rank (0 telling, 1 usual, 2 not covered), those of one kind and rank joined."""
    joined: dict[tuple[int, str], list[str]] = {}
    for text in texts:
        found = _SAME_GAP.fullmatch(text)
        label, tail = (found[1], found[2]) if found else (text, "")
        rank = 0 if any(text in other for other in telling) else 2 if tail == _NOT_COVERED else 1
        joined.setdefault((rank, tail or text), []).append(label)
    return [(rank, "、".join(labels) + (tail if labels != [tail] else "")) for (rank, tail), labels in joined.items()]


def supports_text(case: Case, names: Names) -> str:
    """いま使えている支援: one line an item, events counted (見守り訪問 8回(最新 R8.11.2)), then what cancelled a scenario."""
    own = {(f.id, f.label) for child in case.children for f in child.supports if f.subject == _SELF}
    others: dict[tuple[str, str], dict[str, Fact]] = {}
    pairs: list[tuple[ChildCase, str]] = []
    for child in case.children:
        groups: dict[str, list[Fact]] = {}
        for fact in child.supports:
            if fact.subject == _SELF:
                groups.setdefault(fact.label, []).append(fact)
            elif (fact.id, fact.label) not in own:  # a listed sibling's support is told with the sibling's name
                others.setdefault((fact.subject, fact.label), {})[fact.id] = fact
        pairs += [(child, _support(facts)) for facts in groups.values()]
    lines = names.by_child(pairs)
    lines += [(f"{subject}: " if subject else "") + _support(list(facts.values())) for (subject, _), facts in others.items()]
    lines += names.by_child(
        (child, f"「{result.name}」は、支援につながっているため打ち消しました")
        for child in case.children for result in child.results
        if result.truth is Truth.MET and result.cancelled is Truth.MET
    )
    return _bullets(lines, SUPPORTS_SHOWN, _NONE_RECORDED)


def _support(facts: list[Fact]) -> str:
    newest = max(facts, key=lambda fact: fact.on or date.min)
    if len(facts) > 1 and all(map(is_event, facts)):
        return f"{newest.label} {len(facts)}回(最新 {told(newest).removeprefix(newest.label).strip()})"
    text = facts_in_words(facts).removeprefix(f"{newest.subject}: ")
    return text if tells_a_day(text) else f"{text}({origins_in_words([newest])}時点)"


def checks_of(case: Case, names: Names) -> tuple[tuple[CheckRow, ...], int]:
    """確認すること in rows of two, and how many are left out.

    First a bare 通常の通告手順へ, then the unknowns that could change the tier of the most active children, most decisive
    first, then what the scenarios tell to ask, then the other unknowns. What names that procedure is never left out for
    something else.
    """
    urgent = [child for child in case.children if child.tier is case.tier]
    first, later = (
        names.by_child((child, _question(text, child)) for child in children for text in child.to_check)
        for children in (urgent, [child for child in case.children if child not in urgent])
    )
    asked = list(dict.fromkeys(text for child in case.children for hit in hits_of(child) for text in hit.ask if text))
    asked = _procedure_once(asked)
    asked.sort(key=lambda text: not text.startswith(_ALWAYS_ASKED))
    at_once = [text for text in asked if text.startswith(_ALWAYS_ASKED)]
    lines = [
        *at_once, *first[:_OPEN_QUESTIONS_FIRST], *asked[len(at_once) :], *first[_OPEN_QUESTIONS_FIRST:], *later,
    ]
    kept = sorted(range(len(lines)), key=lambda i: (_ALWAYS_ASKED not in lines[i], i))[:CHECKS_SHOWN]
    boxes = [f"□ {lines[i]}" for i in sorted(kept)] or ["□"]
    rows = tuple(
        CheckRow(boxes[i], boxes[i + 1] if i + 1 < len(boxes) else "") for i in range(0, len(boxes), 2)
    )
    return rows, len(lines) - len(kept)


def _procedure_once(asked: list[str]) -> list[str]:
    """All cases in which the usual notification is due in one line, where the first of them stood: said four times, nothing else would find room."""
    cases = [found[1] for text in asked if (found := _PROCEDURE.fullmatch(text))]
    together = f"{'、'.join(cases)}は、通常の通告手順へ"
    return list(dict.fromkeys(together if _PROCEDURE.fullmatch(text) else text for text in asked))


def _question(text: str, child: ChildCase) -> str:
    """A question without the gap behind it where 足りない情報 names that gap, marked if its answer alone may give another tier."""
    deciding = {
        point.number: point.sentence
        for point in child.turning_points
        if point.now is Truth.UNKNOWN and not point.also and point.tier is not child.tier
    }
    # Scenarios may word the same sentence differently, by the names of their thresholds.
    worded = {s.text for r in child.results for s in (*r.sentences, *r.cancel_sentences) if s.number in deciding}
    decisive = any(text.startswith(f"「{sentence}」") for sentence in worded | {*deciding.values()})
    for gap in child.missing:
        text = text.removesuffix(f"({gap})")
    text = with_plain_thresholds(_WHETHER.sub(r"\1か", text))
    return _MAY_DECIDE + text if decisive else text


def _span(months: re.Match[str]) -> str:
    """A long row of months as its ends and how many they are."""
    names = months[0].split("・")
    return f"{names[0]}から{names[-1]}までのうち{len(names)}か月"


def _bullets(lines: list[str], shown: int, otherwise: str) -> str:
    if not lines:
        return otherwise
    rest = [f"ほか{len(lines) - shown}件"] if len(lines) > shown else []
    return "\n".join(f"・{line}" for line in [*lines[:shown], *rest])
