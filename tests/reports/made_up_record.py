"""A made-up run record of five children, small enough to be checked by hand: nobody here exists.

文1 年齢が18歳未満  文2 欠席が7日以上  文3 要介護の世帯員がいる  文4 見守り記録がある  文5 継続支援中の相談がある  文6 年齢が1歳未満
YC-01 強 すべて(2, いずれか(3, 4)) 打ち消し 5 / YC-02 強 すべて(3, 次でない 4) / SA-01 中 2つ以上(2, 3, 4) 打ち消し 5 / PD-01 強 対象 6
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from engine.audit.canonical import canonical_json
from engine.audit.run_record import RunContents, RunRecord
from engine.audit.runs import publish, seal_run
from engine.kernel.truth import Truth
from engine.records.case import (
    HARDSHIP_LABELS,
    Case,
    Casebook,
    ChildCase,
    Coverage,
    Fact,
    MemberLine,
    Provenance,
    ScenarioResult,
    SentenceResult,
    SourceStatus,
    Tier,
    TypeDecision,
)
from engine.records.outline import OutlineLine, ScenarioOutline
from engine.tiers.policy import load_policy
from engine.tiers.turning import turning_points
from reports.trace.answers import outcome_of, scenario_truth
from reports.trace.scenarios import flattened

REPOSITORY = Path(__file__).parents[2]
TIERS = (REPOSITORY / "rulebooks" / "tiers.yaml").read_bytes()
AS_OF = date(2026, 11, 20)
LISTED, UNKNOWN, CANCELLED, WAITING, TAKEN_OFF = (f"P{name}AAAAAAAAAAAAAA2" for name in "ABCDE")
REGISTER = "2026-11-20/01_residents_20261120.csv"
SCHOOL = "2026-11-06/10_attendance_20261106.csv"
CARE = "2026-11-06/11_care_20261106.csv"

_SENTENCES = {
    1: "年齢が18歳未満",
    2: "直近3か月の欠席が7日以上",
    3: "要介護度が要介護1以上の世帯員がいる",
    4: "直近6か月に見守り記録がある",
    5: "直近3か月に継続支援中の相談がある",
    6: "年齢が1歳未満",
}
# child: answers of sentences 1 to 6
ANSWERS: dict[str, tuple[int | None, ...]] = {
    LISTED: (1, 1, 1, 0, 0, 0),
    UNKNOWN: (1, 1, 0, None, 0, 0),
    CANCELLED: (1, 1, 0, 1, 1, 0),
    WAITING: (1, 0, 1, 0, 0, 0),
    TAKEN_OFF: (1, 0, 1, 0, 0, 0),
}


def _s(number: int, text: str = "") -> OutlineLine:
    return OutlineLine(text or _SENTENCES[number], number=number, describes=number in (1, 6))


def outlines(sick_days: str = "7日") -> tuple[ScenarioOutline, ...]:
    absent = _s(2, f"直近3か月の欠席が{sick_days}以上")
    any_of = OutlineLine("いずれか", "いずれか", parts=(_s(3), _s(4)))
    return (
        _outline("YC-01", "young_carer", "家族の世話と休みが重なっている", "強", 20,
                 OutlineLine("すべて", "すべて", parts=(absent, any_of)), cancels=(_s(5),), ask=("休める時間はありますか。",)),
        _outline("YC-02", "young_carer", "介護の要る家族がいて、見守りの手がない", "強", 60,
                 OutlineLine("すべて", "すべて", parts=(_s(3), OutlineLine("次でない", "次でない", parts=(_s(4),))))),
        _outline("SA-01", "school_absence", "気がかりが2つ以上重なっている", "中", 10,
                 OutlineLine("2つ以上", "n以上", parts=(absent, _s(3), _s(4)), needed=2), cancels=(_s(5),)),
        _outline("PD-01", "postpartum_depression", "赤ちゃんのいる家庭の気がかり", "強", 30, _s(4), target=_s(6)),
    )


def _outline(scenario: str, kind: str, name: str, strength: str, line: int, condition: OutlineLine, **more: Any) -> ScenarioOutline:
    made = {"target": _s(1), "cancels": (), "ask": (), **more}
    return ScenarioOutline(id=scenario, hardship_type=kind, name=name, purpose="", strength=strength, source="[E] 当市の既定",
                           file=f"rulebooks/{kind}.yaml", line=line, column=5, condition=condition, **made)


def fact(text: str, file: str, line: int, *, subject: str = "本人", on: date | None = None, label: str = "", source: str = "") -> Fact:
    names = {REGISTER: ("residents", "住民記録", "市民課", date(2026, 11, 20)),
             SCHOOL: ("school_attendance", "校務支援", "学校教育課", date(2026, 11, 6)),
             CARE: ("long_term_care", "介護保険", "介護保険課", date(2026, 11, 6))}
    source, source_label, owner, known_on = names[file]
    origin = Provenance(file, line, source, source_label, known_on, owner, "個人情報保護法69条2項2号")
    era = f"R{known_on.year - 2018}.{known_on.month}.{known_on.day}"
    return Fact(f"{source}:{known_on}:{line}:x", subject, label, f"{text}({source_label} {era}時点)", on, origin)


FACTS = {
    1: (fact("12歳", REGISTER, 41),),
    2: (fact("欠席 R8年10月 8日", SCHOOL, 12, on=date(2026, 10, 31)),),
    3: (fact("要介護4", CARE, 7, subject="祖父母", on=date(2026, 4, 1)),),
}


def make_record(
    runs: Path,
    run_id: str = "R20261120-01",
    *,
    answers: Mapping[str, tuple[int | None, ...]] = ANSWERS,
    scenarios: tuple[ScenarioOutline, ...] = outlines(),
    manifest: Mapping[str, Any] | None = None,
    complete: bool = True,
    policy: bytes = TIERS,
    household_of: Mapping[str, str] | None = None,
) -> RunRecord:
    """Publish the run. `complete` False: as it was kept before sentences and rule texts were."""
    truths = {key: {n: Truth(None if a is None else bool(a)) for n, a in enumerate(row, start=1)} for key, row in answers.items()}
    homes = {key: f"H{key[1:]}" for key in answers} | dict(household_of or {})
    results = {key: {o.id: scenario_truth(o, lambda line, k=key: truths[k][line.number]) for o in scenarios} for key in answers}
    keys = sorted(answers)
    rows = {key: _decided(results[key], scenarios) for key in keys}
    flag = {Truth.MET: 1, Truth.NOT_MET: 0, Truth.UNKNOWN: None}
    decisions = pa.table({
        "child_key": keys,
        "household_key": [homes[key] for key in keys],
        "tier": pa.array([int(rows[key][0]) for key in keys], pa.int8()),
        "points": pa.array([rows[key][2] for key in keys], pa.int32()),
        **{f"tier_{kind}": pa.array([int(rows[key][1].get(kind, 3)) for key in keys], pa.int8()) for kind in HARDSHIP_LABELS},
        **{name: pa.array([flag[results[key][o.id][i]] for key in keys], pa.int8())
           for o in scenarios for i, name in enumerate((o.id, f"{o.id}_cancelled"))},
    })
    conditions = pa.table({"child_key": keys, **{f"c{n}": pa.array([answers[key][n - 1] for key in keys], pa.int8()) for n in range(1, 7)}})
    books = {o.file.removeprefix("rulebooks/") for o in scenarios} | {"tiers.yaml"}
    said = {
        "as_of": f"{run_id[1:5]}-{run_id[5:7]}-{run_id[7:9]}",
        "previous_run": None,
        "deliveries": [_delivery(no, file) for no, file in enumerate((SCHOOL, CARE, REGISTER), start=1)],
        "rulebooks": {name: {"version": "2026.1", "sha256": hashlib.sha256(name.encode()).hexdigest(), "approved_by": "家庭相談係長",
                             "approved_on": "2026-03-20", "reason": "初版"} for name in sorted(books)},
        "scenarios": {o.id: {"name": o.name, "type": o.hardship_type, "strength": o.strength} for o in scenarios},
        "sources": {"01_residents.yaml": "0" * 64},
        "settings": "1" * 64,
        "replay": "一致",
        "evaluators_disagree_on": [TAKEN_OFF] if TAKEN_OFF in answers else [],
        "key_id": "d4fa7928",
        "versions": {"kizuki": "0.1.0", "code": "c" * 64, "python": "3.11"},
        **(manifest or {}),
    }
    listed = [_listed(LISTED, truths[LISTED], results[LISTED], rows[LISTED], scenarios, complete)] if rows[LISTED][0] < 3 else []
    casebook = Casebook(
        as_of=date.fromisoformat(said["as_of"]), meeting_on=date(2026, 11, 27), run_id=run_id, city="見本市", capacity=1,
        sources=tuple(SourceStatus(s, label, AS_OF, True, 1, 1, 0, 0) for s, label in
                      (("residents", "住民記録"), ("school_attendance", "校務支援"), ("long_term_care", "介護保険"))),
        cases=tuple(Case(1, homes[LISTED], c.tier, "新規", None, rows[LISTED][2], False, False, "北地区", (c,),
                         (MemberLine(LISTED, "本人", 12, True),), "") for c in listed),
        dropped=(), children_evaluated=len(keys), tier_counts={"①": 1, "②": 2, "③": 2}, replay=said["replay"],
        rulebook_versions={}, not_printed=1,
    )
    contents = RunContents(decisions, conditions, scenarios, casebook, _replay(said["replay"], keys), {"rulebooks/tiers.yaml": policy})
    record = publish(runs, seal_run(run_id, said, contents))
    return record if complete else _as_of_old(record)


def _replay(verdict: str, keys: list[str]) -> dict[str, Any]:
    """The second engine was asked about all but one child, and differed on one."""
    watch = {"subject": "直近6か月に見守り記録がある", "point": "答え", "said": {"一括": "×", "基準": "×", "再現": "?"}}
    return {"verdict": verdict, "engine": "durable_rules 2.0.28", "unavailable": None, "limits": [], "listed": [LISTED, TAKEN_OFF],
            "sampled": [key for key in keys if key not in (LISTED, TAKEN_OFF, UNKNOWN)], "compared": 1,
            "not_replayed": {CANCELLED: "時間がかかりすぎました"}, "left_out": {}, "differences": {TAKEN_OFF: [watch]}}


def _decided(results: Mapping[str, tuple[Truth, Truth]], scenarios: tuple[ScenarioOutline, ...]) -> tuple[Tier, dict[str, Tier], int]:
    """By hand, as tiers.yaml says: 2 strong hits of a type ①, 1 strong ②, 1 medium ③; PD-01 alone ①."""
    hits = [o for o in scenarios if outcome_of(*results[o.id]) == "該当"]
    types = {}
    for kind in {o.hardship_type for o in hits}:
        strong = sum(o.strength == "強" and o.hardship_type == kind for o in hits)
        types[kind] = Tier.ACTIVE if strong >= 2 or any(o.id == "PD-01" for o in hits) else Tier.INQUIRY if strong else Tier.NO_ACTION
    points = sum({"強": 100, "中": 30, "弱": 10}[o.strength] for o in hits)
    return min(types.values(), default=Tier.NO_ACTION), types, points


def _delivery(no: int, file: str) -> dict[str, Any]:
    source = {REGISTER: "residents", SCHOOL: "school_attendance", CARE: "long_term_care"}[file]
    return {"file": file, "source": source, "as_of": file[:10], "sha256": hashlib.sha256(file.encode()).hexdigest(), "bytes": 1,
            "encoding": "utf-8", "received": 1000 * no, "used": 1000 * no - 1, "quarantined": 1, "footer_rows": 0, "statuses": {},
            "left_out_columns": []}


def _listed(key: str, truths: Mapping[int, Truth], results: Mapping[str, tuple[Truth, Truth]], row: Any,
            scenarios: tuple[ScenarioOutline, ...], complete: bool) -> ChildCase:
    told = []
    for outline in scenarios:
        met, cancelled = results[outline.id]
        if met is Truth.NOT_MET:
            continue
        lines = [_told(line, depth, part, truths, complete) for part, depth, line in flattened(outline)]
        parts = [part for part, _, _ in flattened(outline)]
        told.append(ScenarioResult(outline.id, outline.hardship_type, outline.name, "", outline.strength, outline.source, met, cancelled,
                                   tuple(s for s, p in zip(lines, parts, strict=True) if p != "打ち消し"),
                                   tuple(s for s, p in zip(lines, parts, strict=True) if p == "打ち消し"), outline.ask))
    types = tuple(TypeDecision(kind, tier, "該当したシナリオの数から決めました。", tuple(r.scenario_id for r in told if r.hardship_type == kind))
                  for kind, tier in row[1].items())
    points = turning_points(scenarios, truths, load_policy(REPOSITORY / "rulebooks" / "tiers.yaml")) if complete else ()
    support = replace(fact("就学援助を受けている", SCHOOL, 90), label="就学援助")
    return ChildCase(key, 12, 6, row[0], types, tuple(told), ("「休める時間」を確かめる",), ("見守りの記録が届いていません",), (support,), points)


def _told(line: OutlineLine, depth: int, part: str, truths: Mapping[int, Truth], complete: bool) -> SentenceResult:
    from reports.trace.answers import truth_of

    truth = truth_of(line, lambda sentence: truths[sentence.number])
    if line.kind != "文":
        return SentenceResult(depth, line.text, truth)
    note, coverage = "", ()
    if line.number == 5:
        note = "相談の記録は全住民が対象で、R8.11.6時点の記録にありません"
        coverage = (Coverage("long_term_care", "介護保険", "本人", date(2026, 11, 6), CARE),)
    facts = FACTS.get(line.number, ())
    return SentenceResult(depth, line.text, truth, facts, note, line.number if complete else 0, coverage if complete else ())


def _as_of_old(record: RunRecord) -> RunRecord:
    """The record without what is kept since: sentences, outlines, rule texts, the seal."""
    gone = [name for name in record.manifest["outputs"] if name not in ("decisions.parquet", "cases.json")]
    for name in gone:
        (record.folder / name).unlink()
    outputs = {name: digest for name, digest in record.manifest["outputs"].items() if name not in gone}
    manifest = {key: value for key, value in record.manifest.items() if key not in ("seal", "conditions_content")} | {"outputs": outputs}
    (record.folder / "manifest.json").write_bytes(canonical_json(manifest))
    return RunRecord(record.folder, manifest)
