"""A tree prints as one sentence, and that sentence reads back as the same tree, in one way only."""

from __future__ import annotations

import os
import random
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up_sentences import FORMS, form_of
from made_up_worlds import World

from engine.records.vocabulary import load_vocabulary
from engine.rulebook.language.parsing import parser_for
from engine.rulebook.language.printer import to_english, to_japanese
from engine.rulebook.language.syntax import Refers, names_of

VOCABULARY = load_vocabulary(Path(__file__).parents[2] / "rulebooks" / "fields.yaml")
TIMES = int(os.environ.get("KIZUKI_GENERATIVE_TIMES", "1"))


@settings(
    max_examples=150 * TIMES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(st.randoms(use_true_random=False))
def test_printing_and_reading_gives_the_same_tree(rng: random.Random) -> None:
    """Nothing is lost or changed between the tree and the sentence read aloud at the conference."""
    sentence = World(rng, VOCABULARY).sentence()
    text = to_japanese(sentence, VOCABULARY)
    assert parser_for(VOCABULARY).read(text) == sentence
    assert to_english(sentence, VOCABULARY).isprintable()


@settings(
    max_examples=150 * TIMES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(st.randoms(use_true_random=False))
def test_a_number_by_name_reads_back_with_and_without_its_value(rng: random.Random) -> None:
    """「目安」(30日) as on the sheet and 「目安」 as in the rulebook are the same tree, name included, as with plain numbers."""
    world = World(rng, VOCABULARY)
    plain = world.sentence()
    sentence, thresholds = world.with_names(plain)
    assert sentence == plain
    assert sorted(names_of(sentence)) == sorted(thresholds)
    parser = parser_for(VOCABULARY)
    for values in (True, False):
        read = parser.read(to_japanese(sentence, VOCABULARY, values=values), thresholds)
        assert read == sentence
        assert not isinstance(read, tuple)
        assert list(names_of(read)) == list(names_of(sentence))


def test_every_form_is_printed_and_read() -> None:
    """No form of the language is left out of the made-up sentences."""
    parser = parser_for(VOCABULARY)
    world = World(random.Random(1), VOCABULARY)
    for form in FORMS:
        for _ in range(10):
            sentence = world.of_form(form)
            assert form_of(sentence, VOCABULARY) == form
            assert parser.read(to_japanese(sentence, VOCABULARY)) == sentence
    for reference in (Refers("YC-03"), Refers("YC-03", False)):
        assert parser.read(to_japanese(reference, VOCABULARY)) == reference


def test_no_sentence_of_two_thousand_can_be_read_in_two_ways() -> None:
    """An ambiguous sentence is refused, so the language itself must not produce any."""
    world = World(random.Random(20261120), VOCABULARY)
    parser = parser_for(VOCABULARY)
    for _ in range(2_000):
        sentence = world.sentence()
        text = to_japanese(sentence, VOCABULARY)
        assert parser.read(text) == sentence, text  # a second reading is an E-RULE-07, not a sentence


def test_commas_spaces_and_full_width_digits_change_nothing() -> None:
    """However a person types a sentence, it is the same condition."""
    parser = parser_for(VOCABULARY)
    plain = parser.read("直近6か月に水道料金の督促が2回以上ある")
    assert parser.read("直近６ヶ月 に、水道料金の督促が　２回以上 ある") == plain
