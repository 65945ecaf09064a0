"""Made-up households with council cases, for what is specified of similar past households."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from engine.records.household import Household, Person, Row
from engine.records.vocabulary import load_vocabulary
from engine.store.memory import snapshot_of
from engine.store.tables import Snapshot

VOCABULARY = load_vocabulary(Path(__file__).parents[3] / "rulebooks" / "fields.yaml")
AS_OF = date(2026, 11, 20)


def case(registered_on: date, closed_on: date | None = None, reason: str | None = None, **cells: str) -> Row:
    """A line of the council's register."""
    values = {"council_kind": "要保護", "registered_on": registered_on, "closed_on": closed_on, "closed_reason": reason}
    return Row("council_case", values | cells)


def consultation(on: date, topic: str, response: str) -> Row:
    """A consultation by its categories; there is no text."""
    return Row("consultation", {"consulted_on": on, "topic": topic, "response": response})


def family(home: str, children: Sequence[Sequence[Row]], mother: Sequence[Row] = ()) -> list[Household]:
    """A mother and her children, with the records of each."""
    parent = Person(f"{home}M", frozenset({"母", "世帯員"}), 35, None, _by_kind(mother))
    people = [Person(f"{home}{j}", frozenset(), 8 + j, 2 + j, _by_kind(rows)) for j, rows in enumerate(children)]

    def sibling(person: Person) -> Person:
        return Person(
            person.key, frozenset({"きょうだい", "世帯員"}), person.age_years, person.school_grade, person.rows
        )

    return [
        Household(home, AS_OF, person, (parent, *(sibling(other) for other in people if other is not person)))
        for person in people
    ]


def city(*families: list[Household], protected: Sequence[str] = ()) -> Snapshot:
    """A snapshot of families, some of them under DV等支援措置."""
    snapshot = snapshot_of([household for each in families for household in each], VOCABULARY)
    for home in protected:
        snapshot.connection.execute("UPDATE household SET protected = true WHERE household_key = ?", [home])
    return snapshot


def _by_kind(rows: Sequence[Row]) -> dict[str, tuple[Row, ...]]:
    kinds = sorted({row.record for row in rows})
    return {kind: tuple(row for row in rows if row.record == kind) for kind in kinds}
