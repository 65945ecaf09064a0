"""The specification of the language as small tables: one YAML file for each family of forms, read by people and by tests.

A row is a household, a sentence (or a scenario of the family's small rulebook), the answer, and why. Nothing here knows
an evaluator; `meaning_evaluators.py` asks each of them, and `write_manual.py` prints the same rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator
from ruamel.yaml import YAML

from engine.evaluate.plan import Plan, make_plan
from engine.kernel.strict_yaml import StrictModel, read_yaml, validate
from engine.records.case import HARDSHIP_LABELS
from engine.records.layout import load_layouts
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.language.parsing import parse_sentence
from engine.rulebook.language.syntax import Sentence
from engine.rulebook.model import Outcome

ROOT = Path(__file__).parents[2]
VOCABULARY = load_vocabulary(ROOT / "rulebooks" / "fields.yaml", ROOT)
SOURCE_LABELS = {source: layout.label for source, layout in load_layouts(ROOT / "sources", VOCABULARY, ROOT).items()}


Answer = Outcome | Literal["なし"]
"""What an author writes under 結果, or なし: on that day there is no such scenario."""


class Row(StrictModel):
    """One line of a table. `facts` is 事実 as in 試験; `beyond` (補足) is what that language cannot say."""

    facts: dict[str, Any] = Field(default={}, alias="世帯")
    beyond: dict[str, Any] = Field(default={}, alias="補足")
    answer: Answer = Field(alias="答え")
    why: str = Field(alias="わけ", min_length=1)


class Question(StrictModel):
    """One sentence, or one scenario of the family's rulebook, and the households of which it is asked."""

    sentence: str | None = Field(default=None, alias="文")
    scenario: str | None = Field(default=None, alias="シナリオ")
    rows: tuple[Row, ...] = Field(alias="行", min_length=1)

    @model_validator(mode="after")
    def _one_of_both(self) -> Question:
        if (self.sentence is None) is (self.scenario is None):
            raise ValueError("「文」か「シナリオ」のどちらか一方を書いてください。")
        return self

    @property
    def asked(self) -> str:
        """The sentence, or the 番号."""
        return self.sentence or self.scenario or ""


class Form(StrictModel):
    """One way to write a sentence (or a group), with the questions that show what it means."""

    pattern: str = Field(alias="型", min_length=1)
    note: str | None = Field(default=None, alias="注")
    questions: tuple[Question, ...] = Field(alias="例", min_length=1)


class ScenarioOfSpec(StrictModel):
    """A scenario with nothing but what decides its truth."""

    condition: Any = Field(alias="条件")
    cancels: tuple[Any, ...] = Field(default=(), alias="打ち消し")
    validity: dict[str, str] | None = Field(default=None, alias="有効期間")


class RulebookOfSpec(StrictModel):
    """A rulebook with nothing but what decides truths."""

    target: Any = Field(alias="対象")
    thresholds: dict[str, Any] = Field(default={}, alias="閾値")
    scenarios: dict[str, ScenarioOfSpec] = Field(alias="シナリオ")


class Family(StrictModel):
    """One file: a family of forms with what it means, and what unknown means in it. Rulebooks by the type's label."""

    title: str = Field(alias="題", min_length=1)
    meaning: str = Field(alias="説明", min_length=1)
    unknown: str = Field(alias="不明になるとき", min_length=1)
    rulebooks: dict[str, RulebookOfSpec] = Field(default={}, alias="ルールブック")
    forms: tuple[Form, ...] = Field(alias="形", min_length=1)


@dataclass(frozen=True, eq=False)
class Case:
    """One row in its place: everything that an evaluator needs, and everything that a person needs to find it."""

    file: str
    family: Family
    form: Form
    question: Question
    row: Row
    number: int

    @property
    def sentence(self) -> Sentence | None:
        """The sentence asked, or None where a scenario is asked."""
        return read_sentence(self.question.sentence) if self.question.sentence else None

    @property
    def name(self) -> str:
        """Family, question and reason, for a test's name."""
        return f"{self.family.title}-{self.question.asked}-{self.row.why}-{self.number}"


@cache
def read_sentence(text: str) -> Sentence:
    """One sentence, parsed once."""
    return parse_sentence(text, VOCABULARY)


@cache
def families() -> dict[str, Family]:
    """Every family by its file's stem, in the order of the files' names."""
    files = sorted(Path(__file__).parent.glob("*.yaml"))
    return {file.stem: validate(read_yaml(file, ROOT), Family, kind="SPEC") for file in files}


@cache
def cases() -> tuple[Case, ...]:
    """Every row of every family, numbered within its file."""
    return tuple(case for file, family in families().items() for case in _cases_of(file, family))


def _cases_of(file: str, family: Family) -> Iterator[Case]:
    number = 0
    for form in family.forms:
        for question in form.questions:
            for row in question.rows:
                number += 1
                yield Case(file, family, form, question, row, number)


@cache
def rulebook_plan(file: str, as_of: date) -> Plan:
    """The plan of a family's rulebooks on a day, read from real files by the loader that reads a city's rulebooks."""
    by_label = {label: key for key, label in HARDSHIP_LABELS.items()}
    books = {by_label[label]: book for label, book in families()[file].rulebooks.items()}
    with tempfile.TemporaryDirectory() as folder:
        for key, book in books.items():
            with (Path(folder) / f"{key}.yaml").open("w", encoding="utf-8") as out:
                YAML().dump(_whole(key, book), out)
        return make_plan(load_rulebooks(Path(folder), VOCABULARY, as_of=as_of, types=tuple(books)), VOCABULARY)


def _whole(hardship_type: str, book: RulebookOfSpec) -> dict[str, Any]:
    """The rulebook with all the keys that a file must have and that decide no truth."""
    scenarios = []
    for id_, scenario in book.scenarios.items():
        whole = {"番号": id_, "名前": id_, "ねらい": "ことばの意味の確認", "出典": "当市の既定", "強さ": "弱"}
        whole |= scenario.model_dump(by_alias=True, exclude_none=True)
        examples: list[dict[str, Any]] = [
            {"例": outcome, "事実": {}, "結果": outcome} for outcome in ("該当", "非該当", "不明")
        ]
        scenarios.append({**whole, "打ち消し": list(scenario.cancels), "試験": examples})
    return {
        "ルールブック": HARDSHIP_LABELS[hardship_type],
        "類型": hardship_type,
        "版": "1",
        "担当": "こども家庭サポートセンター",
        "対象": book.target,
        "閾値": book.thresholds,
        "シナリオ": scenarios,
    }
