"""A trace as one HTML file that prints on A4: nothing is fetched, nothing runs, every text of the record stays text."""

from __future__ import annotations

from pathlib import Path

from engine.kernel.dates import wareki
from reports.printed_page import css_text, printed_page
from reports.trace import words
from reports.trace.traced import Trace

_FOLDER = Path(__file__).parent
_TRUTHS = {"○": "met", "×": "notmet", "？": "unknown"}


def trace_html(trace: Trace) -> str:
    """The whole trace sheet."""
    return printed_page(
        _FOLDER / "trace.html.j2",
        f"{(_FOLDER / 'trace.css').read_text(encoding='utf-8')}\n{_page_margins(trace)}",
        trace=trace,
        why_not={each.child_key: each for each in trace.why_not},
        words=words,
        wareki=wareki,
        truth_class=lambda truth: _TRUTHS[words.mark(truth)],
    )


def _page_margins(trace: Trace) -> str:
    """The head and foot of every page; browsers that know no margin boxes leave them out."""
    style = "font-size: 8pt; color: #595959; white-space: nowrap;"
    numbers = "・".join(child.child_key[: words.SHORT_KEY] for child in trace.children[:3])
    more = f" ほか{len(trace.children) - 3}人" if len(trace.children) > 3 else ""
    left = css_text(f"判定の足取り {trace.run.run_id} 整理番号 {numbers}{more}")
    return (
        f"@page {{ @top-left {{ content: {left}; {style} }}"
        f" @top-right {{ content: {css_text('取扱注意・複写禁止')}; {style} color: #c00000; }}"
        f" @bottom-left {{ content: {css_text(f'目録 SHA-256 {trace.run.manifest_sha256[:16]}…')}; {style} }}"
        f' @bottom-right {{ content: counter(page) " / " counter(pages); {style} }} }}'
    )
