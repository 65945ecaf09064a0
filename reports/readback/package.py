"""Which files are let in: Excel workbooks of sensible size, without programs and links; opened with their password in memory.

A file that comes back has been on other people's machines. Nothing of it is unpacked to disk, run, or followed.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import msoffcrypto
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError

from engine.kernel.errors import KizukiError, Place, Problem

MOST_BYTES = 50_000_000
"""A handout of a hundred households has a tenth of it when unpacked."""
_MOST_PARTS = 4_000
_PIECE = 1 << 16
_NOT_READ = ("xl/media/", "xl/drawings/", "xl/charts/", "xl/printerSettings/", "docProps/")
_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_REFUSED_PARTS = (
    ("xl/vbaProject", "マクロ"),
    ("xl/macrosheets/", "マクロ"),
    ("xl/externalLinks/", "ほかのブックへのリンク"),
    ("xl/embeddings/", "埋め込まれたファイル"),
    ("xl/activeX/", "ボタンなどの部品"),
    ("xl/ctrlProps/", "ボタンなどの部品"),
    ("xl/connections", "外のデータへの接続"),
    ("xl/queryTables/", "外のデータへの接続"),
)
_NOT_TAKEN = "何が書かれているかを確かめられないため、読み取りません。"


@dataclass(frozen=True)
class FilledFile:
    """One file that was let in. `content`: the parts of it that are read, as a zip, decrypted. `sha256`: of the file as it lies on the disk."""

    name: str
    sha256: str
    content: bytes = field(repr=False)


def open_filled(path: Path, password: str | None = None) -> FilledFile:
    """Read a file into memory and check it before anything of it is parsed.

    Raises KizukiError E-READ-01 to 06.
    """
    if path.stat().st_size > MOST_BYTES:
        raise _too_large(path.name)
    raw = path.read_bytes()
    content = raw
    if raw.startswith(_OLD_OFFICE):
        content = _decrypted(path.name, raw, password)
    if not content.startswith(_ZIP):
        raise _refused(path.name, "E-READ-01", "Excelブック(.xlsx)ではありません。", _SAVE_AS)
    return FilledFile(path.name, hashlib.sha256(raw).hexdigest(), _repacked(path.name, content))


def needs_password(path: Path) -> bool:
    """Whether a file looks like one that was saved with a password (or like an old .xls, which `open_filled` refuses)."""
    with path.open("rb") as stream:
        return stream.read(len(_OLD_OFFICE)) == _OLD_OFFICE


_SAVE_AS = "会議資料のブックを、Excelブック(.xlsx)の形で保存し直してください。"


def _decrypted(name: str, raw: bytes, password: str | None) -> bytes:
    """The workbook inside an encrypted file. Old .xls files begin with the same bytes and are refused."""
    try:
        file = msoffcrypto.OfficeFile(BytesIO(raw))
        if file.format != "ooxml" or not file.is_encrypted():
            raise FileFormatError("an old workbook")
    except Exception:  # whatever the package says of a file that is no workbook
        raise _refused(
            name, "E-READ-02", "古い形式(.xls)のブックか、Excelブックではないファイルです。", _SAVE_AS
        ) from None
    if not password:
        raise _refused(
            name, "E-READ-03", "パスワードのかかったブックです。", "会議資料につけたパスワードを示してください。"
        )
    out = BytesIO()
    try:
        file.load_key(password=password, verify_password=True)
        file.decrypt(out, verify_integrity=True)
    except (InvalidKeyError, DecryptionError):
        raise _refused(
            name, "E-READ-03", "パスワードが違うか、ファイルが壊れています。", "パスワードを確かめてください。"
        ) from None
    except Exception:  # a damaged file; its text could hold anything
        raise _damaged(name) from None
    return out.getvalue()


def _repacked(name: str, content: bytes) -> bytes:
    """The parts that are read, counted while they are unpacked, in a zip of honest sizes.

    What a zip declares of a part can be a lie that only shows when all of it has been unpacked at once; nothing is, here or later.
    """
    out = BytesIO()
    try:
        with ZipFile(BytesIO(content)) as archive, ZipFile(out, "w", ZIP_STORED) as repacked:
            parts = archive.infolist()
            names = [part.filename for part in parts]
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
                raise _too_large(name)
            if "xl/workbook.xml" not in names:
                what = "Excelブック(.xlsx)ではありません(ほかの表計算ソフトの形式か、別の種類のファイルです)。"
                raise _refused(name, "E-READ-02", what, _SAVE_AS)
            _refuse_programs(name, names)
            if len(set(names)) < len(names):
                raise _damaged(name)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")) and not part.filename.startswith(_NOT_READ):
                    repacked.writestr(part.filename, _unpacked(archive, part))
    except _Swelling:
        raise _damaged(name) from None
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error):
        raise _damaged(name) from None
    return out.getvalue()


class _Swelling(Exception):
    """A part that could become larger than it looks."""


def _unpacked(archive: ZipFile, part: ZipInfo) -> bytes:
    """One part, piece by piece: read whole, the library would unpack whatever is packed before it looks at the declared size."""
    pieces: list[bytes] = []
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            pieces.append(piece)
    content = b"".join(pieces)
    # Entities can blow up a small part; another encoding could hide them. No spreadsheet program writes either, and in text a "<" is written otherwise. A
    # long comment may stand before them.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\x00" in content[:1000]:
        raise _Swelling
    return content


def _refuse_programs(name: str, names: list[str]) -> None:
    found = dict.fromkeys(label for start, label in _REFUSED_PARTS for part in names if part.startswith(start))
    if found:
        what = f"ブックに{'・'.join(found)}が入っています。"
        remedy = "配った会議資料に直接書き込んだブックを読み取ってください。リンクは「データ」の「リンクの編集」で解除できます。"
        raise _refused(name, "E-READ-05", what, remedy)


def _too_large(name: str) -> KizukiError:
    what = f"ファイルが大きすぎます(上限は、広げて{MOST_BYTES // 1_000_000}MB)。"
    return _refused(name, "E-READ-04", what, "貼り付けた画像を消すか、配った会議資料に書き直してください。")


def damaged(name: str) -> KizukiError:
    """E-READ-06: no workbook can be read from it."""
    return _damaged(name)


def _damaged(name: str) -> KizukiError:
    remedy = "Excelで開いて保存し直すか、配った会議資料に書き直してください。"
    return _refused(name, "E-READ-06", "ブックが壊れているか、読み取れない書き方です。", remedy)


def _refused(name: str, code: str, what: str, remedy: str) -> KizukiError:
    return KizukiError(Problem(Place(name), code, what, _NOT_TAKEN, remedy))
