"""What a household's one page keeps, merges and leaves to the trace."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from time import process_time

import made_up_cases as made
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.truth import Truth, all_of, any_of
from engine.records.case import Case, ChildCase, Fact, Identity, ScenarioResult, SentenceResult, Tier
from reports.sheet_words.case_hits import carrying, unknown
from reports.sheet_words.case_lists import CHECKS_SHOWN, MISSING_SHOWN, SUPPORTS_SHOWN
from reports.sheet_words.case_view import CaseView, view_case
from reports.sheet_words.fact_words import facts_in_words, origins_in_words, shortened, told

MET, NOT, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN


def _line(depth: int, text: str, truth: Truth, *facts: Fact, note: str = "") -> SentenceResult:
    return SentenceResult(depth, text, truth, facts, note)


def _dated(label: str, day: date, *, subject: str = "本人", source: str = "上下水道料金", text: str = "", row: int = 0) -> Fact:
    made_fact = made.fact(text or f"{label} R{day.year - 2018}.{day.month}.{day.day}", subject=subject, on=day, source=source)
    return replace(made_fact, label=label, id=f"water:2026-11-01:{row or day.toordinal()}:bill")


def _child(number: int, *results: ScenarioResult, tier: Tier = Tier.INQUIRY) -> ChildCase:
    return replace(made.child(number), results=results, tier=tier, missing=(), to_check=(), supports=())


def _hit(*sentences: SentenceResult, number: int = 1, strength: str = "強", ask: tuple[str, ...] = ()) -> ScenarioResult:
    return replace(made.absence_hit(number), sentences=sentences, strength=strength, ask=ask)  # type: ignore[arg-type]


def _view(*children: ChildCase, **changes: object) -> CaseView:
    people = [replace(one, child_key=made.members(1)[i + 1].key) for i, one in enumerate(children)]
    case: Case = made.case(1, children=tuple(people), **changes)
    return view_case(case, made.identities((case,)), run_id="R", as_of=made.AS_OF)


def test_only_what_decided_is_kept() -> None:
    """Headings, branches not met, met sentences inside a branch not met, and the child's own age are left out."""
    age = replace(made.fact("4歳", source="住民記録"), label="年齢")
    water = _dated("給水停止", date(2026, 9, 17))
    sentences = (
        _line(0, "年齢が18歳未満", MET, age), _line(0, "すべて", MET), _line(1, "いずれか", MET),
        _line(2, "すべて", NOT), _line(3, "年齢が2歳未満", NOT, age), _line(3, "健診が済んでいない", MET),
        _line(2, "給水停止がある", MET, water), _line(2, "滞納がある", NOT), _line(1, "園を利用していない", MET),
    )
    assert [s.text for s in carrying(sentences)] == ["給水停止がある", "園を利用していない"]
    assert [s.text for s in carrying(sentences[:1])] == ["年齢が18歳未満"]  # nothing else: the age is the reason


def test_age_of_someone_else_is_evidence() -> None:
    """A mother's age is a reason, the child's own is not."""
    young = replace(made.fact("19歳", subject="母"), label="年齢")
    assert carrying((_line(0, "年齢が20歳未満の母がいる", MET, young), _line(0, "学年が小1以上", MET, replace(
        made.fact("小3"), label="学年")))) == [_line(0, "年齢が20歳未満の母がいる", MET, young)]


def test_negation_is_carried_by_what_is_not_so() -> None:
    """Under 次でない the sentences not met decide, and are shown with ×."""
    sentences = (_line(0, "次でない", MET), _line(1, "いずれか", NOT), _line(2, "転校がある", NOT), _line(0, "欠席がある", MET))
    assert [(s.truth.mark, s.text) for s in carrying(sentences)] == [("×", "転校がある"), ("○", "欠席がある")]


def test_unknown_counts_only_where_it_could_matter() -> None:
    """An unknown sentence in a branch that is decided against is not told."""
    sentences = (
        _line(0, "いずれか", MET), _line(1, "欠席がある", MET), _line(1, "すべて", NOT), _line(2, "年齢が4歳以上", NOT),
        _line(2, "3歳児健診が済んでいない", UNKNOWN), _line(1, "すべて", UNKNOWN), _line(2, "滞納がある", UNKNOWN),
    )
    assert [s.text for s in unknown(sentences)] == ["滞納がある"]


