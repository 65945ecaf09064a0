"""Scenarios of a trace line by line: the outline's words and numbers, the recorded answers, the facts of whoever explained them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from engine.kernel.truth import Truth
from engine.records.case import ScenarioResult, SentenceResult
from engine.records.outline import OutlineLine, ScenarioOutline
from reports.trace.answers import Judged, outcome_of
from reports.trace.numbering import Numbering
from reports.trace.traced import Part, RuleFile, TracedLine, TracedScenario

_ORDER = {"該当": 0, "打ち消し": 1, "不明": 2, "非該当": 3}
_STRENGTH = {"強": 0, "中": 1, "弱": 2}


def trace_scenario(
    outline: ScenarioOutline,
    child: Judged,
    result: ScenarioResult | None,
    numbering: Numbering,
    rules: Mapping[str, RuleFile],
    only: Collection[int] | None = None,
) -> tuple[TracedScenario, tuple[str, ...]]:
    """One scenario, and where its explanation says otherwise than the recorded answers. `result` None: no facts are known.

    `only`: numbers of the sentences whose facts are told; None for all.
    """
    told = () if result is None else (*result.sentences, *result.cancel_sentences)
    lines: list[TracedLine] = []
    odd: list[str] = []
    outlined = list(flattened(outline))
    matches = len(outlined) == len(told)
    if told and not matches:
        odd.append(f"{outline.id}: 根拠の文の数が、シナリオの本文と合いません。")
    for i, (part, depth, line) in enumerate(outlined):
        truth = child.line(line)
        explained = told[i] if matches and told else None
        # By number and not by text: equal sentences may name their threshold differently.
        if explained is not None and (explained.number not in (0, line.number) or explained.truth is not truth):
            odd.append(f"{outline.id}: 「{line.text}」の根拠が、記録された○×？と合いません。")
        if only is not None and line.number not in only:
            explained = None
        lines.append(
            _line(part, depth, line.kind != "文", line.number, line.text, truth, explained, numbering, child.child_key)
        )
    if result is not None:
        odd += _contradictions(outline, child, result, numbering)
    scenario = TracedScenario(
        id=outline.id,
        hardship_type=outline.hardship_type,
        name=outline.name,
        strength=outline.strength,
        source=outline.source,
        outcome=child.outcome(outline.id),
        in_target=child.line(outline.target),
        file=outline.file,
        line=outline.line,
        rule=rules.get(outline.file),
        lines=tuple(lines),
        ask=outline.ask,
    )
    return scenario, tuple(odd)


def _contradictions(
    outline: ScenarioOutline, child: Judged, result: ScenarioResult, numbering: Numbering
) -> Iterator[str]:
    """Where the sheet says otherwise than decisions, outline and manifest, though no line of it need show."""
    if (result.truth, result.cancelled) != child.scenarios[outline.id]:
        yield f"{outline.id}: 児童票の結果({outcome_of(result.truth, result.cancelled)})が、判定の記録と合いません。"
    said = (result.hardship_type, result.strength, result.name)
    if said != (outline.hardship_type, outline.strength, outline.name):
        yield f"{outline.id}: 児童票の名前か強さが、シナリオの本文と合いません。"
    for sentence in (*result.sentences, *result.cancel_sentences):
        if (
            sentence.number
            and sentence.truth is Truth.MET
            and not (sentence.facts or sentence.coverage or sentence.note)
        ):
            yield f"{outline.id}: 「{sentence.text}」は○ですが、根拠が残っていません。"
        for fact in sentence.facts:
            if not numbering.is_delivered(fact):
                yield f"{outline.id}: 「{sentence.text}」の根拠のファイル・行・日付が、目録の受領データと合いません。"


def recorded_scenario(
    result: ScenarioResult, child_key: str, numbering: Numbering, rules: Mapping[str, RuleFile]
) -> TracedScenario:
    """A scenario of a record that holds no outlines: as it was explained for the list, sentences without numbers."""
    file = f"rulebooks/{result.hardship_type}.yaml"
    parts: list[tuple[Part, SentenceResult]] = [
        ("対象" if i == 0 else "条件", sentence) for i, sentence in enumerate(result.sentences)
    ]
    parts += [("打ち消し", sentence) for sentence in result.cancel_sentences]
    return TracedScenario(
        id=result.scenario_id,
        hardship_type=result.hardship_type,
        name=result.name,
        strength=result.strength,
        source=result.source,
        outcome=outcome_of(result.truth, result.cancelled),
        in_target=result.sentences[0].truth if result.sentences else Truth.UNKNOWN,
        file=file,
        line=0,
        rule=rules.get(file),
        lines=tuple(
            _line(part, s.depth, _is_heading(s), s.number, s.text, s.truth, s, numbering, child_key)
            for part, s in parts
        ),
        ask=result.ask,
    )


def bare_scenario(
    scenario_id: str, known: Mapping[str, Any], child: Judged, rules: Mapping[str, RuleFile]
) -> TracedScenario:
    """A scenario of which the record holds the result alone. `known`: its entry in the manifest."""
    file = f"rulebooks/{known['type']}.yaml"
    return TracedScenario(
        id=scenario_id,
        hardship_type=known["type"],
        name=known["name"],
        strength=known["strength"],
        source="",
        outcome=child.outcome(scenario_id),
        in_target=Truth.UNKNOWN,
        file=file,
        line=0,
        rule=rules.get(file),
        lines=(),
        ask=(),
    )


def in_reading_order(outlines: Sequence[ScenarioOutline], child: Judged) -> tuple[ScenarioOutline, ...]:
    """Hits first, the strongest before, then what was cancelled, what is unknown, what is not met."""
    return tuple(sorted(outlines, key=lambda o: (_ORDER[child.outcome(o.id)], _STRENGTH[o.strength], o.id)))


def flattened(outline: ScenarioOutline) -> Iterator[tuple[Part, int, OutlineLine]]:
    """Every line of a scenario in the order in which it is written, with its part and indent."""
    yield from _under("対象", outline.target, 0)
    yield from _under("条件", outline.condition, 0)
    for cancel in outline.cancels:
        yield from _under("打ち消し", cancel, 0)


def _under(part: Part, line: OutlineLine, depth: int) -> Iterator[tuple[Part, int, OutlineLine]]:
    yield part, depth, line
    for each in line.parts:
        yield from _under(part, each, depth + 1)


def _line(
    part: Part,
    depth: int,
    is_group: bool,
    number: int,
    text: str,
    truth: Truth,
    explained: SentenceResult | None,
    numbering: Numbering,
    child_key: str,
) -> TracedLine:
    if explained is None:
        return TracedLine(part, depth, is_group, number, text, truth)
    numbering.name_coverage(explained)
    facts = numbering.numbers(child_key, explained.facts)
    return TracedLine(part, depth, is_group, number, text, truth, facts, explained.note)


def _is_heading(sentence: SentenceResult) -> bool:
    return sentence.text in ("すべて", "いずれか", "次でない") or re.fullmatch(r"\d+つ以上", sentence.text) is not None
