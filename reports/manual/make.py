"""Gathering the book from loaded rule files, their examples, approvals and, if there is one, a run."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.evaluate.examples.coverage import Part
from engine.evaluate.examples.run import ExampleReport, ExampleRun, run_examples
from engine.records.case import HARDSHIP_LABELS
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language.printer import to_english, to_japanese
from engine.rulebook.language.syntax import Condition, Group, Refers, Sentence, items_of, names_of, sentences_of
from engine.rulebook.language.thresholds import Threshold
from engine.rulebook.model import Rulebook, RulebookSet, Scenario
from engine.rulebook.references import references
from engine.tiers.policy import BANDS, LevelRule, TierPolicy
from reports.manual.book import (
    ApprovalLine,
    Book,
    Chapter,
    ConditionLine,
    ConferenceDecisions,
    ExampleEntry,
    FileLine,
    HitCounts,
    ItemRow,
    RecordGroup,
    RunLine,
    ScenarioEntry,
    SourcePart,
    ThresholdRow,
    TierRules,
)
from reports.manual.example_words import facts_in_words

_MARK = re.compile(r"[\[［【]\s*([DEＤＥ])\s*[\]］】]")
_JOINS = {"すべて": "次のすべてに当てはまる", "いずれか": "次のいずれかに当てはまる", "次でない": "次に当てはまらない"}
_JOINS_EN = {"すべて": "all of", "いずれか": "any of", "次でない": "not"}


@dataclass(frozen=True)
class BookInputs:
    """All that the book is made of.

    `approvals`: by file name (young_carer.yaml, tiers.yaml, fields.yaml); a file that is missing there is not approved.
    `counts`: by 番号, of the run `run`. `decisions`: by 番号, what conferences have decided; empty until there are some.
    """

    city: str
    rulebooks: RulebookSet
    vocabulary: Vocabulary
    policy: TierPolicy
    source_labels: Mapping[str, str]
    vocabulary_sha256: str
    approvals: Mapping[str, ApprovalLine | None] = field(default_factory=dict)
    run: RunLine | None = None
    counts: Mapping[str, HitCounts] = field(default_factory=dict)
    decisions: Mapping[str, ConferenceDecisions] = field(default_factory=dict)
    english: bool = False


def make_book(inputs: BookInputs) -> Book:
    """The book as of the rulebooks' day; runs every in-file example."""
    report = run_examples(inputs.rulebooks, inputs.vocabulary, inputs.source_labels)
    return _Maker(inputs, report).book()


