"""Similar past households in the words of a sheet: in which respects, what was decided, what began, how it went; no name, no score."""

from __future__ import annotations

from collections.abc import Iterator

from engine.records.similar import SimilarCase, SimilarCases

HEADING = "過去の似た世帯"
CAUTION = "登録の前のようすが近かった世帯です。同じ対応がよいとも、同じ経過になるともいえません。"
KEY_LETTERS = 10


def similar_lines(similar: SimilarCases) -> Iterator[str]:
    """A child's section, line by line; one line that says why where nothing is shown."""
    about = f"({similar.hardship_label}のようすで比べました)" if similar.hardship_label and similar.cases else ""
    yield HEADING + about
    if not similar.cases:
        yield f"  {similar.note}"
    for number, case in enumerate(similar.cases, start=1):
        yield f"  {number}. 世帯 {case.household_key[:KEY_LETTERS]}  {case.likeness}"
        yield from (f"     {label}: {text}" for label, text in told(case))


def told(case: SimilarCase) -> tuple[tuple[str, str], ...]:
    """What is told of one household as label and text, for lines as well as for cells."""
    return (
        ("決めたこと", "。".join(case.decided)),
        ("経過", "。".join(case.course)),
        ("この間の支援", "、".join(case.support) or "記録なし"),
        ("その後", case.ended),
    )
