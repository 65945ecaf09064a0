"""What conferences decided, in the next week's list, in its record, and in the verification of that record."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from engine.audit.canonical import canonical_json, head_of
from engine.audit.run_record import RunRecord
from engine.audit.runs import open_run
from engine.kernel.truth import Truth
from engine.records.case import Case, Casebook
from engine.records.conference import ConferenceEntry, ConferenceTexts, PastDecision
from engine.records.conference_store import append_conference, read_conference
from engine.tiers.drawing import in_drawing_order
from engine.tiers.standing import Conferences, pair
from kizuki.audit.conference import check_conference
from kizuki.audit.findings import Check
from kizuki.audit.inputs import check_head
from kizuki.audit.recomputed import Recomputed
from kizuki.audit.verify import Verification, verify_run
from kizuki.conferences import with_words
from kizuki.decisions import children_with_hits
from kizuki.handout.dashboard import make_dashboard
from kizuki.new_facts import with_evidence
from kizuki.past_facts import open_past_snapshot
from kizuki.pipeline import run_week
from kizuki.progress import Stages
from kizuki.rules.files import load_rule_files
from kizuki.settings import Workspace, open_workspace
from kizuki.summary import beside_the_list
from reports.trace.diff import Difference
from reports.trace.make import Tracer
from reports.trace.text import trace_text
from tests.pipeline.test_audit_verify import rewrite, told

pytestmark = pytest.mark.xdist_group(name="city")
FIRST, SECOND = date(2026, 11, 13), date(2026, 11, 20)
CONFERENCE = date(2026, 11, 20)
AGENCY = "家庭児童相談室の佐藤"
NAMED = "児童相談所"
REASON = "学校で面談ずみ。母の通院を待つ"


def quiet():
    from rich.console import Console

    return Console(quiet=True)


def counted(case: Case) -> tuple[str, ...]:
    return tuple(
        sorted(pair(child.child_key, r.scenario_id) for child in case.children for r in child.results if r.is_hit)
    )


def results(case: Case):
    return [result for child in case.children for result in child.results]


def entry(case: Case, run_id: str = "R20261113-01", decided_on: date = CONFERENCE, **said) -> ConferenceEntry:
    decision = PastDecision(
        run_id,
        case.household_key,
        decided_on,
        met_then=counted(case),
        tier_then=int(case.tier),
        urgency="B",
        severity="最重度",
        **{"lead_agency": AGENCY, **said},
    )
    return ConferenceEntry(decision, ConferenceTexts(reason=REASON), CONFERENCE, "家庭相談係", "0" * 64)


class City:
    """A city after a conference about the list of 11月13日, and the list of 11月20日 made again after it."""

    def __init__(self, folder: Path) -> None:
        self.workspace = Workspace(folder)
        self.first = open_run(self.workspace.runs, "R20261113-01").casebook()
        before = open_run(self.workspace.runs, "R20261120-01").casebook()
        on_both = {case.household_key: counted(case) for case in before.cases}
        stay = [
            case
            for case in self.first.cases
            if set(on_both.get(case.household_key, ("new",))) <= set(counted(case)) and case.previous_tier is None
        ]
        struck = [
            case
            for case in stay
            if any(r.is_hit and (r.hardship_type, r.strength) == ("abuse", "強") for r in results(case))
        ]
        self.struck = struck[0]
        self.not_meant, self.put_off, self.day_came = [case for case in stay if case is not self.struck][:3]
        append_conference(
            self.workspace.conference,
            [
                entry(self.not_meant, decision="対象外", lead_agency=NAMED),
                entry(self.put_off, decision="見送り", until=date(2027, 1, 31)),
                entry(self.struck, "R20240105-01", date(2024, 1, 12), decision="既に支援中"),
                entry(self.day_came, decision="見送り", until=date(2026, 11, 27)),
            ],
        )
        self.outcome = run_week(folder, SECOND, quiet())

    @property
    def run(self) -> RunRecord:
        return open_run(self.workspace.runs, "R20261120-02")

    @property
    def book(self) -> Casebook:
        return self.run.casebook()


@pytest.fixture(scope="module")
def decided(city, tmp_path_factory: pytest.TempPathFactory) -> City:
    folder = tmp_path_factory.mktemp("decided") / "city"
    shutil.copytree(city.workspace.root, folder)
    settings = folder / "kizuki.toml"
    settings.write_text(settings.read_text("utf-8").replace("sample = 200", "sample = 10"), "utf-8")
    return City(folder)


@contextmanager
def restored(workspace: Workspace) -> Iterator[None]:
    folders = (workspace.runs, workspace.conference)
    before = {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}
    try:
        yield
    finally:
        for folder in folders:
            for path in [p for p in folder.rglob("*") if p.is_file() and p not in before]:
                path.unlink()
        for path, content in before.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.is_file() or path.read_bytes() != content:
                path.write_bytes(content)


def verified(workspace: Workspace, run_id: str = "R20261120-02", head: str | None = None) -> Verification:
    _, settings = open_workspace(workspace.root)
    return verify_run(workspace, settings, open_run(workspace.runs, run_id), Stages(quiet()), head)


def test_whom_the_conference_set_aside_stands_apart_with_its_tier(decided: City):
    """対象外 and 見送り are off the list, one line each with tier, reason and decision; nobody is lost and no tier changes."""
    apart = {household.household_key: household for household in decided.book.apart}
    assert set(apart) == {decided.not_meant.household_key, decided.put_off.household_key}
    assert apart[decided.put_off.household_key].until == date(2027, 1, 31)
    assert apart[decided.not_meant.household_key].until is None
    assert apart[decided.not_meant.household_key].main_reason == decided.not_meant.main_reason
    plain = open_run(decided.workspace.runs, "R20261120-01").casebook()
    listed = {case.household_key for case in decided.book.cases}
    assert listed | set(apart) >= {case.household_key for case in plain.cases} and not listed & set(apart)
    assert plain.tier_counts == decided.book.tier_counts
    assert len(plain.cases) + plain.not_printed == len(listed) + decided.book.not_printed + len(apart)
    assert "別に示す世帯  2世帯(見送り1・対象外1)" in beside_the_list(decided.book)[0]


def test_who_is_set_aside_is_told_with_what_is_new(decided: City):
    """Facts and contacts of a day after the as-of day of the list on which the conference decided, from the household's own twelve months."""
    for household in decided.book.apart:
        assert household.new_facts is not None and (household.new_facts > 0) == (household.newest_fact is not None)
        if household.newest_fact is not None:
            assert household.newest_fact.on > FIRST and household.newest_fact.kind in ("事実", "連絡")