class _Maker:
    def __init__(self, inputs: BookInputs, report: ExampleReport) -> None:
        self._inputs = inputs
        self._vocabulary = inputs.vocabulary
        self._runs: dict[str, dict[int, ExampleRun]] = {}
        for run in report.runs:
            self._runs.setdefault(run.scenario_id, {})[run.number] = run
        self._scenarios = [s for book in inputs.rulebooks.rulebooks for s in _all_of(book)]

    def book(self) -> Book:
        inputs = self._inputs
        chapters = tuple(self._chapter(book) for book in inputs.rulebooks.rulebooks)
        files = (
            *(chapter.file for chapter in chapters),
            self._file("tiers.yaml", "区分の決め方", inputs.policy.version, "", inputs.policy.sha256),
            self._file("fields.yaml", "項目台帳", inputs.vocabulary.version, "", inputs.vocabulary_sha256),
        )
        return Book(
            city=inputs.city,
            as_of=inputs.rulebooks.as_of,
            files=files,
            chapters=chapters,
            tiers=tier_rules(inputs.policy, {scenario.id for scenario in self._scenarios}),
            records=tuple(self._records()),
            run=inputs.run,
            english=inputs.english,
            names={scenario.id: scenario.name for scenario in self._scenarios},
        )

    def _file(self, name: str, title: str, version: str, owner: str, sha256: str) -> FileLine:
        return FileLine(name, title, version, owner, sha256, self._inputs.approvals.get(name))

    def _chapter(self, book: Rulebook) -> Chapter:
        name = f"{book.hardship_type}.yaml"
        return Chapter(
            hardship_type=book.hardship_type,
            label=HARDSHIP_LABELS[book.hardship_type],
            title=book.title,
            file=self._file(name, book.title, book.version, book.owner, book.sha256),
            target=tuple(self._lines([("対象", book.target)], ())),
            thresholds=tuple(self._threshold(one) for one in book.thresholds),
            scenarios=tuple(self._scenario(scenario, scenario in book.scenarios) for scenario in _all_of(book)),
        )

    def _threshold(self, threshold: Threshold) -> ThresholdRow:
        as_of = self._inputs.rulebooks.as_of
        later = [(on, value) for on, value in threshold.schedule if on > as_of]
        since = [on for on, _ in threshold.schedule if on <= as_of]
        used = [s.id for s in self._scenarios if any(threshold.name in names_of(one) for one in _sentences(s))]
        return ThresholdRow(
            name=threshold.name,
            value=str(threshold.value),
            unit=threshold.unit or "",
            source=source_parts(threshold.source or ""),
            since=since[-1] if since else None,
            next_on=later[0][0] if later else None,
            next_value=later[0][1] if later else None,
            used_by=tuple(used),
        )

    def _scenario(self, scenario: Scenario, in_force: bool) -> ScenarioEntry:
        runs = self._runs.get(scenario.id, {})
        parts: list[tuple[Part, Condition]] = [("対象", scenario.target), ("条件", scenario.condition)]
        parts += [("打ち消し", cancel) for cancel in scenario.cancels]
        marks = [
            tuple(line.truth.mark for line in runs[number].lines) if number in runs else None
            for number in range(1, len(scenario.examples) + 1)
        ]
        examples = tuple(
            ExampleEntry(
                number,
                example.title,
                facts_in_words(example.facts, self._vocabulary),
                example.outcome,
                runs[number].outcome if number in runs else None,
            )
            for number, example in enumerate(scenario.examples, start=1)
        )
        labels = (self._vocabulary.items[item].label for item in _items(_sentences(scenario)))
        return ScenarioEntry(
            id=scenario.id,
            name=scenario.name,
            strength=scenario.strength,
            purpose=scenario.purpose,
            source=source_parts(scenario.source),
            valid_from=scenario.validity.start if scenario.validity else None,
            valid_to=scenario.validity.end if scenario.validity else None,
            in_force=in_force,
            lines=tuple(self._lines(parts, marks)),
            ask=scenario.ask,
            refers_to=references(scenario),
            referred_by=tuple(other.id for other in self._scenarios if scenario.id in references(other)),
            items=tuple(labels),
            examples=examples,
            counts=self._inputs.counts.get(scenario.id),
            decisions=self._inputs.decisions.get(scenario.id),
            always_active=scenario.id in self._inputs.policy.always_active,
        )

    def _lines(
        self, parts: Iterable[tuple[Part, Condition]], marks: Iterable[tuple[str, ...] | None]
    ) -> Iterator[ConditionLine]:
        by_example = list(marks)
        walked = [(part, depth, one) for part, condition in parts for depth, one in _walk(condition, 0)]
        for index, (part, depth, one) in enumerate(walked):
            group = isinstance(one, Group)
            yield ConditionLine(
                number=index + 1,
                part=part,
                depth=depth,
                text=_joins(one) if isinstance(one, Group) else to_japanese(one, self._vocabulary),
                is_group=group,
                english=_joins_english(one) if isinstance(one, Group) else to_english(one, self._vocabulary),
                refers=one.scenario_id if isinstance(one, Refers) else None,
                marks=tuple("－" if example is None else example[index] for example in by_example),
            )

    def _records(self) -> Iterator[RecordGroup]:
        by_scenario = {
            s.id: set(_items(one for part in _own(s) for one in sentences_of(part))) for s in self._scenarios
        }
        by_target = {
            HARDSHIP_LABELS[book.hardship_type]: set(_items(sentences_of(book.target)))
            for book in self._inputs.rulebooks.rulebooks
        }
        for key, kind in self._vocabulary.records.items():
            rows = []
            for item_id, item in self._vocabulary.items.items():
                scenarios = tuple(id_ for id_, used in by_scenario.items() if item_id in used)
                targets = tuple(label for label, used in by_target.items() if item_id in used)
                if item.record == key and (scenarios or targets):
                    rows.append(ItemRow(item_id, item.label, item.kind, item.support, scenarios, targets))
            if rows:
                yield RecordGroup(
                    label=kind.label,
                    source=self._inputs.source_labels.get(kind.source, kind.source),
                    owner=kind.owner,
                    purpose=kind.purpose,
                    legal_basis=kind.legal_basis,
                    permission=kind.permission,
                    retention_years=kind.retention_years,
                    items=tuple(rows),
                )


