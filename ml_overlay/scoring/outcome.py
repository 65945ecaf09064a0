"""What comes back from the limited process: scores of everybody, reasons of a few, or why there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from ml_overlay.features.feature import Feature, Texts
from ml_overlay.learning.model import OverlayModel
from ml_overlay.register.approvals import ModelApproval

Floats = npt.NDArray[np.float64]
Millionths = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Limits:
    """How long and how large the process may become. A city of 18,000 children takes a second or two and a few hundred megabytes.

    `threads`: how many types are scored side by side; it changes no score.
    """

    seconds: float = 120.0
    memory_bytes: int = 3 * 1024**3
    threads: int = 2


@dataclass(frozen=True)
class NotScored:
    """There are no scores this week, or no reasons; the run goes on with rules alone and says so.

    `code` and `reason` are for the summary (`reason` is a Japanese sentence without personal data). `is_fault` is False only where no
    model is in use. `model_id`: the model that was to be used, where that is known.
    """

    code: str
    reason: str
    is_fault: bool = True
    model_id: str | None = None


@dataclass(frozen=True)
class ScoredWeek:
    """The scores of all children of a table, by the model in use.

    `scores`: for each hardship type that has a model, a column of integer millionths in the order of `child_keys`,
    NO_SCORE for whom it is not about. `model` gives `ranks`
    for the bands, and `without` for the types that have no model. `approval` says who took it into use. `limits`: those that the
    process said it put on itself.
    """

    as_of: date
    model_id: str
    sha256: str
    approval: ModelApproval
    model: OverlayModel
    child_keys: Texts
    scores: Mapping[str, Millionths]
    milliseconds: int
    limits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ExplainedType:
    """One type: what each feature added to the log odds of each row, on the calibrated scale. `base` and a row of parts add up to its log odds."""

    features: tuple[Feature, ...]
    base: Floats
    parts: Floats


@dataclass(frozen=True)
class Explained:
    """What raised and lowered the scores of the children who were asked for. `rows`: which rows of the table, in the order of the parts."""

    rows: npt.NDArray[np.int64]
    types: Mapping[str, ExplainedType]
    milliseconds: int
