"""Every code of intake is documented, and every exit status."""

from __future__ import annotations

import re
from pathlib import Path

from engine.intake.wording import CATALOGUE, ROWS
from engine.kernel.errors import ExitStatus

DOCUMENT = Path(__file__).parents[2] / "docs" / "exit-status.md"


def test_every_code_of_intake_is_documented() -> None:
    """An operator finds each code that a message shows."""
    documented = re.findall(r"^\| `([EW]-[A-Z]+-\d\d)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    kinds = {code.split("-")[1] for code in CATALOGUE}
    assert sorted(code for code in documented if code.split("-")[1] in kinds) == sorted(CATALOGUE)


def test_every_code_of_the_store_is_documented() -> None:
    """A lost or replaced keyring, a damaged fact: what to do is written down before it happens."""
    root = DOCUMENT.parents[1]
    sources = [path.read_text("utf-8") for room in ("engine", "kizuki") for path in sorted((root / room).rglob("*.py"))]
    used = {code for text in sources for code in re.findall(r"\"([EW]-STORE-[01]\d)\"", text)}
    documented = re.findall(r"^\| `([EW]-STORE-[01]\d)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(documented) == sorted(used)


def test_every_exit_status_is_documented_with_its_number() -> None:
    """A scheduler that starts the weekly run can rely on the numbers."""
    rows = re.findall(r"^\| (\d+) \| `([A-Z_]+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert {int(number): name for number, name in rows} == {status.value: status.name for status in ExitStatus}


def test_a_message_says_what_why_and_what_to_do() -> None:
    """Reasons of single rows stand in a table with their own heading and need no why."""
    for code, wording in CATALOGUE.items():
        assert wording.what, code
        assert wording.remedy, code
        assert wording.why or code in ROWS, code