def _all_of(book: Rulebook) -> list[Scenario]:
    """In force or not, by 番号: the book shows what will come, too."""
    return sorted((*book.scenarios, *book.resting), key=lambda scenario: scenario.id)


def _own(scenario: Scenario) -> tuple[Condition, ...]:
    return (scenario.condition, *scenario.cancels)


def _sentences(scenario: Scenario) -> list[Sentence]:
    return [one for part in (scenario.target, *_own(scenario)) for one in sentences_of(part)]


def _items(sentences: Iterable[Sentence]) -> Iterator[str]:
    return iter(dict.fromkeys(item for one in sentences for item in items_of(one)))


def _walk(condition: Condition, depth: int) -> Iterator[tuple[int, Condition]]:
    yield depth, condition
    if isinstance(condition, Group):
        for part in condition.parts:
            yield from _walk(part, depth + 1)


def _joins(group: Group) -> str:
    return _JOINS.get(group.kind) or f"次のうち{group.needed}つ以上に当てはまる"


def _joins_english(group: Group) -> str:
    return _JOINS_EN.get(group.kind) or f"at least {group.needed} of"


def source_parts(source: str) -> tuple[SourcePart, ...]:
    """A source cut at its marks [D] and [E].

    >>> source_parts("[D] 文科省の定義。[E] 30日は当市の既定")
    (SourcePart(mark='D', text='文科省の定義。'), SourcePart(mark='E', text='30日は当市の既定'))
    """
    pieces = _MARK.split(source)
    parts = [SourcePart("", pieces[0].strip())]
    for mark, text in zip(pieces[1::2], pieces[2::2], strict=True):
        parts.append(SourcePart("D" if mark in "DＤ" else "E", text.strip()))
    return tuple(part for part in parts if part.text or part.mark)


def tier_rules(policy: TierPolicy, known: Collection[str]) -> TierRules:
    """tiers.yaml in words, as far as it speaks of scenarios that the book holds (`known`)."""
    return TierRules(
        version=policy.version,
        levels=tuple((rule.name, _level(rule)) for rule in policy.levels),
        bands=tuple(BANDS),
        table=tuple(
            (name, tuple(policy.table[name][band].mark for band in BANDS))
            for name in dict.fromkeys(rule.name for rule in policy.levels)
        ),
        overlap=(
            f"段が「{'」「'.join(n for n in dict.fromkeys(r.name for r in policy.levels) if n in policy.overlap_levels)}」の類型が"
            f"{policy.overlap_count}つ以上あるこどもは、{policy.overlap_tier.mark}にします。"
        ),
        always_active=tuple(sorted(policy.always_active & set(known))),
        points="・".join(f"{strength}{points}点" for strength, points in policy.points.items()),
    )


def _level(rule: LevelRule) -> str:
    asked = [(name, n) for name, n in (("強", rule.strong), ("中", rule.medium), ("弱", rule.weak)) if n]
    return "と、".join(f"「{name}」が{n}件以上" for name, n in asked) if asked else "上のどれにも当てはまらない"
