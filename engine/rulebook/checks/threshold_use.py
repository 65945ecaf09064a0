"""How the thresholds (閾値) of the rulebooks are used, not used, and about to change."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.errors import Place, Problem
from engine.records.vocabulary import Vocabulary
from engine.rulebook.checks.parts import located_sentences
from engine.rulebook.language import syntax as s
from engine.rulebook.language.folding import fold
from engine.rulebook.model import Rulebook, RulebookSet, Scenario

_RUN = "か月・期"
_Number = tuple[str, str, int | str]
"""What is measured (an item, or members), its unit, and the number."""


def threshold_hints(rulebooks: RulebookSet, vocabulary: Vocabulary) -> Iterator[Problem]:
    """W-RULE-08: used by no sentence. W-RULE-51: a bare number beside a threshold of the same. W-RULE-52: about to change."""
    used: set[str] = set()
    for book in rulebooks.rulebooks:
        for scenario in _scenarios(book):
            for sentence, _ in located_sentences(scenario):
                used.update(s.names_of(sentence))
    for book in rulebooks.rulebooks:
        for threshold in book.thresholds:
            if threshold.name not in used:
                yield Problem(
                    threshold.place,
                    "W-RULE-08",
                    f"閾値「{threshold.name}」は、どの条件でも使われていません。",
                    "数を直しても、判定は変わりません。",
                    f"条件の数を「{threshold.name}」に書き替えるか、この閾値を消してください。",
                )
            if threshold.next_on is not None:
                yield Problem(
                    threshold.place,
                    "W-RULE-52",
                    f"閾値「{threshold.name}」は{rulebooks.as_of.isoformat()}には「{threshold.text}」で、{threshold.next_on.isoformat()}から次の値に変わります。",
                    "",
                    "直すことはありません。変わる日を周りの人に伝えてください。",
                )
        yield from _bare_numbers(book, vocabulary)


def _scenarios(book: Rulebook) -> tuple[Scenario, ...]:
    return (*book.scenarios, *book.resting)


def _bare_numbers(book: Rulebook, vocabulary: Vocabulary) -> Iterator[Problem]:
    own = {threshold.name for threshold in book.thresholds}
    names: dict[_Number, str] = {}
    bare: dict[tuple[_Number, Place], None] = {}
    for scenario in _scenarios(book):
        for sentence, place in located_sentences(scenario):
            for number, name in _numbers(sentence, vocabulary):
                if name in own:
                    names.setdefault(number, name)
                elif name is None:
                    bare[number, place] = None
    for number, place in bare:
        if number in names:
            yield Problem(
                place,
                "W-RULE-51",
                f"「{number[2]}{'' if number[1] == _RUN else number[1]}」は、このルールブックの閾値「{names[number]}」と同じ数です。",
                "閾値を直したとき、ここだけ前の数のまま残ります。",
                f"同じ意味なら「{names[number]}」と書いてください。別の意味なら、このままでかまいません。",
            )


def _numbers(sentence: s.Sentence, vocabulary: Vocabulary) -> Iterator[tuple[_Number, str | None]]:
    """Every number of a sentence with what it measures, and the threshold by which it is written, if any."""
    owner = s.owner_of(sentence)
    for part in (*(owner.modifiers if owner else ()), sentence):
        match part:
            case s.Compare(item, bounds):
                yield from (_bound(item, bound, vocabulary) for bound in bounds)
            case s.Total(item, _, bound) | s.Latest(item, bound):
                yield _bound(item, bound, vocabulary)
            case s.Events(item, _, count) if count.n > 1 or count.named:
                yield (item, "回", count.n), count.named
            case s.Members(who, count) if count.n > 1 or count.named:
                yield (who.relation, "人", count.n), count.named
            case s.Streak(item, _, length, bound, _, _, name):
                yield (item, _RUN, length), name
                if bound is not None:
                    yield _bound(item, bound, vocabulary)
            case s.Unrecorded(item, age):
                yield (item, age.unit, age.n), age.named
            case s.Overdue(item, days, _, name) if days > 1 or name:
                yield (item, "日", days), name


def _bound(item: str, bound: s.Bound, vocabulary: Vocabulary) -> tuple[_Number, str | None]:
    unit = fold(vocabulary.items[item].unit or "").text if isinstance(bound.value, int) else ""
    return (item, unit, bound.value), bound.named
