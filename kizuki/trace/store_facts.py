"""The facts of children who are not on the list: the deliveries of the run are opened again and the child is judged anew.

The record keeps facts of listed children only. What is shown from the store is shown as such, and only where every sentence is answered as
the record says.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.audit.run_record import RunRecord
from engine.evaluate.explanation.child import ChildExplanation, explain_child, origins_of
from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.household import Household
from engine.store.households import load_households
from engine.store.tables import Snapshot
from kizuki.past_facts import open_past_snapshot
from kizuki.rules.past import load_past_rules
from kizuki.settings import Processing, Workspace
from reports.trace.answers import Judged
from reports.trace.make import Explained, Tracer


def explain_from_store(
    workspace: Workspace, processing: Processing, tracer: Tracer, wanted: str
) -> tuple[tuple[str, ...], Mapping[str, Explained]]:
    """The children meant, and each of them explained from the deliveries that the run used.

    Raises KizukiError: E-RUN-02 for a number that nobody has; E-RUN-22 where it is somebody who is no child, or whose birth date is not
    known, and was not judged; E-RUN-23 where the answers are not those of the record; E-RUN-07 to -09 where run and store do not fit.
    """
    run = tracer.run
    rules = load_past_rules(run, run.as_of)
    with open_past_snapshot(workspace, processing, run, rules.vocabulary, rules.layouts) as snapshot:
        try:
            keys = tracer.meant(wanted)
        except KizukiError:
            if reason := _not_judged(snapshot, wanted):
                raise KizukiError(_unjudged(run, reason)) from None
            raise
        households = load_households(snapshot, keys)
        origins = origins_of(snapshot.deliveries, rules.layouts)
        found: dict[str, Explained] = {}
        for key in keys:
            explanation = explain_child(rules.plan, households[key], rules.layouts, origins)
            _require_agreement(run, tracer.answered.child(key), explanation)
            found[key] = _explained(households[key], explanation)
    return keys, found


def _explained(household: Household, explanation: ChildExplanation) -> Explained:
    return Explained(
        household.child.age_years,
        household.child.school_grade,
        explanation.results,
        explanation.missing,
        explanation.to_check,
        explanation.supports,
    )


def _require_agreement(run: RunRecord, judged: Judged, explanation: ChildExplanation) -> None:
    """Every sentence, or in a record that kept none every scenario, is answered as the record says."""
    recorded: list[object] = [*judged.sentences.items()]
    now: list[object] = [*enumerate(explanation.truths, start=1)]
    if not recorded:
        recorded = [*judged.scenarios.items()]
        now = [(result.scenario_id, (result.truth, result.cancelled)) for result in explanation.results]
    differing = sum(each not in now for each in recorded) + max(0, len(now) - len(recorded))
    if differing:
        raise KizukiError(_other_answers(run, differing))


def _not_judged(snapshot: Snapshot, wanted: str) -> str:
    """Why a person of the register was not judged; empty for a number that nobody has."""
    rows = snapshot.connection.execute(
        "SELECT is_child FROM person WHERE starts_with(person_key, $key)", {"key": wanted.strip().upper()}
    ).fetchall()
    if len(wanted.strip()) < 6 or not rows:
        return ""
    if any(is_child is None for (is_child,) in rows):
        return "生年月日が読めず、こどもかどうか分からないため、判定されていません。"
    return "この実行の基準日に、18歳未満で住んでいるこどもではないため、判定されていません。"


def _unjudged(run: RunRecord, reason: str) -> Problem:
    return Problem(
        Place(f"runs/{run.run_id}"),
        "E-RUN-22",
        f"この整理番号の人は住民記録にいますが、{reason}",
        "示す判定がありません。",
        "生年月日が読めないときは、住民記録の担当課に確かめ、届き直したデータでもう一度実行してください。",
    )


def _other_answers(run: RunRecord, differing: int) -> Problem:
    return Problem(
        Place(f"runs/{run.run_id}"),
        "E-RUN-23",
        f"保管庫のデータで判定し直すと、{differing}か所の答えが記録と違います。",
        "違う答えの根拠を、この記録の根拠として示すことはできません。",
        f"`kizuki audit verify {run.run_id}` で、どこが違うかを確かめてください。",
    )