def test_a_new_fact_under_a_strong_abuse_scenario_is_on_the_list(decided: City):
    """既に支援中 since long ago with the same scenarios: what they rest on is of later days, so the household is not set aside."""
    assert decided.struck.household_key in {case.household_key for case in decided.book.cases}
    days = [
        f.on
        for r in results(decided.struck)
        if r.hardship_type == "abuse" and r.is_hit
        for s in r.sentences
        for f in s.facts
    ]
    assert max(filter(None, days)) > date(2024, 1, 5)


def test_whose_day_has_come_is_back_and_says_why(decided: City):
    """見送り until the day of the meeting: on its list as 見送り明け, last of its tier, with the decision on its sheet."""
    case = next(c for c in decided.book.cases if c.household_key == decided.day_came.household_key)
    assert (case.change, case.back_because) == ("見送り明け", "見送りの期限(R8.11.27)が来ました。")
    assert [d.decision for d in case.decisions] == ["見送り"]
    tier = [c.change for c in decided.book.cases if c.tier is case.tier and c.lifted_from is None]
    assert tier[tier.index("見送り明け") :] == ["見送り明け"]


def test_the_record_keeps_decisions_without_a_word_of_anyone(decided: City):
    """What was written stands in conference/ only; the record has the decision, and the names of the files it was read from."""
    files = [path.name for path in decided.workspace.conference.iterdir()]
    assert decided.run.manifest["list_inputs"]["conference_files"] == files
    assert {d.household_key for d in decided.run.conference()} == {
        each.household_key for each in (decided.not_meant, decided.put_off, decided.day_came, decided.struck)
    }
    for path in decided.run.folder.rglob("*"):
        kept = path.read_bytes() if path.is_file() else b""
        assert REASON.encode() not in kept and AGENCY.encode() not in kept
    assert {(d.urgency, d.severity) for d in decided.run.conference()} == {(None, None)}
    named = {household.household_key: household.decision.lead_agency for household in decided.book.apart}
    assert named == {decided.not_meant.household_key: NAMED, decided.put_off.household_key: ""}
    joined = with_words(decided.book, read_conference(decided.workspace.conference).entries)
    assert {household.decision.lead_agency for household in joined.apart} == {NAMED, AGENCY}


