"""What a child's explanation says: dated facts, what an absence rests on, what is missing, what to check."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.evaluate.explanation.child import ChildExplanation, explain_child
from engine.evaluate.plan import make_plan
from engine.kernel.errors import Place
from engine.kernel.truth import Truth
from engine.records.case import Origin
from engine.records.household import Household, Person, Row
from engine.records.layout import load_layouts
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.language.parsing import parse_sentence
from engine.rulebook.language.printer import to_japanese
from engine.rulebook.model import Rulebook, RulebookSet, Scenario

ROOT = Path(__file__).parents[2]
VOCABULARY = load_vocabulary(ROOT / "rulebooks" / "fields.yaml")
LAYOUTS = load_layouts(ROOT / "sources", VOCABULARY)
AS_OF = date(2026, 11, 20)
LONG_AGO = date(2000, 1, 1)
ORIGINS = {
    1: Origin("01_residents_20261117.csv", "residents", "住民記録", date(2026, 11, 17)),
    2: Origin("10_attendance_20261106.csv", "school_attendance", "校務支援", date(2026, 11, 6)),
    3: Origin("11_care_20261106.csv", "long_term_care", "介護保険", date(2026, 11, 6)),
}


def sentence(text: str) -> s.Sentence:
    return parse_sentence(text, VOCABULARY)


def explained(
    household: Household, *texts: str, cancels: tuple[str, ...] = (), heading: str = "すべて"
) -> ChildExplanation:
    group = s.Group(heading, tuple(sentence(text) for text in texts))  # type: ignore[arg-type]
    target = sentence("年齢が6歳以上18歳未満")
    scenario = Scenario(
        "YC-01", "young_carer", "名前", "ねらい", "出典", "強", target, group,
        tuple(sentence(text) for text in cancels), ("家での役割",), (), Place("young_carer.yaml", 1),
    )  # fmt: skip
    rulebook = Rulebook("young_carer", "", "1", "", target, (scenario,), (), "young_carer.yaml", "")
    plan = make_plan(RulebookSet(AS_OF, (rulebook,)), VOCABULARY)
    return explain_child(plan, household, LAYOUTS, ORIGINS)


def household(
    *covered: str, months: tuple[tuple[int, int | None], ...] = (), members: tuple[Person, ...] = ()
) -> Household:
    ends = {m: date(2026, m + 1, 1) - timedelta(days=1) for m in (8, 9, 10)}
    rows = tuple(
        Row("school_month", {"school_month_on": ends[m], "absent_days": days}, 2, 1000 + m) for m, days in months
    )
    child = Person("P1", frozenset(), 12, 6, {"school_month": rows} if rows else {}, dict.fromkeys(covered, LONG_AGO))
    return Household("H1", AS_OF, child, members, {}, {}, {"school_month": tuple(ends.values())})


def grandparent(**rows: tuple[Row, ...]) -> Person:
    return Person("P2", frozenset({"祖父母", "世帯員"}), 80, None, rows, {"long_term_care": LONG_AGO})


def line_of(explanation: ChildExplanation, text: str):  # type: ignore[no-untyped-def]
    [result] = explanation.results
    return next(line for line in (*result.sentences, *result.cancel_sentences) if line.text == text)


def test_a_sum_shows_its_months_with_source_and_day() -> None:
    """Months that add to the sum are dated facts; months with zero are not reasons."""
    line = line_of(
        explained(household("school_attendance", months=((8, 0), (9, 4), (10, 7))), "直近3か月の欠席が10日以上"),
        "直近3か月の欠席が10日以上",
    )
    assert line.truth is Truth.MET
    assert [fact.text for fact in line.facts] == [
        "欠席 R8年9月 4日(校務支援 R8.11.6時点)",
        "欠席 R8年10月 7日(校務支援 R8.11.6時点)",
    ]
    assert line.facts[0].id == "school_attendance:2026-11-06:1009:school_month"
    assert line.facts[0].provenance.file == "10_attendance_20261106.csv"
    assert line.facts[0].provenance.owner == "学校教育課"


def test_an_absence_says_which_source_would_show_it() -> None:
    """「ない」 rests on a source that covers everybody, and the line says which and as of when."""
    text = "介護サービスを利用していない祖父母がいる"
    line = line_of(explained(household("residents", members=(grandparent(),)), text), text)
    assert line.truth is Truth.MET
    assert line.note == "祖父母について、介護保険は全住民が対象で、R8.11.6時点の記録にありません"


def test_nobody_in_the_household_is_said_of_the_household() -> None:
    """For 「いない」 the register of the household speaks; where somebody counts already, it says how many."""
    none = line_of(explained(household("residents"), "母がいない"), "母がいない")
    assert none.note == "同じ世帯の住民記録に、当てはまる人はいません(R8.11.17時点)"
    text = "祖父母が1人以下である"
    one = line_of(explained(household("residents", members=(grandparent(),)), text), text)
    assert one.note == "同じ世帯の住民記録に、当てはまる人は1人です(R8.11.17時点)"


def test_an_unknown_names_the_missing_months() -> None:
    """A month that did not arrive is named, so that somebody can ask the school for it."""
    explanation = explained(household("school_attendance", months=((8, 1), (10, 2))), "直近3か月の欠席が10日以上")
    assert line_of(explanation, "直近3か月の欠席が10日以上").note == "校務支援(出欠・学校生活)のR8年9月がありません"
    assert explanation.missing == ("校務支援(出欠・学校生活)のR8年9月がありません",)


def test_a_source_that_never_came_differs_from_one_that_does_not_cover() -> None:
    """「届いていません」 calls for a delivery; 「対象に入っていません」 is no one's fault."""
    explanation = explained(household(), "要対協に登録されている", "要介護度が要介護1以上")
    assert line_of(explanation, "要対協に登録されている").note == "要対協台帳が届いていません"
    assert line_of(explanation, "要介護度が要介護1以上").note == "介護保険の対象に入っていません"


