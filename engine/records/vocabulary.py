"""The vocabulary: what the city may know, in whose name, and with which words rules speak of it.

`rulebooks/fields.yaml` is the data-use register and the only vocabulary of rules and features at once.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from engine.kernel.errors import KizukiError, Problem
from engine.kernel.strict_yaml import StrictModel, YamlDocument, read_yaml, validate

Permission = Literal["許可", "照会中", "不許可"]
ItemKind = Literal["年齢", "学年", "区分", "順序区分", "数", "有無", "出来事", "量", "最新の区分", "期限のある記録"]
Subject = Literal["人", "世帯"]
ColumnType = Literal["区分", "文字", "整数", "日付"]
Concern = Literal["多い", "少ない"]
SeenOf = Literal["本人", "母", "きょうだい", "世帯員"]

RELATIONS: tuple[str, ...] = ("母", "父", "きょうだい", "祖父母", "世帯員")


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


class Identifier(StrictModel):
    """An identifying column (識別項目): used for linkage, kept in the keyring, never a word in a rule."""

    label: str = Field(alias="名前")
    owner: str = Field(alias="所管")
    purpose: str = Field(alias="目的")
    legal_basis: str = Field(alias="法的根拠")
    permission: Permission = Field(alias="状態")


class Refused(StrictModel):
    """A column that may arrive but is never read in: who decided, when and why is kept for the message.

    `names` are further column names that belong to it; one that ends in * stands for every name that begins so.
    """

    label: str = Field(alias="名前")
    owner: str = Field(alias="所管")
    permission: Permission = Field(alias="状態")
    decision: str = Field(alias="決定")
    reason: str = Field(alias="理由")
    names: tuple[str, ...] = Field(default=(), alias="列名")

    def is_named(self, column: str) -> bool:
        """Whether a column name, blanks and width differences aside, belongs to this entry.

        Besides `names` these are the label and its parts at ・, 、 and parentheses, without a last 等.
        """
        wanted = _folded(column)
        label = _folded(self.label)
        parts = {part for part in re.split(r"[・、,()]", label) if part} | {label}
        if wanted in parts | {part.removesuffix("等") for part in parts}:
            return True
        names = [_folded(name) for name in self.names]
        return wanted in names or any(wanted.startswith(name[:-1]) for name in names if name.endswith("*"))


class Column(StrictModel):
    """One column of a record kind."""

    label: str = Field(alias="名前")
    type: ColumnType = Field(alias="型")


class Validity(StrictModel):
    """Columns between which a state holds. No end column, or an empty end, means that it still holds."""

    start: str = Field(alias="開始")
    end: str | None = Field(default=None, alias="終了")


class RecordKind(StrictModel):
    """One kind of record (記録): one row of a source becomes one record. Register entry for all its columns.

    `subject` tells whose record it is; `date` is the event's day, `valid` the span of a state; with neither the
    record holds at the delivery's as-of day. `period` (月, 2か月) marks records that are due for every period, so
    that a missing period is unknown and not "none". `seen_of` (見る続柄) tells of which people of a household the overlay
    looks at records of this kind; it bears neither on what is read in nor on sentences.
    """

    label: str = Field(alias="名前")
    source: str = Field(alias="源")
    subject: Subject = Field(alias="主体")
    date: str | None = Field(default=None, alias="日付")
    valid: Validity | None = Field(default=None, alias="有効")
    period: Literal["月", "2か月"] | None = Field(default=None, alias="周期")
    owner: str = Field(alias="所管")
    purpose: str = Field(alias="目的")
    legal_basis: str = Field(alias="法的根拠")
    permission: Permission = Field(alias="状態")
    decision: str | None = Field(default=None, alias="決定")
    reason: str | None = Field(default=None, alias="理由")
    retention_years: int = Field(alias="保存年", ge=1)
    seen_of: tuple[SeenOf, ...] = Field(default=("本人", "母", "きょうだい", "世帯員"), alias="見る続柄", min_length=1)
    columns: dict[str, Column] = Field(alias="列")


class Item(StrictModel):
    """One word of the rule language (項目), defined on a record kind.

    `filters` keeps only records whose column has one of the listed values. For 有無 `positive`/`negative` are the
    predicates as written in sentences. `support` marks help that a family uses: it may cancel, never count. `no_need` marks
    what only describes a family (年齢, 転入): it may choose whom to ask, and is never a reason by itself. `decision` and
    `reason` tell who decided on a `permission` other than 許可, and why. `contact` (連絡) marks what tells that somebody spoke with the
    family or saw it (相談, 見守り訪問): a timeline tells it apart from facts; sentences and the overlay never ask for it.

    For the overlay: `concern` (心配の向き) is the direction in which alone more of it may raise a score (多い: more never
    lowers it; 少ない: more never raises it), None where an expert would not say; `concept` (まとまり) is the heading under
    which a reason speaks of it. Of support (`support`) more never raises a score, without being told.
    """

    label: str = Field(alias="名前")
    aliases: tuple[str, ...] = Field(default=(), alias="別名")
    kind: ItemKind = Field(alias="種類")
    unit: str | None = Field(default=None, alias="単位")
    record: str = Field(alias="記録")
    column: str | None = Field(default=None, alias="列")
    date: str | None = Field(default=None, alias="日付")
    empty_column: str | None = Field(default=None, alias="空の列")
    filters: dict[str, tuple[str, ...]] = Field(default={}, alias="絞り込み")
    values: tuple[str, ...] = Field(default=(), alias="値")
    due: str | None = Field(default=None, alias="期限")
    done: str | None = Field(default=None, alias="実施")
    positive: str | None = Field(default=None, alias="肯定")
    negative: str | None = Field(default=None, alias="否定")
    support: bool = Field(default=False, alias="支援")
    no_need: bool = Field(default=False, alias="困りごとではない")
    contact: bool = Field(default=False, alias="連絡")
    concern: Concern | None = Field(default=None, alias="心配の向き")
    concept: str | None = Field(default=None, alias="まとまり", min_length=1)
    permission: Permission = Field(default="許可", alias="状態")
    decision: str | None = Field(default=None, alias="決定")
    reason: str | None = Field(default=None, alias="理由")

    @model_validator(mode="after")
    def _complete(self) -> Item:
        needs = {
            "有無": ("positive", "negative"),
            "量": ("column", "unit"),
            "数": ("column", "unit"),
            "区分": ("column", "values"),
            "順序区分": ("column", "values"),
            "最新の区分": ("column", "values"),
            "期限のある記録": ("due", "done"),
        }
        missing = [self.__class__.model_fields[n].alias or n for n in needs.get(self.kind, ()) if not getattr(self, n)]
        if missing:
            raise ValueError(f"種類「{self.kind}」の項目には{'・'.join(missing)}が要ります。")
        if self.concern and (self.support or self.no_need):
            mark = "支援" if self.support else "困りごとではない"
            raise ValueError(
                f"「{mark}: true」の項目に「心配の向き」は書けません。使うことやあることで確率が上がってはいけないためです。"
            )
        if self.concern and self.kind in ("年齢", "学年", "区分"):
            raise ValueError(f"種類「{self.kind}」の項目に「心配の向き」は書けません。多い・少ないがないためです。")
        return self


_KEPT = 8
_READ: dict[tuple[str, str], Vocabulary] = {}


class Vocabulary(StrictModel):
    """All of fields.yaml, checked for consistency. Item ids are English, labels Japanese."""

    version: str = Field(alias="版")
    identifiers: dict[str, Identifier] = Field(alias="識別項目")
    refused: dict[str, Refused] = Field(alias="使わない項目")
    records: dict[str, RecordKind] = Field(alias="記録")
    items: dict[str, Item] = Field(alias="項目")
    relations: tuple[str, ...] = Field(alias="続柄")

    def refused_by_name(self, column: str) -> str | None:
        """The id of the refused entry (使わない項目) to which a column name belongs, if any."""
        return next((key for key, entry in self.refused.items() if entry.is_named(column)), None)

    def reading_sha256(self, source: str) -> str:
        """Hash of all that decides how a source's columns are read and kept: its records, identifiers, refusals.

        Words of rules (項目) do not enter: a new one changes no stored fact; nor does what only the overlay asks (見る続柄).
        """
        kinds = dict(self.records_of_source(source))
        entries: Mapping[str, Mapping[str, StrictModel]] = {
            "識別項目": self.identifiers,
            "使わない項目": self.refused,
            "記録": kinds,
        }
        data = {
            name: {
                key: entry.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"seen_of"})
                for key, entry in part.items()
            }
            for name, part in entries.items()
        }
        return hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    @cached_property
    def by_label(self) -> dict[str, str]:
        """Item id by label or alias."""
        return {name: key for key, item in self.items.items() for name in (item.label, *item.aliases)}

    def record_of(self, item_id: str) -> RecordKind:
        """The record kind on which an item is defined."""
        return self.records[self.items[item_id].record]

    def date_column(self, item_id: str) -> str | None:
        """The column that dates an item's events: the item's own, else its record kind's."""
        item = self.items[item_id]
        return item.date or self.records[item.record].date

    def is_permitted(self, item_id: str) -> bool:
        """Whether rules and features may use the item: it and its record must both be 許可."""
        return self.items[item_id].permission == "許可" and self.record_of(item_id).permission == "許可"

    def concept_of(self, item_id: str) -> str:
        """The heading under which reasons speak of an item: its まとまり, else the name of its record."""
        return self.items[item_id].concept or self.record_of(item_id).label

    def records_of_source(self, source: str) -> Iterator[tuple[str, RecordKind]]:
        """Record kinds that a source delivers."""
        return ((key, kind) for key, kind in self.records.items() if kind.source == source)


