"""What the book says: everything that a rulebook holds, each at its place, and no number that could point at somebody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from small_rulebooks import AS_OF, VOCABULARY, inputs_of, rulebooks_in

from engine.rulebook.language.syntax import items_of, sentences_of
from engine.rulebook.model import ExampleFacts
from reports.manual import wording
from reports.manual.book import Book, ConferenceDecisions, HitCounts, RunLine, ScenarioEntry, people
from reports.manual.example_words import facts_in_words
from reports.manual.make import make_book


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return make_book(inputs_of(rulebooks_in(tmp_path_factory.mktemp("rulebooks"))))


def scenario(book: Book, id_: str) -> ScenarioEntry:
    return next(one for chapter in book.chapters for one in chapter.scenarios if one.id == id_)


def test_a_threshold_tells_value_dates_and_users(book: Book) -> None:
    """A named threshold shows what counts now, from when, what comes next, and every scenario that uses it."""
    (row,) = book.chapters[0].thresholds
    assert (row.name, row.value, row.unit) == ("長期欠席の目安", "30", "日")
    assert (row.since, row.next_on, row.next_value) == (date(2026, 4, 1), date(2027, 4, 1), "25日")
    assert row.used_by == ("SA-01",)
    assert [(part.mark, part.text) for part in row.source] == [("D", "文部科学省の調査の定義")]


def test_conditions_are_read_as_nested_sentences(book: Book) -> None:
    """Groups are said in words, thresholds with their value, and a reference leads to the other scenario."""
    lines = [(line.depth, line.text, line.refers) for line in scenario(book, "YC-01").conditions]
    assert lines == [
        (0, "次のすべてに当てはまる", None),
        (1, "シナリオSA-01に該当する", "SA-01"),
        (1, "次に当てはまらない", None),
        (2, "次のうち2つ以上に当てはまる", None),
        (3, "母がいる", None),
        (3, "父がいる", None),
        (3, "年齢が18歳以上の祖父母がいる", None),
        (1, "要介護度が要介護1以上の祖父母がいる", None),
    ]
    assert "今年度の欠席が「長期欠席の目安」(30日)以上" in [line.text for line in scenario(book, "SA-01").conditions]


def test_each_line_shows_what_it_was_in_each_example(book: Book) -> None:
    """The marks stand in the order of the examples, for each line of target, condition and cancel."""
    marks = {line.text: "".join(line.marks) for line in scenario(book, "SA-01").lines}
    assert marks == {
        "学年が小1以上中3以下": "○○○○○",
        "次のいずれかに当てはまる": "○○×?○",
        "今年度の欠席が「長期欠席の目安」(30日)以上": "○××?○",
        "直近3か月の遅刻が20回以上": "×○×?×",
        "直近3か月に継続支援中の相談がある": "××××○",
    }


def test_references_are_told_from_both_ends(book: Book) -> None:
    """A scenario names those to which it refers and those that refer to it."""
    assert scenario(book, "YC-01").refers_to == ("SA-01",)
    assert scenario(book, "SA-01").referred_by == ("YC-01",)


def test_a_scenario_that_does_not_apply_yet_is_in_the_book(book: Book) -> None:
    """What will come is shown, marked as not in force, without results."""
    later = scenario(book, "YC-02")
    assert not later.in_force
    assert {line.marks for line in later.lines} == {("－", "－", "－")}
    assert {example.outcome for example in later.examples} == {None}
    assert wording.validity(later.valid_from, later.valid_to) == "令和9年4月1日から令和10年3月31日まで"


def test_the_index_holds_exactly_the_items_that_sentences_use(book: Book, tmp_path: Path) -> None:
    """An auditor finds each item of each sentence with its scenarios, owner and legal basis, and nothing else."""
    expected: dict[str, set[str]] = {}
    for rulebook in rulebooks_in(tmp_path).rulebooks:
        for one in (*rulebook.scenarios, *rulebook.resting):
            for part in (one.condition, *one.cancels):
                for item in (item for sentence in sentences_of(part) for item in items_of(sentence)):
                    expected.setdefault(item, set()).add(one.id)
    rows = {row.id: row for record in book.records for row in record.items}
    assert {id_: set(row.scenarios) for id_, row in rows.items() if row.scenarios} == expected
    assert rows["grade"].targets == ("不登校",)
    assert rows["age"].targets == ("ヤングケアラー",)
    for record in book.records:
        for row in record.items:
            kind = VOCABULARY.record_of(row.id)
            assert (record.owner, record.legal_basis, record.purpose) == (kind.owner, kind.legal_basis, kind.purpose)


def test_approvals_are_a_parameter(book: Book) -> None:
    """Each file shows who approved this content, or that nobody has."""
    shown = {file.file: wording.approval(file) for file in book.files}
    assert shown["school_absence.yaml"] == "家庭相談係長(令和8年3月20日)"
    assert shown["young_carer.yaml"] == "この内容は、まだ承認されていません"
    assert list(shown) == ["school_absence.yaml", "young_carer.yaml", "tiers.yaml", "fields.yaml"]


@pytest.mark.parametrize(("count", "printed"), [(0, "7人以下"), (7, "7人以下"), (8, "8人"), (12345, "12,345人")])
def test_small_counts_are_not_printed(count: int, printed: str) -> None:
    """A number below eight could point at somebody."""
    assert people(count) == printed


def test_counts_say_from_which_text_they_come(book: Book) -> None:
    """Counts of an older version are marked; a scenario that the run did not know, and no run at all, are said."""
    assert (
        wording.counts(scenario(book, "SA-01"), book.run)
        == "該当 1,234人 / 打ち消し 8人 / 不明 7人以下(実行 R20261120-01)"
    )
    assert "いまの内容より前の版" in wording.counts(scenario(book, "YC-01"), book.run)
    assert wording.counts(scenario(book, "YC-02"), book.run) == "実行 R20261120-01 では使われていません"
    assert wording.counts(scenario(book, "SA-01"), None) == "まだ実行していません"
    assert "まだ一度も" in wording.run_note(None)


@pytest.mark.parametrize(
    ("made", "printed"),
    [
        (None, "会議の判断はまだありません"),
        (ConferenceDecisions(0, 0), "会議の判断はまだありません"),
        (ConferenceDecisions(7, 7), "会議で判断したこども 7人以下(割合を出すには少なすぎます)"),
        (ConferenceDecisions(40, 30), "会議で判断したこども 40人。うち、的を射ていたとされたもの 30人(75%)"),
        (ConferenceDecisions(40, 35), "会議で判断したこども 40人。割合は、片方が7人以下のため出しません"),
        (ConferenceDecisions(40, 5), "会議で判断したこども 40人。割合は、片方が7人以下のため出しません"),
    ],
)
def test_precision_is_shown_once_conferences_have_decided(
    book: Book, made: ConferenceDecisions | None, printed: str
) -> None:
    """No number is invented, and none is printed from which a small one could be told."""
    assert wording.decisions(replace(scenario(book, "YC-01"), decisions=made)) == printed


def test_an_example_is_told_in_words() -> None:
    """What an author wrote as data reads as phrases, with units, and unknowns as such."""
    facts = ExampleFacts.model_validate(
        {
            "本人": {"年齢": "9", "学年": "小4", "就学援助": "あり"},
            "世帯員": [{"続柄": "祖父母", "要介護度": ["要介護1", "要介護3"]}, {"続柄": "母"}],
            "出来事": [
                {"種類": "欠席", "量": "12", "日前": "30"},
                {"種類": "欠席", "量": "不明", "日前": "60", "誰": "2人目のきょうだい"},
                {"種類": "転入", "日前": "不詳"},
                {"種類": "3歳児健診", "期限から": "120", "実施": "なし"},
                {"種類": "3歳児健診の判定", "値": "要観察", "日前": "100"},
            ],
            "不明": ["介護保険", {"源": "相談履歴", "いつから": "100"}],
        }
    )
    assert facts_in_words(facts, VOCABULARY) == (
        "本人: 9歳、小4、就学援助: あり",
        "祖父母: 要介護度: 要介護1のあと要介護3",
        "母",
        "欠席 12日(30日前)",
        "2人目のきょうだいの欠席 量は不明(60日前)",
        "転入(日付は不詳)",
        "3歳児健診: 期限から120日、実施なし",
        "3歳児健診の判定 要観察(100日前)",
        "「介護保険」は届いていない",
        "「相談履歴」は100日前からの分しかない",
    )


def test_without_a_run_there_are_no_counts(tmp_path: Path) -> None:
    """Before the first run the book says so instead of showing zeros."""
    book = make_book(inputs_of(rulebooks_in(tmp_path), with_run=False))
    assert book.run is None
    assert all(one.counts is None for chapter in book.chapters for one in chapter.scenarios)


def test_the_day_of_the_book_is_the_rulebooks_day(book: Book) -> None:
    """Nothing in the book depends on when it was made."""
    assert wording.subtitle(book) == "令和8年11月20日現在"
    assert book.run == RunLine("R20261120-01", AS_OF, 18073)
    assert scenario(book, "SA-01").counts == HitCounts(1234, 8, 0, True)
