"""An author changes a rule, sees what it does to the list, has it approved, and the next run does just that."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from datetime import date
from io import StringIO
from pathlib import Path

import openpyxl
import pytest
from rich.console import Console

from engine.audit.canonical import canonical_json, sealed
from engine.audit.runs import open_run
from engine.kernel.errors import ExitStatus, KizukiError
from engine.rulebook.versions.approval import read_approvals
from engine.store.places import protected_people
from kizuki.authoring.cli import rules as rules_command
from kizuki.authoring.impact.command import show_impact
from kizuki.authoring.impact.facts import compare_with_run
from kizuki.console import run_command
from kizuki.pipeline import run_week
from kizuki.progress import Stages
from kizuki.rules.changes import changes_since, rewritten_book
from kizuki.rules.files import load_rule_files
from kizuki.rules.past import load_past_rules
from kizuki.settings import Workspace, open_workspace
from kizuki.summary import print_summary

pytestmark = pytest.mark.xdist_group(name="city")
LAST = date(2026, 11, 20)
BY = ("--by", "家庭相談係長", "--on", "2026-03-27", "--reason", "よく気づけるように")


@pytest.fixture
def copied(city, tmp_path: Path) -> Workspace:
    """The city after its two runs, to be changed."""
    shutil.copytree(city.workspace.root, tmp_path / "city")
    return Workspace(tmp_path / "city")


def command(capsys, *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as left:
        run_command(lambda: rules_command.main(list(words), standalone_mode=False))
    shown = capsys.readouterr()
    return int(left.value.code), shown.out + shown.err


def compared(workspace: Workspace):
    _, settings = open_workspace(workspace.root)
    run = open_run(workspace.runs)
    return compare_with_run(workspace, settings, run, Stages(Console(quiet=True)))


def a_medium_scenario(workspace: Workspace) -> tuple[Path, str]:
    """Of the scenarios of strength 中 that hit somebody, the most common one: its file and 番号."""
    run = open_run(workspace.runs)
    decisions = run.decisions()

    def hits(scenario: str) -> int:
        met, cancelled = (decisions.column(name).to_pylist() for name in (scenario, f"{scenario}_cancelled"))
        return sum(m == 1 and c != 1 for m, c in zip(met, cancelled, strict=True))

    medium = [s for s, facts in run.manifest["scenarios"].items() if facts["strength"] == "中"]
    found = max(medium, key=hits)
    assert hits(found) > 3
    return workspace.rulebooks / f"{run.manifest['scenarios'][found]['type']}.yaml", found


def edit(path: Path, pattern: str, new: str) -> None:
    text, count = re.subn(pattern, new, path.read_text(encoding="utf-8"), count=1, flags=re.S)
    assert count == 1
    path.write_text(text, encoding="utf-8")


def strengthen(workspace: Workspace) -> str:
    path, scenario = a_medium_scenario(workspace)
    edit(path, rf"(番号: {scenario}\n.*?強さ: )中", r"\g<1>強")
    return scenario


def test_a_run_keeps_its_rules_and_can_be_judged_by_them_again(city):
    """What lies in the record is what was used, and gives the decisions of the record; nothing has changed since."""
    record = city.record
    assert record.rules().keys() >= {"rulebooks/poverty.yaml", "rulebooks/approvals.yaml", "sources/12_water.yaml"}
    past = load_past_rules(record, record.as_of)
    assert {c.file: c.sha256 for c in past.contents} == {
        name: entry["sha256"] for name, entry in record.manifest["rulebooks"].items()
    }
    again = compared(city.workspace)
    assert (again.differing, again.left_out, again.impact.moves, again.impact.shifted) == (0, 0, (), 0)
    changes = record.manifest["rule_changes"]
    assert (changes["against"], changes["files"], changes["scenarios"]) == ("R20261113-01", [], [])


def test_the_manifest_tells_who_approved_what(city):
    """Approver, day and reason of each file, and the hash of the book."""
    manifest = city.record.manifest
    assert all(
        {"version", "sha256", "approved_by", "approved_on", "reason"} <= entry.keys()
        for entry in manifest["rulebooks"].values()
    )
    assert manifest["approvals"]["sha256"] == read_approvals(city.workspace.approvals).sha256


@pytest.mark.parametrize("harm", ["change", "remove", "add"])
def test_a_stored_rule_file_that_was_touched_is_not_believed(copied: Workspace, harm: str):
    """Changed, taken out or put beside: the record is refused, and so is every comparison with it."""
    path = open_run(copied.runs).rules_folder / "rulebooks" / "poverty.yaml"
    if harm == "change":
        path.write_bytes(path.read_bytes().replace("以上".encode(), "以下".encode(), 1))
    elif harm == "remove":
        path.unlink()
    else:
        path.with_name("other.yaml").write_text("版: x\n", encoding="utf-8")
    with pytest.raises(KizukiError) as caught:
        compared(copied)
    assert [problem.code for problem in caught.value.problems] == ["E-STORE-21"]
    assert caught.value.exit_status is ExitStatus.STORE


def test_what_impact_foretells_is_what_the_next_run_does(copied: Workspace, capsys):
    """From the change through check, impact and approval to the run: one story, and the numbers agree."""
    before = open_run(copied.runs).decisions()
    scenario = strengthen(copied)
    foretold = compared(copied)
    assert {s.scenario_id for move in foretold.impact.moves for s in move.shifts} == {scenario}
    assert foretold.impact.moves

    with pytest.raises(KizukiError) as caught:
        run_week(copied.root, LAST, Console(quiet=True))
    assert [problem.code for problem in caught.value.problems] == ["E-RULE-51"]

    status, shown = command(capsys, "approve", *BY, "--yes", "-w", str(copied.root))
    assert (status, "E-RULE-51" in shown) == (ExitStatus.RULEBOOK, True)
    status, shown = command(capsys, "approve", *BY, "--yes", "--raise", "-w", str(copied.root))
    assert status == ExitStatus.OK, shown
    assert f"{scenario} 意味が変わった" in shown and "強さ 中→強" in shown

    outcome = run_week(copied.root, LAST, Console(quiet=True))
    after = open_run(copied.runs).decisions()
    old, new = (
        dict(zip(*(t.column(c).to_pylist() for c in ("child_key", "tier")), strict=True)) for t in (before, after)
    )
    assert {m.child_key: (m.before, m.after) for m in foretold.impact.moves} == {
        key: (old[key], new[key]) for key in old if old[key] != new[key]
    }
    printed = {case.household_key for case in outcome.casebook.cases}
    assert printed == {line.household_key for line in foretold.lists[1].households}

    told = open_run(copied.runs).manifest["rule_changes"]
    assert [(c["id"], c["kind"], c["details"]) for c in told["scenarios"]] == [(scenario, "変更", ["強さ 中→強"])]
    assert [(f["approved_by"], f["approved_on"], f["reason"]) for f in told["files"]] == [
        ("家庭相談係長", "2026-03-27", "よく気づけるように")
    ]
    console = Console(record=True, width=200, file=StringIO())
    print_summary(outcome, console)
    assert f"{scenario} 意味が変わった" in console.export_text()


def test_a_file_put_back_needs_no_new_approval(copied: Workspace, capsys):
    """The bytes were approved once; that holds."""
    path, _ = a_medium_scenario(copied)
    sound = path.read_bytes()
    strengthen(copied)
    assert command(capsys, "approve", *BY, "--yes", "--raise", "-w", str(copied.root))[0] == ExitStatus.OK
    path.write_bytes(sound)
    status, shown = command(capsys, "approve", *BY, "--yes", "-w", str(copied.root))
    assert (status, "承認の要る変更はありません" in shown) == (ExitStatus.OK, True)


def test_nothing_is_approved_that_does_not_hold(copied: Workspace, capsys):
    """A broken sentence and an example that no longer holds stop the approval; the book stays as it was."""
    book = copied.approvals.read_bytes()
    path, scenario = a_medium_scenario(copied)
    sound = path.read_text(encoding="utf-8")
    edit(path, rf"(番号: {scenario}\n.*?    条件:.*?)以上", r"\g<1>いじょう")
    status, shown = command(capsys, "approve", *BY, "--yes", "-w", str(copied.root))
    assert status == ExitStatus.RULEBOOK and f"rulebooks/{path.name}:" in shown
    path.write_text(sound, encoding="utf-8")
    wrong = "      - {例: 何も起きていない, 事実: {}, 結果: 該当}"
    edit(path, rf"(番号: {scenario}\n.*?    試験:\n)", rf"\g<1>{wrong}\n")
    status, shown = command(capsys, "approve", *BY, "--yes", "-w", str(copied.root))
    assert (status, "E-RULE-53" in shown) == (ExitStatus.RULEBOOK, True)
    assert copied.approvals.read_bytes() == book


def test_nobody_approves_unseen(copied: Workspace, capsys, monkeypatch):
    """Without a person at the terminal and without --yes nothing is approved; nor with a day still to come."""
    strengthen(copied)
    monkeypatch.setattr("sys.stdin", StringIO("y\n"))
    status, shown = command(capsys, "approve", *BY, "--raise", "-w", str(copied.root))
    assert (status, "E-RULE-57" in shown) == (ExitStatus.RULEBOOK, True)
    words = ("approve", "--by", "係長", "--reason", "理由", "--on", "9999-01-01", "--yes", "-w", str(copied.root))
    assert "E-RULE-55" in command(capsys, *words)[1]
    assert "E-RULE-52" in command(capsys, "approve", "water.yaml", *BY, "--yes", "-w", str(copied.root))[1]


def test_a_rewritten_book_is_told_by_the_next_run(copied: Workspace):
    """An earlier entry that was changed is named; it stops nothing by itself."""
    text = copied.approvals.read_text(encoding="utf-8")
    copied.approvals.write_text(text.replace("試験のため", "別の理由", 1), encoding="utf-8")
    outcome = run_week(copied.root, LAST, Console(quiet=True))
    assert [notice.code for notice in outcome.rule_changes.notices] == ["W-RULE-45"]


def test_a_rewritten_book_is_told_until_it_is_put_back(copied: Workspace):
    """Not only by the next run: the run after that compares with the record that knew the book as it was."""
    text = copied.approvals.read_text(encoding="utf-8")
    known = open_run(copied.runs, "R20261113-01")
    copied.approvals.write_text(text.replace("試験のため", "別の理由", 1), encoding="utf-8")
    rewritten = read_approvals(copied.approvals)
    later = shutil.copytree(known.folder, copied.runs / "R20261114-01")
    book = copied.approvals.read_bytes()
    (later / "rules" / "rulebooks" / "approvals.yaml").write_bytes(book)
    manifest = json.loads((later / "manifest.json").read_bytes())
    manifest["outputs"]["rules/rulebooks/approvals.yaml"] = hashlib.sha256(book).hexdigest()
    (later / "manifest.json").write_bytes(canonical_json(sealed({**manifest, "run_id": later.name})))
    told = rewritten_book(open_run(copied.runs, later.name), rewritten)
    assert told is not None and "R20261113-01" in told.what
    copied.approvals.write_text(text, encoding="utf-8")
    assert rewritten_book(open_run(copied.runs, later.name), read_approvals(copied.approvals)) is None


def test_a_rewritten_book_is_told_to_whoever_checks_or_approves(copied: Workspace, capsys):
    """A book that was deleted begins anew, but neither the check nor the next approval passes over what the last run had."""
    copied.approvals.unlink()
    shown = command(capsys, "check", "-w", str(copied.root))[1]
    assert "W-RULE-45" in shown
    shown = command(
        capsys,
        "approve",
        "--by",
        "係長\n承認しました\x1b[2J\u202e",
        "--reason",
        "理由",
        "--yes",
        "-w",
        str(copied.root),
    )[1]
    assert "W-RULE-45" in shown and "承認者 係長 承認しました" in shown
    assert not {"\x1b", "\u202e"} & set(shown)


def test_rules_younger_than_the_meeting_are_named(city):
    """A past week may be run with today's rules, but its summary says that they are younger than its conference."""
    rules = load_rule_files(city.workspace, LAST)
    notices = {day: changes_since(None, rules, LAST, day).notices for day in (date(2026, 3, 19), date(2026, 3, 20))}
    assert [[notice.code for notice in found] for found in notices.values()] == [["W-RULE-46"], []]


