"""`kizuki trace` on a run of the small city, as an auditor uses it: every fact is looked up in the delivered file."""

from __future__ import annotations

import csv
import re
import shutil
import unicodedata
from datetime import date
from functools import cache
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from engine.intake.header import fold_name, names_of
from engine.kernel.dates import age_on, grade_label, month_end, parse_date, parse_month, school_grade
from engine.kernel.errors import KizukiError
from engine.records.case import Tier
from engine.records.layout import load_layouts
from engine.records.vocabulary import load_vocabulary
from kizuki.cli import kizuki
from kizuki.console import console
from kizuki.trace.command import Papers, print_trace
from reports.trace.make import Tracer
from reports.trace.text import trace_text

pytestmark = pytest.mark.xdist_group(name="city")
_DAY = re.compile(r"[RH]\d{1,2}\.\d{1,2}\.\d{1,2}|R\d{1,2}年\d{1,2}月期?")


@pytest.fixture(scope="module")
def tracer(city):
    return Tracer(city.record)


@pytest.fixture(scope="module")
def numbers(city):
    """宛名番号 by person, as only the keyring knows it."""
    register = pq.read_table(city.workspace.keyring / "register.parquet").to_pylist()
    return {person["person_key"]: person["address_number"] for person in register}


@pytest.fixture(scope="module")
def delivered(city):
    """Lines of delivered files, by name and line: cells by column id, texts folded, codes read as the layout says."""
    vocabulary = load_vocabulary(city.workspace.vocabulary)
    layouts = load_layouts(city.workspace.sources, vocabulary)

    @cache
    def lines(name: str, encoding: str) -> list[str]:
        return (city.workspace.deliveries / name).read_bytes().decode(encoding).splitlines()

    def row(source: str, name: str, line: int) -> dict[str, str]:
        layout = layouts[source]
        known = names_of(layout)
        text = lines(name, layout.encoding)
        header, cells = (next(csv.reader([text[i]])) for i in (0, line - 1))
        assert len(header) == len(cells)
        found = {}
        for title, cell in zip(header, cells, strict=True):
            column = known.get(fold_name(title))
            if column is not None:
                rule = layout.cells[column]
                folded = unicodedata.normalize("NFKC", cell).strip()
                found[rule.id] = {unicodedata.normalize("NFKC", k): v for k, v in rule.codes.items()}.get(folded, folded)
        for name_, rule in layout.derivations.items():
            pair, sign = (rule.minus, -1) if rule.minus else (rule.plus, 1)
            if all(found.get(each, "").isdigit() for each in pair):
                found[name_] = str(int(found[pair[0]]) + sign * int(found[pair[1]]))
        return found

    return row


def days_of(row: dict[str, str]) -> set[date]:
    days = set()
    for cell in row.values():
        day = parse_date(cell)
        month = parse_month(cell)
        days |= {each for each in (day, month if not isinstance(month, date) else month_end(month)) if isinstance(each, date)}
    return days


def listed_traces(tracer):
    for case in tracer.casebook.cases:
        yield case, tracer.trace([child.child_key for child in case.children])


def test_every_fact_stands_in_the_line_that_the_trace_names(city, tracer, delivered, numbers):
    """Open the CSV, go to the line: the day, the number or word, and for 本人 the child's own 宛名番号 are there."""
    seen = {"day": 0, "number": 0, "word": 0, "person": 0, "age": 0}
    for _, trace in listed_traces(tracer):
        files = {file.no: file for file in trace.files}
        for fact in trace.facts:
            source = next(d["source"] for d in city.record.manifest["deliveries"] if d["file"] == fact.file)
            assert files[fact.file_no].file == fact.file
            row = delivered(source, fact.file, fact.line)
            cells = set(row.values())
            if fact.subject == "本人" and row.get("address_number"):
                owners = {row.get(name) for name in ("address_number", "mother_number", "guardian_number")}
                assert numbers[fact.child_key] in owners
                seen["person"] += 1
            if re.fullmatch(r"\d+歳|[小中高]\d|未就学", fact.text):
                born = parse_date(row["born_on"])
                grade = grade_label(school_grade(born, city.record.as_of))
                assert fact.text in (f"{age_on(born, city.record.as_of)}歳", grade)
                seen["age"] += 1
                continue
            if fact.on is not None:
                assert fact.on in days_of(row), (fact.text, fact.file, fact.line)
                seen["day"] += 1
            undated = _DAY.sub("", fact.text)
            if number := re.search(r" (\d+)(?:日|回|点|週|か月|人|円)$", undated.replace("()", "").strip()):
                assert number[1] in {cell.lstrip("0") or "0" for cell in cells if cell.isdigit()}, (fact.text, row)
                seen["number"] += 1
            elif word := re.search(r" (要観察|要精検|要治療|異常なし|通常|要介護\d|要支援\d)$", undated.replace("()", "").strip()):
                assert word[1] in cells
                seen["word"] += 1
    assert all(seen[kind] > 0 for kind in ("day", "number", "person", "age")), seen
    assert seen["day"] > 100


