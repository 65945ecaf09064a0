"""`kizuki model approve` and `rollback`: a person decides which model is used from the next run on; the decision is added to the book."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click
from filelock import FileLock
from rich.console import Console

from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.case import HARDSHIP_LABELS
from kizuki.settings import open_workspace
from ml_overlay.cohorts.guard import STRUCTURAL
from ml_overlay.register.approvals import (
    APPROVALS,
    ModelApproval,
    ModelBook,
    add_approval,
    doubtful_entries,
    read_model_book,
)
from ml_overlay.register.files import StoredModel, find_model, read_model
from reports.model_card import words

EVALUATION, CARD, CARD_PAGE = "evaluation.json", "card.json", "card.html"


@dataclass(frozen=True)
class Signature:
    """Who decides, on which day, and why."""

    by: str
    on: date
    reason: str


def approve_model(
    folder: Path, model_id: str, signature: Signature, console: Console, *, today: date, confirm: Callable[[], bool]
) -> ModelBook | None:
    """Show what the card says in short, ask, and take the model into use from the next run on; None where the person says no.

    Raises KizukiError with everything that stands in the way: a damaged model, an evaluation that says stop (E-MODEL-42), an evaluation that is
    missing (E-MODEL-43), a day after today (E-MODEL-44), a model that is in use already (E-MODEL-45).
    """
    workspace, _ = open_workspace(folder)
    with FileLock(workspace.root / ".lock", timeout=0):
        _require_day(signature, today)
        book = read_model_book(workspace.models)
        found = find_model(workspace.models, model_id)
        stored = read_model(workspace.models, model_id, found.sha256)
        now = book.in_use
        if now is not None and (now.model_id, now.sha256) == (model_id, found.sha256):
            raise KizukiError(
                Problem(
                    Place(f"models/{APPROVALS}"),
                    "E-MODEL-45",
                    f"{model_id} は、いま使っているモデルです。",
                    "同じ承認を重ねても、何も変わりません。",
                    "`kizuki model status` で確かめてください。",
                )
            )
        card, evaluation = judged_of(stored)
        if reasons := reasons_to_stop(evaluation):
            raise KizukiError(_stopped(model_id, reason) for reason in reasons)
        for line in main_lines(card, now):
            console.print(line, markup=False)
        console.print(f"説明書: {(found.folder / CARD_PAGE).resolve()}", markup=False)
        console.print(f"承認者 {signature.by}  日 {signature.on.isoformat()}  理由 {signature.reason}", markup=False)
        if not confirm():
            console.print("承認しませんでした。使うモデルは変わっていません。", markup=False)
            return None
        entry = ModelApproval(model_id, found.sha256, "使う", signature.by, signature.on, signature.reason)
        return _add(workspace.models, entry, console, f"{model_id} を承認しました。次の実行から使います。")


def roll_back(
    folder: Path, model_id: str | None, signature: Signature, console: Console, *, today: date, no_model: bool
) -> ModelBook:
    """Use an earlier model again, or none, from the next run on.

    Only a model that was approved before, as it was then, may be gone back to: it is read and its hashes are checked first. Raises KizukiError
    E-MODEL-46 where there is nothing to go back to, E-MODEL-47 for a model that was never in use.
    """
    workspace, _ = open_workspace(folder)
    with FileLock(workspace.root / ".lock", timeout=0):
        _require_day(signature, today)
        book = read_model_book(workspace.models)
        if no_model:
            now = book.in_use
            if now is None:
                raise KizukiError(_nothing_to_go_back_to("いま使っているモデルはありません。"))
            entry = ModelApproval(now.model_id, now.sha256, "使わない", signature.by, signature.on, signature.reason)
            return _add(
                workspace.models, entry, console, "モデルを使うのをやめました。次の実行からルールだけで判定します。"
            )
        target = _target(book, model_id)
        read_model(workspace.models, target.model_id, target.sha256)
        entry = ModelApproval(target.model_id, target.sha256, "使う", signature.by, signature.on, signature.reason)
        return _add(workspace.models, entry, console, f"{target.model_id} に戻しました。次の実行から使います。")


def judged_of(stored: StoredModel) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The card's data and the evaluation that lie beside a model. Raises KizukiError E-MODEL-43 where they do not, or are of another model."""
    try:
        card, evaluation = (json.loads(stored.extra[name]) for name in (CARD, EVALUATION))
        _require_own(stored, card, evaluation)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        raise KizukiError(
            Problem(
                Place(f"models/{stored.files.model_id}"),
                "E-MODEL-43",
                "このモデルには、確かめた結果か説明書がないか、このモデルのものではありません。",
                "どれほど当たるのか、だれを見落とすのかが分からないモデルを使うことはできません。",
                "`kizuki model train` でつくり直してください。",
            )
        ) from None
    return card, evaluation


def reasons_to_stop(evaluation: Mapping[str, Any]) -> list[str]:
    """Why a model must not be used, in Japanese: what its evaluation says, and what follows from the findings that it names, should it not say so."""
    said = list(evaluation["stop"])
    if said:
        return said
    found = [
        f"{HARDSHIP_LABELS[kind]}: 漏れの点検で、見てはならない記録から作られた特徴が見つかっています。"
        for kind, one in evaluation["types"].items()
        if any(refusal["kind"] in STRUCTURAL for refusal in one["refused"])
    ]
    drift = (evaluation["compared"] or {}).get("drift")
    if drift is not None and drift["state"] == "警報":
        found.append("いまのモデルと比べて、データが動いています。")
    return found


