"""The dashboard of a run, from its casebook and the decisions of two runs: the weekly job writes it without names, `kizuki handout dashboard` either way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from engine.audit.run_record import RunRecord
from engine.kernel.durable import write_whole
from engine.records.case import Casebook, Identity
from engine.records.conference import PastDecision
from reports.dashboard.flow import RunBefore
from reports.dashboard.page import dashboard_html
from reports.sheet_words.case_past import Texts

DASHBOARD = "dashboard.html"


def write_dashboard(
    path: Path,
    casebook: Casebook,
    decisions: pa.Table,
    before: RunRecord | None,
    past: Iterable[PastDecision],
    head: str,
    *,
    identities: Mapping[str, Identity] | None = None,
    texts: Texts = MappingProxyType({}),
) -> Path:
    """Write the page as a whole, for its owner's eyes. Names and the words of conferences are on it only where `identities` are given.

    `before`: the run that the casebook tells changes against. `past`: what conferences had decided before the run. `head`: of the run record.
    """
    html = dashboard_html(
        casebook,
        decisions,
        RunBefore(before.run_id, before.as_of, before.decisions()) if before else None,
        past=past,
        identities=identities,
        texts=texts,
        record_head=head,
    )
    return write_whole(path, html.encode(), private=True)
