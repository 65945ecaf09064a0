"""A model's way through the week: what it may change, what is told of it, and what happens when it fails."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
from conftest import approve_as_it_is, quiet
from made_up_model import WIDE_BANDS, make_model
from rich.console import Console

from engine.audit.canonical import canonical_json, parquet_bytes, sealed, table_digest
from engine.audit.run_record import SCORES, RunRecord
from engine.audit.runs import open_run
from engine.records.case import Tier
from engine.tiers.bands import bands
from engine.tiers.week_scores import carried, recorded_scores
from kizuki.audit.verify import Verification, verify_run
from kizuki.disclosure import judgements
from kizuki.disclosure.requester import Requester
from kizuki.pipeline import Outcome, run_week
from kizuki.progress import Stages
from kizuki.settings import Workspace, open_workspace
from kizuki.summary import print_summary
from ml_overlay.register.approvals import ModelApproval, add_approval
from ml_overlay.register.files import ModelFiles, read_model, write_model
from reports.trace.make import Tracer
from reports.trace.text import trace_text

FIRST, SECOND = date(2026, 11, 13), date(2026, 11, 20)


@dataclass(frozen=True)
class Weeks:
    """The first week by rules alone, the first week again with a model, and the second week with it."""

    workspace: Workspace
    model: ModelFiles
    rules_alone: Outcome
    first: Outcome
    second: Outcome

    def record(self, outcome: Outcome) -> RunRecord:
        return open_run(self.workspace.runs, outcome.run_folder.name)


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory, city_maker: Callable[..., Workspace]) -> Weeks:
    workspace = city_maker(tmp_path_factory.mktemp("modelled"), people=1_500, sample=10)
    tiers = workspace.tiers.read_text("utf-8")
    assert tiers.count("既定: {上: 1, 中: 5, 下: 20}") == 1
    workspace.tiers.write_text(tiers.replace("既定: {上: 1, 中: 5, 下: 20}", WIDE_BANDS), "utf-8")
    approve_as_it_is(workspace)
    alone = run_week(workspace.root, FIRST, quiet())
    model = make_model(workspace, FIRST, ("abuse", "poverty"))
    return Weeks(
        workspace,
        model,
        alone,
        run_week(workspace.root, FIRST, quiet()),
        run_week(workspace.root, SECOND, quiet()),
    )


@pytest.fixture
def copied(weeks: Weeks, tmp_path: Path) -> Workspace:
    """The workspace to be spoiled."""
    shutil.copytree(weeks.workspace.root, tmp_path / "copy")
    return Workspace(tmp_path / "copy")


def verified(workspace: Workspace, run_id: str) -> Verification:
    return verify_run(*open_workspace(workspace.root), open_run(workspace.runs, run_id), Stages(quiet()))


def codes(verification: Verification) -> set[str]:
    return {found.problem.code for found in verification.findings}


def texts_of(handout: Path) -> list[str]:
    book = openpyxl.load_workbook(handout)
    return [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_a_model_changes_no_rule_and_lowers_nobody(weeks: Weeks) -> None:
    """The same day with a model and without: every scenario is answered the same; each child has the same tier or the next more active one."""
    without = weeks.record(weeks.rules_alone).decisions()
    with_model = weeks.record(weeks.first).decisions()
    scenarios = [name for name in without.column_names if not name.startswith("tier") and name != "points"]
    assert without.select(scenarios).equals(with_model.select(scenarios))
    assert weeks.record(weeks.rules_alone).conditions().equals(weeks.record(weeks.first).conditions())
    pairs = list(zip(without["tier"].to_pylist(), with_model["tier"].to_pylist(), strict=True))
    assert all(rules - 1 <= both <= rules for rules, both in pairs)
    assert weeks.first.casebook.model is not None
    lifted = [both for rules, both in pairs if both < rules]
    assert (lifted.count(2), lifted.count(1)) == (
        weeks.first.casebook.model.to_inquiry,
        weeks.first.casebook.model.to_active,
    )
    assert lifted


def test_who_was_lifted_is_told_with_reasons_and_without_a_number(weeks: Weeks) -> None:
    """A lifted child's sheet says so, in which type, from which tier and why; no score is on any paper."""
    lifted = [child for case in weeks.first.casebook.cases for child in case.children if child.lifted_from is not None]
    assert lifted
    for child in lifted:
        raising = {t.hardship_type for t in child.types if t.lifted_from is not None}
        assert all(score.band == "上" and score.reasons for score in child.scores if score.hardship_type in raising)
        assert any("似た状況の世帯より注意が必要" in t.reason for t in child.types)
    texts = texts_of(weeks.first.handouts[0])
    assert any("似た状況の世帯より、とくに注意が必要" in text for text in texts)
    assert any(text.startswith("モデルで③→②") for text in texts)
    assert any("ルールだけなら③です" in text for text in texts)
    scores = [score for case in weeks.first.casebook.cases for child in case.children for score in child.scores]
    for number in {score.millionths for score in scores} | {reason.millionths for s in scores for reason in s.reasons}:
        assert not any(f"{number:,}" in text or str(number) in text for text in texts if number > 9_999)


