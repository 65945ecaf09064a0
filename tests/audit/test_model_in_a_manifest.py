"""What a manifest must say of a model, so that a verification has something to hold on to."""

from __future__ import annotations

from typing import Any

import pytest

from kizuki.audit.shape import misshapen

LIMITS = {"上": 3, "中": 2, "下": 1}
MODEL: dict[str, Any] = {
    "id": "M20261113-fedcba987654",
    "sha256": "a" * 64,
    "approved_by": "家庭相談係長",
    "approved_on": "2026-11-13",
    "carried_from": "R20261113-01",
    "types": {"abuse": {"enter": LIMITS, "leave": LIMITS, "weeks": 4, "places": 30}},
    "without": {},
}


def faults(model: Any, **more: Any) -> list[str]:
    """What is wrong with the model in a manifest that is otherwise not looked at."""
    manifest = {"model": model, "outputs": {"scores.parquet": "b" * 64}, "scores_content": "c" * 64, **more}
    return [fault for fault in misshapen(manifest) if fault.startswith(("model", "scores", "outputs"))]


def test_a_whole_one_and_none_at_all_are_in_order() -> None:
    """A manifest names a model with all its parts, or none; older ones lack the key."""
    assert faults(MODEL) == []
    assert faults(None) == []
    assert faults({**MODEL, "carried_from": None}) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"id": "../../etc"}, "model › id"),
        ({"id": 3}, "model › id"),
        ({"carried_from": "R1/../.."}, "model › carried_from"),
        ({"approved_on": "きのう"}, "model › approved_on"),
        (
            {"types": {"abuse": {"enter": {"上": 3}, "leave": LIMITS, "weeks": 4, "places": 30}}},
            "model › types › abuse › enter",
        ),
        (
            {"types": {"abuse": {"enter": LIMITS, "leave": {**LIMITS, "下": "1"}, "weeks": 4, "places": 30}}},
            "model › types › abuse › leave",
        ),
        ({"types": {"abuse": {"enter": LIMITS, "leave": LIMITS, "places": 30}}}, "model › types › abuse › weeks"),
        ({"types": []}, "model › types"),
    ],
)
def test_what_is_missing_or_leads_astray_is_told(changed: dict[str, Any], told: str) -> None:
    """Each part that is missing, of another kind, or could lead out of the folder of models or runs."""
    assert told in faults({**MODEL, **changed})


def test_a_model_without_scores_is_told() -> None:
    """Where a model had a say, its scores must be among the record's files, and their content hashed."""
    assert "outputs › scores.parquet" in faults(MODEL, outputs={})
    assert "scores_content" in faults(MODEL, scores_content=None)
    assert "model" in faults("M20261113-fedcba987654")