def test_impact_tells_the_faults_of_the_working_rules(copied: Workspace, capsys):
    """On an error, the same messages as `rules check`."""
    path, scenario = a_medium_scenario(copied)
    edit(path, rf"(番号: {scenario}\n.*?    条件:.*?)以上", r"\g<1>いじょう")
    status, shown = command(capsys, "impact", "-w", str(copied.root))
    assert status == ExitStatus.RULEBOOK
    assert f"rulebooks/{path.name}:" in shown and "E-RULE-" in shown


def test_later_deliveries_for_that_day_are_left_out_and_told(copied: Workspace):
    """Rows that were corrected after the run would move children that the rules do not move."""
    catalogue = copied.store / "deliveries.jsonl"
    lines = catalogue.read_text(encoding="utf-8").splitlines()
    later = json.loads(next(line for line in lines if '"npo_watch"' in line))
    later |= {"file": "2026-11-20/13_later.csv", "sha256": "0" * 64, "parts": []}
    catalogue.write_text("\n".join([*lines, json.dumps(later, ensure_ascii=False)]) + "\n", encoding="utf-8")
    found = compared(copied)
    assert (found.left_out, found.differing, found.impact.moves) == (1, 0, ())


def test_no_place_is_told_of_a_protected_household(city):
    """Whoever is protected now, or was on any list, counts as 保護 for school and district, never under a name."""
    found = compared(city.workspace)
    hidden = protected_people(city.workspace.store)
    assert hidden
    homes = dict(
        zip(*(city.record.decisions().column(c).to_pylist() for c in ("child_key", "household_key")), strict=True)
    )
    homes_of_hidden = {homes[key] for key in hidden if key in homes}
    children = [child for child, home in homes.items() if home in homes_of_hidden]
    assert children
    for places in (found.places.school, found.places.district):
        assert set(places) == set(homes)
        assert {places[child] for child in children} == {"保護"}
        assert len(set(places.values())) > 3


