"""Where a person's number stands in the delivered files themselves: rows that became no record are held as well.

A row may be in quarantine, may have been left out by its layout, or may be somebody else's and name the person as mother,
guardian or recipient. Files are searched for the number as bytes, so that a city takes a second.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.intake.header import fold_name, names_of
from engine.linkage.normalise import fold_kana
from engine.records.layout import Layout
from engine.records.vocabulary import Vocabulary
from engine.store.catalogue import Entry

_ADDRESS_NUMBERS = ("address_number", "mother_number", "guardian_number", "recipient_number")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_OWN = ("address_number", "student_number")


@dataclass(frozen=True)
class DeliveredLine:
    """A line of a delivered file that holds the person's number. `columns` are the register's labels of the cells that hold it;
    `is_own`: the row itself is the person's, not one of somebody else that names them.
    """

    entry: Entry
    line: int
    columns: tuple[str, ...]
    is_own: bool


@dataclass(frozen=True)
class SearchedFiles:
    """What the search found, and the delivered files that are no longer there to be searched."""

    lines: tuple[DeliveredLine, ...]
    missing: tuple[str, ...]


def search_files(
    folder: Path,
    entries: Collection[Entry],
    layouts: Mapping[str, Layout],
    vocabulary: Vocabulary,
    address_number: str | None,
    student_numbers: Collection[str],
) -> SearchedFiles:
    """Every line of the delivered files with the person's numbers, in columns that hold such numbers."""
    found: list[DeliveredLine] = []
    missing: list[str] = []
    for entry in entries:
        layout = layouts.get(entry.source)
        path = folder / entry.file
        if layout is None or not path.is_file():
            missing.append(entry.file)
            continue
        ids = {rule.id for rule in layout.cells.values()}
        wanted = {address_number.lstrip("0")} if address_number and ids & set(_ADDRESS_NUMBERS) else set()
        wanted |= {number.lstrip("0") for number in student_numbers if "student_number" in ids}
        if wanted - {""}:
            found += _lines(path, entry, layout, vocabulary, wanted - {""})
    return SearchedFiles(tuple(found), tuple(missing))


def _lines(path: Path, entry: Entry, layout: Layout, vocabulary: Vocabulary, wanted: set[str]) -> Iterator[DeliveredLine]:
    content = path.read_bytes()
    forms = [form.encode(_codec(entry)) for number in wanted for form in (number, number.translate(_FULL_WIDTH))]
    places = sorted({match.start() for form in forms for match in re.finditer(re.escape(form), content)})
    if not places:
        return
    header = _columns(_cells(content[: content.index(b"\n")], entry), layout)
    line, counted, seen = 1, 0, 0
    for place in places:
        line += content.count(b"\n", counted, place)
        counted = place
        if line in (1, seen):
            continue
        seen = line
        end = content.find(b"\n", place)
        cells = _cells(content[content.rfind(b"\n", 0, place) + 1 : end if end >= 0 else len(content)], entry)
        ids = [header[i] for i, cell in enumerate(cells) if i < len(header) and _number(cell) in wanted]
        numbers = [name for name in dict.fromkeys(ids) if name in (*_ADDRESS_NUMBERS, "student_number")]
        if numbers:
            labels = tuple(vocabulary.identifiers[name].label for name in numbers)
            yield DeliveredLine(entry, line, labels, any(name in _OWN for name in numbers))


def is_in_name_of(folder: Path, entry: Entry, line: int, layout: Layout, kana: str | None) -> bool:
    """Whether the line of a delivered file is in this name (使用者名カナ), so far as it can be read; False where it cannot."""
    path = folder / entry.file
    if not kana or not path.is_file():
        return False
    with path.open("rb") as file:
        rows = [raw for number, raw in enumerate(file, start=1) if number in (1, line)]
    if len(rows) != 2:
        return False
    header, cells = _columns(_cells(rows[0], entry), layout), _cells(rows[1], entry)
    if "name_kana" not in header or header.index("name_kana") >= len(cells):
        return False
    written = fold_kana(cells[header.index("name_kana")])
    return bool(written) and written == fold_kana(kana)


def _cells(raw: bytes, entry: Entry) -> list[str]:
    text = raw.decode(_codec(entry), errors="replace").lstrip("\ufeff").rstrip("\r")
    return next(csv.reader([text]), [])


def _codec(entry: Entry) -> str:
    return entry.encoding.removesuffix("-sig")


def _columns(header: list[str], layout: Layout) -> list[str]:
    known = names_of(layout)
    return [layout.cells[known[name]].id if (name := fold_name(text)) in known else "" for text in header]


def _number(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).strip().removeprefix("'")
    return folded.lstrip("0") if folded.isdecimal() else ""
