"""How a linked delivery enters the store: Parquet parts first, then the one catalogue line that makes them exist."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.delivery import ControlTotals
from engine.records.linked import LinkedDelivery
from engine.store.catalogue import Entry, Part, append_entry, read_catalogue


def is_known(store: Path, file: str, sha256: str) -> bool:
    """Whether this very file has been taken in already, so that it need not be read again.

    Equal content under another name is another delivery: an unchanged list of protected people is news every week.
    Raises KizukiError E-STORE-03 if a file of the same name but other content has: what was delivered never changes.
    """
    for entry in read_catalogue(store):
        if entry.file == file and entry.sha256 == sha256:
            return True
        if entry.file == file:
            what = "同じ名前で内容の違うファイルが、すでに取り込まれています。"
            why = "受け取ったデータは後から変えない決まりです。"
            remedy = "訂正の場合は、ファイル名の末尾を「_訂正」にして置いてください。"
            raise KizukiError(Problem(Place(file), "E-STORE-03", what, why, remedy))
    return False


def add_delivery(
    store: Path,
    linked: LinkedDelivery,
    *,
    layout_sha256: str = "",
    vocabulary_sha256: str = "",
    totals: ControlTotals | None = None,
) -> bool:
    """Write a delivery's records; False if this very file was taken in before (then nothing is written).

    The hashes tell with which layout and register the file was read; "" where that is not known.
    An interruption at any point leaves the catalogue, and with it every snapshot, as it was.
    """
    delivery = linked.delivery
    if is_known(store, delivery.file, delivery.sha256):
        return False
    contents = {f"facts/{record}": table for record, table in linked.records.items()}
    if linked.persons is not None:
        contents["persons"] = linked.persons
    if linked.kin is not None:
        contents["kin"] = linked.kin
    if linked.held.num_rows:
        contents[f"held/{delivery.source}"] = linked.held
    stem = f"{delivery.as_of.isoformat()}-{delivery.sha256[:8]}"
    parts = tuple(
        _write_part(store, content, f"{content}/{stem}.parquet", table) for content, table in contents.items()
    )
    append_entry(
        store,
        Entry(
            source=delivery.source,
            label=delivery.label,
            file=delivery.file,
            sha256=delivery.sha256,
            as_of=delivery.as_of,
            is_correction=linked.is_correction,
            bytes=delivery.bytes,
            encoding=delivery.encoding,
            received=delivery.received,
            used=delivery.used,
            quarantined=delivery.quarantined,
            footer_rows=delivery.footer_rows,
            left_out_columns=delivery.left_out_columns,
            statuses=dict(linked.statuses),
            parts=parts,
            layout_sha256=layout_sha256,
            vocabulary_sha256=vocabulary_sha256,
            urgent_unlinked=linked.urgent_unlinked,
            unattributed=linked.unattributed,
            subjects=totals.subjects if totals else None,
            totals=dict(totals.sums) if totals else None,
        ),
    )
    return True


def _write_part(store: Path, content: str, path: str, table: pa.Table) -> Part:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    data = sink.getvalue().to_pybytes()
    write_whole(store / path, data)
    return Part(content, path, hashlib.sha256(data).hexdigest(), table.num_rows)
