"""Every kind of broken residents file, as bytes, with the codes that it must be refused with."""

from __future__ import annotations

from intake_city import RESIDENT_HEADER as HEADER
from intake_city import RESIDENT_ROWS as ROWS


def _text(*lines: str) -> str:
    return "".join(f"{line}\r\n" for line in lines)


def _sjis(*lines: str) -> bytes:
    return _text(*lines).encode("cp932")


_GOOD = _text(HEADER, *ROWS)
_WITHOUT_NAME = [",".join(cell for i, cell in enumerate(line.split(",")) if i != 1) for line in (HEADER, *ROWS)]

BAD_FILES: dict[str, tuple[bytes, set[str]]] = {
    "文字コードが違う(UTF-8)": (_GOOD.encode("utf-8"), {"E-DELIV-21", "E-DELIV-28"}),
    "BOMがある": (_GOOD.encode("utf-8-sig"), {"E-DELIV-22", "E-DELIV-21", "E-DELIV-28"}),
    "UTF-16": (_GOOD.encode("utf-16"), {"E-DELIV-22"}),
    "UTF-16(BOMなし)": (_GOOD.encode("utf-16-le"), {"E-DELIV-22"}),
    "文字コードが混ざっている": (_sjis(HEADER, *ROWS[:2]) + _text(ROWS[2]).encode("utf-8"), {"E-DELIV-23"}),
    "読めないバイト": (_sjis(HEADER, ROWS[0]) + b"0000000027,\x82,\x81\xff,,,01\r\n", {"E-DELIV-21"}),
    "NULが入っている": (_GOOD.encode("cp932").replace(b"19870605", b"1987\x0005"), {"E-DELIV-24"}),
    "0x1Aが入っている": (_GOOD.encode("cp932") + b"\x1a", {"E-DELIV-25"}),
    "空のファイル": (b"", {"E-DELIV-26"}),
    "見出しだけ": (_sjis(HEADER), {"E-DELIV-27"}),
    "見出しがない": (_sjis(*ROWS), {"E-DELIV-28"}),
    "見出しの上に表題がある": (_sjis("住民記録一覧,,,,,", "", HEADER, *ROWS), {"E-DELIV-28"}),
    "タブ区切り": (_GOOD.replace(",", "\t").encode("cp932"), {"E-DELIV-28"}),
    "列が足りない": (_sjis(*_WITHOUT_NAME), {"E-DELIV-29"}),
    "列名が変わった": (_sjis(HEADER.replace("住民状態", "住民状態区分"), *ROWS), {"E-DELIV-29"}),
    "見出しが重なっている": (_sjis(HEADER + ",宛名コード", *(f"{row},0000000019" for row in ROWS)), {"E-DELIV-30"}),
    "見出しが途中にもある": (_sjis(HEADER, *ROWS, HEADER, ROWS[0]), {"E-DELIV-31"}),
    "引用符が閉じていない": (_sjis(HEADER, ROWS[0], '0000000027,"雉子牟田　翡翠,,,,01', ROWS[2]), {"E-DELIV-32"}),
    "引用符の後に文字が続く": (_sjis(HEADER, ROWS[0], '0000000027,"雉子牟田"翡翠,,,,01', ROWS[2]), {"E-DELIV-32"}),
    "途中で切れている": (_sjis(HEADER, *ROWS)[:-28], {"E-DELIV-33"}),
    "合計行が合わない": (_sjis(HEADER, *ROWS, "合計,4,,,,"), {"E-DELIV-34"}),
    "合計行の欄が少ない": (_sjis(HEADER, *ROWS, "総件数,99"), {"E-DELIV-34"}),
    "隔離が多すぎる": (_sjis(HEADER, ROWS[0], *(row.replace("0000000", "金糸雀") for row in ROWS[1:])), {"E-DELIV-35"}),
    "欄が長すぎる": (_sjis(HEADER, ROWS[0].replace("番地", "8" * 11_000), *ROWS[1:]), {"E-DELIV-36"}),
    "引用符の欄が長すぎる": (
        _sjis(HEADER, '0000000019,"' + "金糸雀" * 60_000, *ROWS[1:]),
        {"E-DELIV-36"},
    ),
}
