"""The rule files of a past run, as they lie in its record: checked against their hashes, then read like a workspace's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from engine.audit.run_record import RunRecord
from engine.kernel.errors import KizukiError, Place, Problem
from kizuki.rules.files import RuleFiles, Words, load_rule_files, load_words
from kizuki.settings import Workspace

T = TypeVar("T")


def load_past_words(run: RunRecord) -> Words:
    """How a run read its facts. Raises KizukiError as `load_past_rules`."""
    _require_texts(run)
    return _understood(run, lambda: load_words(Workspace(run.rules_folder)))


def load_past_rules(run: RunRecord, as_of: date, like: Words | None = None) -> RuleFiles:
    """What a run judged with, as of a day. `like`: see `load_rule_files`.

    Raises KizukiError: E-STORE-21 where a file is not what was recorded, E-RUN-07 where none was recorded, E-RUN-08 where
    this version of kizuki no longer understands them.
    """
    _require_texts(run)
    return _understood(run, lambda: load_rule_files(Workspace(run.rules_folder), as_of, like))


def _require_texts(run: RunRecord) -> None:
    if not run.rules():
        raise KizukiError(
            Problem(
                Place(f"runs/{run.run_id}"),
                "E-RUN-07",
                "この実行の記録には、使ったルールの本文が残っていません(本文を残す前の kizuki でつくられた記録です)。",
                "そのときのルールと比べることができません。",
                "`kizuki run` をもう一度実行すると、新しい記録に本文が残ります。",
            )
        )


def _understood(run: RunRecord, load: Callable[[], T]) -> T:
    try:
        return load()
    except KizukiError as error:
        first = error.problems[0]
        raise KizukiError(
            Problem(
                Place(f"runs/{run.run_id}"),
                "E-RUN-08",
                f"この実行で使ったルールを、いまの kizuki は読めません({first.place} {first.code} {first.what.rstrip('。')}"
                f"{f'、ほか{len(error.problems) - 1}件' if len(error.problems) > 1 else ''})。",
                "そのときのルールと比べることができません。",
                "記録した版の kizuki を使うか、`kizuki run` をもう一度実行して新しい記録と比べてください。",
            )
        ) from None
