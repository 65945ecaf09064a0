"""The text of a delivered file, decoded as declared, with everything that is wrong with its bytes.

Streams: only one block of bytes is in memory. A byte fault refuses the file, but reading goes on so that every
fault is found at once.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.intake.wording import ENCODING_NAMES, list_lines, problem
from engine.kernel.errors import Place, Problem

_BLOCK_BYTES = 1 << 20
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class DecodedFile:
    """A file as decoded text, block by block. After the last one `problems`, `sha256` and `ends_with_newline` hold."""

    def __init__(self, path: Path, encoding: str, place: Place) -> None:
        self.path = path
        self.encoding = encoding
        self.place = place
        self.sha256 = ""
        self.bytes = 0
        self.ends_with_newline = True
        self._found: dict[str, list[int]] = {"decode": [], "mixed": [], "nul": [], "eof": []}
        self._marks: list[Problem] = []

    def blocks(self) -> Iterator[str]:
        """Texts of whole physical lines, about 1 MB each; only the last may lack its line end."""
        digest = hashlib.sha256()
        rest = b""
        before = 0
        with self.path.open("rb") as file:
            first = True
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
                self.bytes += len(block)
                if first:
                    first = False
                    block = self._check_mark(block)
                    if not block:
                        break
                whole, newline, tail = (rest + block).rpartition(b"\n")
                rest = tail
                if newline:
                    yield self._decode(whole + newline, before)
                    before += whole.count(b"\n") + 1
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
                self.bytes += len(block)
        if rest:
            self.ends_with_newline = rest.endswith(b"\r")
            yield self._decode(rest, before)
        self.sha256 = digest.hexdigest()

    @property
    def problems(self) -> list[Problem]:
        """Everything wrong with the bytes, one entry per kind."""
        name = ENCODING_NAMES[self.encoding]
        found = list(self._marks)
        hint = ""
        if 1 in self._found["mixed"]:
            hint = "。UTF-8で書かれているようです"
            self._found["decode"] += self._found["mixed"]
            self._found["mixed"] = []
        for kind, code in (
            ("decode", "E-DELIV-21"),
            ("mixed", "E-DELIV-23"),
            ("nul", "E-DELIV-24"),
            ("eof", "E-DELIV-25"),
        ):
            lines = self._found[kind]
            if lines:
                place = Place(self.place.file, min(lines))
                found.append(problem(code, place, encoding=name, lines=list_lines(lines), hint=hint))
        return found

    @property
    def is_another_encoding(self) -> bool:
        """Whether the first bytes show that nothing further can be read (UTF-16)."""
        return any("UTF-16" in mark.what for mark in self._marks)

    def _check_mark(self, block: bytes) -> bytes:
        found = ""
        if block.startswith(_UTF16_MARKS) or _many_nuls(block):
            found = "UTF-16の印があります" if block.startswith(_UTF16_MARKS) else "UTF-16のように見えます"
        elif block.startswith(codecs.BOM_UTF8):
            block = block[len(codecs.BOM_UTF8) :]
            found = "" if self.encoding == "utf-8-sig" else "UTF-8のBOMがあります"
        elif self.encoding == "utf-8-sig":
            found = "BOMがありません"
        if found:
            place = Place(self.place.file, 1)
            self._marks.append(problem("E-DELIV-22", place, encoding=ENCODING_NAMES[self.encoding], found=found))
        return b"" if found.startswith("UTF-16") else block

    def _decode(self, raw: bytes, before: int) -> str:
        codec = "cp932" if self.encoding == "cp932" else "utf-8"
        for kind, mark in (("nul", b"\x00"), ("eof", b"\x1a")):
            if mark in raw:
                self._found[kind] += (before + i for i, part in enumerate(raw.split(b"\n"), 1) if mark in part)
        if codec == "cp932" and _like_utf8(raw):
            self._found["mixed"] += (before + i for i, part in enumerate(raw.split(b"\n"), 1) if _is_utf8(part))
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            mixed = set(self._found["mixed"])
            for i, part in enumerate(raw.split(b"\n"), 1):
                if before + i not in mixed and not _decodes(part, codec):
                    self._found["decode"].append(before + i)
            return raw.decode(codec, errors="replace")


def _many_nuls(block: bytes) -> bool:
    """UTF-16 without a mark: every comma and digit has a zero byte beside it."""
    head = block[:512]
    return head.count(b"\x00") * 20 > len(head)


def has_quotes(path: Path) -> bool:
    """Whether a quotation mark occurs anywhere. No declared encoding uses its byte inside another character."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            if b'"' in block:
                return True
    return False


def _like_utf8(raw: bytes) -> bool:
    """Two UTF-8 kanji or kana in a row; in CP932 such bytes would be rare kanji, so a hit is worth a closer look."""
    values = np.frombuffer(raw, dtype=np.uint8)
    if len(values) < 6:
        return False
    lead = (values >= 0xE3) & (values <= 0xE9)
    tail = (values & 0xC0) == 0x80
    char = lead[:-2] & tail[1:-1] & tail[2:]
    return bool((char[:-3] & char[3:]).any())


def _is_utf8(raw: bytes) -> bool:
    return len(re.findall(rb"[\xe3-\xe9][\x80-\xbf]{2}", raw)) >= 3 and _decodes(raw, "utf-8")


def _decodes(raw: bytes, codec: str) -> bool:
    try:
        raw.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
