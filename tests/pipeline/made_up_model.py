"""A model for a made-up city: labels drawn from some of its facts and from chance, so that rules and model differ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from engine.evaluate.columns.evaluation import evaluate_all
from engine.store.ownership import key_of
from engine.store.snapshot import open_snapshot
from kizuki.model.material import opened
from kizuki.model.past_index import past_index
from kizuki.rules.files import load_rule_files
from kizuki.settings import Workspace, open_workspace
from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.features.table import build_features, declare_features
from ml_overlay.learning.model import OverlayModel
from ml_overlay.learning.recipe import Recipe
from ml_overlay.learning.train import ranked_on, train_type
from ml_overlay.register.approvals import ModelApproval, add_approval
from ml_overlay.register.files import ModelFiles, write_model

RECIPE = Recipe(
    partitions=1,
    folds=2,
    rounds=40,
    learning_rate=0.1,
    lambda_l2=1.0,
    column_share=0.5,
    min_data_in_leaf=5,
    minimum_mass=5,
    minimum_positives=5,
)
WIDE_BANDS = "既定: {上: 30, 中: 70, 下: 120}"
"""So wide that even a tiny city has somebody in each band."""


def make_model(workspace: Workspace, day: date, kinds: Sequence[str]) -> ModelFiles:
    """Train a small model on a day of a workspace that has been run, and take it into use."""
    rules = load_rule_files(workspace, day)
    with open_snapshot(workspace.store, rules.vocabulary, rules.layouts, day) as snapshot:
        truths = evaluate_all(snapshot, rules.plan)
        declared = declare_features(rules.vocabulary, rules.plan, ["council_case", "consultation", "npo_visit"])
        table = build_features(snapshot, rules.plan, truths, declared)
    chance = np.random.default_rng(5)
    children = len(table.child_keys)
    types = {}
    for kind in kinds:
        # What worries is a few signed facts of the table, other ones for each type: enough to be learned from few children.
        signed = np.flatnonzero([feature.sign == 1 for feature in table.features])
        worry = 0.1 * chance.gumbel(size=children)
        for column in chance.choice(signed, 40, replace=False):
            known = np.nan_to_num(table.values[:, column].astype(float))
            worry += known / max(float(known.max()), 1.0)
        label = (worry > np.quantile(worry, 0.9)).astype(np.int8)
        rows = TrainingSet(
            kind,
            table.features,
            table.values,
            label,
            table.child_keys,
            table.household_keys,
            np.full(children, np.datetime64(day)),
            np.ones(children),
        )
        types[kind] = ranked_on(train_type(rows, RECIPE), table)
    model = OverlayModel(day, types, {"young_carer": "正例が足りません。"}, {}, {"key_id": key_of(workspace.store)})
    with opened(workspace, open_workspace(workspace.root)[1], day) as material:
        stored = write_model(workspace.models, model, past_index(material, model, {}))
    add_approval(
        workspace.models, ModelApproval(stored.model_id, stored.sha256, "使う", "家庭相談係長", day, "試験のため")
    )
    return stored
