"""Scores of a week, and reasons for the few who are listed: the model in use, checked by hash, applied in a process with limits.

    scored = score_week(workspace.models, table)
    if isinstance(scored, NotScored): …   # say so; the rules alone decide
    reasons = explain_week(scored, table, children_on_the_list)

Whatever goes wrong is a `NotScored`, never an exception: it costs the scores, not the run.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from ml_overlay.features.feature import FeatureTable
from ml_overlay.scoring.outcome import Limits, NotScored, Reasons, ScoredWeek


def score_week(
    models: Path, table: FeatureTable, limits: Limits | None = None, command: Sequence[str] = ()
) -> ScoredWeek | NotScored:
    """Score every child of the table with the model in use. The table may have more features than the model reads, in any order."""
    raise NotImplementedError


def explain_week(
    scored: ScoredWeek,
    table: FeatureTable,
    child_keys: Collection[str],
    limits: Limits | None = None,
    command: Sequence[str] = (),
) -> Reasons | NotScored:
    """Why the scores of some children are what they are, for the types that have a model.

    The scores are worked out again with their contributions, and must be the same as in `scored`.
    """
    raise NotImplementedError
