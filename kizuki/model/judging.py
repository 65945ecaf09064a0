"""What is known of a model when it is made: figures on past days, groups, reasons overall, drift, and what speaks against using it. Plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from engine.records.case import HARDSHIP_LABELS
from kizuki.model.material import Material
from ml_overlay.audits.attributes import attributes_of
from ml_overlay.audits.subgroups import Audited, audit_subgroups
from ml_overlay.cohorts.guard import STRUCTURAL, Refusal, without
from ml_overlay.cohorts.labels import Cohort
from ml_overlay.cohorts.training_sets import FEWEST_TOLD
from ml_overlay.features.feature import FeatureTable
from ml_overlay.learning.model import TypeModel
from ml_overlay.learning.predict import contributions, is_about
from ml_overlay.learning.recipe import Recipe
from ml_overlay.learning.train import train_type
from ml_overlay.validation.comparison import LEAST_LABELLED
from ml_overlay.validation.evaluation import JudgedDay, TestDay, days_of_type, evaluation_of, judge_days
from ml_overlay.validation.looking_back import PastDay
from ml_overlay.validation.orders import tiers_of
from ml_overlay.validation.results import plain
from ml_overlay.validation.same_age import why_not_used
from ml_overlay.validation.unbiased import SampleEstimate, sample_estimate

_MILLION = 1_000_000
_MOST_SHOWN = 2_000
"""Children whose reasons are added up overall: enough for shares, and a few seconds."""
_QUARTER = 650
_PARTITIONS = 2
"""Of the models that are tested on past days. The one in use averages more and is a little steadier; the test takes two minutes a type and not five.
Nor need so many children be labelled by then as for the model in use: one of fewer is only worse, and what is shown of it is shown."""


@dataclass(frozen=True)
class Judged:
    """One type's evaluation as plain data, and the reasons in Japanese why the whole model must not be used (none: it may).

    `not_shown`: why this type gets no model, in Japanese; None where it was shown to tell apart children of the same age.
    """

    data: Mapping[str, Any]
    stop: tuple[str, ...]
    not_shown: str | None


def judge_type(
    material: Material,
    cohorts: Sequence[Cohort],
    past: Mapping[date, PastDay],
    model: TypeModel,
    today: FeatureTable,
    refusals: Sequence[Refusal],
    recipe: Recipe,
    progress: Callable[[str], None],
) -> Judged:
    """Judge the type on days that a model of then had not seen, and look at groups and reasons."""
    kind, policy = model.hardship_type, material.rules.policy
    label = HARDSHIP_LABELS[kind]
    progress(f"{label}: 過去の時点で学び、その先で確かめています")
    days = days_of_type(kind, cohorts, past, material.rules.plan, policy)
    fewest = min(recipe.minimum_positives, LEAST_LABELLED)
    tested = replace(recipe, partitions=min(recipe.partitions, _PARTITIONS), minimum_positives=fewest)
    judged = judge_days(days, policy, lambda rows: train_type(without(rows, refusals), tested))
    progress(f"{label}: ルールだけ・モデルだけ・両方を比べています")
    evaluation = evaluation_of(kind, judged)
    of_last = [each for each in zip(judged, days, strict=True) if each[0].ordered is not None]
    groups = _groups(material, *of_last[-1]) if of_last else None
    data = {
        "label": label,
        "evaluation": plain(evaluation),
        "random_sample": plain(_random_sample(cohorts, of_last[-1][0] if of_last else None)),
        "groups": groups,
        "refused": [
            {"name": r.feature.name, "label": r.feature.label, "kind": r.kind, "reason": r.reason} for r in refusals
        ],
        "reasons_overall": _reasons_overall(model, today),
        "positives": model.positives,
        "rows": model.rows,
        "cohorts": [
            {
                "on": cohort.cut_off.on.isoformat(),
                "gap_until": cohort.cut_off.gap_until.isoformat(),
                "seen_until": cohort.cut_off.seen_until.isoformat(),
                "children": int((cohort.outcome >= 0).sum()),
                "positives": cohort.positives if cohort.positives >= FEWEST_TOLD else None,
            }
            for cohort in cohorts
        ],
    }
    structural = [r for r in refusals if r.kind in STRUCTURAL]
    stop = [
        f"{label}: 漏れの点検で、見てはならない記録から作られた特徴が{len(structural)}件見つかりました。項目台帳か取り込み定義を確かめるまで使えません。"
    ]
    return Judged(data, tuple(stop if structural else ()), why_not_used(evaluation))


def _random_sample(cohorts: Sequence[Cohort], judged: JudgedDay | None) -> SampleEstimate:
    """What the children drawn by lot say, beside the labels."""
    ordered = judged.ordered if judged is not None else None
    if judged is None or ordered is None:
        return sample_estimate(cohorts, None, np.zeros(0, dtype=np.str_), {})
    of_day = next(cohort for cohort in cohorts if cohort.cut_off.on == judged.split.day)
    return sample_estimate(cohorts, of_day, ordered.household_keys, ordered.orders)


def _groups(material: Material, judged: JudgedDay, day: TestDay) -> dict[str, Any]:
    """The audit of the newest day on which a model could be tested."""
    rows, ordered = judged.split.tested, judged.ordered
    assert ordered is not None and ordered.probability is not None
    order = np.argsort(rows.child_keys, kind="stable")
    room = min(_QUARTER, max(1, len(order) // 20))
    chosen = {}
    for name, values in ordered.orders.items():
        first = np.lexsort((rows.child_keys, -values))[:room]
        taken = np.zeros(len(values), dtype=np.bool_)
        taken[first] = True
        chosen[str(name)] = taken[order]
    audited = Audited(
        rows.child_keys[order],
        rows.label[order],
        chosen,
        (tiers_of(ordered.orders["blend"]) < tiers_of(ordered.orders["rules"]))[order],
        ordered.probability[order],
    )
    with material.days.open(judged.split.day) as snapshot:
        attributes = attributes_of(snapshot)
    audit = audit_subgroups(rows.hardship_type, audited, attributes)
    return {"day": judged.split.day.isoformat(), "selected": room, **plain(audit)}


def _reasons_overall(model: TypeModel, today: FeatureTable) -> list[dict[str, Any]]:
    """How much of all that moves scores is due to each group of features, in millionths; over children evenly picked from those whom it is about."""
    about = np.flatnonzero(is_about(model, today)).astype(np.int64)
    rows = about[:: max(1, len(about) // _MOST_SHOWN)]
    if not len(rows):
        return []
    weight = np.abs(contributions(model, today, rows).values).sum(axis=0)
    by_group: dict[str, float] = {}
    for feature, each in zip(model.features, weight.tolist(), strict=True):
        by_group[feature.group] = by_group.get(feature.group, 0.0) + each
    total = sum(by_group.values()) or 1.0
    shares = sorted(((round(_MILLION * each / total), group) for group, each in by_group.items()), reverse=True)
    return [{"group": group, "share": share} for share, group in shares if share > 0]
