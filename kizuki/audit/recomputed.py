"""Everybody's decisions and every sentence's answer made again, and held against what was recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from engine.audit.canonical import parquet_bytes, table_digest
from engine.audit.run_record import RunRecord
from engine.evaluate.columns.evaluation import evaluate_all
from engine.kernel.errors import KizukiError
from engine.store.tables import Snapshot
from kizuki.audit.findings import Cause, Check, finding
from kizuki.audit.scored import ScoredAgain, score_again
from kizuki.audit.tables import TableDifference, table_difference
from kizuki.decisions import conditions_table, decisions_table
from kizuki.rules.files import RuleFiles
from kizuki.settings import Workspace

_TRUTH = {1: "該当", 0: "非該当", None: "不明"}
_TABLES = {
    "decisions": ("判定", "E-AUDIT-07", "シナリオの答えと区分"),
    "conditions": ("条件の答え", "E-AUDIT-08", "条件の答え"),
}


@dataclass(frozen=True)
class Recomputed:
    """Both tables, made anew from the stored deliveries by the rules of the record; `truths` is what the evaluator gave, `scored` what the model did."""

    truths: pa.Table
    scored: ScoredAgain
    decisions: pa.Table
    conditions: pa.Table

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """The hash of each table's content."""
        return {name: table_digest(getattr(self, name)) for name in _TABLES}


def recompute(workspace: Workspace, run: RunRecord, snapshot: Snapshot, rules: RuleFiles) -> Recomputed:
    """What the weekly run computes for everybody, with the scores of the model that the record names."""
    truths = evaluate_all(snapshot, rules.plan)
    scored = score_again(workspace, run, snapshot, rules, truths)
    decisions = decisions_table(snapshot, truths, rules.plan, rules.policy, scored.scores)
    return Recomputed(truths, scored, decisions, conditions_table(truths, rules.plan))


def check_table(name: str, run: RunRecord, made: Recomputed, sentences: Mapping[str, str]) -> Check:
    """One of the tables bit for bit: the bytes of its file, the digest of its content, and every value of every child.

    Other bytes of the same content are told, and confirm it all the same: another version of the library wrote them.
    """
    title, code, of_what = _TABLES[name]
    file = f"{name}.parquet"
    table: pa.Table = getattr(made, name)
    content, bytes_now = made.digests[name], hashlib.sha256(parquet_bytes(table)).hexdigest()
    same_bytes = bytes_now == run.manifest["outputs"].get(file)
    same_content = content == run.manifest.get(f"{name}_content", content if same_bytes else None)
    width = table.num_columns - (2 if name == "decisions" else 1)
    compared = f"こども{table.num_rows:,}人の{of_what} {table.num_rows * width:,}個を計算し直して比べました"
    place = f"runs/{run.run_id}/{file}"
    try:
        recorded = getattr(run, name)()
    except (KizukiError, pa.ArrowException, OSError):
        # The file itself is damaged, which is told already; whether the manifest stands can still be said.
        note = (
            "記録のファイルは読めませんが、計算し直した結果は目録のハッシュと同じです(控えがなくても内容は分かります)。"
        )
        if same_content:
            return Check(title, compared, (), (note,))
        return Check(title, compared, (finding(code, Cause.RECOMPUTED, place, "目録のハッシュとも違います。"),))
    difference = table_difference(recorded, table)
    if difference is not None:
        detail = _told(difference, name, sentences)
        return Check(title, compared, (finding(code, Cause.RECOMPUTED, place, detail, count=difference.cells),))
    if not same_content:
        detail = f"記録の内容のハッシュ({name}_content)が、内容と合いません。"
        return Check(
            title, compared, (finding("E-AUDIT-10", Cause.RECORD, f"runs/{run.run_id}/manifest.json", detail),)
        )
    how = "バイトまで同じ" if same_bytes else "内容は同じ"
    notes = (
        ()
        if same_bytes
        else (f"{file} の値はすべて同じですが、ファイルのバイト列が違います(pyarrow の版などの違い)。",)
    )
    return Check(title, f"{compared}({how}、SHA-256 {bytes_now[:16]}…)", (), notes)


def _told(difference: TableDifference, name: str, sentences: Mapping[str, str]) -> str:
    d = difference
    if d.columns:
        return f"表の列が違います({'、'.join(d.columns[:5])}、あわせて{len(d.columns)}列)。"
    total = f"違いは、こども{d.children:,}人・{d.cells:,}か所です。"
    if d.column is None:
        here, there = ("あり" if found else "なし" for found in (d.recorded, d.recomputed))
        return f"最初の違い: 整理番号 {d.child_key} の行は、記録では{here}、計算し直すと{there}。{total}"
    one, other = (_shown(d.column, value) for value in (d.recorded, d.recomputed))
    label = sentences.get(d.column, d.column) if name == "conditions" else _column(d.column)
    return f"最初の違い: 整理番号 {d.child_key} の {d.column}({label})は、記録では「{one}」、計算し直すと「{other}」。{total}"


def _column(column: str) -> str:
    if column in ("tier", "points", "household_key", "child_key"):
        return {"tier": "区分", "points": "点", "household_key": "世帯の整理番号", "child_key": "並び順"}[column]
    if column.startswith("tier_"):
        return "類型ごとの区分"
    if column.endswith("_cancelled"):
        return f"シナリオ {column.removesuffix('_cancelled')} の打ち消し"
    return f"シナリオ {column}"


def _shown(column: str, value: Any) -> str:
    if column == "tier" or column.startswith("tier_"):
        return "①②③"[value - 1] if value in (1, 2, 3) else str(value)
    if column in ("points", "household_key", "child_key"):
        return str(value)
    return _TRUTH.get(value, str(value))