def test_no_record_of_a_run_contradicts_itself(tracer):
    """Sentences make the recorded scenarios, and hits the recorded tiers, for listed children and for a sample of the rest."""
    keys = [*tracer.answered.keys[::40], *(child.child_key for case in tracer.casebook.cases for child in case.children)]
    for key in keys:
        assert tracer.trace([key], why_not=True).children[0].contradictions == ()


def test_no_name_or_number_of_anybody_is_in_a_trace(city, tracer, numbers):
    """Neither names nor 宛名番号 nor lots: 整理番号 only, in text, page and workbook."""
    from reports.trace.html import trace_html

    register = pq.read_table(city.workspace.keyring / "register.parquet").to_pylist()
    secrets = {p["name"] for p in register if p["name"] and len(p["name"]) >= 4} | set(numbers.values())
    secrets |= {p["kana"] for p in register if p.get("kana") and len(p["kana"]) >= 5}
    for _, trace in listed_traces(tracer):
        text = "\n".join(trace_text(trace)) + re.sub(r"<[^>]+>", "\n", trace_html(trace))
        words = set(re.split(r"[\s、。・「」()〔〕【】:：]+", text))
        assert not secrets & words


def run_command(city, capsys, *words: str) -> str:
    capsys.readouterr()
    kizuki.main(args=["trace", *words, "-w", str(city.workspace.root)], standalone_mode=False)
    return capsys.readouterr().out


def test_the_run_may_stand_before_the_child(city, tracer, capsys):
    """RUN CHILD, 最新 CHILD, CHILD alone and --run mean the same; an earlier run is another trace."""
    first, last = (outcome.casebook.run_id for outcome in city.outcomes)
    newest = city.record.run_id
    alone = run_command(city, capsys, "案件01")
    assert alone == run_command(city, capsys, "最新", "案件01") == run_command(city, capsys, newest.lower(), "案件01")
    assert alone == run_command(city, capsys, "案件01", "--run", newest)
    assert f"実行 {first}" in run_command(city, capsys, first, "案件01")
    assert first != last


def test_files_are_written_where_asked(city, tracer, capsys, tmp_path):
    """--out writes page and workbook under a name of run and child, --html and --xlsx where they are told; all private."""
    key = tracer.casebook.cases[0].children[0].child_key
    said = run_command(city, capsys, key, "--out", str(tmp_path / "監査"), "--html", str(tmp_path / "one.html"))
    assert (tmp_path / "one.html").is_file()
    [book] = (tmp_path / "監査").iterdir()
    assert book.name == f"trace_{city.record.run_id}_{key}.xlsx" and str(book) in said
    assert openpyxl.load_workbook(book).sheetnames[0] == "表紙と区分"
    assert (tmp_path / "one.html").stat().st_mode & 0o077 == 0
    with pytest.raises(KizukiError) as caught:
        run_command(city, capsys, key, "--html", str(tmp_path / "one.html" / "below.html"))
    assert caught.value.problems[0].code == "E-REPORT-11"


@pytest.mark.parametrize(
    "words",
    [(), ("a", "b", "c"), ("最新", "案件01", "--run", "最新"), ("--diff", "最新", "最新", "案件01", "--why-not"),
     ("--diff", "最新", "最新", "案件01", "案件02")],
)
def test_a_wrong_use_is_a_usage_error(city, capsys, words):
    """No child, too many words, two runs, or a difference together with what belongs to one run."""
    import click

    with pytest.raises(click.UsageError):
        run_command(city, capsys, *words)


def unlisted(tracer) -> str:
    """Of those not listed for whom something is unknown, the one of whom most sentences hold: of others there may be no fact to tell."""
    shown = {child.child_key for case in tracer.casebook.cases for child in case.children}
    conditions = tracer.answered.run.conditions()
    numbers = [name for name in conditions.column_names if name != "child_key"]
    met = {row["child_key"]: sum(row[name] == 1 for name in numbers) for row in conditions.to_pylist()}
    asked = (
        key for key in tracer.answered.keys
        if key not in shown and any(tracer.answered.child(key).outcome(s) == "不明" for s in tracer.answered.child(key).scenarios)
    )
    return max(asked, key=lambda key: (met[key], key))


