"""The rule files of a past run, as they lie in its record: checked against their hashes, then read like a workspace's."""

from __future__ import annotations

from datetime import date

from engine.audit.run_record import RunRecord
from engine.kernel.errors import KizukiError, Place, Problem
from kizuki.rule_files import RuleFiles, load_rule_files
from kizuki.settings import Workspace


def load_past_rules(run: RunRecord, as_of: date) -> RuleFiles:
    """What a run judged with, as of a day.

    Raises KizukiError: E-STORE-21 where a file is not what was recorded, E-RUN-07 where none was recorded, E-RUN-08 where
    this version of kizuki no longer understands them.
    """
    place = Place(f"runs/{run.run_id}")
    texts = run.rules()
    if not texts:
        raise KizukiError(
            Problem(
                place,
                "E-RUN-07",
                "この実行の記録には、使ったルールの本文が残っていません(本文を残す前の kizuki でつくられた記録です)。",
                "そのときのルールと比べることができません。",
                "`kizuki run` をもう一度実行すると、新しい記録に本文が残ります。",
            )
        )
    try:
        return load_rule_files(Workspace(run.rules_folder), as_of)
    except KizukiError as error:
        first = error.problems[0]
        raise KizukiError(
            Problem(
                place,
                "E-RUN-08",
                f"この実行で使ったルールを、いまの kizuki は読めません({first.place} {first.code} {first.what.rstrip('。')}"
                f"{f'ほか{len(error.problems) - 1}件' if len(error.problems) > 1 else ''})。",
                "そのときのルールと比べることができません。",
                "記録した版の kizuki を使うか、`kizuki run` をもう一度実行して新しい記録と比べてください。",
            )
        ) from None
