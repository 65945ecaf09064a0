"""`kizuki disclosure`: find the person, gather, decide what is shown, write the two papers, log that it was done.

The only importer of the keyring besides linkage and the weekly pipeline (ADR 0018).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from filelock import FileLock

from engine.audit.runs import open_run, published_ids
from engine.kernel.errors import KizukiError, Place, Problem
from engine.linkage.keyring import open_keyring
from engine.linkage.person import KnownPerson, find_person, held_reviews
from engine.records.conference_store import all_words, read_conference
from engine.records.feedback import read_feedback
from engine.records.layout import Layout
from engine.store.catalogue import read_catalogue
from engine.store.ownership import holds_deliveries, require_key
from engine.store.person_history import StoredRow, ever_in, households_of, members_of, read_history
from kizuki.disclosure.conferences import conferences_of
from kizuki.disclosure.delivered_lines import is_in_name_of, search_files
from kizuki.disclosure.gathering import sort_rows
from kizuki.disclosure.judgements import judgements_of
from kizuki.disclosure.log import append_line
from kizuki.disclosure.papers import handover_of, internal_of
from kizuki.disclosure.requester import Requester
from kizuki.disclosure.withholding import PROTECTION_RECORD, Withholding
from kizuki.rules.files import load_words
from kizuki.settings import Workspace, open_workspace
from reports.disclosure.contents import Request
from reports.disclosure.handover import handover_paper
from reports.disclosure.internal import internal_paper
from reports.paper.book import write_paper

HANDOVER, INTERNAL = "disclosure.xlsx", "internal.xlsx"


@dataclass(frozen=True)
class Disclosed:
    """What was made: counts and paths only. `handover` is None while the officer has not looked."""

    shown_kinds: int
    shown_rows: int
    withheld: int
    runs: int
    handover: Path | None
    internal: Path
    log: Path


def disclose(
    folder: Path,
    person: str,
    requester: Requester,
    *,
    at: datetime,
    reason: str = "",
    officer: str = "",
    born_on: date | None = None,
    out: Path | None = None,
) -> Disclosed:
    """Make the papers for one person. The paper to hand over is made at once for the person; for anybody else, and where somebody is
    protected or a record tells of reports and consultations, only after an officer has looked at the internal one (`officer`).

    Raises KizukiError: E-PERS-01, -02, -03 where the person is not found for certain, E-STORE-… where keyring or store are not sound.
    """
    workspace, settings = open_workspace(folder)
    with FileLock(workspace.root / ".lock", timeout=0):
        words = load_words(workspace)
        store = workspace.store
        keyring = open_keyring(workspace.keyring, may_create=False)
        if holds_deliveries(store):
            require_key(store, keyring.key_id, keyring.known_days())
        known = find_person(keyring, person)
        _require_birth(known, born_on)
        households = households_of(store, known.key)
        history = read_history(store, known.key, households)
        if known.entry is None and history.is_empty:
            raise KizukiError(_nobody())
        together = members_of(store, households) | {known.key}
        protected = known.household_protected or ever_in(store, PROTECTION_RECORD, together)
        rules = Withholding(requester, words.vocabulary)
        rows = sort_rows(
            history,
            rules,
            words.layouts,
            _in_own_name(workspace, words.layouts, known),
            hides_place=rules.of_address(protected) is not None,
        )
        found = search_files(
            workspace.deliveries,
            read_catalogue(store),
            words.layouts,
            words.vocabulary,
            known.address_number,
            known.student_numbers,
        )
        reviews = held_reviews(keyring, {known.key, *households})
        runs = [open_run(workspace.runs, run_id) for run_id in published_ids(workspace.runs)]
        judgements = judgements_of(runs, known.key, requester)
        conferences = conferences_of(
            read_conference(workspace.conference),
            all_words(workspace.conference),
            read_feedback(workspace.feedback),
            known.key,
            households,
            judgements,
            rules,
        )
        request = Request(settings.city.name, at.date(), requester.value, reason, officer)
        internal = internal_of(
            request, known, history, found, reviews, rows, judgements, conferences, rules, protected
        )
        target = (out or workspace.out / "disclosure") / f"{at:%Y%m%d-%H%M%S}-{known.key[:8]}"
        target.mkdir(parents=True, mode=0o700, exist_ok=True)
        target.chmod(0o700)  # a folder that was named with --out may be anybody's: only what is made in it is closed
        made = {INTERNAL: write_paper(internal_paper(internal), target / INTERNAL, _refusal(INTERNAL))}
        # For everybody who asks for another, and wherever care is needed for whatever reason: that it stops must tell nothing.
        to_look_at = rows.to_look_at or conferences.to_look_at
        if officer or not (rules.is_representative or protected or to_look_at):
            handover = handover_of(request, known, history, found, rows, judgements, conferences, rules, protected)
            made[HANDOVER] = write_paper(handover_paper(handover), target / HANDOVER, _refusal(HANDOVER))
        digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in made.items()}
        log = append_line(workspace.root / "disclosures", at, known.key, requester.value, reason, officer, digests)
    return Disclosed(
        shown_kinds=len(rows.kinds),
        shown_rows=sum(len(kind.rows) for kind in rows.kinds),
        withheld=len(internal.withheld),
        runs=len(runs),
        handover=made.get(HANDOVER),
        internal=made[INTERNAL],
        log=log,
    )


def officer_must_look() -> KizukiError:
    """The stop before a paper is handed over. It says the same in every case."""
    return KizukiError(
        Problem(
            Place(INTERNAL),
            "E-DISC-01",
            "開示用の紙は、まだつくっていません。個人情報保護の担当者の確認がいります。",
            "渡してはいけないものを渡すと、取り返しがつきません。請求された方には、決定までお待ちいただくことだけを伝えてください。",
            "担当者が内部確認用の紙を読み、渡してよいと決めたら、--officer-checked に担当者の職・氏名を書いて、もう一度実行してください。",
        )
    )


def _require_birth(known: KnownPerson, born_on: date | None) -> None:
    if born_on is None or (known.entry is not None and known.entry["born_on"] == born_on):
        return
    raise KizukiError(
        Problem(
            Place("--born"),
            "E-PERS-03",
            "この番号の方の生年月日は、書かれた日と違います(または住民記録にありません)。",
            "番号の打ち間違いで、別の方の情報を渡すおそれがあります。",
            "宛名番号と生年月日を、本人確認書類と住民記録で確かめてください。",
        )
    )


def _nobody() -> Problem:
    return Problem(
        Place("対象の方"),
        "E-PERS-02",
        "この番号の方について、保管しているものはありません。",
        "番号の打ち間違いか、住民になったことのない方です。",
        "番号を確かめてください。正しければ、保有していないことを書面で通知します(法82条2項)。",
    )


def _in_own_name(workspace: Workspace, layouts: Mapping[str, Layout], known: KnownPerson) -> Callable[[StoredRow], bool]:
    kana = known.entry["kana"] if known.entry else None

    def is_own(row: StoredRow) -> bool:
        layout = layouts.get(row.entry.source)
        return layout is not None and is_in_name_of(workspace.deliveries, row.entry, row.line, layout, kana)

    return is_own


def _refusal(name: str) -> Problem:
    return Problem(
        Place(name),
        "E-REPORT-10",
        "開示の紙を書き込めません。",
        "紙はつくられていません。",
        "保存先のフォルダがあるか、同じ名前の紙をExcelで開いたままでないかを確かめてください。",
    )
