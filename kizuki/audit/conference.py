"""What earlier conferences decided, as the record has it, against the store of conferences; and the weeks that a record tells."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date

from engine.audit.run_record import CONFERENCE, RunRecord
from engine.kernel.errors import KizukiError
from engine.records.case import Casebook, Tier, WeekTier
from engine.records.conference import AGENCIES, PastDecision
from kizuki.audit.chain import opened
from kizuki.audit.findings import Cause, Check, Finding, finding
from kizuki.audit.recomputed import Recomputed
from kizuki.conferences import read_in
from kizuki.decisions import children_with_hits
from kizuki.past_weeks import PastWeeks, past_weeks, told_by
from kizuki.settings import SETTINGS_FILE, Workspace, open_workspace

_NAME = "会議で決めたこと"
_FIELDS = {
    "run_id": "どの一覧の会議か",
    "household_key": "世帯の整理番号",
    "decided_on": "会議の日",
    "decision": "判断",
    "until": "見送りの期限",
    "review_on": "次回見直し",
    "lead_agency": "主担当機関",
    "outcome": "結果",
    "outcome_on": "結果の日",
    "rightness": "気づき",
    "why_wrong": "違った理由",
    "found_types": "確かめた困難",
    "met_then": "そのときの該当",
    "tier_then": "そのときの区分",
    "closed_on": "終結日",
    "closed_because": "終結理由",
    "urgency": "緊急度",
    "severity": "重症度",
}


def check_conference(
    workspace: Workspace, run: RunRecord, recorded: tuple[PastDecision, ...], made: Recomputed, meeting_on: date
) -> Check | None:
    """The decisions of the record against the files of the store that its manifest names. None for a record made before conferences were honoured.

    What was read in after the run is as if it were not there. Where the workspace has no store of conferences (a copy for an auditor need not), that is only told.
    """
    names = _files(run)
    if names is None:
        return None
    compared = f"一覧に効く判断{len(recorded):,}件を、会議の控え{len(names)}ファイルから取り出し直して比べました"
    if names and not workspace.conference.is_dir():
        note = "作業フォルダに会議の控え(conference)がないので、記録にある判断を控えと比べることはできませんでした。"
        return Check(_NAME, f"記録にある判断{len(recorded):,}件で一覧をつくり直しました", (), (note,))
    today = sorted(path.name for path in workspace.conference.glob("*.jsonl"))
    findings = list(_files_gone(names, today))
    if findings:
        return Check(_NAME, "会議の控えが記録のときと違うので、比べられません", tuple(findings))
    try:
        known = read_in(workspace.conference, len(names)).known(run.as_of, meeting_on, _agencies(run))
    except KizukiError as error:
        findings = [finding("E-AUDIT-19", Cause.CONFERENCE, str(p.place), f"{p.code}。") for p in error.problems]
        return Check(_NAME, "会議の控えを読めないので、比べられません", tuple(findings))
    calling = {child.household_key for child in children_with_hits(made.decisions) if child.tier < Tier.NO_ACTION}
    wanted = sorted((d for d in known if d.household_key in calling), key=_order)
    return Check(_NAME, compared, tuple(_different(run, sorted(recorded, key=_order), wanted)))


def _agencies(run: RunRecord) -> tuple[str, ...]:
    """Who might lead, as kizuki.toml of the record names them."""
    if run.text(SETTINGS_FILE) is None:
        return AGENCIES
    return open_workspace(run.rules_folder)[1].conference.agencies


def _files(run: RunRecord) -> tuple[str, ...] | None:
    said = run.manifest.get("list_inputs", {}).get("conference_files")
    return None if said is None else tuple(said)


def _files_gone(names: Collection[str], today: list[str]) -> Iterator[Finding]:
    """Files of the manifest that are not there any more, and others in their places: the store only grows at its end."""
    for name in names:
        if name not in today:
            yield finding("E-AUDIT-19", Cause.CONFERENCE, f"conference/{name}", "ファイルがありません。")
    for name in set(today[: len(names)]) - set(names):
        yield finding("E-AUDIT-19", Cause.CONFERENCE, f"conference/{name}", "記録のときにはなかったファイルです。")


def _different(run: RunRecord, recorded: list[PastDecision], wanted: list[PastDecision]) -> Iterator[Finding]:
    said = {_order(each): each for each in recorded}
    again = {_order(each): each for each in wanted}
    differing = sorted(key for key in said.keys() | again.keys() if said.get(key) != again.get(key))
    if not differing and len(recorded) == len(said):
        return
    place = f"runs/{run.run_id}/{CONFERENCE}"
    if not differing:
        yield finding("E-AUDIT-20", Cause.EITHER_CONFERENCE, place, "同じ判断が2度書かれています。")
        return
    key = differing[0]
    one, other = said.get(key), again.get(key)
    which = f"世帯 {key[0]} についての {key[1]} の会議の判断"
    if one is None or other is None:
        here, there = ("あり" if each else "なし" for each in (one, other))
        first = f"{which}は、記録では{here}、控えでは{there}"
    else:
        names = [_FIELDS[f.name] for f in fields(one) if getattr(one, f.name) != getattr(other, f.name)]
        first = f"{which}は、{'・'.join(names)}が違います(値は示しません)"
    detail = f"最初の違い: {first}。違いは{len(differing)}件です。"
    yield finding("E-AUDIT-20", Cause.EITHER_CONFERENCE, place, detail, count=len(differing))


def _order(decision: PastDecision) -> tuple[str, str, str]:
    return decision.household_key, decision.decided_on.isoformat(), decision.run_id


@dataclass(frozen=True)
class WeeksAgain:
    """The weeks of the listed households, told again by the runs that the manifest names."""

    weeks: PastWeeks
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def weeks_again(workspace: Workspace, run: RunRecord, recorded: Casebook) -> WeeksAgain:
    """Of runs that are gone or damaged since, what the record says is kept and told; a run that is another one than was sealed then is found."""
    said = run.manifest.get("list_inputs", {}).get("weeks")
    if said is None:
        return WeeksAgain(PastWeeks())
    households = {case.household_key for case in recorded.cases}
    findings, readable, gone = [], [], []
    for run_id in sorted(said):
        record = opened(workspace, run_id)
        if record is None:
            gone.append(run_id)
        elif record.manifest.get("seal") != said[run_id]:
            findings.append(
                finding(
                    "E-AUDIT-12", Cause.RECORD, f"runs/{run_id}/manifest.json", f"控えているのは {run.run_id} です。"
                )
            )
            gone.append(run_id)
        else:
            readable.append(record)
    again = told_by(readable, households)
    gone += [record.run_id for record in readable if record.run_id not in again.seals]
    weeks = {household: list(again.by_household.get(household, ())) for household in households}
    for case in recorded.cases:
        weeks[case.household_key] += [week for week in case.weeks if week.run_id in gone]
    notes = _notes(workspace, run, said, gone)
    return WeeksAgain(
        PastWeeks({key: _oldest_first(its) for key, its in weeks.items() if its}, said), tuple(findings), notes
    )


def _oldest_first(weeks: list[WeekTier]) -> tuple[WeekTier, ...]:
    return tuple(sorted(weeks, key=lambda week: (week.as_of, week.run_id)))


def _notes(workspace: Workspace, run: RunRecord, said: Mapping[str, str | None], gone: list[str]) -> tuple[str, ...]:
    notes = []
    if gone:
        shown = f"{'・'.join(sorted(gone)[:3])}{f'ほか{len(gone) - 3}件' if len(gone) > 3 else ''}"
        notes.append(
            f"これまでの週の区分のうち、{shown} の分は、その実行の記録がもう読めないので、記録のとおりとしました。"
        )
    days = {run_id[1:9] for run_id in said}
    other = [r for r in past_weeks(workspace.runs, run.as_of, run.manifest["key_id"], ()).seals if r[1:9] not in days]
    if other:
        notes.append(
            f"これまでの週の区分に、{'・'.join(other[:3])} の分がありません(後からつくられた記録なら当然です)。"
        )
    return tuple(notes)
