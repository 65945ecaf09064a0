"""The week's list with its evidence made again, and held against cases.json and scenarios.json."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from engine.audit.run_record import RunContents, RunRecord
from engine.evaluate.explanation.outline import outlines_of
from engine.kernel.errors import KizukiError
from engine.records.case import Casebook
from engine.store.tables import Snapshot
from engine.tiers.listing import list_households
from kizuki.audit.cases import case_difference
from kizuki.audit.findings import Cause, Check, Finding, finding
from kizuki.audit.recomputed import Recomputed
from kizuki.audit.replayed import check_replayed
from kizuki.decisions import children_with_hits, tier_counts
from kizuki.evidence import collect_evidence
from kizuki.past_facts import decisions_before
from kizuki.rules.files import RuleFiles
from kizuki.settings import SETTINGS_FILE, Workspace, open_workspace
from reports.casebook import build_casebook


@dataclass(frozen=True)
class _ListSettings:
    city: str
    capacity: int
    meeting_on: date


def check_cases(
    workspace: Workspace, run: RunRecord, snapshot: Snapshot, rules: RuleFiles, made: Recomputed, same_code: bool
) -> Iterator[Check]:
    """The list, its evidence and the outlines of the scenarios, made again and compared; then the engines asked again about that list."""
    name = "一覧と根拠"
    place = f"runs/{run.run_id}/cases.json"
    try:
        recorded = run.casebook()
        outlines = run.outlines()
        raw = {file: (run.folder / file).read_bytes() for file in ("cases.json", "scenarios.json")}
    except (KizukiError, ValueError) as error:
        told = isinstance(error, KizukiError)  # a changed file is told by its hash
        found = () if told else (finding("E-AUDIT-09", Cause.RECORD, place, "形が崩れていて読めません。"),)
        yield Check(name, "記録を読めません", found, not_done=True)
        return
    try:
        before = decisions_before(workspace.runs, run)
    except KizukiError as error:
        problem = error.problems[0]
        detail = (
            f"前回の実行({run.manifest['previous_run']})の記録を読めないので、一覧をつくり直せません({problem.code})。"
        )
        yield Check(name, "つくり直せません", (finding("E-AUDIT-13", Cause.RECORD, place, detail),), not_done=True)
        return
    asked = _list_settings(run, recorded)
    week = list_households(children_with_hits(made.decisions), before, asked.capacity)
    evidence = collect_evidence(snapshot, rules, week)
    # Who became protected on the day of the papers is known only from the record; nobody who was protected then may be missing.
    since = {case.household_key for case in recorded.cases if case.protected}
    outlined = outlines_of(rules.plan)
    casebook = build_casebook(
        snapshot,
        week,
        evidence.households,
        evidence.explanations,
        taken_off=run.manifest["evaluators_disagree_on"],
        policy=rules.policy,
        outlines=outlined,
        meeting_on=asked.meeting_on,
        run_id=run.run_id,
        city=asked.city,
        capacity=asked.capacity,
        children_evaluated=made.decisions.num_rows,
        tier_counts=tier_counts(made.decisions),
        replay=recorded.replay,
        replay_note=recorded.replay_note,
        rulebook_versions=rules.rulebooks.versions,
        protected_now=since,
    )
    contents = RunContents(made.decisions, made.conditions, outlined, casebook, {}, {}).files()
    findings, notes = _cases(place, raw["cases.json"], contents["cases.json"], recorded, casebook, same_code)
    if raw["scenarios.json"] != contents["scenarios.json"]:
        changed = [o.id for o, again in zip(outlines, outlined, strict=False) if o != again]
        detail = f"最初の違い: シナリオ {changed[0] if changed else '(数か並び)'} のあらまし。"
        if same_code:
            scenarios = f"runs/{run.run_id}/scenarios.json"
            findings.append(finding("E-AUDIT-09", Cause.RECOMPUTED, scenarios, detail, count=max(1, len(changed))))
        else:
            notes.append(f"scenarios.json の書き方が、いまのプログラムのものと違います({detail.rstrip('。')})。")
    notes += _protected_since(snapshot, run, recorded)
    children = sum(len(case.children) for case in recorded.cases)
    compared = f"{len(recorded.cases):,}世帯・こども{children:,}人の一覧、順番、根拠をつくり直して比べました"
    yield Check(name, compared, tuple(findings), tuple(notes))
    yield check_replayed(run, snapshot, rules, made, evidence, same_code)


def _cases(
    place: str, raw: bytes, again: bytes, recorded: Casebook, casebook: Casebook, same_code: bool
) -> tuple[list[Finding], list[str]]:
    if raw == again:
        return [], []
    difference = case_difference(json.loads(raw), json.loads(again))
    if difference is None:
        if recorded == casebook and not same_code:
            return [], []
        return [finding("E-AUDIT-09", Cause.RECORD, place, "内容は同じですが、書き方(バイト列)が違います。")], []
    first = f"{difference.where} は、記録では「{difference.recorded}」、つくり直すと「{difference.recomputed}」"
    if difference.wording_only and not same_code:
        return [], [f"一覧、区分、答え、根拠の記録は同じで、書き表し方だけが違います(最初の違い: {first})。"]
    detail = f"最初の違い: {first}。違いは{difference.count:,}か所です。"
    return [finding("E-AUDIT-09", Cause.RECOMPUTED, place, detail, count=difference.count)], []


def _list_settings(run: RunRecord, recorded: Casebook) -> _ListSettings:
    """As kizuki.toml of the record says; a record that has none says it in its casebook only."""
    if run.text(SETTINGS_FILE) is None:
        return _ListSettings(recorded.city, recorded.capacity, recorded.meeting_on)
    _, settings = open_workspace(run.rules_folder)
    meeting_on = run.as_of + timedelta(days=settings.conference.days_after_as_of)
    return _ListSettings(settings.city.name, settings.conference.capacity, meeting_on)


def _protected_since(snapshot: Snapshot, run: RunRecord, recorded: Casebook) -> list[str]:
    rows = snapshot.connection.execute("SELECT household_key FROM household WHERE protected").fetchall()
    then = {key for (key,) in rows}
    since = sum(case.protected and case.household_key not in then for case in recorded.cases)
    return (
        [f"{since}世帯は、基準日より後に支援措置の対象になったものとして記録されています(町字を示しません)。"]
        if since
        else []
    )
