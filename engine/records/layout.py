"""Source layouts: how one municipal system's export is read. One YAML file in `sources/` for each; no code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr

from engine.kernel.errors import KizukiError, Problem
from engine.kernel.strict_yaml import StrictModel, YamlDocument, read_yaml, validate
from engine.records.vocabulary import Vocabulary

Encoding = Literal["cp932", "utf-8", "utf-8-sig"]
CellType = Literal["文字", "整数", "日付", "年月", "区分", "番号", "氏名", "カナ", "住所"]
LinkMethod = Literal["宛名番号", "学籍番号", "氏名等", "使用者と場所"]
CoverageKind = Literal["住民全員", "学年", "在籍者", "突合できた世帯"]


class CoverageRule(StrictModel):
    """Whom a source covers (対象者): for them, and only for them, "no row" means "no"."""

    kind: CoverageKind = Field(alias="種類")
    grades: tuple[int, int] | None = Field(default=None, alias="学年")
    school_code_prefixes: tuple[str, ...] = Field(default=(), alias="就学校コードの頭")


class CellRule(StrictModel):
    """One CSV column: its id in the register, its type, and how its texts are read.

    `scratch` columns steer the reading (記録区分, 最新フラグ) and are not stored; `register` names the register entry
    when it differs from `id`. `unreadable` 不明 keeps a row whose optional cell cannot be read, with that cell unknown,
    where losing the row would say something false (a person missing from a household). A column whose register entry is refused is recognised only to be left out.
    """

    id: str
    type: CellType = Field(default="文字", alias="型")
    required: bool = Field(default=False, alias="必須")
    aliases: tuple[str, ...] = Field(default=(), alias="別名")
    codes: dict[str, str] = Field(default={}, alias="符号")
    unknown: tuple[str, ...] = Field(default=(), alias="不明")
    digits: int | None = Field(default=None, alias="桁")
    check_digit: bool = Field(default=False, alias="検査数字")
    range: tuple[int, int] | None = Field(default=None, alias="範囲")
    unreadable: Literal["隔離", "不明"] = Field(default="隔離", alias="読めないとき")
    register_id: str | None = Field(default=None, alias="登録")
    scratch: bool = Field(default=False, alias="作業列")


class FooterRule(StrictModel):
    """Total rows (合計行): rows whose `column` holds one of `words`; their number, where given, must agree."""

    column: str = Field(alias="列")
    words: tuple[str, ...] = Field(alias="語")


class RowCheck(StrictModel):
    """A check between two numeric columns of one row; a row that fails is quarantined with `reason`."""

    minus: tuple[str, str] = Field(alias="差")
    at_least: int = Field(alias="下限")
    reason: str = Field(alias="理由")


class Derivation(StrictModel):
    """A column computed from two others of the same row: 差 or 和. Unknown if either is unknown."""

    minus: tuple[str, str] | None = Field(default=None, alias="差")
    plus: tuple[str, str] | None = Field(default=None, alias="和")


class LatestRule(StrictModel):
    """Keep only the last row per person, by this column."""

    column: str = Field(alias="列")


class RecordRule(StrictModel):
    """How rows of this source become records of one kind.

    `link` names the linkage method; `where` selects rows; `exclude` drops rows; `needs_date`/`needs_value` select
    rows in which that column is filled; `key` is the natural key by which a later delivery replaces a row.
    """

    link: LinkMethod = Field(alias="結合")
    where: dict[str, str] = Field(default={}, alias="条件")
    exclude: dict[str, tuple[str, ...]] = Field(default={}, alias="除く")
    latest: LatestRule | None = Field(default=None, alias="最新")
    needs_date: str | None = Field(default=None, alias="日付が必要")
    needs_value: str | None = Field(default=None, alias="値が必要")
    key: tuple[str, ...] = Field(default=(), alias="鍵")


class Layout(StrictModel):
    """The layout of one source. `delivery` 全件: each file replaces the last; 追加: files add up, last key wins.

    A 全件 file without a single row is refused unless it `may_be_empty`. `no_period_months` are the months (1 to 12) of
    a periodic source in which nothing is due; every other month between the first and the newest is.
    """

    number: str = Field(alias="番号")
    source: str = Field(alias="源")
    label: str = Field(alias="名前")
    system: str = Field(alias="システム")
    file_pattern: str = Field(alias="ファイル名")
    encoding: Encoding = Field(alias="文字コード")
    delivery: Literal["全件", "追加"] = Field(alias="届き方")
    interval_days: int = Field(alias="間隔日")
    grace_days: int = Field(alias="猶予日")
    mandatory: bool = Field(default=False, alias="必須")
    coverage: CoverageRule = Field(alias="対象者")
    history_from: str = Field(alias="記録の始まり")
    footer: FooterRule | None = Field(default=None, alias="合計行")
    quarantine_limit: float = Field(default=0.05, alias="隔離の上限", ge=0, le=1)
    may_be_empty: bool = Field(default=False, alias="空でもよい")
    no_period_months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = Field(default=(), alias="休みの月")
    cells: dict[str, CellRule] = Field(alias="列")
    checks: tuple[RowCheck, ...] = Field(default=(), alias="検査")
    derivations: dict[str, Derivation] = Field(default={}, alias="導出")
    records: dict[str, RecordRule] = Field(alias="記録")
    _sha256: str = PrivateAttr(default="")

    @property
    def sha256(self) -> str:
        """SHA-256 of the layout file; "" for a layout that was not read from one."""
        return self._sha256

    @property
    def freshness_days(self) -> int:
        """A source whose newest delivery is older than this many days has not arrived: its silence is unknown."""
        return self.interval_days + self.grace_days


def _refused_by_another_name(document: YamlDocument, layout: Layout, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Columns that are read as something permitted although their name, or an alias, is that of a refused column."""
    for name, cell in layout.cells.items():
        if (cell.register_id or cell.id) in vocabulary.refused:
            continue
        for text in (name, *cell.aliases):
            refused = vocabulary.refused_by_name(text)
            if refused is not None:
                entry = vocabulary.refused[refused]
                yield Problem(
                    document.place("列", name),
                    "E-LAYOUT-03",
                    f"列「{text}」は、使わないと決めた項目「{entry.label}」の列です({entry.permission}、{entry.decision})。",
                    "別の項目として読み込むと、使わないと決めたデータが判定に入ります。",
                    f"id を {refused} にするか(届いても読み込みません)、この列名を取り込み定義から外してください。",
                )


