"""Similar past households of a made-up city, from its store to sheet, trace and verification."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from conftest import WEEKS, City, quiet
from made_up_model import make_model
from planted_cities import AT
from rich.console import Console
from test_model_in_the_week import codes, rewrite, texts_of, verified

from engine.audit.runs import open_run
from engine.evaluate.columns.evaluation import evaluate_all
from engine.linkage.keyring import open_keyring
from engine.records.similar import SimilarCase
from engine.store.backdated import backdated
from engine.store.snapshot import open_snapshot
from engine.store.some_households import some_households
from engine.store.tables import Snapshot
from kizuki import similar_week
from kizuki.disclosure.command import disclose
from kizuki.disclosure.requester import Requester
from kizuki.model import similar as command
from kizuki.model.material import opened
from kizuki.model.past_index import past_index
from kizuki.model.similar import print_similar
from kizuki.pipeline import Outcome, run_week
from kizuki.rules.files import RuleFiles, load_rule_files
from kizuki.settings import Workspace, open_workspace
from ml_overlay.register.approvals import ModelApproval, add_approval
from ml_overlay.register.files import ModelFiles, read_model, write_model
from ml_overlay.scoring.outcome import Limits, NotScored
from ml_overlay.similar.for_children import NO_TYPE, Today, explained_today, similar_for
from ml_overlay.similar.index import INDEX_FILE, read_index
from ml_overlay.similar.past import Terms
from reports.similar_words import CAUTION
from reports.trace.make import Tracer
from reports.trace.text import trace_text

_DAY = WEEKS[-1]
_TERMS = Terms(most=3, fewest=1, fewest_closed=1)
"""A tiny city has few cases."""


@dataclass(frozen=True)
class Modelled:
    """The last week of the city again, with a model and its index in use."""

    workspace: Workspace
    model: ModelFiles
    outcome: Outcome

    @property
    def shown(self) -> dict[str, tuple[SimilarCase, ...]]:
        """By child key, of those on the list for whom there is somebody."""
        return {c.child_key: c.similar for case in self.outcome.casebook.cases for c in case.children if c.similar}


@pytest.fixture(scope="module", autouse=True)
def _few_are_enough() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setattr(similar_week, "ON_A_SHEET", _TERMS)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def modelled(city: City, tmp_path_factory: pytest.TempPathFactory, _few_are_enough: None) -> Modelled:
    folder = tmp_path_factory.mktemp("similar") / "city"
    shutil.copytree(city.workspace.root, folder)
    workspace = Workspace(folder)
    model = make_model(workspace, _DAY, ("abuse", "school_absence", "poverty"))
    return Modelled(workspace, model, run_week(folder, _DAY, quiet()))


@pytest.fixture
def copied(modelled: Modelled, tmp_path: Path) -> Workspace:
    """The workspace to be spoiled."""
    shutil.copytree(modelled.workspace.root, tmp_path / "copy")
    return Workspace(tmp_path / "copy")


@pytest.fixture(scope="module")
def rules(city: City) -> RuleFiles:
    return load_rule_files(city.workspace, _DAY)


@pytest.fixture(scope="module")
def snapshot(city: City, rules: RuleFiles) -> Iterator[Snapshot]:
    with open_snapshot(city.workspace.store, rules.vocabulary, rules.layouts, _DAY, threads=1) as opened:
        yield opened


@pytest.mark.parametrize("day", [date(2026, 11, 20), date(2026, 6, 30), date(2024, 2, 20)])
def test_a_few_households_alone_are_judged_as_among_all(snapshot: Snapshot, rules: RuleFiles, day: date) -> None:
    """Every condition of every scenario, on today's and on earlier days: what is known of the city is not lost with the other households."""
    homes = sorted(
        home for (home,) in snapshot.connection.execute("SELECT DISTINCT household_key FROM rec_council_case "
        "JOIN person ON person_key = subject_key").fetchall()
    )  # fmt: skip
    plan = replace(rules.plan, as_of=day)
    with some_households(snapshot, homes) as few, backdated(few, day, rules.layouts) as then:
        alone = {row["child_key"]: row for row in evaluate_all(then, plan).to_pylist()}
    with backdated(snapshot, day, rules.layouts) as then:
        among_all = {row["child_key"]: row for row in evaluate_all(then, plan).to_pylist()}
    assert alone
    assert alone == {key: among_all[key] for key in alone}


def homes_of(snapshot: Snapshot) -> dict[str, str]:
    return dict(snapshot.connection.execute("SELECT person_key, household_key FROM person").fetchall())


def test_neither_the_own_household_nor_a_protected_one_is_shown(modelled: Modelled, snapshot: Snapshot) -> None:
    """From store and model to the record; whoever is protected, in the snapshot or in any list, is never among them."""
    assert modelled.shown
    own = homes_of(snapshot)
    for child, its in modelled.shown.items():
        assert 1 <= len(its) <= 3
        assert all(similar.household_key != own[child] for similar in its)
        assert len({similar.household_key for similar in its}) == len(its)
        assert all(similar.looked_at < _DAY for similar in its)
        assert sum(similar.ended.startswith("継続中") for similar in its) <= 1
    protected = {
        h for (h,) in snapshot.connection.execute("SELECT household_key FROM household WHERE protected").fetchall()
    }
    hidden = similar_week.hidden_households(snapshot, modelled.workspace.store)
    seen = {similar.household_key for its in modelled.shown.values() for similar in its}
    assert not seen & (protected | hidden)


