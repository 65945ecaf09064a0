"""What a training reads: the city as of a day, its past, the rows to learn from, and what rules and features said on past days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.kernel.errors import KizukiError, Place, Problem
from engine.store.catalogue import read_catalogue
from engine.store.ownership import key_of
from engine.store.snapshot import open_snapshot
from engine.store.tables import Snapshot
from kizuki.manifest import versions_now
from kizuki.rules.files import RuleFiles, load_rule_files, require_approval
from kizuki.settings import Settings, Workspace
from ml_overlay.cohorts.days import PastDays
from ml_overlay.cohorts.definition import ModelDefinition
from ml_overlay.features.feature import Feature
from ml_overlay.features.table import declare_features

_LIBRARIES = ("lightgbm", "numpy", "scipy", "duckdb", "pyarrow")


@dataclass(frozen=True)
class Material:
    """A city opened for learning. `declared`: every feature that a model may see, before the leak guard has looked."""

    workspace: Workspace
    settings: Settings
    rules: RuleFiles
    definition: ModelDefinition
    snapshot: Snapshot
    days: PastDays
    declared: tuple[Feature, ...]


@contextmanager
def opened(workspace: Workspace, settings: Settings, as_of: date) -> Iterator[Material]:
    """Open a workspace for learning as of a day. Raises KizukiError like a run, and E-MODEL-40 without a model.yaml."""
    rules = load_rule_files(workspace, as_of)
    require_approval(rules)
    definition = definition_of(rules)
    limits = settings.processing
    snapshot = open_snapshot(
        workspace.store, rules.vocabulary, rules.layouts, as_of, threads=limits.threads, memory_limit=limits.memory
    )
    with snapshot:
        days = PastDays(snapshot, rules.layouts, workspace.store, None, limits.memory, limits.threads)
        declared = declare_features(rules.vocabulary, rules.plan, definition.hidden_records)
        yield Material(workspace, settings, rules, definition, snapshot, days, declared)


def definition_of(rules: RuleFiles) -> ModelDefinition:
    """What model.yaml says. Raises KizukiError E-MODEL-40 where there is none."""
    if rules.model is None:
        raise KizukiError(
            Problem(
                Place("rulebooks/model.yaml"),
                "E-MODEL-40",
                "モデルが何から学ぶかを決めたファイル(model.yaml)がありません。",
                "何をもって「あとで困難が分かった」とするかが決まりません。",
                "ひな形の rulebooks/model.yaml を写し、確かめて承認してください。",
            )
        )
    return rules.model


def inputs_of(material: Material) -> Mapping[str, Any]:
    """What a model was made from, by hash: deliveries, feedback (its files are named by hash), rule files, code and libraries; and the number of the key
    of which its households' pseudonyms are, for those decide who is judged by which booster.

    Plain data without floats and without a clock.
    """
    used = {(delivery.file, delivery.sha256) for delivery in material.snapshot.deliveries}
    deliveries = [
        {"file": e.file, "source": e.source, "as_of": e.as_of.isoformat(), "sha256": e.sha256}
        for e in read_catalogue(material.workspace.store)
        if (e.file, e.sha256) in used
    ]
    versions = versions_now()
    return {
        "key_id": key_of(material.workspace.store),
        "deliveries": sorted(deliveries, key=lambda each: (each["as_of"], each["file"])),
        "feedback": sorted(path.name for path in material.workspace.feedback.glob("*.jsonl")),
        "rules": {content.file: content.sha256 for content in material.rules.contents},
        "code": versions["code"],
        "versions": {name: version for name, version in versions.items() if name != "code"} | _versions(),
    }


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in _LIBRARIES}
