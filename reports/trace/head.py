"""The frame of a trace: which run, its files and rules by hash, and what an older record lacks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date

from engine.audit.run_record import RunRecord
from engine.kernel.errors import KizukiError
from engine.records.case import Casebook
from engine.tiers.policy import TierPolicy, load_policy
from reports.trace.scored import model_head
from reports.trace.traced import FileUsed, RuleFile, RunHead

_POLICY = "rulebooks/tiers.yaml"


def run_head(run: RunRecord, casebook: Casebook, gaps: tuple[str, ...]) -> RunHead:
    """What a run can be recognised by; the manifest's hash is taken from the file as it lies there."""
    versions = run.manifest.get("versions", {})
    return RunHead(
        run_id=run.run_id,
        as_of=run.as_of,
        city=casebook.city,
        replay=casebook.replay,
        replay_note=casebook.replay_note,
        manifest_sha256=hashlib.sha256((run.folder / "manifest.json").read_bytes()).hexdigest(),
        version=str(versions.get("kizuki", "不明")),
        code_sha256=str(versions.get("code", "")),
        key_id=str(run.manifest.get("key_id", "")),
        previous_run=run.manifest.get("previous_run"),
        deliveries=len(run.manifest["deliveries"]),
        gaps=gaps,
        model=model_head(run),
        model_note=run.manifest.get("model_note", ""),
    )


def files_of(run: RunRecord, casebook: Casebook) -> tuple[FileUsed, ...]:
    """Every delivery of the run in the order of its manifest, numbered from 1."""
    labels = {source.source: source.label for source in casebook.sources}
    return tuple(
        FileUsed(
            no=no,
            file=entry["file"],
            label=labels.get(entry["source"], entry["source"]),
            as_of=date.fromisoformat(entry["as_of"]),
            sha256=entry["sha256"],
            received=entry["received"],
            used=entry["used"],
            quarantined=entry["quarantined"],
        )
        for no, entry in enumerate(run.manifest["deliveries"], start=1)
    )


def rule_files_of(run: RunRecord) -> Mapping[str, RuleFile]:
    """Every approved rule file by its path in a workspace, with its approval as the manifest holds it."""
    return {
        f"rulebooks/{name}": RuleFile(
            file=f"rulebooks/{name}",
            version=str(book.get("version", "?")),
            sha256=str(book.get("sha256", "")),
            approved_by=str(book.get("approved_by", "")),
            approved_on=date.fromisoformat(book["approved_on"]) if book.get("approved_on") else None,
            reason=str(book.get("reason", "")),
        )
        for name, book in run.manifest["rulebooks"].items()
    }


def policy_of(run: RunRecord) -> tuple[TierPolicy | None, str]:
    """The tier policy as it was used, or why it cannot be read. Raises KizukiError E-STORE-21 where the record is damaged."""
    if run.text(_POLICY) is None:
        return None, "区分の決め方(tiers.yaml)の本文は、この記録に残っていません。理由の文だけを示します。"
    try:
        return load_policy(run.folder / "rules" / _POLICY, run.folder / "rules"), ""
    except KizukiError as error:
        first = error.problems[0]
        return (
            None,
            f"このときの区分の決め方を、いまの kizuki は読めません({first.place} {first.code})。理由の文だけを示します。",
        )


def gaps_of(run: RunRecord, policy_gap: str) -> Iterator[str]:
    """What the record lacks, in words; nothing for a complete one."""
    if not run.is_complete:
        yield "文ごとの○×？と、シナリオの本文は、この記録に残っていません(残す前の kizuki でつくられた記録です)。"
    if policy_gap:
        yield policy_gap