def load_layouts(folder: Path, vocabulary: Vocabulary, root: Path | None = None) -> dict[str, Layout]:
    """Every layout in a folder by source id, in delivery order, checked against the register; all faults at once."""
    layouts: dict[str, Layout] = {}
    problems: list[Problem] = []
    registered = {*vocabulary.identifiers, *vocabulary.refused}
    for path in sorted(folder.glob("*.yaml")):
        try:
            document = read_yaml(path, root)
            layout = validate(document, Layout, kind="LAYOUT")
            layout._sha256 = document.sha256
        except KizukiError as error:
            problems.extend(error.problems)
            continue
        known = registered | {
            c for r in layout.records if r in vocabulary.records for c in vocabulary.records[r].columns
        }
        for name, cell in layout.cells.items():
            if not cell.scratch and (cell.register_id or cell.id) not in known:
                problems.append(
                    Problem(
                        document.place("列", name),
                        "E-LAYOUT-01",
                        f"列「{name}」の「{cell.id}」は項目台帳にありません。",
                        "台帳にない列は読み込めません。",
                        "fields.yamlに登録するか、この列を消してください。",
                    )
                )
        problems += _refused_by_another_name(document, layout, vocabulary)
        for record in layout.records:
            if record not in vocabulary.records or vocabulary.records[record].source != layout.source:
                problems.append(
                    Problem(
                        document.place("記録", record),
                        "E-LAYOUT-02",
                        f"記録「{record}」はこの源の記録として台帳にありません。",
                        "取り込み先が決まりません。",
                        "fields.yamlの「記録」を確かめてください。",
                    )
                )
        layouts[layout.source] = layout
    if problems:
        raise KizukiError(problems)
    return layouts