def test_a_new_word_is_compared_and_another_meaning_is_not_hidden(copied: Workspace):
    """A label that was added changes nothing for the old rules; a changed one is judged by each version's own words."""
    path = copied.vocabulary
    text = path.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("  absence: "))
    added = line.replace("  absence:", "  other_absence:").replace("名前: 欠席,", "名前: 休んだ日数,")
    path.write_text(text.replace(line, f"{line}\n{added}"), encoding="utf-8")
    found = compared(copied)
    assert (found.shares_words, found.differing, found.impact.moves) == (True, 0, ())
    changed = line.replace("absent_days", "suspended_days")
    path.write_text(text.replace(line, changed), encoding="utf-8")
    found = compared(copied)
    assert (found.shares_words, found.differing) == (False, 0)
    assert any(count.lost for count in found.impact.scenarios)


def test_the_workbook_holds_pseudonyms_and_counts_only(copied: Workspace, tmp_path: Path):
    """No name, no school beside a child, no formula; each sheet can be printed."""
    strengthen(copied)
    assert show_impact(copied.root, None, tmp_path / "影響.xlsx", Console(quiet=True))
    book = openpyxl.load_workbook(tmp_path / "影響.xlsx")
    assert book.sheetnames == ["まとめ", "こどもごと", "会議資料の世帯", "シナリオごと", "学校・地区ごと"]
    names = set()
    for path in (copied.keyring).rglob("*.json*"):
        names |= set(re.findall(r'"name_kanji": ?"([^"]{3,})"', path.read_text(encoding="utf-8")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    text = "\n".join(str(cell.value) for cell in cells)
    assert not any(name in text for name in names)
    assert all(cell.data_type != "f" for cell in cells)
    assert all(
        cell.quotePrefix
        for cell in cells
        if isinstance(cell.value, str) and cell.row > 1 and cell.fill.fgColor.rgb != "001F3864"
    )
    for sheet in book:
        assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
        assert "取扱注意" in sheet.oddHeader.left.text
    children = "\n".join(str(c.value) for row in book["こどもごと"].iter_rows() for c in row if c.value)
    assert "小学校" not in children and "丁目" not in children
