"""From CSV deliveries to the handout, as an auditor would check it."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from engine.audit.runs import open_run
from engine.kernel.strict_yaml import read_yaml
from engine.kernel.truth import Truth
from engine.records.case import Tier
from kizuki.pipeline import run_week
from reports.trace.make import Tracer
from reports.trace.text import trace_text
from reports.wording import without_origin

pytestmark = pytest.mark.xdist_group(name="city")
REPOSITORY = Path(__file__).parents[2]


def facts_of(record):
    for case in record.casebook().cases:
        for child in case.children:
            for result in child.results:
                for sentence in (*result.sentences, *result.cancel_sentences):
                    yield from sentence.facts


def handout_text(paths) -> str:
    cells = []
    for path in paths:
        book = openpyxl.load_workbook(path, read_only=True)
        cells += [str(c) for sheet in book for row in sheet.iter_rows(values_only=True) for c in row if c is not None]
        book.close()
    return "\n".join(cells)


def test_every_received_row_is_used_or_quarantined(city):
    """受領 = 使用 + 隔離 for each delivery in the manifest, and every used row has exactly one linkage status."""
    deliveries = city.record.manifest["deliveries"]
    assert len({d["source"] for d in deliveries}) == 15
    for delivery in deliveries:
        assert delivery["received"] == delivery["used"] + delivery["quarantined"]
        assert sum(delivery["statuses"].values()) == delivery["used"]
    assert sum(d["quarantined"] for d in deliveries) > 0


def test_every_key_of_the_record_is_described(city):
    """docs/run-record.md names each key of manifest, delivery, list_inputs, approvals and replay.json, and every file."""
    text = (REPOSITORY / "docs" / "run-record.md").read_text("utf-8")
    manifest = city.record.manifest
    keys = {*manifest, *manifest["list_inputs"], *city.record.replay(), *(key for d in manifest["deliveries"] for key in d)}
    assert {key for key in keys if f"`{key}`" not in text} == set()
    files = {path.name if path.is_file() else f"{path.name}/" for path in city.record.folder.iterdir()}
    assert {name for name in files if f"`{name}`" not in text} == set()


def test_every_child_is_judged_once(city):
    """Each resident child below 18 has one row of decisions, with a tier and the truth of every scenario."""
    table = city.record.decisions()
    keys = table.column("child_key").to_pylist()
    assert len(keys) == len(set(keys)) == city.last.casebook.children_evaluated
    assert keys == sorted(keys)
    assert len(city.record.manifest["scenarios"]) >= 30
    for scenario in city.record.manifest["scenarios"]:
        assert set(table.column(scenario).to_pylist()) <= {0, 1, None}


def test_all_engines_agree_on_everyone_asked_about(city):
    """No engine says otherwise than another of a sentence or scenario, for listed children and for those drawn by chance."""
    for outcome in city.outcomes:
        assert outcome.engines_agree
        assert outcome.opinion.compared > 1000
        assert outcome.opinion.sampled
        assert outcome.differences is None


def test_a_child_on_whom_engines_differ_leaves_the_list(city, tmp_path, monkeypatch):
    """If the bulk evaluation said otherwise than the others, the household is not printed, goes to the error sheet with every
    engine's answer, and the run says 不一致."""
    import shutil

    import pyarrow as pa

    import kizuki.pipeline as pipeline

    copy = tmp_path / "city"
    shutil.copytree(city.workspace.root, copy)
    listed = city.last.casebook.cases[0].children[0].child_key
    real = pipeline.evaluate_all

    def wrong(snapshot, plan):
        table = real(snapshot, plan)
        column = table.column("c1").to_pylist()
        at = table.column("child_key").to_pylist().index(listed)
        column[at] = None if column[at] else True
        return table.set_column(table.column_names.index("c1"), "c1", pa.array(column, pa.bool_()))

    monkeypatch.setattr(pipeline, "evaluate_all", wrong)
    outcome = run_week(copy, date(2026, 11, 20), quiet_console())
    assert outcome.opinion.disagreeing == (listed,)
    assert not outcome.engines_agree
    assert outcome.casebook.replay == "不一致"
    cells = [cell for row in openpyxl.load_workbook(outcome.differences)["食い違い"].iter_rows(values_only=True) for cell in row]
    assert listed in cells
    assert {"○", "×"} <= set(cells) or "?" in cells
    assert open_run(copy / "runs").replay()["differences"].keys() == {listed}
    assert listed not in {c.child_key for case in outcome.casebook.cases for c in case.children}
    assert open_run(copy / "runs").manifest["evaluators_disagree_on"] == [listed]