def test_facts_of_an_unlisted_child_come_from_the_store(city, tracer, capsys):
    """Without --facts none are told and that is said; with it they are, as coming from the store, with file and line."""
    key = unlisted(tracer)
    without = run_command(city, capsys, key, "--why-not")
    assert "事実は、記録に残していません" in without and "行目\n" not in without.split("なぜ")[1].split("決まりのファイル")[0]
    with_facts = run_command(city, capsys, key, "--why-not", "--facts")
    assert "保管庫から開き" in with_facts
    assert re.search(r"← \S+\.csv \d+行目", with_facts)


def test_someone_who_was_not_judged_is_told_why(city, tracer):
    """An adult of the register is no child; a key of nobody is nobody."""
    people = pq.read_table(city.workspace.keyring / "register.parquet").to_pylist()
    adult = next(
        p["person_key"] for p in people
        if p["person_key"] not in set(tracer.answered.keys) and p["born_on"] is not None and p["born_on"] < date(1990, 1, 1)
    )
    unknown = next((p["person_key"] for p in people if p["born_on"] is None and p["person_key"] not in set(tracer.answered.keys)), None)
    for key, words in ((adult, "18歳未満"), (unknown, "生年月日が読めず")):
        if key is not None:
            with pytest.raises(KizukiError) as caught:
                print_trace(city.workspace.root, key, None, Papers(), console, facts=True)
            assert caught.value.problems[0].code == "E-RUN-22" and words in caught.value.problems[0].what
    with pytest.raises(KizukiError) as caught:
        print_trace(city.workspace.root, "PZZZZZZZZZZZ", None, Papers(), console, facts=True)
    assert caught.value.problems[0].code == "E-RUN-02"


def test_other_answers_of_the_store_are_not_passed_off_as_the_records(city, tracer, tmp_path, monkeypatch):
    """If the child, judged again, is answered otherwise than recorded, its facts are refused."""
    from kizuki.trace import store_facts

    real = store_facts.explain_child

    def wrong(*arguments):
        explanation = real(*arguments)
        from dataclasses import replace

        first = explanation.answers[0]
        return replace(explanation, answers=(replace(first, truth=~first.truth), *explanation.answers[1:]))

    monkeypatch.setattr(store_facts, "explain_child", wrong)
    with pytest.raises(KizukiError) as caught:
        print_trace(city.workspace.root, unlisted(tracer), None, Papers(), console, facts=True)
    assert caught.value.problems[0].code == "E-RUN-23"


def test_the_trace_needs_the_record_alone(city, tracer, capsys, tmp_path):
    """With store, deliveries, keyring and rulebooks gone, the same trace is printed."""
    bare = tmp_path / "bare"
    (bare / "runs").mkdir(parents=True)
    shutil.copytree(city.workspace.runs / city.record.run_id, bare / "runs" / city.record.run_id)
    shutil.copy(city.workspace.runs / "CURRENT", bare / "runs" / "CURRENT")
    shutil.copy(city.workspace.root / "kizuki.toml", bare / "kizuki.toml")
    expected = run_command(city, capsys, "案件01", "--why-not")
    capsys.readouterr()
    kizuki.main(args=["trace", "案件01", "--why-not", "-w", str(bare)], standalone_mode=False)
    assert capsys.readouterr().out == expected


def test_two_weeks_differ_by_what_was_delivered(city, capsys):
    """The list of the second week against the first: everyone is counted, the new deliveries are named, the rules are the same."""
    first, last = (outcome.casebook.run_id for outcome in city.outcomes)
    text = run_command(city, capsys, "--diff", first, last)
    judged = city.last.casebook.children_evaluated
    counts = [int(line.split()[-1].replace(",", "")) for line in text.splitlines() if re.match(r"  [①②③判]", line) and "→" not in line]
    gone = [int(line.split()[-1]) for line in text.splitlines() if re.match(r"  [①②③] +判定なし", line)]
    assert sum(counts) - sum(gone) == judged
    assert "新しく使った 2026-11-20/01_residents_20261120.csv" in text and "同じ決まりです" in text
    child = run_command(city, capsys, "--diff", first, last, city.last.casebook.cases[0].children[0].child_key)
    assert "なぜ変わったか" in child and Tier.ACTIVE.mark in child


def test_modules_that_parse_rulebooks_are_not_loaded(city):
    """Two seconds at city size: neither the parser nor the solver nor DuckDB is imported for a plain trace."""
    import subprocess
    import sys

    code = (
        "import sys\nfrom kizuki.cli import kizuki\n"
        "kizuki.main(args=sys.argv[1:], standalone_mode=False)\n"
        "print(sorted({'lark', 'sqlglot', 'duckdb', 'openpyxl', 'jinja2', 'pysat'} & set(sys.modules)), file=sys.stderr)"
    )
    words = ["trace", "案件01", "-w", str(city.workspace.root)]
    done = subprocess.run([sys.executable, "-P", "-c", code, *words], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert done.stderr.strip() == "[]"
