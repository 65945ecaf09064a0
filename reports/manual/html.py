"""The book as one HTML file: nothing is fetched, nothing runs, and every text of a rulebook stays text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from engine.kernel.dates import wareki
from reports.manual import wording
from reports.manual.book import Book

_FOLDER = Path(__file__).parent
_CLASSES = {"○": "met", "×": "notmet", "?": "unknown", "－": "soft"}


def to_html(book: Book) -> str:
    """The whole book. The style sheet is the only thing its own policy (CSP) lets a browser use."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    css = "\n".join([(_FOLDER / "manual.css").read_text(encoding="utf-8"), *_running_headers(book)])
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    template = environment.get_template("manual.html.j2")
    # The css is ours but for texts in quotes, which css_text has reduced to escapes; `Markup` only spares its quotes.
    return template.render(
        book=book, css=Markup(css), css_hash=Markup(digest), words=wording, wareki=wareki, classes=_CLASSES
    )


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


def css_text(text: str) -> str:
    r"""A CSS string in which nothing but ASCII letters and digits stands as itself.

    >>> css_text('版1"')
    '"\\7248 1\\22 "'
    """
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):x} " for c in text) + '"'
