"""From a sentence in controlled Japanese to its tree, or to messages that say what to write instead."""

from __future__ import annotations

from dataclasses import replace

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF

from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.language.diagnosis import Diagnosis, Fault
from engine.rulebook.language.folding import Folded, fold
from engine.rulebook.language.grammar import build_grammar
from engine.rulebook.language.reading import Reader
from engine.rulebook.language.sentence_checks import faults_of
from engine.rulebook.language.thresholds import Thresholds

_PARSERS: dict[int, tuple[Vocabulary, SentenceParser]] = {}


def parser_for(vocabulary: Vocabulary) -> SentenceParser:
    """The parser of a vocabulary, built once (building the grammar takes a noticeable part of a second)."""
    held = _PARSERS.get(id(vocabulary))
    if held is None:
        held = _PARSERS[id(vocabulary)] = (vocabulary, SentenceParser(vocabulary))
    return held[1]


def parse_sentence(
    text: str, vocabulary: Vocabulary, place: Place | None = None, thresholds: Thresholds | None = None
) -> s.Sentence:
    """Read one sentence. `place` is where its first character stands.

    Raises KizukiError with E-RULE problems at the column of the word that is wrong.

    >>> from pathlib import Path
    >>> from engine.records.vocabulary import load_vocabulary
    >>> parse_sentence("母がいない", load_vocabulary(Path("rulebooks/fields.yaml")))
    Members(who=Owner(relation='母', modifiers=()), count=Count(operator='以下', n=0))
    """
    outcome = parser_for(vocabulary).read(text, thresholds)
    if isinstance(outcome, tuple):
        at = place or Place("文", 1, 1)
        column = at.column or 1
        raise KizukiError(
            Problem(replace(at, column=column + fault.column), fault.code, fault.what, fault.why, fault.remedy)
            for fault in outcome
        )
    return outcome


class SentenceParser:
    """The generated grammar of one vocabulary. The same text is parsed once, whatever its thresholds are."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._grammar = build_grammar(vocabulary)
        self._lark = Lark(self._grammar.text, parser="earley", lexer="dynamic", ambiguity="explicit")
        self._diagnosis = Diagnosis(vocabulary, self._grammar, self._lark)
        self._parsed: dict[str, tuple[Folded, Tree[Token] | Fault]] = {}

    def read(self, text: str, thresholds: Thresholds | None = None) -> s.Sentence | tuple[Fault, ...]:
        """The sentence, or every fault found in it. `thresholds` by folded name."""
        if text not in self._parsed:
            folded = fold(text)
            self._parsed[text] = (folded, self._parse(folded))
        folded, tree = self._parsed[text]
        if isinstance(tree, Fault):
            return (self._without_brackets(folded, thresholds or {}) or tree,)
        reader = Reader(self._grammar.items, self._vocabulary, thresholds or {})
        sentence = reader.sentence(tree)
        faults = reader.faults or [*faults_of(sentence, self._vocabulary, reader.positions)]
        return tuple(replace(fault, column=folded.columns[fault.column]) for fault in faults) or sentence

    def _without_brackets(self, folded: Folded, thresholds: Thresholds) -> Fault | None:
        """A threshold's name that was written without 「」."""
        for name in sorted(thresholds, key=len, reverse=True):
            at = folded.text.find(name)
            bracketed = f"{folded.text[:at]}「{name}」{folded.text[at + len(name) :]}"
            if at < 0 or isinstance(self._parse(fold(bracketed)), Fault):
                continue
            return Fault(
                folded.columns[at],
                "E-RULE-49",
                f"閾値「{name}」の名前に、かぎかっこがありません。",
                "どこまでが名前か決まりません。",
                f"「{name}」のようにくくって書いてください。",
            )
        return None

    def _parse(self, folded: Folded) -> Tree[Token] | Fault:
        try:
            tree = self._lark.parse(folded.text)
        except (UnexpectedCharacters, UnexpectedEOF) as error:
            return self._diagnosis.of_unreadable(folded, error)
        if any(node.data == "_ambig" for node in tree.iter_subtrees()):
            return Fault(
                0,
                "E-RULE-07",
                "この文は2通りに読めます。",
                "どちらの意味か決められません。",
                "「、」や語の順を変えて、1通りに読める文にしてください。",
            )
        return tree
