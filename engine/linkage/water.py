"""Water users, linked to households by the user's kana name and the place of use; neither alone is enough.

A name without its address hits a stranger in one case of twelve, and an address outlives its tenants, so either alone
is only a proposal to a person. Firms and landlords stay unlinked. Households with a protected member are never joined.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from engine.linkage.cascade import Decisions, read_decisions
from engine.linkage.directory import Directory
from engine.linkage.normalise import is_corporate, map_distinct
from engine.linkage.register import column
from engine.linkage.workbench import workbench
from engine.records.linked import LinkStatus

_NAME = "s.kana = r.kana"
# A user written without a space may be a surname alone.
_SURNAME = "coalesce(s.surname, s.kana) = r.surname"
_AUTOMATIC = (
    ("W1", "使用者名・使用場所", f"{_NAME} AND s.place = r.place"),
    ("W2", "使用者名・使用場所(部屋番号なし)", f"{_NAME} AND s.place = r.base"),
    ("W3", "使用者の姓・使用場所", f"{_SURNAME} AND s.place = r.place"),
    ("W4", "使用者の姓・使用場所(部屋番号なし)", f"{_SURNAME} AND s.place = r.base"),
)
_PROPOSALS = (
    ("R4", "使用者名・住所の一部", f"{_NAME} AND (s.place = r.base OR starts_with(s.place, r.base || '-'))"),
    ("R5", "使用場所だけ", "s.place = r.place"),
)


def link_households(identities: pa.Table, directory: Directory) -> Decisions:
    """Decide for each distinct (meter, user, place) which household it is, if any.

    Two users of different name who would share one household by equally good rules contradict each other, and both are
    held; a full name beats a bare surname.
    """
    (firm,) = map_distinct(column(identities, "name_kana"), lambda name: ("1" if is_corporate(name) else "0",), 1)
    source = directory.source_keys(identities).append_column("firm", pc.fill_null(pc.equal(firm, "1"), False))
    with workbench({"source": source, "resident": directory.residents}) as connection:
        connection.execute(
            "CREATE TABLE hit (id BIGINT, key VARCHAR, status VARCHAR, rule VARCHAR, candidates VARCHAR[])"
        )
        for name, words, condition in _AUTOMATIC:
            connection.execute(_hit_sql(name, words, condition, LinkStatus.AUTOMATIC))
        connection.execute(_DOUBLE_CLAIMS, {"automatic": LinkStatus.AUTOMATIC.value, "held": LinkStatus.HELD.value})
        for name, words, condition in _PROPOSALS:
            connection.execute(_hit_sql(name, words, condition, LinkStatus.HELD))
        return read_decisions(connection)


def _hit_sql(name: str, words: str, condition: str, status: LinkStatus) -> str:
    return f"""
    INSERT INTO hit
    WITH candidate AS (
        SELECT DISTINCT s.id, r.household_key, r.protected FROM source s JOIN resident r ON {condition}
        WHERE NOT s.firm AND s.id NOT IN (SELECT id FROM hit)
    )
    SELECT id, CASE WHEN count(*) = 1 THEN min(household_key) END,
        CASE WHEN bool_or(protected) THEN '{LinkStatus.PROTECTED.value}'
             WHEN count(*) = 1 THEN '{status.value}' ELSE '{LinkStatus.HELD.value}' END,
        '{name} {words}', list(household_key ORDER BY household_key)
    FROM candidate GROUP BY id
    """


_DOUBLE_CLAIMS = """
WITH claim AS (
    SELECT h.id, h.key, s.kana, left(h.rule, 2) IN ('W1', 'W2') AS full_name
    FROM hit h JOIN source s ON s.id = h.id WHERE h.status = $automatic
), contradicted AS (
    SELECT key, bool_or(full_name) AS has_full_name, count(DISTINCT kana) FILTER (NOT full_name) AS surnames
    FROM claim GROUP BY key
)
UPDATE hit SET status = $held, rule = rule || '(同じ世帯に異なる使用者の行)'
WHERE id IN (
    SELECT c.id FROM claim c JOIN contradicted d ON d.key = c.key
    WHERE NOT c.full_name AND (d.has_full_name OR d.surnames > 1)
)
"""
