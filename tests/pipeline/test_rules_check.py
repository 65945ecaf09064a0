"""`kizuki rules check` on a made-up city: examples, the last run, warnings, and the exit status."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from rich.console import Console

from engine.kernel.errors import ExitStatus, KizukiError
from kizuki.authoring.check import check_rules
from kizuki.authoring.last_run import hits_worth_telling
from kizuki.rules.files import load_rule_files, newest_day
from kizuki.settings import Workspace


def checked(folder: Path, *, strict: bool = False) -> tuple[ExitStatus, str]:
    shown = io.StringIO()
    status = check_rules(folder, None, Console(file=shown, soft_wrap=True), strict=strict)
    return status, shown.getvalue()


@pytest.fixture
def copy(city, tmp_path: Path) -> Workspace:
    """The rules and run records of the city, to be spoilt."""
    for name in ("rulebooks", "sources", "runs", "deliveries"):
        shutil.copytree(city.workspace.root / name, tmp_path / name)
    shutil.copy(city.workspace.root / "kizuki.toml", tmp_path)
    return Workspace(tmp_path)


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_shipped_rules_pass_and_the_last_run_is_looked_at(copy: Workspace) -> None:
    """No error; every scenario is as it was in the run, so that each one that nobody meets is told, with its place."""
    status, shown = checked(copy.root)
    assert status is ExitStatus.OK
    assert "【誤り】" not in shown and "変わっていないシナリオ" in shown and "数えていません" not in shown
    assert "誤り0件" in shown or "問題はありません" in shown


def test_a_scenario_that_was_changed_since_is_only_named(copy: Workspace) -> None:
    """What the run counted was another condition: its number would mislead."""
    path = copy.rulebooks / "young_carer.yaml"
    replaced(path, "    強さ: 強", "    強さ: 中")
    assert "YC-01 は、その後に加わったか変わったので数えていません" in checked(copy.root)[1]


def test_without_a_run_one_line_says_so(copy: Workspace) -> None:
    """A city writes rules before its first run."""
    shutil.rmtree(copy.runs)
    status, shown = checked(copy.root)
    assert status is ExitStatus.OK and "実行の記録がまだない" in shown


def test_an_example_that_no_longer_holds_is_an_error(copy: Workspace) -> None:
    """The rulebook loads, but does not do what its author said; the check fails and points at the example."""
    replaced(copy.rulebooks / "young_carer.yaml", "結果: 該当", "結果: 非該当")
    status, shown = checked(copy.root)
    assert status is ExitStatus.RULEBOOK
    assert "E-RULE-34" in shown and "young_carer.yaml:" in shown and "YC-01の試験" in shown


def test_a_warning_fails_only_a_strict_check(copy: Workspace) -> None:
    """An idle condition is told and stops nothing, unless the city wants no warnings at all."""
    path = copy.rulebooks / "young_carer.yaml"
    text = path.read_text(encoding="utf-8")
    first = text.index("      すべて:\n") + len("      すべて:\n")
    path.write_text(text[:first] + "        - 年齢が5歳以上\n" + text[first:], encoding="utf-8")
    assert "W-RULE-02 「年齢が5歳以上」" in checked(copy.root)[1]
    assert (checked(copy.root)[0], checked(copy.root, strict=True)[0]) == (ExitStatus.OK, ExitStatus.RULEBOOK)


def test_faults_of_all_rule_files_come_together(copy: Workspace) -> None:
    """Vocabulary, tiers, two rulebooks: everything that can be told is told at once, with what waits for the vocabulary."""
    replaced(copy.vocabulary, "種類: 有無", "種類: 有る無し")
    replaced(copy.tiers, "版:", "版：")
    replaced(copy.rulebooks / "poverty.yaml", "担当:", "担当者:")
    replaced(copy.rulebooks / "young_carer.yaml", "    強さ: 強", "    強さ: 大")
    with pytest.raises(KizukiError) as caught:
        checked(copy.root)
    codes = {problem.code for problem in caught.value.problems}
    assert {"E-VOCAB-93", "E-VOCAB-06", "E-YAML-05", "E-RULE-90", "E-RULE-93"} <= codes


def test_nobody_and_a_third_of_the_city_are_told(copy: Workspace) -> None:
    """0 of 6 is told with the unknowns, 2 of 6 as too many, 1 of 6 not at all; a cancelled hit still met the condition."""
    scenario = next(load_rule_files(copy, newest_day(copy)).rulebooks.scenarios)

    def told(*truths: int | None) -> list[str]:
        table = pa.table({scenario.id: pa.array(truths, pa.int8())})
        return [f"{p.code} {p.what}" for p in hits_worth_telling(scenario, table, "R20261120-01")]

    assert told(0, 0, 0, 0, 1, None) == []
    assert "W-RULE-11" in told(0, 0, 0, 0, None, None)[0] and "不明が2人" in told(0, 0, 0, 0, None, None)[0]
    assert "W-RULE-12" in told(0, 0, 0, 0, 1, 1)[0] and "2人(33%)" in told(0, 0, 0, 0, 1, 1)[0]
