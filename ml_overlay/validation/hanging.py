"""Whether a model hangs on one feature alone: its AUC on households that it did not see, with and without the feature."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sklearn.metrics import roc_auc_score

from ml_overlay.cohorts.guard import AucWithout
from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.learning.recipe import Recipe
from ml_overlay.learning.train import NoModelError, cross_fit


def auc_without(rows: TrainingSet, recipe: Recipe) -> AucWithout:
    """What the leak guard asks (`cohorts.guard.refused_by_telling`): a model of one partition is trained for each question.

    .5 where no model can be trained: then nothing tells anything.
    """
    one = replace(recipe, partitions=1)

    def asked(name: str | None) -> float:
        kept = np.array([feature.name != name for feature in rows.features])
        features = tuple(feature for feature, keep in zip(rows.features, kept, strict=True) if keep)
        try:
            fit = cross_fit(replace(rows, features=features, values=rows.values[:, kept]), one)
        except NoModelError:
            return 0.5
        seen = fit.training_set
        return float(roc_auc_score(seen.label, fit.raw, sample_weight=seen.weight))

    return asked
