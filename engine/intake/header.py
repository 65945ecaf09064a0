"""Matching a file's header to its layout: by name or alias, in any order, never by position.

A header may hold cells of persons: the row itself where there is no header, or a header joined with the first row. So
only names that the layout or the register knows are ever shown or kept; any other column is told by its position.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.intake.cells import fold
from engine.intake.permission import ReadColumn
from engine.intake.wording import problem
from engine.kernel.errors import Place, Problem
from engine.kernel.strict_yaml import near_name
from engine.records.layout import Layout

QUARANTINE_COLUMNS = ("隔離_ファイル", "隔離_行", "隔離_列", "隔離_理由", "隔離_直し方")
_SEARCHED_ROWS = 20
# Digits only, or a date: 19870605, 1987-06-05, 昭和62年6月5日, S62.6.5. No column of an export is called so.
_VALUE = re.compile(
    r"[-+]?\d[\d./:,-]*|(明治|大正|昭和|平成|令和)?(\d{1,4}|元)年\d{1,2}月\d{1,2}日|[MTSHR]\d{1,2}([./-]\d{1,2}){2}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class MatchedHeader:
    """Where each read column stands in the file. `left_out` holds layout names, register labels or 「3列目」, no other text."""

    width: int
    positions: tuple[int, ...]
    left_out: tuple[str, ...]
    names: tuple[str, ...]
    footer_position: int | None


def fold_name(text: str) -> str:
    """A column name without blanks and width differences, as names are compared."""
    return fold(text).replace(" ", "")


def names_of(layout: Layout) -> dict[str, str]:
    """Layout column by folded name or alias."""
    known: dict[str, str] = {}
    for name, rule in layout.cells.items():
        for text in (name, *rule.aliases):
            known.setdefault(fold_name(text), name)
    return known


def match_header(
    row: Sequence[str],
    layout: Layout,
    columns: Sequence[ReadColumn],
    labels: Collection[str],
    *,
    is_correction: bool,
    path: Path,
    file: str,
) -> tuple[MatchedHeader | None, list[Problem]]:
    """The positions of the read columns, or every reason why the header does not fit the layout.

    `labels` are the register's names of columns: besides the layout's, the only header texts that may be repeated.
    """
    place = Place(file, 1)
    known = names_of(layout)
    if is_correction:
        known |= {fold_name(name): name for name in QUARANTINE_COLUMNS}
    folded = [fold_name(cell) for cell in row]
    matched = [known.get(name) for name in folded]
    wanted = [column.name for column in columns]
    if sum(name in matched for name in wanted) * 2 < len(wanted):
        return None, [problem("E-DELIV-28", place, hint=_hint(row, layout, path))]
    problems = []
    shown = _shown_names(row, matched, labels)
    values = [f"{at}列目" for at, name in enumerate(folded, 1) if matched[at - 1] is None and _VALUE.fullmatch(name)]
    if values:
        problems.append(problem("E-DELIV-38", place, columns="、".join(values)))
    missing = [name for name in wanted if name not in matched]
    if missing:
        problems.append(problem("E-DELIV-29", place, columns="」「".join(missing), hint=_near(missing, folded, matched)))
    counts = Counter(matched[i] or name for i, name in enumerate(folded) if name)
    first = {matched[i] or name: i for i, name in reversed(list(enumerate(folded)))}
    if doubled := [shown[first[name]] for name, count in counts.items() if count > 1]:
        problems.append(problem("E-DELIV-30", place, columns="」「".join(doubled)))
    if problems:
        return None, problems
    left_out = [
        shown[i]
        for i in range(len(row))
        if folded[i] and matched[i] not in wanted and matched[i] not in QUARANTINE_COLUMNS
    ]
    footer = layout.footer.column if layout.footer else None
    return MatchedHeader(
        width=len(row),
        positions=tuple(matched.index(name) for name in wanted),
        left_out=tuple(left_out),
        names=tuple(folded),
        footer_position=matched.index(footer) if footer in matched else None,
    ), []


def _shown_names(row: Sequence[str], matched: Sequence[str | None], labels: Collection[str]) -> list[str]:
    """For each column the name that may be repeated: the layout's, a label of the register, else its position."""
    known = {fold_name(label): label for label in labels}
    return [
        name or known.get(fold_name(cell)) or f"{at}列目"
        for at, (cell, name) in enumerate(zip(row, matched, strict=True), 1)
    ]


def _near(missing: list[str], folded: list[str], matched: list[str | None]) -> str:
    strangers = {text: at for at, text in enumerate(folded, 1) if matched[at - 1] is None and text}
    pairs = [(name, near_name(name, list(strangers))) for name in missing]
    found = "、".join(f"「{name}」は{strangers[near]}列目のことではありませんか" for name, near in pairs if near)
    return f"({found})" if found else ""


def _hint(row: Sequence[str], layout: Layout, path: Path) -> str:
    """What a person would see at once: a title above the header, another delimiter, another encoding."""
    with path.open("rb") as file:
        raw = file.read(1 << 16)
    known = names_of(layout)
    for number, line in enumerate(raw.split(b"\n")[:_SEARCHED_ROWS], 1):
        for codec, name in (("cp932", "CP932(シフトJIS)"), ("utf-8-sig", "UTF-8")):
            text = line.decode(codec, errors="replace")
            for delimiter, called in ((",", ""), ("\t", "タブ"), (";", "セミコロン")):
                cells = [fold_name(cell.strip('"\r')) for cell in text.split(delimiter)]
                if 2 * len({known[c] for c in cells if c in known}) >= len(layout.cells):
                    return _explain(number, called, name, codec, layout.encoding)
    return ""


def _explain(number: int, delimiter: str, name: str, codec: str, declared: str) -> str:
    if delimiter:
        return f"(列の区切りが「,」ではなく{delimiter}です)"
    if (codec == "cp932") != (declared == "cp932"):
        return f"(文字コードが{name}になっているようです)"
    return f"({number}行目に見出しらしい行があります。その上の行を消してください)" if number > 1 else ""
