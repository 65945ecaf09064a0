"""`kizuki model status`, `evaluate` and `card`: what there is, how good it is, and its card to print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError, Place, Problem
from kizuki.model.approving import judged_of, reasons_to_stop
from kizuki.model.card_content import approval_content
from kizuki.settings import open_workspace
from ml_overlay.register.approvals import ModelBook, doubtful_entries, read_model_book
from ml_overlay.register.files import StoredModel, find_model, list_models, read_model
from reports.model_card import words
from reports.model_card.html import card_html


def show_status(folder: Path, console: Console) -> bool:
    """Which model is used since when and by whose word, which there are, and whether each is whole. False where the one in use is damaged."""
    workspace, _ = open_workspace(folder)
    book = read_model_book(workspace.models)
    now = book.in_use
    if now is None:
        console.print("いま使っているモデルはありません。ルールだけで判定しています。", markup=False)
    else:
        console.print(f"使っているモデル: {now.model_id}", markup=False)
        console.print(f"  {now.on.isoformat()}から  承認者 {now.by}  理由 {now.reason}", markup=False)
    whole = True
    names = list_models(workspace.models)
    console.print(f"つくってあるモデル: {len(names)}件", markup=False)
    for name in names:
        state = _state(workspace.models, name, book)
        console.print(f"  {name}  {state}", markup=False)
    if now is not None:
        try:
            read_model(workspace.models, now.model_id, now.sha256)
        except KizukiError as error:
            whole = False
            for problem in error.problems:
                console.print(str(problem), markup=False)
    for doubt in doubtful_entries(book):
        console.print(f"注意: {doubt}", markup=False)
    console.print(f"モデルのフォルダ: {workspace.models.resolve()}", markup=False)
    return whole


def _state(models: Path, name: str, book: ModelBook) -> str:
    try:
        found = find_model(models, name)
        stored = read_model(models, name, found.sha256)
    except KizukiError as error:
        return f"壊れています({'、'.join(sorted({problem.code for problem in error.problems}))})"
    entries = [e for e in book.entries if (e.model_id, e.sha256) == (name, found.sha256)]
    try:
        types = "・".join(one["label"] for one in judged_of(stored)[0]["types"])
    except KizukiError as error:
        types = (
            f"確かめた結果か説明書がそろわず、承認できません({'、'.join(sorted({problem.code for problem in error.problems}))})"
        )
    if not entries:
        return f"{types}(未承認)"
    used = book.in_use
    mark = "使用中" if used is not None and (used.model_id, used.sha256) == (name, found.sha256) else "前に使用"
    return f"{types}({mark}、{entries[-1].on.isoformat()} {entries[-1].by})"


def show_evaluation(folder: Path, model_id: str | None, console: Console) -> bool:
    """How good a model was on days that it had not seen, type by type. False where its evaluation says that it must not be used."""
    workspace, _ = open_workspace(folder)
    stored = _read(workspace.models, model_id)
    card, evaluation = judged_of(stored)
    console.print(f"{card['model_id']}  基準日 {card['as_of']}", markup=False)
    for one in card["types"] + card["not_used"]:
        for line in _type_lines(one):
            console.print(line, markup=False)
    for one in card["without"]:
        console.print(f"{one['label']}: モデルなし。{one['reason']}", markup=False)
    stop = reasons_to_stop(evaluation)
    for reason in stop:
        console.print(f"承認できません: {reason}", markup=False)
    console.print(f"くわしくは説明書: {(stored.files.folder / 'card.html').resolve()}", markup=False)
    return not stop


def _type_lines(one: Mapping[str, Any]) -> Iterator[str]:
    evaluation = one["evaluation"]
    yield f"{one['label']}  正例{one['positives']:,}行、学んだ行{one['rows']:,}、漏れの点検で外した特徴{len(one['refused'])}件"
    for row in evaluation["over_days"]:
        found = "、".join(
            f"先頭{c['capacity']:,}{'人' if c['unit'] == 'こども' else '世帯'}に{words.count(c['found'])}"
            for c in row["at_capacity"]
            if c["found"] is not None
        )
        yield f"  {words.ORDERS[row['order']]}: 平均適合率 {words.figure(row['average_precision'])}、基準率の{words.times(row['lift'])}{'、' + found if found else ''}"
    yield f"  {words.gain_words(one)}{words.calibration_words(evaluation)}"


def write_card(folder: Path, model_id: str | None, out: Path | None, console: Console) -> Path:
    """Write a model's card with what the approval book says of it now."""
    workspace, _ = open_workspace(folder)
    stored = _read(workspace.models, model_id)
    card, _ = judged_of(stored)
    book = read_model_book(workspace.models)
    about = [e for e in book.entries if (e.model_id, e.sha256) == (stored.files.model_id, stored.files.sha256)]
    path = out or workspace.out / f"model-card-{stored.files.model_id}.html"
    page = card_html(card, approval_content(about[-1] if about else None))
    write_whole(path, page.encode())
    console.print(f"モデルの説明書: {path.resolve()}", markup=False)
    return path


def _read(models: Path, model_id: str | None) -> StoredModel:
    names = list_models(models)
    if model_id is None and not names:
        raise KizukiError(
            Problem(
                Place("models"),
                "E-MODEL-49",
                "モデルはまだありません。",
                "示すものがありません。",
                "`kizuki model train` でつくってください。",
            )
        )
    newest = [name for name in names if name[:9] == names[-1][:9]] if names else []
    if model_id is None and len(newest) > 1:
        raise KizukiError(
            Problem(
                Place("models"),
                "E-MODEL-50",
                f"いちばん新しい基準日のモデルが{len(newest)}件あります。",
                "どのモデルのことか決まりません。",
                f"番号を書いてください({'、'.join(newest)})。",
            )
        )
    found = find_model(models, model_id or names[-1])
    return read_model(models, found.model_id, found.sha256)
