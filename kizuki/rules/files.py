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
from engine.kernel.strict_yaml import read_yaml
from engine.records.case import HARDSHIP_LABELS
from engine.records.layout import Layout, load_layouts
from engine.records.vocabulary import Vocabulary, load_vocabulary
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.files.texts import read_book_text
from engine.rulebook.model import RulebookSet
from engine.rulebook.versions.approval import (
    APPROVALS,
    TO_BE_APPROVED,
    ApprovalBook,
    Content,
    content_of,
    read_approvals,
    unapproved,
)
from engine.tiers.policy import TierPolicy, load_policy
from kizuki.settings import Workspace
from ml_overlay.cohorts.definition import ModelDefinition, load_definition

T = TypeVar("T")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class RuleFiles:
    """Vocabulary, source layouts, rulebooks in force on a day, tier policy, the plan of all conditions, and what a model
    learns from (`model`; None in a workspace or record from before there were models).

    `texts`: the bytes of every file that was read, by its path in the workspace. `contents`: those that need approval, and
    `approvals` the book in which it stands; whether they are approved is asked by whoever runs a week (`require_approval`).
    """

    vocabulary: Vocabulary
    layouts: Mapping[str, Layout]
    rulebooks: RulebookSet
    policy: TierPolicy
    plan: Plan
    texts: Mapping[str, bytes]
    contents: tuple[Content, ...]
    approvals: ApprovalBook
    model: ModelDefinition | None = None

    @property
    def words(self) -> Words:
        """Vocabulary and layouts alone."""
        return Words(self.vocabulary, self.layouts, _word_texts(self.texts))


@dataclass(frozen=True)
class Words:
    """Vocabulary and source layouts: how deliveries become facts, and what rules may speak of. `texts` as in RuleFiles."""

    vocabulary: Vocabulary
    layouts: Mapping[str, Layout]
    texts: Mapping[str, bytes]


def load_words(workspace: Workspace) -> Words:
    """Only what is needed to open a snapshot. Raises KizukiError with every fault."""
    texts = _word_texts(read_rule_texts(workspace))
    vocabulary = load_vocabulary(workspace.vocabulary, workspace.root)
    return Words(vocabulary, load_layouts(workspace.sources, vocabulary, workspace.root), texts)


def load_rule_files(workspace: Workspace, as_of: date, like: Words | None = None) -> RuleFiles:
    """Load and check all of them. Raises KizukiError with every fault of every file at once.

    `like`: words read before, which are taken as they are if their files are byte for byte the same; then sentences that
    were read with them need not be read again.
    """
    texts = read_rule_texts(workspace)
    words = like if like is not None and like.texts == _word_texts(texts) else None
    problems: list[Problem] = []
    vocabulary = (
        words.vocabulary
        if words
        else _or_problems(lambda: load_vocabulary(workspace.vocabulary, workspace.root), problems)
    )
    if vocabulary is None:
        raise KizukiError([*problems, *_faults_without_words(workspace)])
    layouts = (
        words.layouts
        if words
        else _or_problems(lambda: load_layouts(workspace.sources, vocabulary, workspace.root), problems)
    )
    rulebooks = _or_problems(
        lambda: load_rulebooks(workspace.rulebooks, vocabulary, as_of=as_of, root=workspace.root), problems
    )
    policy = _or_problems(lambda: load_policy(workspace.tiers, workspace.root), problems)
    approvals = _or_problems(lambda: read_approvals(workspace.approvals, workspace.root), problems)
    faults = len(problems)
    model = _or_problems(lambda: _load_model(workspace, vocabulary), problems)
    if len(problems) > faults or layouts is None or rulebooks is None or policy is None or approvals is None:
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
    if texts != read_rule_texts(workspace):
        raise KizukiError(
            Problem(
                Place("rulebooks"),
                "E-RUN-06",
                "読み込んでいる間に、ルールのファイルが書き換えられました。",
                "どの内容で判定したかを記録に残せません。",
                "編集を終えて保存してから、もう一度実行してください。",
            )
        )
    versions = {f"{book.hardship_type}.yaml": book.version for book in rulebooks.rulebooks}
    versions |= {workspace.tiers.name: policy.version, workspace.vocabulary.name: vocabulary.version}
    if model is not None:
        versions[workspace.model_definition.name] = model.version
    contents = tuple(
        content_of(name, versions[name], texts[f"rulebooks/{name}"], f"rulebooks/{name}")
        for name in TO_BE_APPROVED
        if name in versions
    )
    plan = make_plan(rulebooks, vocabulary)
    return RuleFiles(vocabulary, layouts, rulebooks, policy, plan, texts, contents, approvals, model)


def _load_model(workspace: Workspace, vocabulary: Vocabulary) -> ModelDefinition | None:
    path = workspace.model_definition
    return load_definition(path, vocabulary, workspace.root) if path.is_file() else None


def _faults_without_words(workspace: Workspace) -> list[Problem]:
    """What can be told of the other files while fields.yaml has faults: their structure, but no sentence."""
    problems: list[Problem] = []
    for hardship_type in HARDSHIP_LABELS:
        problems += read_book_text(workspace.rulebooks / f"{hardship_type}.yaml", hardship_type, workspace.root)[1]
    for path in sorted(workspace.sources.glob("*.yaml")):
        _or_problems(lambda path=path: read_yaml(path, workspace.root), problems)  # type: ignore[misc]
    _or_problems(lambda: load_policy(workspace.tiers, workspace.root), problems)
    _or_problems(lambda: read_approvals(workspace.approvals, workspace.root), problems)
    if workspace.model_definition.is_file():
        _or_problems(lambda: read_yaml(workspace.model_definition, workspace.root), problems)
    problems.append(
        Problem(
            Place("rulebooks/fields.yaml"),
            "E-VOCAB-06",
            "項目台帳に誤りがあるので、条件の文と取り込み定義の中身はまだ調べていません。",
            "使えることばが決まりません。",
            "項目台帳を直すと、残りも調べます。",
        )
    )
    return problems


def read_rule_texts(workspace: Workspace) -> dict[str, bytes]:
    """The bytes of every file that decides how people are judged, by path in the workspace; what is missing is left out."""
    paths = [workspace.rulebooks / name for name in (*TO_BE_APPROVED, APPROVALS)]
    paths += sorted(workspace.sources.glob("*.yaml"))
    return {path.relative_to(workspace.root).as_posix(): path.read_bytes() for path in paths if path.is_file()}


def _word_texts(texts: Mapping[str, bytes]) -> dict[str, bytes]:
    return {n: text for n, text in texts.items() if n.startswith("sources/") or n == "rulebooks/fields.yaml"}


def require_approval(rules: RuleFiles) -> None:
    """Raise KizukiError (E-RULE-50, -51) unless exactly these contents are approved."""
    if problems := list(unapproved(rules.approvals, rules.contents)):
        raise KizukiError(problems)


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
