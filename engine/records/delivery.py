"""Deliveries and the tables read from them, before they are linked to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa


@dataclass(frozen=True)
class Delivery:
    """One file as it arrived. `as_of` is the day whose state it shows; counts are of data rows.

    Invariant, asserted by the reader: received = used + quarantined (+ the footer rows, which are no data).
    """

    source: str
    label: str
    file: str
    sha256: str
    bytes: int
    encoding: str
    as_of: date
    received: int
    used: int
    quarantined: int
    footer_rows: int = 0
    left_out_columns: tuple[str, ...] = ()
    warnings: Mapping[str, int] | None = None


@dataclass(frozen=True)
class ControlTotals:
    """Figures of a delivery that its source system can confirm: how many subjects it speaks of, and sums by column name.

    None where so few people stand behind a figure that it would speak of one of them.
    """

    subjects: int | None
    sums: Mapping[str, int | None]


@dataclass(frozen=True)
class QuarantinedRow:
    """A row that could not be used: where it stands, and for each bad column the reason and what to do.

    `cells` are the original permitted cells in layout order, kept so that the row can be corrected and re-loaded.
    """

    line: int
    column: str
    code: str
    reason: str
    remedy: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class CleanTable:
    """The usable rows of one delivery.

    `table`: one row per data row; column `line` (physical first line, from 1); for each permitted layout column `<id>`
    typed (日付/年月 date32, 整数 int64, else string; null = blank or unknown) and `<id>__original` (the text as delivered).
    The last column, `unknown_cells`, tells unknown from blank: comma-joined, sorted ids of the row's layout columns in
    which something is written that does not say the value (a date that is partly 不詳, a listed 不明, an unreadable cell
    where the layout keeps the row); null if there is none. A null cell that is not named there is blank.
    Contains identifiers: it never reaches the store; linkage splits it into keyring and facts.
    """

    delivery: Delivery
    table: pa.Table
    quarantined: tuple[QuarantinedRow, ...]