def test_every_reason_is_a_fact_that_raised_the_score(weeks: Weeks) -> None:
    """At most three, strongest first, all positive."""
    scores = [score for case in weeks.second.casebook.cases for child in case.children for score in child.scores]
    assert any(score.reasons for score in scores)
    for score in scores:
        parts = [reason.millionths for reason in score.reasons]
        assert len(parts) <= 3
        assert parts == sorted(parts, reverse=True)
        assert all(part > 0 for part in parts)


def test_the_record_says_which_model_and_whose_word(weeks: Weeks) -> None:
    """Manifest, scores and casebook name the model by hash and its approval; the run without one says why there is none."""
    record = weeks.record(weeks.second)
    said = record.manifest["model"]
    assert (said["id"], said["sha256"], said["approved_by"]) == (
        weeks.model.model_id,
        weeks.model.sha256,
        "家庭相談係長",
    )
    assert said["without"] == {"young_carer": "正例が足りません。"}
    assert record.manifest["model_note"] == ""
    scores = record.scores()
    assert scores is not None
    assert scores.column_names[:3] == ["child_key", "abuse_millionths", "abuse_place"]
    alone = weeks.record(weeks.rules_alone)
    assert alone.manifest["model"] is None
    assert alone.manifest["model_note"] == alone.casebook().model_note == "使うと決めたモデルはありません。"
    assert SCORES not in alone.manifest["outputs"]


def test_bands_are_carried_on_from_the_week_before(weeks: Weeks) -> None:
    """The second week knows the first week's bands: nobody leaves one of them after a single week below."""
    before, after = recorded_scores(weeks.record(weeks.first)), recorded_scores(weeks.record(weeks.second))
    assert before is not None
    assert after is not None
    assert weeks.record(weeks.first).manifest["model"]["carried_from"] is None
    assert after.carried_from == weeks.first.run_folder.name
    order = ("なし", "下", "中", "上")
    held = 0
    for key in set(before.child_keys) & set(after.child_keys):
        for kind, was in before.of(key).items():
            now = after.of(key)[kind]
            assert order.index(now.band) >= order.index(was.band)
            held += was.band != "なし"
    assert held
    for kind, scores in after.types.items():
        expected = bands(scores.millionths, scores.thresholds, carried(before, kind, after.child_keys))
        assert scores.state.band.tolist() == expected.band.tolist()
        assert scores.state.weeks_below.tolist() == expected.weeks_below.tolist()


def test_a_run_with_a_model_is_verified_bit_for_bit(weeks: Weeks) -> None:
    """Scores, bands, decisions, list and reasons are made again from store and model, and are the same."""
    for outcome in (weeks.rules_alone, weeks.first, weeks.second):
        assert verified(weeks.workspace, outcome.run_folder.name).confirmed


def test_another_model_in_use_today_does_not_matter(copied: Workspace, weeks: Weeks) -> None:
    """What is verified is the model that the record names, not the one that is in use."""
    make_model(copied, FIRST, ("school_absence",))
    assert verified(copied, weeks.second.run_folder.name).confirmed


