"""開示 over the whole way: two made-up cities that differ in nothing but the list of protected people."""

from __future__ import annotations

import json
import re
import shutil
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import WEEKS, quiet
from openpyxl import load_workbook
from planted_cities import (
    AT,
    TOKEN,
    World,
    column_of,
    delivered,
    families,
    layout_of,
    numbered_rows,
    own_texts,
    plain,
    plant,
    protect,
    rows_of,
)

from engine.audit.runs import open_run
from engine.kernel.errors import ExitStatus, KizukiError
from engine.records.conference import ConferenceEntry, ConferenceTexts, PastDecision
from engine.records.conference_store import DrawnAnswer, append_conference
from kizuki.cli import kizuki
from kizuki.disclosure import judgements
from kizuki.disclosure.command import disclose
from kizuki.disclosure.requester import Requester
from kizuki.pipeline import run_week
from kizuki.settings import Workspace

pytestmark = pytest.mark.xdist_group(name="disclosure")


@pytest.fixture(scope="module")
def families_asked(template: Path) -> list[tuple[str, list[str]]]:
    return families(template)[:3]


@pytest.fixture(scope="module")
def worlds(
    template: Path, families_asked: list[tuple[str, list[str]]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[World, World]:
    """The same city twice: with three protected families (with one child of each listed besides), and with none of them."""
    made = []
    secret = b"made-up secret of thirty-two b.."
    elsewhere = families(template)[-1][0]
    for name, numbers in (("protected", [n for head, kids in families_asked for n in (head, kids[0])]), ("open", [])):
        folder = tmp_path_factory.mktemp(name) / "city"
        shutil.copytree(template, folder)
        owners = plant(folder)
        protect(folder, [*numbers, elsewhere])
        (folder / "keyring").mkdir(exist_ok=True)
        (folder / "keyring" / "secret.key").write_bytes(secret)
        for day in WEEKS:
            run_week(folder, day, quiet())
        made.append(World(Workspace(folder), owners))
    return made[0], made[1]


@pytest.fixture(scope="module", autouse=True)
def _rules_read_once() -> Iterator[None]:
    # Only for speed: the rules of both cities are the same files.
    patch = pytest.MonkeyPatch()
    kept: dict[object, Any] = {}
    original = judgements._read_rules

    def read(run: Any) -> Any:
        key = (run.as_of, frozenset(n for n in run.manifest["outputs"].items() if n[0].startswith("rules/rulebooks")))
        if key not in kept:
            kept[key] = original(run)
        return kept[key]

    patch.setattr(judgements, "_read_rules", read)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def people(worlds: tuple[World, World], families_asked: list[tuple[str, list[str]]]) -> list[str]:
    """Whoever has most to tell, and whole families: mothers, fathers, children, brothers and sisters, grown-ups, people who moved."""
    world = worlds[1]
    told: Counter[str] = Counter()
    for path in delivered(world.workspace.root):
        header, rows = rows_of(path)
        own = column_of(header, layout_of(path), "address_number")
        if own is not None and path.name[:2] not in ("01", "08"):
            told.update(plain(row[own]) for row in rows)
    rich = [number for number, _ in told.most_common(6) if number in world.register]
    gone = [number for number, row in world.register.items() if row["resident_status"] == "転出"][:1]
    relatives = [n for n, row in world.register.items() if row["household_key"] == world.register[rich[0]]["household_key"]]
    protected = [n for head, kids in families_asked[:1] for n in (head, *kids[:2])]
    return list(dict.fromkeys([*rich, *gone, *relatives, *protected]))


def test_nothing_of_anybody_else_is_on_the_paper_to_hand_over(worlds: tuple[World, World], people: list[str]) -> None:
    """No number, key, name or text of another person's row stands on it, be they strangers or of the same household."""
    seen: set[str] = set()
    for world in worlds:
        for number in people:
            paper = world.ask(number).handover
            tokens = set(TOKEN.findall(paper))
            assert tokens <= own_texts(world, number)
            seen |= tokens
            me = world.register[number]
            for other, row in world.register.items():
                if other == number:
                    continue
                assert other not in paper
                assert row["person_key"] not in paper
                assert row["name"] == me["name"] or not row["name"] or row["name"] not in paper
                assert row["kana"] == me["kana"] or not row["kana"] or row["kana"] not in paper
            assert me["household_key"] is None or me["household_key"] not in paper
    assert len(seen) >= 4, "the planted texts reach some papers, or this test could not fail"


def test_protection_is_on_nobody_elses_paper(
    worlds: tuple[World, World], families_asked: list[tuple[str, list[str]]]
) -> None:
    """Days of a protection stand on the protected person's own paper and on no other, and no word of it does."""
    world = worlds[0]
    for head, kids in families_asked:
        assert "H11.9.9" in world.ask(head).handover
        sibling = world.ask(kids[1]).handover
        assert "H11.9.9" not in sibling and "支援措置" not in sibling
        for child in kids[:2]:
            for requester in (Requester.LEGAL_REPRESENTATIVE, Requester.AGENT):
                paper = world.ask(child, requester).handover
                assert "H11.9.9" not in paper and "支援措置" not in paper and "安全への配慮" not in paper


def test_a_representative_cannot_tell_a_protected_household(
    worlds: tuple[World, World], families_asked: list[tuple[str, list[str]]]
) -> None:
    """Cell by cell a representative's paper is the same whether the household is protected or not; the officer's is not."""
    protected, unprotected = worlds
    for _, kids in families_asked:
        for child in kids[:2]:
            for requester in (Requester.LEGAL_REPRESENTATIVE, Requester.AGENT):
                told, other = (world.ask(child, requester) for world in (protected, unprotected))
                assert told.handover == other.handover
                assert "【重要】" in told.internal and "【重要】" not in other.internal


def test_no_address_on_a_protected_persons_or_a_representatives_paper(
    worlds: tuple[World, World], families_asked: list[tuple[str, list[str]]]
) -> None:
    """The address is printed for the person alone, and for nobody in a protected household."""
    protected, unprotected = worlds
    for _, (child, *_rest) in families_asked:
        row = unprotected.register[child]
        assert row["lot"] in unprotected.ask(child).handover
        assert row["lot"] not in protected.ask(child).handover and row["town"] not in protected.ask(child).handover
        assert row["lot"] not in unprotected.ask(child, Requester.LEGAL_REPRESENTATIVE).handover


def test_every_delivered_row_of_the_person_is_on_one_of_the_papers(
    worlds: tuple[World, World], people: list[str]
) -> None:
    """Found again in the files by number, without the linkage, the store or the quarantine."""
    lines = 0
    for world in worlds:
        for number in people:
            internal = load_workbook(world.ask(number).made.internal)["3 もとの行"]
            known = {(row[0], row[1]) for row in internal.iter_rows(values_only=True)}
            bridges = [rows_of(p) for p in delivered(world.workspace.root) if p.name.startswith("09_")]
            students = {
                plain(row[header.index("学籍番号")], 8)
                for header, rows in bridges
                for row in rows
                if plain(row[header.index("識別番号")]) == number and row[header.index("学籍番号")]
            }
            for path in delivered(world.workspace.root):
                header, _ = rows_of(path)
                own = column_of(header, layout_of(path), "address_number")
                school = column_of(header, layout_of(path), "student_number")
                for line, row in numbered_rows(path):
                    mine = own is not None and len(row) > own and plain(row[own]) == number
                    mine |= own is None and school is not None and len(row) > school and plain(row[school], 8) in students
                    if mine:
                        lines += 1
                        assert (f"{path.parent.name}/{path.name}", str(line)) in known
    assert lines > 200


def test_a_water_bill_is_shown_to_the_one_in_whose_name_it_is(worlds: tuple[World, World]) -> None:
    """Not to the wife, the husband or the child in the same home: it stands on the officer's paper instead."""
    world = worlds[1]
    header, rows = rows_of(next(p for p in delivered(world.workspace.root) if p.name.startswith("12_")))
    bills = Counter("".join(unicodedata.normalize("NFKC", row[header.index("使用者名カナ")]).split()) for row in rows)
    kana = Counter("".join((row["kana"] or "").split()) for row in world.register.values())
    homes: dict[str, list[str]] = {}
    for number, row in world.register.items():
        if row["resident_status"] == "住民":
            homes.setdefault(row["household_key"], []).append(number)
    compared = 0
    for number, row in world.register.items():
        name = "".join((row["kana"] or "").split())
        others = [n for n in homes.get(row["household_key"], ()) if n != number]
        if not bills[name] or kana[name] > 1 or not others or row["protected"]:
            continue
        told, other = world.ask(number), world.ask(others[0])
        if "上下水道料金" not in told.internal:
            continue  # nobody could make sure whose household the bill is of
        compared += 1
        assert "上下水道料金" in told.handover.splitlines()
        assert "上下水道料金" not in other.handover.splitlines() and "上下水道料金" in other.internal
        if compared == 2:
            return
    raise AssertionError("no bill could be compared")


def test_a_folder_of_ones_own_keeps_its_rights(worlds: tuple[World, World], people: list[str], tmp_path: Path) -> None:
    """Only what is made inside is closed to others."""
    tmp_path.chmod(0o755)
    made = disclose(worlds[1].workspace.root, people[0], Requester.SELF, at=AT, out=tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert stat.S_IMODE(made.internal.parent.stat().st_mode) == 0o700


def test_no_percentage_and_no_scenario_number_is_handed_over(worlds: tuple[World, World], people: list[str]) -> None:
    """Words, never a number that would be weighed in the person's place."""
    for number in people:
        paper = worlds[1].ask(number).handover
        assert not re.search(r"\d\s*[%%]", paper)
        assert not re.search(r"\b(AB|SA|YC|PV|PD|DD)-\d\d", paper)


def test_abuse_is_not_spoken_of_to_a_representative(
    worlds: tuple[World, World], families_asked: list[tuple[str, list[str]]]
) -> None:
    """Neither a scenario of abuse nor a consultation, a watch record, the council's register, a tier or the list."""
    names = {s.name for s in _scenarios(worlds[1]) if s.hardship_type == "abuse"}
    for _, kids in families_asked:
        paper = worlds[1].ask(kids[0], Requester.LEGAL_REPRESENTATIVE).handover
        assert not any(name in paper for name in names)
        assert not any(label in paper.splitlines() for label in ("相談履歴", "NPO等の見守り", "要対協台帳", "毎回の結果"))
        assert any(name in worlds[1].ask(kids[0]).handover for name in names)


def _scenarios(world: World) -> Any:
    return open_run(world.workspace.runs).outlines()


def test_a_parent_learns_nothing_of_where_a_child_went(
    worlds: tuple[World, World], families_asked: list[tuple[str, list[str]]]
) -> None:
    """On a grown-up's own paper nothing counts the rows in which a child names them; the officer's paper has each of them."""
    for head, _ in families_asked:
        told = worlds[1].ask(head)
        assert "ほかの方の行" in told.internal
        assert not re.search(r"\d+(行|件|回)[^\n]*(保護者|受給者|続柄の対応)", told.handover)


def test_an_old_record_is_left_to_the_officer(worlds: tuple[World, World], people: list[str]) -> None:
    """A run that did not keep every sentence's answer cannot be told apart: nothing of its scenarios is handed over."""
    run = open_run(worlds[1].workspace.runs)
    outputs = {name: digest for name, digest in run.manifest["outputs"].items() if name != "conditions.parquet"}
    old = replace(run, manifest={**run.manifest, "outputs": outputs})
    keys = set(run.decisions()["child_key"].to_pylist())
    child = next(n for n in people if worlds[1].register[n]["person_key"] in keys)
    (told,) = judgements.judgements_of([old], worlds[1].register[child]["person_key"], Requester.SELF)
    assert told.scenarios and not told.sentences and not told.used_model
    assert all(s.ground is not None and not s.is_named for s in told.scenarios)


def test_for_another_nothing_is_made_before_an_officer_has_looked(worlds: tuple[World, World]) -> None:
    """The stop is the same for a protected and an unprotected household, on the screen and by its status."""
    said = []
    for world in worlds:
        child = families(world.workspace.root)[0][1][0]
        out = world.workspace.root / "stopped"
        arguments = ["disclosure", child, "-w", str(world.workspace.root), "--for", "法定代理人", "--out", str(out)]
        result = CliRunner().invoke(kizuki, arguments, standalone_mode=True)
        assert isinstance(result.exception, KizukiError)
        assert result.exception.exit_status is ExitStatus.OFFICER_MUST_LOOK
        said.append(str(result.exception))
        assert sorted(p.name for p in out.rglob("*.xlsx")) == ["internal.xlsx"]
    assert said[0] == said[1]


def test_a_protected_person_waits_for_the_officer_too(
    worlds: tuple[World, World], families_asked: list[tuple[str, list[str]]]
) -> None:
    """Who says to be the protected person may be the one they flee from."""
    head = families_asked[0][0]
    made = disclose(worlds[0].workspace.root, head, Requester.SELF, at=AT, out=worlds[0].workspace.root / "alone")
    assert made.handover is None and made.internal.is_file()


def test_papers_and_log_are_private_and_the_log_names_nobody(worlds: tuple[World, World], people: list[str]) -> None:
    """Folders 0700, papers 0600; the log has the key and the papers' hashes, and grows by one line each time."""
    world = worlds[1]
    told = world.ask(people[0])
    assert stat.S_IMODE(told.made.internal.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(told.made.internal.stat().st_mode) == 0o600
    before = told.made.log.read_bytes()
    disclose(world.workspace.root, people[0], Requester.SELF, at=AT, reason="受付第7号", out=world.workspace.root / "again")
    after = told.made.log.read_bytes()
    assert after.startswith(before)
    (line,) = after[len(before) :].splitlines()
    entry = json.loads(line)
    assert (entry["requester"], entry["reason"]) == ("本人", "受付第7号")
    assert world.register[people[0]]["name"] not in line.decode() and people[0] not in line.decode()


@pytest.mark.parametrize(
    ("written", "born", "code"),
    [
        ("山田 太郎", None, "E-PERS-01"),
        ("0000000001", None, "E-PERS-02"),
        ("PAAAAAAAAAAAAAAAA", None, "E-PERS-02"),
        (None, datetime(1900, 1, 1).date(), "E-PERS-03"),  # noqa: DTZ001
    ],
)
def test_nobody_is_found_by_name_or_by_a_mistyped_number(
    worlds: tuple[World, World], people: list[str], written: str | None, born: Any, code: str
) -> None:
    """A number or a whole key, and the birth date where the desk gives it, or nothing is written."""
    out = worlds[1].workspace.root / "nobody"
    with pytest.raises(KizukiError, match=code) as caught:
        disclose(worlds[1].workspace.root, written or people[0], Requester.SELF, at=AT, born_on=born, out=out)
    assert caught.value.exit_status is ExitStatus.NOT_FOUND
    assert not out.exists()


def test_a_lost_keyring_stops_it(worlds: tuple[World, World], people: list[str], tmp_path: Path) -> None:
    """Without the keyring nobody knows whose records they are."""
    shutil.copytree(worlds[1].workspace.root, tmp_path / "city", ignore=shutil.ignore_patterns("keyring", "papers"))
    with pytest.raises(KizukiError, match="E-STORE-10"):
        disclose(tmp_path / "city", people[0], Requester.SELF, at=AT)


REASON, MEMO, STAFF = "父方の祖母が反対していると母が話した", "次は学校で会う", "家庭相談係 見本"


def _conference_on(world: World, folder: Path) -> tuple[World, str, str, str]:
    """A copy of a city after a conference on its first list: the world, a child of that list, another member, a child who was drawn."""
    shutil.copytree(world.workspace.root, folder)
    copy = World(Workspace(folder), world.owners)
    run = open_run(copy.workspace.runs, f"R{WEEKS[0]:%Y%m%d}-01")
    book = run.casebook()
    numbers = {person["person_key"]: number for number, person in copy.register.items()}
    case = next(c for c in book.cases if not c.protected and any(not m.is_listed_child for m in c.members))
    other = next(m.key for m in case.members if not m.is_listed_child)
    drawn = book.drawn[0]
    decision = PastDecision(run.run_id, case.household_key, WEEKS[1], decision="見送り", until=date(2027, 1, 31))
    again = replace(decision, decision="見守り", until=None)
    answer = DrawnAnswer(
        run.run_id, drawn.household_key, drawn.child_key, WEEKS[1], "困難なし", (), "担任に確かめた", WEEKS[1], STAFF
    )
    for said in (decision, again):
        words = ConferenceTexts(reason=REASON, memo=MEMO)
        append_conference(copy.workspace.conference, [ConferenceEntry(said, words, WEEKS[1], STAFF, "0" * 64), answer])
    return copy, *(numbers[key] for key in (case.children[0].child_key, other, drawn.child_key))


def test_what_a_conference_decided_is_shown_to_the_child_and_its_words_to_the_officer(
    worlds: tuple[World, World], tmp_path: Path
) -> None:
    """Day, decision as it stands and who read it in; the words, also of sheets that were read again, only to the officer. Of another's sheet nothing."""
    world, child, other, drawn = _conference_on(worlds[1], tmp_path / "city")
    told = world.ask(child)
    assert "会議で決めたこと" in told.handover and "見守り" in told.handover and STAFF in told.handover
    assert "見送り" not in told.handover
    assert REASON not in told.handover and MEMO not in told.handover
    assert REASON in told.internal and MEMO in told.internal and "見送り" in told.internal
    beside = world.ask(other)
    assert "会議で決めたこと" not in beside.handover and STAFF not in beside.handover
    assert REASON in beside.internal and "会議で決めたこと(世帯の一員として)" in beside.internal
    looked_at = world.ask(drawn)
    assert "無作為に選んで見た結果: 困難なし" in looked_at.handover and "担任に確かめた" not in looked_at.handover
    assert "くじで選ばれた" in looked_at.handover and "担任に確かめた" in looked_at.internal


def test_a_representative_is_told_nothing_of_a_conference(worlds: tuple[World, World], tmp_path: Path) -> None:
    """The paper to hand over is the same as if there had been none; the officer has it on theirs."""
    world, child, _, drawn = _conference_on(worlds[1], tmp_path / "city")
    for number in (child, drawn):
        after = world.ask(number, Requester.LEGAL_REPRESENTATIVE)
        assert after.handover == worlds[1].ask(number, Requester.LEGAL_REPRESENTATIVE).handover
        assert "会議で決めたこと・見立て" in after.internal


def test_an_officer_reads_what_a_conference_decided_before_it_is_handed_over(
    worlds: tuple[World, World], tmp_path: Path
) -> None:
    """Also to the person themselves."""
    world, _, _, drawn = _conference_on(worlds[1], tmp_path / "city")
    assert disclose(world.workspace.root, drawn, Requester.SELF, at=AT).handover is None
