"""Rulebook files as texts. A file with faults still gives whatever of it can be read, so that all its faults are told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.kernel.errors import KizukiError, Problem
from engine.kernel.strict_yaml import YamlDocument, read_yaml, validate
from engine.rulebook.language.thresholds import ThresholdText
from engine.rulebook.model import RulebookText, ScenarioText


@dataclass(frozen=True)
class BookText:
    """One file. `whole` is None where its structure has faults; then what is sound is in the other fields.

    `written` are the scenarios as nested YAML, `scenarios` the same as checked texts (None: that one has faults).
    `lost_thresholds`: names of thresholds that are written, but not readable.
    """

    document: YamlDocument
    hardship_type: str
    whole: RulebookText | None
    written: tuple[Mapping[str, Any], ...]
    scenarios: tuple[ScenarioText | None, ...]
    thresholds: Mapping[str, ThresholdText]
    lost_thresholds: frozenset[str]

    @property
    def target(self) -> Any:
        """対象 as nested YAML."""
        return self.document.data.get("対象")

    @property
    def ids(self) -> dict[int, str]:
        """番号 of each scenario that says one, by its position."""
        return {index: data["番号"] for index, data in enumerate(self.written) if isinstance(data.get("番号"), str)}


def read_book_text(path: Path, hardship_type: str, root: Path | None) -> tuple[BookText | None, list[Problem]]:
    """Read one file: its text (None if it is no YAML), and what is wrong with its structure."""
    problems: list[Problem] = []
    try:
        document = read_yaml(path, root)
    except KizukiError as error:
        return None, list(error.problems)
    if document.data is None:
        problem = Problem(
            document.place(),
            "E-RULE-16",
            "ルールブックが空です。",
            "この類型のこどもを、だれも見守らないことになります。",
            "保存の途中で消えたときは、承認したときの控え(rulebooks/approved/)から書き戻してください。",
        )
        return None, [problem]
    if not isinstance(document.data, dict):
        problem = Problem(
            document.place(),
            "E-RULE-16",
            "ルールブックの形になっていません。",
            "項目名と値に分かれていないので、何のルールブックか決まりません。",
            "「ルールブック: 名前」の行から始めてください(ほかのルールブックの書き方にならってください)。",
        )
        return None, [problem]
    if "承認" in document.data:
        problems.append(
            Problem(
                document.place("承認"),
                "E-RULE-17",
                "承認はルールブックには書きません。",
                "書いた人が自分で承認したことになってしまいます。",
                "「承認」の行を消し、`kizuki rules approve` で承認簿(approvals.yaml)に書き足してください。",
            )
        )
        document = replace(document, data={key: value for key, value in document.data.items() if key != "承認"})
    whole = None
    try:
        whole = validate(document, RulebookText, kind="RULE")
    except KizukiError as error:
        problems += error.problems
    return _sound_parts(document, hardship_type, whole), problems


def _sound_parts(document: YamlDocument, hardship_type: str, whole: RulebookText | None) -> BookText:
    listed = document.data.get("シナリオ")
    written = tuple(each if isinstance(each, dict) else {} for each in listed) if isinstance(listed, list) else ()
    if whole is not None:
        return BookText(document, hardship_type, whole, written, whole.scenarios, whole.thresholds, frozenset())
    thresholds: dict[str, ThresholdText] = {}
    named = document.data.get("閾値")
    named = named if isinstance(named, dict) else {}
    for name, text in named.items():
        try:
            thresholds[name] = ThresholdText.model_validate(text)
        except ValidationError:
            continue  # told with the whole file
    return BookText(
        document,
        hardship_type,
        None,
        written,
        tuple(map(_sound_scenario, written)),
        thresholds,
        frozenset(named) - frozenset(thresholds),
    )


def _sound_scenario(written: Mapping[str, Any]) -> ScenarioText | None:
    try:
        return ScenarioText.model_validate(written)
    except ValidationError:
        return None  # told with the whole file
