"""The second opinion asked again: the same children, the same engines, and what they say now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.audit.run_record import RunRecord
from engine.kernel.errors import KizukiError
from engine.store.tables import Snapshot
from kizuki.audit.findings import Cause, Check, finding
from kizuki.audit.recomputed import Recomputed
from kizuki.audit.shape import misshapen_replay
from kizuki.evidence import Evidence
from kizuki.rules.files import RuleFiles
from kizuki.second_opinion import ask_engines
from kizuki.settings import SETTINGS_FILE, open_workspace

_NAME = "再現のやり直し"
_ALWAYS = {"listed": "一覧のこども", "sampled": "無作為に選んだこども", "differences": "食い違い"}
_SAME_CODE = {"compared": "比べた答えの数", "left_out": "再計算できないシナリオ", "verdict": "再現の結果"}


def check_replayed(
    run: RunRecord, snapshot: Snapshot, rules: RuleFiles, made: Recomputed, evidence: Evidence, same_code: bool
) -> Check:
    """Whom the engines were asked about, and where they differed, asked again and compared with replay.json.

    A record without a second opinion, and a machine on which the second engine cannot run, are told; the two evaluators are
    compared all the same. Which children an engine gave no answer for may depend on the machine and is only told.
    """
    try:
        recorded = run.replay()
        sample = _sample(run, recorded)
    except (KizukiError, ValueError):
        return Check(_NAME, "記録を読めません", not_done=True)
    if misshapen_replay(recorded):
        return Check(_NAME, "replay.json の形が違うので、比べられません", not_done=True)
    if "differences" not in recorded:
        return Check(_NAME, "この記録では、別の仕組みによる再計算をしていません")
    opinion = ask_engines(snapshot, rules, made.truths, evidence, run_id=run.run_id, sample=sample)
    again = opinion.for_record(rules.vocabulary)
    notes = []
    comparable = dict(_ALWAYS)
    if bool(recorded.get("engine")) != bool(again["engine"]):
        reason = opinion.unavailable or recorded.get("unavailable") or "理由の記録なし"
        here = f"{'この機械では動きません' if not again['engine'] else '記録のときは動きませんでした'}({reason.rstrip('。')})"
        notes.append(f"別の仕組み(再現)は{here}。一括と基準の2つの計算だけを比べました。")
        if recorded["differences"] or again["differences"]:
            del comparable["differences"]
            notes.append("食い違いの記録は、別の仕組みが動く機械で確かめてください。")
    elif recorded["not_replayed"] != again["not_replayed"]:
        notes.append(
            f"答えの出なかったこどもは、記録では{len(recorded['not_replayed'])}人、いまは{len(again['not_replayed'])}人です。"
        )
    elif same_code:
        comparable |= _SAME_CODE
    wrong = [name for name in comparable if recorded.get(name) != again[name]]
    compared = f"こども{len(opinion.listed) + len(opinion.sampled):,}人の答えと根拠 {opinion.compared:,}個を、{opinion.engine or '2つの計算'}で比べ直しました"
    if not wrong:
        return Check(_NAME, compared, (), tuple(notes))
    detail = f"最初の違い: {comparable[wrong[0]]}({_first(recorded.get(wrong[0]), again[wrong[0]])})。"
    place = f"runs/{run.run_id}/replay.json"
    return Check(
        _NAME, compared, (finding("E-AUDIT-14", Cause.RECOMPUTED, place, detail, count=len(wrong)),), tuple(notes)
    )


def _first(recorded: Any, again: Any) -> str:
    if isinstance(recorded, (list, dict)) and isinstance(again, (list, dict)):
        only = sorted(set(recorded) ^ set(again))
        if not only and isinstance(recorded, dict) and isinstance(again, dict):
            only = sorted(key for key in recorded if recorded[key] != again[key])
        return f"{only[0]}、ほか{len(only) - 1}" if only else "並び"
    return f"記録では「{recorded}」、やり直すと「{again}」"


def _sample(run: RunRecord, recorded: Mapping[str, Any]) -> int:
    """How many children were drawn: as kizuki.toml of the record says, or, where it kept none, as many as it names."""
    if run.text(SETTINGS_FILE) is None:
        return len(recorded.get("sampled", ()))
    return open_workspace(run.rules_folder)[1].replay.sample
