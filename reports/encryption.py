"""A workbook under a password: AES-256, in memory from end to end, and opened again before anybody relies on it.

The packages that do it call their writing of such files experimental; so each file is decrypted after it was written and compared byte for byte.
A lost password is a lost file: nothing here keeps one.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from msoffcrypto.format.ooxml import OOXMLFile

from engine.kernel.errors import KizukiError, Place, Problem

SHORTEST_PASSWORD = 8
_LONGEST_PASSWORD = 255  # what Excel takes


def require_password(password: str) -> str:
    """The password, if a workbook can be kept under it. Raises KizukiError E-REPORT-14; the message does not hold it."""
    if SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD and password.isprintable():
        return password
    raise KizukiError(
        Problem(
            Place("パスワード"), "E-REPORT-14", f"パスワードは、{SHORTEST_PASSWORD}文字以上{_LONGEST_PASSWORD}文字以下で決めてください。",
            "短いパスワードは、推し量られるおそれがあります。", "制御文字を含まない、長めの言葉にしてください。",
        )
    )  # fmt: skip


def encrypted(content: bytes, password: str) -> bytes:
    """The workbook under a password."""
    out = BytesIO()
    OOXMLFile(BytesIO(content)).encrypt(require_password(password), out)
    return out.getvalue()


def require_same(path: Path, content: bytes, password: str) -> None:
    """Open a file that was just written and compare. Raises KizukiError E-REPORT-13 where it does not give back the same bytes."""
    out = BytesIO()
    try:
        with path.open("rb") as stream:
            file = OOXMLFile(stream)
            file.load_key(password=password, verify_password=True)
            file.decrypt(out, verify_integrity=True)
    except Exception:  # whatever it is that the package trips over: the file is not what was written
        out.truncate(0)
    if out.getvalue() != content:
        raise KizukiError(
            Problem(
                Place(path.name), "E-REPORT-13", "パスワードをかけた資料を、確かめのために開いたところ、元の内容に戻りませんでした。",
                "このままでは、誰にも開けない資料になるおそれがあるため、資料は作っていません。",
                "空き容量を確かめてもう一度実行し、続くようなら管理者に知らせてください。",
            )
        )  # fmt: skip
