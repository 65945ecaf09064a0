"""`kizuki rules new`: a scenario to be written, at the end of its rulebook."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rich.console import Console

from engine.evaluate.drafting.starting_line import find_starting_line
from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.strict_yaml import near_name
from engine.kernel.truth import Truth
from engine.rulebook.authoring.scaffold import (
    Line,
    Trial,
    copy_of,
    free_number,
    hardship_type_of,
    skeleton,
)
from engine.rulebook.authoring.written import WrittenValue
from engine.rulebook.language.printer import to_japanese
from kizuki.authoring.desk import Desk, add_scenario, open_desk, start_day, tell_next_steps

_TITLES = {Truth.MET: "該当", Truth.NOT_MET: "非該当", Truth.UNKNOWN: "不明"}


def new_scenario(
    folder: Path, type_word: str, number: str | None, copied: str | None, today: date, console: Console
) -> None:
    """Add a skeleton (or a copy of the scenario `copied`) under a free number, and say what is still to be written.

    It is in force from the newest delivery's day on, so that `rules impact` on the last run sees it; without deliveries,
    from today on.
    """
    hardship_type = hardship_type_of(type_word)
    desk = open_desk(folder, hardship_type)
    start = start_day(desk.workspace, today)
    number = free_number(desk.books, hardship_type, number)
    scenario = _copied(desk, copied, number, start) if copied else _skeleton(desk, hardship_type, number, start)
    add_scenario(desk, hardship_type, scenario)
    console.print(f"書き足しました: {desk.path(hardship_type).resolve()}", markup=False)
    console.print(f"  {number}(ファイルの最後)  {f'{copied} の写し' if copied else '書きはじめの形'}", markup=False)
    tell_next_steps(console)


def _skeleton(desk: Desk, hardship_type: str, number: str, start: date) -> WrittenValue:
    target, conditions = desk.conditions(hardship_type)
    examples = [e for written in desk.book(hardship_type).written for e in written.get("試験") or () if isinstance(e, dict)]
    found = None
    if target is not None:
        found = find_starting_line(target, conditions, examples, desk.vocabulary, desk.source_labels)
    if found is None:
        blank = "（ここに、どんな世帯かを書く）"
        trials = [Trial(blank, {}, outcome) for outcome in _TITLES.values()]
        return skeleton(number, [Line("（ここに、条件の文を書く）")], trials, start=start)
    trials = [
        Trial(f"（ここに、{_TITLES[truth]}になる世帯の説明を書く）", found.facts[truth], _TITLES[truth])
        for truth in (Truth.MET, Truth.NOT_MET, Truth.UNKNOWN)
    ]
    sentence = to_japanese(found.sentence, desk.vocabulary, values=False)
    remark = "見本の文。気づきたい状況の文に書き直し、下に足していく"
    return skeleton(number, [Line(sentence, remark)], trials, start=start, heading="文を1行に1つ。すべて満たすと該当")


def _copied(desk: Desk, copied: str, number: str, start: date) -> WrittenValue:
    ids = {id_: (book, index) for book in desk.books for index, id_ in book.ids.items()}
    if copied not in ids:
        near = near_name(copied, ids)
        raise KizukiError(
            Problem(
                Place(copied),
                "E-RULE-63",
                f"もとにするシナリオ「{copied}」がありません。",
                "写すものがありません。",
                f"「{near}」ではありませんか。" if near else "番号を確かめてください。",
            )
        )
    book, index = ids[copied]
    return copy_of(desk.text(book.hardship_type), index, number, start)


