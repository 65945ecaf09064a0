"""The trace: from the tier to file and line, why not higher, on the screen, on paper and in the workbook."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import made_up_record as made
import openpyxl
import pytest

from engine.kernel.errors import ExitStatus, KizukiError, Place, Problem
from engine.kernel.truth import Truth
from engine.records.case import Tier
from engine.tiers.policy import load_policy
from reports.paper.book import write_paper
from reports.trace.html import trace_html
from reports.trace.make import Tracer
from reports.trace.paper import trace_paper
from reports.trace.text import trace_text

GOLDEN = Path(__file__).parents[1] / "golden" / "trace_of_a_made_up_child.txt"


@pytest.fixture
def tracer(tmp_path):
    return Tracer(made.make_record(tmp_path))


def text_of(trace) -> str:
    return "\n".join(trace_text(trace)) + "\n"


def test_a_trace_reads_as_in_the_golden_file(tracer):
    """Tier, table, scenarios with their lines, sentences, facts with file and line, then every hash in full."""
    text = text_of(tracer.trace(tracer.meant("案件01")))
    text = re.sub(r"(目録\(manifest.json\) SHA-256) [0-9a-f]{64}", r"\1 (目録のハッシュ)", text)
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_the_tier_is_led_back_to_the_lines_of_the_policy(tracer):
    """Two strong hits reach the first line of 段, one medium hit the line that gives 低."""
    child = tracer.trace([made.LISTED]).children[0]
    steps = {step.hardship_type: step for step in child.types}
    carer, absence = steps["young_carer"], steps["school_absence"]
    assert (carer.level, carer.level_line, carer.level_asks, carer.tier) == ("高", 1, "強2件以上", Tier.ACTIVE)
    assert (absence.level, absence.level_line, absence.level_asks, absence.tier) == ("低", 6, "中1件以上", Tier.NO_ACTION)
    assert child.overlap.needed == 3 and child.overlap.labels == ("ヤングケアラー",) and not child.overlap.applies
    assert child.contradictions == ()


def test_every_sentence_has_its_answer_number_and_facts(tracer):
    """Lines come from the outline, answers from the numbered sentences, facts from the case, each fact numbered once."""
    trace = tracer.trace([made.LISTED])
    scenario = next(s for s in trace.children[0].scenarios if s.id == "YC-02")
    told = [(line.part, line.depth, line.number, line.truth, line.facts) for line in scenario.lines]
    grandmother = next(fact.no for fact in trace.facts if fact.text == "要介護4")
    age = next(fact.no for fact in trace.facts if fact.text == "12歳")
    assert told == [
        ("対象", 0, 1, Truth.MET, (age,)),
        ("条件", 0, 0, Truth.MET, ()),
        ("条件", 1, 3, Truth.MET, (grandmother,)),
        ("条件", 1, 0, Truth.MET, ()),
        ("条件", 2, 4, Truth.NOT_MET, ()),
    ]
    assert (scenario.file, scenario.line, scenario.rule.version, scenario.rule.approved_by) == (
        "rulebooks/young_carer.yaml", 60, "2026.1", "家庭相談係長"
    )
    assert [fact.no for fact in trace.facts] == list(range(1, len(trace.facts) + 1))


def test_a_fact_names_the_delivery_with_its_hash(tracer):
    """The number of a fact's file leads to the manifest's entry; a file that only makes an absence mean "no" is named too."""
    trace = tracer.trace([made.LISTED])
    files = {file.no: file for file in trace.files}
    manifest = {d["file"]: d["sha256"] for d in tracer.run.manifest["deliveries"]}
    for fact in trace.facts:
        assert files[fact.file_no].file == fact.file
        assert files[fact.file_no].sha256 == manifest[fact.file]
    assert made.CARE in {file.file for file in trace.files}


def test_cancelled_and_unknown_scenarios_are_told(tracer):
    """打ち消し is shown with the sentence that cancels; of 不明 the sentences that are not known."""
    cancelled = tracer.trace([made.CANCELLED])
    assert [(s.id, s.outcome) for s in cancelled.children[0].scenarios] == [("YC-01", "打ち消し"), ("SA-01", "打ち消し")]
    unknown = tracer.trace([made.UNKNOWN])
    child = unknown.children[0]
    assert [(s.id, s.outcome) for s in child.scenarios] == [("YC-01", "不明"), ("SA-01", "不明")]
    assert [line.number for line in unknown.lines_shown(child.scenarios[0])] == [4]
    assert "？ 直近6か月に見守り記録がある" in text_of(unknown)


def test_one_scenario_is_shown_whatever_its_result(tracer):
    """--scenario shows all lines of that scenario and no other, also where it is not met."""
    trace = tracer.trace([made.UNKNOWN], scenario="YC-02")
    assert [(s.id, s.outcome) for s in trace.children[0].scenarios] == [("YC-02", "非該当")]
    assert len(trace.lines_shown(trace.children[0].scenarios[0])) == 5
    assert "× 要介護度が要介護1以上の世帯員がいる" in text_of(trace)
    with pytest.raises(KizukiError) as caught:
        tracer.trace([made.UNKNOWN], scenario="YC-99")
    assert caught.value.problems[0].code == "E-RUN-21"


def test_where_facts_are_not_told_it_is_said(tracer):
    """The record keeps facts of what is on the list: of a scenario that is not met, and of unlisted children, it has none."""
    assert "※" not in text_of(tracer.trace([made.LISTED]))
    assert "非該当のシナリオの事実は、記録に残していません" in text_of(tracer.trace([made.LISTED], scenario="PD-01"))
    assert "一覧に載っていないこどもの事実は、記録に残していません" in text_of(tracer.trace([made.WAITING]))


def test_the_standing_of_an_unlisted_child_is_told(tracer):
    """Beyond capacity, taken off because engines differ, or with nobody in the household above ③."""
    said = {key: tracer.trace([key]).children[0].standing for key in made.ANSWERS}
    assert "案件01" in said[made.LISTED]
    assert "定員(1世帯)を超えた" in said[made.WAITING]
    assert "一致せず" in said[made.TAKEN_OFF] and "定員" not in said[made.TAKEN_OFF]
    assert "全員③" in said[made.UNKNOWN]


def test_what_the_second_engine_said_of_the_child_is_told(tracer):
    """The same; another answer, with what each said; could not; was not asked. Silence is never agreement."""
    said = {key: tracer.trace([key]).children[0].replayed for key in made.ANSWERS}
    assert said[made.LISTED] == ("このこどもは、別の仕組み(durable_rules 2.0.28)でも同じ答えと根拠になりました。",)
    assert said[made.TAKEN_OFF] == (
        "判定の仕組みどうしで、1か所の答えか根拠が違いました。",
        "「直近6か月に見守り記録がある」の答え: 一括 ×、基準 ×、再現 ？",
    )
    assert "再計算できませんでした(時間がかかりすぎました)" in said[made.CANCELLED][0]
    assert "対象" in said[made.UNKNOWN][0] and "入っていません" in said[made.UNKNOWN][0]


def test_why_not_names_the_fewest_sentences_first(tracer):
    """Nearest is the scenario with the fewest sentences to go, an unknown one before a known ×; other people's scenarios come last."""
    why = tracer.trace([made.UNKNOWN], why_not=True).why_not[0]
    told = [(way.scenario.id, [line.number for line in way.lines], list(way.wanted), way.tier) for way in why.ways]
    assert told == [
        ("YC-01", [4], [Truth.MET], Tier.INQUIRY),
        ("SA-01", [4], [Truth.MET], Tier.NO_ACTION),
        ("YC-02", [3, 4], [Truth.MET, Truth.NOT_MET], Tier.INQUIRY),
    ]
    assert why.out_of_target == ("PD-01",)


