"""What a model card says, gathered as plain data from a model and its evaluation: the same for the printed page and for whoever reads it by program."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from engine.records.case import HARDSHIP_LABELS
from engine.records.vocabulary import Vocabulary
from ml_overlay.learning.model import OverlayModel
from ml_overlay.register.approvals import ModelApproval
from ml_overlay.register.plain import MODEL_FILE, plain_model

_ORDER = list(HARDSHIP_LABELS)


def card_content(
    model: OverlayModel,
    evaluation: Mapping[str, Any],
    *,
    city: str,
    past_days: Sequence[date],
    vocabulary: Vocabulary,
) -> dict[str, Any]:
    """The card's data, without the approval, which comes later. Plain data without floats.

    `types` have a model; `not_used` were learned and judged, too, and are not used, with the reason; `without` are all that have none.
    """
    deliveries = model.inputs["deliveries"]
    days = sorted(each["as_of"] for each in deliveries)
    hidden = model.recipe["hidden_records"]
    return {
        "format": 1,
        "model_id": evaluation["model_id"],
        "model_sha256": hashlib.sha256(plain_model(model)[0]).hexdigest(),
        "model_file": MODEL_FILE,
        "city": city,
        "as_of": model.as_of.isoformat(),
        "data": {
            "deliveries": len(deliveries),
            "first_delivery": days[0] if days else None,
            "last_delivery": days[-1] if days else None,
            "children": evaluation["children"],
            "past_days": [day.isoformat() for day in past_days],
        },
        "types": [
            {
                **_judged(kind, model, evaluation),
                "features": len(one.features),
                "sentences": sum(feature.name.startswith("sentence.") for feature in one.features),
            }
            for kind, one in sorted(model.types.items(), key=lambda each: _ORDER.index(each[0]))
        ],
        "not_used": [
            _judged(kind, model, evaluation)
            for kind in _ORDER
            if kind in evaluation["types"] and kind not in model.types
        ],
        "without": [
            {"label": HARDSHIP_LABELS[kind], "reason": reason}
            for kind, reason in sorted(model.without.items(), key=lambda each: _ORDER.index(each[0]))
        ],
        "hidden_records": [vocabulary.records[name].label for name in hidden if name in vocabulary.records],
        "not_permitted": sorted(
            item.label for key, item in vocabulary.items.items() if not vocabulary.is_permitted(key)
        ),
        "only_describing": sorted(item.label for item in vocabulary.items.values() if item.no_need),
        "boosting": {
            name: model.recipe["boosting"][name]
            for name in ("partitions", "folds", "rounds", "num_leaves", "max_depth")
        },
        "versions": {name: text for name, text in model.inputs["versions"].items() if text is not None},
        "code": model.inputs["code"],
        "rules": model.inputs["rules"],
        "compared": evaluation["compared"],
        "stop": evaluation["stop"],
    }


def _judged(kind: str, model: OverlayModel, evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """A type that was learned and judged; `reason` why it is not used, None if it is."""
    return {
        "kind": kind,
        "label": HARDSHIP_LABELS[kind],
        "definition": model.recipe["labels"][kind],
        "reason": model.without.get(kind),
        **{k: v for k, v in evaluation["types"][kind].items() if k != "label"},
    }


def approval_content(entry: ModelApproval | None) -> dict[str, str] | None:
    """Who said that the model is used, or no longer used."""
    if entry is None:
        return None
    return {"kind": entry.kind, "by": entry.by, "on": entry.on.isoformat(), "reason": entry.reason}
