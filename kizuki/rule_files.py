"""Everything a city edits, loaded and checked together before any work starts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from engine.evaluate.plan import Plan, make_plan
from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.layout import Layout, load_layouts
from engine.records.vocabulary import Vocabulary, load_vocabulary
from engine.rulebook.load import load_rulebooks
from engine.rulebook.model import RulebookSet
from engine.tiers.policy import TierPolicy, load_policy
from kizuki.settings import Workspace

T = TypeVar("T")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class RuleFiles:
    """Vocabulary, source layouts, rulebooks in force on a day, tier policy, and the plan of all conditions."""

    vocabulary: Vocabulary
    layouts: Mapping[str, Layout]
    rulebooks: RulebookSet
    policy: TierPolicy
    plan: Plan


def load_rule_files(workspace: Workspace, as_of: date) -> RuleFiles:
    """Load and check all of them. Raises KizukiError with every fault of every file at once."""
    vocabulary = load_vocabulary(workspace.vocabulary, workspace.root)
    problems: list[Problem] = []
    layouts = _or_problems(lambda: load_layouts(workspace.sources, vocabulary, workspace.root), problems)
    rulebooks = _or_problems(
        lambda: load_rulebooks(workspace.rulebooks, vocabulary, as_of=as_of, root=workspace.root), problems
    )
    policy = _or_problems(lambda: load_policy(workspace.tiers, workspace.root), problems)
    if layouts is None or rulebooks is None or policy is None:
        raise KizukiError(problems)
    written = {s.id for s in rulebooks.scenarios} | {n for book in rulebooks.rulebooks for n in book.not_in_force}
    unknown = sorted(policy.always_active - written)
    if unknown:
        raise KizukiError(
            Problem(
                Place("rulebooks/tiers.yaml", field="必ず①にするシナリオ"),
                "E-TIER-07",
                f"シナリオ {'・'.join(unknown)} はどのルールブックにもありません。",
                "①にするはずのこどもを見落とすおそれがあります。",
                "番号を確かめるか、この一覧から外してください。",
            )
        )
    return RuleFiles(vocabulary, layouts, rulebooks, policy, make_plan(rulebooks, vocabulary))


def _or_problems(load: Callable[[], T], problems: list[Problem]) -> T | None:
    try:
        return load()
    except KizukiError as error:
        problems += error.problems
        return None


def _is_csv(path: Path) -> bool:
    return path.suffix.lower() == ".csv" and path.is_file()


def newest_day(workspace: Workspace) -> date:
    """The newest as-of day in the deliveries folder: of the folders named YYYY-MM-DD that hold a CSV file.

    Raises KizukiError (E-RUN-03) when there is none.
    """
    days = []
    for path in workspace.deliveries.glob("*"):
        # Folders without a file, plain files and other ways to write a day must not move the day of a run.
        if not _DAY.fullmatch(path.name) or not path.is_dir() or not any(_is_csv(file) for file in path.iterdir()):
            continue
        try:
            days.append(date.fromisoformat(path.name))
        except ValueError:
            continue  # the intake reports folders that are no day
    if not days:
        raise KizukiError(
            Problem(
                Place("deliveries"),
                "E-RUN-03",
                "受領データのフォルダがありません。",
                "判定するデータがありません。",
                "deliveries に「2026-11-20」のような基準日のフォルダをつくり、CSVを入れてください。",
            )
        )
    return max(days)
