"""The same week gives the same bytes: whatever machine, clock, language or order of rows."""

from __future__ import annotations

import csv
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from engine.audit.canonical import parquet_bytes
from engine.audit.run_record import RunRecord
from engine.audit.runs import open_run
from engine.kernel.strict_yaml import read_yaml
from kizuki.settings import Workspace

pytestmark = pytest.mark.xdist_group(name="same-bytes")
REPOSITORY = Path(__file__).parents[2]
AS_OF = "2026-11-20"
ENCODINGS = {path.stem: read_yaml(path).data["文字コード"] for path in sorted((REPOSITORY / "sources").glob("*.yaml"))}


def run_elsewhere(folder: Path, **environment: str) -> RunRecord:
    """One week in a process of its own, which reads the given environment from its start."""
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error", "-m", "kizuki", "run", "-w", str(folder), "--as-of", AS_OF],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
        cwd=folder,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return open_run(folder / "runs")


def with_threads(folder: Path, threads: int) -> Path:
    settings = folder / "kizuki.toml"
    settings.write_text(settings.read_text("utf-8").replace("threads = 2", f"threads = {threads}"), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def untouched(city_maker: Callable[..., Workspace], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small city that was never run, with a secret of its own: the copies give everybody the same 整理番号."""
    folder = tmp_path_factory.mktemp("untouched")
    city_maker(folder, people=700, sample=40)
    secret = folder / "keyring" / "secret.key"
    secret.parent.mkdir(exist_ok=True)
    secret.write_bytes(bytes(range(32)))
    return folder


@pytest.fixture(scope="module")
def usual(untouched: Path, tmp_path_factory: pytest.TempPathFactory) -> RunRecord:
    """The week as it is run with two threads in Japan."""
    folder = tmp_path_factory.mktemp("usual") / "city"
    shutil.copytree(untouched, folder)
    return run_elsewhere(folder, TZ="Asia/Tokyo", LC_ALL="C.UTF-8", PYTHONHASHSEED="0")


def test_threads_clock_language_and_hash_seed_change_no_byte(untouched: Path, usual: RunRecord, tmp_path: Path):
    """One thread, the other side of the day line, plain C and another hash seed: decisions, answers, list and outlines are the same."""
    folder = tmp_path / "city"
    shutil.copytree(untouched, folder)
    other = run_elsewhere(with_threads(folder, 1), TZ="Pacific/Kiritimati", LC_ALL="C", LANG="C", PYTHONHASHSEED="4711")
    for name in ("decisions.parquet", "conditions.parquet", "cases.json", "scenarios.json", "replay.json"):
        assert (other.folder / name).read_bytes() == (usual.folder / name).read_bytes(), name
    told = {name for name in usual.manifest if usual.manifest[name] != other.manifest[name]}
    assert told <= {"settings", "outputs", "seal", "versions"}
    libraries = [
        {**run.manifest["versions"], "code": ""} for run in (usual, other)
    ]  # who edits meanwhile changes the code
    assert libraries[0] == libraries[1]
    assert usual.decisions().num_rows > 50
    answers = {value for name in ("c1", "c2", "c3", "c20") for value in usual.conditions()[name].to_pylist()}
    assert {0, 1} <= answers and min(usual.decisions()["tier"].to_pylist()) < 3 and len(usual.casebook().cases) > 0


def test_the_order_of_rows_in_a_delivery_decides_nothing(untouched: Path, usual: RunRecord, tmp_path: Path):
    """With the data rows of every file shuffled the evidence stands in other lines; every answer and tier is the same, byte for byte."""
    folder = tmp_path / "city"
    shutil.copytree(untouched, folder)
    shuffled = sum(shuffle_rows(path) for path in sorted((folder / "deliveries").glob("*/*.csv")))
    assert shuffled > 10
    other = run_elsewhere(folder)
    for name in ("decisions.parquet", "conditions.parquet"):
        assert (other.folder / name).read_bytes() == (usual.folder / name).read_bytes(), name
    assert (other.folder / "cases.json").read_bytes() != (usual.folder / "cases.json").read_bytes()


def shuffle_rows(path: Path) -> bool:
    """Put the rows of a file into another order: first line first, total rows last. A slip is left out: it holds the old hashes."""
    if path.name == "manifest.csv":
        path.unlink()
        return False
    encoding = next(code for stem, code in ENCODINGS.items() if path.name.startswith(stem[:3]))
    with path.open(encoding=encoding, newline="") as file:
        head, *rows = list(csv.reader(file))
    totals = [row for row in rows if any("合計" in cell or cell == "計" for cell in row)]
    data = [row for row in rows if row not in totals]
    mixed = random.Random(7).sample(data, len(data))
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, lineterminator="\r\n").writerows([head, *mixed, *totals])
    return mixed != data


def test_chunks_change_no_byte():
    """A table that was put together from pieces is written as the table in one piece."""
    whole = pa.table(
        {"child_key": [f"P{n:05d}" for n in range(5_000)], "tier": pa.array([n % 3 for n in range(5_000)], pa.int8())}
    )
    pieces = pa.concat_tables([whole.slice(0, 7), whole.slice(7, 2_000), whole.slice(2_007)])
    assert pieces["tier"].num_chunks == 3
    assert parquet_bytes(pieces) == parquet_bytes(whole)


def test_no_float_in_what_is_decided(usual: RunRecord):
    """Tiers, points and answers are whole numbers, keys are text: there is nothing that two machines could round differently."""
    for table in (usual.decisions(), usual.conditions()):
        assert {str(field.type) for field in table.schema} <= {"string", "int8", "int32"}
        assert not any(pa.types.is_floating(field.type) or pa.types.is_decimal(field.type) for field in table.schema)
