"""The feedback that is made from what a conference wrote: for each child and hardship type, whether the difficulty was there.

A sheet speaks of a household; the overlay learns of children and types. So, for every listed child and every type in which it stood above ③ or had a
hit:

気づき            a flagged type
合っていた         困難あり; where types are named: those 困難あり, the others 分からない (nothing was said of them)
一部合っていた      the named ones 困難あり, the others 困難なし
違っていた         困難なし
まだ分からない      分からない
(blank)           分からない if the conference decided something: it looked, but a blank is no "nothing was found"

A confirmed type in which no child of the household was flagged belongs to the child if one alone was listed; of several, nobody said whose it is, so
that it is 分からない for each. Of a child drawn by chance, everything was looked at: the named types 困難あり, all others 困難なし, or 困難なし and 分からない
for all six.

分からない counts as looked at and gives no label (`ml_overlay.cohorts.looked_at`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date

from engine.records.case import HARDSHIP_LABELS
from engine.records.conference import ConferenceEntry, PastDecision
from engine.records.conference_store import DrawnAnswer
from engine.records.feedback import Feedback, Finding
from kizuki.readback.runs import RunOnRecord


def findings_of_entry(entry: ConferenceEntry, run: RunOnRecord) -> Iterator[Feedback]:
    """Of each listed child of the household; nothing where the conference neither decided nor found anything."""
    said = entry.decision
    if said.decision is None and said.rightness is None:
        return
    flagged = run.flagged_types(said.household_key)
    everywhere = set().union(*flagged.values())
    new = [kind for kind in said.found_types if kind not in everywhere]
    on = _found_on(entry)
    for child, kinds in flagged.items():
        found: dict[str, Finding] = {kind: _of_flagged(kind, said) for kind in kinds}
        found |= dict.fromkeys(new, "困難あり" if len(flagged) == 1 else "分からない")
        for kind, finding in sorted(found.items()):
            yield Feedback(on, child, said.household_key, kind, said.decision, finding, "一覧", None, said.run_id)


def _of_flagged(kind: str, said: PastDecision) -> Finding:
    if said.rightness == "合っていた":
        return "困難あり" if not said.found_types or kind in said.found_types else "分からない"
    if said.rightness == "一部合っていた":
        return "困難あり" if kind in said.found_types else "困難なし"
    return "困難なし" if said.rightness == "違っていた" else "分からない"


def _found_on(entry: ConferenceEntry) -> date:
    """The conference, or what came of it where that was later."""
    said = entry.decision
    days = [said.decided_on, *(day for day in (said.outcome_on, entry.found_on) if day is not None)]
    return max(days) if said.rightness is not None else said.decided_on


def findings_of_drawn(answer: DrawnAnswer, run: RunOnRecord) -> Iterator[Feedback]:
    """Of a child drawn by chance, for all hardship types, with the chance of the draw."""
    chance = run.drawn[answer.child_key].chance_millionths
    for kind in sorted(HARDSHIP_LABELS):
        finding = answer.finding
        if finding == "困難あり" and kind not in answer.found_types:
            finding = "困難なし"
        yield Feedback(
            answer.decided_on,
            answer.child_key,
            answer.household_key,
            kind,
            None,
            finding,
            "無作為",
            chance,
            answer.run_id,
        )


def with_withdrawn(
    new: Iterable[Feedback], known: Iterable[Feedback], touched: Collection[tuple[str, str]]
) -> Iterator[Feedback]:
    """The new findings, and 分からない for what a sheet said before and does not say any more.

    `touched`: the runs with the households of the list or the children drawn by chance whose sheets were read.
    """
    said = {(each.run_id, each.child_key, each.hardship_type): each for each in new}
    yield from said.values()
    for each in known:
        its_sheet = (each.run_id, each.household_key if each.seen_by == "一覧" else each.child_key)
        is_gone = (each.run_id, each.child_key, each.hardship_type) not in said
        if is_gone and its_sheet in touched and each.finding != "分からない":
            yield replace(each, finding="分からない")
