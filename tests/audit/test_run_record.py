"""The run record: whole or absent, checked when read."""

from datetime import date

import pyarrow as pa
import pytest

from engine.audit import runs as run_folder
from engine.audit.canonical import canonical_json, table_digest
from engine.audit.run_record import RunContents
from engine.audit.runs import next_run_id, open_run, previous_run, publish, seal_run
from engine.kernel.errors import ExitStatus, KizukiError
from engine.records.case import Casebook

DECISIONS = pa.table({"child_key": ["P1", "P2"], "tier": pa.array([1, 3], pa.int8())})
CONDITIONS = pa.table({"child_key": ["P1", "P2"], "c1": pa.array([1, None], pa.int8())})


def casebook(run_id: str, as_of: date) -> Casebook:
    return Casebook(as_of, as_of, run_id, "見本市", 30, (), (), (), 2, {"①": 1, "②": 0, "③": 1}, "未実施", {})


def make_run(runs, as_of=date(2026, 11, 20)):
    run_id = next_run_id(runs, as_of)
    contents = RunContents(DECISIONS, CONDITIONS, (), casebook(run_id, as_of), {"verdict": "未実施"}, {})
    return publish(runs, seal_run(run_id, {"as_of": as_of.isoformat()}, contents))


def test_a_published_run_reads_back_as_it_was(tmp_path):
    """Decisions, conditions and cases come back equal, through their hashes."""
    run = open_run(tmp_path, make_run(tmp_path).run_id)
    assert run.decisions().equals(DECISIONS)
    assert run.conditions().equals(CONDITIONS)
    assert run.is_complete
    assert run.casebook() == casebook("R20261120-01", date(2026, 11, 20))


def test_runs_of_one_day_are_numbered(tmp_path):
    """A second run of the same day gets the next number, and CURRENT points at it."""
    make_run(tmp_path)
    make_run(tmp_path)
    assert open_run(tmp_path).run_id == "R20261120-02"


def test_last_week_is_the_newest_run_of_an_earlier_day(tmp_path):
    """Running today twice does not make today last week."""
    make_run(tmp_path, date(2026, 11, 6))
    make_run(tmp_path, date(2026, 11, 13))
    make_run(tmp_path, date(2026, 11, 20))
    found, problems = previous_run(tmp_path, date(2026, 11, 20))
    assert found.run_id == "R20261113-01"
    assert problems == []
    assert previous_run(tmp_path, date(2026, 11, 6)) == (None, [])


def test_a_changed_record_is_refused(tmp_path):
    """One changed byte, and the record is not used to explain anything."""
    run = make_run(tmp_path)
    content = bytearray((run.folder / "decisions.parquet").read_bytes())
    content[len(content) // 2] ^= 1
    (run.folder / "decisions.parquet").write_bytes(content)
    with pytest.raises(KizukiError) as caught:
        open_run(tmp_path).decisions()
    assert caught.value.exit_status is ExitStatus.STORE


@pytest.mark.parametrize("step", range(12))
def test_a_run_killed_at_any_write_leaves_the_last_run_whole(tmp_path, monkeypatch, step):
    """Whichever write fails, the earlier run stays current and readable, and the next run succeeds."""
    first = make_run(tmp_path, date(2026, 11, 13))
    calls = {"n": 0}

    def dying(real):
        def call(*args, **kwargs):
            calls["n"] += 1
            if calls["n"] == step + 1:
                raise KeyboardInterrupt
            return real(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        for name in ("write_whole", "sync_folder"):
            patch.setattr(run_folder, name, dying(getattr(run_folder, name)))
        patch.setattr(run_folder.os, "rename", dying(run_folder.os.rename))
        interrupted = False
        try:
            make_run(tmp_path)
        except KeyboardInterrupt:
            interrupted = True
    assert interrupted == (step < 11)
    current = open_run(tmp_path)
    assert current.run_id in (first.run_id, "R20261120-01")
    current.decisions()
    current.casebook()
    make_run(tmp_path, date(2026, 11, 27))
    assert not list(tmp_path.glob(".staging-*"))
    assert open_run(tmp_path).run_id == "R20261127-01"


def test_an_unknown_run_says_which_there_are(tmp_path):
    """A wrong number is answered with the numbers that exist; a path never becomes a folder name."""
    make_run(tmp_path)
    for wrong in ("R20990101-01", "../../etc", ""):
        with pytest.raises(KizukiError) as caught:
            open_run(tmp_path, wrong)
        assert "R20261120-01" in str(caught.value)


def test_no_float_enters_a_manifest():
    """Numbers in records are integers, so that equal means equal everywhere."""
    with pytest.raises(TypeError):
        canonical_json({"a": [1, {"b": 0.5}]})


def test_the_digest_depends_on_content_only():
    """Chunking does not change a table's digest; a changed value does."""
    chunked = pa.concat_tables([DECISIONS.slice(0, 1), DECISIONS.slice(1)])
    assert table_digest(chunked) == table_digest(DECISIONS)
    assert table_digest(DECISIONS.slice(0, 1)) != table_digest(DECISIONS)


def test_a_damaged_last_week_is_passed_over_and_named(tmp_path):
    """One damaged record must not stop this week's conference: the week before serves, and the fault is said."""
    make_run(tmp_path, date(2026, 11, 6))
    make_run(tmp_path, date(2026, 11, 13))
    (tmp_path / "R20261113-01" / "manifest.json").write_bytes(b"{")
    found, problems = previous_run(tmp_path, date(2026, 11, 20))
    assert found.run_id == "R20261106-01"
    assert [p.code for p in problems] == ["E-STORE-22"]


def test_running_an_old_week_again_leaves_the_newest_week_current(tmp_path):
    """CURRENT follows the as-of day, not the clock."""
    make_run(tmp_path, date(2026, 11, 20))
    make_run(tmp_path, date(2026, 11, 13))
    assert open_run(tmp_path).run_id == "R20261120-01"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"R1", b"../.."], ids=["no text", "no run", "another folder"])
def test_a_damaged_pointer_is_a_message(tmp_path, content):
    """Whatever is in CURRENT, the answer is a code."""
    make_run(tmp_path)
    (tmp_path / "CURRENT").write_bytes(content)
    with pytest.raises(KizukiError) as caught:
        open_run(tmp_path)
    assert caught.value.problems[0].code == "E-RUN-01"
