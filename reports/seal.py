"""The seal of a sheet: whether what was printed on it is still what was printed, shared by writing and reading back.

HMAC-SHA256 over the identity and the locked values in reading order. Order rather than place, so that an inserted empty row or a moved table breaks
nothing; value rather than writing, so that saving by another program breaks nothing: line ends are one character, Excel's `_x000D_` is what it
stands for, a day is its serial number (a format such as `[$-411]ge` makes programs take days for numbers), and cells that look empty are.
Formulas are no part of it, for every program writes them in its own way.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import b32encode
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Literal

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a day of the calendar has no time zone
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_EXACT = 10**15
_KEY_CHARACTERS = 8
_SEAL_BYTES = 20

Seal = Callable[[str, Sequence[str | int | date]], str]
"""Given an identity's text and the locked values in reading order: the text that stands in the hidden cell."""

SealState = Literal["unchanged", "changed", "other_key", "unsealed"]
"""What a seal says: as printed; printed values were changed; made with another key, so that nobody can tell; there is none."""


class ErrorValue(str):
    """What a cell holds that shows an error (#N/A). Nothing printed is one, so that it always breaks a seal."""

    __slots__ = ()


LockedValue = str | int | float | date | None
"""A locked cell's value as read: text, number, day (or moment), truth, or nothing."""


def plain_text(text: str) -> str:
    """Text as it was meant: `_x000D_` and its like replaced by their character, every line end one newline.

    >>> plain_text("一行目_x000D_\\n二行目")
    '一行目\\n二行目'
    """
    while (unescaped := _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)) != text:
        text = unescaped
    return text.replace("\r\n", "\n").replace("\r", "\n")


def canonical_form(identity: str, values: Iterable[LockedValue]) -> bytes:
    """What is sealed: the identity and each value with its kind, in order, without those that look empty.

    >>> canonical_form("kizuki", ["甲", None, 3, date(2026, 12, 11), " "]).decode()
    '["kizuki",["s","\\\\u7532"],["n","3"],["n","46367"]]'
    """
    said = [form for form in map(_form, values) if form is not None]
    return json.dumps([identity, *said], separators=(",", ":")).encode()


def _form(value: LockedValue) -> tuple[str, str] | None:
    if value is None:
        return None
    if isinstance(value, ErrorValue):
        return "e", str(value)
    if isinstance(value, str):
        text = plain_text(value)
        return ("s", text) if text.strip() else None
    if isinstance(value, bool):
        return "b", str(int(value))
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
        since = moment.replace(tzinfo=None) - _EPOCH
        value = since.days + since.seconds / 86400 if since.seconds else since.days
    if value == int(value) and abs(value) < _EXACT:
        return "n", str(int(value))
    return "n", f"{value:.9g}"


def make_seal(key: bytes, identity: str, values: Iterable[LockedValue]) -> str:
    """The seal in upper-case base32: which key it was made with (8 characters), then 160 bits of the HMAC."""
    code = hmac.new(key, canonical_form(identity, values), hashlib.sha256).digest()[:_SEAL_BYTES]
    return _name_of(key) + b32encode(code).decode()


def sealing_with(key: bytes) -> Seal:
    """The renderer's hook: writes the seal behind the identity."""
    return lambda identity, values: f"{identity}|{make_seal(key, identity, values)}"


def check_seal(key: bytes | None, identity: str, values: Iterable[LockedValue], seal: str) -> SealState:
    """What the seal says of the values that were read; with no key, that of another. `identity` is the text without its seal."""
    if not seal:
        return "unsealed"
    if key is None or not seal.startswith(_name_of(key)):
        return "other_key"
    return "unchanged" if hmac.compare_digest(seal, make_seal(key, identity, values)) else "changed"


def _name_of(key: bytes) -> str:
    """Tells keys apart, and nothing of the key."""
    return b32encode(hashlib.sha256(b"kizuki handout key\n" + key).digest()).decode()[:_KEY_CHARACTERS]
