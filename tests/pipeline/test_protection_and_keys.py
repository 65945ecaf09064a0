"""Protection and the keyring over the whole way: what must never be printed, and what must stop a run."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from rich.console import Console

from engine.audit.runs import open_run
from engine.kernel.errors import ExitStatus, KizukiError
from engine.linkage.keyring import open_keyring
from engine.linkage.register import absorb_protection
from engine.records.delivery import CleanTable, Delivery
from kizuki.pipeline import run_week
from kizuki.rules.files import newest_day
from kizuki.settings import Workspace
from kizuki.workspace_files import make_workspace

pytestmark = pytest.mark.xdist_group(name="city")
LAST = date(2026, 11, 20)


@pytest.fixture
def copied(city, tmp_path: Path) -> Workspace:
    """The city after its two weeks, to be spoilt."""
    shutil.copytree(city.workspace.root, tmp_path / "city")
    return Workspace(tmp_path / "city")


def again(workspace: Workspace, day: date = LAST):
    return run_week(workspace.root, day, Console(quiet=True))


def test_an_older_week_run_again_hides_who_is_protected_since(copied: Workspace) -> None:
    """The district of a household on last week's list is gone once the newest list names one of its members."""
    case = next(c for c in open_run(copied.runs).casebook().cases if c.district and not c.protected)
    keyring = open_keyring(copied.keyring)
    keys = keyring.register["person_key"].to_pylist()
    number = keyring.register["address_number"][keys.index(case.members[0].key)].as_py()
    later = LAST + timedelta(days=7)
    table = pa.table({"address_number": [number], "protected_from": pa.array([later], pa.date32())})
    absorb_protection(
        keyring, CleanTable(Delivery("address_protection", "", "02.csv", "", 1, "", later, 1, 1, 0), table, ())
    )
    (hidden,) = (c for c in again(copied).casebook.cases if c.household_key == case.household_key)
    assert (hidden.district, hidden.protected) == (None, True)
    record = open_run(copied.runs)
    assert [c.district for c in record.casebook().cases if c.household_key == case.household_key] == [None]


def test_a_lost_keyring_stops_the_run(copied: Workspace) -> None:
    """No list is better than an empty one with exit status 0."""
    shutil.rmtree(copied.keyring)
    with pytest.raises(KizukiError, match="E-STORE-10") as caught:
        again(copied)
    assert caught.value.exit_status is ExitStatus.STORE
    assert not (copied.keyring / "secret.key").exists()


def test_a_replaced_secret_stops_the_run(copied: Workspace) -> None:
    """Everyone would have another key."""
    (copied.keyring / "secret.key").write_bytes(b"\x01" * 32)
    with pytest.raises(KizukiError, match="E-STORE-12") as caught:
        again(copied)
    assert caught.value.exit_status is ExitStatus.STORE


def test_an_aged_list_of_protected_people_stops_also_a_run_without_new_files(copied: Workspace) -> None:
    """Fifteen days after the last list nobody knows who is protected, even if nothing else was delivered."""
    with pytest.raises(KizukiError, match="E-PROT-01") as caught:
        again(copied, LAST + timedelta(days=15))
    assert caught.value.exit_status is ExitStatus.PROTECTION_MISSING


def test_protected_numbers_that_nobody_has_are_counted_on_every_run(copied: Workspace) -> None:
    """The notice names the source and how many, never the number, whether or not the file is new."""
    folder = copied.deliveries / LAST.isoformat()
    listed = next(folder.glob("02_protection_*.csv"))
    before = listed.read_text(encoding="utf-8-sig").rstrip().splitlines()
    number = "9999999999"
    columns = before[0].split(",")
    cells = dict(zip(columns, before[1].split(","), strict=True)) | {columns[0]: number}
    extra = listed.with_name(f"{listed.stem}_訂正.csv")
    extra.write_text("\r\n".join([before[0], ",".join(cells.values()), ""]), encoding="utf-8-sig", newline="")
    for _ in range(2):
        outcome = again(copied)
        (notice,) = (w for w in outcome.warnings if w.code == "W-PROT-01")
        assert "うち1件が住民記録にありません" in notice.what
        assert outcome.notices is not None
        assert "W-PROT-01" in outcome.notices.read_text(encoding="utf-8-sig")
        assert number not in outcome.notices.read_text(encoding="utf-8-sig")


def test_facts_read_with_another_layout_are_told_once_for_each_source(copied: Workspace) -> None:
    """A corrected layout does not correct what is stored: somebody must decide to read it anew."""
    assert not [w for w in again(copied).warnings if w.code == "W-STORE-01"]
    path = copied.sources / "12_water.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("別名: [調定金額]", "別名: [調定額]"), encoding="utf-8")
    (notice,) = (w for w in again(copied).warnings if w.code == "W-STORE-01")
    assert "水道" in notice.what
    lines = [json.loads(line) for line in (copied.store / "deliveries.jsonl").read_text("utf-8").splitlines()]
    assert all(len(line["layout_sha256"]) == len(line["vocabulary_sha256"]) == 64 for line in lines)


def test_only_a_folder_of_a_day_with_a_csv_moves_the_day(tmp_path: Path) -> None:
    """A plain file, another way to write a day, an empty folder: none of them is a delivery."""
    workspace = make_workspace(tmp_path / "city", "見本市")
    days = workspace.deliveries
    (days / "2026-11-20").mkdir()
    (days / "2026-11-20" / "01_residents_20261120.CSV").write_text("x", encoding="utf-8")
    (days / "2026-11-27").mkdir()
    (days / "2026-11-27" / "memo.txt").write_text("x", encoding="utf-8")
    (days / "20261204").mkdir()
    (days / "20261204" / "01.csv").write_text("x", encoding="utf-8")
    (days / "2026-12-11").write_text("x", encoding="utf-8")
    (days / "2026-W50-5").mkdir()
    (days / "2026-W50-5" / "01.csv").write_text("x", encoding="utf-8")
    assert newest_day(workspace) == date(2026, 11, 20)


def test_every_folder_with_data_of_people_is_private(tmp_path: Path) -> None:
    """Whatever holds deliveries, facts, names or records is readable by its owner only."""
    workspace = make_workspace(tmp_path / "city", "見本市")
    folders = ("deliveries", "keyring", "store", "runs", "quarantine", "out")
    assert {name: (workspace.root / name).stat().st_mode & 0o777 for name in folders} == dict.fromkeys(folders, 0o700)
