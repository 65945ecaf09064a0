"""What a model of one hardship type learns from: children on cut-off days in the past, and whether the label came true afterwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_overlay.features.feature import Feature, FloatMatrix, Texts

Days = npt.NDArray[np.datetime64]
"""datetime64[D]"""


@dataclass(frozen=True)
class TrainingSet:
    """Rows of one hardship type, sorted by (cut-off day, child). One child may come on several days; its household never parts (`learning.folds`).

    `values`: n × m, what was known on the cut-off day `cut_on`; NaN unknown. `label`: 1 if the label's sentence came true
    within the label's window after the gap, else 0, which is
    *unlabelled*, never "no difficulty". Whoever had it already, or of whom it is unknown, is in no row. `weight`: how many
    rows of the cohorts a row stands for (unlabelled
    children are sampled, one day each), times what undoes that listing decides who is labelled.
    """

    hardship_type: str
    features: tuple[Feature, ...]
    values: FloatMatrix
    label: npt.NDArray[np.int8]
    child_keys: Texts
    household_keys: Texts
    cut_on: Days
    weight: npt.NDArray[np.float64]

    @property
    def positives(self) -> int:
        """Rows whose label came true."""
        return int(self.label.sum())