def test_groups_and_sentences_keep_their_indent() -> None:
    """The sheet mirrors the rulebook: 対象, then each group with its sentences one step further in."""
    [result] = explained(household("residents"), "母がいない", "父がいない", heading="いずれか").results
    assert [(line.depth, line.text, line.truth.mark) for line in result.sentences] == [
        (0, "年齢が6歳以上18歳未満", "○"),
        (0, "いずれか", "○"),
        (1, "母がいない", "○"),
        (1, "父がいない", "○"),
    ]
    assert result.is_hit


def test_only_unknown_sentences_that_could_change_the_answer_are_asked() -> None:
    """What a decided group leaves unknown is not asked; the one fact that would decide comes first."""
    decided = explained(household("residents"), "母がいる", "要対協に登録されている")
    assert decided.results[0].truth is Truth.NOT_MET
    assert decided.questions == ()
    open_ = explained(household("residents"), "母がいない", "要対協に登録されている")
    assert [(q.sentence, q.decisive) for q in open_.questions] == [("要対協に登録されている", True)]
    assert open_.to_check == ("「要対協に登録されている」かどうか(要対協台帳が届いていません)",)
    two = explained(household("residents"), "要介護度が要介護1以上", "要対協に登録されている")
    assert [q.decisive for q in two.questions] == [False, False]


def test_an_unknown_cancel_leaves_the_hit_and_is_asked() -> None:
    """Support that may be in place does not hide a child; somebody checks it."""
    explanation = explained(household("residents"), "母がいない", cancels=("要対協に登録されている",))
    assert explanation.results[0].is_hit
    assert [(q.sentence, q.decisive) for q in explanation.questions] == [("要対協に登録されている", True)]


def test_support_in_place_is_listed_once() -> None:
    """Help that a member uses is shown as a strength, whatever the scenarios ask."""
    row = Row(
        "care_certification", {"care_level": "要介護2", "certified_from": date(2025, 4, 1), "care_service": "有"}, 3, 5
    )
    explanation = explained(household("residents", members=(grandparent(care_certification=(row,)),)), "母がいない")
    assert [(fact.subject, fact.text) for fact in explanation.supports] == [
        ("祖父母", "介護サービスを利用している(R7.4.1から)(介護保険 R8.11.6時点)")
    ]


@pytest.mark.parametrize("column", ["欠席", "要介護度"])
def test_the_truths_are_those_of_the_plan_in_its_order(column: str) -> None:
    """The explanation can be compared with the bulk evaluation, condition by condition."""
    texts = {"欠席": "直近3か月の欠席が10日以上", "要介護度": "要介護度が要介護1以上"}
    explanation = explained(household("school_attendance", "long_term_care"), texts[column])
    assert explanation.truths == (Truth.MET, Truth.UNKNOWN if column == "欠席" else Truth.NOT_MET)


@pytest.mark.parametrize(
    ("text", "taken_on", "gap"),
    [
        ("3歳児健診が期限を過ぎても済んでいない", None, "乳幼児健診に、健診受診日が不詳の記録があります"),
        ("3歳児健診が済んでいる", None, "乳幼児健診に、健診受診日が不詳の記録があります"),
        ("最新の3歳児健診の判定が要精検である", None, "乳幼児健診に、健診受診日が不詳の記録があります"),
    ],
)
def test_an_unknown_day_is_named_as_the_reason(text: str, taken_on: None, gap: str) -> None:
    """Who must ask is told which cell says 不詳, in the words of the register; another check's cell is not named."""
    cells = {"due_on": date(2026, 3, 1), "taken_on": taken_on, "judgement": "要精検"}
    check = Row("health_check", {**cells, "check_kind": "3歳児健診"}, 1, 7, frozenset({"taken_on"}))
    other = Row("health_check", {**cells, "check_kind": "1歳6か月児健診"}, 1, 8, frozenset({"detailed_exam_on"}))
    child = Person("P1", frozenset(), 12, 6, {"health_check": (check, other)}, {"maternal_health": LONG_AGO})
    line = line_of(explained(Household("H1", AS_OF, child), text), text)
    assert (line.truth, line.note) == (Truth.UNKNOWN, gap)
    assert all("実施の記録なし" not in fact.text for fact in line.facts)


