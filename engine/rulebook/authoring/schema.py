"""A JSON Schema of rulebook files for editors: completion, hover text and underlined mistakes while an author types.

Made from the models and the vocabulary. It is kinder than `rules check`, which alone decides: a schema sees neither the
grammar of sentences nor other files. It expects sentences in their usual writing (half-width digits, labels as in fields.yaml).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from engine.records.case import HARDSHIP_LABELS
from engine.records.vocabulary import Item, Vocabulary
from engine.rulebook.authoring.schema_words import GROUPS, HOVER, OUTCOMES, SENTENCE
from engine.rulebook.authoring.suggestions import snippets, suggested_sentences
from engine.rulebook.model import RulebookText

SCHEMA_FILE = "rulebook.schema.json"
_ENDINGS = (
    "以上", "以下", "未満", "を超える", "である", "いる", "いない", "ある", "ない", "に該当する"
)  # fmt: skip
_STATE_KINDS = ("区分", "順序区分", "数", "有無", "年齢", "学年")
_EVENT_KINDS = ("出来事", "量", "最新の区分", "期限のある記録")
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_DIGITS = r"^-?[0-9]+$"

Schema = dict[str, Any]


def rulebook_schema(vocabulary: Vocabulary, source_labels: Mapping[str, str]) -> Schema:
    """The schema for a city's vocabulary; `source_labels` is 名前 by source id, for 「不明: [介護保険]」."""
    schema = RulebookText.model_json_schema(by_alias=True)
    definitions: Schema = schema.pop("$defs")
    for name, model in (("RulebookText", schema), *definitions.items()):
        model.pop("description", None)
        for key, value in model.get("properties", {}).items():
            model["properties"][key] = {**_for_editors(value), "description": HOVER[name, key].replace("{types}", _types())}
    definitions = {name: _for_editors(model) for name, model in definitions.items()}
    _conditions(schema, definitions, vocabulary)
    _thresholds(schema, definitions, vocabulary)
    _examples(definitions, vocabulary, source_labels)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "kizuki ルールブック",
        "description": "`kizuki rules schema` がつくったものです。fields.yaml を直したら、つくり直してください。",
        **_for_editors(schema),
        "$defs": definitions,
    }


