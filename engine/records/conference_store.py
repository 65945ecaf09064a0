"""The store of what conferences wrote: `conference/` of a workspace, append-only, personal data.

Files as those of `feedback.py`: one for each reading, `NNNNN-day-sha256.jsonl`, never rewritten, readable by their owner only. They hold words about
people (reasons, names of key persons, notes); whoever needs none of them takes an
entry's `decision` alone. What a decision does to the next list is for `engine.tiers.standing` to say.

How words on one household of one run are put together, in the order of reading:

- A sheet (案件) that is read again replaces the sheet that was read before, blanks included: it is the same paper, corrected.
- A row of the case register (台帳) follows the sheet up. What it leaves blank erases nothing; what it says replaces, by groups that only make sense
  together: 結果 and 結果の日; 気づき, 確かめた困難, 違った理由 and its explanation; 終結日 and 終結理由; 主担当機関, named or in words;
  緊急度, 重症度, 次回見直し and メモ each by itself.
- A corrected sheet takes back from the register only the groups in which it differs from the sheet before.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.conference import ConferenceEntry, ConferenceTexts, PastDecision
from engine.records.feedback import Finding

_NAME = re.compile(r"(?P<number>\d{5})-\d{4}-\d{2}-\d{2}-(?P<sha256>[0-9a-f]{64})\.jsonl")


@dataclass(frozen=True)
class DrawnAnswer:
    """What was found of a child who was drawn by chance (無作為). `reason`: as written, personal data."""

    run_id: str
    household_key: str
    child_key: str
    decided_on: date
    finding: Finding
    found_types: tuple[str, ...] = ()
    reason: str = ""
    read_on: date = date.min
    read_by: str = ""
    sha256: str = ""


Word = ConferenceEntry | DrawnAnswer
_WORD: TypeAdapter[Word] = TypeAdapter(Word)
# Groups of a row in the case register: a row says something of a group if it says anything in it.
_GROUPS: tuple[tuple[str, ...], ...] = (
    ("outcome", "outcome_on"),
    ("rightness", "found_types", "why_wrong", "why_wrong_text"),
    ("closed_on", "closed_because", "closed_because_text"),
    ("lead_agency", "lead_agency_text"),
    ("urgency",),
    ("severity",),
    ("review_on",),
    ("memo",),
)
_IN_TEXTS = frozenset({"why_wrong_text", "memo", "lead_agency_text", "closed_because_text"})


@dataclass(frozen=True)
class ConferenceBook:
    """All that conferences wrote. `entries`: one for each run and household, by day, run and household; `drawn`: one for each run and child."""

    entries: tuple[ConferenceEntry, ...] = ()
    drawn: tuple[DrawnAnswer, ...] = ()

    def of(self, run_id: str, household_key: str) -> ConferenceEntry | None:
        """The word on a household of a run."""
        found = (e for e in self.entries if (e.decision.run_id, e.decision.household_key) == (run_id, household_key))
        return next(found, None)


def append_conference(folder: Path, words: Iterable[Word]) -> Path | None:
    """Add what was read in at one time, as a file of its own; None where there is nothing. The workspace must be locked."""
    words = sorted(words, key=_order)
    if not words:
        return None
    content = "".join(f"{_line(word)}\n" for word in words).encode()
    sha256 = hashlib.sha256(content).hexdigest()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = len(list(folder.glob("*.jsonl"))) + 1
    day = max(word.read_on for word in words).isoformat()
    return write_whole(folder / f"{number:05}-{day}-{sha256}.jsonl", content, private=True)


def read_conference(folder: Path, first: int | None = None) -> ConferenceBook:
    """What is known now, put together as the module says; or what the `first` files said. A missing folder holds nothing.

    An entry's `read_on`, `read_by` and `sha256` are those of the newest word that is part of it; its `form` is 案件 if a sheet is.
    Raises KizukiError E-FEEDBACK-02 for files that are not as they were written.
    """
    told: dict[tuple[str, str], list[ConferenceEntry]] = {}
    drawn: dict[tuple[str, str], DrawnAnswer] = {}
    for word in all_words(folder, first):
        if isinstance(word, DrawnAnswer):
            drawn[word.run_id, word.child_key] = word
        else:
            told.setdefault((word.decision.run_id, word.decision.household_key), []).append(word)
    return ConferenceBook(
        tuple(sorted((put_together(words) for words in told.values()), key=_order)),
        tuple(sorted(drawn.values(), key=_order)),
    )


def all_words(folder: Path, first: int | None = None) -> tuple[Word, ...]:
    """Every word that was ever read in, in that order, also those that later ones replaced: for the disclosure of what is held of somebody.

    Raises KizukiError E-FEEDBACK-02.
    """
    words: list[Word] = []
    problems: list[Problem] = []
    for number, path in enumerate(sorted(folder.glob("*.jsonl"))[:first], start=1):
        content = path.read_bytes()
        name = _NAME.fullmatch(path.name)
        if name is None or int(name["number"]) != number or hashlib.sha256(content).hexdigest() != name["sha256"]:
            problems.append(_changed(path))
            continue
        try:
            words += [_WORD.validate_json(line, strict=False) for line in content.splitlines()]
        except ValidationError:
            problems.append(_changed(path))
    if problems:
        raise KizukiError(problems)
    return tuple(words)


def put_together(words: Iterable[ConferenceEntry]) -> ConferenceEntry:
    """One entry of all words on one household of one run, in the order of reading."""
    sheet: ConferenceEntry | None = None
    followed: dict[tuple[str, ...], ConferenceEntry] = {}
    newest: ConferenceEntry | None = None
    for word in words:
        newest = word
        if word.form == "台帳":
            followed |= {group: word for group in _GROUPS if _said(word, group)}
            continue
        for group in list(followed):
            if sheet is not None and _said(word, group) and _values(word, group) != _values(sheet, group):
                del followed[group]
        sheet = word
    assert newest is not None
    whole = sheet or replace(newest, decision=_bare(newest.decision), texts=ConferenceTexts())
    for group, word in followed.items():
        values = dict(zip(group, _values(word, group), strict=True))
        texts = {name: value for name, value in values.items() if name in _IN_TEXTS}
        facts = {name: value for name, value in values.items() if name not in _IN_TEXTS}
        whole = replace(whole, decision=replace(whole.decision, **facts), texts=replace(whole.texts, **texts))  # type: ignore[arg-type]
        if "rightness" in group:
            whole = replace(whole, found_on=word.decision.outcome_on or word.read_on)
    return replace(whole, read_on=newest.read_on, read_by=newest.read_by, sha256=newest.sha256)


def says_the_same(one: ConferenceEntry, other: ConferenceEntry) -> bool:
    """Whether two entries say the same of the household, whoever read them in, when and from which file."""
    return (one.decision, one.texts) == (other.decision, other.texts)


def texts(entries: Iterable[ConferenceEntry]) -> Mapping[tuple[str, str], ConferenceTexts]:
    """The words by run and household, to rejoin a sheet last of all."""
    return {(entry.decision.run_id, entry.decision.household_key): entry.texts for entry in entries}


def _said(word: ConferenceEntry, group: tuple[str, ...]) -> bool:
    return any(_values(word, group))


def _values(word: ConferenceEntry, group: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(getattr(word.texts if name in _IN_TEXTS else word.decision, name) for name in group)


def _bare(decision: PastDecision) -> PastDecision:
    """Only whose decision it is, and what was known then."""
    return PastDecision(
        decision.run_id,
        decision.household_key,
        decision.decided_on,
        met_then=decision.met_then,
        tier_then=decision.tier_then,
    )


def _order(word: Word) -> tuple[str, ...]:
    if isinstance(word, DrawnAnswer):
        return (word.decided_on.isoformat(), word.run_id, word.household_key, word.child_key)
    said = word.decision
    return (said.decided_on.isoformat(), said.run_id, said.household_key, word.form)


def _line(word: Word) -> str:
    said = _WORD.dump_python(word, mode="json")
    said.pop("found_on", None)
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def _changed(path: Path) -> Problem:
    return Problem(
        Place(f"conference/{path.name}"),
        "E-FEEDBACK-02",
        "会議で書かれたことの控えが、書き込んだときと違います(中身が変わったか、前の控えがなくなりました)。",
        "何が決められたのかを確かめられず、次の一覧に反映できません。",
        "控え(バックアップ)から元のファイルに戻してください。誤りを直すときは、直したブックをもう一度読み取ります。",
    )
