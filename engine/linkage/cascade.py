"""Rows without a number, linked to people by name, birth date and address: six rules, the most certain first.

The first rule with exactly one candidate wins. Two candidates, or two rows that claim one person with different names
or birth dates, decide nothing: they are held for a person to look at. People under DV等支援措置 stand in the register
only so that a row about them is recognised and put aside.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from engine.linkage.directory import Directory
from engine.linkage.workbench import workbench
from engine.records.linked import LinkStatus


@dataclass(frozen=True)
class Rule:
    """One way of recognising a person: the condition that joins a source identity `s` to a resident `r`.

    `elsewhere`: the rule asks nothing about the address, so it does not apply to a row whose address is in another city.
    """

    name: str
    words: str
    condition: str
    elsewhere: bool = False


_ADDRESS = "s.place IN (r.place, r.base)"
RULES: tuple[Rule, ...] = (
    Rule("D1", "漢字氏名・生年月日・住所", f"s.kanji = r.kanji AND s.born_on = r.born_on AND {_ADDRESS}"),
    Rule("D2", "漢字氏名・カナ・生年月日", "s.kanji = r.kanji AND s.kana = r.kana AND s.born_on = r.born_on", True),
    Rule("D3", "漢字氏名・生年月日", "s.kanji = r.kanji AND s.born_on = r.born_on", True),
    Rule("D4", "カナ・生年月日(・性別)", "s.kana = r.kana AND s.born_on = r.born_on", True),
    Rule("D5", "名のカナ・生年月日・住所", f"s.given = r.given AND s.born_on = r.born_on AND {_ADDRESS}"),
    Rule("D6", "カナ・住所・生年", f"s.kana = r.kana AND year(s.born_on) = year(r.born_on) AND {_ADDRESS}"),
)
_PROPOSALS: tuple[Rule, ...] = (
    Rule("R1", "カナ(長音・濁点の違いあり)・生年月日", "s.weak = r.weak AND s.born_on = r.born_on"),
    Rule("R2", "名のカナ・生年月日", "s.given = r.given AND s.born_on = r.born_on AND s.known IS DISTINCT FROM false"),
    Rule("R3", "カナ・住所", f"s.kana = r.kana AND {_ADDRESS}"),
)


@dataclass(frozen=True)
class Decisions:
    """What was decided for each distinct identity of a delivery, in the order of its identities.

    `key`: the linked subject or the single protected candidate's, else null; `status`: a `LinkStatus` value; `rule`: the
    rule that decided; `candidates`: keys a reviewer should see (never a protected person's); `concerns`: all keys
    whose facts may be missing because of this identity.
    """

    key: pa.Array
    status: pa.Array
    rule: pa.Array
    candidates: pa.Array
    concerns: pa.Array


def link_people(identities: pa.Table, directory: Directory) -> Decisions:
    """Decide for each distinct identity of a delivery which resident it is, if any."""
    has_kanji = "name_kanji" in identities.column_names
    residents = directory.residents_with_kanji if has_kanji else directory.residents
    with workbench({"source": directory.source_keys(identities), "resident": residents}) as connection:
        connection.execute(
            "CREATE TABLE hit (id BIGINT, key VARCHAR, status VARCHAR, rule VARCHAR, candidates VARCHAR[])"
        )
        for rule in RULES:
            if "kanji" in rule.condition and not has_kanji:
                continue
            connection.execute(_hit_sql(rule, LinkStatus.AUTOMATIC))
        connection.execute(_DOUBLE_CLAIMS, {"automatic": LinkStatus.AUTOMATIC.value, "held": LinkStatus.HELD.value})
        for rule in _PROPOSALS:
            connection.execute(_hit_sql(rule, LinkStatus.HELD))
        return read_decisions(connection)


def _hit_sql(rule: Rule, status: LinkStatus) -> str:
    # A candidate of the other sex is no candidate, where both are known. A protected candidate settles the row at once.
    at_home = "AND s.known IS DISTINCT FROM false" if rule.elsewhere else ""
    return f"""
    INSERT INTO hit
    WITH candidate AS (
        SELECT DISTINCT s.id, r.person_key, r.protected FROM source s JOIN resident r ON {rule.condition}
        WHERE (s.sex IS NULL OR r.sex IS NULL OR s.sex = r.sex) {at_home}
            AND s.id NOT IN (SELECT id FROM hit)
    )
    SELECT id, CASE WHEN count(*) = 1 THEN min(person_key) END,
        CASE WHEN bool_or(protected) THEN '{LinkStatus.PROTECTED.value}'
             WHEN count(*) = 1 THEN '{status.value}' ELSE '{LinkStatus.HELD.value}' END,
        '{rule.name} {rule.words}', list(person_key ORDER BY person_key)
    FROM candidate GROUP BY id
    """


# Claims contradict when the folded names or the birth dates differ. A moved address does not contradict.
_DOUBLE_CLAIMS = """
UPDATE hit SET status = $held, rule = rule || '(同じ人に異なる氏名・生年月日の行)' WHERE status = $automatic AND key IN (
    SELECT h.key FROM hit h JOIN source s ON s.id = h.id WHERE h.status = $automatic
    GROUP BY h.key HAVING count(DISTINCT (s.kanji, s.kana, s.born_on, s.sex)) > 1
)
"""


def read_decisions(connection: duckdb.DuckDBPyConnection) -> Decisions:
    """Decisions for every source identity, those without any candidate included; from tables `source` and `hit`."""
    found = connection.execute(
        f"""
        SELECT CASE WHEN h.status = '{LinkStatus.AUTOMATIC.value}' THEN h.key END AS key,
            coalesce(h.status, '{LinkStatus.UNLINKED.value}') AS status, coalesce(h.rule, '') AS rule,
            CASE WHEN h.status = '{LinkStatus.HELD.value}' THEN h.candidates ELSE [] END AS candidates,
            CASE WHEN h.status <> '{LinkStatus.AUTOMATIC.value}' THEN h.candidates ELSE [] END AS concerns
        FROM source s LEFT JOIN hit h ON h.id = s.id ORDER BY s.id
        """
    ).to_arrow_table()
    return Decisions(*(found[name].combine_chunks() for name in ("key", "status", "rule", "candidates", "concerns")))
