"""The case register as a workbook, from its template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.case import Identity
from engine.records.conference import AGENCIES
from reports.register.rows import Register
from reports.register.view import Grouping, view_register
from reports.renderer.render import render_workbook
from reports.seal import Seal
from reports.wording import without_percentages

REGISTER_TEMPLATE = Path(__file__).parents[1] / "templates" / "register.xlsx"


def register_bytes(
    register: Register,
    identities: Mapping[str, Identity],
    newest_run: str,
    *,
    grouping: Grouping = "見直し",
    template: Path | None = None,
    seal: Seal | None = None,
    agencies: tuple[str, ...] = AGENCIES,
) -> bytes:
    """The workbook, in memory. `agencies`: which may be chosen as 主担当機関. Raises KizukiError (E-REPORT-…) with every fault of the template."""
    stream = BytesIO()
    render_workbook(
        template or REGISTER_TEMPLATE,
        {"book": view_register(register, identities, newest_run, grouping=grouping, agencies=agencies)},
        stream,
        wording=without_percentages,
        prepare=_stamp(register),
        seal=seal,
    )
    return stream.getvalue()


def write_register(content: bytes, path: Path) -> Path:
    """Write it as a whole or not at all, readable by its owner only. Raises KizukiError (E-OUTCOME-11) where it cannot be written."""
    try:
        return write_whole(path, content, private=True)
    except OSError as error:
        raise KizukiError(
            Problem(
                Place(path.name),
                "E-OUTCOME-11",
                "進行管理台帳を書き込めません。",
                "台帳は作られていません。",
                "保存先のフォルダがあるか、同じ名前の台帳をExcelで開いたままでないかを確かめてください。",
            )
        ) from error


def _stamp(register: Register) -> Callable[[Any], None]:
    """The workbook's properties: the day that it shows and never the clock, so that equal registers are equal."""

    def prepare(workbook: Any) -> None:
        properties = workbook.properties
        properties.creator = properties.lastModifiedBy = "kizuki"
        properties.title = "進行管理台帳"
        properties.created = properties.modified = datetime.combine(register.on, time())

    return prepare
