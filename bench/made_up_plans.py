"""Plans of any size from the sentences of the six rulebooks, with other thresholds and windows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

from engine.evaluate.plan import Plan, PlannedScenario, make_plan
from engine.kernel.errors import Place
from engine.records.vocabulary import Vocabulary
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.language import syntax as s
from engine.rulebook.language.sentence_checks import faults_of
from engine.rulebook.model import Scenario

_WINDOWS = tuple(s.Window("日", n) for n in (30, 60, 90, 120, 180)) + tuple(s.Window("か月", n) for n in range(1, 25))


def made_up_plan(scenarios: int, rulebooks: Path, vocabulary: Vocabulary, as_of: date) -> Plan:
    """Scenarios of three sentences each, which no other has as far as a sentence has anything to vary."""
    rng = Random(scenarios)
    templates = [
        sentence
        for sentence in make_plan(load_rulebooks(rulebooks, vocabulary, as_of=as_of), vocabulary).conditions
        if _is_measured(sentence, vocabulary)
    ]
    used: dict[s.Sentence, None] = {}
    planned = []
    for number in range(1, scenarios + 1):
        sentences = tuple(_new(rng, templates, used, vocabulary) for _ in range(3))
        used.update(dict.fromkeys(sentences))
        kind = rng.choice(("すべて", "いずれか"))
        condition = s.Group("すべて", (sentences[0], s.Group(kind, sentences[1:])))  # type: ignore[arg-type]
        cancels = (rng.choice(list(used)),) if number % 3 == 0 else ()
        planned.append(
            PlannedScenario(
                number,
                Scenario(
                    f"BN-{number:03}", "poverty", "", "", "", "中", sentences[0], condition, cancels, (), (),
                    Place("bench"),
                ),
            )
        )  # fmt: skip
    return Plan(as_of, vocabulary, tuple(used), tuple(planned))


def _is_measured(sentence: s.Sentence, vocabulary: Vocabulary) -> bool:
    """The forms that have been written by hand: most of the six rulebooks' sentences."""
    if isinstance(sentence, s.Members):
        return True
    return s.owner_of(sentence) is None and isinstance(
        sentence, (s.Compare, s.Has, s.Events, s.Total, s.Growth, s.Latest)
    )


def _new(rng: Random, templates: list[s.Sentence], used: dict[s.Sentence, None], vocabulary: Vocabulary) -> s.Sentence:
    for _ in range(200):
        sentence = _varied(rng, rng.choice(templates), vocabulary)
        if sentence not in used and not list(faults_of(sentence, vocabulary, {})):
            return sentence
    raise ValueError("the sentences of the rulebooks cannot be varied further")


def _varied(rng: Random, sentence: s.Sentence, vocabulary: Vocabulary) -> s.Sentence:
    match sentence:
        case s.Events():
            count = replace(sentence.count, n=rng.randint(1, 4)) if sentence.count.n else sentence.count
            return replace(sentence, window=rng.choice(_WINDOWS), count=count)
        case s.Total():
            return replace(sentence, window=rng.choice(_WINDOWS), bound=_bound(rng, sentence.bound, 40))
        case s.Growth():
            return replace(sentence, window=rng.choice(_WINDOWS[:17]), times=rng.randint(2, 4))
        case s.Latest():
            window = rng.choice(_WINDOWS) if sentence.window else None
            return replace(sentence, window=window, bound=_bound(rng, sentence.bound, 12))
        case s.Compare():
            return _compare(rng, sentence, vocabulary)
        case s.Members(who, count):
            modifiers = tuple(_compare(rng, m, vocabulary) if isinstance(m, s.Compare) else m for m in who.modifiers)
            return s.Members(replace(who, modifiers=modifiers), rng.choice((count, s.Count("以上", 2))))
    return sentence


def _compare(rng: Random, sentence: s.Compare, vocabulary: Vocabulary) -> s.Compare:
    steps = vocabulary.items[sentence.item].values
    bounds = tuple(
        replace(b, value=rng.choice(steps) if steps else max(1, int(b.value) + rng.randint(-3, 3)))
        for b in sentence.bounds
    )
    return replace(sentence, bounds=bounds)


def _bound(rng: Random, bound: s.Bound, highest: int) -> s.Bound:
    return replace(bound, value=rng.randint(1, highest))
