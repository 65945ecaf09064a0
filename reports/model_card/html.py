"""A model card as one HTML file that prints on A4: nothing is fetched, nothing runs, every text stays text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reports.model_card import words
from reports.printed_page import css_text, printed_page

_FOLDER = Path(__file__).parent


def card_html(card: Mapping[str, Any], approval: Mapping[str, str] | None) -> str:
    """The card. `approval`: the newest entry about this model in the approval book, None before there is one."""
    css = f"{(_FOLDER / 'card.css').read_text(encoding='utf-8')}\n{_page_margins(card)}"
    return printed_page(_FOLDER / "card.html.j2", css, card=card, approval=approval, words=words)


def _page_margins(card: Mapping[str, Any]) -> str:
    """The head and foot of every page; browsers that know no margin boxes leave them out."""
    style = "font-size: 8pt; color: #595959; white-space: nowrap;"
    left = css_text(f"{card['city']} モデルの説明書 {card['model_id']}")
    return (
        f"@page {{ @top-left {{ content: {left}; {style} }} @top-right {{ content: {css_text(words.HANDLING)}; {style} }}"
        f' @bottom-right {{ content: counter(page) " / " counter(pages); {style} }} }}'
    )
