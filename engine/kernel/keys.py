"""Pseudonymous keys: keyed HMACs of municipal numbers, one label for each purpose.

A key is personal data still (the city holds the secret); never call it anonymous. Without the secret an 8-digit
宛名番号 cannot be found by trying all of them, which a plain hash would allow.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable

_KEY_BYTES = 10  # 80 bits in 16 base32 letters: among 1,000,000 people a collision has probability below 10^-12


def make_keys(secret: bytes, label: str, numbers: Iterable[str]) -> list[str]:
    """Keys for municipal numbers, in order: one letter of the label, then 16 base32 letters.

    The label (person, household) enters the MAC, so that equal numbers of different kinds never share a key.

    >>> make_keys(b"s", "person", ["0000000001"])
    ['PMNZUCDKD2IWYF5UD']
    """
    prefix = label[0].upper()
    base = hmac.new(secret, f"v1|{label}|".encode(), hashlib.sha256)
    keys = []
    for number in numbers:
        mac = base.copy()
        mac.update(number.encode())
        keys.append(prefix + base64.b32encode(mac.digest()[:_KEY_BYTES]).decode())
    return keys
