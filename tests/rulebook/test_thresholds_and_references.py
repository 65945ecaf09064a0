"""Policy numbers stand in one place with their days, and scenarios may build on each other without going round."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.kernel.errors import KizukiError
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.language import syntax as s
from engine.rulebook.language.printer import to_english, to_japanese
from engine.rulebook.model import RulebookSet
from engine.rulebook.references import evaluation_order, references

VOCABULARY = load_vocabulary(Path(__file__).parents[2] / "rulebooks" / "fields.yaml")
AS_OF = date(2026, 11, 20)
TITLES = {"young_carer": "ヤングケアラー", "poverty": "貧困"}


def scenario(number: str, *sentences: str, validity: str = "") -> str:
    lines = "\n".join(f"        - {sentence}" for sentence in sentences)
    return f"""\
  - 番号: {number}
    名前: 見本
    ねらい: 見本
    出典: 当市の既定
    強さ: 中
{validity}    条件:
      すべて:
{lines}
    試験:
      - {{例: 一, 事実: {{}}, 結果: 該当}}
      - {{例: 二, 事実: {{}}, 結果: 非該当}}
      - {{例: 三, 事実: {{}}, 結果: 不明}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def write(folder: Path, hardship_type: str, *scenarios: str, thresholds: str = "") -> None:
    head = f"""\
ルールブック: {TITLES[hardship_type]}
類型: {hardship_type}
版: "2026.2"
担当: こども家庭サポートセンター
{thresholds}対象: 年齢が6歳以上18歳未満
シナリオ:
"""
    (folder / f"{hardship_type}.yaml").write_text(head + "".join(scenarios), encoding="utf-8")


def load(folder: Path, *types: str, as_of: date = AS_OF) -> RulebookSet:
    return load_rulebooks(folder, VOCABULARY, as_of=as_of, types=types or tuple(TITLES))


def problems(folder: Path, *types: str, as_of: date = AS_OF) -> list[tuple[str, str]]:
    with pytest.raises(KizukiError) as caught:
        load(folder, *types, as_of=as_of)
    return [(problem.code, problem.what) for problem in caught.value.problems]


def only_sentence(rulebooks: RulebookSet, number: str) -> s.Sentence:
    found = next(each for each in rulebooks.scenarios if each.id == number)
    return next(iter(s.sentences_of(found.condition)))


# ── thresholds ──


def test_a_number_changes_on_its_day_and_not_before(folder: Path) -> None:
    """A revision counts from its first day; the day before, the earlier value does."""
    revised = "閾値:\n  長く休む目安:\n    改定: [{開始: 2025-04-01, 値: 30日}, {開始: 2027-04-01, 値: 25日}]\n"
    write(folder, "young_carer", scenario("YC-01", "今年度の欠席が「長く休む目安」以上"), thresholds=revised)
    for day, value in ((date(2027, 3, 31), 30), (date(2027, 4, 1), 25)):
        sentence = only_sentence(load(folder, "young_carer", as_of=day), "YC-01")
        assert sentence == s.Total("absence", s.Window("今年度"), s.Bound("以上", value))
    before = load(folder, "young_carer", as_of=date(2027, 3, 31)).rulebooks[0].thresholds[0]
    assert (before.text, before.next_on) == ("30日", date(2027, 4, 1))


def test_a_day_before_the_first_value_is_an_error(folder: Path) -> None:
    """No value is guessed for a day for which nobody decided one."""
    revised = "閾値:\n  長く休む目安:\n    改定: [{開始: 2027-04-01, 値: 25日}]\n"
    write(folder, "young_carer", scenario("YC-01", "直近6か月に相談がある"), thresholds=revised)
    [(code, what)] = problems(folder, "young_carer")
    assert code == "E-RULE-42" and "2027-04-01から" in what


def test_every_rulebook_may_use_a_name_and_only_one_may_give_it(folder: Path) -> None:
    """A policy number stands in one place, whatever the number of rulebooks that follow it."""
    write(folder, "young_carer", scenario("YC-01", "直近6か月に相談がある"), thresholds="閾値: {長く休む目安: 30日}\n")
    write(folder, "poverty", scenario("PV-01", "今年度の欠席が「長く休む目安」以上"))
    assert only_sentence(load(folder), "PV-01") == s.Total("absence", s.Window("今年度"), s.Bound("以上", 30))
    write(folder, "poverty", scenario("PV-01", "直近6か月に相談がある"), thresholds="閾値: {長く休む目安: 31日}\n")
    [(code, what)] = problems(folder)
    assert code == "E-RULE-48" and "でも決められています" in what


def test_the_conference_hears_name_and_value(folder: Path) -> None:
    """On a sheet a named number is read with its value; in a rulebook the value stands only under 閾値."""
    write(
        folder,
        "young_carer",
        scenario("YC-01", "要介護度が「重い介護」以上の世帯員がいる"),
        thresholds="閾値: {重い介護: 要介護3}\n",
    )
    sentence = only_sentence(load(folder, "young_carer"), "YC-01")
    assert to_japanese(sentence, VOCABULARY) == "要介護度が「重い介護」(要介護3)以上の世帯員がいる"
    assert to_japanese(sentence, VOCABULARY, values=False) == "要介護度が「重い介護」以上の世帯員がいる"
    assert "at least 要介護3" in to_english(sentence, VOCABULARY)


def test_a_named_and_a_bare_number_are_one_condition(folder: Path) -> None:
    """How a number is written does not change what is asked, so both are evaluated once."""
    named = s.Total("absence", s.Window("今年度"), s.Bound("以上", 30, "長く休む目安"))
    bare = s.Total("absence", s.Window("今年度"), s.Bound("以上", 30))
    assert named == bare and hash(named) == hash(bare)
    assert list(s.names_of(named)) == ["長く休む目安"]


# ── references ──


def test_a_scenario_is_judged_after_those_it_builds_on(folder: Path) -> None:
    """References lead across rulebooks, and their order in the files does not matter."""
    write(folder, "young_carer", scenario("YC-01", "シナリオPV-01に該当する"), scenario("YC-02", "直近6か月に相談がある"))
    write(folder, "poverty", scenario("PV-01", "シナリオYC-02に該当しない", "直近6か月に水道料金の督促がある"))
    scenarios = list(load(folder).scenarios)
    assert [references(each) for each in scenarios] == [("PV-01",), (), ("YC-02",)]
    assert [each.id for each in evaluation_order(scenarios)] == ["YC-02", "PV-01", "YC-01"]


def test_going_round_is_told_once_with_the_whole_way(folder: Path) -> None:
    """Three scenarios that wait for each other are one fault."""
    write(folder, "young_carer", scenario("YC-01", "シナリオYC-02に該当する"), scenario("YC-02", "シナリオPV-01に該当する"))
    write(folder, "poverty", scenario("PV-01", "シナリオYC-01に該当しない"))
    [(code, what)] = problems(folder)
    assert code == "E-RULE-33" and "YC-01 → YC-02 → PV-01 → YC-01" in what


def test_a_scenario_out_of_force_cannot_be_asked(folder: Path) -> None:
    """What is not judged on the day has no result that another scenario could use."""
    past = "    有効期間: {開始: 2025-04-01, 終了: 2026-03-31}\n"
    write(
        folder,
        "young_carer",
        scenario("YC-01", "シナリオYC-02に該当する"),
        scenario("YC-02", "直近6か月に相談がある", validity=past),
        scenario("YC-03", "シナリオYC-20に該当する"),
    )
    codes = dict(problems(folder, "young_carer"))
    assert {"E-RULE-31", "E-RULE-32"} <= codes.keys()
