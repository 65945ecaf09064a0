"""The scenarios of one household as its sheet tells them: each once, with the sentences that carry it and their facts.

The sheet has one page. What did not decide (branches not met, ages, conditions that would cancel but do not) is left to
`kizuki trace`. A fact told under one scenario is not told again under the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from engine.kernel.truth import Truth
from engine.records.case import HARDSHIP_LABELS, Case, ChildCase, Fact, ScenarioResult, SentenceResult, Tier
from reports.sheet_words.fact_words import facts_in_words, origins_in_words, shortened, with_plain_thresholds
from reports.sheet_words.names import Names

_UNKNOWN_SHOWN = 3
_STRENGTHS = ("強", "中", "弱")
_WEAK = "弱"
_BRIEF_LETTERS = 60
_SENTENCES_SHOWN = 7
_NEGATION = "次でない"
_SAME = "上と同じ"
_REGISTER_LABELS = ("年齢", "学年")
_AS_ON_THE_SHEET = "「世帯の構成」のとおりです"
_BY_REGISTER = "住民記録で"
_ABSENT_FROM = re.compile(r"記録にありません\(([^()]+)\)$")
_ABSENCE = re.compile(rf"(?:[^、]+?について、)?記録にありません|{_BY_REGISTER}当てはまる人は|{_AS_ON_THE_SHEET}")


@dataclass(frozen=True)
class EvidenceLine:
    """One sentence that carries a scenario: ○ (× where not being so is the condition), its facts, their origin.

    Sentences whose facts stand above already are told together. `same_origin`: as the line before. `told`: facts and origin in one text.
    """

    mark: str
    sentence: str
    fact: str
    origin: str
    same_origin: bool = False

    @property
    def told(self) -> str:
        """The facts with their origin behind them, 同上 where it is that of the line before; an origin that the facts name themselves is not said again."""
        origin = "同上" if self.same_origin else self.origin.replace("\n", "、")
        if not self.origin or f"({self.origin})" in self.fact:
            return self.fact
        return f"{self.fact.removeprefix(_BY_REGISTER) if self.origin.startswith(_BY_REGISTER[:-1]) else self.fact}〔{origin}〕"


@dataclass(frozen=True)
class HitView:
    """A scenario that was met, for all children of the household it was met for (`who`, empty for an only child).

    `unknown` tells the conditions that are not known; empty if there are none, and in brief also of a weak scenario and where all are told above.
    `brief`: the facts in one text, of a weak scenario where a stronger one stands above, of one that rests on facts told above alone, and of
    whatever comes after as many sentences as a page has room for; empty for all others. `purpose` and `threshold_source` are there for templates that
    want them.
    """

    scenario_id: str
    name: str
    who: str
    type_label: str
    tier_mark: str
    strength: str
    news: str
    purpose: str
    threshold_source: str
    unknown: str
    lines: tuple[EvidenceLine, ...]
    brief: str = ""


Hit = tuple[ChildCase, ScenarioResult]


def view_hits(case: Case, names: Names) -> tuple[HitView, ...]:
    """Scenarios in the order of children (most active first), type and strength; several children share one block."""
    together: dict[str, list[Hit]] = {}
    for child in case.children:
        if not only_weak(child):
            for hit in hits_of(child):
                together.setdefault(hit.scenario_id, []).append((child, hit))
    told: dict[object, str] = {}
    groups = list(together.values())
    doubts: set[str] = set()
    stronger = any(hits[0][1].strength != _WEAK for hits in groups)
    ordered = sorted(groups, key=lambda hits: stronger and hits[0][1].strength == _WEAK)  # weak ones last: they are told in brief
    views: list[HitView] = []
    sentences = 0
    for hits in ordered:
        view = _view_hit(hits, case, names, told)
        weak = stronger and hits[0][1].strength == _WEAK
        nothing_new = all(line.fact.startswith(_SAME) for line in view.lines)
        in_brief = bool(view.brief) and bool(views) and (weak or nothing_new or sentences + len(view.lines) > _SENTENCES_SHOWN)
        sentences += 0 if in_brief else len(view.lines)
        if in_brief and (weak or doubts >= _doubts(view)):
            view = replace(view, unknown="")
        doubts |= _doubts(view)
        views.append(view if in_brief else replace(view, brief=""))
    return tuple(views)


def _doubts(view: HitView) -> set[str]:
    """Each unknown condition that a line names, and that it names not all."""
    return {text for text in re.split("「|」", view.unknown) if text}


def hits_of(child: ChildCase) -> list[ScenarioResult]:
    """A child's hits: most active type first, then by strength and number."""
    marks = {decision.hardship_type: decision.tier for decision in child.types}
    order = list(HARDSHIP_LABELS)
    return sorted(
        (result for result in child.results if result.is_hit),
        key=lambda hit: (
            marks.get(hit.hardship_type, Tier.NO_ACTION),
            order.index(hit.hardship_type) if hit.hardship_type in order else len(order),
            _STRENGTHS.index(hit.strength), hit.scenario_id,
        ),
    )


