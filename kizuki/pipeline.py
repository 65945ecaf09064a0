"""The weekly job, in the order in which it happens. Names rejoin a case last of all (papers of the past: `handout/rejoined.py`)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
from filelock import FileLock
from rich.console import Console

from engine.audit.canonical import canonical_json
from engine.audit.run_record import RunContents
from engine.audit.runs import next_run_id, previous_run, publish, seal_run
from engine.evaluate.columns.evaluation import evaluate_all
from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError, Place, Problem
from engine.linkage.keyring import Keyring, open_keyring
from engine.records.case import Casebook
from engine.records.conference import ConferenceEntry
from engine.records.conference_store import texts
from engine.replay.second_opinion import SecondOpinion
from engine.store.ownership import holds_deliveries
from engine.store.snapshot import open_snapshot
from kizuki.conferences import lost_since, read_in, with_words
from kizuki.dashboard import DASHBOARD, write_dashboard
from kizuki.decisions import conditions_table
from kizuki.drawn import draw_children
from kizuki.handout.people import names_for_paper, people_on_paper
from kizuki.handout.templates import template_of
from kizuki.handout_key import sealing
from kizuki.ingest import take_in
from kizuki.judged_week import judge_week
from kizuki.manifest import ListInputs, make_manifest
from kizuki.past_weeks import past_weeks
from kizuki.progress import Stages, StageTime
from kizuki.rules.changes import RuleChanges, changes_since
from kizuki.rules.files import load_rule_files, newest_day, require_approval
from kizuki.scoring import score_children
from kizuki.second_opinion import ask_engines
from kizuki.settings import SETTINGS_FILE, Settings, Workspace, open_workspace
from kizuki.similar_week import hidden_households
from kizuki.week_list import ListTerms, beside_cases, casebook_of
from ml_overlay.scoring.outcome import NotScored
from reports.handout import write_handout
from reports.second_opinion.paper import write_second_opinion

DIFFERENCES = "replay_differences.xlsx"
"""The error sheet, beside the handout, where engines differ or did not answer."""


@dataclass(frozen=True)
class Outcome:
    """What a run leaves behind. `age_unknown` counts residents without a readable birth date: whether they are children
    is not known, and they are not judged. `differences`: the error sheet of the engines, if there is anything to tell.
    `model_failed`: a model was to be used and could not be; the casebook's `model_note` says why."""

    casebook: Casebook
    run_folder: Path
    handouts: tuple[Path, ...]
    quarantine_files: tuple[Path, ...]
    warnings: tuple[Problem, ...]
    files_known: int
    files_new: int
    people: int
    households: int
    age_unknown: int
    opinion: SecondOpinion
    differences: Path | None
    notices: Path | None
    stages: tuple[StageTime, ...]
    rule_changes: RuleChanges
    dashboard: Path
    model_failed: bool = False

    @property
    def engines_agree(self) -> bool:
        """Whether no engine said otherwise than another, of anyone who was asked about."""
        return not self.opinion.differences


def run_week(folder: Path, as_of: date | None, console: Console) -> Outcome:
    """Run one week of a workspace as of a day (default: the newest delivery folder) and publish everything at once.

    Raises KizukiError for whatever a person must put right; then neither a run record nor a handout has been written,
    and the last ones are as they were.
    """
    workspace, settings = open_workspace(folder)
    with FileLock(workspace.root / ".lock", timeout=0):
        try:
            return _run(workspace, settings, as_of or newest_day(workspace), Stages(console))
        except duckdb.OutOfMemoryException:
            raise KizukiError(
                Problem(
                    Place(SETTINGS_FILE, field="memory"),
                    "E-CONF-10",
                    f"決められたメモリ({settings.processing.memory})では処理できません。",
                    "個人情報をディスクに書き出さないため、メモリの中だけで計算します。",
                    "kizuki.toml の memory を増やしてください(人口10万人あたり1GBが目安です)。",
                )
            ) from None


