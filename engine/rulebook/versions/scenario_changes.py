"""Which scenarios differ between two versions of the rulebooks, and how: in what they mean, or in wording only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from engine.records.vocabulary import Vocabulary
from engine.rulebook.language.printer import to_japanese
from engine.rulebook.language.syntax import Condition, Group, Refers, names_of, sentences_of
from engine.rulebook.language.thresholds import Threshold
from engine.rulebook.model import Rulebook, RulebookSet, Scenario, Validity
from engine.rulebook.references import references
from engine.rulebook.versions import tree_changes as tree

_NAMED = re.compile(r"「([^「」]+)」\(([^()]*)\)")  # how the printer shows a threshold: 「休みの目安」(10日)

ChangeKind = Literal["追加", "削除", "変更", "言い回し"]
"""変更: it may hit other children, or count otherwise. 言い回し: name, purpose, source, questions or examples only."""


@dataclass(frozen=True)
class ScenarioChange:
    """One scenario that differs. `details`: what differs, one phrase each; empty for 追加 and 削除.

    `version`: the 版 of its rulebook before and after, None on the side on which there is no such scenario.
    """

    scenario_id: str
    hardship_type: str
    name: str
    kind: ChangeKind
    details: tuple[str, ...]
    versions: tuple[str | None, str | None]


@dataclass(frozen=True)
class _Side:
    book: Rulebook
    scenario: Scenario


def scenario_changes(
    old: RulebookSet, new: RulebookSet, old_vocabulary: Vocabulary, vocabulary: Vocabulary
) -> tuple[ScenarioChange, ...]:
    """Every scenario of either side that differs, also those not in force on the day, by type and 番号.

    A scenario that refers to one whose meaning changed has changed in meaning, too. Both sides should be read as of the
    same day: of a threshold with 改定 each sentence holds the value of that day, and the other values are compared as written.
    """
    before, after = _by_id(old), _by_id(new)
    old_thresholds, thresholds = _thresholds(old), _thresholds(new)
    changes: dict[str, ScenarioChange] = {}
    for id_ in [*after, *(i for i in before if i not in after)]:
        one, other = before.get(id_), after.get(id_)
        side = other or one
        assert side is not None
        if one is None or other is None:
            kind: ChangeKind = "追加" if one is None else "削除"
            details: tuple[str, ...] = ()
        else:
            found = [
                *_meaning(one.scenario, other.scenario, old_vocabulary, vocabulary),
                *_schedules(other.scenario, old_thresholds, thresholds),
            ]
            details = tuple(dict.fromkeys(found))
            kind = "変更"
            if not details:
                details = tuple(_wording(one.scenario, other.scenario))
                kind = "言い回し"
            if not details:
                continue
        changes[id_] = ScenarioChange(
            id_,
            side.scenario.hardship_type,
            side.scenario.name,
            kind,
            details,
            (one.book.version if one else None, other.book.version if other else None),
        )
    _follow_references(changes, before, after)
    order = list(before) + list(after)
    return tuple(
        sorted(changes.values(), key=lambda c: (_type_order(new, c.hardship_type), order.index(c.scenario_id)))
    )


def overlays(old: Scenario, new: Scenario) -> tuple[tree.Node, tree.Node]:
    """対象 and 条件 of two versions laid over each other, and their 打ち消し."""
    parts = (tree.lay_over(old.target, new.target), tree.lay_over(old.condition, new.condition))
    requirement = tree.Overlay(Group("すべて", ()), parts)
    return requirement, tree.lay_over(Group("いずれか", old.cancels), Group("いずれか", new.cancels))


def edit_words(edit: tree.Edit, vocabulary: Vocabulary, old_vocabulary: Vocabulary | None = None) -> str:
    """An edit as a phrase: 「a」→「b」, 「b」を加えた, 「a」を除いた; 閾値「n」 3日→2日 where only the number behind a name differs."""
    if revalued := threshold_edit(edit, vocabulary):
        return "、".join(f"閾値「{name}」{old}→{new}" for name, old, new in revalued)
    if isinstance(edit.new, Refers) and edit.old == Refers(f"{edit.new.scenario_id}{tree.BEFORE}", edit.new.positive):
        return f"参照しているシナリオ{edit.new.scenario_id}が変わった"
    before = words_of(edit.old, old_vocabulary or vocabulary) if edit.old is not None else None
    after = words_of(edit.new, vocabulary) if edit.new is not None else None
    if before is None:
        return f"「{after}」を加えた"
    if after is None:
        return f"「{before}」を除いた"
    return f"「{before}」→「{after}」"


def threshold_edit(edit: tree.Edit, vocabulary: Vocabulary) -> tuple[tuple[str, str, str], ...]:
    """Name, value before and value after, if an edit is nothing but other values of named thresholds; else nothing.

    Edits with one answer are one change of one number by the author, wherever the name stands.
    """
    if edit.old is None or edit.new is None or isinstance(edit.old, Group) or isinstance(edit.new, Group):
        return ()
    sides = (edit.old, edit.new)
    if len({to_japanese(side, vocabulary, values=False) for side in sides}) > 1:
        return ()
    before, after = (_NAMED.findall(to_japanese(side, vocabulary)) for side in sides)
    pairs = zip(before, after, strict=True)
    return tuple(dict.fromkeys((name, old, new) for (name, old), (_, new) in pairs if old != new))


def words_of(condition: Condition, vocabulary: Vocabulary) -> str:
    """A sentence, or a group on one line: すべて(a、b)."""
    if not isinstance(condition, Group):
        return to_japanese(condition, vocabulary)
    return f"{condition.heading}({'、'.join(words_of(part, vocabulary) for part in condition.parts)})"


def _by_id(rulebooks: RulebookSet) -> Mapping[str, _Side]:
    return {
        scenario.id: _Side(book, scenario)
        for book in rulebooks.rulebooks
        for scenario in (*book.scenarios, *book.resting)
    }


def _thresholds(rulebooks: RulebookSet) -> Mapping[str, Threshold]:
    return {threshold.name: threshold for book in rulebooks.rulebooks for threshold in book.thresholds}


def _type_order(rulebooks: RulebookSet, hardship_type: str) -> int:
    types = [book.hardship_type for book in rulebooks.rulebooks]
    return types.index(hardship_type) if hardship_type in types else len(types)


def _meaning(old: Scenario, new: Scenario, old_vocabulary: Vocabulary, vocabulary: Vocabulary) -> Iterator[str]:
    if old.strength != new.strength:
        yield f"強さ {old.strength}→{new.strength}"
    if old.validity != new.validity:
        yield f"有効期間 {_days(old.validity)}→{_days(new.validity)}"
    for where, before, after in (
        ("対象", old.target, new.target),
        ("条件", old.condition, new.condition),
        ("打ち消し", Group("いずれか", old.cancels), Group("いずれか", new.cancels)),
    ):
        for edit in tree.edits_of(tree.lay_over(before, after)):
            yield f"{where}: {edit_words(edit, vocabulary, old_vocabulary)}"


def _days(validity: Validity | None) -> str:
    if validity is None:
        return "(決めていない)"
    return f"{validity.start.isoformat()}から{validity.end.isoformat() if validity.end else ''}"


def _schedules(scenario: Scenario, old: Mapping[str, Threshold], new: Mapping[str, Threshold]) -> Iterator[str]:
    """Values that a named threshold takes on another day; today's already stands in the sentences."""
    conditions = (scenario.target, scenario.condition, *scenario.cancels)
    names = dict.fromkeys(n for c in conditions for s in sentences_of(c) for n in names_of(s))
    for name in names:
        before, after = old.get(name), new.get(name)
        if before and after and before.schedule != after.schedule and before.text == after.text:
            values = "、".join(f"{start.isoformat()}から{value}" for start, value in after.schedule)
            yield f"閾値「{name}」の改定を直した({values or '改定なし'})"


def _wording(old: Scenario, new: Scenario) -> Iterator[str]:
    parts = (
        ("名前", old.name, new.name),
        ("ねらい", old.purpose, new.purpose),
        ("出典", old.source, new.source),
        ("確認すること", old.ask, new.ask),
        ("試験", old.examples, new.examples),
    )
    differing = [label for label, before, after in parts if before != after]
    if not differing and old.written != new.written:
        differing = ["文の書き方(意味は同じ)"]
    yield from differing


def _follow_references(
    changes: dict[str, ScenarioChange], before: Mapping[str, _Side], after: Mapping[str, _Side]
) -> None:
    grew = True
    while grew:
        grew = False
        for id_, side in after.items():
            known = changes.get(id_)
            if id_ not in before or (known is not None and known.kind != "言い回し"):
                continue
            moved = [r for r in references(side.scenario) if r in changes and changes[r].kind != "言い回し"]
            if moved:
                details = tuple(f"参照しているシナリオ{r}が変わった" for r in moved)
                versions = (before[id_].book.version, side.book.version)
                changes[id_] = ScenarioChange(
                    id_, side.scenario.hardship_type, side.scenario.name, "変更", details, versions
                )
                grew = True