def test_why_not_names_what_cancels(tracer):
    """Where 打ち消し stands in the way, the sentence would have to be ×."""
    why = tracer.trace([made.CANCELLED], why_not=True).why_not[0]
    way = next(way for way in why.ways if way.scenario.id == "YC-01")
    assert [(line.number, wanted) for line, wanted in zip(way.lines, way.wanted, strict=True)] == [(5, Truth.NOT_MET)]
    assert [line.number for line in way.cancels] == [5]
    assert way.tier is Tier.INQUIRY


@pytest.mark.parametrize("key", list(made.ANSWERS))
def test_the_sentences_of_why_not_make_a_hit(tracer, key):
    """Answered as wanted, they are a hit; and without any one of them they are not."""
    from reports.trace.answers import outcome_of, scenario_truth

    judged = tracer.answered.child(key)
    outlines = {outline.id: outline for outline in tracer.answered.outlines}
    for way in tracer.trace([key], why_not=True).why_not[0].ways:
        steps = {line.number: wanted for line, wanted in zip(way.lines, way.wanted, strict=True)}
        for left_out in (None, *steps):
            supposed = {**judged.sentences, **{n: w for n, w in steps.items() if n != left_out}}
            outcome = outcome_of(*scenario_truth(outlines[way.scenario.id], lambda line, s=supposed: s[line.number]))
            assert (outcome == "該当") == (left_out is None)