def only_weak(child: ChildCase) -> bool:
    """A child of the third tier with nothing but weak hits: one line says so, without evidence."""
    return child.tier is Tier.NO_ACTION and all(hit.strength == "弱" for hit in hits_of(child))


def carrying(sentences: Sequence[SentenceResult]) -> list[SentenceResult]:
    """The sentences that decided a met scenario: met ones under groups that are met themselves, 次でない reversed.

    Group headings are left out, and the age and grade of the child itself unless nothing else is left.
    """
    decided = [
        sentence for sentence, wanted, open_above in _leaves(sentences) if open_above and sentence.truth is wanted
    ]
    return [sentence for sentence in decided if not _register_only(sentence)] or decided


def unknown(sentences: Sequence[SentenceResult]) -> list[SentenceResult]:
    """Unknown sentences that still matter: none of the groups around them is decided against."""
    return [s for s, _, open_above in _leaves(sentences, blocked_by_unknown=False)
            if open_above and s.truth is Truth.UNKNOWN]


def _leaves(
    sentences: Sequence[SentenceResult], *, blocked_by_unknown: bool = True
) -> Iterator[tuple[SentenceResult, Truth, bool]]:
    """Each sentence that is no group heading, the truth it should have here, and whether the groups around let it count."""
    groups: list[tuple[Truth, bool]] = []  # for each group around: the truth wanted inside it, and whether it counts
    for sentence, following in zip(sentences, [*sentences[1:], None], strict=True):
        del groups[sentence.depth :]
        wanted, counts = groups[-1] if groups else (Truth.MET, True)
        if following is None or following.depth <= sentence.depth:
            yield (sentence, wanted, counts)
            continue
        agrees = sentence.truth is wanted or (not blocked_by_unknown and sentence.truth is Truth.UNKNOWN)
        groups += [(wanted, counts)] * (sentence.depth - len(groups))
        groups.append((~wanted if sentence.text == _NEGATION else wanted, counts and agrees))


def _register_only(sentence: SentenceResult) -> bool:
    return bool(sentence.facts) and not sentence.note and all(
        fact.subject == "本人" and fact.label in _REGISTER_LABELS for fact in sentence.facts
    )


def _view_hit(hits: list[Hit], case: Case, names: Names, told: dict[object, str]) -> HitView:
    first = hits[0][1]
    lines = tuple(_lines(hits, names, told))
    tier = min(
        (d.tier for child, _ in hits for d in child.types if d.hardship_type == first.hardship_type), default=None
    )
    return HitView(
        scenario_id=first.scenario_id,
        name=first.name,
        who=names.tag([child for child, _ in hits]),
        type_label=HARDSHIP_LABELS.get(first.hardship_type, first.hardship_type),
        tier_mark=tier.mark if tier else "",
        strength=first.strength,
        news="★今週から" if first.scenario_id in case.new_scenarios else "",
        purpose=first.purpose,
        threshold_source=first.source,
        unknown=_unknown_line(result for _, result in hits),
        lines=tuple(_together(lines)),
        brief=_in_brief(lines),
    )


def _together(lines: Sequence[EvidenceLine]) -> Iterator[EvidenceLine]:
    """Sentences that rest on facts told above, as one line behind the others."""
    same = [line for line in lines if line.fact.startswith(_SAME)]
    gathered = same if len(same) > 1 else []
    before = ""
    for line in lines:
        if line not in gathered:
            yield replace(line, same_origin=bool(line.origin) and line.origin == before)
            before = line.origin
    if gathered:
        above = dict.fromkeys(line.fact.removeprefix(_SAME)[1:-1] for line in same)
        yield EvidenceLine(same[0].mark, "、".join(line.sentence for line in same), f"{_SAME}({'・'.join(above)})", "")


