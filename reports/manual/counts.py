"""How many children each scenario met in a run, and whether the run was made with the present text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from engine.audit.run_record import RunRecord
from engine.rulebook.language.syntax import names_of, sentences_of
from engine.rulebook.model import Rulebook, RulebookSet, Scenario
from engine.rulebook.references import references
from reports.manual.book import HitCounts, RunLine


def run_line(record: RunRecord) -> RunLine:
    """The run as the book names it."""
    return RunLine(record.run_id, record.as_of, record.decisions().num_rows)


def hit_counts(record: RunRecord, rulebooks: RulebookSet, hashes: Mapping[str, str]) -> dict[str, HitCounts]:
    """Children per scenario of the run: met and standing, cancelled, unknown. Scenarios that the run did not know are absent.

    `hashes`: SHA-256 of each rule file as it is now, by file name. A scenario's rules are the same if every file on which it
    depends is: its own, those of its thresholds and of the scenarios to which it refers, and the vocabulary.
    """
    table = record.decisions()
    then = {name: entry["sha256"] for name, entry in record.manifest["rulebooks"].items()}
    unchanged = {name for name, digest in hashes.items() if then.get(name) == digest}
    return {
        scenario.id: _counted(table, scenario.id, same=_files(scenario, rulebooks) <= unchanged)
        for scenario in rulebooks.scenarios
        if scenario.id in table.column_names
    }


def _counted(table: pa.Table, scenario_id: str, *, same: bool) -> HitCounts:
    truth = table.column(scenario_id)
    met = pc.fill_null(pc.equal(truth, 1), False)
    cancelled = pc.and_(met, pc.fill_null(pc.equal(table.column(f"{scenario_id}_cancelled"), 1), False))
    number_met, number_cancelled = (pc.sum(mask).as_py() or 0 for mask in (met, cancelled))
    return HitCounts(number_met - number_cancelled, number_cancelled, truth.null_count, same)


def _files(scenario: Scenario, rulebooks: RulebookSet) -> set[str]:
    """The rule files whose text decides about a scenario, by name."""
    home = {one.id: book for book in rulebooks.rulebooks for one in (*book.scenarios, *book.resting)}
    by_id = {one.id: one for book in rulebooks.rulebooks for one in (*book.scenarios, *book.resting)}
    named = {one.name: book for book in rulebooks.rulebooks for one in book.thresholds}

    def books(one: Scenario, seen: set[str]) -> Iterator[Rulebook]:
        if one.id in seen:
            return
        seen.add(one.id)
        yield home[one.id]
        for part in (one.target, one.condition, *one.cancels):
            for sentence in sentences_of(part):
                yield from (named[name] for name in names_of(sentence) if name in named)
        for other in references(one):
            yield from books(by_id[other], seen)

    return {"fields.yaml", *(f"{book.hardship_type}.yaml" for book in books(scenario, set()))}