def test_whoever_becomes_protected_is_dropped_at_the_next_use(
    modelled: Modelled, snapshot: Snapshot, rules: RuleFiles
) -> None:
    """The index is as old as its model; the lists are those of today."""
    stored = read_model(modelled.workspace.models, modelled.model.model_id, modelled.model.sha256)
    index = read_index(stored.extra[INDEX_FILE], stored.model)
    asked = {child: its[0].hardship_type for child, its in modelled.shown.items()}
    today = explained_today(snapshot, rules.plan, stored.model, asked)
    assert isinstance(today, Today)
    found = similar_for(snapshot, index, today, asked, hidden=(), terms=_TERMS)
    seen = {case.household_key for similar in found.values() for case in similar.cases}
    assert seen
    mothers = {person for person, home in homes_of(snapshot).items() if home in seen}
    again = similar_for(snapshot, index, today, asked, hidden=mothers, terms=_TERMS)
    assert not seen & {case.household_key for similar in again.values() for case in similar.cases}
    assert all(similar.cases or similar.note for similar in again.values())


def test_the_week_and_the_command_find_the_same(modelled: Modelled, monkeypatch: pytest.MonkeyPatch) -> None:
    """One way from index to words, with contributions of the whole city or of one household alone; no name, score or percentage."""
    monkeypatch.setattr(command, "similar_for", lambda *given, **named: similar_for(*given, **named, terms=_TERMS))
    child, its = next(iter(modelled.shown.items()))
    told = io.StringIO()
    print_similar(modelled.workspace.root, child, None, Console(file=told, width=500))
    text = told.getvalue()
    for similar in its:
        assert f"世帯 {similar.household_key[:10]}  {similar.likeness}" in text
        assert similar.ended in text
    assert "%" not in text
    assert "％" not in text
    assert "点" not in text


def test_the_same_cases_are_the_same_bytes(modelled: Modelled) -> None:
    """An index made again is the one beside the model, byte for byte."""
    stored = read_model(modelled.workspace.models, modelled.model.model_id, modelled.model.sha256)
    with opened(modelled.workspace, open_workspace(modelled.workspace.root)[1], _DAY) as material:
        assert past_index(material, stored.model, {})[INDEX_FILE] == stored.extra[INDEX_FILE]


def test_the_sheet_tells_of_them_without_key_or_distance(modelled: Modelled) -> None:
    """At most three a household, with the warning that the same course need not follow."""
    book = openpyxl.load_workbook(modelled.outcome.handouts[0])
    told = 0
    for case in modelled.outcome.casebook.cases:
        texts = [
            str(c.value) for row in book[f"案件{case.case_no:02d}"].iter_rows() for c in row if c.value is not None
        ]
        similar = [each for child in case.children for each in child.similar]
        endings = [text for text in texts if "として登録" in text and " → " in text]
        assert len(endings) <= min(3, len(similar))
        if endings:
            told += 1
            assert CAUTION in texts
        for each in similar:
            assert not any(each.household_key[:6] in text or each.child_key[:6] in text for text in texts)
            assert not any(
                f"{each.distance:,}" in text or str(each.distance) in text for text in texts if each.distance
            )
    assert told


def test_the_trace_says_on_which_cases_it_rests(modelled: Modelled) -> None:
    """For whoever audits: keys in full, the day and the distance."""
    child, its = next(iter(modelled.shown.items()))
    tracer = Tracer(open_run(modelled.workspace.runs, modelled.outcome.run_folder.name))
    text = "\n".join(trace_text(tracer.trace([child])))
    for similar in its:
        assert f"距離 {similar.distance:,}: こども {similar.child_key} 世帯 {similar.household_key}" in text
        assert similar.looked_at.isoformat() in text


def test_they_are_verified_and_a_forged_one_is_found(modelled: Modelled, copied: Workspace) -> None:
    """Who puts another past household into the record, and makes all hashes and the seal fit, is contradicted."""
    run_id = modelled.outcome.run_folder.name
    assert verified(copied, run_id).confirmed
    folder = copied.runs / run_id
    cases = json.loads((folder / "cases.json").read_bytes())
    similar = next(child["similar"] for case in cases["cases"] for child in case["children"] if child["similar"])
    similar[0]["household_key"] = "H" + "A" * 16
    rewrite(folder, "cases.json", json.dumps(cases, ensure_ascii=False, separators=(",", ":")).encode())
    found = verified(copied, run_id)
    assert codes(found) == {"E-AUDIT-09"}
    assert any("過去の似た世帯" in each.problem.what for each in found.findings)


