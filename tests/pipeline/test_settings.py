"""kizuki.toml, the starter workspace, and how the command line fails."""

from __future__ import annotations

import errno
from pathlib import Path

import click
import pytest

from engine.kernel.errors import ExitStatus, KizukiError
from engine.records.conference import AGENCIES
from kizuki.authoring.check import check_rules
from kizuki.authoring.examples import run_rule_examples
from kizuki.console import run_command
from kizuki.rules.files import load_rule_files
from kizuki.settings import open_workspace
from kizuki.workspace_files import make_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return make_workspace(tmp_path / "w", '見本"市').root


def codes(action) -> set[str]:
    with pytest.raises(KizukiError) as caught:
        action()
    return {problem.code for problem in caught.value.problems}


def test_a_new_workspace_opens_with_its_city_and_defaults(workspace):
    """init writes settings that read back, even with a quotation mark in the city's name."""
    opened, settings = open_workspace(workspace)
    assert settings.city.name == '見本"市'
    assert settings.conference.capacity == 50
    assert opened.keyring.stat().st_mode & 0o077 == 0


def test_a_new_workspace_names_the_agencies_that_count_without_a_setting(workspace):
    """The template of kizuki.toml spells out the default list, so that a city sees what it changes; without it the same counts."""
    path = workspace / "kizuki.toml"
    assert open_workspace(workspace)[1].conference.agencies == AGENCIES
    text = path.read_text("utf-8")
    path.write_text(text[: text.index("agencies = [")] + text[text.index("[processing]") :], "utf-8")
    assert open_workspace(workspace)[1].conference.agencies == AGENCIES


def test_a_workspace_is_never_overwritten(workspace):
    """init on a workspace is refused: edited rules would be lost."""
    assert codes(lambda: make_workspace(workspace, "別の市")) == {"E-CONF-06"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("capacity = 50", "capasity = 50", "E-CONF-03"),
        ("capacity = 50", "capacity = 0", "E-CONF-05"),
        ('memory = "2GB"', 'memory = "すこし"', "E-CONF-05"),
        ("[city]", "[city", "E-CONF-02"),
        ("name =", "# name =", "E-CONF-04"),
        ('"学校教育課",', '"学校教育課", "学校教育課",', "E-CONF-05"),
        ('"学校教育課",', '"学校 教育課", "学校教育課",', "E-CONF-05"),
        ('"学校教育課",', '"　",', "E-CONF-05"),
        ('"学校教育課",', f'"{"課" * 61}",', "E-CONF-05"),
        ('"学校教育課",', '"学校\\n教育課",', "E-CONF-05"),
        ('"学校教育課",', "".join(f'"{n}課",' for n in range(32)), "E-CONF-05"),
    ],
)
def test_a_wrong_setting_is_named(workspace, old, new, code):
    """A typing error, a value out of range, broken TOML: a code and the setting's name."""
    path = workspace / "kizuki.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert code in codes(lambda: open_workspace(workspace))


def test_all_rule_files_report_at_once(workspace):
    """A fault in a rulebook, in the tier policy and in a source layout come in one message."""
    for name, old, new in [
        ("rulebooks/poverty.yaml", "強さ: 強", "強さ: 最強"),
        ("rulebooks/tiers.yaml", "重なり: {数", "重なる: {数"),
        ("sources/11_long_term_care.yaml", "届き方:", "届きかた:"),
    ]:
        path = workspace / name
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    opened, _ = open_workspace(workspace)
    from datetime import date

    with pytest.raises(KizukiError) as caught:
        load_rule_files(opened, date(2026, 11, 20))
    files = {problem.place.file for problem in caught.value.problems}
    assert files == {"rulebooks/poverty.yaml", "rulebooks/tiers.yaml", "sources/11_long_term_care.yaml"}


def test_a_tier_policy_may_only_name_scenarios_that_exist(workspace):
    """A number in 必ず①にするシナリオ that no rulebook has would silently protect nobody."""
    path = workspace / "rulebooks" / "tiers.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("[AB-02, PD-01]", "[AB-02, PD-99]"), encoding="utf-8")
    opened, _ = open_workspace(workspace)
    from datetime import date

    assert codes(lambda: load_rule_files(opened, date(2026, 11, 20))) == {"E-TIER-07"}


def test_the_shipped_rulebooks_pass_their_own_examples(workspace, capsys):
    """rules check and rules test of a fresh workspace find nothing to complain of."""
    from datetime import date

    from rich.console import Console

    check_rules(workspace, date(2026, 11, 20), Console())
    assert run_rule_examples(workspace, date(2026, 11, 20), Console())
    printed = capsys.readouterr().out
    assert "問題はありません" in printed
    assert "不合格 0件" in printed


def test_a_bug_shows_where_but_never_what(capsys):
    """An unexpected failure keeps its place in the code; its text is withheld, for it may quote a person."""

    cell = "".join(reversed("9100000000 子花 岡延"))  # so that the source line itself does not hold it

    def broken() -> None:
        raise ValueError(cell)

    with pytest.raises(SystemExit) as left:
        run_command(broken)
    printed = capsys.readouterr().err
    assert left.value.code == ExitStatus.BUG
    assert "ValueError" in printed and "test_settings.py" in printed
    assert "花子" not in printed and "0000000019" not in printed


def test_an_interrupted_command_says_that_nothing_was_lost(capsys):
    """Ctrl-C ends in one sentence."""

    def interrupted() -> None:
        raise click.Abort

    with pytest.raises(SystemExit):
        run_command(interrupted)
    assert "前回までの結果" in capsys.readouterr().err


def test_a_full_disk_is_a_message_with_the_file(capsys):
    """No space left: code, file name, what to do; no traceback."""

    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/somewhere/handout.xlsx")

    with pytest.raises(SystemExit) as left:
        run_command(full)
    printed = capsys.readouterr().err
    assert left.value.code == ExitStatus.STORE
    assert "handout.xlsx E-STORE-20 空き容量がありません" in printed
    assert "Traceback" not in printed and "/somewhere" not in printed
