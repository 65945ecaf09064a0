"""The week's list with its evidence made again, and held against cases.json and scenarios.json."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

from engine.audit.run_record import CONFERENCE, RunContents, RunRecord
from engine.audit.runs import open_run
from engine.kernel.errors import KizukiError
from engine.records.case import Casebook
from engine.records.outline import OutlineLine, ScenarioOutline
from engine.store.tables import Snapshot
from kizuki.audit.cases import case_difference
from kizuki.audit.conference import check_conference, weeks_again
from kizuki.audit.drawn import draw_again
from kizuki.audit.findings import Cause, Check, Finding, finding
from kizuki.audit.recomputed import Recomputed
from kizuki.audit.replayed import check_replayed
from kizuki.past_facts import decisions_before
from kizuki.rules.files import RuleFiles
from kizuki.settings import SETTINGS_FILE, Workspace, open_workspace
from kizuki.week_list import ListTerms, beside_cases, casebook_of, list_week


def check_cases(
    workspace: Workspace, run: RunRecord, snapshot: Snapshot, rules: RuleFiles, made: Recomputed, same_code: bool
) -> Iterator[Check]:
    """The list, its evidence and the outlines of the scenarios, made again and compared; then the engines asked again about that list."""
    name = "一覧と根拠"
    place = f"runs/{run.run_id}/cases.json"
    try:
        recorded = run.casebook()
        outlines = run.outlines()
        known = run.conference()
        raw = {file: (run.folder / file).read_bytes() for file in ("cases.json", "scenarios.json")}
    except (KizukiError, ValueError) as error:
        told = isinstance(error, KizukiError)  # a changed file is told by its hash
        found = () if told else (finding("E-AUDIT-09", Cause.RECORD, place, "形が崩れていて読めません。"),)
        yield Check(name, "記録を読めません", found, not_done=True)
        return
    terms = _list_terms(run, recorded)
    try:
        before = decisions_before(workspace.runs, run)
    except KizukiError as error:
        problem = error.problems[0]
        detail = (
            f"前回の実行({run.manifest['previous_run']})の記録を読めないので、一覧をつくり直せません({problem.code})。"
        )
        yield Check(name, "つくり直せません", (finding("E-AUDIT-13", Cause.RECORD, place, detail),), not_done=True)
        return
    said = check_conference(workspace, run, known, made, terms.meeting_on)
    if said is not None:
        yield said
    previous = run.manifest["previous_run"]
    last = open_run(workspace.runs, previous) if previous else None
    listed = list_week(snapshot, rules, made.decisions, before, terms, known, last)
    # Who became protected on the day of the papers is known only from the record; nobody who was protected then may be missing.
    since = _protected(recorded)
    weeks = weeks_again(workspace, run, recorded)
    drawing = draw_again(snapshot, made.decisions, run, recorded)
    scores = made.scored.of_listed(listed.children, recorded)
    casebook = casebook_of(
        snapshot,
        rules,
        listed,
        taken_off=run.manifest["evaluators_disagree_on"],
        replay=recorded.replay,
        replay_note=recorded.replay_note,
        protected_now=since,
        scores=scores.by_child if scores else None,
        model=made.scored.told(run, made.truths, rules),
        model_note=run.manifest.get("model_note", ""),
        similar=made.scored.similar(scores, made.decisions, run, snapshot, workspace.store, recorded),
        beside=beside_cases(snapshot, rules, listed, weeks=weeks.weeks, drawing=drawing.drawing, protected_now=since),
    )
    outlined = listed.outlines
    contents = RunContents(
        made.decisions, made.conditions, outlined, casebook, {}, {}, conference=listed.conference
    ).files()
    findings, notes = _cases(place, raw["cases.json"], contents["cases.json"], recorded, casebook, same_code)
    findings += weeks.findings
    notes += (*weeks.notes, *drawing.notes)
    if known != listed.conference:
        detail = "一覧に効かない世帯の判断があるか、順番が違います。"
        findings.append(finding("E-AUDIT-09", Cause.RECORD, f"runs/{run.run_id}/{CONFERENCE}", detail))
    if raw["scenarios.json"] != contents["scenarios.json"]:
        pairs = list(zip(outlines, outlined, strict=False))
        weighty = [o.id for o, again in pairs if _essence(o) != _essence(again)]
        changed = weighty or [o.id for o, again in pairs if o != again]
        detail = f"最初の違い: シナリオ {changed[0] if changed else '(数か並び)'} のあらまし。"
        if same_code or [*map(_essence, outlines)] != [*map(_essence, outlined)]:
            scenarios = f"runs/{run.run_id}/scenarios.json"
            findings.append(finding("E-AUDIT-09", Cause.RECOMPUTED, scenarios, detail, count=max(1, len(changed))))
        else:
            notes.append(f"scenarios.json の書き方が、いまのプログラムのものと違います({detail.rstrip('。')})。")
    notes += _protected_since(snapshot, run, recorded)
    children = sum(len(case.children) for case in recorded.cases)
    compared = (
        f"{len(recorded.cases):,}世帯・こども{children:,}人の一覧、順番、根拠と、別に示した{len(recorded.apart):,}世帯、"
        f"無作為に選んだ{len(recorded.drawn)}人をつくり直して比べました"
    )
    yield Check(name, compared, tuple(findings), tuple(notes))
    yield check_replayed(run, snapshot, rules, made, listed.evidence, same_code)


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


def _essence(outline: ScenarioOutline) -> tuple[object, ...]:
    """What every version of kizuki takes from the rulebook as it stands there, and how the numbered sentences are put together."""
    lines = (outline.target, outline.condition, *outline.cancels)
    return (
        *(outline.id, outline.hardship_type, outline.name, outline.purpose, outline.strength, outline.source),
        *(outline.file, outline.line, outline.ask, tuple(map(_shape, lines)), len(outline.cancels)),
    )


def _shape(line: OutlineLine) -> tuple[object, ...]:
    return line.kind, line.number, line.needed, line.refers_to, line.refers_positive, tuple(map(_shape, line.parts))


def _list_terms(run: RunRecord, recorded: Casebook) -> ListTerms:
    """As kizuki.toml of the record says; a record that has none says it in its casebook only."""
    if run.text(SETTINGS_FILE) is None:
        return ListTerms(run.run_id, recorded.city, recorded.capacity, recorded.meeting_on)
    _, settings = open_workspace(run.rules_folder)
    meeting_on = run.as_of + timedelta(days=settings.conference.days_after_as_of)
    return ListTerms(run.run_id, settings.city.name, settings.conference.capacity, meeting_on)


def _protected_since(snapshot: Snapshot, run: RunRecord, recorded: Casebook) -> list[str]:
    rows = snapshot.connection.execute("SELECT household_key FROM household WHERE protected").fetchall()
    then = {key for (key,) in rows}
    since = len(_protected(recorded) - then)
    return (
        [f"{since}世帯は、基準日より後に支援措置の対象になったものとして記録されています(町字を示しません)。"]
        if since
        else []
    )


def _protected(recorded: Casebook) -> frozenset[str]:
    """Households that the record shows as protected, on the list or apart."""
    listed = {case.household_key for case in recorded.cases if case.protected}
    return frozenset(listed | {household.household_key for household in recorded.apart if household.protected})
