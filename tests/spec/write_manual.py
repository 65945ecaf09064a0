"""Make docs/rulebook-language.md from the tables of the specification and the hand-written frame beside them.

Run `python tests/spec/write_manual.py` to write it; with `--check` nothing is written, and the exit status is 1 if the
document is not what the tables say.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from meaning_tables import (
    ROOT,
    VOCABULARY,
    Family,
    Question,
    Row,
    cases,
    families,
    read_sentence,
    rulebook_plan,
)

from engine.rulebook.language import syntax as s
from engine.rulebook.language.printer import to_english
from engine.rulebook.model import ExampleFacts

MANUAL = ROOT / "docs" / "rulebook-language.md"
FRAME = Path(__file__).parent / "manual_frame.md"
_GROUPS = {"すべて": "all of", "いずれか": "any of", "次でない": "not"}


def manual() -> str:
    """The whole document."""
    forms = "\n\n".join(section for file, family in families().items() for section in _family(file, family))
    parts = {"{forms}": forms, "{english}": "\n".join(_english_table())}
    text = FRAME.read_text(encoding="utf-8")
    for mark, part in parts.items():
        if text.count(mark) != 1:
            raise ValueError(f"the frame must have {mark} once")
        text = text.replace(mark, part)
    return text


def _family(file: str, family: Family) -> Iterator[str]:
    yield f"### {family.title}"
    yield _paragraph(family.meaning)
    yield f"**不明になるとき**: {_paragraph(family.unknown)}"
    if family.rulebooks:
        written = {
            label: book.model_dump(by_alias=True, exclude_defaults=True) for label, book in family.rulebooks.items()
        }
        yield "この節の表は、次の小さなルールブックについてのものです。"
        yield "```yaml\n" + "\n".join(_block(written)) + "\n```"
    for form in family.forms:
        yield f"#### {form.pattern}"
        if form.note:
            yield _paragraph(form.note)
        for question in form.questions:
            yield _heading(file, question)
            yield "\n".join(["| 世帯 | 答え | わけ |", "|---|---|---|", *map(_row, question.rows)])


def _paragraph(text: str) -> str:
    return "".join(line.strip() for line in text.splitlines())


def _heading(file: str, question: Question) -> str:
    if question.sentence:
        return f"**「{question.sentence}」** *{_rendering(file, question)}*"
    return f"**シナリオ {question.scenario}** `条件: {_condition_of(families()[file], question)}` *{_rendering(file, question)}*"


def _rendering(file: str, question: Question) -> str:
    if question.sentence is not None:
        return to_english(read_sentence(question.sentence), VOCABULARY)
    case = next(case for case in cases() if case.file == file and case.question is question)
    as_of = ExampleFacts.model_validate(case.row.facts).as_of
    return _english(rulebook_plan(file, as_of).by_id[question.asked].scenario.condition)


def _row(row: Row) -> str:
    parts = [f"`{key}: {_flow(value)}`" for key, value in row.facts.items()]
    parts += [f"補足 `{key}: {_flow(value)}`" for key, value in row.beyond.items()]
    return f"| {'<br>'.join(parts) or '(何も書かない)'} | {row.answer} | {row.why} |"


def _flow(value: Any) -> str:
    """A value in one line, as it stands in a rulebook."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flow(inner) for inner in value) + "]"
    return str(value)


def _block(value: dict[str, Any], indent: str = "") -> Iterator[str]:
    """A mapping in lines, until what is left fits into one."""
    for key, inner in value.items():
        line = f"{indent}{key}: {_flow(inner)}"
        if isinstance(inner, dict) and (len(line) > 70 or not indent or key == "シナリオ"):
            yield f"{indent}{key}:"
            yield from _block(inner, indent + "  ")
        else:
            yield line


def _english(condition: s.Condition) -> str:
    if not isinstance(condition, s.Group):
        return to_english(condition, VOCABULARY)
    heading = _GROUPS.get(condition.kind) or f"at least {condition.needed} of"
    return f"{heading} ({'; '.join(map(_english, condition.parts))})"


def _english_table() -> Iterator[str]:
    """One line for each form, but for those that say nothing new in English (打ち消し)."""
    told: set[str] = set()
    for file, family in families().items():
        for form in family.forms:
            question = form.questions[0]
            rendering = _rendering(file, question)
            if rendering not in told:
                example = question.sentence or _condition_of(family, question)
                yield f"| {form.pattern} | {example} | {rendering} |"
            told.add(rendering)


def _condition_of(family: Family, question: Question) -> str:
    [written] = [
        book.scenarios[question.asked] for book in family.rulebooks.values() if question.asked in book.scenarios
    ]
    return _flow(written.condition)


def main(arguments: list[str]) -> int:
    """Write the document, or with `--check` say whether it is as the tables say."""
    text = manual()
    if arguments == ["--check"]:
        if MANUAL.is_file() and MANUAL.read_text(encoding="utf-8") == text:
            return 0
        print("docs/rulebook-language.md is not what tests/spec says; run: python tests/spec/write_manual.py")
        return 1
    if arguments:
        print("usage: python tests/spec/write_manual.py [--check]")
        return 2
    MANUAL.write_text(text, encoding="utf-8", newline="\n")
    print(f"wrote {MANUAL.relative_to(ROOT)}: {len(cases())} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
