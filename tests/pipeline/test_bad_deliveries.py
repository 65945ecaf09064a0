"""What a user sees when something is wrong with a delivery: a message with a code, and nothing changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from engine.kernel.errors import ExitStatus
from kizuki.cli import kizuki
from kizuki.console import run_command

pytestmark = pytest.mark.xdist_group(name="bad")
FIRST, LAST = "2026-11-13", "2026-11-20"


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Path:
    """A fresh copy of the tiny city with its first week only; the delivery slip is removed so that files may be spoilt."""
    copy = tmp_path / "city"
    shutil.copytree(template, copy)
    shutil.rmtree(copy / "deliveries" / LAST)
    (copy / "deliveries" / FIRST / "manifest.csv").unlink()
    return copy


def run(workspace: Path, *arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run the command line as its users do; exit status and everything printed."""
    with pytest.raises(SystemExit) as left:
        run_command(lambda: kizuki.main(["run", "-w", str(workspace), *arguments], standalone_mode=False))
    printed = capsys.readouterr()
    return int(left.value.code or 0), printed.out + printed.err


def delivered(workspace: Path, number: str) -> Path:
    return next((workspace / "deliveries" / FIRST).glob(f"{number}_*.csv"))


def spoil(workspace: Path, number: str, how: str) -> None:
    path = delivered(workspace, number)
    raw = path.read_bytes()
    lines = raw.split(b"\r\n") if b"\r\n" in raw else raw.split(b"\n")
    match how:
        case "missing":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "utf-16":
            path.write_bytes(raw.decode("cp932").encode("utf-16"))
        case "missing column":
            head = lines[0].decode("cp932").replace("生活保護開始年月日", "メモ").replace("保護開始年月日", "メモ")
            path.write_bytes(b"\r\n".join([head.encode("cp932"), *lines[1:]]))
        case "duplicated header":
            heads = lines[0].split(b",")
            heads[1] = heads[0]
            path.write_bytes(b"\r\n".join([b",".join(heads), *lines[1:]]))
        case "NUL":
            path.write_bytes(raw[:-20] + b"\x00" + raw[-20:])
        case "cut":
            path.write_bytes(raw[: len(raw) - len(lines[-2]) // 2 - 4])
        case "wrong total":
            path.write_bytes(raw + "合計,,99999,,\r\n".encode("cp932"))
        case _:
            raise ValueError(how)


@pytest.mark.parametrize(
    ("number", "how", "status"),
    [
        ("02", "missing", ExitStatus.PROTECTION_MISSING),
        ("02", "empty", ExitStatus.PROTECTION_MISSING),
        ("01", "missing", ExitStatus.DELIVERY_REFUSED),
        ("01", "utf-16", ExitStatus.DELIVERY_REFUSED),
        ("03", "missing column", ExitStatus.DELIVERY_REFUSED),
        ("03", "duplicated header", ExitStatus.DELIVERY_REFUSED),
        ("05", "NUL", ExitStatus.DELIVERY_REFUSED),
        ("05", "cut", ExitStatus.DELIVERY_REFUSED),
        ("07", "empty", ExitStatus.DELIVERY_REFUSED),
    ],
)
def test_a_spoilt_file_stops_the_run_with_its_code_and_writes_nothing(workspace, capsys, number, how, status):
    """The message names file and remedy without a traceback; neither record, handout nor store has changed."""
    spoil(workspace, number, how)
    code, printed = run(workspace, capsys=capsys)
    if (number, how) == ("02", "empty"):
        assert code in (ExitStatus.PROTECTION_MISSING, ExitStatus.DELIVERY_REFUSED)
    else:
        assert code == status, printed
    assert "E-DELIV-" in printed or "E-PROT-" in printed
    assert "Traceback" not in printed and 'File "' not in printed
    assert not list((workspace / "runs").glob("R*"))
    assert not list((workspace / "out").iterdir())
    assert not (workspace / "store" / "deliveries.jsonl").exists()


def test_a_missing_delivery_is_unknown_and_said_so(workspace, capsys):
    """Without the care insurance file the run goes on; the source is 未着, and its silence is no 'no'."""
    spoil(workspace, "11", "missing")
    code, printed = run(workspace, capsys=capsys)
    assert code == ExitStatus.OK, printed
    assert "未着" in printed


def test_a_folder_of_a_later_day_is_left_for_later(workspace, template, capsys):
    """As of 13 November a folder of the 20th is not read."""
    shutil.copytree(template / "deliveries" / LAST, workspace / "deliveries" / LAST)
    code, printed = run(workspace, "--as-of", FIRST, capsys=capsys)
    assert code == ExitStatus.OK, printed
    assert LAST not in (workspace / "store" / "deliveries.jsonl").read_text(encoding="utf-8")


def test_a_file_dated_after_its_folder_is_refused(workspace, capsys):
    """A file that says 20 November inside the folder of the 13th: somebody mixed them up."""
    path = delivered(workspace, "14")
    path.rename(path.with_name("14_council_20261120.csv"))
    code, printed = run(workspace, capsys=capsys)
    assert code == ExitStatus.DELIVERY_REFUSED
    assert "14_council_20261120.csv" in printed


def test_a_second_run_at_the_same_time_is_turned_away(workspace, capsys):
    """Two runs in one workspace would mix their records."""
    from filelock import FileLock

    with FileLock(workspace / ".lock"):
        code, printed = run(workspace, capsys=capsys)
    assert code == ExitStatus.BUSY
    assert "E-BUSY-01" in printed


def test_a_killed_run_leaves_the_last_one_whole(workspace, template, capsys, monkeypatch):
    """Killed while the new handout is being made: the last run's record and handout are as they were."""
    assert run(workspace, capsys=capsys)[0] == ExitStatus.OK
    before = {p: p.read_bytes() for p in (workspace / "out").rglob("*.xlsx")}
    shutil.copytree(template / "deliveries" / LAST, workspace / "deliveries" / LAST)

    def killed(*arguments, **keywords):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("kizuki.pipeline.publish", killed)
        with pytest.raises(click.Abort):
            kizuki.main(["run", "-w", str(workspace)], standalone_mode=False)
    capsys.readouterr()
    published = [p for p in (workspace / "out").rglob("*.xlsx") if not p.parent.name.startswith(".draft-")]
    assert {p: p.read_bytes() for p in published} == before
    assert [p.name for p in (workspace / "runs").glob("R*")] == ["R20261113-01"]
    code, printed = run(workspace, capsys=capsys)
    assert code == ExitStatus.OK, printed
    assert not list((workspace / "out").glob(".draft-*"))


def test_no_run_is_recorded_whose_papers_could_not_be_made(workspace, capsys, monkeypatch):
    """If the handout fails, there is no record of a run, so that the last one stays the last."""

    def broken(*arguments, **keywords):
        raise OSError(28, "No space left on device", "handout.xlsx")

    monkeypatch.setattr("kizuki.pipeline.write_handout", broken)
    code, printed = run(workspace, capsys=capsys)
    assert code == ExitStatus.STORE, printed
    assert "E-STORE-20" in printed
    assert not list((workspace / "runs").glob("R*"))
    assert not [path for path in (workspace / "out").iterdir() if not path.name.startswith(".")]


def test_a_bad_rulebook_stops_the_run_before_any_data_is_read(workspace, capsys):
    """The message names file, line and column; no delivery has been touched."""
    path = workspace / "rulebooks" / "young_carer.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("世帯員がいる", "世帯員がおる", 1), encoding="utf-8")
    code, printed = run(workspace, capsys=capsys)
    assert code == ExitStatus.RULEBOOK
    assert "rulebooks/young_carer.yaml:" in printed and "E-RULE" in printed
    assert not (workspace / "store" / "deliveries.jsonl").exists()


def test_a_quarantined_row_comes_back_corrected(workspace, capsys):
    """The quarantine file, corrected and renamed 訂正, is taken in by the next run."""
    path = delivered(workspace, "08")
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(",")
    right, cells[3] = cells[3], "2026-02-30"
    path.write_text("\n".join([lines[0], ",".join(cells), *lines[2:], ""]), encoding="utf-8", newline="")
    assert run(workspace, capsys=capsys)[0] == ExitStatus.OK
    held = next((workspace / "quarantine").rglob("08_*_隔離.csv"))
    text = held.read_text(encoding="utf-8-sig")
    assert "2026-02-30" in text and "暦にない" in text
    head, *rows = text.split("\n")
    bad = next(row for row in rows if "2026-02-30" in row)
    correction = path.with_name(f"{path.stem}_訂正.csv")
    correction.write_text("\n".join([head, bad.replace("2026-02-30", right), ""]), encoding="utf-8-sig", newline="")
    code, printed = run(workspace, capsys=capsys)
    assert code == ExitStatus.OK, printed
    assert "訂正" in (workspace / "store" / "deliveries.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "command", [[], ["init"], ["demo-city"], ["run"], ["demo"], ["rules", "check"], ["rules", "test"], ["trace"]]
)
def test_every_command_has_help_with_an_example(command):
    """--help explains in Japanese and ends with something to copy."""
    result = CliRunner().invoke(kizuki, [*command, "--help"])
    assert result.exit_code == 0
    assert "例:" in result.output and "使い方:" in result.output


def test_version_is_printed():
    """--version names the program and its version."""
    result = CliRunner().invoke(kizuki, ["--version"])
    assert result.output.startswith("kizuki ")


def test_a_mistyped_option_is_answered_in_japanese(capsys):
    """The near option is offered, with the usage status and no traceback."""
    with pytest.raises(SystemExit) as left:
        run_command(lambda: kizuki.main(["run", "--as-off", "2026-11-20"], standalone_mode=False))
    assert left.value.code == ExitStatus.USAGE
    assert "--as-of" in capsys.readouterr().err
