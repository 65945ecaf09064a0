"""The delivery slip (送付票, manifest.csv): what the sender says was sent, with row counts and hashes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.intake.cells import fold
from engine.intake.wording import problem
from engine.kernel.errors import Place, Problem

SLIP_NAME = "manifest.csv"
_HEADER = ("ファイル名", "行数", "SHA-256")
_BOM = b"\xef\xbb\xbf"
_HASH = re.compile(r"[0-9a-f]{64}$")


@dataclass(frozen=True)
class SlipEntry:
    """One file as the sender described it: data rows (no header, no total rows) and SHA-256 in lower case."""

    rows: int
    sha256: str
    line: int


def read_slip(path: Path, file: str) -> tuple[dict[str, SlipEntry], list[Problem]]:
    """The entries by file name, or why the slip cannot be read. File names are names only, never paths."""
    entries: dict[str, SlipEntry] = {}
    try:
        raw = path.read_bytes()
        if not raw.startswith(_BOM):
            return {}, [problem("E-DELIV-07", Place(file, 1), reason="BOM付きのUTF-8ではありません")]
        rows = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
        header = [fold(cell).replace(" ", "") for cell in next(rows, [])]
        if any(header.count(fold(name)) != 1 for name in _HEADER):
            return {}, [problem("E-DELIV-07", Place(file, 1), reason="見出しが違います")]
        name_at, rows_at, hash_at = (header.index(fold(name)) for name in _HEADER)
        for row in rows:
            if not any(map(str.strip, row)):
                continue
            place = Place(file, rows.line_num)
            if len(row) != len(header):
                return {}, [problem("E-DELIV-07", place, reason="列の数が違います")]
            name, count, digest = row[name_at].strip(), fold(row[rows_at]).replace(",", ""), fold(row[hash_at]).lower()
            if name != Path(name).name or "\\" in name or name in entries:
                return {}, [problem("E-DELIV-07", place, reason="ファイル名が重なっているか、フォルダを含んでいます")]
            if not count.isascii() or not count.isdigit() or not _HASH.match(digest):
                return {}, [problem("E-DELIV-07", place, reason="行数かSHA-256の形が違います")]
            entries[name] = SlipEntry(int(count), digest, rows.line_num)
    except (UnicodeDecodeError, csv.Error):
        return {}, [problem("E-DELIV-07", Place(file), reason="文字コードか引用符が壊れています")]
    except OSError:
        return {}, [problem("E-DELIV-14", Place(file))]
    return entries, []


def compare_with_slip(
    entries: Mapping[str, SlipEntry], hashes: Mapping[str, str], exempt: frozenset[str], slip_file: str, folder: str
) -> Iterator[Problem]:
    """Files that are listed but missing or different, and files that are there but not listed.

    `exempt` are correction files, which people made after the slip was written. Row counts are compared by the reader.
    """
    for name, entry in entries.items():
        if name not in hashes:
            yield problem("E-DELIV-03", Place(slip_file, entry.line), name=name)
        elif hashes[name] != entry.sha256 and name not in exempt:
            yield problem("E-DELIV-04", Place(f"{folder}/{name}"))
    for name in hashes:
        if name not in entries and name not in exempt:
            yield problem("E-DELIV-06", Place(f"{folder}/{name}"))