def test_a_record_that_contradicts_itself_is_told(tmp_path):
    """A policy that makes another tier of the same hits, and a sentence that makes another result, are found."""
    harsher = made.TIERS.replace("高: {なし: ①".encode(), "高: {なし: ②".encode())
    tracer = Tracer(made.make_record(tmp_path / "policy", policy=harsher))
    odd = tracer.trace([made.LISTED]).children[0].contradictions
    assert any("数え直すと②" in line and "記録は①" in line for line in odd)

    import pyarrow as pa

    sound = Tracer(made.make_record(tmp_path / "sentence"))
    table = sound.answered._conditions
    column = [0 if key == made.LISTED else value for key, value in zip(sound.answered.keys, table["c2"].to_pylist(), strict=True)]
    sound.answered._conditions = table.set_column(table.column_names.index("c2"), "c2", pa.array(column, pa.int8()))
    odd = sound.trace([made.LISTED]).children[0].contradictions
    assert any(line.startswith("YC-01") and "組み立てた結果" in line for line in odd)
    assert any("根拠が、記録された○×？と合いません" in line for line in odd)


def test_an_old_record_is_traced_as_far_as_it_goes(tmp_path):
    """Without sentences and rule texts: facts and reasons of the listed, results of everyone, and what is missing is said."""
    tracer = Tracer(made.make_record(tmp_path, complete=False))
    text = text_of(tracer.trace([made.LISTED]))
    assert "残す前の kizuki" in text and "tiers.yaml)の本文は、この記録に残っていません" in text
    assert f"← {made.CARE} 7行目" in text
    assert "該当したシナリオの数から決めました。" in text
    unlisted = tracer.trace([made.UNKNOWN], why_not=True)
    assert [(s.id, s.outcome, s.lines) for s in unlisted.children[0].scenarios] == [
        ("YC-01", "不明", ()), ("YC-02", "非該当", ()), ("SA-01", "不明", ()), ("PD-01", "非該当", ())
    ]
    assert unlisted.why_not == ()


def test_a_damaged_record_is_refused(tmp_path):
    """A changed byte of what the trace reads, and nothing is told."""
    record = made.make_record(tmp_path)
    path = record.folder / "scenarios.json"
    path.write_bytes(path.read_bytes().replace("見守り".encode(), "見回り".encode(), 1))
    with pytest.raises(KizukiError) as caught:
        Tracer(record)
    assert caught.value.exit_status is ExitStatus.STORE


@pytest.mark.parametrize("wanted", ["案件99", "PZZZZZZZZZ", "PAAA", ""])
def test_nobody_by_that_number_is_a_clear_error(tracer, wanted):
    """A case that is not there, a key of nobody, and fewer than six letters."""
    with pytest.raises(KizukiError) as caught:
        tracer.meant(wanted)
    assert caught.value.problems[0].code == "E-RUN-02"


def test_full_width_and_small_letters_are_read_alike(tracer):
    """案件０１, a bare number and small letters mean what they look like; a household's key means its children."""
    assert tracer.meant("案件０１") == tracer.meant("1") == (made.LISTED,)
    assert tracer.meant(made.UNKNOWN.lower()) == (made.UNKNOWN,)
    assert tracer.meant(f"H{made.WAITING[1:]}") == (made.WAITING,)


def test_the_page_holds_every_hash_and_every_fact(tracer):
    """Head, signature, every fact with file number and line, every hash in full, and no script or outside address."""
    trace = tracer.trace([made.LISTED])
    page = trace_html(trace)
    assert trace.run.manifest_sha256 in page and "署名" in page and "取扱注意" in page
    for file in trace.files:
        assert file.sha256 in page
    for rule in (trace.policy, *trace.rules):
        assert rule.sha256 in page
    for fact in trace.facts:
        assert f'id="f{fact.no}"' in page and f"{fact.line}行目" in page
    assert "counter(page)" in page and "<script" not in page and "http" not in page.replace("http-equiv", "")


