"""What a model said of a child, with everything that makes a band of it."""

from __future__ import annotations

from datetime import date

from engine.audit.run_record import RunRecord
from engine.records.case import HARDSHIP_LABELS, ChildCase
from engine.records.score import Band
from engine.tiers.bands import Thresholds
from engine.tiers.policy import BANDS
from reports.trace.answers import Answered, Judged
from reports.trace.traced import ModelHead, TracedScore


def model_head(run: RunRecord) -> ModelHead | None:
    """Which model had a say in a run; None where the rules alone decided."""
    model = run.manifest.get("model")
    if model is None:
        return None
    return ModelHead(
        model["id"],
        model["sha256"],
        model["approved_by"],
        date.fromisoformat(model["approved_on"]),
        model["carried_from"],
    )


def traced_scores(answered: Answered, judged: Judged, listed: ChildCase | None) -> tuple[TracedScore, ...]:
    """The child's scores in the order of the types. Reasons stand on the sheet of a listed child and nowhere else."""
    week = answered.scores
    if week is None:
        return ()
    reasons = {score.hardship_type: score.reasons for score in listed.scores} if listed else {}
    return tuple(
        TracedScore(
            label,
            score.millionths,
            week.place_of(judged.child_key, kind),
            week.types[kind].last,
            score.band,
            score.weeks_below,
            week.types[kind].thresholds.weeks,
            *_limits(week.types[kind].thresholds),
            reasons.get(kind, ()),
        )
        for kind, label in HARDSHIP_LABELS.items()
        if (score := judged.scores.get(kind)) is not None
    )


def _limits(thresholds: Thresholds) -> tuple[tuple[tuple[Band, int], ...], tuple[tuple[Band, int], ...]]:
    """What enters and what keeps each band, the highest first."""
    names = BANDS[:0:-1]
    return (
        tuple(zip(names, reversed(thresholds.enter), strict=True)),
        tuple(zip(names, reversed(thresholds.leave), strict=True)),
    )
