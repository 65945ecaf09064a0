"""How every command explains itself, and what it says to somebody who mistypes it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from kizuki.cli import kizuki
from kizuki.console import show_usage
from kizuki.options import RunNumber


def commands(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*before, name))
        else:
            yield (*before, name), command


EVERY = dict(commands(kizuki))


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_help_is_in_japanese_with_an_example(words: tuple[str, ...]):
    """Every command explains itself, and shows how it is typed."""
    text = CliRunner().invoke(kizuki, [*words, "--help"]).output
    assert "例:" in text and f"kizuki {' '.join(words)}" in text.partition("例:")[2]
    assert not [line for line in text.split("\n") if line.strip().startswith(("Usage", "Options", "Show"))]
    assert "required" not in text and "default" not in text
    options = [each for each in EVERY[words].params if isinstance(each, click.Option)]
    assert all(each.help for each in options)


def test_a_workspace_is_named_in_the_same_way_everywhere():
    """-w is the workspace of every command but those that make it or need none, and means nothing else."""
    named = {words for words, command in EVERY.items() for each in command.params if "-w" in each.opts and "--workspace" in each.opts}
    need_none = {("handout", "fields"), ("handout", "check-template")}
    assert named == set(EVERY) - {("init",), ("demo",), ("demo-city",)} - need_none


@pytest.mark.parametrize(
    ("written", "meant"),
    [("R20261120-01", "R20261120-01"), ("r20261120-01", "R20261120-01"), (" Ｒ20261120-01 ", "R20261120-01"), ("最新", None), ("latest", None)],
)
def test_a_run_may_be_typed_as_it_is_spoken_of(written: str, meant: str | None):
    """In small or full-width letters; 最新 is the newest."""
    assert RunNumber().convert(written, None, None) == meant


def test_every_command_reads_a_run_in_the_same_way():
    """Whatever command names a run, its number is read by one rule."""
    runs = {words for words, command in EVERY.items() for each in command.params if isinstance(each.type, RunNumber)}
    assert runs == {("trace",), ("audit", "verify"), ("rules", "impact"), ("rules", "draft"), ("model", "similar"), ("handout", "make"), ("handout", "dashboard")}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("trace", "整理番号か案件番号を1つ書いてください。"),
        ("trace 最新 案件01 --run 最新", "整理番号か案件番号を1つ書いてください。"),
        ("trace --diff 最新 最新 --run 最新", "--diff に添えられるのは、2つの実行と、こども1人(または案件1つ)だけです。"),
        ("trace --diff 最新 最新 案件01 案件02", "--diff に添えられるのは、2つの実行と、こども1人(または案件1つ)だけです。"),
        ("disclosure 1 --for 父", "--for に書けるのは、本人、法定代理人、任意代理人 のどれかです。"),
        ("disclosure 1 --for 本人 --born 2010/04/02", "--born の値を読み取れません。日付は 2026-11-20 の形で書いてください。"),
        ("audit verfy", "「verfy」というコマンドはありません。"),
        ("audit verify R20261120-01 R20261113-01", "コマンドの書き方が違います。"),
    ],
)
def test_what_was_mistyped_is_told_in_japanese(typed: str, told: str, capsys: pytest.CaptureFixture[str]):
    """What may stand there, in words; click's own English never shows."""
    with pytest.raises(click.UsageError) as caught:
        kizuki.main(typed.split(), prog_name="kizuki", standalone_mode=False)
    show_usage(caught.value)
    shown = capsys.readouterr().err
    assert told in shown.replace("\n", "")
    assert "Error" not in shown and "Got unexpected" not in shown


def test_help_comes_at_once():
    """Whoever only asks how a command is typed waits for no table, no workbook, no grammar and no model of a rulebook."""
    heavy = {"duckdb", "pyarrow", "numpy", "lightgbm", "sklearn", "pandas", "scipy", "openpyxl", "lark", "pydantic", "ruamel", "sqlglot", "jinja2", "pysat"}
    code = f"import sys\nfrom kizuki.cli import kizuki\nprint(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
