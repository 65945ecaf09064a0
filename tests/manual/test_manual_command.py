"""`kizuki rules manual` on a workspace."""

from __future__ import annotations

import shutil
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from kizuki.authoring.manual import print_manual

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspace")
    for name in ("rulebooks", "sources"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "kizuki.toml").write_text('[city]\nname = "架空市<&>"\n', encoding="utf-8")
    return folder


def test_the_citys_own_rulebooks_become_a_book(workspace: Path) -> None:
    """Both forms are written where output belongs, their places are printed, and without a run no count is shown."""
    console = Console(record=True, width=200, file=StringIO())
    day = date(2026, 11, 20)
    written = print_manual(workspace, day, None, console, html=True, markdown=True, english=False)
    assert [path.relative_to(workspace).as_posix() for path in written] == [
        "out/rulebook_manual.html",
        "out/rulebook_manual.md",
    ]
    said = console.export_text()
    assert all(str(path.resolve()) in said for path in written)
    html, markdown = (path.read_text(encoding="utf-8") for path in written)
    assert "架空市&lt;&amp;&gt;" in html
    for text in (html, markdown):
        assert "まだ一度も判定を実行していないため" in text
        assert "まだ実行していません" in text
        assert "期待は" not in text  # every example of the city's own rulebooks holds


def test_one_form_goes_where_it_is_asked_for(workspace: Path, tmp_path: Path) -> None:
    """A folder of one's own, and only the form asked for."""
    print_manual(
        workspace,
        date(2026, 11, 20),
        tmp_path / "a" / "b",
        Console(quiet=True),
        html=False,
        markdown=True,
        english=True,
    )
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["rulebook_manual.md"]
