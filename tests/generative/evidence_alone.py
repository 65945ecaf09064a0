"""A household reduced to what the explanation of one scenario names: nothing else is left of its records.

Kept are, for the sentences of the scenario and of those to which it refers:

* the records named as evidence, and of a person's entry in the register the age, grade and birth date;
* for an absence the coverage of the source for whom it was said, and of a record that is due for every period the person's
  rows of that record, which are what "delivered" means;
* who lives together and how they are related, and which periods a source delivered to the city: no one's records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from engine.evaluate.meaning.verdict import Verdict
from engine.evaluate.plan import Plan, PlannedScenario
from engine.records.household import Household, Person, Row
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language import syntax as s


def sentences_behind(planned: PlannedScenario, plan: Plan) -> Iterator[s.Sentence]:
    """Every sentence of a scenario, and of those to which it refers."""
    for part in (planned.requirement, *planned.scenario.cancels):
        for sentence in s.sentences_of(part):
            yield sentence
            if isinstance(sentence, s.Refers):
                yield from sentences_behind(plan.by_id[sentence.scenario_id], plan)


def evidence_alone(household: Household, verdicts: Iterable[Verdict], vocabulary: Vocabulary) -> Household:
    """The household with nothing left but what the verdicts name."""
    verdicts = list(verdicts)
    named = {id(e.row) for v in verdicts for e in v.evidence if e.row is not None}
    register = [e for v in verdicts for e in v.evidence if vocabulary.items[e.item].kind in ("年齢", "学年")]
    silences = {silence for v in verdicts for silence in v.silences}

    def is_named(row: Row, who: frozenset[str]) -> bool:
        kind = vocabulary.records[row.record]
        as_period = kind.period is not None and any(
            silence.who in who and vocabulary.items[silence.item].record == row.record for silence in silences
        )
        return as_period or id(row) in named

    def rows(all_rows: Iterable[tuple[str, tuple[Row, ...]]], who: frozenset[str]) -> dict[str, tuple[Row, ...]]:
        kept = {record: tuple(row for row in its if is_named(row, who)) for record, its in all_rows}
        return {record: its for record, its in kept.items() if its}

    def covered(all_covered: Iterable[tuple[str, date]], who: frozenset[str]) -> dict[str, date]:
        asked = {silence.source for silence in silences if silence.who in who}
        return {source: day for source, day in all_covered if source in asked}

    def reduced(person: Person, who: frozenset[str]) -> Person:
        mine = {id(row) for its in person.rows.values() for row in its}
        in_register = any(
            (id(e.row) in mine)
            if e.row is not None
            else e.who in who and (e.age_years, e.school_grade) == (person.age_years, person.school_grade)
            for e in register
        )
        return replace(
            person,
            age_years=person.age_years if in_register else None,
            school_grade=person.school_grade if in_register else None,
            born_on=person.born_on if in_register else None,
            rows=rows(person.rows.items(), who),
            covered_from=covered(person.covered_from.items(), who),
        )

    home = frozenset({"世帯"})
    return replace(
        household,
        child=reduced(household.child, frozenset({"本人"})),
        members=tuple(reduced(member, member.relations) for member in household.members),
        rows=rows(household.rows.items(), home),
        covered_from=covered(household.covered_from.items(), home),
    )