def test_the_list_is_not_empty_and_has_history(city):
    """There are cases in both groups, and in the second week not everything is new."""
    first, second = (outcome.casebook for outcome in city.outcomes)
    assert {case.tier for case in second.cases} == {Tier.ACTIVE, Tier.INQUIRY}
    assert {case.change for case in first.cases} == {"新規"}
    assert "継続" in {case.change for case in second.cases}
    assert [case.case_no for case in second.cases] == list(range(1, len(second.cases) + 1))


def test_every_fact_stands_in_the_line_it_names(city):
    """The file that a fact names exists, has that line, and the hash in the manifest is the file's."""
    import hashlib

    digests = {d["file"]: d["sha256"] for d in city.record.manifest["deliveries"]}
    lines: dict[str, int] = {}
    checked = 0
    for fact in facts_of(city.record):
        name = fact.provenance.file
        if name not in lines:
            raw = (city.workspace.deliveries / name).read_bytes()
            assert hashlib.sha256(raw).hexdigest() == digests[name]
            lines[name] = raw.count(b"\n")
        assert 2 <= fact.provenance.line <= lines[name]
        checked += 1
    assert checked > 100


def test_an_absence_printed_on_the_sheet_is_the_one_in_the_delivered_row(city):
    """A school-month fact's number of days is the number in the CSV line that it points to."""
    layout = read_yaml(REPOSITORY / "sources" / "10_school_attendance.yaml").data
    seen = 0
    for fact in facts_of(city.record):
        if fact.provenance.source != "school_attendance" or fact.label != "欠席":
            continue
        path = city.workspace.deliveries / fact.provenance.file
        with path.open(encoding=layout["文字コード"], newline="") as file:
            rows = list(csv.reader(file))
        names = [layout["列"]["欠席"].get("別名", []), ["欠席"]]
        column = next(i for i, head in enumerate(rows[0]) if head in {n for group in names for n in group})
        import unicodedata

        value = int(unicodedata.normalize("NFKC", rows[fact.provenance.line - 1][column]))
        assert f"{value}日" in fact.text
        seen += 1
        if seen == 10:
            break
    assert seen > 0


def test_the_same_week_run_again_decides_the_same(city):
    """Running the same day again gives the same decisions and cases, byte for byte, under a new number."""
    before = open_run(city.workspace.runs, city.last.casebook.run_id)
    run_week(city.workspace.root, date(2026, 11, 20), quiet_console())
    after = open_run(city.workspace.runs)
    assert after.run_id != before.run_id
    assert after.manifest["outputs"]["decisions.parquet"] == before.manifest["outputs"]["decisions.parquet"]
    again, then = after.casebook(), before.casebook()
    assert (again.cases, again.tier_counts, again.dropped) == (then.cases, then.tier_counts, then.dropped)


def test_an_earlier_week_can_be_decided_again_after_later_deliveries_arrived(city):
    """As of 13 November the answer is still that of 13 November: later deliveries are not known then."""
    first = open_run(city.workspace.runs, city.outcomes[0].casebook.run_id)
    run_week(city.workspace.root, date(2026, 11, 13), quiet_console())
    again = max(r for r in city.workspace.runs.glob("R20261113-*"))
    assert again.name != first.run_id
    assert (
        open_run(city.workspace.runs, again.name).manifest["decisions_content"] == first.manifest["decisions_content"]
    )


def quiet_console():
    from rich.console import Console

    return Console(quiet=True)


def register(city):
    return pq.read_table(city.workspace.keyring / "register.parquet").to_pylist()


def test_no_name_or_number_leaves_the_keyring(city):
    """Neither the store nor the run records hold anybody's name, 宛名番号 or lot."""
    people = register(city)
    canaries = {p["address_number"] for p in people} | {p["name"] for p in people if p["name"] and len(p["name"]) >= 4}
    texts = [path.read_text(encoding="utf-8") for path in city.workspace.runs.rglob("*.json")]
    for path in (*city.workspace.store.rglob("*.parquet"), *city.workspace.runs.rglob("*.parquet")):
        table = pq.read_table(path, partitioning=None)
        for column in table.columns:
            if str(column.type) == "string":
                texts.append("\n".join(v for v in column.unique().to_pylist() if v))
    words = set()
    for text in texts:
        words |= set(text.replace('"', "\n").split("\n"))
    assert not canaries & words