def _in_brief(lines: Sequence[EvidenceLine]) -> str:
    """The facts that are not told above, one after the other; a mere absence in the words of its sentence."""
    fresh = [line for line in lines if not line.fact.startswith(_SAME) and line.mark == Truth.MET.mark]
    by_origin: dict[str, list[str]] = {}
    shown = letters = 0
    for line in fresh:
        words, origin = line.fact, line.origin
        if _ABSENCE.match(line.fact):
            absent = _ABSENT_FROM.search(line.fact)
            words, origin = line.sentence, absent[1] if absent else line.origin
        letters += len(words)
        if shown and letters > _BRIEF_LETTERS:
            break
        told = by_origin.setdefault(origin, [])
        if words not in told:
            told.append(words)
        shown += 1
    parts = [EvidenceLine("", "", "、".join(facts), origin).told for origin, facts in by_origin.items()]
    rest = [f"ほか{len(fresh) - shown}件"] if len(fresh) > shown else []
    same = ["上に挙げた事実"] if any(line.fact.startswith(_SAME) for line in lines) else []
    return "／".join([*same, *parts, *rest])


def _lines(hits: list[Hit], names: Names, told: dict[object, str]) -> Iterator[EvidenceLine]:
    """A line for each sentence; where children differ in it, each fact is preceded by whose it is."""
    rows: dict[tuple[str, str], list[tuple[ChildCase, SentenceResult]]] = {}
    for child, hit in hits:
        for sentence in carrying(hit.sentences):
            judged = rows.setdefault((sentence.truth.mark, with_plain_thresholds(sentence.text)), [])
            if not any(child is before for before, _ in judged):  # a scenario may say a sentence in two branches
                judged.append((child, sentence))
    for (mark, text), judged in rows.items():
        key = _evidence_key(judged)
        here = hits[0][1].scenario_id
        before = told.setdefault(key, here) if key else here
        if before != here:
            yield EvidenceLine(mark, text, f"{_SAME}({before})", "")
            continue
        words: dict[str, list[ChildCase]] = {}
        for child, sentence in judged:
            words.setdefault(_evidence(sentence), []).append(child)
        if len(words) > 1 and all(_only_ages(s.facts) for _, s in judged):
            # Each child has the others as its siblings: all their ages stand at the top of the sheet.
            words = {_AS_ON_THE_SHEET: [child for child, _ in judged]}
        everyone = len(words) == 1 and len(judged) == len(hits)
        fact = next(iter(words)) if everyone else _by_child(words, names)
        yield EvidenceLine(mark, text, fact, origins_in_words(f for _, s in judged for f in _telling(s.facts)))


def _by_child(words: dict[str, list[ChildCase]], names: Names) -> str:
    """Each child's facts behind its name; what all of them begin with, once in front: 遅刻 〔陽菜〕9月 3回 〔樹〕9月 1回."""
    first, *others = words
    begin = first[: first.rfind(" ") + 1] if others and not any("、" in text for text in words) else ""
    while begin and not all(text.startswith(begin) for text in others):
        begin = begin[: begin.rstrip().rfind(" ") + 1]
    return begin + " ".join((names.tag(children) if text else "") + text.removeprefix(begin) for text, children in words.items())


def _evidence_key(judged: list[tuple[ChildCase, SentenceResult]]) -> object:
    """Equal for equal evidence: the same rows say the same of whichever child, a mere absence is each child's own."""
    facts = frozenset((fact.id, fact.text) for _, sentence in judged for fact in _telling(sentence.facts))
    notes = frozenset(("" if sentence.facts else child.child_key, sentence.note) for child, sentence in judged if sentence.note)
    return (facts, notes) if facts or notes else None


def _evidence(sentence: SentenceResult) -> str:
    """The facts, and what the answer rests on besides. How many are such is said without everybody's age, which is on the sheet."""
    note = shortened(sentence.note)
    if note and _only_ages(sentence.facts):
        return note
    return "、".join(filter(None, (facts_in_words(_telling(sentence.facts)), note)))


def _only_ages(facts: tuple[Fact, ...]) -> bool:
    return all(fact.label in _REGISTER_LABELS for fact in facts)


def _telling(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """The facts without ages and grades, unless there is nothing else."""
    return tuple(fact for fact in facts if fact.label not in _REGISTER_LABELS) or facts


def _unknown_line(results: Iterable[ScenarioResult]) -> str:
    texts: list[str] = []
    cancels: list[str] = []
    for result in results:
        texts += [sentence.text for sentence in unknown(result.sentences)]
        if result.cancelled is Truth.UNKNOWN:
            cancels += [sentence.text for sentence in unknown(result.cancel_sentences)]
    parts = [_some(list(dict.fromkeys(texts)))] if texts else []
    if cancels:
        parts.append(f"打ち消す条件の{_some(list(dict.fromkeys(cancels)))}(確認が必要です)")
    return f"不明: {'、'.join(parts)}" if parts else ""


def _some(texts: list[str]) -> str:
    rest = len(texts) - _UNKNOWN_SHOWN
    return "".join(f"「{with_plain_thresholds(text)}」" for text in texts[:_UNKNOWN_SHOWN]) + (f"ほか{rest}件" if rest > 0 else "")