def _require_own(stored: StoredModel, card: Mapping[str, Any], evaluation: Mapping[str, Any]) -> None:
    """Raise KeyError, TypeError or ValueError unless card and evaluation are of this very model and of each of its types, and say the same of what stops it."""
    number, types = stored.files.model_id, stored.model.types
    if not card["model_id"] == evaluation["model_id"] == number or types.keys() - evaluation["types"].keys():
        raise ValueError("of another model")
    stop = evaluation["stop"]
    if not isinstance(stop, list) or not all(isinstance(each, str) for each in stop) or card["stop"] != stop:
        raise ValueError("does not say whether it may be used")
    if len(card["types"]) != len(types) or card["compared"] != evaluation["compared"]:
        raise ValueError("the card is of another evaluation")
    reasons_to_stop(evaluation)


def main_lines(card: Mapping[str, Any], now: ModelApproval | None) -> Iterator[str]:
    """What whoever approves must have seen: type by type what the model adds, what it lacks, and how it stands to the model in use."""
    yield f"{card['model_id']}  基準日 {card['as_of']}"
    for one in card["types"]:
        yield f"  {one['label']}: 正例{one['positives']:,}行。{words.gain_words(one)}{words.calibration_words(one['evaluation'])}"
        if one["refused"]:
            yield f"    漏れの点検で外した特徴が{len(one['refused'])}件あります(説明書の8)。"
    for one in card["without"]:
        yield f"  {one['label']}: モデルなし。{one['reason']}"
    if now is None:
        yield "  いま使っているモデルはありません。"
    else:
        yield f"  いまのモデル: {now.model_id}({now.by}、{now.on.isoformat()}から)"
    compared = card["compared"]
    if compared and now is not None and compared["model_id"] == now.model_id:
        labels = {one["kind"]: one["label"] for one in card["types"]}
        shares = [
            f"{labels[k]}{words.percent(v, 0)}" for k, v in compared["overlap"].items() if k in labels and v is not None
        ]
        if shares:
            yield f"    点の高いこども(千人に50人)の重なり: {'、'.join(shares)}"
        if "drift" in compared:
            yield f"    データの動き: {compared['drift']['state']}。{''.join(compared['drift']['sentences'])}"


def confirmed_on_a_terminal() -> bool:
    """Ask the person at the terminal. Raises KizukiError (E-MODEL-48) where nobody is there to answer."""
    if not sys.stdin.isatty():
        raise KizukiError(
            Problem(
                Place(f"models/{APPROVALS}"),
                "E-MODEL-48",
                "画面で確かめる人がいないため、承認しませんでした。",
                "だれも見ていないモデルを承認したことにしないためです。",
                "画面から実行するか、説明書を確かめたうえで --yes を付けてください。",
            )
        )
    return click.confirm("このモデルを使いますか(はい y / いいえ n)", default=False)


def _target(book: ModelBook, model_id: str | None) -> ModelApproval:
    """The approval to go back to."""
    now = book.in_use
    if model_id is None:
        target = book.before
        if target is None:
            raise KizukiError(_nothing_to_go_back_to("前に使っていたモデルはありません。"))
        return target
    used = next((e for e in reversed(book.entries) if e.kind == "使う" and e.model_id == model_id), None)
    if used is None:
        raise KizukiError(
            Problem(
                Place(f"models/{APPROVALS}"),
                "E-MODEL-47",
                f"{model_id} は、使うと決めたことのないモデルです。",
                "確かめていないモデルに戻すことはできません。",
                f"`kizuki model approve {model_id} --by 承認者 --reason 理由` で承認してください。",
            )
        )
    if now is not None and (now.model_id, now.sha256) == (used.model_id, used.sha256):
        raise KizukiError(_nothing_to_go_back_to(f"{model_id} は、いま使っているモデルです。"))
    return used


def _add(models: Path, entry: ModelApproval, console: Console, said: str) -> ModelBook:
    book = add_approval(models, entry)
    for doubt in doubtful_entries(ModelBook(book.entries[-2:])):
        console.print(f"注意: {doubt}", markup=False)
    console.print(said, markup=False)
    console.print(f"承認簿: {(models / APPROVALS).resolve()}", markup=False)
    return book


def _require_day(signature: Signature, today: date) -> None:
    if signature.on > today:
        raise KizukiError(
            Problem(
                Place(f"models/{APPROVALS}"),
                "E-MODEL-44",
                f"--on の日({signature.on.isoformat()})は、今日より後です。",
                "まだ来ていない日に決めたことにはできません。",
                "決めた日を書いてください。",
            )
        )


def _stopped(model_id: str, reason: str) -> Problem:
    return Problem(
        Place(f"models/{model_id}/{EVALUATION}"),
        "E-MODEL-42",
        reason,
        "このままでは、当たっているように見えて、実際には役に立たないモデルを使うおそれがあります。",
        "示した理由を確かめて直し、`kizuki model train` でつくり直してください。",
    )


def _nothing_to_go_back_to(what: str) -> Problem:
    return Problem(
        Place(f"models/{APPROVALS}"),
        "E-MODEL-46",
        what,
        "何に戻すのかが決まりません。",
        "`kizuki model status` で、これまでの承認を確かめてください。",
    )
