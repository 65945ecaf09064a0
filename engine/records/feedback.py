"""What a conference decided about a child, and what came of it: dated, kept for good, by pseudonym."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.case import HARDSHIP_LABELS
from engine.records.conference import DECISIONS, Decision

Finding = Literal["困難あり", "困難なし", "分からない"]
SeenBy = Literal["一覧", "無作為"]

FINDINGS: tuple[str, ...] = get_args(Finding)
_SEEN_BY: tuple[str, ...] = get_args(SeenBy)
_MILLION = 1_000_000
_NAME = re.compile(r"(?P<number>\d{5})-\d{4}-\d{2}-\d{2}-(?P<sha256>[0-9a-f]{64})\.jsonl")


@dataclass(frozen=True, order=True)
class Feedback:
    """One child in one conference, for one hardship type (None: not said for which).

    `finding`: whether there was the difficulty that was suspected, as far as those know who looked; it is about the child, and
    says of the flag whether it was right. `decision`: None where only a finding was told, as of children drawn at random.
    `seen_by`: whether the child stood on the list (一覧) or was drawn at random among those who did not (無作為).
    `chance_millionths`: the chance of that draw; None on the list. `decided_on` is the day of the conference, or of the outcome
    where that came later.
    """

    decided_on: date
    child_key: str
    household_key: str
    hardship_type: str | None
    decision: Decision | None
    finding: Finding
    seen_by: SeenBy
    chance_millionths: int | None
    run_id: str


def append_feedback(folder: Path, read_on: date, entries: Iterable[Feedback]) -> Path | None:
    """Add what filled-in workbooks say and is not known yet, as a file of its own; None if there is nothing.

    Nothing is ever rewritten: a later word on the same child, type and run replaces an earlier one when it is read. The
    workspace must be locked. Raises ValueError for entries that contradict themselves, KizukiError E-FEEDBACK-01 as `read_feedback`.
    """
    known = set(read_feedback(folder))
    content = "".join(f"{_line(entry)}\n" for entry in sorted(set(entries) - known, key=_order)).encode()
    if not content:
        return None
    sha256 = hashlib.sha256(content).hexdigest()
    number = len(list(folder.glob("*.jsonl"))) + 1
    return write_whole(folder / f"{number:05}-{read_on.isoformat()}-{sha256}.jsonl", content)


def read_feedback(folder: Path) -> tuple[Feedback, ...]:
    """All that is known, ordered by day and child; of several words on one child, type and run the one read last counts.

    A missing folder holds nothing. Raises KizukiError E-FEEDBACK-01 for files that are not as they were written.
    """
    newest: dict[tuple[str, str | None, str], Feedback] = {}
    problems: list[Problem] = []
    for number, path in enumerate(sorted(folder.glob("*.jsonl")), start=1):
        content = path.read_bytes()
        name = _NAME.fullmatch(path.name)
        if name is None or int(name["number"]) != number or hashlib.sha256(content).hexdigest() != name["sha256"]:
            problems.append(_changed(path))
            continue
        try:
            entries = [_entry(json.loads(line)) for line in content.decode().splitlines()]
        except (ValueError, KeyError, TypeError):
            problems.append(_changed(path))
            continue
        newest |= {(entry.child_key, entry.hardship_type, entry.run_id): entry for entry in entries}
    if problems:
        raise KizukiError(problems)
    return tuple(sorted(newest.values(), key=_order))


def known_by(entries: Sequence[Feedback], day: date) -> tuple[Feedback, ...]:
    """What had been decided or found by a day."""
    return tuple(entry for entry in entries if entry.decided_on <= day)


def _order(entry: Feedback) -> tuple[str, ...]:
    return (entry.decided_on.isoformat(), entry.child_key, entry.hardship_type or "", entry.run_id)


def _line(entry: Feedback) -> str:
    if problem := next(_faults(entry), None):
        raise ValueError(problem)
    said = {field.name: getattr(entry, field.name) for field in fields(entry)}
    return json.dumps({**said, "decided_on": entry.decided_on.isoformat()}, ensure_ascii=False, sort_keys=True)


def _entry(said: dict[str, Any]) -> Feedback:
    entry = Feedback(**{**said, "decided_on": date.fromisoformat(said["decided_on"])})
    if problem := next(_faults(entry), None):
        raise ValueError(problem)
    return entry


def _faults(entry: Feedback) -> Iterator[str]:
    """Never with a value: a message must not tell who it is."""
    if entry.hardship_type is not None and entry.hardship_type not in HARDSHIP_LABELS:
        yield "a hardship type that there is not"
    if entry.decision not in (None, *DECISIONS) or entry.finding not in FINDINGS or entry.seen_by not in _SEEN_BY:
        yield "a decision, finding or way of being seen that there is not"
    chance = entry.chance_millionths
    if (entry.seen_by == "無作為") != (chance is not None) or (chance is not None and not 0 < chance <= _MILLION):
        yield "a chance belongs to a random draw, and to nothing else"


def _changed(path: Path) -> Problem:
    return Problem(
        Place(f"feedback/{path.name}"),
        "E-FEEDBACK-01",
        "会議の結果の控えが、書き込んだときと違います(中身が変わったか、前の控えがなくなりました)。",
        "手で直された記録から、モデルの学習や集計をすることはできません。",
        "控え(バックアップ)から元のファイルに戻してください。誤りを直すときは、直したブックをもう一度読み取ります。",
    )
