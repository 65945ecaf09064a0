"""Cities whose every row says whose it is, and the papers asked of them: what the specifications of 開示 stand on.

In all of them the free texts of every row name its owner (所属0123456789), so that a text on a paper says whose row it came from.
"""

from __future__ import annotations

import csv
import functools
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from engine.linkage.keyring import open_keyring
from engine.records.layout import Layout, load_layouts
from engine.records.vocabulary import load_vocabulary
from kizuki.disclosure.command import Disclosed, disclose
from kizuki.disclosure.requester import Requester
from kizuki.settings import Workspace

ROOT = Path(__file__).parents[2]
VOCABULARY = load_vocabulary(ROOT / "rulebooks" / "fields.yaml")
LAYOUTS = load_layouts(ROOT / "sources", VOCABULARY)
PLANTED = {"施設名", "学校名", "組", "団体", "主担当"}
TOKEN = re.compile(r"所属(\d+)")
PROTECTED_FROM, PROTECTED_TO = "19990909", "20010101"
AT = datetime.fromisoformat("2026-11-27T10:00:00+09:00")


@dataclass(frozen=True)
class Told:
    """One person's papers as text, with what the command returned."""

    made: Disclosed
    handover: str
    internal: str


@dataclass(eq=False)
class World:
    """A city after two weeks. `owner` gives for each planted text the number (or kana) of the person whose row holds it."""

    workspace: Workspace
    owners: dict[str, str]

    @functools.cached_property
    def register(self) -> dict[str, dict[str, Any]]:
        return {row["address_number"]: row for row in open_keyring(self.workspace.keyring).register.to_pylist()}

    @functools.lru_cache(maxsize=200)  # noqa: B019 - worlds live as long as the module
    def ask(self, number: str, requester: Requester = Requester.SELF) -> Told:
        target = self.workspace.root / "papers" / f"{number}-{requester.name}"
        made = disclose(self.workspace.root, number, requester, at=AT, officer="係長", out=target)
        assert made.handover is not None
        return Told(made, text_of(made.handover), text_of(made.internal))


def text_of(path: Path) -> str:
    """Every cell of a workbook, one a line; headers and footers are the same for everybody but for the city."""
    book = load_workbook(path)
    return "\n".join(str(c.value) for s in book for row in s.iter_rows() for c in row if c.value not in (None, ""))


def layout_of(path: Path) -> Layout:
    return next(layout for layout in LAYOUTS.values() if path.match(layout.file_pattern))


def rows_of(path: Path) -> tuple[list[str], list[list[str]]]:
    text = path.read_bytes().decode(layout_of(path).encoding)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    return rows[0], rows[1:]


def numbered_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Data rows with the physical line on which each begins: free text may run over several."""
    reader = csv.reader(io.StringIO(path.read_bytes().decode(layout_of(path).encoding), newline=""))
    next(reader)
    begins = reader.line_num + 1
    for row in reader:
        yield begins, row
        begins = reader.line_num + 1


def write_rows(path: Path, header: list[str], rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([header, *rows])
    path.write_bytes(text.getvalue().encode(layout_of(path).encoding, errors="replace"))


def column_of(header: list[str], layout: Layout, *ids: str) -> int | None:
    names = {n for name, rule in layout.cells.items() if rule.id in ids for n in (name, *rule.aliases)}
    return next((i for i, text in enumerate(header) if text in names), None)


def plain(text: str, digits: int = 10) -> str:
    folded = unicodedata.normalize("NFKC", text).strip()
    return folded.zfill(digits) if folded.isdecimal() else folded


def delivered(folder: Path) -> Iterator[Path]:
    yield from sorted(p for p in (folder / "deliveries").rglob("*.csv") if p.name != "manifest.csv")


def plant(folder: Path) -> dict[str, str]:
    """Make the free texts of every row name the row's owner."""
    owners: dict[str, str] = {}
    for slip in (folder / "deliveries").rglob("manifest.csv"):
        slip.unlink()
    for path in delivered(folder):
        header, rows = rows_of(path)
        planted = [i for i, name in enumerate(header) if name in PLANTED]
        own = column_of(header, layout_of(path), "address_number", "student_number", "name_kana")
        if not planted or own is None:
            continue
        for row in rows:
            owner = plain(row[own], 8 if "学籍番号" in header else 10)
            token = str(1_000_000 + len(owners)) if owner not in owners.values() else next(k for k, v in owners.items() if v == owner)
            owners[token] = owner
            for i in planted:
                row[i] = f"所属{token}"
        write_rows(path, header, rows)
    return owners


def families(folder: Path) -> list[tuple[str, list[str]]]:
    """Heads of households with children, who are told by both weeks, and the numbers of their children."""
    header, rows = rows_of(next(p for p in delivered(folder) if p.name.startswith("01_")))
    number, home, code = (header.index(name) for name in ("宛名番号", "世帯番号", "続柄コード1"))
    status, latest = header.index("住民状態"), header.index("最新フラグ")
    by_home: dict[str, list[list[str]]] = {}
    for row in rows:
        if row[status] == "1" and row[latest] == "1":
            by_home.setdefault(row[home], []).append(row)
    found = []
    for members in by_home.values():
        heads = [plain(row[number]) for row in members if row[code] == "02"]
        children = [plain(row[number]) for row in members if row[code] == "20"]
        if len(heads) == 1 and len(children) >= 2:
            found.append((heads[0], children))
    return found


def protect(folder: Path, numbers: list[str]) -> None:
    for path in delivered(folder):
        if path.name.startswith("02_"):
            header, _ = rows_of(path)
            kinds = LAYOUTS["address_protection"].cells["支援措置区分"].codes
            write_rows(path, header, [[n, next(iter(kinds)), PROTECTED_FROM, PROTECTED_TO] for n in numbers])


def own_texts(world: World, number: str) -> set[str]:
    """Planted texts of rows that are the person's own: by number, by school number, by name."""
    person = world.register[number]
    bridge = open_keyring(world.workspace.keyring).table("bridge").to_pylist()
    names = {number, *(row["student_number"] for row in bridge if row["address_number"] == number)}
    kana = unicodedata.normalize("NFKC", person["kana"] or "").replace(" ", "")
    return {token for token, owner in world.owners.items() if owner in names or owner.replace(" ", "") == kana}
