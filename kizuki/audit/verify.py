"""The whole verification of one run: inputs first, then everything made again, each part told by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date

from engine.audit.canonical import head_of
from engine.audit.run_record import RunRecord
from engine.audit.runs import published_ids
from engine.kernel.errors import KizukiError
from kizuki.audit.agreement import check_manifest, check_replay
from kizuki.audit.chain import check_chain
from kizuki.audit.findings import Cause, Check, Finding, finding
from kizuki.audit.inputs import check_deliveries, check_files, check_head, check_rules
from kizuki.audit.rebuilt import check_cases
from kizuki.audit.recomputed import check_table, recompute
from kizuki.manifest import versions_now
from kizuki.past_facts import open_past_snapshot
from kizuki.progress import Stages
from kizuki.rules.files import RuleFiles
from kizuki.settings import Settings, Workspace


@dataclass(frozen=True)
class Verification:
    """What was compared and found, part by part. `head`: what the papers of the run print of its seal. `versions`: by name, of the
    record and of now, where they differ.
    """

    run_id: str
    as_of: date
    seal: str | None
    head: str
    decisions_content: str
    verdict: str
    checks: tuple[Check, ...]
    recorded_versions: Mapping[str, str | None]
    versions: Mapping[str, tuple[str | None, str | None]]

    @property
    def confirmed(self) -> bool:
        """Whether every part was done and nothing was found."""
        return all(check.holds for check in self.checks)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them, in the order in which they were looked for."""
        return tuple(found for check in self.checks for found in check.findings)

    def causes(self) -> list[str]:
        """What may lie behind them, likeliest first.

        What was seen to be changed goes first: record, deliveries, rules. Where a recomputation differs and nothing of that was
        seen, another program is likelier than another library, and if both are the same, only the record is left.
        """
        seen = {found.cause for found in self.findings}
        causes = [cause.value for cause in Cause if cause in seen and cause is not Cause.RECOMPUTED]
        if Cause.RECOMPUTED in seen:
            if "code" in self.versions:
                causes.append("判定のプログラムが、記録のときと違う(記録の版の kizuki で確かめると分かります)")
            if libraries := [name for name in self.versions if name not in ("code", "kizuki")]:
                causes.append(f"ライブラリの版が、記録のときと違う({'・'.join(libraries)})")
            if Cause.RECORD not in seen:
                alone = "" if causes else "データ、ルール、プログラム、ライブラリはどれも目録のとおりなので、"
                causes.append(f"{alone}記録が(または記録と保管庫がいっしょに)、目録のハッシュごと書き換えられた")
        return causes


def verify_run(
    workspace: Workspace, settings: Settings, run: RunRecord, stages: Stages, head: str | None = None
) -> Verification:
    """Compare everything that a run recorded. Reads only; what it finds is in the answer, not raised.

    `settings` give the machine's limits; what decided the list is taken from the record. `head`: as a paper prints it, to be compared too.
    """
    now = versions_now()
    recorded = run.manifest["versions"]
    versions = {name: (recorded[name], now.get(name)) for name in recorded if recorded[name] != now.get(name)}
    return Verification(
        run.run_id,
        run.as_of,
        run.manifest.get("seal"),
        head_of(run.manifest),
        run.manifest["decisions_content"],
        _verdict(run),
        (
            *((check_head(run, head),) if head is not None else ()),
            *_checks(workspace, settings, run, stages, same_code="code" not in versions),
        ),
        recorded,
        versions,
    )


def _verdict(run: RunRecord) -> str:
    said = run.manifest["replay"]
    return str(said["verdict"] if isinstance(said, dict) else said)


def _checks(
    workspace: Workspace, settings: Settings, run: RunRecord, stages: Stages, *, same_code: bool
) -> Iterator[Check]:
    with stages.stage("記録のファイルを目録と比べる"):
        yield check_files(run)
        yield check_chain(workspace, run, published_ids(workspace.runs), same_code=same_code)
    with stages.stage("受領データを保管庫と比べる") as stage:
        yield check_deliveries(workspace, run, stage.advance)
    with stages.stage("ルールを読み、承認を確かめる"):
        read = check_rules(workspace, run)
        yield read.check
    if read.rules is None:
        yield Check("判定", "ルールを読めないので、計算し直せません", not_done=True)
    else:
        yield from _made_again(workspace, settings, run, read.rules, stages, same_code)
    yield check_replay(run, same_code=same_code)


def _made_again(
    workspace: Workspace, settings: Settings, run: RunRecord, rules: RuleFiles, stages: Stages, same_code: bool
) -> Iterator[Check]:
    with ExitStack() as stack:
        try:
            with stages.stage("その日の事実をそろえる"):
                snapshot = stack.enter_context(
                    open_past_snapshot(workspace, settings.processing, run, rules.vocabulary, rules.layouts)
                )
        except KizukiError as error:
            found = [finding("E-AUDIT-13", Cause.DELIVERY, str(p.place), f"{p.code} {p.what}") for p in error.problems]
            yield Check("判定", "事実がそろわないので、計算し直せません", tuple(found), not_done=True)
            return
        with stages.stage(f"こども全員を判定し直す(シナリオ{len(rules.plan.scenarios)}件)"):
            made = recompute(workspace, run, snapshot, rules)
        if made.scored.check is not None:
            yield made.scored.check
        if made.scored.is_lost:
            yield Check("判定", "モデルの点が分からないので、計算し直せません", not_done=True)
            return
        with stages.stage("記録の判定と1つずつ比べる"):
            yield check_table("decisions", run, made, {})
            if run.is_complete:
                yield check_table("conditions", run, made, _sentences(run))
            else:
                yield Check(
                    "条件の答え", "この記録には条件ごとの答えが残っていません(残す前の kizuki でつくられた記録です)"
                )
        if not run.is_complete:
            return
        with stages.stage("一覧と根拠をつくり直して比べる"):
            yield from check_cases(workspace, run, snapshot, rules, made, same_code)
        with stages.stage("目録をつくり直して比べる"):
            yield check_manifest(workspace, run, snapshot, rules, made.scored, same_code=same_code)


def _sentences(run: RunRecord) -> Mapping[str, str]:
    """What each numbered condition asks, as the record's outlines have it; none where they cannot be read."""
    try:
        outlines = run.outlines()
    except (KizukiError, ValueError):
        return {}
    return {
        f"c{line.number}": f"文「{line.text}」"
        for outline in outlines
        for tree in (outline.target, outline.condition, *outline.cancels)
        for line in tree.sentences()
    }
