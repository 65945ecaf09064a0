"""A page that a browser shows and prints from one file: nothing is fetched, nothing runs, and every text stays text."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup


def printed_page(template: Path, css: str, **content: object) -> str:
    """The template filled with `content`. The style sheet is the only thing that the page's own policy (CSP) lets a browser use.

    `css` must be ours: whatever text of a record or rulebook stands in it has gone through `css_text`.
    """
    environment = Environment(
        loader=FileSystemLoader(template.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    # `Markup` spares the quotes of the style sheet and the signs of its hash; everything else is escaped.
    return environment.get_template(template.name).render(css=Markup(css), css_hash=Markup(digest), **content)


def css_text(text: str) -> str:
    r"""A CSS string in which nothing but ASCII letters and digits stands as itself.

    >>> css_text('版1"')
    '"\\7248 1\\22 "'
    """
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):x} " for c in text) + '"'