def _run(workspace: Workspace, settings: Settings, as_of: date, stages: Stages) -> Outcome:
    with stages.stage("設定とルールを確かめる"):
        rules = load_rule_files(workspace, as_of)
        require_approval(rules)
        keyring = open_keyring(workspace.keyring, may_create=not holds_deliveries(workspace.store))
    with stages.stage("受領データを読み込み、名寄せして保管する") as stage:
        intake = take_in(workspace, keyring, rules.layouts, rules.vocabulary, as_of, settings.city.name, stage.advance)
    with stages.stage("基準日の事実をそろえる"):
        snapshot = open_snapshot(
            workspace.store,
            rules.vocabulary,
            rules.layouts,
            as_of,
            threads=settings.processing.threads,
            memory_limit=settings.processing.memory,
        )
    with snapshot:
        with stages.stage(f"シナリオを判定する({len(rules.plan.scenarios)}件)"):
            truths = evaluate_all(snapshot, rules.plan)
            before, damaged = previous_run(workspace.runs, as_of)
        with stages.stage("モデルの点をつける"):
            scored = score_children(workspace.models, snapshot, rules, truths, before, keyring.key_id)
        with stages.stage("一覧をつくり、根拠をそろえる"):
            meeting_on = as_of + timedelta(days=settings.conference.days_after_as_of)
            conferences = read_in(workspace.conference)
            known = conferences.known(as_of, meeting_on, settings.conference.agencies)
            changes = changes_since(before, rules, as_of, meeting_on)
            run_id = next_run_id(workspace.runs, as_of)
            terms = ListTerms(run_id, settings.city.name, settings.conference.capacity, meeting_on)
            judged = judge_week(snapshot, rules, truths, scored, before, terms, known)
            listed = judged.listed
        with stages.stage("別の仕組みで判定し直して比べる") as stage:
            opinion = ask_engines(
                snapshot,
                rules,
                truths,
                listed.evidence,
                run_id=run_id,
                sample=settings.replay.sample,
                progress=lambda share: stage.advance(share, ""),
            )
        with stages.stage("世帯ごとの案件にまとめる"):
            protected = keyring.protected_households(), keyring.protected_people()
            similar = judged.similar(snapshot, hidden_households(snapshot, workspace.store))
            weeks = past_weeks(
                workspace.runs, as_of, keyring.key_id, {line.household_key for line in listed.week.households}
            )
            drawing = draw_children(
                snapshot, listed.decisions, run_id, settings.conference.drawn, protected[0] | protected[1]
            )
            casebook = casebook_of(
                snapshot,
                rules,
                listed,
                taken_off=opinion.disagreeing,
                replay=opinion.verdict.value,
                replay_note=opinion.note(),
                protected_now=protected[0] | protected[1],
                scores=judged.scores.by_child if judged.scores else None,
                model=judged.model,
                model_note=judged.model_note,
                similar=similar,
                beside=beside_cases(
                    snapshot,
                    rules,
                    listed,
                    weeks=weeks,
                    drawing=drawing,
                    protected_now=protected[0] | protected[1],
                ),
            )
        people, households, age_unknown = snapshot.connection.execute(
            "SELECT count(*), count(DISTINCT household_key), count(*) FILTER (WHERE is_child IS NULL) FROM person"
        ).fetchall()[0]
        template = template_of(workspace, "会議資料")
        manifest = make_manifest(
            workspace.store,
            key_id=keyring.key_id,
            rules=rules,
            snapshot=snapshot,
            settings=settings.text,
            list_inputs=ListInputs(
                before,
                settings.conference.capacity,
                meeting_on,
                (len(protected[0]), len(protected[1])),
                conferences.files,
                weeks.seals,
                settings.conference.drawn,
            ),
            changes=changes,
            replay=casebook.replay,
            disagreements=opinion.disagreeing,
            model=judged.by_model.for_manifest() if judged.by_model else None,
            model_note=judged.model_note,
            templates={template.path.name: template.sha256},
        )
    # The record is complete and sealed before the papers, which print its head; the papers before the record is published, so that there is both or neither.
    sealed_run = seal_run(
        run_id,
        manifest,
        RunContents(
            listed.decisions,
            conditions_table(truths, rules.plan),
            listed.outlines,
            casebook,
            opinion.for_record(rules.vocabulary),
            {**rules.texts, SETTINGS_FILE: settings.text},
            judged.by_model.scores.table() if judged.by_model else None,
            listed.conference,
        ),
    )
    warnings = (*intake.warnings, *damaged, *lost_since(before, conferences.files))
    for leftover in workspace.out.glob(".draft-*"):
        shutil.rmtree(leftover)
    draft = workspace.out / f".draft-{run_id}"
    with stages.stage(f"会議資料をつくる({len(casebook.cases)}世帯)") as stage:
        papers = _write_papers(
            draft,
            workspace,
            settings,
            keyring,
            casebook,
            warnings,
            conferences.entries,
            sealed_run.head,
            template.path,
            stage.advance,
        )
        write_dashboard(draft / DASHBOARD, casebook, listed.decisions, before, known, sealed_run.head)
        differences = None
        if opinion.must_be_read:
            differences = write_second_opinion(
                opinion, rules.plan, snapshot.deliveries, draft / DIFFERENCES, city=casebook.city, run_id=run_id
            )
    with stages.stage("実行の記録を残す"):
        # The papers are complete before the record says that the run exists, and take their place right after it.
        record = publish(workspace.runs, sealed_run)
        draft.rename(workspace.out / run_id)
    handouts, notices = papers.moved_to(workspace.out / run_id)
    write_whole(record.folder / "timings.json", canonical_json([vars(time) for time in stages.times]))
    return Outcome(
        casebook=casebook,
        run_folder=record.folder,
        handouts=handouts,
        quarantine_files=intake.quarantine_files,
        warnings=warnings,
        files_known=intake.files_known,
        files_new=intake.files_new,
        people=people,
        households=households,
        age_unknown=age_unknown,
        opinion=opinion,
        differences=differences and workspace.out / run_id / differences.name,
        notices=notices,
        stages=tuple(stages.times),
        rule_changes=changes,
        dashboard=workspace.out / run_id / DASHBOARD,
        model_failed=isinstance(judged.scored, NotScored) and judged.scored.is_fault,
    )


