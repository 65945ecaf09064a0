"""Who is whose mother, sibling or grandparent, from 続柄 chains and birth records, inside one household only.

A chain leads from the head: 20 is the head's child, 2020 the child of the head's child, 1220 the child of his wife.
Only what is recorded counts. Where a chain leaves a choice (two grown children and one grandchild), the birth record
may decide; if it cannot, the person is 世帯員 and nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from engine.kernel.dates import months_before
from engine.linkage.keyring import Keyring
from engine.linkage.register import RESIDENT
from engine.linkage.workbench import workbench

_HEAD = "02"
_CHILD, _FATHER, _MOTHER = "20", "51", "52"
_HUSBAND, _WIFE = "11", "12"
_UNREGISTERED = ("13", "14")
_SIBLINGS = ("71", "74", "81", "84")
_YEARS_TO_PARENT = 13

KIN = pa.schema([("child_key", pa.string()), ("member_key", pa.string()), ("relation", pa.string())])


@dataclass(frozen=True)
class Tie:
    """What two chains say about a person and another member of the household.

    `parent`: the member may be a parent, as the person at the chain before 子 (self), as that person's spouse
    (spouse), or by the words 父/母 (father, mother). `grandparent`, `sibling`: certain by the chains alone.
    """

    parent: str | None = None
    grandparent: bool = False
    sibling: bool = False


def _steps(chain: str) -> tuple[str, ...]:
    steps = tuple(chain[i : i + 2] for i in range(0, len(chain), 2))
    return steps[1:] if steps[:1] == (_HEAD,) else steps


def _parents(person: tuple[str, ...]) -> dict[tuple[str, ...], str]:
    """Chains at which a person's parents stand, with their role."""
    if person and person[-1] == _CHILD:
        origin = person[:-1]
        found = {origin: "self"}
        if not origin or origin[-1] not in (_HUSBAND, _WIFE, *_UNREGISTERED):
            found |= {(*origin, _HUSBAND): "spouse", (*origin, _WIFE): "spouse"}
        return found
    if person and person[-1] in _SIBLINGS:
        return _parents(person[:-1])
    if person and person[-1] in (_FATHER, _MOTHER):
        return {}
    return {(*person, _FATHER): "father", (*person, _MOTHER): "mother"}


def _sibling_group(person: tuple[str, ...]) -> tuple[object, ...]:
    """Persons of equal group are siblings. The children of one head are; grandchildren need not be."""
    while person and person[-1] in _SIBLINGS:
        person = person[:-1]
    if person == (_CHILD,):
        return ("children of", ())
    return ("same parents as", person)


def tie(person_chain: str, member_chain: str) -> Tie:
    """The tie from a person to a member, by their 続柄 chains.

    >>> tie("20", "12").parent, tie("2020", "02").grandparent, tie("20", "20").sibling
    ('spouse', True, True)
    """
    person, member = _steps(person_chain), _steps(member_chain)
    parents = _parents(person)
    grandparent = any(member in _parents(parent) for parent in parents)
    one_of_a_kind = not person or person == (_CHILD,) or person[-1] in _SIBLINGS
    sibling = one_of_a_kind and _sibling_group(person) == _sibling_group(member)
    return Tie(parents.get(member), grandparent, sibling)


def derive_kin(register: pa.Table, keyring: Keyring, as_of: date) -> pa.Table:
    """Relations of every resident below 18 to each other member of the household: `KIN`, ordered.

    Each member has a row 世帯員; 母, 父, きょうだい and 祖父母 are added where they are recorded. A member without a 続柄 is
    世帯員 only.
    """
    chains = register["relationship"].unique().drop_null().to_pylist()
    ties = [(a, b, tie(a, b)) for a in sorted(chains) for b in sorted(chains)]
    useful = [(a, b, t.parent, t.grandparent, t.sibling) for a, b, t in ties if t != Tie()]
    columns = list(zip(*useful, strict=True)) if useful else [()] * 5
    names = ("person_chain", "member_chain", "parent", "grandparent", "sibling")
    kinds = (pa.string(), pa.string(), pa.string(), pa.bool_(), pa.bool_())
    tie_table = pa.table({n: pa.array(list(c), k) for n, c, k in zip(names, columns, kinds, strict=True)})
    tables = {"register": register, "ties": tie_table, "mothers": keyring.table("mothers")}
    with workbench(tables) as connection:
        adult_born = months_before(as_of, 18 * 12)
        return (
            connection.execute(
                _KIN_SQL, {"resident": RESIDENT, "adult_born": adult_born, "gap": _YEARS_TO_PARENT, "wife": _WIFE}
            )
            .to_arrow_table()
            .cast(KIN)
        )