def test_a_sentence_that_is_not_met_says_what_was_counted() -> None:
    """An auditor asks why ×, too: the months with their values, the sum, the source, its day and the months it delivered."""
    text = "直近3か月の欠席が20日以上"
    line = line_of(explained(household("school_attendance", months=((8, 0), (9, 4), (10, 7))), text), text)
    assert line.truth is Truth.NOT_MET
    assert [(fact.value, fact.record_id) for fact in line.facts] == [
        ("4日", "school_month/2/1009"),
        ("7日", "school_month/2/1010"),
    ]
    assert line.note == "この期間の合計は11日、校務支援(出欠・学校生活)の、この期間の記録はそろっています(R8.11.6時点)"
    [coverage] = line.coverage
    assert (coverage.source, coverage.who, coverage.known_on) == ("school_attendance", "本人", date(2026, 11, 6))
    assert (coverage.file, coverage.covered_from) == ("10_attendance_20261106.csv", LONG_AGO)
    assert coverage.periods == (date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31))
    assert line.number == 2


def test_what_is_lacking_is_there_as_data_beside_the_words() -> None:
    """For ？ the source, the reason and the missing month can be read by a program, and say the same as the note."""
    text = "直近3か月の欠席が10日以上"
    line = line_of(explained(household("school_attendance", months=((8, 1), (10, 2))), text), text)
    [lack] = line.lacks
    assert (lack.source, lack.reason, lack.who, lack.text) == ("school_attendance", "periods", "本人", line.note)
    assert (lack.periods, lack.known_on) == ((date(2026, 9, 30),), date(2026, 11, 6))
    assert line.coverage == ()


def test_a_fact_carries_its_entry_in_the_register() -> None:
    """Purpose, legal basis and how long it is kept stand beside each fact, as the register said when the run was made."""
    kind = VOCABULARY.records["school_month"]
    text = "直近3か月の欠席が10日以上"
    fact = line_of(explained(household("school_attendance", months=((8, 9), (9, 4), (10, 7))), text), text).facts[0]
    told = fact.provenance
    assert (told.purpose, told.legal_basis, told.retention_years) == (
        kind.purpose,
        kind.legal_basis,
        kind.retention_years,
    )


def test_what_decides_the_tier_is_asked_first() -> None:
    """The order of 確認すべきこと follows the turning points that it is given."""
    two = explained(household("residents"), "要介護度が要介護1以上", "要対協に登録されている")
    first, second = two.to_check
    assert two.to_check_first([question.number for question in reversed(two.questions)]) == (second, first)


def test_a_sentence_about_a_relative_who_is_not_there_rests_on_the_register() -> None:
    """「きょうだいに…がある」 is × where there is no sibling: the register of residents says so, as of its day."""
    text = "直近24か月に、きょうだいに相談がある"
    line = line_of(explained(household("residents", "consultation"), text), text)
    assert (line.truth, line.note) == (Truth.NOT_MET, "同じ世帯の住民記録に、当てはまる人はいません(R8.11.17時点)")
    assert [(coverage.source, coverage.who) for coverage in line.coverage] == [("residents", "世帯")]


def test_what_is_not_recorded_is_named_where_something_else_is() -> None:
    """Of a grandparent with a handbook and no service the note says of which of the two there is no record."""
    text = "精神障害者保健福祉手帳を持っているかつ障害福祉サービスを利用していない祖父母がいる"
    row = Row("disability_certificate", {"certificate_kind": "精神", "certificate_issued_on": date(2020, 4, 1)}, 3, 7)
    member = Person(
        "P2", frozenset({"祖父母", "世帯員"}), 80, None, {"disability_certificate": (row,)}, {"disability": LONG_AGO}
    )
    line = line_of(explained(household("residents", members=(member,)), text), text)
    assert line.truth is Truth.MET
    assert line.note.endswith("記録に「障害福祉サービス」はありません")


def test_each_rulebook_tells_a_sentence_by_its_own_name_of_the_threshold() -> None:
    """Two rulebooks that say the same under other names share the answer, not the words; it is asked once, in the first's words."""
    texts = []
    scenarios = []
    for number, name in ((1, "見に行く日数"), (2, "ご案内の目安")):
        named = s.Overdue("check_3y", 90, None, name)
        texts.append(to_japanese(named, VOCABULARY))
        scenarios.append(
            Scenario(
                f"YC-0{number}", "young_carer", "名前", "ねらい", "出典", "強", sentence("年齢が6歳以上18歳未満"), named,
                (), (), (), Place("young_carer.yaml", number),
            )
        )  # fmt: skip
    rulebook = Rulebook("young_carer", "", "1", "", scenarios[0].target, tuple(scenarios), (), "young_carer.yaml", "")
    plan = make_plan(RulebookSet(AS_OF, (rulebook,)), VOCABULARY)
    explanation = explain_child(plan, household(), LAYOUTS, ORIGINS)
    lines = [result.sentences[-1] for result in explanation.results]
    assert [line.text for line in lines] == texts
    assert lines[0].number == lines[1].number
    assert [question.sentence for question in explanation.questions] == texts
    assert len(explanation.to_check) == 1
    assert explanation.to_check[0].startswith(f"「{texts[0]}」かどうか")
