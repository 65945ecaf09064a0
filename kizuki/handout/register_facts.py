"""What the case register asks of records and store: the lists of the conferences, how the newest run sees each household, who is registered with the council."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from engine.audit.run_record import RunRecord
from engine.audit.runs import open_run, published_ids
from engine.records.case import Case, Casebook, Tier
from engine.records.layout import load_layouts
from engine.records.vocabulary import load_vocabulary
from engine.store.catalogue import read_catalogue
from engine.store.snapshot import open_snapshot
from engine.store.tables import Snapshot
from kizuki.settings import Settings, Workspace
from reports.register.rows import Council, Known, Now, Standing

_RESIDENTS, _COUNCIL_CASE = "residents", "council_case"


def known_of(
    workspace: Workspace,
    settings: Settings,
    run_ids: Iterable[str],
    households: Collection[str],
    protected: Collection[str],
) -> tuple[str, Known]:
    """The newest run's number, and what is known of the households besides what conferences wrote.

    A run of which no record is left has no cases: the register counts the households that are lost by it. Raises KizukiError E-RUN-01 without any run,
    E-STORE-… for damaged records, and what is wrong with vocabulary and source layouts, by which the store is read.
    """
    newest = open_run(workspace.runs)
    there = set(published_ids(workspace.runs))
    books = {run_id: open_run(workspace.runs, run_id).casebook() for run_id in sorted(set(run_ids) & there)}
    cases: dict[tuple[str, str], Case] = {
        (run_id, case.household_key): case for run_id, book in books.items() for case in book.cases
    }
    now = _now(newest, books.get(newest.run_id) or newest.casebook(), households)
    council = _council(workspace, settings, newest.as_of, households)
    return newest.run_id, Known(cases, now, council, protected, newest.as_of)


def _now(record: RunRecord, book: Casebook, households: Collection[str]) -> dict[str, Now]:
    table = record.decisions().select(["household_key", "tier"]).to_pydict()
    tiers: dict[str, int] = {}
    for key, tier in zip(table["household_key"], table["tier"], strict=True):
        if key in households:
            tiers[key] = min(tier, tiers.get(key, tier))
    listed = {case.household_key for case in book.cases}
    apart = {each.household_key for each in book.apart}
    return {key: _standing(record.as_of, Tier(tier), key in listed, key in apart) for key, tier in tiers.items()}


def _standing(as_of: date, tier: Tier, is_listed: bool, is_apart: bool) -> Now:
    standing: Standing = "①②ではない" if tier is Tier.NO_ACTION else "一覧に入らない②"
    if is_listed or is_apart:
        standing = "掲載" if is_listed else "別に示す"
    return Now(as_of, tier, standing)


def _council(workspace: Workspace, settings: Settings, as_of: date, households: Collection[str]) -> dict[str, Council]:
    """From the register of residents and that of the council alone: nothing else is asked, and a whole snapshot takes seconds."""
    vocabulary = load_vocabulary(workspace.vocabulary, workspace.root)
    if not households or _COUNCIL_CASE not in vocabulary.records:
        return {}
    sources = {_RESIDENTS, vocabulary.records[_COUNCIL_CASE].source}
    delivered = frozenset((e.file, e.sha256) for e in read_catalogue(workspace.store) if e.source in sources)
    limits = settings.processing
    snapshot = open_snapshot(
        workspace.store,
        vocabulary,
        load_layouts(workspace.sources, vocabulary, workspace.root),
        as_of,
        threads=limits.threads,
        memory_limit=limits.memory,
        only=delivered,
    )
    with snapshot:
        return registered_now(snapshot, households)


def registered_now(snapshot: Snapshot, households: Collection[str]) -> dict[str, Council]:
    """By household, an open entry of the council's register of one who lives there; of several the latest."""
    rows = snapshot.connection.execute(
        """
        SELECT p.household_key, r.council_kind, r.lead_agency, r.registered_on, r.closed_on
        FROM rec_council_case r JOIN person p ON p.person_key = r.subject_key
        WHERE p.household_key IN (SELECT unnest(string_split($keys, ' '))) AND r.registered_on <= $as_of
        ORDER BY r.registered_on, r.file_no, r.line
        """,
        {"keys": " ".join(sorted(households)), "as_of": snapshot.as_of},
    ).fetchall()
    return {
        household: Council(kind or "種別の記載なし", lead or "", registered_on)
        for household, kind, lead, registered_on, closed_on in rows
        if closed_on is None or closed_on > snapshot.as_of
    }
