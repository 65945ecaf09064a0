"""The page that every run leaves beside the handout, and the command that makes it again."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import City
from rich.console import Console

from engine.kernel.errors import ExitStatus, KizukiError
from engine.linkage.keyring import open_keyring
from kizuki.handout.dashboard import confirmed_on_a_terminal, make_dashboard

AT = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)


def names_in(city: City, html: str) -> set[str]:
    """The names of people on the week's papers that stand in a text."""
    keys = {member.key for case in city.last.casebook.cases for member in case.members}
    people = open_keyring(city.workspace.keyring, may_create=False).identities(keys).values()
    assert len(people) > 5
    return {one.name for one in people if one.name and one.name in html}


def test_a_run_leaves_a_page_without_names(city: City) -> None:
    """It lies beside the handout, tells the flow since the week before, and names nobody."""
    html = city.last.dashboard.read_text(encoding="utf-8")
    assert city.last.dashboard.parent == city.last.handouts[0].parent
    assert names_in(city, html) == set()
    assert f"前回は{city.outcomes[0].run_folder.name}です" in html
    assert html.count("data-case ") == len(city.last.casebook.cases) > 0


def test_the_page_made_again_is_the_same(city: City, tmp_path: Path) -> None:
    """From the record, under the same protection list, the same bytes come out."""
    made = make_dashboard(
        city.workspace.root,
        city.last.run_folder.name,
        Console(quiet=True),
        with_names=False,
        at=AT,
        out=tmp_path / "a.html",
    )
    assert made is not None
    assert made.read_bytes() == city.last.dashboard.read_bytes()


def test_names_stand_on_it_when_somebody_asks(city: City, tmp_path: Path) -> None:
    """With names every child on the list is named, under the red band; the page without names stays as it is."""
    before = city.last.dashboard.read_bytes()
    made = make_dashboard(
        city.workspace.root,
        city.last.run_folder.name,
        Console(quiet=True),
        with_names=True,
        at=AT,
        out=tmp_path / "b.html",
    )
    assert made is not None
    html = made.read_text(encoding="utf-8")
    assert "氏名あり" in html and len(names_in(city, html)) > 5
    assert city.last.dashboard.read_bytes() == before
    noted = json.loads((city.workspace.out / "printed.jsonl").read_text("utf-8").splitlines()[-1])
    assert (noted["at"], noted["kind"], list(noted["files"])) == (
        "2026-11-26T09:30:00+00:00",
        "週の状況(氏名あり)",
        ["b.html"],
    )


def test_nobody_confirms_nothing_is_made(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """いいえ makes no file; where nobody can answer, the command stops and says why."""
    out = tmp_path / "c.html"
    made = make_dashboard(
        city.workspace.root,
        city.last.run_folder.name,
        Console(quiet=True),
        with_names=True,
        at=AT,
        out=out,
        confirm=lambda: False,
    )
    assert made is None and not out.exists()
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(KizukiError) as stopped:
        confirmed_on_a_terminal()
    assert stopped.value.problems[0].code == "E-REPORT-30"
    assert stopped.value.exit_status is ExitStatus.SETTINGS
