"""An evaluation of the made-up model, written by hand with numbers that are easy to follow, and a workspace that holds the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from engine.audit.canonical import canonical_json
from engine.records.vocabulary import load_vocabulary
from kizuki.model.approving import CARD, CARD_PAGE, EVALUATION
from kizuki.model.card_content import card_content
from kizuki.settings import SETTINGS_FILE, SETTINGS_TEMPLATE
from ml_overlay.audits.attributes import NOT_DONE
from ml_overlay.audits.subgroups import Audit, GroupRow, Rate
from ml_overlay.learning.model import OverlayModel
from ml_overlay.register.files import ModelFiles, model_id_of, write_model
from ml_overlay.validation.results import (
    AtCapacity,
    Calibration,
    DayResult,
    Figure,
    Gain,
    OrderResult,
    OverDays,
    TypeEvaluation,
    plain,
)
from ml_overlay.validation.unbiased import NONE_YET, SampleEstimate
from reports.model_card.html import card_html

ROOT = Path(__file__).parents[3]
LABEL = {
    "sentence": "直近6か月の病気以外の欠席が30日以上",
    "gap_months": 1,
    "window_months": 6,
    "history_months": 18,
    "reference": "文部科学省「年間30日以上の欠席」",
    "ages": [6, 18],
}


def figure(at: float, width: float = 0.2) -> Figure:
    return Figure(round(at * 1e6), round(at * (1 - width) * 1e6), round(at * (1 + width) * 1e6))


def evaluation_of_type(kind: str, gain: float) -> TypeEvaluation:
    """The blend finds `gain` times what the rules find among the first 650 households."""

    def at(found: float) -> tuple[AtCapacity, ...]:
        return tuple(
            AtCapacity(unit, capacity, figure(found / capacity), figure(found / 400), figure(found), figure(found / capacity * 40))
            for unit, capacity in (("こども", 650), ("世帯", 650))
        )  # fmt: skip

    found = {"rules": 100.0, "model": 110.0, "blend": 100.0 * gain}
    orders = tuple(OrderResult(name, figure(f / 800), figure(f / 30), at(f)) for name, f in found.items())  # type: ignore[arg-type]
    over = tuple(OverDays(o.order, o.average_precision, o.lift, 90_000, 160_000, o.at_capacity) for o in orders)
    gains = (Gain("世帯", 650, figure(gain, 0.1)),)
    calibration = Calibration(110_000, figure(0.1, 0.5), figure(1.02, 0.1))
    day = DayResult(
        date(2025, 11, 20), 9000, 240, date(2025, 5, 20), 17000, 11000, 410, 24_000, orders, calibration, gains
    )
    notes = ("正例は、あとで分かったこどもです。分からなかったこどもに困難がないとは限りません。",)
    return TypeEvaluation(kind, "正例", (day,), over, gains, calibration, notes)


def rate(count: int, of: int) -> Rate:
    share = round(count / of * 1e6)
    return Rate(count, of, share, max(share - 30_000, 0), share + 30_000)


def recall_of(labelled: int, found: int) -> dict[str, Rate | None]:
    more = {"rules": 0, "blend": 6, "model": 0}
    return {name: rate(found + add, labelled) if labelled >= 20 else None for name, add in more.items()}


def groups_of(kind: str) -> dict[str, Any]:
    rows = [
        GroupRow(
            "相談・支援との接点",
            name,
            6000,
            labelled,
            {"rules": rate(200, 6000), "blend": rate(230, 6000), "model": rate(210, 6000)},
            rate(30, 6000),
            rate(30, 230),
recall_of(labelled, found),
            {"rules": rate(20, 200), "blend": rate(26, 230), "model": rate(20, 210)},
            1_010_000,
        )
        for name, labelled, found in (("少ない", 30, 4), ("ふつう", 90, 25), ("多い", 12, 6))
    ]  # fmt: skip
    return {"day": "2025-11-20", "selected": 650, **plain(Audit(kind, tuple(rows), (NOT_DONE,)))}


def judged(model: OverlayModel, gain: float = 1.3, stop: Sequence[str] = ()) -> dict[str, Any]:
    types = {
        kind: {
            "label": "",
            "evaluation": plain(evaluation_of_type(kind, gain)),
            "random_sample": plain(SampleEstimate(0, 0, None, {}, NONE_YET)),
            "groups": groups_of(kind),
            "refused": [
                {
                    "name": "x.child.count",
                    "label": "訪問の回数",
                    "kind": "登録のあとに動く",
                    "reason": "登録のあとに動きます。",
                }
            ]
            if kind == "poverty"
            else [],
            "reasons_overall": [{"group": "出席", "share": 700_000}, {"group": "家計", "share": 300_000}],
            "positives": one.positives,
            "rows": one.rows,
            "cohorts": [],
        }
        for kind, one in model.types.items()
    }
    return {
        "format": 1,
        "model_id": model_id_of(model),
        "as_of": model.as_of.isoformat(),
        "children": 18_073,
        "types": types,
        "compared": None,
        "stop": list(stop),
    }  # fmt: skip


def complete(model: OverlayModel) -> OverlayModel:
    """The made-up model with all that a real one says of its recipe and inputs."""
    delivery = {"file": "residents_20261120.csv", "source": "residents", "as_of": "2026-11-20", "sha256": "a" * 64}
    return replace(
        model,
        recipe={**model.recipe, "labels": dict.fromkeys(model.types, LABEL), "hidden_records": ["council_case"]},
        inputs={
            "deliveries": [delivery],
            "rules": {"model.yaml": "b" * 64},
            "code": "c" * 64,
            "versions": {"kizuki": "0.1.0", "lightgbm": "4.7.0"},
        },
    )


def card_of(model: OverlayModel, evaluation: Mapping[str, Any]) -> dict[str, Any]:
    vocabulary = load_vocabulary(ROOT / "rulebooks" / "fields.yaml", ROOT)
    return card_content(
        model, evaluation, city="見本市", past_days=[date(2025, 2, 20), date(2025, 5, 20)], vocabulary=vocabulary
    )


def put(folder: Path, model: OverlayModel, evaluation: Mapping[str, Any]) -> ModelFiles:
    """Write the model with evaluation and card into a workspace that has nothing else."""
    if not (folder / SETTINGS_FILE).exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SETTINGS_FILE).write_text(SETTINGS_TEMPLATE.format(city='"見本市"'), encoding="utf-8")
    card = card_of(model, evaluation)
    extra = {
        EVALUATION: canonical_json(evaluation),
        CARD: canonical_json(card),
        CARD_PAGE: card_html(card, None).encode(),
    }
    return write_model(folder / "models", model, extra)
