"""Named thresholds (閾値): a policy number stands in one place, with the days from which it counts.

A rulebook gives a name to a value (`長期欠席の目安: 30日`); sentences of every rulebook say 「長期欠席の目安」 instead of the
number. A name is defined once in all rulebooks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import Field, model_validator

from engine.kernel.errors import Place, Problem
from engine.kernel.strict_yaml import StrictModel, YamlDocument
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language.folding import fold

_AMOUNT = re.compile(r"([0-9]{1,9})(\D{1,6})")
_COUNTED = ("回", "人", "日", "週", "か月", "歳", "期")
_NOT_IN_NAMES = re.compile(r"[「」『』()()]")


class Revision(StrictModel):
    """One value of a threshold, from a day on."""

    start: date = Field(alias="開始")
    value: str = Field(alias="値", min_length=1)


class ThresholdText(StrictModel):
    """A threshold as written: `名前: 30日`, or 値 (or 改定, values by day) with 出典."""

    value: str | None = Field(default=None, alias="値")
    revisions: tuple[Revision, ...] = Field(default=(), alias="改定")
    source: str | None = Field(default=None, alias="出典")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        return {"値": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _one_of_both(self) -> ThresholdText:
        if (self.value is None) is not bool(self.revisions):
            raise ValueError("「値」か「改定」のどちらか一方を書いてください。")
        return self


@dataclass(frozen=True)
class Threshold:
    """A threshold as of a day: a number with its unit, or a step of a scale (要介護3) without one.

    `next_on` is the first day of the next value, if one is written; `source` and `text` are as the author wrote them.
    `schedule`: every value of 改定 by its first day.
    """

    name: str
    value: int | str
    unit: str | None
    text: str
    source: str | None
    next_on: date | None
    place: Place
    schedule: tuple[tuple[date, str], ...] = ()


Thresholds = Mapping[str, Threshold]


def read_thresholds(
    document: YamlDocument, texts: Mapping[str, ThresholdText], vocabulary: Vocabulary, as_of: date
) -> Iterator[Threshold | Problem]:
    """The thresholds of one file as of a day, and what is wrong with them."""
    steps = {fold(step).text: step for item in vocabulary.items.values() for step in item.values}
    units = {fold(item.unit).text for item in vocabulary.items.values() if item.unit} | set(_COUNTED)
    for name, text in texts.items():
        place = document.place("閾値", name)
        if _NOT_IN_NAMES.search(name) or not fold(name).text:
            yield Problem(
                place,
                "E-RULE-40",
                "閾値の名前に、かっこか空の名前は使えません。",
                "文の中で「」でくくって使うためです。",
                "かっこのない名前にしてください。",
            )
            continue
        starts = [revision.start for revision in text.revisions]
        if starts != sorted(set(starts)):
            yield Problem(
                document.place("閾値", name, "改定"),
                "E-RULE-41",
                f"閾値「{name}」の「改定」が日付の順になっていないか、同じ日が2回あります。",
                "どの値を使う日か決まりません。",
                "古い日から順に、1日に1つだけ書いてください。",
            )
            continue
        written = text.value
        index = sum(start <= as_of for start in starts)
        if text.revisions:
            if not index:
                yield Problem(
                    document.place("閾値", name, "改定"),
                    "E-RULE-42",
                    f"閾値「{name}」には、{as_of.isoformat()}の値がまだありません(最初は{starts[0].isoformat()}から)。",
                    "この閾値を使うシナリオを、その日について判定できません。",
                    "それより前から使う値を「改定」の先頭に書き足してください。",
                )
                continue
            written = text.revisions[index - 1].value
        assert written is not None
        value = _value(written, steps, units)
        if value is None:
            yield Problem(
                document.place("閾値", name),
                "E-RULE-43",
                f"閾値「{name}」の値「{written}」を読めません。",
                "比べる数が決まりません。",
                "「30日」「5回」のように数と単位を書くか、「要介護3」のような段階の名前を書いてください。",
            )
            continue
        schedule = tuple((revision.start, revision.value) for revision in text.revisions)
        next_on = starts[index] if index < len(starts) else None
        yield Threshold(fold(name).text, *value, written, text.source, next_on, place, schedule)


def _value(written: str, steps: Mapping[str, str], units: Collection[str]) -> tuple[int | str, str | None] | None:
    folded = fold(written).text
    if folded in steps:
        return steps[folded], None
    amount = _AMOUNT.fullmatch(folded)
    return (int(amount[1]), amount[2]) if amount and amount[2] in units else None
