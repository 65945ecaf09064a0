"""What a draft may be made of: sentences of the rulebook language that speak of a worry, and nothing that must not speak against a family."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.records.vocabulary import Vocabulary, load_vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.language.parsing import parse_sentence
from engine.rulebook.language.printer import to_japanese
from ml_overlay.discovery.sentences import (
    Candidate,
    Ground,
    choose_rungs,
    distinct,
    ladders,
    may_be_reason,
    reasons_of,
    topic_of,
)

HIDDEN = frozenset({"council_case", "consultation", "npo_visit"})


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary(Path("rulebooks/fields.yaml"))


def _ground(
    vocabulary: Vocabulary, label: str = "直近12か月に要対協への登録が1回以上ある", own: tuple[s.Sentence, ...] = ()
) -> Ground:
    return Ground(vocabulary, HIDDEN, parse_sentence(label, vocabulary), own, ())


def _may(text: str, vocabulary: Vocabulary, label: str = "直近12か月に要対協への登録が1回以上ある") -> bool:
    return may_be_reason(parse_sentence(text, vocabulary), _ground(vocabulary, label))


def test_every_sentence_of_the_bank_is_one_of_the_rulebook_language(vocabulary: Vocabulary) -> None:
    """Each candidate prints to a sentence that reads back as itself."""
    made = [candidate for ladder in ladders(_ground(vocabulary)) for candidate in ladder]

    assert len(made) > 300
    for candidate in made[::7]:
        assert parse_sentence(to_japanese(candidate.sentence, vocabulary), vocabulary) == candidate.sentence


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("就学援助を受けている", "use of support"),
        ("生活保護を受給している世帯員がいる", "use of support by a relative"),
        ("保育施設を利用していない", "absence of a flag"),
        ("直近12か月に相談がない", "absence of events"),
        ("直近6か月に転入が1回以上ある", "only describes a family"),
        ("母がいない", "the shape of a household"),
        ("年齢が18歳以上の世帯員が1人以下である", "the shape of a household"),
        ("直近24か月に養護・虐待の相談がある", "the child's own record that follows from being registered"),
        ("直近24か月に要対協への登録がある", "the label itself"),
        ("直近3か月の欠席が2日以下", "little of what is a worry when there is much"),
        ("母の最新の妊婦健診の受診回数が10回以上", "much of what is a worry when there is little"),
    ],
)
def test_what_is_no_reason(vocabulary: Vocabulary, text: str, why: str) -> None:
    """None of these speaks for concern."""
    assert not _may(text, vocabulary), why


@pytest.mark.parametrize(
    "text",
    [
        "直近3か月の欠席が10日以上",
        "直近6か月に水道料金の督促が2回以上ある",
        "3歳児健診が期限を90日過ぎても済んでいない",
        "母の最新のEPDSの合計点が9点以上",
        "直近24か月に、きょうだいに養護・虐待の相談がある",
        "要対協に登録されているきょうだいがいる",
        "母の最新の妊婦健診の受診回数が5回以下",
        "年齢が18歳以上かつ精神障害者保健福祉手帳を持っているかつ障害福祉サービスを利用していない世帯員がいる",
    ],
)
def test_what_may_be_a_reason(vocabulary: Vocabulary, text: str) -> None:
    """A worry, something due that was not done, and what is known of a brother or sister."""
    assert _may(text, vocabulary)


def test_nobody_of_whom_the_label_speaks_gives_its_item(vocabulary: Vocabulary) -> None:
    """Where the label is the mother's questionnaire, no other bound on it is a reason, whoever is named."""
    label = "母の直近3か月のEPDSの合計点が9点以上"

    assert not _may("母の最新のEPDSの合計点が6点以上", vocabulary, label)
    assert not _may("世帯員の最新のEPDSの合計点が6点以上", vocabulary, label)
    assert _may("母の最新のEPDSの項目10が1点以上", vocabulary, label)


def test_the_whole_bank_keeps_to_it(vocabulary: Vocabulary) -> None:
    """No support, nothing unpermitted, and the child's age only as a target."""
    for ladder in ladders(_ground(vocabulary)):
        for candidate in ladder:
            items = [vocabulary.items[item] for item in s.items_of(candidate.sentence)]
            assert all(vocabulary.is_permitted(item) for item in s.items_of(candidate.sentence))
            assert not any(item.support for item in items)
            assert candidate.is_target is all(item.no_need for item in items)


def test_a_citys_own_sentences_come_first_with_their_named_numbers(vocabulary: Vocabulary) -> None:
    """A sentence of the rulebooks stands in the bank as it is written, before one that was made and says the same."""
    own = s.Total("absence", s.Window("か月", 3), s.Bound("以上", 10, "三か月の目立つ休み"))
    bank = distinct(candidate for ladder in ladders(_ground(vocabulary, own=(own,))) for candidate in ladder)

    same = [candidate for candidate in bank if candidate.sentence == own]
    assert [(candidate.in_use, [*s.names_of(candidate.sentence)]) for candidate in same] == [
        (True, ["三か月の目立つ休み"])
    ]


def test_what_stands_under_not_is_no_reason(vocabulary: Vocabulary) -> None:
    """Only what speaks for a condition is taken from it."""
    absent, adult = parse_sentence("直近3か月の欠席が10日以上", vocabulary), parse_sentence("母がいる", vocabulary)

    assert [*reasons_of(s.Group("すべて", (absent, s.Group("次でない", (adult,)))))] == [absent]


def test_cut_points_come_from_those_who_have_any() -> None:
    """Where most children have none, the numbers part those who have some; too few and too many are left out."""
    window = s.Window("か月", 3)
    ladder = tuple(
        Candidate(s.Total("absence", window, s.Bound("以上", number)), ("本人", "出席"))
        for number in (1, 2, 3, 5, 10, 20)
    )
    counts = [900, 660, 400, 360, 130, 9]

    chosen = choose_rungs(ladder, counts, fewest=20, most=700)

    assert [candidate.sentence.bound.value for candidate in chosen] == [2, 5, 10]  # type: ignore[union-attr]


def test_a_ladder_that_nobody_stands_on_gives_nothing() -> None:
    """Without children there is no cut point."""
    only = Candidate(s.Has("physical_certificate", True), ("本人", "障害"))

    assert choose_rungs((only,), [3], fewest=20, most=700) == ()


def test_a_topic_is_of_whom_and_of_what(vocabulary: Vocabulary) -> None:
    """Absence and lateness of the child are one topic, those of a brother another."""
    of = lambda text: topic_of(parse_sentence(text, vocabulary), vocabulary)  # type: ignore[arg-type]  # noqa: E731

    assert of("直近3か月の欠席が10日以上") == of("直近6か月の遅刻が5回以上")
    assert of("直近3か月の欠席が10日以上") != of("きょうだいの直近3か月の欠席が10日以上")
