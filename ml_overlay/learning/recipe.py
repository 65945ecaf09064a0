"""The recipe: every setting that decides what a model becomes. Plain data, written into the model's file, chosen by measurement (`bench/overlay_learning.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Recipe:
    """How boosters are trained: small trees, slow and strongly regularised, for a few hundred positives.

    `partitions` × `folds` boosters; a child's score is the mean of `partitions` of them. `minimum_positives`: children
    whose label came true, below which there is no model. `minimum_mass`: rows in which a feature must be known and off
    its commonest value, below which a booster does not see it. `column_share`: share of the columns that each tree may
    choose from; `seed` decides which. There is no class weight (it spoils calibration) and no bagging of rows by
    LightGBM (it depends on the order of rows); taking out one fold of households is the subsampling.
    """

    partitions: int = 5
    folds: int = 5
    rounds: int = 150
    learning_rate: float = 0.03
    num_leaves: int = 8
    max_depth: int = 4
    min_data_in_leaf: int = 20
    lambda_l2: float = 5.0
    column_share: float = 0.2
    max_bin: int = 255
    monotone: bool = True
    minimum_mass: int = 20
    minimum_positives: int = 60
    seed: int = 20261120

    def as_data(self) -> dict[str, Any]:
        """Name → value, for the model's file; `Recipe(**data)` gives it back."""
        return asdict(self)

    def parameters(self, signs: Sequence[int], partition: int, fold: int, threads: int) -> dict[str, Any]:
        """What LightGBM is told for one booster. `signs` in the order of the columns; `threads` changes no byte of the result."""
        return {
            "objective": "binary",
            "num_leaves": self.num_leaves,
            "max_depth": self.max_depth,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": self.min_data_in_leaf,
            "lambda_l2": self.lambda_l2,
            "feature_fraction": self.column_share,
            "max_bin": self.max_bin,
            # Otherwise the bins of a large city would be cut from a sample of its rows.
            "bin_construct_sample_cnt": 2**31 - 1,
            "monotone_constraints": list(signs) if self.monotone else None,
            "monotone_constraints_method": "basic",
            "seed": self.seed + self.folds * partition + fold,
            "deterministic": True,
            "force_col_wise": True,
            # Bundling sparse columns costs more than it saves at a few hundred columns.
            "enable_bundle": False,
            "num_threads": threads,
            "verbosity": -1,
        }
