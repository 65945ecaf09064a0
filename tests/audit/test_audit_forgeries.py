"""What a verification tells of a record that somebody rewrote who knows how records are made."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from engine.audit.canonical import canonical_json
from engine.audit.run_record import RunContents, RunRecord
from engine.audit.runs import open_run, publish, published_ids, seal_run
from engine.records.case import Casebook
from engine.replay.second_opinion import SecondOpinion
from engine.replay.verdict import ReplayVerdict
from kizuki.audit.agreement import check_replay
from kizuki.audit.cases import case_difference
from kizuki.audit.chain import check_chain
from kizuki.audit.findings import Check
from kizuki.audit.inputs import check_files
from kizuki.audit.shape import misshapen
from kizuki.settings import Workspace

DECISIONS = pa.table({"child_key": ["P1", "P2"], "tier": pa.array([1, 3], pa.int8())})
CONDITIONS = pa.table({"child_key": ["P1", "P2"], "c1": pa.array([1, None], pa.int8())})
OPINION = SecondOpinion(("P1",), ("P2",), 7, {}, engine="durable_rules 2.0.28")
KEPT = {f"rulebooks/{name}": b"x" for name in ("abuse.yaml", "approvals.yaml")} | {
    "sources/01.yaml": b"x",
    "kizuki.toml": b"x",
}
DELIVERY = {"file": "a.csv", "source": "residents", "as_of": "2026-11-20", "sha256": "0", "parts": {}, "totals": None}


def make_run(runs: Path, number: int = 1, day: int = 20, opinion: SecondOpinion = OPINION, **said: Any) -> RunRecord:
    """A run as the weekly job publishes it, of two made-up children. `said`: what the manifest or the casebook says otherwise."""
    as_of = date(2026, 11, day)
    run_id = f"R{as_of:%Y%m%d}-{number:02d}"
    earlier = published_ids(runs)
    before = open_run(runs, earlier[-1]) if earlier else None
    verdict = said.pop("verdict", opinion.verdict.value)
    note = said.pop("note", opinion.note())
    casebook = Casebook(
        as_of, as_of, run_id, "見本市", 30, (), (), (), 2, {"①": 1, "②": 0, "③": 1}, verdict, {}, 0, note
    )
    replay = {**opinion.for_record(None), "verdict": verdict, **said.pop("replay", {})}
    manifest = {
        "as_of": as_of.isoformat(),
        "previous_run": before.run_id if before else None,
        "list_inputs": {
            "previous_seal": before.manifest["seal"] if before else None,
            "conference_files": [],
            "weeks": {before.run_id: before.manifest["seal"]} if before else {},
            "drawn": 3,
        },
        "deliveries": [DELIVERY],
        "rulebooks": {"abuse.yaml": {"sha256": "0"}},
        "approvals": {"sha256": "0", "entries": 1},
        "rule_changes": {},
        "scenarios": {},
        "sources": {"01.yaml": "0"},
        "settings": "0",
        "replay": verdict,
        "evaluators_disagree_on": [],
        "key_id": "0",
        "versions": {"durable_rules": "2.0.28"},
    }
    contents = RunContents(DECISIONS, CONDITIONS, (), casebook, replay, KEPT)
    return publish(runs, seal_run(run_id, {**manifest, **said}, contents))


def unsealed(run: RunRecord) -> RunRecord:
    """The record after somebody took the seal off and rewrote what it covered."""
    manifest = {key: value for key, value in run.manifest.items() if key != "seal"}
    (run.folder / "manifest.json").write_bytes(canonical_json({**manifest, "key_id": "1"}))
    return open_run(run.folder.parent, run.run_id)


def chain(folder: Path, run: RunRecord, *, same_code: bool = False) -> Check:
    return check_chain(Workspace(folder), run, published_ids(folder / "runs"), same_code=same_code)


def places(check: Check) -> list[str]:
    return [found.problem.place.file for found in check.findings]


@pytest.mark.parametrize(
    ("put", "named"),
    [
        (lambda folder: (folder / "rules" / "more").symlink_to(folder.parent), "rules/more"),
        (lambda folder: (folder / "gone").symlink_to("/nowhere"), "gone"),
        (lambda folder: (folder / "empty").mkdir(), "empty"),
    ],
    ids=["a link to a folder", "a link to nothing", "an empty folder"],
)
def test_whatever_lies_in_a_record_and_was_not_published_is_named(
    tmp_path: Path, put: Callable[[Path], None], named: str
):
    """Not only files: a link may lead anywhere, and a folder holds what comes next."""
    run = make_run(tmp_path)
    put(run.folder)
    assert places(check_files(run)) == [f"runs/{run.run_id}/{named}"]


def test_a_file_of_the_record_replaced_by_a_link_is_named(tmp_path: Path):
    """What it leads to may be the same today; tomorrow it is whatever somebody puts there."""
    run = make_run(tmp_path)
    elsewhere = tmp_path / "elsewhere.json"
    (run.folder / "cases.json").rename(elsewhere)
    (run.folder / "cases.json").symlink_to(elsewhere)
    (found,) = check_files(run).findings
    assert found.problem.code == "E-AUDIT-01" and "リンク" in found.problem.what


def test_a_seal_that_was_taken_off_is_told_by_the_run_before_and_the_run_after(tmp_path: Path):
    """A record without a seal passes for an older one only where no older one has a seal, and no later one names it."""
    runs = tmp_path / "runs"
    first, middle, last = (make_run(runs, day=day) for day in (6, 13, 20))
    assert places(chain(tmp_path, unsealed(last))) == [f"runs/{last.run_id}/manifest.json"]
    found = chain(tmp_path, unsealed(middle)).findings
    assert [f"控えているのは {last.run_id}" in f.problem.what for f in found] == [True, False]
    assert first.run_id in found[1].problem.what
    assert [middle.run_id in f.problem.what for f in chain(tmp_path, unsealed(first)).findings] == [True]


def test_the_code_of_today_leaves_no_record_without_a_seal(tmp_path: Path):
    """Where nobody before or after knows a seal, the code that the record names does."""
    run = unsealed(make_run(tmp_path / "runs"))
    assert chain(tmp_path, run).holds
    assert not chain(tmp_path, run, same_code=True).holds


def test_runs_that_are_missing_beside_the_run_are_told(tmp_path: Path):
    """A number that was skipped, a folder without its manifest, a pointer that leads back: nothing to fail for, but to be asked about."""
    runs = tmp_path / "runs"
    make_run(runs, day=13)
    run = make_run(runs, number=2)
    (runs / "R20261127-01").mkdir()
    (runs / "CURRENT").write_text("R20261113-01\n")
    check = chain(tmp_path, run)
    assert check.holds
    one, other, pointer = check.notes
    assert "R20261120-01 の記録がありません" in one and "R20261127-01" in other and run.run_id in pointer


def test_a_sealed_manifest_without_a_part_of_the_record_cannot_be_used(tmp_path: Path):
    """Leaving out the answers to sentences does not make an older record of it, of which less would be compared."""
    manifest = dict(make_run(tmp_path).manifest)
    assert misshapen(manifest) == []
    for name in ("conditions.parquet", "conference.json", "rules/kizuki.toml", "rules/sources/01.yaml"):
        outputs = {key: digest for key, digest in manifest["outputs"].items() if key != name}
        assert misshapen({**manifest, "outputs": outputs}) == [f"outputs › {name}"]
    assert misshapen({**manifest, "outputs": {**manifest["outputs"], "../x": "0"}}) == ["outputs › ../x"]
    assert misshapen({**manifest, "deliveries": [{}]})[:2] == ["deliveries › 1 › file", "deliveries › 1 › source"]
    assert misshapen({**manifest, "previous_run": "../x"}) == ["previous_run"]
    assert misshapen({**manifest, "versions": []}) == ["versions"]
    wrong = {"conference_files": ["../x.jsonl"], "weeks": {"../x": "0"}, "drawn": 3}
    told = ["list_inputs › conference_files", "list_inputs › weeks"]
    assert misshapen({**manifest, "list_inputs": {**manifest["list_inputs"], **wrong}}) == told
    older = {key: digest for key, digest in manifest["outputs"].items() if key != "conference.json"}
    assert misshapen({**manifest, "outputs": older, "list_inputs": {"previous_seal": None}}) == []
    assert misshapen({}) != []


@pytest.mark.parametrize("same_code", [True, False])
def test_what_was_recorded_of_the_second_engine_is_confirmed(tmp_path: Path, same_code: bool):
    """Verdict, whom it is about, and the sentence on the handout."""
    for day, opinion in ((6, OPINION), (13, SecondOpinion(("P1",), (), 7, {}, unavailable="入っていません"))):
        run = make_run(tmp_path, day=day, opinion=opinion)
        assert check_replay(run, same_code=same_code).holds


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"replay": {"engine": None}}, "中身からは「未実施」"),
        ({"replay": {"engine": "durable_rules 1.0"}}, "「durable_rules 1.0」、目録では「2.0.28」"),
        ({"replay": {"not_replayed": {"P1": "異常終了"}}}, "中身からは「一部未実施」"),
        ({"replay": {"differences": {"P2": []}}}, "中身からは「不一致」"),
        ({"replay": {"listed": 7}}, "listed"),
    ],
)
def test_an_agreement_that_does_not_follow_from_the_record_is_told(tmp_path: Path, said: dict[str, Any], told: str):
    """一致 stands in three files, and none of them is believed for that."""
    found = check_replay(make_run(tmp_path, **said), same_code=False).findings
    assert any(told in f.problem.what for f in found), [f.problem.what for f in found]


def test_another_sentence_on_the_handout_is_told(tmp_path: Path):
    """What the cover says of the second opinion is part of the record."""
    run = make_run(tmp_path, note="全員について確かめました。")
    assert places(check_replay(run, same_code=True)) == [f"runs/{run.run_id}/cases.json"]
    assert check_replay(run, same_code=False).holds


def test_a_verdict_without_whom_it_is_about_is_told(tmp_path: Path):
    """An emptied replay.json is an older one only if it says 未実施, and only if older code wrote it."""
    empty = {"verdict": ReplayVerdict.AGREED.value}
    agreed, silent = make_run(tmp_path, day=6), make_run(tmp_path, day=13, verdict=ReplayVerdict.NOT_PERFORMED.value)
    for run, verdict in ((agreed, empty), (silent, {"verdict": "未実施"})):
        content = canonical_json(verdict)
        (run.folder / "replay.json").write_bytes(content)
        outputs = {**run.manifest["outputs"], "replay.json": hashlib.sha256(content).hexdigest()}
        forged = replace(run, manifest={**run.manifest, "outputs": outputs})
        assert not check_replay(forged, same_code=True).holds
        assert check_replay(forged, same_code=False).holds is (run is silent)


def test_a_missing_list_of_facts_is_no_matter_of_wording():
    """Another version may say more or less of a fact; that it decided the sentence every version says."""
    whole = {"cases": [{"sentences": [{"text": "a", "note": "x", "coverage": [1], "facts": [{"id": "1"}]}]}]}
    for key, wording in (("coverage", True), ("note", True), ("facts", False)):
        cut = json.loads(json.dumps(whole))
        del cut["cases"][0]["sentences"][0][key]
        difference = case_difference(cut, whole)
        assert difference is not None and difference.wording_only is wording


def test_another_printer_or_other_advice_is_a_matter_of_wording_and_another_answer_is_not():
    """Months later the program prints a sentence otherwise and asks for other facts first; who was listed and why is the same."""
    sentence = {"text": "期限を90日過ぎても済んでいない", "number": 7, "truth": True, "facts": []}
    whole = {
        "cases": [
            {"children": [{"results": [{"sentences": [sentence]}], "turning_points": [{"number": 7, "tier": 2}]}]}
        ]
    }
    for path, key, other, wording in (
        (("results", 0, "sentences", 0), "text", "期限から90日たっても済んでいない", True),
        (("turning_points", 0), "number", 8, True),
        (("results", 0, "sentences", 0), "number", 8, False),
        (("results", 0, "sentences", 0), "truth", False, False),
    ):
        changed = json.loads(json.dumps(whole))
        at = changed["cases"][0]["children"][0]
        for step in path:
            at = at[step]
        at[key] = other
        difference = case_difference(changed, whole)
        assert difference is not None and difference.wording_only is wording, key
