"""Whether a manifest says what every manifest says, so that the rest of the verification has something to hold on to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from engine.audit.run_record import CONFERENCE, RULES, SCORES
from engine.audit.runs import RUN_ID
from engine.rulebook.versions.approval import APPROVALS
from engine.tiers.policy import BANDS
from kizuki.settings import SETTINGS_FILE
from ml_overlay.register.files import MODEL_ID

_ALWAYS: Mapping[str, type | tuple[type, ...]] = {
    "run_id": str,
    "as_of": str,
    "previous_run": (str, type(None)),
    "deliveries": list,
    "rulebooks": dict,
    "scenarios": dict,
    "sources": dict,
    "settings": str,
    "replay": (str, dict),
    "evaluators_disagree_on": (list, int),
    "key_id": str,
    "versions": dict,
    "outputs": dict,
    "decisions_content": str,
}
_SEALED: Mapping[str, type | tuple[type, ...]] = {
    "approvals": dict,
    "rule_changes": dict,
    "list_inputs": dict,
    "conditions_content": str,
    "evaluators_disagree_on": list,
}
"""What is in every manifest that has a seal; older ones may lack it."""
_MODEL: Mapping[str, type | tuple[type, ...]] = {
    "id": str,
    "sha256": str,
    "approved_by": str,
    "approved_on": str,
    "carried_from": (str, type(None)),
    "types": dict,
    "without": dict,
}
_LIST_INPUTS: Mapping[str, type | tuple[type, ...]] = {"conference_files": list, "weeks": dict, "drawn": int}
"""What made the list besides the decisions, in every manifest that honours what conferences decided."""
_THRESHOLDS: Mapping[str, type | tuple[type, ...]] = {"enter": dict, "leave": dict, "weeks": int, "places": int}
_CONFERENCE_FILE = re.compile(r"\d{5}-\d{4}-\d{2}-\d{2}-[0-9a-f]{64}\.jsonl")
_FILES = ("decisions.parquet", "conditions.parquet", "scenarios.json", "cases.json", "replay.json")
_REPLAY: Mapping[str, type | tuple[type, ...]] = {
    "engine": (str, type(None)),
    "unavailable": (str, type(None)),
    "listed": list,
    "sampled": list,
    "compared": int,
    "not_replayed": dict,
    "left_out": dict,
    "differences": dict,
}
_DELIVERY: Mapping[str, type | tuple[type, ...]] = {"file": str, "source": str, "as_of": str, "sha256": str}
_SEALED_DELIVERY: Mapping[str, type | tuple[type, ...]] = {"parts": dict, "totals": (dict, type(None))}


def misshapen(manifest: Mapping[str, Any]) -> list[str]:
    """The keys that are missing or of another kind than every kizuki wrote them, as a path; empty for a manifest that can be used."""
    sealed = "seal" in manifest
    return list(dict.fromkeys(_faults(manifest, sealed)))


def misshapen_replay(replay: Any) -> list[str]:
    """The same of replay.json; one that says no more than its verdict is an older one."""
    if not isinstance(replay, dict) or not isinstance(replay.get("verdict"), str):
        return ["verdict"]
    return list(_wrong(replay, _REPLAY, "")) if "differences" in replay else []


def _faults(manifest: Mapping[str, Any], sealed: bool) -> Iterator[str]:
    yield from _wrong(manifest, {**_ALWAYS, **(_SEALED if sealed else {})}, "")
    wanted = {**_DELIVERY, **(_SEALED_DELIVERY if sealed else {})}
    for number, delivery in enumerate(_list(manifest.get("deliveries")), start=1):
        if isinstance(delivery, dict):
            yield from _wrong(delivery, wanted, f"deliveries › {number} › ")
        else:
            yield f"deliveries › {number}"
    for name, book in _dict(manifest.get("rulebooks")).items():
        yield from _wrong(_dict(book), {"sha256": str}, f"rulebooks › {name} › ")
    if "approvals" in manifest:
        yield from _wrong(_dict(manifest["approvals"]), {"sha256": str}, "approvals › ")
    for name, digest in _dict(manifest.get("outputs")).items():
        if not isinstance(digest, str) or not _stays_inside(name):
            yield f"outputs › {name}"
    if sealed:
        outputs = _dict(manifest.get("outputs"))
        kept = (
            *(f"rulebooks/{name}" for name in _dict(manifest.get("rulebooks"))),
            f"rulebooks/{APPROVALS}",
            SETTINGS_FILE,
        )
        sources = (f"sources/{name}" for name in _dict(manifest.get("sources")))
        for name in (*_FILES, *(f"{RULES}/{each}" for each in (*kept, *sources))):
            if name not in outputs:
                yield f"outputs › {name}"
    yield from _model_faults(manifest)
    yield from _conference_faults(manifest)
    previous = manifest.get("previous_run")
    if isinstance(previous, str) and not RUN_ID.fullmatch(previous):
        yield "previous_run"


def _conference_faults(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Of a run that honours what conferences decided: which files were read, by which runs weeks are told, and the file of decisions; all or none of it."""
    inputs = _dict(manifest.get("list_inputs"))
    kept = CONFERENCE in _dict(manifest.get("outputs"))
    if not kept and not any(key in inputs for key in _LIST_INPUTS):
        return
    if not kept:
        yield f"outputs › {CONFERENCE}"
    yield from _wrong(inputs, _LIST_INPUTS, "list_inputs › ")
    for name in _list(inputs.get("conference_files")):
        if not isinstance(name, str) or not _CONFERENCE_FILE.fullmatch(name):
            yield "list_inputs › conference_files"
    for run_id, seal in _dict(inputs.get("weeks")).items():
        if not RUN_ID.fullmatch(run_id) or not isinstance(seal, (str, type(None))):
            yield "list_inputs › weeks"


def _model_faults(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Of a run in which a model had a say: which, by whose word, what a score had to reach, and the file of the scores."""
    model = manifest.get("model")
    if model is None:
        return
    if not isinstance(model, dict):
        yield "model"
        return
    yield from _wrong(model, _MODEL, "model › ")
    for key in ("id", "carried_from"):  # they lead to a folder
        if isinstance(model.get(key), str) and not (RUN_ID if key == "carried_from" else MODEL_ID).fullmatch(
            model[key]
        ):
            yield f"model › {key}"
    if not isinstance(model.get("approved_on"), str) or not _is_day(model["approved_on"]):
        yield "model › approved_on"
    for kind, said in _dict(model.get("types")).items():
        yield from _wrong(_dict(said), _THRESHOLDS, f"model › types › {kind} › ")
        for key in ("enter", "leave"):
            limits = _dict(_dict(said).get(key))
            if set(limits) != set(BANDS[1:]) or not all(type(limit) is int for limit in limits.values()):
                yield f"model › types › {kind} › {key}"
    if SCORES not in _dict(manifest.get("outputs")):
        yield f"outputs › {SCORES}"
    if not isinstance(manifest.get("scores_content"), str):
        yield "scores_content"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _wrong(said: Mapping[str, Any], wanted: Mapping[str, type | tuple[type, ...]], path: str) -> Iterator[str]:
    for key, kind in wanted.items():
        if key not in said or not isinstance(said[key], kind):
            yield f"{path}{key}"


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