def schema_text(schema: Schema) -> str:
    """The schema as it is written to a file."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def _types() -> str:
    return "、".join(f"{key}({label})" for key, label in HARDSHIP_LABELS.items())


def _for_editors(schema: Any) -> Any:
    """The models' schema as YAML is typed: an editor reads 13 as a number where the rulebook keeps its text, and back."""
    if isinstance(schema, list):
        return [_for_editors(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    result = {
        key: {name: _for_editors(part) for name, part in value.items()} if key == "properties" else _for_editors(value)
        for key, value in schema.items()
        if key not in ("title", "default")
    }
    if result.get("type") == "integer":
        result |= {"type": ["integer", "string"], "pattern": _DIGITS}
    elif result.get("type") == "string":
        if result.get("format") == "date":
            result["pattern"] = _DAY
        elif not {"pattern", "enum", "const"} & result.keys():
            result["type"] = ["string", "number"]
    if "$ref" in result and len(result) > 1:  # beside a reference, older editors see nothing else
        result["allOf"] = [{"$ref": result.pop("$ref")}]
    return result


# ── conditions ──


def _conditions(schema: Schema, definitions: Schema, vocabulary: Vocabulary) -> None:
    condition = {"$ref": "#/$defs/Condition"}
    parts = {"type": "array", "items": condition, "minItems": 1}
    groups: Schema = {name: {**parts, "description": text} for name, text in GROUPS.items()}
    groups["次でない"] = {
        "description": GROUPS["次でない"],
        "anyOf": [condition, {**parts, "maxItems": 1}],
    }
    definitions["Sentence"] = {
        "description": SENTENCE,
        "type": "string",
        "pattern": _sentence_pattern(vocabulary),
        "examples": list(dict.fromkeys(suggested_sentences(vocabulary))),
        "defaultSnippets": [vars(snippet) for snippet in snippets(vocabulary)],
    }
    definitions["Group"] = {
        "description": "条件の組。見出しは1つだけ書きます。",
        "type": "object",
        "properties": groups,
        "patternProperties": {r"^([2-9]|[1-9][0-9]+)つ以上$": parts},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    definitions["Condition"] = {"anyOf": [{"$ref": "#/$defs/Sentence"}, {"$ref": "#/$defs/Group"}]}
    scenario = definitions["ScenarioText"]["properties"]
    schema["properties"]["対象"]["allOf"] = [condition]
    scenario["条件"]["allOf"] = [condition]
    scenario["打ち消し"]["items"] = condition
    scenario["試験"]["allOf"] = [
        {"contains": {"type": "object", "properties": {"結果": {"const": outcome}}, "required": ["結果"]}}
        for outcome in ("該当", "非該当", "不明")
    ]
    schema["properties"]["シナリオ"]["minItems"] = 1


def _sentence_pattern(vocabulary: Vocabulary) -> str:
    """Loose on purpose: a word of the vocabulary stands in it, and it ends as sentences end."""
    words = {label for key, item in vocabulary.items.items() for label in (item.label, *item.aliases)}
    words |= {phrase for item in vocabulary.items.values() for phrase in (item.positive, item.negative) if phrase}
    words |= set(vocabulary.relations)
    known = "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
    return rf"^(?=.*(?:{known}|[A-Z]{{2,4}}-[0-9]{{2,3}})).*(?:{'|'.join(_ENDINGS)})$"


# ── thresholds ──


def _thresholds(schema: Schema, definitions: Schema, vocabulary: Vocabulary) -> None:
    steps = list(dict.fromkeys(step for item in vocabulary.items.values() for step in item.values))
    value = {
        "type": "string",
        "pattern": rf"^(?:\s*[0-9０-９]{{1,9}}\s*[^0-9０-９\s]{{1,6}}\s*|{'|'.join(map(re.escape, steps))})$",
        "examples": ["30日", "10回", "3か月", *steps[-1:]],
    }
    written = definitions["ThresholdText"]
    for model in (written, definitions["Revision"]):
        model["properties"]["値"] = {"description": model["properties"]["値"]["description"], **value}
    written["properties"]["改定"]["minItems"] = 1
    written["oneOf"] = [{"required": ["値"]}, {"required": ["改定"]}]
    schema["properties"]["閾値"]["additionalProperties"] = {"anyOf": [value, {"$ref": "#/$defs/ThresholdText"}]}
    schema["properties"]["閾値"]["propertyNames"] = {"pattern": "^[^「」『』()()]+$"}


# ── examples ──


def _examples(definitions: Schema, vocabulary: Vocabulary, source_labels: Mapping[str, str]) -> None:
    facts = definitions["ExampleFacts"]["properties"]
    states: Schema = {}
    for key, item in vocabulary.items.items():
        if item.kind in _STATE_KINDS and vocabulary.is_permitted(key):
            states |= {label: _state(item, vocabulary.record_of(key).label) for label in (item.label, *item.aliases)}
    for label, unit in (("月齢", "か月"), ("日齢", "日")):
        states[label] = {"description": f"乳児の年齢を{unit}で。", "type": ["integer", "string"], "pattern": "^[0-9]+$"}
    relation = {"description": "こどもから見た続柄。", "type": "string", "enum": list(vocabulary.relations)}
    definitions["Child"] = {"type": "object", "properties": states, "additionalProperties": False}
    definitions["Member"] = {
        "type": "object",
        "properties": {"続柄": relation, **states},
        "required": ["続柄"],
        "additionalProperties": False,
    }
    facts["本人"] = {"description": facts["本人"]["description"], "allOf": [{"$ref": "#/$defs/Child"}]}
    facts["世帯員"]["items"] = {"$ref": "#/$defs/Member"}
    labels = {"type": "string", "enum": sorted(source_labels.values())}
    definitions["MissingSource"]["properties"]["源"] |= labels
    facts["不明"]["items"] = {"anyOf": [labels, {"$ref": "#/$defs/MissingSource"}]}
    definitions["Example"]["properties"]["結果"]["enumDescriptions"] = list(OUTCOMES.values())
    _events(definitions["ExampleEvent"], vocabulary)


def _state(item: Item, record: str) -> Schema:
    """What may be written for one item: one value, or several records from the oldest to the newest."""
    match item.kind:
        case "有無":
            one: Schema = {"type": "string", "enum": ["あり", "なし", "不明", "不詳"]}
        case "年齢" | "数":
            one = {"anyOf": [{"type": ["integer", "string"], "pattern": "^[0-9]+$"}, {"enum": ["不明", "不詳"]}]}
        case "学年":
            one = {"type": "string", "enum": [*item.values, "未就学", "不明", "不詳"]}
        case _:
            one = {"type": "string", "enum": [*item.values, "不明", "不詳"]}
    unit = f"(単位: {item.unit})" if item.unit else ""
    several = {"type": "array", "items": one, "minItems": 1}
    return {"description": f"{item.label}{unit}。もとになる記録は「{record}」です。", "anyOf": [one, several]}


def _events(event: Schema, vocabulary: Vocabulary) -> None:
    """Which keys an event needs follows from what kind of item it is."""
    kinds: dict[str, list[str]] = {kind: [] for kind in _EVENT_KINDS}
    rules: list[Schema] = []
    for key, item in vocabulary.items.items():
        if item.kind not in _EVENT_KINDS or not vocabulary.is_permitted(key):
            continue
        names = [item.label, *item.aliases]
        kinds[item.kind] += names
        if item.kind == "最新の区分":
            rules.append(_if_kind(names, {"properties": {"値": {"enum": [*item.values, "不明", "不詳"]}}}))
    needs = {"出来事": ["日前"], "量": ["量", "日前"], "最新の区分": ["値", "日前"], "期限のある記録": ["期限から", "実施"]}
    rules += [_if_kind(names, {"required": needs[kind]}) for kind, names in kinds.items() if names]
    event["properties"]["種類"] |= {"type": "string", "enum": [name for names in kinds.values() for name in names]}
    whom = "|".join(map(re.escape, vocabulary.relations))
    event["properties"]["誰"] |= {
        "type": "string",
        "pattern": rf"^(?:本人|(?:[0-9０-９]+人目の)?(?:{whom}))$",
        "examples": ["本人", *vocabulary.relations],
    }
    event["allOf"] = rules


def _if_kind(names: list[str], then: Schema) -> Schema:
    return {"if": {"properties": {"種類": {"enum": names}}, "required": ["種類"]}, "then": then}
