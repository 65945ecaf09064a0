"""`kizuki rules schema`: the JSON Schema with which an editor helps to write rulebooks."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from engine.kernel.durable import write_whole
from engine.records.layout import load_layouts
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.authoring.schema import SCHEMA_FILE, rulebook_schema, schema_text
from kizuki.settings import Workspace, open_workspace


def write_schema(folder: Path, out: Path | None, console: Console) -> Path:
    """Write the schema of a workspace's vocabulary beside its rulebooks, or to `out`; say where it is and how it is used."""
    workspace, _ = open_workspace(folder)
    path = write_whole(out or workspace.rulebooks / SCHEMA_FILE, schema_of(workspace))
    console.print(f"書き出しました: {path.resolve()}", markup=False)
    console.print(
        f"ルールブックの1行目に「# yaml-language-server: $schema={path.name}」と書くと、"
        "VS Code(YAML拡張)などで入力候補と説明が出ます。",
        markup=False,
    )
    console.print("項目台帳(fields.yaml)か取り込み定義(sources/)を直したら、つくり直してください。")
    return path


def schema_of(workspace: Workspace) -> bytes:
    """The schema as a file's content. Raises KizukiError with every fault of fields.yaml and the source layouts."""
    vocabulary = load_vocabulary(workspace.vocabulary, workspace.root)
    layouts = load_layouts(workspace.sources, vocabulary, workspace.root)
    labels = {source: layout.label for source, layout in layouts.items()}
    return schema_text(rulebook_schema(vocabulary, labels)).encode()