def load_vocabulary(path: Path, root: Path | None = None) -> Vocabulary:
    """Read fields.yaml. Raises KizukiError with every inconsistency, each at its line.

    The same bytes give the same object: the grammar and every sentence read with it belong to it and are not made twice.
    """
    document = read_yaml(path, root)
    known = _READ.get((document.file, document.sha256))
    if known is not None:
        return known
    vocabulary = validate(document, Vocabulary, kind="VOCAB")
    problems = list(_inconsistencies(document, vocabulary))
    if problems:
        raise KizukiError(problems)
    if len(_READ) >= _KEPT:
        _READ.clear()
    return _READ.setdefault((document.file, document.sha256), vocabulary)


def _inconsistencies(document: YamlDocument, vocabulary: Vocabulary) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for key, item in vocabulary.items.items():
        place = document.place("項目", key)
        record = vocabulary.records.get(item.record)
        if record is None:
            yield Problem(
                place,
                "E-VOCAB-01",
                f"記録「{item.record}」がありません。",
                "どのデータを見る項目か決まりません。",
                "「記録」の節にある名前にしてください。",
            )
            continue
        used = [item.column, item.date, item.empty_column, item.due, item.done, *item.filters]
        for column in used:
            if column is not None and column not in record.columns:
                yield Problem(
                    place,
                    "E-VOCAB-02",
                    f"記録「{item.record}」に列「{column}」がありません。",
                    "この項目を判定できません。",
                    "「記録」の節の列名にしてください。",
                )
        if item.kind == "出来事" and not (item.date or record.date):
            yield Problem(
                place,
                "E-VOCAB-04",
                "出来事の日付の列がありません。",
                "いつの出来事か決まりません。",
                "「日付: 列名」を書き足してください。",
            )
        for name in (item.label, *item.aliases, *filter(None, (item.positive, item.negative))):
            if name in seen and seen[name] != key:
                yield Problem(
                    place,
                    "E-VOCAB-03",
                    f"「{name}」が2つの項目で使われています。",
                    "文の意味が決まりません。",
                    "片方の名前を変えてください。",
                )
            seen[name] = key
    for relation in vocabulary.relations:
        if relation not in RELATIONS:
            yield Problem(
                document.place("続柄"),
                "E-VOCAB-05",
                f"続柄「{relation}」は扱えません。",
                "世帯の組立てで作られない続柄です。",
                f"使えるのは {'・'.join(RELATIONS)} です。",
            )
