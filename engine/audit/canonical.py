"""Records as bytes: equal content is equal bytes, and a manifest seals itself."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

HEAD_LENGTH = 26


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys and no floats: equal content is equal bytes."""
    _refuse_floats(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("a float must not enter a record")
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ():
        _refuse_floats(child)


def sealed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest with the hash of everything else that it says."""
    said = {name: value for name, value in manifest.items() if name != "seal"}
    return {**said, "seal": hashlib.sha256(canonical_json(said)).hexdigest()}


def head_of(manifest: Mapping[str, Any]) -> str:
    """The head of a record as papers print it: the first 130 bits of its seal in 26 characters. Empty for a record without a seal.

    >>> head_of({"seal": "00" * 32})
    'AAAAAAAAAAAAAAAAAAAAAAAAAA'
    """
    seal = manifest.get("seal")
    return base64.b32encode(bytes.fromhex(seal)).decode("ascii")[:HEAD_LENGTH] if seal else ""


def is_intact(manifest: Mapping[str, Any], raw: bytes) -> bool:
    """Whether a manifest is byte for byte what was written; those written before 2026-11-27 have no seal to tell it."""
    return "seal" not in manifest or (sealed(manifest) == manifest and canonical_json(manifest) == raw)


def parquet_bytes(table: pa.Table) -> bytes:
    """A table as the record keeps it: the same content is the same bytes, however it came to be cut into chunks."""
    sink = pa.BufferOutputStream()
    plain = table.combine_chunks().replace_schema_metadata(None)
    pq.write_table(plain, sink, compression="zstd", write_statistics=False)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def read_table(content: bytes, columns: Sequence[str] | None = None) -> pa.Table:
    """A table, or some of its columns, from the bytes of `parquet_bytes`."""
    # Not `pq.read_table`: it imports pyarrow.dataset, which takes longer than a trace may take to read a city's decisions.
    return pq.ParquetFile(pa.BufferReader(content)).read(columns=None if columns is None else list(columns))


def table_digest(table: pa.Table) -> str:
    """A hash of a table's content that does not depend on the Parquet writer."""
    digest = hashlib.sha256()
    for name in table.column_names:
        digest.update(name.encode())
        digest.update(json.dumps(table.column(name).to_pylist(), ensure_ascii=False, separators=(",", ":")).encode())
    return digest.hexdigest()
