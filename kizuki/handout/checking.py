"""`kizuki handout check-template` and `fields`: what a template may say, before a real week meets it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from engine.kernel.errors import KizukiError, Problem
from kizuki.handout.templates import KINDS, Kind
from reports.blanks import DRAWN_BLANKS, HOUSEHOLD_BLANKS, REGISTER_BLANKS, Blank
from reports.placeholders.contexts import Context, register_contexts, week_contexts
from reports.placeholders.dictionary import dictionary
from reports.renderer.check import check_template

_BLANKS: dict[Kind, Sequence[Blank]] = {
    "会議資料": tuple({blank.name: blank for blank in (*HOUSEHOLD_BLANKS, *DRAWN_BLANKS)}.values()),
    "個票": HOUSEHOLD_BLANKS,
    "進行管理台帳": REGISTER_BLANKS,
}


def contexts_of(kind: Kind) -> list[Context]:
    """Made-up data as a template of a kind sees them."""
    return register_contexts() if kind == "進行管理台帳" else week_contexts()


def check(path: Path, kind: Kind | None, console: Console) -> None:
    """Fill a template with made-up data and tell everything that is wrong with it. Of a kind that is not told, the one it fits best.

    Raises KizukiError with every mistake; warnings alone are printed.
    """
    tried = {one: _problems(path, one) for one in ((kind,) if kind else KINDS)}
    best = min(tried, key=lambda one: (_errors(tried[one]), len(tried[one])))
    problems = tried[best]
    console.print(f"{best}のテンプレートとして、架空の資料を入れて確かめました。", markup=False)
    for warning in (one for one in problems if one.code.startswith("W-")):
        console.print(str(warning), markup=False)
    if errors := [one for one in problems if not one.code.startswith("W-")]:
        raise KizukiError(errors)
    console.print(
        "まちがいは見つかりませんでした。" if not problems else "資料はつくれます。上の注意を確かめてください。"
    )


def _problems(path: Path, kind: Kind) -> list[Problem]:
    return check_template(path, contexts_of(kind), _BLANKS[kind])


def _errors(problems: Sequence[Problem]) -> int:
    return sum(not one.code.startswith("W-") for one in problems)


def fields_text(kind: Kind) -> Iterator[str]:
    """The items that a template of a kind may print, with meaning and example, and then its blanks."""
    root: Any = contexts_of(kind)[0]["book"]
    for section in dictionary(root):
        yield ""
        yield f"■ {section.title}"
        for item in section.items:
            yield f"  {{{{ {item.path} }}}}" if not item.is_list else f"  {{% for … in {item.path} %}}"
            yield f"      {item.meaning}" + (f"  例: {item.example}" if item.example else "")
    yield ""
    yield "■ 記入欄(セルに付ける名前)"
    for blank in _BLANKS[kind]:
        yield f"  {blank.name}" + (
            f"  {'・'.join(blank.choices)}" if blank.choices else {"日": "  日付"}.get(blank.kind, "")
        )