def test_a_model_that_is_gone_or_changed_is_found(copied: Workspace, weeks: Weeks) -> None:
    """The verification says that it could not score again, and still confirms what follows from the recorded scores."""
    run_id = weeks.second.run_folder.name
    [booster, *_] = sorted((copied.models / weeks.model.model_id).glob("abuse.*.txt"))
    booster.write_bytes(booster.read_bytes() + b"\n")
    changed = verified(copied, run_id)
    shutil.rmtree(copied.models / weeks.model.model_id)
    gone = verified(copied, run_id)
    for verification in (changed, gone):
        assert not verification.confirmed
        assert codes(verification) == {"E-AUDIT-16"}
        assert any("models" in cause for cause in verification.causes())


def test_a_model_that_nobody_approved_is_found(copied: Workspace, weeks: Weeks) -> None:
    """The book must still say who took the model into use."""
    book = copied.models / "approvals.yaml"
    book.write_text(book.read_text("utf-8").replace("家庭相談係長", "だれか"), "utf-8")
    assert codes(verified(copied, weeks.second.run_folder.name)) == {"E-AUDIT-18"}


def test_a_changed_file_of_scores_is_found(copied: Workspace, weeks: Weeks) -> None:
    """A byte changed in scores.parquet: the hash tells, and the model still gives what was decided."""
    path = copied.runs / weeks.second.run_folder.name / SCORES
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    assert codes(verified(copied, weeks.second.run_folder.name)) == {"E-AUDIT-01"}


def test_forged_scores_with_fitting_hashes_are_found(copied: Workspace, weeks: Weeks) -> None:
    """Who lowers a child's score in the record, and makes all hashes and the seal fit, is contradicted by the model: the child is named."""
    folder = copied.runs / weeks.second.run_folder.name
    record = open_run(copied.runs, folder.name)
    table = record.scores()
    assert table is not None
    forged = [value - 1 if row == 3 else value for row, value in enumerate(table["poverty_millionths"].to_pylist())]
    place = table.column_names.index("poverty_millionths")
    table = table.set_column(place, "poverty_millionths", pa.array(forged, pa.int32()))
    rewrite(folder, SCORES, parquet_bytes(table), scores_content=table_digest(table))
    found = verified(copied, folder.name)
    assert "E-AUDIT-17" in codes(found)
    [told] = [each.problem.what for each in found.findings if each.problem.code == "E-AUDIT-17"]
    assert f"整理番号 {table['child_key'][3].as_py()} の poverty_millionths" in told


def test_forged_thresholds_are_found(copied: Workspace, weeks: Weeks) -> None:
    """The manifest's thresholds follow from the model and tiers.yaml: others do not stand."""
    folder = copied.runs / weeks.second.run_folder.name
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["model"]["types"]["abuse"]["enter"]["上"] -= 1
    (folder / "manifest.json").write_bytes(canonical_json(sealed(manifest)))
    assert "E-AUDIT-10" in codes(verified(copied, folder.name))


def rewrite(folder: Path, name: str, content: bytes, **said: object) -> None:
    """Change a file of a record and make every hash fit."""
    import hashlib

    (folder / name).write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["outputs"][name] = hashlib.sha256(content).hexdigest()
    (folder / "manifest.json").write_bytes(canonical_json(sealed({**manifest, **said})))


def test_a_damaged_model_costs_the_scores_and_not_the_run(copied: Workspace, weeks: Weeks) -> None:
    """With a booster cut short the week is decided by rules alone, and manifest, summary and cover say so and why."""
    [booster, *_] = sorted((copied.models / weeks.model.model_id).glob("poverty.*.txt"))
    booster.write_bytes(booster.read_bytes()[:-100])
    outcome = run_week(copied.root, SECOND, quiet())
    record = open_run(copied.runs, outcome.run_folder.name)
    assert outcome.model_failed
    assert record.manifest["model"] is None
    assert weeks.model.model_id in record.manifest["model_note"]
    assert "E-MODEL-05" in record.manifest["model_note"]
    assert record.scores() is None
    told = io.StringIO()
    print_summary(outcome, Console(file=told, width=300))
    assert "ルールだけで判定しました" in told.getvalue()
    assert "E-MODEL-05" in told.getvalue()
    assert any("ルールだけで判定しています" in text and "E-MODEL-05" in text for text in texts_of(outcome.handouts[0]))
    assert not any("似た状況の世帯より、とくに" in text for text in texts_of(outcome.handouts[0]))
    assert all(child.lifted_from is None for case in outcome.casebook.cases for child in case.children)
    assert verified(copied, outcome.run_folder.name).confirmed


