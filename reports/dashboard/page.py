"""The dashboard of one run as one HTML file: made from its casebook and the decisions of two runs, names off unless they are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from engine.kernel.dates import wareki_short
from engine.records.case import HARDSHIP_LABELS, Casebook, Identity
from engine.records.conference import PastDecision
from reports.dashboard.apart import apart_line
from reports.dashboard.counts import TYPE_COLUMNS, of_everybody, of_the_list
from reports.dashboard.decided import decisions_so_far
from reports.dashboard.entries import entry_of
from reports.dashboard.flow import RunBefore, moves
from reports.dashboard.ribbon import place_label, ribbons
from reports.inert import inert
from reports.printed_page import css_text, printed_page
from reports.sheet_words.case_past import Texts
from reports.sheet_words.casebook_view import BookView, Copy, view_casebook
from reports.sheet_words.unlisted_view import ApartView
from reports.wording import CHANGE_ORDER, without_percentages

DETAILS_UP_TO = 200
"""Households beyond which every one of them is a line only: the page would be too large to open quickly."""

_FOLDER = Path(__file__).parent


def dashboard_html(
    casebook: Casebook,
    decisions: pa.Table,
    before: RunBefore | None,
    *,
    past: Iterable[PastDecision] = (),
    identities: Mapping[str, Identity] | None = None,
    texts: Texts = MappingProxyType({}),
    record_head: str = "",
) -> str:
    """The whole page.

    `decisions`: of the casebook's run; `before`: the run that its changes are told against, None for the first. `past`: what conferences had
    decided before the run. `identities` None: names are off, and no name, furigana, school or drawing that tells a sex is on the page.
    `texts`: what people wrote on sheets, by run and household; printed only where names are.
    `record_head`: the printed head of the run record.
    """
    with_names = identities is not None
    book = view_casebook(
        casebook, casebook.cases, identities or {}, Copy(), texts=texts if with_names else None, head=record_head
    )
    detailed = len(casebook.cases) <= DETAILS_UP_TO
    entries = [
        entry_of(case, view, identities, detailed=detailed)
        for case, view in zip(casebook.cases, book.cases, strict=True)
    ]
    ways = moves(before.decisions, decisions) if before else ()
    return printed_page(
        _FOLDER / "dashboard.html.j2",
        f"{(_FOLDER / 'dashboard.css').read_text(encoding='utf-8')}\n{_page_margins(casebook, with_names)}",
        script=(_FOLDER / "dashboard.js").read_text(encoding="utf-8") if entries else "",
        wording=_plain,
        casebook=casebook,
        book=book,
        entries=entries,
        detailed=detailed,
        details_up_to=DETAILS_UP_TO,
        with_names=with_names,
        type_columns=TYPE_COLUMNS,
        counts=(("判定したこども全員", of_everybody(decisions)), ("一覧の世帯", of_the_list(casebook.cases))),
        changes=[(name, sum(case.change == name for case in casebook.cases)) for name in CHANGE_ORDER],
        types=HARDSHIP_LABELS,
        before=before,
        ways=ways,
        ribbons=ribbons(ways, before=f"前回 {wareki_short(before.as_of)}", now=f"今回 {wareki_short(casebook.as_of)}")
        if before
        else "",
        place_label=place_label,
        decided=decisions_so_far(casebook, past),
        apart=[
            apart_line(household, view, identities)
            for household, view in zip(casebook.apart, _apart_views(book), strict=True)
        ],
    )


def _apart_views(book: BookView) -> list[ApartView]:
    return [view for page in book.apart_pages for view in page.households]


def _plain(text: str) -> str:
    return inert(without_percentages(text))


def _page_margins(casebook: Casebook, with_names: bool) -> str:
    """The head and foot of every printed page; browsers that know no margin boxes leave them out."""
    style = "font-size: 8pt; color: #595959; white-space: nowrap;"
    secret = css_text("取扱注意・複写禁止" + ("・氏名あり" if with_names else ""))
    return (
        f"@page {{ @top-left {{ content: {css_text(f'週の状況 {casebook.run_id}')}; {style} }}"
        f" @top-right {{ content: {secret}; {style} color: #c00000; }}"
        f' @bottom-right {{ content: counter(page) " / " counter(pages); {style} }} }}'
    )
