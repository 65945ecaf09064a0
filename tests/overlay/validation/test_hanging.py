"""A model that hangs on one planted feature shows it when the feature is left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from made_up_cohorts import made_up_past

from engine.records.vocabulary import load_vocabulary
from ml_overlay.cohorts.guard import refused_by_telling
from ml_overlay.features.feature import Feature
from ml_overlay.learning.recipe import Recipe
from ml_overlay.validation.hanging import auc_without
from ml_overlay.validation.splits import days_to_test, split_on

# Of seven columns a fifth is one: no tree could prefer the leak.
RECIPE = Recipe(partitions=2, folds=3, rounds=15, minimum_positives=20, column_share=1.0)
VOCABULARY = load_vocabulary(Path(__file__).parents[3] / "rulebooks" / "fields.yaml")


def test_a_leak_too_noisy_to_stand_out_alone_is_found_by_leaving_it_out() -> None:
    """Half a copy of the label (AUC below .85) carries the model: without it the AUC falls by more than .05, and it is refused; the honest sign stays."""
    past = made_up_past(strength=0.8, children=900)
    rows = split_on("abuse", past.cohorts, past.tables, days_to_test(past.cohorts)[-1]).learned
    assert rows is not None
    random = np.random.default_rng(7)
    leak = np.where(random.random(len(rows.label)) < 0.22, 1 - rows.label, rows.label).astype(np.float32)
    again = rows.values[:, :1] + random.normal(
        0, 0.3, (len(leak), 4)
    )  # as in a real table, several measures of the honest sign
    planted = replace(
        rows,
        features=(
            *rows.features,
            *(Feature(f"absence.child.sum_{n}d", "欠席", "出席", 1, True, ("absence",)) for n in range(4)),
            Feature("planted", "名簿", "その他", 1, False, ("vaccination",)),
        ),
        values=np.column_stack([rows.values, again, leak]).astype(np.float32),
    )
    assert refused_by_telling(planted, VOCABULARY) == ()
    refused = refused_by_telling(planted, VOCABULARY, auc_without(planted, RECIPE))
    assert [refusal.feature.name for refusal in refused] == ["planted"]
