"""The book as one HTML file: nothing is fetched, nothing runs, and every text of a rulebook stays text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.kernel.dates import wareki
from reports.manual import wording
from reports.manual.book import Book
from reports.printed_page import css_text, printed_page

_FOLDER = Path(__file__).parent
_CLASSES = {"○": "met", "×": "notmet", "?": "unknown", "－": "soft"}


def to_html(book: Book) -> str:
    """The whole book."""
    css = "\n".join([(_FOLDER / "manual.css").read_text(encoding="utf-8"), *_running_headers(book)])
    return printed_page(_FOLDER / "manual.html.j2", css, book=book, words=wording, wareki=wareki, classes=_CLASSES)


def _running_headers(book: Book) -> Iterator[str]:
    """Page headers and numbers, for each type its own; browsers that know no margin boxes leave them out."""
    left = css_text(f"{book.city} 気づきのルールブック")
    day = css_text(wording.subtitle(book))
    style = "font-size: 8pt; color: #52606d;"
    bottom = f'@bottom-center {{ content: counter(page) " / " counter(pages); {style} }}'
    yield f"@page {{ @top-left {{ content: {left}; {style} }} @top-right {{ content: {day}; {style} }} {bottom} }}"
    yield '@page :first { @top-left { content: ""; } @top-right { content: ""; } }'
    for chapter in book.chapters:
        name = chapter.hardship_type.replace("_", "-")
        text = css_text(f"{chapter.label} 版{chapter.file.version}({wording.subtitle(book)})")
        yield f"@page {name} {{ @top-right {{ content: {text}; {style} }} }}"
        yield f".type-{chapter.hardship_type} {{ page: {name}; }}"
