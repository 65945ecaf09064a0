"""`kizuki model train`: from the store to a model on disk with its evaluation and card. Nothing is used before a person has approved it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from filelock import FileLock
from rich.console import Console

from engine.audit.canonical import canonical_json
from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.case import HARDSHIP_LABELS
from engine.records.feedback import read_feedback
from engine.records.score import NO_SCORE
from kizuki.model.card_content import card_content
from kizuki.model.guarded import refused_for_all, refused_for_type
from kizuki.model.judging import Judged, judge_type
from kizuki.model.material import Material, inputs_of, opened
from kizuki.model.past_index import past_index
from kizuki.progress import Stages
from kizuki.rules.files import newest_day
from kizuki.settings import open_workspace
from ml_overlay.audits.drift import drift_of, reference_of, top_overlap
from ml_overlay.cohorts.guard import Refusal, without
from ml_overlay.cohorts.training_sets import Learning, cohorts_of, days_to_learn_from, features_as_of, learn_from
from ml_overlay.features.ages import AGE
from ml_overlay.features.feature import FeatureTable
from ml_overlay.learning.model import OverlayModel, TypeModel
from ml_overlay.learning.predict import millionths
from ml_overlay.learning.recipe import Recipe
from ml_overlay.learning.train import NoModelError, ranked_on, train_type
from ml_overlay.register.files import ModelFiles, StoredModel, model_id_of, write_model
from ml_overlay.scoring.outcome import NotScored
from ml_overlay.scoring.score_week import model_for_week
from ml_overlay.validation.looking_back import PastDay, look_back
from ml_overlay.validation.results import plain
from reports.model_card.html import card_html

_FEWEST_COMPARED = 20
EVALUATION, REFERENCE, CARD, CARD_PAGE = "evaluation.json", "reference.json", "card.json", "card.html"


def train_model(folder: Path, as_of: date | None, console: Console, recipe: Recipe | None = None) -> ModelFiles:
    """Train a model of a workspace as of a day (default: that of the newest delivery) and write it with all that is known of it.

    First every type with labels enough is learned, then judged on days that its models had not seen, and then decided on: a type that is not shown to tell apart
    children of the same age better than chance has no model (`validation.same_age`), while its evaluation stays on the card. Raises KizukiError like a run for
    whatever a person must put right, E-MODEL-41 if no type has labels enough, and E-MODEL-52 if none is shown to be worth anything.
    """
    workspace, settings = open_workspace(folder)
    with FileLock(workspace.root / ".lock", timeout=0):
        stages = Stages(console)
        with opened(workspace, settings, as_of or newest_day(workspace)) as material:
            stored = _train(material, stages, recipe or _recipe_of(material))
    console.print(f"モデルをつくりました: {stored.folder.resolve()}", markup=False)
    console.print(f"説明書: {(stored.folder / CARD_PAGE).resolve()}", markup=False)
    console.print(
        f"まだ使いません。説明書を確かめ、`kizuki model approve {stored.model_id} --by 承認者 --reason 理由` で承認してください。",
        markup=False,
    )
    return stored


def _recipe_of(material: Material) -> Recipe:
    return Recipe(minimum_positives=material.definition.fewest_positives)


def _train(material: Material, stages: Stages, recipe: Recipe) -> ModelFiles:
    plan, declared = material.rules.plan, material.declared
    with stages.stage("あとで分かったこと(正例)を確かめる") as stage:
        cohorts = cohorts_of(
            material.days,
            material.definition,
            lambda text: stage.advance(0, text),
            read_feedback(material.workspace.feedback),
        )
    with stages.stage("過去の時点でのルールと特徴、学ぶ行をそろえる") as stage:
        wanted = days_to_learn_from(cohorts, material.definition)
        past = {
            each.table.as_of: each
            for each in look_back(material.days, plan, declared, wanted, lambda text: stage.advance(0, text))
        }
        tables = {day: past[day].table for day in sorted(past)}
        learning = learn_from(cohorts, material.definition, material.days.as_of, tables.values())
        today = features_as_of(material.snapshot, plan, declared)
    with stages.stage("漏れがないか点検する") as stage:
        for_all = refused_for_all(material, tables, lambda text: stage.advance(0, text)) if tables else ()
        refused = {kind: refused_for_type(material, rows, for_all, recipe) for kind, rows in learning.sets.items()}
    with stages.stage(f"学習する({len(learning.sets)}類型)") as stage:
        model = _learned(material, learning, refused, today, recipe, stage.advance)
    if not model.types:
        _say_what_there_is(model, stages.console)
        raise KizukiError(_NOTHING_TO_LEARN)
    judged: dict[str, Judged] = {}
    for kind, one in model.types.items():
        with stages.stage(f"確かめる({HARDSHIP_LABELS[kind]})") as stage:
            judged[kind] = judge_type(
                material,
                learning.cohorts[kind],
                past,
                one,
                today,
                refused[kind],
                recipe,
                lambda text, stage=stage: stage.advance(0, text),  # type: ignore[misc]
            )
    model = _shown_only(model, judged)
    _say_what_there_is(model, stages.console)
    if not model.types:
        raise KizukiError(_NOTHING_SHOWN)
    with stages.stage("過去の案件の、登録の前のようすをそろえる") as stage:
        index = past_index(material, model, tables, lambda text: stage.advance(0, text))
    with stages.stage("説明書をつくり、保管する"):
        return _write(material, model, judged, today, past, index)


def _learned(
    material: Material,
    learning: Learning,
    refused: Mapping[str, tuple[Refusal, ...]],
    today: FeatureTable,
    recipe: Recipe,
    advance: Any,
) -> OverlayModel:
    types: dict[str, TypeModel] = {}
    missing = dict(learning.without)
    definition = material.definition
    for number, (kind, rows) in enumerate(learning.sets.items()):
        label = HARDSHIP_LABELS[kind]

        def told(done: int, whole: int, number: int = number, label: str = label) -> None:
            advance((number + done / whole) / len(learning.sets), label)

        try:
            fitted = train_type(without(rows, refused[kind]), recipe, 1, told)
            types[kind] = ranked_on(fitted, today, definition.labels[kind].ages)
        except NoModelError as error:
            missing[kind] = error.reason
    labels = {
        kind: {
            "sentence": label.text,
            "gap_months": label.gap_months,
            "window_months": label.window_months,
            "history_months": label.history_months,
            "reference": label.reference,
            "ages": None if label.ages is None else list(label.ages),
        }
        for kind, label in definition.labels.items()
    }
    said = {
        "boosting": recipe.as_data(),
        "labels": labels,
        "definition": {"version": definition.version, "sha256": definition.sha256},
        "hidden_records": sorted(definition.hidden_records),
    }
    return OverlayModel(learning.as_of, types, missing, said, inputs_of(material))


def _shown_only(model: OverlayModel, judged: Mapping[str, Judged]) -> OverlayModel:
    """The model without the types that were not shown to tell apart children of the same age; why, stands in their place."""
    not_shown = {kind: each.not_shown for kind, each in judged.items() if each.not_shown is not None}
    types = {kind: one for kind, one in model.types.items() if kind not in not_shown}
    return replace(model, types=types, without={**model.without, **not_shown})


def _write(
    material: Material,
    model: OverlayModel,
    judged: Mapping[str, Judged],
    today: FeatureTable,
    past: Mapping[date, PastDay],
    index: Mapping[str, bytes],
) -> ModelFiles:
    scores = {kind: millionths(one, today) for kind, one in model.types.items()}
    seen = {feature.name for one in model.types.values() for feature in one.features}
    columns = [place for place, feature in enumerate(today.features) if feature.name in seen]
    table = replace(today, features=tuple(today.features[place] for place in columns), values=today.values[:, columns])
    in_use = model_for_week(material.workspace.models)
    comparison, alarm = _compared(None if isinstance(in_use, NotScored) else in_use[0], today, scores)
    evaluation = {
        "format": 1,
        "model_id": model_id_of(model),
        "as_of": model.as_of.isoformat(),
        "children": len(today.child_keys),
        "types": {kind: each.data for kind, each in judged.items()},
        "compared": comparison,
        "stop": [reason for each in judged.values() for reason in each.stop] + alarm,
    }
    card = card_content(
        model,
        evaluation,
        city=material.settings.city.name,
        past_days=sorted(past),
        vocabulary=material.rules.vocabulary,
    )
    extra = {
        EVALUATION: canonical_json(evaluation),
        REFERENCE: canonical_json(reference_of(table, scores)),
        CARD: canonical_json(card),
        CARD_PAGE: card_html(card, None).encode(),
        **index,
    }
    return write_model(material.workspace.models, model, extra)


def _compared(
    stored: StoredModel | None, today: FeatureTable, scores: Mapping[str, Any]
) -> tuple[dict[str, Any] | None, list[str]]:
    """Beside the model in use: whom both put highest today, and whether inputs or scores have moved since it was made."""
    if stored is None:
        return None, []
    known = set(today.names)
    overlaps: dict[str, int | None] = {}
    its_scores: dict[str, Any] = {}
    for kind, one in stored.model.types.items():
        needed = {feature.name for feature in one.features} | ({AGE} if one.ages is not None else set())
        if not needed <= known:
            overlaps[kind] = None
            continue
        its_scores[kind] = millionths(one, today)
        if kind in scores:
            both = (scores[kind] != NO_SCORE) & (its_scores[kind] != NO_SCORE)
            if both.sum() >= _FEWEST_COMPARED:
                overlaps[kind] = top_overlap(today.child_keys[both], scores[kind][both], its_scores[kind][both])
    drift = drift_of(json.loads(stored.extra[REFERENCE]), today, its_scores) if REFERENCE in stored.extra else None
    said: dict[str, Any] = {
        "model_id": stored.files.model_id,
        "as_of": stored.model.as_of.isoformat(),
        "overlap": overlaps,
    }
    if drift is None:
        return said, []
    said["drift"] = {
        "state": drift.state,
        "sentences": list(drift.sentences()),
        "columns": plain(drift.features),
        "scores": plain(drift.scores),
    }
    alarm = (
        [f"いまのモデルと比べて、データが動いています。{''.join(drift.sentences())}"] if drift.state == "警報" else []
    )
    return said, alarm


def _say_what_there_is(model: OverlayModel, console: Console) -> None:
    for kind, label in HARDSHIP_LABELS.items():
        if kind in model.types:
            one = model.types[kind]
            console.print(
                f"{label}: モデルあり(正例{one.positives:,}行、学習した行{one.rows:,}、項目{len(one.features)})",
                markup=False,
            )
        else:
            console.print(f"{label}: モデルなし。{model.without.get(kind, '')}", markup=False)


_NOTHING_TO_LEARN = Problem(
    Place("rulebooks/model.yaml"),
    "E-MODEL-41",
    "どの類型にも、学べるだけの正例がありませんでした。",
    "少ない例から学ぶと、偶然を規則と取り違えます。ルールだけで判定を続けます。",
    "受領データの期間が延びてから、もう一度つくってください。",
)
_NOTHING_SHOWN = Problem(
    Place("rulebooks/model.yaml"),
    "E-MODEL-52",
    "どの類型のモデルも、同じ年齢のこどもどうしをでたらめよりよく見分けると示せませんでした。",
    "役に立つと示せないモデルで区分を上げると、会議の時間を奪うだけになります。ルールだけで判定を続けます。",
    "受領データの期間が延びてからもう一度つくるか、model.yaml の正例の文を見直してください。",
)