@pytest.mark.parametrize(("how", "code"), [("key", "E-MODEL-33"), ("no key", "E-MODEL-33"), ("flood", "E-MODEL-34")])
def test_an_approved_model_that_cannot_be_meant_costs_the_scores(
    copied: Workspace, weeks: Weeks, how: str, code: str
) -> None:
    """A model of another key or of none, whose folds say nothing of these households; and one that would put everybody in the highest band."""
    model = read_model(copied.models, weeks.model.model_id, weeks.model.sha256).model
    if how in ("key", "no key"):
        model = replace(model, inputs={"key_id": "00000000"} if how == "key" else {})
    else:
        low = tuple(range(199, -1, -1))
        model = replace(model, types={kind: replace(one, ranks=low) for kind, one in model.types.items()})
    other = write_model(copied.models, model)
    add_approval(copied.models, ModelApproval(other.model_id, other.sha256, "使う", "係長", SECOND, "試験のため"))
    outcome = run_week(copied.root, SECOND, quiet())
    assert outcome.model_failed
    note = open_run(copied.runs, outcome.run_folder.name).manifest["model_note"]
    assert code in note and other.model_id in note
    assert all(child.lifted_from is None for case in outcome.casebook.cases for child in case.children)


def test_the_trace_has_the_number_and_what_it_had_to_reach(weeks: Weeks) -> None:
    """Score, place, band, thresholds, runs below and reasons with their size; the tier is made of rules and band, without contradiction."""
    record = weeks.record(weeks.second)
    tracer = Tracer(record)
    child = next(c for case in weeks.second.casebook.cases for c in case.children if c.lifted_from is not None)
    trace = tracer.trace([child.child_key], why_not=True)
    [traced] = trace.children
    assert not traced.contradictions
    assert [step.lifted_from for step in traced.lifted] == [
        t.lifted_from for t in child.types if t.lifted_from is not None
    ]
    text = "\n".join(trace_text(trace))
    for score in child.scores:
        assert f"点 {score.millionths:,}" in text
        assert all(f"{reason.text}(+{reason.millionths:,})" in text for reason in score.reasons)
    assert weeks.model.sha256 in text
    assert "モデルの帯によって1段上げています" in text
    unlisted = next(key for key in tracer.answered.keys if tracer.answered.tiers[key] is Tier.NO_ACTION)
    [other] = tracer.trace([unlisted]).children
    assert {score.label for score in other.scores} == {"虐待", "貧困"}
    assert not any(score.reasons for score in other.scores)


def test_every_child_of_the_record_is_traced_without_contradiction(weeks: Weeks) -> None:
    """From hits and bands the trace makes the tier that was decided, of everybody."""
    tracer = Tracer(weeks.record(weeks.second))
    keys = [key for key in tracer.answered.keys if tracer.answered.tiers[key] < Tier.NO_ACTION]
    assert all(not child.contradictions for child in tracer.trace(keys).children)


def test_a_person_is_told_whether_a_score_of_theirs_entered(weeks: Weeks) -> None:
    """Disclosure knows for each run whether this person was scored, and whether that raised the tier."""
    child = next(c for case in weeks.first.casebook.cases for c in case.children if c.lifted_from is not None)
    runs = [weeks.record(each) for each in (weeks.rules_alone, weeks.first)]
    alone, scored = judgements.judgements_of(runs, child.child_key, Requester.SELF)
    assert (alone.used_model, alone.lifted) == (False, False)
    assert (scored.used_model, scored.lifted) == (True, True)
    grown_up = next(m.key for case in weeks.first.casebook.cases for m in case.members if (m.age_years or 0) > 18)
    assert not any(one.used_model for one in judgements.judgements_of(runs, grown_up, Requester.SELF))
