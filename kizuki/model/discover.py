"""`kizuki model discover`: drafts of scenarios from the city's own records, and a paper that tells what was found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import count
from pathlib import Path

from rich.console import Console

from engine.kernel.durable import write_whole
from engine.records.case import HARDSHIP_LABELS
from engine.rulebook.authoring.scaffold import hardship_type_of
from engine.store.snapshot import open_snapshot
from kizuki.model.material import definition_of
from kizuki.progress import Stages
from kizuki.rules.files import load_rule_files, newest_day
from kizuki.settings import Workspace, open_workspace
from ml_overlay.cohorts.days import PastDays
from ml_overlay.discovery.drafts import Desk, draft_scenarios
from ml_overlay.discovery.gathering import gather
from ml_overlay.discovery.paper import TypeResult, write_paper
from ml_overlay.discovery.search import search

DRAFTS = "drafts"


def discover_scenarios(
    folder: Path, type_words: Sequence[str], as_of: date | None, out: Path | None, console: Console
) -> tuple[Path, ...]:
    """Search every type (or those named), write a draft file for each that has drafts, and the paper; tell the paths.

    Nothing under `rulebooks/` is written. Raises KizukiError with the faults of the rule files, E-RULE-61 for a type that there is not, E-RUN-03 without deliveries,
    E-MODEL-40 without a model.yaml.
    """
    kinds = tuple(dict.fromkeys(hardship_type_of(word) for word in type_words)) or tuple(HARDSHIP_LABELS)
    workspace, settings = open_workspace(folder)
    stages = Stages(console)
    with stages.stage("ルールと項目台帳を読んでいます"):
        rules = load_rule_files(workspace, as_of or newest_day(workspace))
    definition = definition_of(rules)
    day = rules.rulebooks.as_of
    limits = {"threads": settings.processing.threads, "memory_limit": settings.processing.memory}
    with (
        stages.stage("記録を開いています"),
        open_snapshot(workspace.store, rules.vocabulary, rules.layouts, day, **limits) as newest,  # type: ignore[arg-type]
    ):
        days = PastDays(
            newest, rules.layouts, workspace.store, None, settings.processing.memory, settings.processing.threads
        )
        with stages.stage("過去の時点の記録を集めています"):
            materials, without = gather(
                days,
                rules.plan,
                rules.rulebooks,
                definition,
                kinds,
                lambda text: console.print(f"  {text}", markup=False, highlight=False),
            )
    labels = {source: layout.label for source, layout in rules.layouts.items()}
    desk = Desk(rules.texts, rules.rulebooks, rules.vocabulary, labels)
    written: list[Path] = []
    results: dict[str, TypeResult] = {}
    for kind, material in materials.items():
        with stages.stage(f"{HARDSHIP_LABELS[kind]}: 組み合わせを調べています"):
            found = search(material.evidence, material.bank)
        with stages.stage(f"{HARDSHIP_LABELS[kind]}: 下書きを書き、ルールの確認と試験にかけています"):
            drafted = draft_scenarios(material, found, desk, day)
        file = None
        if drafted.text:
            file = _path_of(workspace, kind, day, drafted.text)
            written.append(write_whole(file, drafted.text.encode()))
        results[kind] = TypeResult(material, drafted, file.relative_to(workspace.root).as_posix() if file else None)
        console.print(f"{HARDSHIP_LABELS[kind]}: 下書き{len(drafted.drafts)}件", markup=False)
    for kind, reason in without.items():
        console.print(f"{HARDSHIP_LABELS[kind]}: 下書きはありません。{reason}", markup=False)
    paper = out or workspace.out / f"シナリオの下書き-{day.isoformat()}.md"
    text = write_paper(results, without, rules.vocabulary, day, settings.city.name)
    written.append(write_whole(paper, text.encode()))
    for path in written:
        console.print(f"書き出しました: {path.resolve()}", markup=False)
    _tell_next_steps(console, bool(results) and any(result.file for result in results.values()))
    return tuple(written)


def _path_of(workspace: Workspace, kind: str, day: date, text: str) -> Path:
    """Where the drafts of a type lie: outside the rulebooks. What lies there already may have been edited, and is left as it is."""
    folder = workspace.root / DRAFTS
    for number in count(1):
        path = folder / f"{kind}-{day.isoformat()}{f'-{number}' if number > 1 else ''}.yaml"
        if not path.exists() or path.read_bytes() == text.encode():
            return path
    raise AssertionError("counting never ends")


def _tell_next_steps(console: Console, any_drafts: bool) -> None:
    if not any_drafts:
        return
    console.print("下書きは判定に使われません。使うときは:")
    console.print(
        "  1. 残したいシナリオを、その類型のルールブック(rulebooks/…)の最後に写し、（ここに…）と名前・ねらいを書く",
        markup=False,
    )
    console.print("  2. `kizuki rules check` と `kizuki rules test` で確かめる", markup=False)
    console.print("  3. `kizuki rules impact` で、だれが一覧に入るかを見る", markup=False)
    console.print("  4. `kizuki rules approve` で承認を受ける(それまで判定には使われません)", markup=False)
