"""Running the in-file examples: the household that an example means, its outcome, and what its author reads."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.evaluate.examples.coverage import percentage
from engine.evaluate.examples.run import ExampleReport, run_examples
from engine.evaluate.meaning.reference import judge_sentence
from engine.kernel.errors import KizukiError
from engine.kernel.strict_yaml import parse_yaml, validate
from engine.kernel.truth import Truth
from engine.records.household import Household
from engine.records.layout import load_layouts
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.examples.households import build_household
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.language.parsing import parse_sentence
from engine.rulebook.model import Example, ExampleEvent
from kizuki.authoring.examples import report_lines

ROOT = Path(__file__).parents[2]
VOCABULARY = load_vocabulary(ROOT / "rulebooks" / "fields.yaml")
LABELS = {source: layout.label for source, layout in load_layouts(ROOT / "sources", VOCABULARY).items()}
MET, NOT, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN

FACTS = {
    "本人": {"年齢": "13", "学年": "中1", "就学援助": "なし", "学級区分": "通常"},
    "世帯員": [
        {"続柄": "祖父母", "年齢": "80", "要介護度": "要介護4", "介護サービス": "なし"},
        {"続柄": "母", "年齢": "41", "生活保護": "あり", "精神障害者保健福祉手帳": "不明"},
    ],
    "出来事": [
        {"種類": "欠席", "量": "12", "日前": "30"},
        {"種類": "水道料金の督促", "日前": "20"},
        {"種類": "EPDSの合計点", "量": "12", "日前": "20", "誰": "母"},
        {"種類": "EPDSの項目10", "量": "1", "日前": "20", "誰": "母"},
        {"種類": "3歳児健診の判定", "値": "要観察", "日前": "100"},
        {"種類": "1歳6か月児健診", "期限から": "120", "実施": "なし"},
        {"種類": "児童扶養手当の現況届", "日前": "100"},
        {"種類": "生活保護の廃止", "日前": "400", "誰": "母"},
    ],
    "不明": ["介護保険"],
}


def of(**changes: object) -> Household | tuple[object, ...]:
    facts = {**FACTS, **changes}
    return build_household(Example.model_validate({"例": "見本", "事実": facts, "結果": "該当"}), VOCABULARY, LABELS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("年齢が13歳以上13歳以下", MET),
        ("学年が中1以上中1以下", MET),
        ("就学援助を受けている", NOT),
        ("学級区分が通常である", MET),
        ("直近3か月の欠席が12日以上", MET),
        ("直近3か月の欠席が13日以上", NOT),
        ("直近3か月の遅刻が1回未満", MET),  # not mentioned: a month of zeros
        ("直近3か月の欠席が前年の同じ期間の2倍以上", MET),
        ("直近6か月に水道料金の督促がある", MET),
        ("直近6か月に水道料金の未納がある", NOT),
        ("母の最新のEPDSの合計点が12点以上", MET),
        ("母の最新のEPDSの項目10が1点以上", MET),  # one sheet holds both numbers
        ("生活保護を受給している母がいる", MET),  # an earlier one ended, this one holds
        ("直近24か月に、母に生活保護の廃止がある", MET),
        ("精神障害者保健福祉手帳を持っている母がいる", UNKNOWN),
        ("身体障害者手帳を持っている母がいる", UNKNOWN),  # the same source does not cover her
        ("身体障害者手帳を持っている祖父母がいる", NOT),
        ("要介護度が要介護3以上の祖父母がいる", MET),
        ("介護サービスを利用している祖父母がいる", UNKNOWN),  # the source has not arrived
        ("最新の3歳児健診の判定が要観察である", MET),
        ("最新の1歳6か月児健診の判定が異常なしである", NOT),
        ("1歳6か月児健診が期限を90日過ぎても済んでいない", MET),
        ("児童扶養手当を受給している", NOT),
        ("直近6か月に児童扶養手当の現況届がある", MET),
        ("父がいない", MET),
        ("直近24か月に転入がない", MET),
    ],
)
def test_an_example_means_what_its_author_expects(text: str, expected: Truth) -> None:
    """What is written holds, what is not mentioned is a known "no", what is called 不明 is unknown."""
    household = of()
    assert isinstance(household, Household)
    assert judge_sentence(parse_sentence(text, VOCABULARY), household, VOCABULARY).truth is expected


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"不明": ["介護ほけん"]}, "「介護ほけん」という源はありません。"),
        ({"本人": {"年令": "3"}}, "「年令」という項目はありません。"),
        ({"本人": {"学級区分": "特別"}}, "「学級区分」に値「特別」はありません。"),
        ({"本人": {"就学援助": "有"}}, "「就学援助」の値「有」を読めません。"),
        ({"世帯員": [{"年齢": "3"}], "出来事": []}, "世帯員の「続柄」がないか、使えない続柄です。"),
        ({"出来事": [{"種類": "欠席", "日前": "3"}]}, "「欠席」に「量」がありません。"),
        ({"出来事": [{"種類": "転入"}]}, "「転入」に「日前」がありません。"),
        ({"出来事": [{"種類": "転入", "日前": "3", "誰": "父"}]}, "「誰: 父」にあたる世帯員がいません。"),
        ({"出来事": [{"種類": "3歳児健診", "日前": "3"}]}, "「3歳児健診」には「期限から」と「実施」が要ります。"),
    ],
)
def test_a_fact_that_cannot_be_understood_is_named(changes: dict[str, object], what: str) -> None:
    """A misspelt fact never becomes a silent "no"."""
    faults = of(**changes)
    assert isinstance(faults, tuple)
    assert what in [fault.what for fault in faults]  # type: ignore[attr-defined]


def test_a_part_of_a_name_is_told_the_names_that_it_is_part_of() -> None:
    """督促 is not near any name, but two items are called so: the author sees which."""
    faults = of(出来事=[{"種類": "督促", "日前": "3"}])
    assert isinstance(faults, tuple)
    assert [fault.remedy for fault in faults] == ["「水道料金の督促」ではありませんか。"]  # type: ignore[attr-defined]


def test_a_wrong_key_of_an_event_is_told_the_keys_there_are() -> None:
    """日数 is as near to 日前 as to nothing: all five keys are named instead of a wrong guess."""
    with pytest.raises(KizukiError) as caught:
        validate(parse_yaml("種類: 欠席\n日数: 9\n日前: 51\n", "例.yaml"), ExampleEvent, kind="RULE")
    assert "ここに書けるのは、種類・" in str(caught.value) and "・量・" in str(caught.value)


# ── corner cases of the data, as examples ──


@pytest.mark.parametrize(
    ("facts", "text", "expected"),
    [
        # a day that nobody knows may lie in any window
        ({"出来事": [{"種類": "転入", "日前": "不詳"}]}, "直近24か月に転入がある", UNKNOWN),
        ({"出来事": [{"種類": "転入", "日前": "不詳"}]}, "直近24か月に転入が2回以上ある", NOT),
        (
            {"出来事": [{"種類": "EPDSの合計点", "量": "9", "日前": "不詳"}]},
            "直近12か月で最新のEPDSの合計点が9点以上",
            UNKNOWN,
        ),
        ({"出来事": [{"種類": "水道料金の督促", "日前": "不詳"}]}, "直近6か月に水道料金の督促がある", UNKNOWN),
        (
            {"出来事": [{"種類": "3歳児健診", "期限から": "120", "実施": "不詳"}]},
            "3歳児健診が期限を過ぎても済んでいない",
            UNKNOWN,
        ),
        (
            {"出来事": [{"種類": "3歳児健診", "期限から": "不詳", "実施": "なし"}]},
            "3歳児健診が期限を過ぎても済んでいない",
            UNKNOWN,
        ),
        # a cell that says something which does not tell the value
        ({"出来事": [{"種類": "欠席", "量": "不詳", "日前": "30"}]}, "直近3か月の欠席が1日以上", UNKNOWN),
        (
            {"出来事": [{"種類": "3歳児健診の判定", "値": "不詳", "日前": "30"}]},
            "最新の3歳児健診の判定が要観察である",
            UNKNOWN,
        ),
        ({"世帯員": [{"続柄": "祖父母", "要介護度": "不詳"}]}, "要介護度が要介護1以上の祖父母がいる", UNKNOWN),
        (
            {"世帯員": [{"続柄": "祖父母", "要介護度": "要介護3", "介護サービス": "不詳"}]},
            "介護サービスを利用している祖父母がいる",
            UNKNOWN,
        ),
        (
            {"世帯員": [{"続柄": "祖父母", "要介護度": "要介護3", "介護サービス": "不詳"}]},
            "要介護度が要介護3以上の祖父母がいる",
            MET,
        ),
        ({"本人": {"生活保護": "不詳"}}, "生活保護を受給している", UNKNOWN),
        ({"本人": {"年齢": "不詳"}}, "年齢が1歳以上", UNKNOWN),
        # two records of one kind: the newer one tells how things stand
        (
            {"世帯員": [{"続柄": "祖父母", "要介護度": ["要介護4", "要介護1"]}]},
            "要介護度が要介護2以上の祖父母がいる",
            NOT,
        ),
        (
            {"世帯員": [{"続柄": "祖父母", "要介護度": ["要介護1", "要介護4"]}]},
            "要介護度が要介護2以上の祖父母がいる",
            MET,
        ),
        (
            {
                "出来事": [
                    {"種類": "3歳児健診", "期限から": "300", "実施": "なし"},
                    {"種類": "3歳児健診", "期限から": "90", "実施": "80"},
                ]
            },
            "3歳児健診が済んでいる",
            MET,
        ),
        (
            {
                "本人": {"要対協の登録": "あり"},
                "出来事": [{"種類": "要対協の終結", "日前": "100"}, {"種類": "要対協への登録", "日前": "30"}],
            },
            "要対協に登録されている",
            MET,
        ),
        # two siblings, each with something of their own
        (
            {
                "世帯員": [{"続柄": "きょうだい", "年齢": "9"}, {"続柄": "きょうだい", "年齢": "7"}],
                "出来事": [{"種類": "欠席", "量": "5", "日前": "30", "誰": "2人目のきょうだい"}],
            },
            "きょうだいの直近3か月の欠席が5日以上",
            MET,
        ),
        # a source that covers only from a day on
        ({"不明": [{"源": "相談履歴", "いつから": "100"}]}, "直近6か月に相談がない", UNKNOWN),
        ({"不明": [{"源": "相談履歴", "いつから": "100"}]}, "直近3か月に相談がない", MET),
        ({"不明": [{"源": "校務支援(出欠・学校生活)", "いつから": "100"}]}, "直近3か月の欠席が1日以上", NOT),
        ({"不明": [{"源": "校務支援(出欠・学校生活)", "いつから": "60"}]}, "直近3か月の欠席が1日以上", UNKNOWN),
        ({"不明": ["相談履歴"]}, "直近3か月に相談がない", UNKNOWN),
    ],
)
def test_what_is_not_known_can_be_written(facts: dict[str, object], text: str, expected: Truth) -> None:
    """An example can hold an unknown day or value, several records of a kind, and a source that begins on a day."""
    household = build_household(
        Example.model_validate({"例": "見本", "事実": facts, "結果": "不明"}), VOCABULARY, LABELS
    )
    assert isinstance(household, Household), household
    assert judge_sentence(parse_sentence(text, VOCABULARY), household, VOCABULARY).truth is expected


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"本人": {"生活保護": ["あり", "なし"]}}, "「生活保護」には値を1つだけ書けます。"),
        ({"本人": {"年齢": "3000"}}, "年齢「3000」は130までの数ではありません。"),
        ({"本人": {"月齢": "-3"}}, "月齢「-3」は240までの数ではありません。"),
        ({"不明": [{"源": "介護ほけん", "いつから": "3"}]}, "「介護ほけん」という源はありません。"),
        ({"出来事": [{"種類": "転入", "日前": "3", "誰": "2人目の母"}]}, "「誰: 2人目の母」にあたる世帯員がいません。"),
    ],
)
def test_what_cannot_be_is_named(changes: dict[str, object], what: str) -> None:
    """The further words are checked as strictly as the others."""
    faults = of(**changes)
    assert isinstance(faults, tuple)
    assert what in [fault.what for fault in faults]  # type: ignore[attr-defined]


@pytest.mark.parametrize("written", ["99999999", "さん", "４０", "9" * 5000, "1e3", "0x10"])
def test_an_absurd_number_is_refused_where_it_stands(tmp_path: Path, written: str) -> None:
    """A number that no calendar holds, or that is none, is told at its line; it never stops the program."""
    with pytest.raises(KizukiError) as refused:
        report_of(tmp_path, BOOK.replace("日前: 40", f"日前: {written}", 1))
    (problem,) = refused.value.problems
    assert problem.code in ("E-RULE-92", "E-RULE-94")
    assert problem.place.line == 15


# ── the report ──

BOOK = """\
ルールブック: ヤングケアラー
類型: young_carer
版: "2026.1"
担当: こども家庭サポートセンター
対象: 年齢が6歳以上18歳未満
シナリオ:
  - 番号: YC-01
    名前: 見本
    ねらい: 見本
    出典: 当市の既定
    強さ: 中
    条件: {すべて: [母がいない, 直近3か月の欠席が10日以上]}
    打ち消し: [要対協に登録されている]
    試験:
      - {例: 休みが多い, 事実: {本人: {年齢: 9}, 出来事: [{種類: 欠席, 量: 9, 日前: 40}]}, 結果: 該当}
      - {例: 休みがない, 事実: {本人: {年齢: 9}}, 結果: 非該当}
      - {例: 届いていない, 事実: {本人: {年齢: 9}, 不明: [校務支援(出欠・学校生活)]}, 結果: 不明}
      - {例: 登録済み, 事実: {本人: {年齢: 9, 要対協の登録: あり}, 出来事: [{種類: 欠席, 量: 10, 日前: 40}]}, 結果: 打ち消し}