def test_school_marks_and_nationality_are_nowhere(city):
    """Refused columns arrive in the files, are named in the catalogue as left out, and are stored nowhere."""
    catalogue = (city.workspace.store / "deliveries.jsonl").read_text(encoding="utf-8")
    left_out = {c for line in catalogue.splitlines() for c in json.loads(line)["left_out_columns"]}
    assert any(c.startswith("成績") for c in left_out)
    assert "国籍名等" in left_out or "国籍" in left_out
    for path in city.workspace.store.rglob("*.parquet"):
        names = pq.read_schema(path).names
        assert not [n for n in names if "mark" in n or "nationality" in n or "address_number" in n or n == "name"]


def test_protected_households_are_printed_without_an_address(city):
    """No line of a protected household's address is anywhere in the handout."""
    text = handout_text(city.last.handouts)
    for person in register(city):
        if person["protected"] and person["lot"]:
            assert f"{person['town']}{person['lot']}" not in text
            assert f"{person['town']} {person['lot']}" not in text


def test_the_handout_shows_each_case_and_no_percentage(city):
    """One sheet per case, the names rejoined, no percent sign in any cell."""
    book = openpyxl.load_workbook(city.last.handouts[0], read_only=True)
    cases = [name for name in book.sheetnames if name.startswith("案件")]
    book.close()
    assert len(cases) == len(city.last.casebook.cases)
    text = handout_text(city.last.handouts)
    assert "%" not in text and "％" not in text
    names = {p["person_key"]: p["name"] for p in register(city)}
    for case in city.last.casebook.cases:
        for child in case.children:
            assert names[child.child_key] in text


def trace_of(record, wanted, **options) -> str:
    tracer = Tracer(record)
    return "\n".join(trace_text(tracer.trace(tracer.meant(wanted), **options)))


def test_trace_goes_from_the_tier_to_the_line(city):
    """The trace of a listed child names the policy, the scenario, the sentence, the file, the line and its hash."""
    record = city.record
    case = next(c for c in record.casebook().cases if any(f for f in facts_of(record)))
    text = trace_of(record, f"案件{case.case_no:02d}")
    hit = next(r for r in case.children[0].results if r.is_hit)
    assert "tiers.yaml" in text and hit.scenario_id in text and "行目" in text and "SHA-256" in text
    assert "法的根拠" in text
    for child in case.children:
        assert all(line in text for line in (*child.missing, *child.to_check))
        assert all(without_origin(f) in text for f in child.supports)
        assert all(ask in text for r in child.results if r.is_hit for ask in r.ask)


def test_trace_also_answers_for_a_child_who_was_not_listed(city):
    """Whoever was judged can be traced: the truth of each scenario is kept for every child."""
    table = city.record.decisions()
    # A brother or sister of a listed child stands on the list with the household.
    listed = {case.household_key for case in city.record.casebook().cases}
    homes = zip(table.column("child_key").to_pylist(), table.column("household_key").to_pylist(), strict=True)
    key = next(child for child, home in homes if home not in listed)
    text = trace_of(city.record, key, why_not=True)
    assert "一覧には載っていません" in text
    assert all(scenario in text for scenario in city.record.manifest["scenarios"])


def test_support_in_use_never_raises_a_tier(city):
    """Whoever has only hits that are cancelled is in tier ③."""
    table = city.record.decisions()
    scenarios = list(city.record.manifest["scenarios"])
    rows = table.to_pylist()
    for row in rows:
        hits = [s for s in scenarios if row[s] == 1 and row[f"{s}_cancelled"] != 1]
        if not hits:
            assert row["tier"] == Tier.NO_ACTION
            assert row["points"] == 0


def test_the_manifest_names_everything_that_went_in(city):
    """Files, rules, policy, vocabulary, layouts, settings, versions and the key: enough to make the run again."""
    manifest = city.record.manifest
    assert {"deliveries", "rulebooks", "sources", "settings", "versions", "key_id", "as_of", "replay"} <= set(manifest)
    assert set(manifest["rulebooks"]) >= {"fields.yaml", "tiers.yaml", "young_carer.yaml", "poverty.yaml"}
    assert manifest["replay"] == city.last.opinion.verdict.value
    assert len(manifest["sources"]) == 15


def test_unknown_is_shown_to_the_conference(city):
    """At least one listed child has information that is missing, and it is written on the sheet."""
    children = [child for case in city.record.casebook().cases for child in case.children]
    assert any(child.missing or child.to_check for child in children)
    unknown = [r for child in children for r in child.results if r.truth is Truth.UNKNOWN]
    assert unknown
