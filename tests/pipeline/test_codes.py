"""Every code that a user can meet is documented, once and where one looks for it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ASSEMBLED = {"E-YAML-01", "E-YAML-03", "E-YAML-21"}  # only their number is written, in engine/kernel/strict_yaml.py


def codes_in_the_code() -> set[str]:
    """Codes written out in full, but those of deliveries (see tests/intake) and those that all edited files share."""
    found = set()
    for package in ("engine", "reports", "kizuki", "ml_overlay"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found |= set(re.findall(r"^[EW]-(?!DELIV)[A-Z]+-(?!9)\d\d$", node.value))
    return found


def documented() -> list[list[str]]:
    """The codes of docs/exit-status.md, section by section."""
    sections = (ROOT / "docs" / "exit-status.md").read_text("utf-8").split("\n## ")
    return [re.findall(r"^\| `([EW]-[A-Z]+-\d\d)` \|", section, re.M) for section in sections]


def test_every_code_outside_intake_is_documented():
    """docs/exit-status.md has a row for each code, and none for a code that no longer exists."""
    codes = codes_in_the_code() | ASSEMBLED
    assert len(codes) > 150
    assert codes == {code for section in documented() for code in section if "-DELIV-" not in code}


def test_codes_stand_in_order():
    """Each code stands once; in a section by kind, errors before warnings, then by number."""
    for section in documented():
        order = [(code.split("-")[1], code) for code in section]
        if any(kind not in ("DELIV", "PROT") for kind, _ in order):
            assert order == sorted(order)
        else:
            assert section == sorted(section)
    every = [code for section in documented() for code in section]
    assert len(every) == len(set(every))
