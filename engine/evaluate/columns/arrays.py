"""The columns of a snapshot that a plan needs, as arrays: subjects numbered from 0, their records in order.

Everything that can be asked of one record by looking at its cells is here; what it means is said by its callers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.evaluate.columns.kleene import NO, UNKNOWN, YES, Mask, Numbers, Truths, all_of, certain
from engine.records.vocabulary import Item, RecordKind
from engine.store.tables import sort_column

if TYPE_CHECKING:
    import duckdb

Days = npt.NDArray[np.int32]
"""Days since 1970-01-01; `NO_DAY` for none."""
NO_DAY = np.int32(2**31 - 1)  # later than every day, so that "up to a day" is never true of it
_EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> np.int32:
    """A day as arrays hold it."""
    return np.int32(day.toordinal() - _EPOCH)


_SHARDS = """
    CREATE OR REPLACE TEMP TABLE household_shard AS
    SELECT household_key, row_number() OVER (ORDER BY household_key) % {shards} AS shard
    FROM (SELECT DISTINCT household_key FROM person WHERE is_child) AS household
"""
_PEOPLE = """
    CREATE OR REPLACE TEMP TABLE person_number AS
    SELECT person_key AS subject_key, household_key, born_on, age_years, school_grade, is_child IS TRUE AS is_child,
        (row_number() OVER (ORDER BY is_child IS TRUE DESC, person_key) - 1)::INTEGER AS no
    FROM person WHERE household_key IN (SELECT household_key FROM household_shard WHERE shard = {shard})
"""
_HOUSEHOLDS = """
    CREATE OR REPLACE TEMP TABLE household_number AS
    SELECT subject_key, (row_number() OVER (ORDER BY subject_key) - 1)::INTEGER AS no
    FROM (SELECT DISTINCT household_key AS subject_key FROM person_number WHERE is_child) AS household
