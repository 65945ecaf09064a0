"""A run of the past with its names again: the casebook of its record, the keyring's names, what people wrote, the seal.

Opens the keyring, as the weekly job does, for papers that are printed again; names rejoin last and stand in `out/` only. Whoever is protected
(DV等支援措置) today is printed as protected, whatever the record says.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock

from engine.audit.canonical import head_of
from engine.audit.run_record import RunRecord
from engine.audit.runs import open_run
from engine.linkage.keyring import open_keyring
from engine.records.case import Casebook, Identity
from engine.records.conference import ConferenceTexts
from engine.records.conference_store import read_conference, texts
from kizuki.conferences import with_words
from kizuki.handout.people import names_for_paper, people_on_paper
from kizuki.handout_key import sealing
from kizuki.settings import Settings, Workspace, open_workspace
from reports.seal import Seal


@dataclass(frozen=True)
class Rejoined:
    """Everything that a paper of a run is printed from. `identities` by person key, without addresses; `texts` by run and household."""

    workspace: Workspace
    settings: Settings
    record: RunRecord
    casebook: Casebook
    identities: Mapping[str, Identity]
    texts: Mapping[tuple[str, str], ConferenceTexts]
    head: str
    seal: Seal


def rejoin(folder: Path, run: str | None) -> Rejoined:
    """A run by its number (None: the newest), ready to be printed.

    Raises KizukiError: E-RUN-01 for a run that is not there, E-STORE-… for a damaged record or keyring, E-FEEDBACK-… for a damaged store of
    conferences, E-READ-20 for a damaged key.
    """
    workspace, settings = open_workspace(folder)
    with FileLock(workspace.root / ".lock", timeout=0):
        record = open_run(workspace.runs, run)
        keyring = open_keyring(workspace.keyring, may_create=False)
        casebook = as_protected_today(record.casebook(), keyring.protected_households() | keyring.protected_people())
        entries = read_conference(workspace.conference).entries
        casebook = with_words(casebook, entries)
        return Rejoined(
            workspace,
            settings,
            record,
            casebook,
            names_for_paper(keyring, people_on_paper(casebook)),
            texts(entries),
            head_of(record.manifest),
            sealing(workspace),
        )


def as_protected_today(casebook: Casebook, protected: Collection[str]) -> Casebook:
    """The casebook with every household protected in which one of these households or people is; children drawn by chance of such a household go unnamed.

    A protected household shows no district. Unprotecting is for the next run: what was protected then stays so on the papers of that run.
    """
    hidden = frozenset(protected)
    return replace(
        casebook,
        cases=tuple(
            replace(case, protected=True, district=None)
            if not hidden.isdisjoint({case.household_key, *(member.key for member in case.members)})
            else case
            for case in casebook.cases
        ),
        apart=tuple(
            replace(one, protected=True, district=None)
            if not hidden.isdisjoint({one.household_key, *(child.key for child in one.children)})
            else one
            for one in casebook.apart
        ),
        drawn=tuple(
            child
            for child in casebook.drawn
            if hidden.isdisjoint({child.household_key, child.child_key, *(member.key for member in child.members)})
        ),
    )
