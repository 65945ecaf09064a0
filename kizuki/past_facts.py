"""What a past run saw: the deliveries that its manifest names, opened again, and the decisions of the week before it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.audit.run_record import RunRecord
from engine.audit.runs import open_run
from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.layout import Layout
from engine.records.vocabulary import Vocabulary
from engine.store.snapshot import Delivered, known_deliveries, open_snapshot
from engine.store.tables import Snapshot
from engine.tiers.listing import ChildDecision
from kizuki.decisions import children_with_hits
from kizuki.settings import Processing, Workspace


def delivered_to(run: RunRecord) -> frozenset[Delivered]:
    """The deliveries that the run drew on."""
    return frozenset((d["file"], d["sha256"]) for d in run.manifest["deliveries"])


def open_past_snapshot(
    workspace: Workspace,
    processing: Processing,
    run: RunRecord,
    vocabulary: Vocabulary,
    layouts: Mapping[str, Layout],
) -> Snapshot:
    """A snapshot of exactly the deliveries that the run used, whatever came since.

    Raises KizukiError: E-RUN-09 where they are no longer in the store, E-STORE-02 where one is not what was written.
    """
    delivered = delivered_to(run)
    if known_deliveries(workspace.store, layouts, run.as_of, delivered) != delivered:
        raise KizukiError(
            Problem(
                Place(f"runs/{run.run_id}"),
                "E-RUN-09",
                "この実行で使った受領データが、いまの保管庫(store)か取り込み定義(sources)にそろっていません。",
                "同じ事実で比べることができません。",
                "控えの store を戻すか、`kizuki run` をもう一度実行して、新しい記録と比べてください。",
            )
        )
    return open_snapshot(
        workspace.store,
        vocabulary,
        layouts,
        run.as_of,
        threads=processing.threads,
        memory_limit=processing.memory,
        only=delivered,
    )


def decisions_before(runs: Path, run: RunRecord) -> list[ChildDecision] | None:
    """The children who mattered in the week before that run, for its list; None if it was the first.

    Raises KizukiError where the record of that week is gone or damaged.
    """
    previous = run.manifest["previous_run"]
    return None if previous is None else children_with_hits(open_run(runs, previous).decisions())