"""
NUMBER_TABLES = ("household_shard", "person_number", "household_number")
"""Temporary tables (subject_key, no) that reading leaves in the connection: every number there is the place in arrays."""


@dataclass(frozen=True)
class Subjects:
    """Those of whom sentences speak, numbered from 0: the people of the shard (children first), its children, or its households.

    `covered_from`: for each source the day from which its silence means "no", `NO_DAY` where it does not cover the
    subject. Households have neither birth, age nor grade.
    """

    table: str
    size: int
    covered_from: dict[str, Days]
    born_on: Days
    age: npt.NDArray[np.int32]
    age_known: Mask
    grade: npt.NDArray[np.int32]
    grade_known: Mask

    def first(self, size: int) -> Subjects:
        """The first so many of them."""
        return Subjects(
            self.table,
            size,
            {source: days[:size] for source, days in self.covered_from.items()},
            self.born_on[:size],
            self.age[:size],
            self.age_known[:size],
            self.grade[:size],
            self.grade_known[:size],
        )


@dataclass(frozen=True)
class Everybody:
    """All who live in a household with a child, children (`is_child`) first in order of key, and these households; of one
    shard if the city is parted into several.

    `child_keys` in order of number; `household_of_child`: for each child the number of its household.
    """

    people: Subjects
    households: Subjects
    child_keys: pa.Array
    household_of_child: npt.NDArray[np.int32]

    @property
    def children(self) -> Subjects:
        """The children alone."""
        return self.people.first(len(self.child_keys))


def part_into_shards(connection: duckdb.DuckDBPyConnection, most_children: int) -> int:
    """Part the households with children, so that about so many children are in each shard; how many shards there are."""
    found = connection.execute("SELECT count(*) FROM person WHERE is_child").fetchone()
    shards = max(1, -(-(found[0] if found else 0) // most_children))
    connection.execute(_SHARDS.format(shards=shards))
    return shards


def read_everybody(
    connection: duckdb.DuckDBPyConnection, of_people: Collection[str], of_households: Collection[str], shard: int = 0
) -> Everybody:
    """Number all subjects of a shard (see `part_into_shards`), and read their coverage by the given sources."""
    connection.execute(_PEOPLE.format(shard=shard))
    connection.execute(_HOUSEHOLDS)
    table = connection.execute(
        "SELECT born_on, age_years, school_grade FROM person_number ORDER BY no"
    ).to_arrow_table()
    children = connection.execute(
        "SELECT c.subject_key, h.no FROM person_number AS c JOIN household_number AS h ON h.subject_key = c.household_key "
        "WHERE c.is_child ORDER BY c.no"
    ).to_arrow_table()
    household_of_child = _plain(children["no"])
    size = int(household_of_child.max(initial=-1)) + 1
    covers_people, covers_households = _coverage(connection, table.num_rows, size, of_people, of_households)
    age, grade = _numbers(table["age_years"]), _numbers(table["school_grade"])
    none = np.zeros(size, np.int32), np.zeros(size, bool)
    return Everybody(
        Subjects("person_number", table.num_rows, covers_people, _days(table["born_on"]), *age, *grade),
        Subjects("household_number", size, covers_households, np.full(size, NO_DAY), *none, *none),
        children["subject_key"].combine_chunks(),
        household_of_child,
    )


def _coverage(
    connection: duckdb.DuckDBPyConnection,
    people: int,
    households: int,
    of_people: Collection[str],
    of_households: Collection[str],
) -> tuple[dict[str, Days], dict[str, Days]]:
    """By source, from which day it covers each resident and each household. One look at the table, which is a long one."""
    of_residents = {source: np.full(people, NO_DAY) for source in of_people}
    of_their_households = {source: np.full(households, NO_DAY) for source in of_households}
    sources = sorted({*of_people, *of_households})
    if not sources:
        return of_residents, of_their_households
    listed = ", ".join(f"'{name}'" for name in sources)
    table = connection.execute(
        f"SELECT no, of_household, list_position([{listed}], source)::TINYINT AS source_no, covered_from FROM coverage "
        "JOIN (SELECT subject_key, no, FALSE AS of_household FROM person_number "
        "UNION ALL SELECT subject_key, no, TRUE FROM household_number) AS subject USING (subject_key) "
        f"WHERE source IN ({listed})"
    ).to_arrow_table()
    number, source_no, first_day = _plain(table["no"]), _plain(table["source_no"]), _days(table["covered_from"])
    of_household = np.asarray(table["of_household"].combine_chunks().to_numpy(zero_copy_only=False))
    for position, source in enumerate(sources, start=1):
        mine = source_no == position
        for covered, whose in ((of_residents, ~of_household), (of_their_households, of_household)):
            if source in covered:
                rows = mine & whose
                covered[source][number[rows]] = first_day[rows]
    return of_residents, of_their_households


def read_kin(
    connection: duckdb.DuckDBPyConnection, relations: Sequence[str]
) -> dict[str, tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]]:
    """By relation, the numbers of child and member for everybody who has it to a child, in order of child."""
    listed = ", ".join(f"'{relation}'" for relation in relations)
    table = connection.execute(
        f"SELECT list_position([{listed}], relation)::TINYINT AS relation_no, c.no AS child_no, m.no AS member_no "
        "FROM kin JOIN person_number AS c ON c.subject_key = kin.child_key AND c.is_child "
        "JOIN person_number AS m ON m.subject_key = kin.member_key "
        f"WHERE relation IN ({listed}) ORDER BY relation_no, child_no"
    ).to_arrow_table()
    child, member, relation_no = (_plain(table[name]) for name in ("child_no", "member_no", "relation_no"))
    ends = np.searchsorted(relation_no, np.arange(1, len(relations) + 2))
    return {
        relation: (child[low:high], member[low:high])
        for relation, low, high in zip(relations, ends[:-1], ends[1:], strict=True)
    }


class Records:
    """The records of one kind that belong to the subjects of a role: by subject, then day (of the event, or on which a
    state began); with `order` (file and line of each), by these within a day.

    `place`: where each record stands in `table`, None if they are in order there.
    """

    def __init__(self, kind: RecordKind, subjects: Subjects, table: pa.Table) -> None:
        self.kind = kind
        self.subjects = subjects
        self.table = table
        self.place: npt.NDArray[np.int64] | None = None
        self._days: dict[str, Days] = {}
        self._codes: dict[str, tuple[npt.NDArray[np.int32], list[str]]] = {}
        self._said: dict[str, Mask] = {}
        self._amounts: dict[str, tuple[Numbers, Mask | None]] = {}
        number = _plain(table["no"])
        column = sort_column(kind)
        key = number.astype(np.int64) << 32
        if column:
            key += _days(table[column])
        order = [_plain(table[name]) for name in ("file_no", "line") if name in table.column_names]
        if order:
            self.place = np.lexsort((*reversed(order), key))
        elif (key[1:] < key[:-1]).any():
            self.place = np.argsort(key, kind="stable")
        self.subject = self._placed(number)
        self.order = tuple(map(self._placed, order))

    def _placed(self, column: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return column if self.place is None else column[self.place]

    def __len__(self) -> int:
        return len(self.subject)

    def days(self, column: str) -> Days:
        """A day of each record; `NO_DAY` where it is blank or unknown."""
        if column not in self._days:
            self._days[column] = self._placed(_days(self.table[column]))
        return self._days[column]

    def amounts(self, column: str) -> tuple[Numbers, Mask | None]:
        """An amount of each record (0 where it is not known), and where it is known (None: everywhere)."""
        if column not in self._amounts:
            values, known = _numbers(self.table[column])
            self._amounts[column] = self._placed(values), None if known.all() else self._placed(known)
        return self._amounts[column]

    def blank(self, column: str) -> Mask:
        """Whether a record's cell holds no value."""
        return self._placed(np.asarray(self.table[column].combine_chunks().is_null()))

    def said_unknown(self, column: str) -> Mask | None:
        """Whether a record's cell says that its value is unknown (不詳), unlike a blank one. None: nowhere."""
        if "unknown_cells" not in self.table.column_names:
            return None
        if column not in self._said:
            codes, names = self.coded("unknown_cells")
            self._said[column] = np.array([column in name.split(",") for name in names] + [False])[codes]
        return self._said[column]

    def one_of(self, column: str, values: Collection[str]) -> Truths:
        """Whether a record's cell is one of the values; unknown where it holds none."""
        codes, words = self.coded(column)
        return np.array([YES if word in values else NO for word in words] + [UNKNOWN], np.int8)[codes]

    def coded(self, column: str) -> tuple[npt.NDArray[np.int32], list[str]]:
        """The number of each record's word, and the words; the number after the last is that of a blank cell."""
        if column not in self._codes:
            coded = self.table[column].combine_chunks().dictionary_encode()
            words = coded.dictionary.to_pylist()
            self._codes[column] = self._placed(_plain(coded.indices.fill_null(len(words)))), words
        return self._codes[column]

    def passes(self, item: Item) -> Truths | None:
        """Whether a record is one that the item speaks of (see the reference interpreter). None: every record is."""
        parts = [self.one_of(column, allowed) for column, allowed in item.filters.items()]
        if item.empty_column:
            empty = certain(self.blank(item.empty_column))
            said = self.said_unknown(item.empty_column)
            parts.append(empty if said is None else np.where(said, UNKNOWN, empty))
        return all_of(parts) if parts else None

    def any_by_subject(self, truths: Truths) -> Truths:
        """For each subject, whether it is so for any of its records; NO without records."""
        return any_within(truths, self.subject, np.zeros(self.subjects.size, np.int8))


