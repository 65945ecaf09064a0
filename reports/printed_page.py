"""A page that a browser shows and prints from one file: nothing is fetched, nothing runs but our own lines, and every text stays text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup


def printed_page(
    template: Path, css: str, *, script: str = "", wording: Callable[[str], str] | None = None, **content: object
) -> str:
    """The template filled with `content`. Style sheet and script are the only things that the page's own policy (CSP) lets a browser use.

    `css` and `script` must be ours: whatever text of a record or rulebook stands in the style sheet has gone through `css_text`, and none
    stands in the script. `wording`: what every text goes through before it is escaped; markup of ours is left as it is.
    """
    environment = Environment(
        loader=FileSystemLoader(template.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=None if wording is None else _worded(wording),
    )
    # `Markup` spares the quotes of the style sheet and the signs of its hash; everything else is escaped.
    return environment.get_template(template.name).render(
        css=Markup(css), css_hash=_hash(css), script=Markup(script), script_hash=_hash(script), **content
    )


def css_text(text: str) -> str:
    r"""A CSS string in which nothing but ASCII letters and digits stands as itself.

    >>> css_text('版1"')
    '"\\7248 1\\22 "'
    """
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):x} " for c in text) + '"'


def _worded(wording: Callable[[str], str]) -> Callable[[object], object]:
    def finalize(value: object) -> object:
        return wording(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    return finalize


def _hash(text: str) -> Markup:
    return Markup(base64.b64encode(hashlib.sha256(text.encode()).digest()).decode())
