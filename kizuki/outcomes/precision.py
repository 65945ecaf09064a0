"""How often a scenario was right, child by child: of those whom it counted for and of whom the conference said so, how many had the difficulty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from engine.audit.runs import open_run, published_ids
from engine.records.feedback import Feedback, read_feedback
from engine.rulebook.model import RulebookSet
from kizuki.settings import Workspace
from reports.manual.book import ConferenceDecisions

_SAYS = {"困難あり": True, "困難なし": False}


@dataclass(frozen=True)
class _Judged:
    scenario_id: str
    child_key: str
    has_difficulty: bool


def scenario_precision(workspace: Workspace, rulebooks: RulebookSet) -> dict[str, ConferenceDecisions]:
    """By 番号, for the scenarios of which something was said. Of a child listed more than once the newest word counts.

    Only children on a list: whoever was drawn by chance had no scenario that counted. 分からない says nothing of a scenario. A run of which no record
    is left is passed over.
    Raises KizukiError E-FEEDBACK-01 and E-STORE-21, -22 for damaged files.
    """
    kinds = {one.id: book.hardship_type for book in rulebooks.rulebooks for one in (*book.scenarios, *book.resting)}
    by_run: dict[str, list[Feedback]] = {}
    for entry in read_feedback(workspace.feedback):
        if entry.seen_by == "一覧" and entry.hardship_type is not None:
            by_run.setdefault(entry.run_id, []).append(entry)
    newest: dict[tuple[str, str], bool] = {}
    for run_id in published_ids(workspace.runs):
        if run_id in by_run:
            table = open_run(workspace.runs, run_id).decisions()
            for one in _judged(table, by_run[run_id], kinds):
                newest[one.scenario_id, one.child_key] = one.has_difficulty
    return _counted(newest)


def _judged(table: pa.Table, entries: Iterable[Feedback], kinds: Mapping[str, str]) -> Iterator[_Judged]:
    said = {(e.child_key, e.hardship_type): _SAYS[e.finding] for e in entries if e.finding in _SAYS}
    children = pa.array(sorted({child for child, _ in said}), pa.string())
    rows = table.filter(pc.is_in(table["child_key"], value_set=children))
    keys = rows["child_key"].to_pylist()
    for scenario, kind in kinds.items():
        if scenario in rows.column_names:
            met, cancelled = rows[scenario].to_pylist(), rows[f"{scenario}_cancelled"].to_pylist()
            for child, is_met, is_cancelled in zip(keys, met, cancelled, strict=True):
                if is_met == 1 and is_cancelled != 1 and (child, kind) in said:
                    yield _Judged(scenario, child, said[child, kind])


def _counted(newest: Mapping[tuple[str, str], bool]) -> dict[str, ConferenceDecisions]:
    counts: dict[str, list[int]] = {}
    for (scenario, _), has_difficulty in newest.items():
        count = counts.setdefault(scenario, [0, 0])
        count[0] += 1
        count[1] += has_difficulty
    return {scenario: ConferenceDecisions(decided, confirmed) for scenario, (decided, confirmed) in counts.items()}