"""


def report_of(tmp_path: Path, text: str) -> ExampleReport:
    (tmp_path / "young_carer.yaml").write_text(text, encoding="utf-8")
    written = load_rulebooks(tmp_path, VOCABULARY, as_of=date(2026, 11, 20), types=("young_carer",))
    return run_examples(written, VOCABULARY, LABELS)


def test_the_report_shows_a_failure_line_by_line(tmp_path: Path) -> None:
    """An author sees at each line the fact that decided it, and the one line that would make the difference."""
    shown = "\n".join(report_lines(report_of(tmp_path, BOOK)))
    assert "試験 4件: 合格 3件、不合格 1件" in shown
    assert (
        "✕ YC-01 例1「休みが多い」: 期待は該当、結果は非該当です。(young_carer.yaml:15:9)\n"
        "  ○ 対象: 年齢が6歳以上18歳未満  ← 本人 年齢: 9歳\n"
        "  × 条件: すべて\n"
        "    ○ 母がいない  ← 母はいない\n"
        "    × 直近3か月の欠席が10日以上  ← 本人 欠席: 9日(R8年10月)\n"
        "  × 打ち消し: 要対協に登録されている  ← 本人 要対協の登録の記録なし(要対協台帳)\n"
        "  この例が該当になるには、次の行が変われば足ります。例の事実か、条件のどちらかを見直してください。\n"
        "    ・「直近3か月の欠席が10日以上」が × から ○ になる\n"
    ) in shown
    assert "届いていない" not in shown


def test_all_examples_are_shown_on_demand(tmp_path: Path) -> None:
    """With everything shown, a ? says which source is missing, and the table which answers each line has had."""
    shown = "\n".join(report_lines(report_of(tmp_path, BOOK), show_all=True))
    assert "✓ YC-01 例3「届いていない」: 不明" in shown
    assert "? 直近3か月の欠席が10日以上  ← 「校務支援(出欠・学校生活)」が届いていない" in shown
    assert "  ○ ・ －  条件: 母がいない\n  ○ × ?  条件: 直近3か月の欠席が10日以上\n" in shown
    assert "  ○ × ・  打ち消し: 要対協に登録されている\n" in shown
    assert "ヤングケアラー 対象\n  ○ ・ ・  対象: 年齢が6歳以上18歳未満" in shown


def test_coverage_counts_what_can_be_shown(tmp_path: Path) -> None:
    """A line that never sees its opposite fails the report; a missing ? only lowers the percentage."""
    report = report_of(tmp_path, BOOK)
    by_text = {one.text: one for one in report.coverage}
    assert by_text["母がいない"].lacking == ("非該当",)
    assert not by_text["母がいない"].can_be_unknown  # who lives in the household is always known
    assert by_text["直近3か月の欠席が10日以上"].lacking == ()
    # 母がいない ○ of ○×; 欠席 ○×? of three; 要対協 ○× of three; 対象 ○ of three
    assert percentage(report.coverage) == 100 * (1 + 3 + 2 + 1) // (2 + 3 + 3 + 3)
    assert percentage(report.coverage, [MET]) == 100
    assert not report.passed


def test_an_example_that_no_single_line_can_mend_says_so(tmp_path: Path) -> None:
    """Where two lines would have to change, no single one is blamed."""
    text = BOOK.replace(
        "本人: {年齢: 9}, 出来事: [{種類: 欠席, 量: 9, 日前: 40}]", "世帯員: [{続柄: 母}], 本人: {年齢: 9}"
    )
    run = report_of(tmp_path, text).runs[0]
    assert not run.passed
    assert run.flips == ()
    assert "2つ以上の行" in "\n".join(report_lines(report_of(tmp_path, text)))


def test_a_fault_in_an_example_is_told_at_its_own_line(tmp_path: Path) -> None:
    """E-RULE-30 points at the word that cannot be understood, not at the scenario."""
    broken = BOOK.replace("種類: 欠席, 量: 10, 日前: 40", "種類: 欠せき, 量: 10, 日前: 40")
    (problem,) = report_of(tmp_path, broken).problems
    assert (problem.code, problem.place.line) == ("E-RULE-30", 18)
    line = broken.splitlines()[17]
    assert line[(problem.place.column or 0) - 1 :].startswith("種類: 欠せき")


def test_a_member_who_does_not_fit_is_explained(tmp_path: Path) -> None:
    """A sentence about members says by which fact those at hand fail."""
    text = BOOK.replace("母がいない", "要介護度が要介護1以上かつ介護サービスを利用していない世帯員がいる").replace(
        "本人: {年齢: 9}, 出来事",
        "本人: {年齢: 9}, 世帯員: [{続柄: 祖父母, 要介護度: 要介護3, 介護サービス: あり}], 出来事",
    )
    (line,) = [one for one in report_of(tmp_path, text).runs[0].lines if "世帯員" in one.text]
    assert line.truth is NOT
    assert line.reasons == ("世帯員 介護サービス: あり",)


def test_one_scenario_can_be_asked_for(tmp_path: Path) -> None:
    """The report of one scenario holds its examples and its lines only."""
    second = BOOK[BOOK.index("  - 番号") :].replace("YC-01", "YC-02")
    report = report_of(tmp_path, BOOK + second).of("YC-02")
    assert {run.scenario_id for run in report.runs} == {"YC-02"}
    assert {one.scenario_id for one in report.coverage} == {"YC-02"}
