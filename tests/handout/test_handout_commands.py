"""Papers of a run made again: from its record, with today's protection, without writing over anything."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import msoffcrypto
import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from rich.console import Console
from sample_workspace import make_sample_workspace

from engine.kernel.errors import KizukiError
from engine.records.case import Casebook
from kizuki.cli import kizuki
from kizuki.handout.making import Wanted, case_numbers, make_handout
from kizuki.handout.rejoined import as_protected_today
from kizuki.handout.templates import delivered, template_of
from kizuki.settings import Workspace
from reports.blanks import read_identity
from reports.encryption import encrypted, require_password, require_same
from reports.placeholders.sample import RUN, sample_week

AT = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return make_sample_workspace(tmp_path_factory.mktemp("made") / "作業")


def _make(workspace: Workspace, **wanted: Any) -> list[Path]:
    return make_handout(workspace.root, None, Wanted(**wanted), Console(file=StringIO()), at=AT)


def _book(path: Path | BytesIO) -> Any:
    return load_workbook(path if isinstance(path, BytesIO) else BytesIO(path.read_bytes()), read_only=True)


def _texts(path: Path | BytesIO) -> dict[str, str]:
    return {
        sheet.title: "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)
        for sheet in _book(path)
    }


def test_the_handout_is_printed_again_with_names_and_sealed_identities(made: Workspace) -> None:
    """From the record and the keyring alone; each sheet can be read back."""
    (path,) = _make(made)
    assert path.parent == made.out / RUN
    texts = _texts(path)
    assert "甲斐 陽菜" in texts["案件03"]
    identity = read_identity(_book(path)["案件03"]["A1"].value)
    assert identity is not None and identity.number == 3 and identity.seal


def test_nothing_is_written_over(made: Workspace, tmp_path: Path) -> None:
    """A further printing takes a further name; a file that was named and is there is refused."""
    first, second = _make(made, kind="個票")[0], _make(made, kind="個票")[0]
    assert first != second and first.is_file() and second.is_file()
    named = tmp_path / "資料.xlsx"
    named.write_bytes(b"filled in")
    with pytest.raises(KizukiError, match="E-REPORT-12"):
        _make(made, out=named)
    assert named.read_bytes() == b"filled in"


def test_one_case_is_one_sheet(made: Workspace) -> None:
    """案件03, 3 and full-width ３ mean the same; nobody who is not on the list comes along."""
    assert case_numbers(sample_week(), ["案件03", "3", "案件３"]) == {3}
    (path,) = _make(made, kind="個票", cases=("案件03",))
    assert [name for name in _texts(path) if not name.startswith("_")] == ["案件03"]
    (path,) = _make(made, kind="会議資料", cases=("3",))
    assert "無作為の確認" not in _texts(path)


def test_cases_that_are_not_there_are_told_together(made: Workspace) -> None:
    """With which numbers there are, and nothing is written."""
    before = set((made.out / RUN).iterdir()) if (made.out / RUN).exists() else set()
    with pytest.raises(KizukiError) as caught:
        _make(made, cases=("案件09", "3", "案件X"))
    assert [problem.code for problem in caught.value.problems] == ["E-RUN-02", "E-RUN-02"]
    assert "案件01 から 案件05 まで" in str(caught.value)
    assert (set((made.out / RUN).iterdir()) if (made.out / RUN).exists() else set()) == before


def test_copies_are_numbered(made: Workspace, tmp_path: Path) -> None:
    """As many files as copies, each with its number on the sheets."""
    files = _make(made, kind="個票", cases=("1",), copies=3, out=tmp_path)
    assert [path.name for path in files] == ["case_sheet_01_No01.xlsx", "case_sheet_01_No02.xlsx", "case_sheet_01_No03.xlsx"]


def test_whoever_is_protected_today_is_printed_as_protected(tmp_path: Path) -> None:
    """The record says a district; the register of today says that one of them is protected: no district, no school, and no child drawn by chance."""
    book = sample_week()
    hidden = frozenset({book.cases[2].members[0].key, book.drawn[0].members[0].key, book.apart[0].children[0].key})
    workspace = make_sample_workspace(tmp_path / "作業", protected=hidden)
    (path,) = _make(workspace)
    texts = _texts(path)
    assert "恒富地区" in texts["案件05"]
    assert "恒富地区" not in texts["案件03"] and "南小学校" not in texts["案件03"] and "支援措置あり" in texts["案件03"]
    assert "無作為の確認" not in texts
    assert "岡富地区" not in texts["一覧"]


def test_protection_of_the_record_is_never_taken_back() -> None:
    """Who was protected then stays so on the papers of that run, whatever the register says today."""
    book = sample_week()
    again: Casebook = as_protected_today(book, ())
    assert again == book
    assert again.cases[1].protected


def test_the_citys_template_is_used_and_told_by_its_hash(tmp_path: Path) -> None:
    """Copied once into templates/, never over; from then on printing and the weekly run take it, and the log says which it was."""
    workspace = make_sample_workspace(tmp_path / "作業")
    assert not template_of(workspace, "個票").is_own
    runner = CliRunner()
    assert runner.invoke(kizuki, ["handout", "template", "個票", "-w", str(workspace.root)]).exit_code == 0
    assert isinstance(runner.invoke(kizuki, ["handout", "template", "個票", "-w", str(workspace.root)]).exception, KizukiError)
    own = workspace.root / "templates" / "case_sheet.xlsx"
    workbook = load_workbook(own)
    workbook["個票"]["B2"] = "うちの市の個票"
    workbook.save(own)
    (path,) = _make(workspace, kind="個票")
    assert "うちの市の個票" in _texts(path)["案件01"]
    chosen = template_of(workspace, "個票")
    assert chosen.is_own
    (line,) = (workspace.out / "printed.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["template"] == chosen.sha256
    assert "陽菜" not in line


def test_a_password_is_asked_twice_or_read_from_a_file_and_stands_nowhere(made: Workspace, tmp_path: Path) -> None:
    """The file opens with it and gives the same papers; neither screen nor log hold it."""
    word = "ひみつの合言葉2026"
    runner = CliRunner()
    asked = runner.invoke(
        kizuki, ["handout", "make", "--password", "--kind", "個票", "-w", str(made.root), "--out", str(tmp_path / "a.xlsx")], input=f"{word}\n{word}\n"
    )
    (tmp_path / "word.txt").write_text(f"{word}\n", encoding="utf-8")
    named = runner.invoke(
        kizuki,
        ["handout", "make", "--password-file", str(tmp_path / "word.txt"), "--kind", "個票", "-w", str(made.root), "--out", str(tmp_path / "b.xlsx")],
    )
    assert (asked.exit_code, named.exit_code) == (0, 0)
    assert word not in asked.output + named.output + (made.out / "printed.jsonl").read_text("utf-8")
    for name in ("a.xlsx", "b.xlsx"):
        with (tmp_path / name).open("rb") as stream:
            locked = msoffcrypto.OfficeFile(stream)
            locked.load_key(password=word, verify_password=True)
            out = BytesIO()
            locked.decrypt(out, verify_integrity=True)
        assert "甲斐 陽菜" in _texts(out)["案件03"]


@pytest.mark.parametrize("word", ["", "短い", "x" * 256, "改行\nのある合言葉です"])
def test_passwords_that_would_not_do_are_refused_without_being_repeated(word: str) -> None:
    """Too short, too long, or with signs that nobody can type."""
    with pytest.raises(KizukiError) as caught:
        require_password(word)
    assert "短い\n" not in str(caught.value) and (not word or word not in str(caught.value).replace("短いパスワード", ""))


def test_a_file_that_does_not_give_back_the_same_is_refused(tmp_path: Path) -> None:
    """Verified by opening it again: other content, another password, or a broken file never pass."""
    content, word = delivered("個票").read_bytes(), "ひみつの合言葉2026"
    path = tmp_path / "a.xlsx"
    path.write_bytes(encrypted(content, word))
    require_same(path, content, word)
    for other, said in ((content[:-1] + b"x", word), (content, word + "x")):
        with pytest.raises(KizukiError, match="E-REPORT-13"):
            require_same(path, other, said)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(KizukiError, match="E-REPORT-13"):
        require_same(path, content, word)


def test_nothing_is_left_behind_when_a_template_is_at_fault(made: Workspace, tmp_path: Path) -> None:
    """Every mistake with its cell, and no file, not even a temporary one."""
    workbook = load_workbook(template_of(made, "個票").path)
    workbook["個票"]["B2"] = "{{ book.citty }}"
    workbook.save(tmp_path / "直し中.xlsx")
    with pytest.raises(KizukiError, match="シート「個票」のセル B2: 「citty」という項目はありません"):
        _make(made, kind="個票", template=tmp_path / "直し中.xlsx", out=tmp_path / "出力")
    assert list((tmp_path / "出力").iterdir()) == []


def test_an_old_record_is_printed_as_far_as_it_goes(tmp_path: Path) -> None:
    """Without timeline, decisions, households set aside and children drawn, which older records do not have."""
    book = sample_week()
    plain = tuple(replace(case, timeline=(), weeks=(), decisions=(), back_because="") for case in book.cases)
    workspace = make_sample_workspace(tmp_path / "作業", replace(book, cases=plain, apart=(), drawn=()))
    (path,) = _make(workspace)
    assert "この記録には経過が残っていません" in _texts(path)["案件01"]


def test_the_dictionary_is_printed_for_every_kind() -> None:
    """With the names of the blanks at its end."""
    for kind in ("会議資料", "個票", "進行管理台帳"):
        shown = CliRunner().invoke(kizuki, ["handout", "fields", kind])
        assert shown.exit_code == 0
        assert "{{ book.city }}" in shown.output and "入力_" in shown.output
