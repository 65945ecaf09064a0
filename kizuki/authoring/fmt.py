"""`kizuki rules fmt`: rulebook files in their canonical form."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.strict_yaml import read_yaml
from engine.records.case import HARDSHIP_LABELS
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.authoring.formatting import format_rulebook, thresholds_of
from kizuki.settings import Workspace, open_workspace


def format_rules(folder: Path, files: Sequence[Path], *, check: bool, console: Console) -> bool:
    """Format the files (default: the six rulebooks); with `check` only tell which would change. True if none would.

    A file with faults stays as it is, the sound ones are formatted all the same; then KizukiError tells every fault.
    """
    workspace, _ = open_workspace(folder)
    vocabulary = load_vocabulary(workspace.vocabulary, workspace.root)
    paths = [workspace.rulebooks / f"{name}.yaml" for name in HARDSHIP_LABELS]
    asked = [_found(workspace, file) for file in files] or paths
    problems: list[Problem] = []
    texts: dict[Path, str] = {}
    for path in dict.fromkeys([*paths, *asked]):
        try:
            read_yaml(path, workspace.root)  # its encoding and YAML are sound, or every fault is told
            texts[path] = path.read_bytes().decode("utf-8-sig")
        except KizukiError as error:
            problems += error.problems if path in asked else ()
    thresholds = thresholds_of({str(path): text for path, text in texts.items()}, vocabulary)
    changed = 0
    for path in (path for path in asked if path in texts):
        shown = _shown(workspace, path)
        try:
            result = format_rulebook(texts[path], shown, vocabulary, thresholds).encode()
        except KizukiError as error:
            problems += error.problems
            continue
        if result == path.read_bytes():
            console.print(f"○ {shown}  整っています。", markup=False)
            continue
        changed += 1
        if check:
            console.print(f"△ {shown}  整えると変わります。", markup=False)
        else:
            write_whole(path, result)
            console.print(f"○ {path.resolve()}  整えました。", markup=False)
    if problems:
        raise KizukiError(problems)
    if check and changed:
        console.print("`kizuki rules fmt` で整えられます(意味は変わりません)。", markup=False)
    return not (check and changed)


def _found(workspace: Workspace, file: Path) -> Path:
    """A file as given, or by its name in the rulebooks folder (young_carer, young_carer.yaml)."""
    if file.is_file():
        return file
    inside = workspace.rulebooks / (file.name if file.suffix else f"{file.name}.yaml")
    if inside.is_file():
        return inside
    raise KizukiError(
        Problem(
            Place(str(file)),
            "E-YAML-07",
            "ファイルがありません。",
            "このファイルがないと処理を始められません。",
            "ファイルを戻すか、名前を確かめてください。",
        )
    )


def _shown(workspace: Workspace, path: Path) -> str:
    return str(path.relative_to(workspace.root)) if path.is_relative_to(workspace.root) else path.name
