"""How many children a scenario met in a run, and whether they met the text that is printed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from small_rulebooks import SCHOOL, rulebooks_in

from engine.audit.run_record import RunRecord
from reports.manual.book import HitCounts
from reports.manual.counts import hit_counts, run_line

MET, NOT, UNKNOWN = 1, 0, None


def run_in(folder: Path, hashes: dict[str, str]) -> RunRecord:
    """A run of five children that knew SA-01 and YC-01."""
    table = pa.table(
        {
            "child_key": ["A", "B", "C", "D", "E"],
            "SA-01": pa.array([MET, MET, MET, NOT, UNKNOWN], pa.int8()),
            "SA-01_cancelled": pa.array([MET, NOT, UNKNOWN, MET, MET], pa.int8()),
            "YC-01": pa.array([NOT, NOT, UNKNOWN, UNKNOWN, MET], pa.int8()),
            "YC-01_cancelled": pa.array([NOT] * 5, pa.int8()),
        }
    )
    run = folder / "R20261120-01"
    run.mkdir()
    pq.write_table(table, run / "decisions.parquet")
    digest = hashlib.sha256((run / "decisions.parquet").read_bytes()).hexdigest()
    books = {name: {"version": "1", "sha256": value} for name, value in hashes.items()}
    return RunRecord(run, {"as_of": "2026-11-20", "outputs": {"decisions.parquet": digest}, "rulebooks": books})


def hashes_of(folder: Path) -> dict[str, str]:
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.yaml")}
    return {**files, "fields.yaml": "f" * 64}


def test_hits_cancelled_and_unknown_are_counted_apart(tmp_path: Path) -> None:
    """A hit that is cancelled for certain is no hit; one whose cancel is unknown stands; a cancel of nothing counts nowhere."""
    rulebooks = rulebooks_in(tmp_path)
    hashes = hashes_of(tmp_path)
    record = run_in(tmp_path, hashes)
    assert hit_counts(record, rulebooks, hashes) == {
        "SA-01": HitCounts(met=2, cancelled=1, unknown=1, same_rules=True),
        "YC-01": HitCounts(met=1, cancelled=0, unknown=2, same_rules=True),
    }
    assert run_line(record).children == 5


def test_a_changed_text_makes_the_counts_older(tmp_path: Path) -> None:
    """Counts belong to the text they were made with, also where a scenario only refers to one that changed."""
    rulebooks = rulebooks_in(tmp_path)
    before = hashes_of(tmp_path)
    record = run_in(tmp_path, before)
    own = {**before, "young_carer.yaml": "0" * 64}
    assert {id_: c.same_rules for id_, c in hit_counts(record, rulebooks, own).items()} == {
        "SA-01": True,
        "YC-01": False,
    }
    referred = {**before, "school_absence.yaml": "0" * 64}
    assert not any(c.same_rules for c in hit_counts(record, rulebooks, referred).values())
    words = {**before, "fields.yaml": "0" * 64}
    assert not any(c.same_rules for c in hit_counts(record, rulebooks, words).values())


def test_a_threshold_of_another_book_counts_as_its_text(tmp_path: Path) -> None:
    """A number that is written in another rulebook belongs to the rules of a scenario that uses it."""
    carer = (tmp_path / "young_carer.yaml", "YC-02")
    rulebooks_in(tmp_path)
    text = (
        carer[0]
        .read_text(encoding="utf-8")
        .replace("- シナリオSA-01に該当する", "- 今年度の欠席が「長期欠席の目安」以上")
    )
    rulebooks = rulebooks_in(tmp_path, SCHOOL, text)
    before = hashes_of(tmp_path)
    record = run_in(tmp_path, before)
    changed = {**before, "school_absence.yaml": "0" * 64}
    assert not hit_counts(record, rulebooks, changed)["YC-01"].same_rules
