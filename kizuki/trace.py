"""`kizuki trace`: from a child's tier back to the file and line of every fact. Reads the run record only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from engine.audit.run_record import RunRecord, open_run
from engine.evaluate.plan import outcome_of
from engine.kernel.dates import grade_label, wareki, wareki_short
from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.truth import Truth
from engine.records.case import HARDSHIP_LABELS, Case, Casebook, ChildCase, Fact, ScenarioResult, SentenceResult, Tier
from kizuki.settings import open_workspace

_CASE_NUMBER = re.compile(r"(?:案件)?(\d{1,4})")


def print_trace(folder: Path, child: str, run_id: str | None, scenario: str | None, console: Console) -> None:
    """Print the trace of a child by key (or its first letters), or of every child of a case by its number."""
    workspace, _ = open_workspace(folder)
    run = open_run(workspace.runs, run_id)
    for line in trace_lines(run, child, scenario):
        console.print(line, markup=False)


def trace_lines(run: RunRecord, child: str, scenario: str | None = None) -> Iterator[str]:
    """The trace as lines of text. Raises KizukiError (E-RUN-02) if nobody in the run has that number."""
    wanted = unicodedata.normalize("NFKC", child).strip().upper()
    casebook = run.casebook()
    yield f"実行 {run.run_id}  基準日 {wareki(run.as_of)}  再現：{casebook.replay}"
    found = [(case, one) for case in casebook.cases for one in case.children if _matches(case, one, wanted)]
    if found:
        for case, one in found:
            yield from _listed(run.manifest, casebook, case, one, scenario)
        return
    yield from _not_listed(run, wanted, scenario)


def _matches(case: Case, child: ChildCase, wanted: str) -> bool:
    if number := _CASE_NUMBER.fullmatch(wanted):
        return case.case_no == int(number[1])
    return len(wanted) >= 6 and (child.child_key.startswith(wanted) or case.household_key.startswith(wanted))


def _listed(
    manifest: Mapping[str, Any], casebook: Casebook, case: Case, child: ChildCase, scenario: str | None
) -> Iterator[str]:
    age = f"{child.age_years}歳" if child.age_years is not None else "年齢不詳"
    grade = grade_label(child.school_grade) if child.school_grade is not None else ""
    yield ""
    yield f"案件{case.case_no:02d}  整理番号 {child.child_key}  {age} {grade}".rstrip()
    yield f"区分 {child.tier.mark} {child.tier.label}(世帯 {case.tier.mark}・前週から{case.change})"
    tiers = manifest["rulebooks"]["tiers.yaml"]
    yield f"└ 区分の決め方 rulebooks/tiers.yaml 版{tiers['version']}(SHA-256 {tiers['sha256'][:12]}…)"
    for decision in child.types:
        label = HARDSHIP_LABELS[decision.hardship_type]
        yield f"  └ {label} {decision.tier.mark} {decision.reason}"
        for result in child.results:
            if result.scenario_id in decision.scenario_ids and scenario in (None, result.scenario_id):
                yield from _scenario(manifest, result)
    if scenario is not None:
        others = [r for r in child.results if r.scenario_id == scenario and not r.is_hit]
        for result in others:
            yield from _scenario(manifest, result)
    asks = dict.fromkeys(text for result in child.results if result.is_hit for text in result.ask)
    for title, texts in (
        ("足りない情報", child.missing),
        ("確認すべきこと", (*asks, *child.to_check)),
    ):
        if texts:
            yield f"  {title}"
            yield from (f"    ・{text}" for text in texts)
    if child.supports:
        yield "  いま使えている支援"
        for fact in child.supports:
            yield from _fact(manifest, fact, "    ")


def _scenario(manifest: Mapping[str, Any], result: ScenarioResult) -> Iterator[str]:
    book = manifest["rulebooks"].get(f"{result.hardship_type}.yaml", {})
    state = outcome_of(result.truth, result.cancelled)
    yield f"    └ {result.scenario_id} {result.name} 【{result.strength}】 {state}"
    yield f"      rulebooks/{result.hardship_type}.yaml 版{book.get('version', '?')}(SHA-256 {book.get('sha256', '')[:12]}…)"
    yield f"      出典: {result.source}"
    for sentence in result.sentences:
        yield from _sentence(manifest, sentence)
    if result.cancel_sentences:
        yield "      打ち消し:"
        for sentence in result.cancel_sentences:
            yield from _sentence(manifest, sentence)


def _sentence(manifest: Mapping[str, Any], sentence: SentenceResult) -> Iterator[str]:
    indent = "      " + "  " * sentence.depth
    yield f"{indent}{sentence.truth.mark} {sentence.text}"
    for fact in sentence.facts:
        yield from _fact(manifest, fact, indent + "    ")
    if sentence.note:
        yield f"{indent}    {sentence.note}"


def _fact(manifest: Mapping[str, Any], fact: Fact, indent: str) -> Iterator[str]:
    origin = fact.provenance
    digest = next((d["sha256"] for d in manifest["deliveries"] if d["file"] == origin.file), "")
    yield f"{indent}・{fact.subject} {fact.text}"
    yield f"{indent}  ← {origin.file} {origin.line}行目({origin.source_label} {wareki_short(origin.known_on)}時点、SHA-256 {digest[:12]}…)"
    yield f"{indent}    所管 {origin.owner} / 法的根拠 {origin.legal_basis}"


def _not_listed(run: RunRecord, wanted: str, scenario: str | None) -> Iterator[str]:
    """Whoever is not on the list: tier and every scenario's answer, as the record of decisions holds them."""
    table = run.decisions()
    keys = table.column("child_key").to_pylist()
    matches = [i for i, key in enumerate(keys) if len(wanted) >= 6 and key.startswith(wanted)]
    if not matches:
        raise KizukiError(
            Problem(
                Place(f"runs/{run.run_id}"),
                "E-RUN-02",
                "この番号のこども・案件は、この実行の記録にありません。",
                "示す判定がありません。",
                "整理番号(6文字以上)か、会議資料の案件番号(例 案件03)を確かめてください。",
            )
        )
    for i in matches:
        row = {name: table.column(name)[i].as_py() for name in table.column_names}
        tier = Tier(row["tier"])
        yield ""
        yield f"整理番号 {row['child_key']}  会議の一覧には載っていません。"
        yield f"区分 {tier.mark} {tier.label}"
        for scenario_id in run.manifest["scenarios"]:
            if scenario not in (None, scenario_id):
                continue
            truth, cancelled = Truth(_flag(row[scenario_id])), Truth(_flag(row[f"{scenario_id}_cancelled"]))
            name = run.manifest["scenarios"][scenario_id]["name"]
            yield f"  {truth.mark} {scenario_id} {name} {outcome_of(truth, cancelled)}"


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)
