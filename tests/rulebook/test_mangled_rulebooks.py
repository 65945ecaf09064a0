"""Whatever is done to a rulebook's text, the answer is a sound rulebook or coded problems at a place, never a crash."""

from __future__ import annotations

import re
import time
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.kernel.errors import KizukiError
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.checks.review import review
from engine.rulebook.files.load import load_rulebooks

ROOT = Path(__file__).parents[2]
VOCABULARY = load_vocabulary(ROOT / "rulebooks" / "fields.yaml")
AS_OF = date(2026, 11, 20)
CODE = re.compile(r"[EW]-(YAML|RULE)-[0-9]{2}")
INSERTED = (
    "：", ":", ": ", "　", "\t", " ", "  ", "- ", "-", "'", '"', "[", "]", "{", "}", "「", "」", "&", "*", "!", "#", "|", ">", "%", "@", "`", "?",
    ",", "，", "\n", "\r", "\x00", "\u202e", "\u200b", "\ufeff", "---\n", "0", "10", "−5", "すべて:", "いずれか:", "次でない:", "2つ以上:", "<<: ",
    "か", "が", "に", "の", "以上", "未満", "母", "直近3か月", "シナリオYC-01に該当する",
)  # fmt: skip


@cache
def a_part_of(name: str) -> str:
    """The head of a real rulebook and its first two scenarios."""
    text = (ROOT / "rulebooks" / f"{name}.yaml").read_text(encoding="utf-8")
    starts = [m.start() for m in re.finditer(r"^  - 番号:", text, re.MULTILINE)]
    return text[: starts[2]]


def mangled(text: str, rng: Random) -> str:
    """A few characters or lines deleted, doubled, moved or inserted."""
    for _ in range(rng.randint(1, 4)):
        at, kind = rng.randrange(len(text)), rng.randrange(6)
        lines = text.split("\n")
        line = rng.randrange(len(lines))
        match kind:
            case 0:
                text = text[:at] + text[at + rng.randint(1, 3) :]
            case 1:
                text = text[:at] + text[at] + text[at:]
            case 2 | 3:
                text = text[:at] + rng.choice(INSERTED) + text[at:]
            case 4:
                text = "\n".join([*lines[:line], *lines[line + 1 :]])
            case 5:
                moved = " " * rng.randint(0, 6) + lines[line].strip()
                text = "\n".join([*lines[:line], moved, *lines[line + rng.randint(0, 1) :]])
        text = text or "\n"
    return text


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(("young_carer", "poverty", "school_absence")), st.integers(0, 2**32))
def test_a_mangled_rulebook_is_refused_in_words_or_read(tmp_path_factory, name: str, seed: int) -> None:
    """Deleted, doubled and inserted characters and lines: coded problems with a line, within a few seconds."""
    folder = tmp_path_factory.mktemp("mangled")
    text = mangled(a_part_of(name), Random(seed))
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8", newline="")
    begun = time.monotonic()
    try:
        rulebooks = load_rulebooks(folder, VOCABULARY, as_of=AS_OF, types=(name,))
    except KizukiError as error:
        for problem in error.problems:
            assert CODE.fullmatch(problem.code) and problem.what and problem.remedy
            assert problem.place.line is None or 1 <= problem.place.line <= text.count("\n") + 2
    else:
        assert [rulebook.hardship_type for rulebook in rulebooks.rulebooks] == [name]
        assert all(CODE.fullmatch(problem.code) for problem in review(rulebooks, VOCABULARY))
    assert time.monotonic() - begun < 30
