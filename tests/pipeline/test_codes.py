"""Every code that a user can meet is documented."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
KINDS = "CONF|RUN|BUSY|TIER|VOCAB|LAYOUT|YAML|REPORT|STORE"


def codes_in_the_code() -> set[str]:
    found = set()
    for package in ("engine", "reports", "kizuki"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found |= set(re.findall(rf"^E-(?:{KINDS})-(?!9)\d\d$", node.value))
    return found


def test_every_code_outside_intake_is_documented():
    """docs/exit-status.md has a row for each code of settings, runs, store, templates and edited files."""
    documented = set(
        re.findall(r"^\| `(E-[A-Z]+-\d\d)` \|", (ROOT / "docs" / "exit-status.md").read_text("utf-8"), re.M)
    )
    codes = codes_in_the_code()
    assert len(codes) > 40
    assert codes - documented == set()