def test_a_forged_word_about_how_it_ended_is_found(modelled: Modelled, copied: Workspace) -> None:
    """By the same program also the words are the same."""
    folder = copied.runs / modelled.outcome.run_folder.name
    cases = json.loads((folder / "cases.json").read_bytes())
    similar = next(child["similar"] for case in cases["cases"] for child in case["children"] if child["similar"])
    similar[0]["ended"] = "1か月で終結(改善)"
    rewrite(folder, "cases.json", json.dumps(cases, ensure_ascii=False, separators=(",", ":")).encode())
    assert codes(verified(copied, folder.name)) == {"E-AUDIT-09"}


def test_who_is_protected_after_the_run_was_rightly_shown(
    modelled: Modelled, monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot
) -> None:
    """A list of protected people that comes later does not make an older record wrong."""
    shown = next(iter(modelled.shown.values()))[0].household_key
    person = next(key for key, home in homes_of(snapshot).items() if home == shown)
    original = similar_week.protected_people
    monkeypatch.setattr(
        similar_week,
        "protected_people",
        lambda store, only=None: original(store, only) | (set() if only is not None else {person}),
    )
    assert verified(modelled.workspace, modelled.outcome.run_folder.name).confirmed


def test_an_index_that_is_none_costs_the_similar_households_and_nothing_else(
    modelled: Modelled, copied: Workspace
) -> None:
    """Approved as it is, but of another kind: scores, tiers and list are as before, and what is missing is said."""
    stored = read_model(copied.models, modelled.model.model_id, modelled.model.sha256)
    other = write_model(copied.models, replace(stored.model, recipe={"other": 1}), {INDEX_FILE: b"no index"})
    add_approval(copied.models, ModelApproval(other.model_id, other.sha256, "使う", "家庭相談係長", _DAY, "試験のため"))
    outcome = run_week(copied.root, _DAY, quiet())
    assert outcome.casebook.model is not None
    assert not outcome.model_failed
    assert "E-MODEL-71" in outcome.casebook.similar_note
    assert not any(child.similar for case in outcome.casebook.cases for child in case.children)
    tiers = [(case.household_key, case.tier) for case in outcome.casebook.cases]
    assert tiers == [(case.household_key, case.tier) for case in modelled.outcome.casebook.cases]
    assert not any("過去の似た世帯" in text for text in texts_of(outcome.handouts[0]) if text.startswith("参考"))
    assert verified(copied, outcome.run_folder.name).confirmed


def test_a_damaged_index_is_a_damaged_model_and_the_run_goes_on(modelled: Modelled, copied: Workspace) -> None:
    """What was approved is the whole folder: with a byte changed in it nothing of it is used."""
    path = copied.models / modelled.model.model_id / INDEX_FILE
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    outcome = run_week(copied.root, _DAY, quiet())
    assert outcome.model_failed
    assert "E-MODEL-05" in outcome.casebook.model_note
    assert not any(child.similar for case in outcome.casebook.cases for child in case.children)


def test_other_peoples_cases_are_in_no_disclosure(modelled: Modelled, snapshot: Snapshot, tmp_path: Path) -> None:
    """Similar households are other people's data: neither the paper to hand over nor the internal one holds a word or key of them."""
    keyring = open_keyring(modelled.workspace.keyring, may_create=False)
    numbers = {row["person_key"]: row["address_number"] for row in keyring.register.to_pylist()}
    own = homes_of(snapshot)
    for child, its in list(modelled.shown.items())[:2]:
        made = disclose(
            modelled.workspace.root,
            numbers[child],
            Requester.SELF,
            at=AT,
            officer="係長",
            out=tmp_path / child,
        )
        assert made.handover is not None
        texts = texts_of(made.handover) + texts_of(made.internal)
        for similar in its:
            assert not any(similar.household_key in text or similar.child_key in text for text in texts)
            if own[child] != similar.household_key:
                assert not any(similar.decided[0] in text or similar.likeness in text for text in texts)
        assert not any("似た世帯" in text for text in texts)


def test_a_child_without_a_type_to_ask_about_gets_a_sentence(
    modelled: Modelled, snapshot: Snapshot, rules: RuleFiles
) -> None:
    """No type with a model and a raised tier: nothing is shown, and why is said."""
    stored = read_model(modelled.workspace.models, modelled.model.model_id, modelled.model.sha256)
    index = read_index(stored.extra[INDEX_FILE], stored.model)
    today = explained_today(snapshot, rules.plan, stored.model, set())
    assert isinstance(today, Today)
    found = similar_for(snapshot, index, today, {"C": None}, hidden=())
    assert (found["C"].cases, found["C"].note) == ((), NO_TYPE)


def test_a_process_without_memory_is_an_answer_and_no_error(
    modelled: Modelled, snapshot: Snapshot, rules: RuleFiles
) -> None:
    """The limited process of the model may fail: the command says so."""
    stored = read_model(modelled.workspace.models, modelled.model.model_id, modelled.model.sha256)
    child = next(iter(modelled.shown))
    assert isinstance(
        explained_today(snapshot, rules.plan, stored.model, [child], Limits(memory_bytes=1024**2)), NotScored
    )
