"""What differs between two runs as a whole: deliveries, rules, code, model, what conferences decided, in this order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.audit.run_record import RunRecord
from engine.kernel.dates import wareki
from engine.records.outline import ScenarioOutline
from reports.trace.make import Tracer
from reports.trace.scenarios import flattened


@dataclass(frozen=True)
class Grounds:
    """What differs between two runs as a whole. Each line is ready to be read; empty where nothing differs.

    `deliveries` by source; `rules`: files by hash and the scenarios whose text differs; `code`: program and settings;
    `model`: which had a say; `conferences`: decisions on households in ① and ② that only one of the lists knew.
    `keys_differ`: the pseudonyms were made with another key, so that nobody can be found again by 整理番号.
    """

    deliveries: tuple[str, ...]
    rules: tuple[str, ...]
    code: tuple[str, ...]
    model: tuple[str, ...]
    conferences: tuple[str, ...]
    keys_differ: bool


def grounds(then: Tracer, now: Tracer) -> Grounds:
    """What differs between two runs as a whole."""
    one, other = then.run.manifest, now.run.manifest
    return Grounds(
        tuple(_deliveries(then, now)),
        tuple(_rules(then, now)),
        tuple(_code(then.run, now.run)),
        tuple(_model(then.run, now.run)),
        tuple(_conferences(then.run, now.run)),
        one.get("key_id") != other.get("key_id"),
    )


def _deliveries(then: Tracer, now: Tracer) -> Iterator[str]:
    labels = {s.source: s.label for tracer in (then, now) for s in tracer.casebook.sources}
    before, after = ({(d["source"], d["file"], d["sha256"]) for d in t.run.manifest["deliveries"]} for t in (then, now))
    for source in dict.fromkeys(source for source, *_ in sorted(before ^ after)):
        came = sorted(file for each, file, _ in after - before if each == source)
        went = sorted(file for each, file, _ in before - after if each == source)
        parts = [f"新しく使った {'・'.join(came)}"] * bool(came) + [f"使わなくなった {'・'.join(went)}"] * bool(went)
        yield f"{labels.get(source, source)}: {'、'.join(parts)}"


def _rules(then: Tracer, now: Tracer) -> Iterator[str]:
    old, new = then.run.manifest["rulebooks"], now.run.manifest["rulebooks"]
    for file in sorted({*old, *new}):
        was, is_now = old.get(file), new.get(file)
        if was is None or is_now is None:
            yield f"{file}: {'加わった' if was is None else 'なくなった'}"
        elif was["sha256"] != is_now["sha256"]:
            by = f"、承認 {is_now['approved_by']} {is_now['approved_on']}" if is_now.get("approved_by") else ""
            yield f"{file}: 版{was['version']}→{is_now['version']}{by}"
    changed = sorted({*then.run.manifest["sources"].items()} ^ {*now.run.manifest["sources"].items()})
    if changed:
        yield f"取り込み定義: {'・'.join(dict.fromkeys(name for name, _ in changed))}"
    before = {outline.id: text_of(outline) for outline in then.answered.outlines}
    after = {outline.id: text_of(outline) for outline in now.answered.outlines}
    if (
        before
        and after
        and (other := [each for each in sorted({*before, *after}) if before.get(each) != after.get(each)])
    ):
        yield f"条件の文が違うシナリオ: {'・'.join(other)}"


def _code(then: RunRecord, now: RunRecord) -> Iterator[str]:
    one, other = then.manifest.get("versions", {}), now.manifest.get("versions", {})
    if one.get("code") != other.get("code"):
        yield f"kizuki {one.get('kizuki')}→{other.get('kizuki')}(コードの SHA-256 が違います)"
    libraries = [name for name in sorted({*one, *other} - {"code", "kizuki"}) if one.get(name) != other.get(name)]
    if libraries:
        yield "、".join(f"{name} {one.get(name, 'なし')}→{other.get(name, 'なし')}" for name in libraries)
    if then.manifest.get("settings") != now.manifest.get("settings"):
        yield "設定(kizuki.toml)が違います"


def _model(then: RunRecord, now: RunRecord) -> Iterator[str]:
    one, other = (run.manifest.get("model") for run in (then, now))
    if (one and (one["id"], one["sha256"])) != (other and (other["id"], other["sha256"])):
        yield f"{_named(one)} → {_named(other)}"
    elif one and other and one["types"] != other["types"]:
        yield "同じモデルですが、帯の境目が違います(tiers.yaml の「モデルの帯」)"


def _conferences(then: RunRecord, now: RunRecord) -> Iterator[str]:
    """By day of the conference; a decision that was followed up since counts as another one."""
    before, after = (Counter(then.conference()), Counter(now.conference()))
    for title, more in (("新しく守る判断", after - before), ("守らなくなった判断", before - after)):
        for day in sorted({decision.decided_on for decision in more}):
            count = sum(each.decided_on == day for each in more)
            yield f"{title} {count}件({wareki(day)}の会議)"


def _named(model: Mapping[str, Any] | None) -> str:
    return f"{model['id']}(承認 {model['approved_by']} {model['approved_on']})" if model else "なし(ルールだけ)"


def text_of(outline: ScenarioOutline) -> tuple[Any, ...]:
    """What a scenario says, without numbers and places: equal if and only if its words are."""
    lines = tuple((part, depth, line.kind, line.text, line.needed) for part, depth, line in flattened(outline))
    return (outline.strength, outline.hardship_type, lines)
