"""In which tier a household was in earlier weeks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa

from engine.audit.run_record import RunContents, RunRecord
from engine.audit.runs import next_run_id, publish, seal_run
from engine.records.case import Casebook, Tier, WeekTier
from kizuki.past_weeks import past_weeks

KEY = "12345678"


def run(runs: Path, as_of: date, tiers: dict[str, list[int]], key_id: str = KEY) -> RunRecord:
    """A record in which each household has children in these tiers."""
    rows = [(household, tier) for household, its in tiers.items() for tier in its]
    decisions = pa.table(
        {
            "child_key": [f"P{n}" for n in range(len(rows))],
            "household_key": [household for household, _ in rows],
            "tier": pa.array([tier for _, tier in rows], pa.int8()),
        }
    )
    run_id = next_run_id(runs, as_of)
    book = Casebook(as_of, as_of, run_id, "見本市", 30, (), (), (), 0, {}, "未実施", {})
    contents = RunContents(decisions, pa.table({"child_key": ["P0"]}), (), book, {}, {})
    return publish(runs, seal_run(run_id, {"as_of": as_of.isoformat(), "key_id": key_id}, contents))


def test_each_week_tells_the_households_most_active_child(tmp_path: Path):
    """Listed or not, oldest week first; in a week in which the household was not there, nothing."""
    run(tmp_path, date(2026, 11, 6), {"H": [3, 2], "X": [1]})
    run(tmp_path, date(2026, 11, 13), {"X": [1]})
    run(tmp_path, date(2026, 11, 20), {"H": [3, 3]})
    weeks = past_weeks(tmp_path, date(2026, 11, 27), KEY, {"H"})
    assert weeks.by_household == {
        "H": (
            WeekTier(date(2026, 11, 6), "R20261106-01", Tier.INQUIRY),
            WeekTier(date(2026, 11, 20), "R20261120-01", Tier.NO_ACTION),
        )
    }
    assert list(weeks.seals) == ["R20261106-01", "R20261113-01", "R20261120-01"]


def test_of_a_day_the_newest_run_that_can_be_read_counts(tmp_path: Path):
    """A damaged record is passed over, the run before it on that day told instead; a damaged manifest likewise."""
    run(tmp_path, date(2026, 11, 6), {"H": [2]})
    later = run(tmp_path, date(2026, 11, 6), {"H": [1]})
    assert past_weeks(tmp_path, date(2026, 11, 20), KEY, {"H"}).by_household["H"][0].tier is Tier.ACTIVE
    (later.folder / "decisions.parquet").write_bytes(b"damaged")
    assert past_weeks(tmp_path, date(2026, 11, 20), KEY, {"H"}).by_household["H"][0].run_id == "R20261106-01"
    (later.folder / "manifest.json").write_bytes(b"{}")
    assert past_weeks(tmp_path, date(2026, 11, 20), KEY, {"H"}).by_household["H"][0].run_id == "R20261106-01"


def test_a_year_back_and_nothing_of_the_week_itself_or_of_another_key(tmp_path: Path):
    """The same day run again, later weeks, weeks more than twelve months ago, and pseudonyms of another key tell nothing."""
    run(tmp_path, date(2025, 11, 20), {"H": [1]})
    run(tmp_path, date(2025, 11, 21), {"H": [2]})
    run(tmp_path, date(2026, 11, 13), {"H": [1]}, key_id="other")
    run(tmp_path, date(2026, 11, 20), {"H": [1]})
    run(tmp_path, date(2026, 11, 27), {"H": [1]})
    weeks = past_weeks(tmp_path, date(2026, 11, 20), KEY, {"H"})
    assert [week.run_id for week in weeks.by_household["H"]] == ["R20251121-01"]