@dataclass(frozen=True)
class _Papers:
    handouts: tuple[Path, ...]
    notices: Path | None

    def moved_to(self, folder: Path) -> tuple[tuple[Path, ...], Path | None]:
        """Where the papers are after their folder has been renamed."""
        return tuple(folder / path.name for path in self.handouts), self.notices and folder / self.notices.name


def _write_papers(
    folder: Path,
    workspace: Workspace,
    settings: Settings,
    keyring: Keyring,
    casebook: Casebook,
    warnings: Sequence[Problem],
    entries: Sequence[ConferenceEntry],
    head: str,
    template: Path,
    advance: Callable[[float, str], None],
) -> _Papers:
    """The handout, and what the intake noticed in full, for the section that sent the file (never a cell)."""
    folder.mkdir(parents=True, mode=0o700)
    notices = None
    if warnings:
        lines = "\n".join(str(warning) for warning in warnings)
        notices = write_whole(folder / "notices.txt", f"{lines}\n".encode("utf-8-sig"), private=True)
    handouts = write_handout(
        with_words(casebook, entries),
        names_for_paper(keyring, people_on_paper(casebook)),
        folder / "handout.xlsx",
        copies=settings.conference.copies,
        progress=lambda done, total: advance(done / max(total, 1), ""),
        texts=texts(entries),
        seal=sealing(workspace),
        head=head,
        template=template,
        agencies=settings.conference.agencies,
    )
    return _Papers(tuple(handouts), notices)
