"""What can be wrong with a model on disk, in words. No message holds more than the number of a model and the name of a file."""

from __future__ import annotations

from collections.abc import Sequence

from engine.kernel.errors import KizukiError, Place, Problem

_RESTORE = "控えから models のフォルダを戻すか、`kizuki model rollback` で前のモデルに戻してください。"


def no_such_model(known: Sequence[str]) -> KizukiError:
    """Nobody made a model of that number here."""
    return KizukiError(
        Problem(
            Place("models"),
            "E-MODEL-01",
            "その番号のモデルはありません。",
            "どのモデルのことか決まりません。",
            f"あるのは {'、'.join(known)} です。" if known else "`kizuki model train` でつくってください。",
        )
    )


def not_as_approved(model_id: str, name: str) -> KizukiError:
    """The list of the model's files is not the one that was asked for by hash."""
    return KizukiError(
        Problem(
            place_of(model_id, name),
            "E-MODEL-02",
            "モデルの中身が、承認したときと違います。",
            "だれも確かめていないモデルを使うことはできません。",
            _RESTORE,
        )
    )


def no_list(model_id: str, name: str) -> KizukiError:
    """The list of the model's files is missing, or far larger than any such list."""
    return KizukiError(
        Problem(
            place_of(model_id, name),
            "E-MODEL-03",
            "モデルのファイルの一覧がないか、大きすぎます。",
            "何がモデルの一部なのか確かめられません。",
            _RESTORE,
        )
    )


def missing_file(model_id: str, name: str) -> Problem:
    """A file that is listed is not there, or is no plain file."""
    return Problem(
        place_of(model_id, name),
        "E-MODEL-04",
        "モデルのファイルがありません。",
        "欠けたモデルでは計算できません。",
        _RESTORE,
    )


def damaged_file(model_id: str, name: str) -> Problem:
    """A file has other bytes, fewer or more than were listed."""
    return Problem(
        place_of(model_id, name),
        "E-MODEL-05",
        "モデルのファイルの中身が、つくったときと違います。",
        "途中で切れたか、書き換えられたおそれがあります。",
        _RESTORE,
    )


def extra_file(model_id: str, name: str | None) -> Problem:
    """A file lies there that is not listed. `name` is None where it is no name that could be shown."""
    return Problem(
        place_of(model_id, name),
        "E-MODEL-06",
        "モデルのフォルダに、一覧(contents.json)にないファイルがあります。",
        "だれが何のために置いたものか分からないモデルは使えません。",
        "置いたものを取り除いてください。",
    )


def unknown_format(model_id: str, name: str) -> KizukiError:
    """The file was written by a version of kizuki that this one does not know."""
    return KizukiError(
        Problem(
            place_of(model_id, name),
            "E-MODEL-07",
            "このモデルの書き方は、いまの kizuki では読めません。",
            "読み違えたまま計算することはできません。",
            "モデルをつくったときの版の kizuki を使うか、`kizuki model train` でつくり直してください。",
        )
    )


def other_content(model_id: str, codes: Sequence[str]) -> KizukiError:
    """The number is taken by other content. `codes`: how the folder differs from what was to be written."""
    return KizukiError(
        Problem(
            place_of(model_id, None),
            "E-MODEL-08",
            "同じ番号のモデルが、別の中身ですでにあります。",
            "一度つくったモデルは書き換えません。承認や記録がその中身を指しているためです。",
            f"壊れていないか確かめてください({'、'.join(codes)})。評価のしかたが変わったのなら、前のフォルダを控えに移してから、"
            "もう一度つくってください。",
        )
    )


def misshapen(model_id: str, name: str) -> KizukiError:
    """The file does not say what a model says, although its hash is the one that is listed."""
    return KizukiError(
        Problem(
            place_of(model_id, name),
            "E-MODEL-09",
            "モデルとして読める形になっていません。",
            "前の版の kizuki でつくったか、kizuki が書いたものではないおそれがあります。",
            "控えから戻すか、`kizuki model train` でつくり直してください。",
        )
    )


def place_of(model_id: str, name: str | None) -> Place:
    """The model's folder, or a file in it."""
    return Place(f"models/{model_id}/{name}" if name else f"models/{model_id}")