Tree = tuple[str, list[object]] | Truth
_trees = st.recursive(
    st.sampled_from(Truth), lambda inner: st.tuples(st.sampled_from(["すべて", "いずれか", "次でない"]), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=10,
)


def _truth(tree: Tree) -> Truth:
    if isinstance(tree, Truth):
        return tree
    parts = [_truth(part) for part in tree[1]]  # type: ignore[arg-type]
    return all_of(parts) if tree[0] == "すべて" else any_of(parts) if tree[0] == "いずれか" else ~any_of(parts)


def _flat(tree: Tree, depth: int, names: list[str]) -> list[SentenceResult]:
    if isinstance(tree, Truth):
        names.append(f"文{len(names)}")
        return [_line(depth, names[-1], tree)]
    below = [line for part in tree[1] for line in _flat(part, depth + 1, names)]  # type: ignore[arg-type]
    return [_line(depth, tree[0], _truth(tree)), *below]


def _only(tree: Tree, kept: set[str], names: list[str]) -> Tree:
    """The tree with every sentence that was left out made unknown."""
    if isinstance(tree, Truth):
        names.append(f"文{len(names)}")
        return tree if names[-1] in kept else UNKNOWN
    return (tree[0], [_only(part, kept, names) for part in tree[1]])  # type: ignore[arg-type]


@given(_trees)
def test_the_sentences_kept_carry_the_scenario_alone(tree: Tree) -> None:
    """Were everything that the page leaves out unknown, the scenario would still be met: nothing that decides is lost."""
    if _truth(tree) is MET:
        kept = {sentence.text for sentence in carrying(_flat(tree, 0, []))}
        assert _truth(_only(tree, kept, [])) is MET


def test_days_of_one_item_are_told_together() -> None:
    """The newest three days, oldest first, and how many more; who it is about stands in front once."""
    days = [date(2026, month, 20) for month in (10, 2, 8, 6, 4)]
    facts = [_dated("水道料金の督促", day, subject="世帯") for day in days]
    assert facts_in_words(facts) == "世帯: 水道料金の督促 R8.6.20・R8.8.20・R8.10.20 ほか2件"
    assert facts_in_words(facts[:1] * 2) == "世帯: 水道料金の督促 R8.10.20"
    twice = [_dated("要対協への登録", date(2026, 5, 9), subject="きょうだい", row=row) for row in (1, 2)]
    assert facts_in_words(twice) == "きょうだい: 要対協への登録 R8.5.9(2件)"
    assert facts_in_words([]) == ""


def test_days_of_absence_do_not_read_as_a_day_of_the_month() -> None:
    """「R8年10月 9日」 (nine days in October) is told so that nobody takes it for the ninth."""
    assert told(_dated("欠席", date(2026, 10, 31), text="欠席 R8年10月 9日")) == "欠席 R8年10月に9日"


def test_origins_are_short() -> None:
    """Each source once, with its newest as-of day and without the remark on its name."""
    facts = [made.fact("a", source="校務支援(出欠・学校生活)"), made.fact("b", source="校務支援(出欠・学校生活)")]
    assert origins_in_words(facts) == "校務支援 R8.11.1"


def test_children_share_one_block_of_a_scenario() -> None:
    """A scenario met for two children is printed once with both names; a fact that differs says whose it is."""
    household = _line(0, "督促がある", MET, _dated("水道料金の督促", date(2026, 9, 1), subject="世帯"))
    own = [_line(0, "滞納がある", MET, _dated("納付金の滞納", date(2026, 9, day))) for day in (2, 3)]
    view = _view(_child(1, _hit(household, own[0])), _child(2, _hit(household, own[1])))
    (hit,) = view.hits
    assert hit.who == "〔陽菜・樹〕"
    assert [line.fact for line in hit.lines] == [
        "世帯: 水道料金の督促 R8.9.1", "納付金の滞納 〔陽菜〕R8.9.2 〔樹〕R8.9.3",
    ]


def test_children_of_one_name_are_told_apart() -> None:
    """Two children with the same given name get their age, twins of one name their place on the sheet."""
    hit = _hit(_line(0, "督促がある", MET, _dated("水道料金の督促", date(2026, 9, 1), subject="世帯")))
    pair = [replace(_child(1, hit), child_key=made.members(1)[i + 1].key, age_years=age) for i, age in enumerate((5, 3))]
    people = {one.child_key: Identity("NGUYEN VAN MINH", "", None, None) for one in pair}
    for children, expected in ((pair, "〔MINH(5歳)・MINH(3歳)〕"), ([replace(c, age_years=5) for c in pair], "〔1人目・2人目〕")):
        case = made.case(1, children=tuple(children))
        assert view_case(case, people, run_id="R", as_of=made.AS_OF).hits[0].who == expected


def test_a_fact_is_told_once() -> None:
    """Under a second scenario the same rows are 「上と同じ」 with the scenario that told them; other rows are not."""
    fact = _dated("水道料金の督促", date(2026, 9, 1), subject="世帯")
    other = _dated("水道料金の督促", date(2026, 9, 1), subject="世帯", row=7)
    view = _view(_child(1, _hit(_line(0, "督促がある", MET, fact)), _hit(
        _line(0, "督促が1回以上", MET, fact), _line(0, "別の督促がある", MET, other), number=2)))
    assert [[line.fact for line in hit.lines] for hit in view.hits] == [
        ["世帯: 水道料金の督促 R8.9.1"], ["上と同じ(SA-01)", "世帯: 水道料金の督促 R8.9.1"],
    ]


def test_an_absence_is_each_childs_own() -> None:
    """No record of one child is not "the same as above" as no record of its brother, though the words are equal."""
    absent = _line(0, "園を利用していない", MET, note="記録にありません")
    view = _view(_child(1, _hit(absent)), _child(2, _hit(absent, number=2)))
    assert [line.fact for hit in view.hits for line in hit.lines] == ["記録にありません"] * 2


def test_how_many_live_there_is_told_without_everybodys_age() -> None:
    """Each child has the others in its evidence; the ages stand at the top of the sheet, so one line does for all."""
    def told(note: str, *households: tuple[int, ...]) -> str:
        children = []
        for number, ages in enumerate(households, start=1):
            facts = [replace(made.fact(f"{age}歳", subject="世帯員", on=None), label="年齢", id=f"r:d:{age}:p") for age in ages]
            children.append(_child(number, _hit(_line(0, "世帯員が1人以下である", MET, *facts, note=note))))
        [line] = [line for hit in _view(*children).hits for line in hit.lines]
        return line.fact
    note = "同じ世帯の住民記録に、当てはまる人は1人です(R8.11.20時点)"
    assert told(note, (31, 4), (31, 9)) == told(note, (31, 4)) == "住民記録で当てはまる人は1人です"
    assert told("", (31, 4), (31, 9)) == "「世帯の構成」のとおりです"
    assert told("", (31, 4)) == "世帯員: 31歳、4歳"


def test_a_child_is_named_once_where_a_sentence_stands_in_two_branches() -> None:
    """いずれか of two groups with the same sentence in both is one line, and each child is in it once."""
    october = _line(1, "欠席がある", MET, _dated("欠席", date(2026, 10, 1), row=1))
    twice = [_line(0, "いずれか", MET), october, october]
    other = [_line(0, "欠席がある", MET, _dated("欠席", date(2026, 9, 1), row=2))]
    [told] = [line for hit in _view(_child(1, _hit(*twice)), _child(2, _hit(*other))).hits for line in hit.lines]
    assert told.fact == "欠席 〔陽菜〕R8.10.1 〔樹〕R8.9.1"


def test_a_child_with_weak_hits_only_takes_one_line() -> None:
    """A child of ③ with nothing but weak hits is named with them and has no evidence; one of ② has."""
    weak = _hit(_line(0, "督促がある", MET), strength="弱", number=9)
    view = _view(_child(1, _hit(_line(0, "欠席がある", MET))), _child(2, weak, tier=Tier.NO_ACTION))
    assert [hit.scenario_id for hit in view.hits] == ["SA-01"]
    assert view.children[1].summary == f"弱いシナリオだけに該当: SA-09 {weak.name}"
    assert [hit.scenario_id for hit in _view(_child(2, weak)).hits] == ["SA-09"]


def test_supports_are_counted_by_item() -> None:
    """Visits are one line with their number and the newest day; a benefit of all children is told once."""
    visits = tuple(_dated("見守り訪問", date(2026, month, 2)) for month in (3, 11, 7))
    aid = replace(made.fact("就学援助を受けている", on=None, source="学齢簿・就学援助"), label="就学援助")
    sister = replace(visits[0], subject="きょうだい")
    one, two = replace(_child(1), supports=(*visits, aid)), replace(_child(2), supports=(sister, replace(aid, id="a:b:2:c")))
    assert _view(one, two).supports.split("\n") == [
        "・〔陽菜〕見守り訪問 3回(最新 R8.11.2)", "・就学援助を受けている(学齢簿・就学援助 R8.11.1時点)",
    ]


def test_lists_are_cut_and_say_so() -> None:
    """Each list keeps its number of lines and says how many are left out."""
    supports = tuple(_dated(f"支援{i}", date(2026, 1, i)) for i in range(1, 10))
    child = replace(_child(1, _hit(_line(0, "欠席がある", MET), ask=tuple(f"問{i}" for i in range(12)))),
                    missing=tuple(f"足りない{i}" for i in range(9)), supports=supports)
    view = _view(child)
    assert view.missing.count("・") == MISSING_SHOWN + 1
    assert view.missing.endswith("・ほか5件")
    assert view.supports.count("・") == SUPPORTS_SHOWN + 1
    assert view.supports.endswith("・ほか4件")
    assert sum(bool(text) for row in view.checks for text in (row.left, row.right)) == CHECKS_SHOWN
    assert view.checks_left_out == "(ほか6件)"


def test_gaps_of_one_kind_are_told_together_and_the_telling_first() -> None:
    """What left a condition of a hit unknown comes first; sources that do not cover the child come last, in one line."""
    gap = "母子保健の記録はR8.2.24からで、それより前は分かりません"
    child = replace(_child(1, _hit(_line(0, "いずれか", MET), _line(1, "欠席がある", MET), _line(1, "健診がない", UNKNOWN, note=gap))), missing=(
        "学齢簿の対象に入っていません", "住民記録の記録はR8.2.24からで、それより前は分かりません", "校務支援の対象に入っていません",
        "保育の記録はR8.2.24からで、それより前は分かりません", "校務支援のR7年4月・R7年5月・R7年6月・R7年7月がありません", gap))
    assert _view(child).missing.split("\n") == [
        "・母子保健はR8.2.24より前が分かりません", "・住民記録、保育はR8.2.24より前が分かりません",
        "・校務支援のR7年4月からR7年7月までのうち4か月がありません", "・学齢簿、校務支援の対象に入っていません",
    ]


def test_the_procedure_for_notification_is_never_left_out() -> None:
    """A bare 通常の通告手順へ stands first; a sentence that ends in it is kept even where others are cut."""
    asks = ("通常の通告手順へ", *(f"問{i}" for i in range(12)), "会えないときは、通常の通告手順へ")
    child = replace(_child(1, _hit(_line(0, "欠席がある", MET), ask=asks)), to_check=("「健診がない」かどうか(記録がありません)",),
                    missing=("記録がありません",))
    checks = _view(child).checks
    assert checks[0].left == "□ 通常の通告手順へ"
    assert checks[0].right == "□ 健診がないか"  # the gap itself stands under 足りない情報
    assert checks[-1].right == "□ 会えないときは、通常の通告手順へ"


def test_a_question_that_may_decide_the_tier_is_marked() -> None:
    """A question whose answer alone may give another tier has a star; an answer that changes a scenario only is not marked."""
    from engine.records.case import TurningPoint
    points = (
        TurningPoint(3, "健診がない", Truth.UNKNOWN, MET, Tier.ACTIVE, ("AB-01",)),
        TurningPoint(4, "転校がある", Truth.UNKNOWN, MET, Tier.INQUIRY, ("AB-02",)),
    )
    child = replace(_child(1, _hit(_line(0, "欠席がある", MET)), tier=Tier.INQUIRY), turning_points=points,
                    to_check=("「健診がない」かどうか", "「転校がある」かどうか"))
    texts = [text for row in _view(child).checks for text in (row.left, row.right)]
    assert texts[:2] == ["□ ★健診がないか", "□ 転校があるか"]


def test_a_question_is_marked_whatever_its_scenario_calls_the_threshold() -> None:
    """The turning point may word the sentence as another rulebook does: its number tells that it is the same."""
    from engine.records.case import TurningPoint
    point = TurningPoint(3, "健診が「見に行く日数」(90日)過ぎても済んでいない", Truth.UNKNOWN, MET, Tier.ACTIVE, ("AB-01",))
    open_line = replace(_line(0, "健診が「ご案内の目安」(90日)過ぎても済んでいない", UNKNOWN), number=3)
    child = replace(_child(1, replace(_hit(open_line), truth=UNKNOWN)), turning_points=(point,), to_check=(f"「{open_line.text}」かどうか",))
    assert _view(child).checks[0].left == "□ ★健診が90日過ぎても済んでいないか"


def test_questions_of_the_most_active_child_come_first() -> None:
    """What is open of a child that did not bring the household here is asked after all else, with its name."""
    first = replace(_child(1, _hit(_line(0, "欠席がある", MET), ask=("問",)), tier=Tier.ACTIVE), to_check=("一",))
    second = replace(_child(2, tier=Tier.NO_ACTION), to_check=("二",))
    checks = _view(second, first, tier=Tier.ACTIVE).checks
    assert [text for row in checks for text in (row.left, row.right)] == ["□ 〔樹〕一", "□ 問", "□ 〔陽菜〕二", ""]


@pytest.mark.parametrize("number", [1, 2, 4])
def test_the_sheet_tells_where_the_rest_is(tmp_path: Path, number: int) -> None:
    """Each sheet names the command that shows every condition of just this household."""
    from workbook_dump import open_book

    from reports.handout import write_handout
    book = made.week(4)
    path = write_handout(book, made.identities(book.cases), tmp_path / "handout.xlsx")[0]
    values = [c.value for row in open_book(path)[f"案件{number:02d}"].iter_rows() for c in row]
    assert f"すべての条件と根拠は kizuki trace 案件{number:02d} で確かめられます" in values


def test_weak_scenarios_are_told_in_brief_behind_the_others() -> None:
    """Beside a stronger one a weak scenario has one text: its new facts with their source, and that others stand above."""
    fact, own = _dated("水道料金の督促", date(2026, 9, 1), subject="世帯"), _dated("納付金の滞納", date(2026, 9, 2))
    weak = _hit(_line(0, "督促がある", MET, fact), _line(0, "滞納がある", MET, own), _line(0, "園を利用していない", MET,
                note="保育は全住民が対象で、R8.11.6時点の記録にありません"), number=1, strength="弱")
    strong = replace(_hit(_line(0, "督促がある", MET, fact), number=2), hardship_type="poverty")
    first, second = _view(_child(1, strong, weak)).hits
    assert (first.scenario_id, first.brief) == ("SA-02", "")
    assert second.brief == "上に挙げた事実／納付金の滞納 R8.9.2〔上下水道料金 R8.11.1〕／園を利用していない〔保育 R8.11.6〕"
    assert [view.brief for view in _view(_child(1, weak)).hits] == [""]


def test_a_page_has_room_for_some_sentences_only() -> None:
    """Whatever comes after the sentences that a page has room for is told in brief; the first scenario never is."""
    def scenario(number: int, sentences: int) -> ScenarioResult:
        return _hit(*(_line(0, f"文{number}-{i}", MET, _dated(f"事{number}-{i}", date(2026, 9, i))) for i in range(1, sentences + 1)), number=number)
    assert [bool(hit.brief) for hit in _view(_child(1, scenario(1, 5), scenario(2, 3), scenario(3, 2))).hits] == [False, True, False]
    assert [bool(hit.brief) for hit in _view(_child(1, scenario(1, 12), scenario(2, 1))).hits] == [False, True]


def test_sentences_that_rest_on_facts_told_above_share_a_line() -> None:
    """「上と同じ」 is said once for all of them, behind the others; an origin that the line above has is 同上."""
    facts = [_dated(f"事{i}", date(2026, 9, i)) for i in range(1, 4)]
    lines = [_line(0, f"文{i}", MET, fact) for i, fact in enumerate(facts, start=1)]
    second = _view(_child(1, _hit(*lines[:2]), _hit(lines[0], lines[2], lines[1], number=2))).hits
    assert [line.told for line in second[0].lines] == ["事1 R8.9.1〔上下水道料金 R8.11.1〕", "事2 R8.9.2〔同上〕"]
    assert [(line.sentence, line.told) for line in second[1].lines] == [("文3", "事3 R8.9.3〔上下水道料金 R8.11.1〕"), ("文1、文2", "上と同じ(SA-01)")]


def test_a_scenario_that_says_nothing_new_takes_one_line() -> None:
    """Whose facts all stand under a scenario above is named with that, also where it is no weak one; what is unknown is said once."""
    fact = _dated("欠席", date(2026, 9, 1))
    lines = (_line(0, "欠席がある", MET, fact), _line(0, "いずれか", MET), _line(1, "欠席がある", MET, fact), _line(1, "転校がある", UNKNOWN))
    first, second = _view(_child(1, _hit(*lines, number=1), _hit(*lines, number=2))).hits
    assert (first.brief, first.unknown) == ("", "不明: 「転校がある」")
    assert (second.brief, second.unknown) == ("上に挙げた事実", "")


def test_thresholds_are_told_by_their_values() -> None:
    """The name that the rulebook gives a threshold is left to the trace, in sentences, unknowns and questions; other words in 「」 stay."""
    lines = (_line(0, "督促が「くり返しの目安」(2回)以上", MET, _dated("督促", date(2026, 9, 1))), _line(0, "いずれか", MET),
             _line(1, "督促が「くり返しの目安」(2回)以上", MET, _dated("督促", date(2026, 9, 1))), _line(1, "「3歳児健診」(任意)がない", UNKNOWN))
    view = _view(replace(_child(1, _hit(*lines)), to_check=("「滞納が「長い遅れ」(3か月)以上ある」かどうか",)))
    assert view.hits[0].lines[0].sentence == "督促が2回以上"
    assert "「3歳児健診」(任意)がない" in view.hits[0].unknown
    assert view.checks[0].left == "□ 滞納が3か月以上あるか"


def test_the_procedure_for_notification_is_said_once() -> None:
    """What several scenarios say of it shares one line, and leaves room for questions."""
    asks = ("会えないときは、通常の通告手順へ", "問1", "心配なときは、通常の通告手順へ", "急ぐときは、この一覧を待たず、通常の通告手順へ")
    checks = _view(_child(1, _hit(_line(0, "欠席がある", MET), ask=asks))).checks
    assert [text for row in checks for text in (row.left, row.right)] == [
        "□ 会えないとき、心配なときは、通常の通告手順へ", "□ 問1", "□ 急ぐときは、この一覧を待たず、通常の通告手順へ", "",
    ]


def test_nothing_is_missing_from_before_birth() -> None:
    """A baby's records begin with its birth: that is told as no gap."""
    child = replace(_child(1, _hit(_line(0, "欠席がある", MET))), missing=("母子保健の記録はR8.2.24からで、それより前は分かりません",))
    case = replace(made.case(1), children=(child,))
    people = made.identities((case,))
    member = next(one for one in case.members if one.key in people)
    born = {**people, member.key: replace(people[member.key], born_on=date(2026, 2, 24))}
    told = [view_case(case, known, run_id="R", as_of=made.AS_OF).missing for known in (people, born)]
    assert told == ["・母子保健はR8.2.24より前が分かりません", "足りないと分かっている情報はありません"]


def test_since_when_a_household_is_protected_is_not_told() -> None:
    """That there is 支援措置 must be known; its first day may lead to where the family lived before."""
    protected = made.fact("DV等支援措置を受けている(R7.12.17から)(支援措置 R8.11.1時点)", on=date(2025, 12, 17), source="支援措置")
    protected = replace(protected, provenance=replace(protected.provenance, source="address_protection"))
    [told] = _view(_child(1, _hit(_line(0, "DV等支援措置を受けている", MET, protected)))).hits[0].lines
    assert told.told == "DV等支援措置を受けている〔支援措置 R8.11.1〕"


def test_children_alike_share_a_line() -> None:
    """Siblings of one tier for the same reasons are named together; one of another tier by itself."""
    hit = _hit(_line(0, "督促がある", MET))
    one, other = _child(1, hit), replace(_child(2, hit), types=_child(1).types)
    view = _view(one, other, _child(3, tier=Tier.NO_ACTION))
    assert [line.tier_mark for line in view.child_lines] == ["②", "③"]
    assert view.child_lines[0].label.count("・") == 1
    assert len(view.children) == 3


def test_an_old_record_says_that_it_has_no_history() -> None:
    """A household without entries had none recorded; where no household of the record has any, the record was made before they were kept."""
    from reports.sheet_words.casebook_view import Copy, view_casebook
    quiet = replace(made.case(1), timeline=(), weeks=(), decisions=())
    other = made.case(2)
    assert other.timeline
    told = [view_casebook(made.casebook(cases), cases, {}, Copy()).cases[0].no_history for cases in ((quiet, other), (quiet,))]
    assert "この1年に記録された経過はありません" in told[0]
    assert "この記録には経過が残っていません" in told[1]


@pytest.mark.parametrize("note", ["長" * 40_000, "長" * 40_000 + "は全住民が対象で", "、".join(["長" * 70] * 500)])
def test_a_very_long_note_costs_no_time(note: str) -> None:
    """Shortening reads a text once, however long a city's labels make it."""
    before = process_time()
    assert shortened(note) == note
    assert process_time() - before < 3
