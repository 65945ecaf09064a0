"""docs/rulebook-language.md is made of the tables, and what it shows works."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import write_manual
from meaning_tables import SOURCE_LABELS, VOCABULARY, cases

from engine.evaluate.examples.run import run_examples
from engine.kernel.errors import Place
from engine.records.case import HARDSHIP_LABELS
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.language.parsing import parser_for
from engine.rulebook.language.thresholds import Threshold
from kizuki.authoring.cli import rules

AS_OF = date(2026, 11, 20)


def test_the_manual_is_what_the_tables_say() -> None:
    """The document in docs/ is the one that the tables and the frame give; if not, run tests/spec/write_manual.py."""
    assert write_manual.MANUAL.read_text(encoding="utf-8") == write_manual.manual()


def test_check_tells_a_manual_that_is_out_of_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--check` writes nothing; it fails and names the remedy where document and tables differ."""
    stale = tmp_path / "rulebook-language.md"
    stale.write_text(write_manual.manual().replace("該当", "不明", 1), encoding="utf-8")
    monkeypatch.setattr(write_manual, "MANUAL", stale)
    before = stale.read_bytes()
    assert write_manual.main(["--check"]) == 1
    assert "python tests/spec/write_manual.py" in capsys.readouterr().out
    assert stale.read_bytes() == before


def test_the_rulebook_in_the_manual_loads_and_its_examples_hold(tmp_path: Path) -> None:
    """The rulebook at the beginning of the manual is a real one: read by the loader, every example as written."""
    [text] = [
        b for b in re.findall(r"```yaml\n(.*?)```", write_manual.manual(), re.DOTALL) if b.startswith("ルールブック:")
    ]
    [kind] = [kind for kind in HARDSHIP_LABELS if f"類型: {kind}\n" in text]
    (tmp_path / f"{kind}.yaml").write_text(text, encoding="utf-8")
    rulebooks = load_rulebooks(tmp_path, VOCABULARY, as_of=AS_OF, types=(kind,))
    report = run_examples(rulebooks, VOCABULARY, SOURCE_LABELS)
    assert report.passed, [run for run in report.runs if not run.passed]


def test_every_row_is_printed() -> None:
    """The tables of the manual have a line for each row, in order, and no other: its household, answer and reason."""
    forms = write_manual.manual().split("\n## 文の形\n")[1].split("\n## ")[0]
    lines = [line for line in forms.splitlines() if line.startswith("| ") and not line.startswith("| 世帯 |")]
    for line, case in zip(lines, cases(), strict=True):
        assert line.endswith(f" | {case.row.answer} | {case.row.why} |")
        assert all(f"{part}: " in line for part in (*case.row.facts, *case.row.beyond))


def test_every_command_for_authors_is_named() -> None:
    """The manual tells of each command under `kizuki rules`, and of no other (add a line to manual_frame.md)."""
    named = set(re.findall(r"^\| `kizuki rules ([a-z]+)` \|", write_manual.manual(), re.MULTILINE))
    assert named == set(rules.commands)


def test_the_phrasebook_is_in_the_language() -> None:
    """Each sentence of the table that leads from what one wants to say to its form is read, and each section it names is there."""
    text = write_manual.manual()
    table = text.split("\n## 言いたいことから探す\n")[1].split("\n## ")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ") and "書き方の例" not in line]
    threshold = Threshold("登校が減った目安", 10, "日", "10日", None, None, Place("見本"))
    sentences = [said for row in rows for said in re.findall(r"「((?:[^「」]|「[^「」]*」)*)」", row[1]) if ":" not in said]
    assert len(sentences) > 20
    for said in sentences:
        assert not isinstance(parser_for(VOCABULARY).read(said, {threshold.name: threshold}), tuple), said
    sections = set(re.findall(r"^###? (.+)$", text, re.MULTILINE))
    assert {name for row in rows for name in re.findall(r"\(#(.+?)\)", row[2])} <= sections