def test_text_of_a_record_stays_text(tmp_path):
    """Markup in a scenario's name is printed, not obeyed; a formula in the workbook is a text."""
    wild = tuple(replace(o, name='=HYPERLINK("x")<b>&') for o in made.outlines())
    trace = Tracer(made.make_record(tmp_path, scenarios=wild)).trace([made.LISTED])
    assert "<b>&<" not in trace_html(trace) and "&lt;b&gt;&amp;" in trace_html(trace)
    for cell in cells(trace, tmp_path):
        assert cell.data_type in ("s", "n")


def cells(trace, folder):
    path = folder / "trace.xlsx"
    write_paper(trace_paper(trace), path, Problem(Place("x"), "E-REPORT-11", "", "", ""))
    book = openpyxl.load_workbook(BytesIO(path.read_bytes()))
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_the_workbook_says_what_the_page_says(tracer, tmp_path):
    """The same facts, lines, hashes and reasons; A4 with page numbers; room to sign."""
    trace = tracer.trace([made.LISTED], why_not=True)
    values = [str(cell.value) for cell in cells(trace, tmp_path)]
    text = "\n".join(values)
    for file in trace.files:
        assert file.sha256 in values
    for fact in trace.facts:
        assert f"[{fact.no}]" in values and f"{fact.line}行目" in values and fact.text in values
    assert trace.run.manifest_sha256 in text and "確認した人" in values and "強2件・" not in text
    assert "強2件 → 段「高」(1行目: 強2件以上)" in text
    book = openpyxl.load_workbook(tmp_path / "trace.xlsx")
    for sheet in book:
        assert str(sheet.page_setup.paperSize) == sheet.PAPERSIZE_A4
        assert "&P" in sheet.oddFooter.right.text and "取扱注意" in sheet.oddHeader.left.text


def test_turning_points_are_those_of_the_policy(tracer):
    """What one answer would change is told with the tier; for children who are not listed it is worked out."""
    text = text_of(tracer.trace([made.UNKNOWN]))
    assert "「直近6か月に見守り記録がある」(いま？)が○なら、区分は③から②に変わる" in text


def test_the_policy_of_the_repository_is_what_the_record_was_made_with():
    """The made-up record decides by hand; this keeps its hand-made rule and tiers.yaml together."""
    policy = load_policy(made.REPOSITORY / "rulebooks" / "tiers.yaml")
    assert policy.level(2, 0, 0).name == "高" and policy.level(1, 1, 0).name == "中" and policy.level(0, 1, 0).name == "低"
    assert "PD-01" in policy.always_active


def test_why_not_is_short(tracer, monkeypatch):
    """It answers the question: what counts is named, the nearest scenarios are told by sentence, of the others how far they are."""
    from reports.trace import make

    whole = tracer.trace([made.UNKNOWN], why_not=True)
    nearest = [way.scenario.id for way in whole.why_not[0].ways]
    assert len(nearest) > 1 and whole.why_not[0].others == ()
    monkeypatch.setattr(make, "WAYS_IN_FULL", 1)
    trace = tracer.trace([made.UNKNOWN], why_not=True)
    [reason] = trace.why_not
    assert [way.scenario.id for way in reason.nearest] == nearest[:1]
    assert [way.scenario.id for way in reason.others] == nearest[1:]
    text = text_of(trace)
    assert all(scenario in text for scenario in nearest)
    assert "心配の大きさや、危険の近さではありません" in text
    listed = text_of(tracer.trace([made.LISTED], why_not=True))
    assert "全文と根拠は、--why-not を付けない足取りにあります" in listed
    assert not re.search(r"○ すべて", listed)


def test_facts_of_a_paper_are_those_it_speaks_of(tracer):
    """What only a scenario that is not told by sentence rests on is not in the table of facts."""
    trace = tracer.trace([made.LISTED], why_not=True)
    spoken = {no for way in trace.why_not[0].nearest for line in way.lines for no in line.facts}
    assert {fact.no for fact in trace.facts} == spoken | set(trace.children[0].supports)
