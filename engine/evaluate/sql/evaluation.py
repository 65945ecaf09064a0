"""Truth for every child at once: the plan as SQL over the tables of a snapshot.

The SQL is built from the same trees as the reference interpreter, never optimised, and can be written out for an
auditor. Each record table is read once for each role of its subjects; all sentences share that reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from engine.evaluate.plan import Plan
from engine.evaluate.sql.statements import statements
from engine.rulebook.language.printer import to_japanese

if TYPE_CHECKING:
    from engine.store.tables import Snapshot


def evaluate_all(snapshot: Snapshot, plan: Plan) -> pa.Table:
    """Judge every child (`is_child`) of a snapshot.

    One row per child in order of `child_key`; then for each scenario two BOOLEAN columns, its 番号 (met) and
    `<番号>_cancelled`, and for each condition of the plan one, `c1` … `cn`. Null is unknown, never "no".

    Leaves the temporary tables `truth` (child_key, c1 … cn) and `scenario_truth` (child_key and the scenarios) in the
    snapshot's connection, replacing those of an earlier evaluation. Raises ValueError if plan and snapshot are of
    different days.
    """
    if snapshot.as_of != plan.as_of:
        raise ValueError("the plan and the snapshot are of different days")
    connection = snapshot.connection
    made: list[str] = []
    try:
        for statement in statements(plan):
            connection.execute(f'CREATE OR REPLACE TEMP TABLE "{statement.table}" AS {statement.query}')
            made.append(statement.table)
            for table in statement.frees:
                connection.execute(f'DROP TABLE "{table}"')
                made.remove(table)
    finally:
        for table in made:
            if table not in ("truth", "scenario_truth"):
                connection.execute(f'DROP TABLE "{table}"')
    query = "SELECT * FROM scenario_truth JOIN truth USING (child_key) ORDER BY child_key"
    return connection.execute(query).to_arrow_table()


def sql_text(plan: Plan) -> str:
    """The whole evaluation as a script for an auditor, each condition beside its sentence; dates are literals."""
    parts = [f"-- 基準日 {plan.as_of.isoformat()}: 条件{len(plan.conditions)}件、シナリオ{len(plan.scenarios)}件"]
    for number, sentence in enumerate(plan.conditions, start=1):
        parts.append(f"-- c{number}: {to_japanese(sentence, plan.vocabulary)}")
    for planned in plan.scenarios:
        parts.append(f"-- {planned.id}: {' '.join(planned.scenario.name.split())}")  # a name is no line of SQL
    parts += [f"CREATE TEMP TABLE {st.table} AS\n{st.query};" for st in statements(plan, pretty=True)]
    return "\n".join(parts) + "\n"
