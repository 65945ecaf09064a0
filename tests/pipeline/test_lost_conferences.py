"""Files that are gone from the end of the store of conferences, where no number is missing, are told by the next run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from engine.audit.run_record import RunRecord
from kizuki.conferences import lost_since


def _run_with(**list_inputs: Any) -> RunRecord:
    return cast("RunRecord", SimpleNamespace(run_id="R20261113-01", manifest={"list_inputs": list_inputs}))


def test_what_the_week_before_had_and_is_gone_is_told_by_number() -> None:
    """The warning names the run that had them and how many there are, and says what it means for the list."""
    before = _run_with(conference_files=["00001-a.jsonl", "00002-b.jsonl", "00003-c.jsonl"])
    (warning,) = lost_since(before, ("00001-a.jsonl", "00002-other.jsonl"))
    assert warning.code == "W-FEEDBACK-01"
    assert "R20261113-01" in warning.what and "2件" in warning.what


def test_a_store_that_only_grew_is_not_remarked_on() -> None:
    """Nor is a first run, nor a record from before there were conferences."""
    before = _run_with(conference_files=["00001-a.jsonl"])
    assert lost_since(before, ("00001-a.jsonl", "00002-b.jsonl")) == []
    assert lost_since(None, ()) == lost_since(_run_with(), ()) == []