# `pair` has a row per ordered pair of people in a household with a child. A parent is taken where the role is filled by
# one person only; a known mother in the same household settles the question for her and against another woman.
_KIN_SQL = """
WITH here AS (
    SELECT person_key, address_number, household_key, sex, born_on, relationship AS chain
    FROM register WHERE resident_status = $resident
), with_child AS (
    SELECT *, coalesce(born_on > $adult_born, false) AS is_child,
        bool_or(coalesce(born_on > $adult_born, false)) OVER (PARTITION BY household_key) AS has_child
    FROM here
), people AS (
    SELECT p.*, mother.person_key AS mother_key, m.mother_number
    FROM with_child p
    LEFT JOIN (
        SELECT address_number, min(mother_number) AS mother_number FROM mothers
        GROUP BY address_number HAVING count(DISTINCT mother_number) = 1
    ) m ON m.address_number = p.address_number
    LEFT JOIN here mother ON mother.address_number = m.mother_number AND mother.household_key = p.household_key
    WHERE p.has_child
), pair AS (
    SELECT a.person_key, b.person_key AS member_key, a.is_child, b.sex, a.mother_key, a.mother_number, b.address_number,
        right(b.chain, 2) AS last_code, length(a.chain) > 2 AS is_distant, t.parent, t.grandparent, t.sibling,
        coalesce(a.mother_number = b.mother_number, false) AS same_mother,
        coalesce(length(a.chain) > 2 OR t.parent <> 'self', false)
            AND coalesce(date_diff('month', b.born_on, a.born_on) < 12 * $gap, false) AS too_young
    FROM people a
    JOIN people b ON a.household_key = b.household_key AND a.person_key <> b.person_key
    LEFT JOIN ties t ON t.person_chain = a.chain AND t.member_chain = b.chain
), candidate AS (
    SELECT person_key, member_key, mother_key, mother_number, address_number, is_distant, parent,
        CASE WHEN parent = 'father' THEN '男' WHEN parent = 'mother' THEN '女' WHEN sex IS NOT NULL THEN sex
             WHEN parent = 'spouse' THEN CASE WHEN last_code = $wife THEN '女' ELSE '男' END END AS sex,
        count(*) OVER (PARTITION BY person_key, parent) AS rivals
    FROM pair WHERE parent IS NOT NULL AND NOT too_young
), settled AS (
    SELECT c.*, count(*) FILTER (parent = 'self') OVER (PARTITION BY person_key) AS selves FROM candidate c
), recorded AS (
    SELECT person_key, member_key, sex FROM settled
    WHERE rivals = 1 AND sex IS NOT NULL
        AND NOT (parent = 'spouse' AND selves <> 1)
        AND NOT (sex = '女' AND mother_key IS NOT NULL AND mother_key <> member_key)
        AND NOT (sex = '女' AND is_distant AND mother_number IS NOT NULL AND mother_number <> address_number)
    UNION
    SELECT person_key, mother_key, '女' FROM people WHERE mother_key IS NOT NULL
), parent_of AS (
    SELECT person_key, member_key, sex FROM recorded
    QUALIFY count(*) OVER (PARTITION BY person_key, sex) = 1
), relation AS (
    SELECT person_key, member_key, '世帯員' AS relation FROM pair WHERE is_child
    UNION
    SELECT p.person_key, p.member_key, CASE p.sex WHEN '女' THEN '母' ELSE '父' END
    FROM parent_of p JOIN people c ON c.person_key = p.person_key WHERE c.is_child
    UNION
    SELECT person_key, member_key, '祖父母' FROM pair WHERE is_child AND grandparent
    UNION
    SELECT person_key, member_key, 'きょうだい' FROM pair WHERE is_child AND (sibling OR same_mother)
    UNION
    SELECT a.person_key, b.person_key, 'きょうだい'
    FROM parent_of a JOIN parent_of b ON a.member_key = b.member_key AND a.person_key <> b.person_key
    JOIN people c ON c.person_key = a.person_key WHERE c.is_child
)
SELECT person_key AS child_key, member_key, relation FROM relation ORDER BY ALL
"""