def test_a_list_that_is_made_again_is_made_without_what_was_decided_on_it(decided: City, tmp_path: Path):
    """The list of 11月13日, run again after its conference, is the list that the conference had."""
    folder = tmp_path / "again"
    shutil.copytree(decided.workspace.root, folder)
    again = run_week(folder, FIRST, quiet()).casebook
    assert again.run_id == "R20261113-02" and not again.apart
    assert [(c.household_key, c.change) for c in again.cases] == [
        (c.household_key, c.change) for c in decided.first.cases
    ]


def test_a_household_shows_its_weeks_and_its_year(decided: City):
    """The tier of each earlier week, whether listed or not, and dated entries of the last twelve months, oldest first."""
    for case in decided.book.cases:
        assert {week.run_id for week in case.weeks} <= {"R20261113-01"}
        ends = [entry.until or entry.on for entry in case.timeline if not entry.lasts]
        assert all(date(2025, 11, 20) < day <= SECOND for day in ends)
        assert list(case.timeline) == sorted(case.timeline, key=lambda entry: entry.on)
    kinds = {entry.kind for case in decided.book.cases for entry in case.timeline}
    assert kinds == {"事実", "連絡", "支援"}


def test_who_is_drawn_is_nobody_who_was_noticed(decided: City):
    """Three children of households in ③ only, unprotected, in the order that the run's number gives, with the chance that each had."""
    book, decisions = decided.book, decided.run.decisions()
    rows = list(zip(*(decisions.column(c).to_pylist() for c in ("child_key", "household_key", "tier")), strict=True))
    noticed = {household for _, household, tier in rows if tier < 3}
    pool = [child for child, household, _ in rows if household not in noticed]
    assert len(book.drawn) == 3 and book.drawn_from <= len(pool)
    drawn = [child.child_key for child in book.drawn]
    assert drawn == [key for key in in_drawing_order(book.run_id, pool) if key in drawn]
    assert {child.chance_millionths for child in book.drawn} == {3_000_000 // book.drawn_from}
    assert not {child.household_key for child in book.drawn} & noticed


def test_the_record_is_confirmed_from_itself_and_the_store(decided: City):
    """List, apart, drawn, weeks and decisions are made again, and the head of the paper is the record's."""
    verification = verified(decided.workspace, head=head_of(decided.run.manifest))
    assert verification.confirmed, told(verification)
    names = {check.name: check.compared for check in verification.checks}
    assert "判断4件" in names["会議で決めたこと"] and "別に示した2世帯" in names["一覧と根拠"]


def held_against_the_store(decided: City) -> Check:
    """The one part of the verification that asks the store of conferences; it needs of what was made again the decisions only."""
    run = decided.run
    made = cast(Recomputed, SimpleNamespace(decisions=run.decisions()))
    check = check_conference(decided.workspace, run, run.conference(), made, decided.book.meeting_on)
    assert check is not None
    return check


def test_what_was_read_in_later_is_as_if_it_were_not_there(decided: City):
    """A further conference changes nothing of an earlier record."""
    with restored(decided.workspace):
        append_conference(decided.workspace.conference, [entry(decided.put_off, decision="見守り")])
        assert held_against_the_store(decided).holds


def test_another_head_is_told(decided: City):
    """The paper of another record, or a misread letter."""
    head = head_of(decided.run.manifest)
    assert check_head(decided.run, head).holds
    (found,) = check_head(decided.run, head[:-1] + ("A" if head[-1] != "A" else "B")).findings
    assert (found.problem.code, found.problem.place.file) == ("E-AUDIT-21", "runs/R20261120-02/manifest.json")


def test_a_file_of_the_store_that_is_gone_or_changed_is_told(decided: City):
    """A removed file, one put in its place, and one with another word in it; that the whole folder is not there is only told."""
    (path,) = decided.workspace.conference.iterdir()
    with restored(decided.workspace):
        path.rename(path.with_name(f"00001-2026-11-20-{'0' * 64}.jsonl"))
        assert {found.problem.code for found in held_against_the_store(decided).findings} == {"E-AUDIT-19"}
    with restored(decided.workspace):
        path.write_text(path.read_text("utf-8").replace("見送り", "見守り"), "utf-8")
        (found,) = held_against_the_store(decided).findings
        assert (found.problem.code, found.problem.place.file) == ("E-AUDIT-19", f"conference/{path.name}")
    with restored(decided.workspace):
        shutil.rmtree(decided.workspace.conference)
        check = held_against_the_store(decided)
        assert check.holds and any("conference" in note for note in check.notes)


def test_a_decision_that_was_changed_in_the_record_is_told(decided: City):
    """Who puts a household apart, or keeps it apart for longer, and seals the record again, contradicts the store of conferences."""
    run = decided.run

    def with_decisions(change):
        said = json.loads((run.folder / "conference.json").read_bytes())
        cases = json.loads((run.folder / "cases.json").read_bytes())
        change(said, cases)
        pack = {"conference.json": _compact(said), "cases.json": _compact(cases)}
        rewrite(run, lambda manifest: None, pack)

    def longer(said, cases):
        until = {"until": "2027-12-31"}
        next(d for d in said if d["household_key"] == decided.put_off.household_key).update(until)
        household = next(a for a in cases["apart"] if a["household_key"] == decided.put_off.household_key)
        household.update(until)
        household["decision"].update(until)

    with restored(decided.workspace):
        with_decisions(longer)
        assert told(verified(decided.workspace)) == [("E-AUDIT-20", "runs/R20261120-02/conference.json")]
    # A household is put apart of which no conference ever spoke.
    with restored(decided.workspace):
        with_decisions(
            lambda said, cases: said.append({**said[0], "household_key": decided.book.cases[0].household_key})
        )
        codes = {code for code, _ in told(verified(decided.workspace))}
        assert {"E-AUDIT-20", "E-AUDIT-09"} <= codes


def test_a_household_that_silently_left_the_list_is_told(decided: City):
    """Without a decision that sets it apart the list made again still has it."""
    run = decided.run

    def hide(cases):
        hidden = cases["cases"].pop(0)
        cases["apart"].append({**cases["apart"][0], "household_key": hidden["household_key"]})

    with restored(decided.workspace):
        cases = json.loads((run.folder / "cases.json").read_bytes())
        hide(cases)
        rewrite(run, lambda manifest: None, {"cases.json": _compact(cases)})
        assert "E-AUDIT-09" in {code for code, _ in told(verified(decided.workspace))}


def test_another_draw_and_another_week_are_told(decided: City):
    """A drawn child exchanged for another one, and the tier of an earlier week that is not that of the earlier run's record."""
    run = decided.run
    with restored(decided.workspace):
        cases = json.loads((run.folder / "cases.json").read_bytes())
        cases["drawn"][0], cases["drawn"][1] = cases["drawn"][1], cases["drawn"][0]
        week = next(c["weeks"][0] for c in cases["cases"] if c["weeks"])
        week["tier"] = 3 if week["tier"] != 3 else 2
        rewrite(run, lambda manifest: None, {"cases.json": _compact(cases)})
        found = verified(decided.workspace).findings
    (cases_differ,) = [each for each in found if each.problem.code == "E-AUDIT-09"]
    assert "これまでの週の区分" in cases_differ.problem.what and cases_differ.count > 2


def test_a_record_without_any_of_it_is_an_older_one_or_damaged(decided: City):
    """Taking decisions, weeks and draw out of a record of this code is told; half of it makes a manifest that cannot be used."""
    from kizuki.audit.shape import misshapen

    manifest = json.loads((decided.run.folder / "manifest.json").read_bytes())
    assert misshapen(manifest) == []
    del manifest["outputs"]["conference.json"]
    assert misshapen(manifest) == ["outputs › conference.json"]
    assert canonical_json(manifest)
    assert replace(decided.run, manifest=manifest).conference() == ()


def _compact(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def test_a_trace_says_who_decided_what_and_when(decided: City):
    """Apart and back with the decision, its day and the run that the conference had before it; drawn by chance; and between two runs what was decided."""
    tracer = Tracer(decided.run)
    trace = tracer.trace(tracer.meant(decided.put_off.children[0].child_key))
    assert "別に示しています" in trace.children[0].standing
    assert "R20261113-01の一覧についての令和8年11月20日の会議の判断「見送り」" in trace.children[0].standing
    assert "令和9年1月31日の会議から一覧に戻ります" in trace.children[0].standing
    back = tracer.trace(tracer.meant(decided.day_came.children[0].child_key)).children[0].standing
    assert "見送り明け" in back and "見送りの期限(R8.11.27)が来ました" in back
    drawn = tracer.trace(tracer.meant(decided.book.drawn[1].child_key)).children[0].standing
    assert "無作為2" in drawn and "全員③" in drawn
    before = Tracer(open_run(decided.workspace.runs, "R20261120-01"))
    assert Difference(before, tracer).grounds.conferences == (
        "新しく守る判断 1件(令和6年1月12日の会議)",
        "新しく守る判断 3件(令和8年11月20日の会議)",
    )
    assert REASON not in "".join(trace_text(trace))


def test_the_page_without_names_is_without_words_too(decided: City, tmp_path: Path):
    """Made again from the record, when all that was written lies beside it: a named agency stands there, what somebody wrote in its place does not."""
    for with_names in (False, True):
        page = make_dashboard(
            decided.workspace.root,
            None,
            quiet(),
            with_names=with_names,
            at=datetime(2026, 11, 28, 9, tzinfo=UTC),
            out=tmp_path / f"{with_names}.html",
        )
        assert page is not None
        assert (AGENCY in page.read_text("utf-8")) == with_names


def test_evidence_is_asked_only_of_whom_a_decision_sets_aside(decided: City):
    """The days of the facts of met sentences, by child and strong 虐待 scenario, as the sheet of the household shows them."""
    workspace, settings = open_workspace(decided.workspace.root)
    run = decided.run
    rules = load_rule_files(workspace, run.as_of)
    case = next(case for case in decided.book.cases if case.household_key == decided.struck.household_key)
    children = children_with_hits(run.decisions())
    standing = {
        key: PastDecision("R20261113-01", key, CONFERENCE, "見守り") for key in {c.household_key for c in children}
    }
    standing[case.household_key] = PastDecision("R20261113-01", case.household_key, CONFERENCE, "対象外")
    with open_past_snapshot(workspace, settings.processing, run, rules.vocabulary, rules.layouts) as snapshot:
        evidence = with_evidence(Conferences(CONFERENCE, standing), snapshot, rules, children).evidence
    shown = {
        pair(child.child_key, result.scenario_id): tuple(
            sorted({f.on for s in result.sentences if s.truth is Truth.MET for f in s.facts if f.on is not None})
        )
        for child in case.children
        for result in child.results
        if result.is_hit and (result.hardship_type, result.strength) == ("abuse", "強")
    }
    assert evidence == shown and any(shown.values())
