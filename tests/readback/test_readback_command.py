"""`kizuki readback` as it is typed: what the screen tells and what it keeps to itself, and with which status it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from made_up_conference import Conference, fill

from engine.kernel.errors import ExitStatus
from kizuki.readback.cli import readback
from reports.encryption import encrypted

REPOSITORY = Path(__file__).parents[2]
WORDS = {"理由": "延岡花子さんに会えた", "キーパーソン": "祖母の延岡ハナ", "役割1_誰が": "延岡先生", "役割1_何を": "延岡町を訪ねる"}


def run(conference: Conference, *arguments: str | Path) -> tuple[int, str]:
    """Status, and all that was printed."""
    command = [sys.executable, "-P", "-m", "kizuki", "readback", *map(str, arguments), "-w", str(conference.workspace.root)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_dry_run_then_reading(conference: Conference, tmp_path: Path):
    """The table shows numbers and choices and no word about anyone; then it is stored, and where is said."""
    path = fill(conference.printed, tmp_path / "a.xlsx", {"案件01": {"判断": "見守り", "次回見直し": "R9.1.15", **WORDS}})
    status, shown = run(conference, path, "--dry-run")
    assert status == ExitStatus.OK and "試し読みです" in shown and not conference.workspace.conference.exists()
    for told in ("案件01", "見守り", "見直し R9.1.15", "4欄", "新しい 1件", "記入なし 5件"):
        assert told in shown
    status, stored = run(conference, path, "--by", "家庭相談係長")
    assert status == ExitStatus.OK and "conference/00001-" in stored and "feedback/00001-" in stored
    assert "延岡" not in shown + stored and "見本" not in (shown + stored).replace("見本市", "")
    status, again = run(conference, path, "--by", "家庭相談係長")
    assert status == ExitStatus.OK and "何も保存していません" in again and "前と同じ 1件" in again


def test_problems_end_with_a_status_of_their_own(conference: Conference, tmp_path: Path):
    """Readable lines are shown, then everything that is wrong; no traceback, no word that was written."""
    path = fill(conference.printed, tmp_path / "a.xlsx", {"案件01": {"判断": "延岡"}, "案件02": {"判断": "見守り", "次回見直し": "12/11"}, "案件03": {"判断": "対象外"}})
    status, shown = run(conference, path, "--by", "係長")
    assert status == ExitStatus.READBACK
    assert "E-READ-19" in shown and "E-READ-17" in shown and "2件の問題があります" in shown and "対象外" in shown
    assert "延岡" not in shown and "Traceback" not in shown and not conference.workspace.conference.exists()


def test_without_a_terminal_nothing_is_asked(conference: Conference, tmp_path: Path):
    """Each question names the option that answers it."""
    status, shown = run(conference, conference.printed)
    assert status == ExitStatus.READBACK and "--by" in shown
    (conference.workspace.keyring / "handout.key").write_bytes(bytes(32))
    status, shown = run(conference, conference.printed, "--by", "係長")
    assert status == ExitStatus.READBACK and "--accept '案件01'" in shown and "いまの鍵で作られた資料ではありません" in shown


def test_an_empty_password_file_is_no_password(conference: Conference, tmp_path: Path):
    """A book without a password is read all the same, and one that has one is refused in words."""
    empty, locked = tmp_path / "password.txt", tmp_path / "locked.xlsx"
    empty.write_bytes(b"")
    locked.write_bytes(encrypted(conference.printed.read_bytes(), "こども家庭センター2026"))
    status, shown = run(conference, conference.printed, "--dry-run", "--password-file", empty)
    assert status == ExitStatus.OK and "試し読みです" in shown
    status, shown = run(conference, locked, "--dry-run", "--password-file", empty)
    assert status == ExitStatus.READBACK and "E-READ-03" in shown and "Traceback" not in shown


@pytest.mark.parametrize("option", ["--dry-run", "--by", "--use", "--accept", "--missing", "--password-file"])
def test_help_tells_every_option(option: str):
    """And an example."""
    words = {opt for parameter in readback.params for opt in parameter.opts}
    assert option in words and readback.epilog is not None and "例:" in readback.epilog