def any_within(truths: Truths, place: npt.NDArray[np.integer], start: Truths) -> Truths:
    """OR of the truths that belong to one place, for every place that has any; `start` elsewhere."""
    start[place] = NO
    for value in (UNKNOWN, YES):
        start[place[truths == value]] = value
    return start


def read_records(
    connection: duckdb.DuckDBPyConnection,
    record: str,
    kind: RecordKind,
    subjects: Subjects,
    columns: Iterable[str],
    *,
    with_order: bool,
) -> Records:
    """The given columns of the records of one kind that belong to the subjects; `with_order`: with file and line."""
    wanted = [f'r."{column}"' for column in sorted(set(columns))]
    if with_order:
        wanted += ["r.file_no", "r.line"]
    query = f"SELECT 1 FROM rec_{record} WHERE unknown_cells IS NOT NULL LIMIT 1"
    if connection.execute(query).fetchone():
        wanted.append("r.unknown_cells")
    if (day := sort_column(kind)) and f'r."{day}"' not in wanted:
        wanted.append(f'r."{day}"')
    table = connection.execute(
        f"SELECT {', '.join(['n.no', *wanted])} FROM rec_{record} AS r JOIN {subjects.table} AS n USING (subject_key) "
        f"WHERE n.no < {subjects.size}"
    ).to_arrow_table()
    return Records(kind, subjects, table)


def _plain(column: pa.ChunkedArray | pa.Array) -> npt.NDArray[np.int32]:
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return np.asarray(array.to_numpy(zero_copy_only=False))


def _numbers(column: pa.ChunkedArray) -> tuple[npt.NDArray[Any], Mask]:
    array = column.combine_chunks()
    if not array.null_count:
        return np.asarray(array), np.ones(len(array), bool)
    return np.asarray(array.fill_null(0)), np.asarray(array.is_valid())


def _days(column: pa.ChunkedArray) -> Days:
    return np.asarray(column.combine_chunks().cast(pa.int32()).fill_null(int(NO_DAY)))
