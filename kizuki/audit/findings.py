"""What a verification looked at, and what it found to be otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from engine.kernel.errors import Place, Problem


class Cause(Enum):
    """Why a record cannot be confirmed, likeliest first as far as nothing else is known."""

    RECORD = "記録が、作られた後に変わった"
    DELIVERY = "受領データ(保管庫)が変わったか、なくなった"
    EITHER = "記録の目録か、保管庫の受領台帳(deliveries.jsonl)のどちらかが、後から変わった"
    CONFERENCE = "会議の控え(conference)が変わったか、なくなった"
    EITHER_CONFERENCE = "記録か、会議の控え(conference)のどちらかが、後から変わった"
    MODEL = "モデルのファイル(models)が変わったか、なくなった"
    RULES = "ルールが、記録のときと違う"
    RECOMPUTED = "同じデータとルールから、違う結果が出た"


@dataclass(frozen=True)
class Finding:
    """One thing that is otherwise, or several of a kind: `count` says how many differences it stands for."""

    problem: Problem
    cause: Cause
    count: int = 1


@dataclass(frozen=True)
class Check:
    """One part of the verification: what was compared and how much of it, or why it could not be (`not_done`).

    `notes` are remarks that make nothing unconfirmed.
    """

    name: str
    compared: str
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    not_done: bool = False

    @property
    def holds(self) -> bool:
        """Whether it was done and nothing was found."""
        return not self.findings and not self.not_done


_WORDS = {
    "E-AUDIT-01": (
        "記録のこのファイルが、目録のハッシュと違うか、ありません。",
        "控え(バックアップ)から記録を戻し、管理者に知らせてください。",
    ),
    "E-AUDIT-02": ("目録にないファイルが、記録の中にあります。", "だれが置いたかを確かめ、記録の外へ移してください。"),
    "E-AUDIT-03": (
        "目録にある受領データが、保管庫(store)の受領台帳にありません。",
        "控えから store を戻してください。",
    ),
    "E-AUDIT-04": ("保管した部品が、受領したときのものではありません。", "控えから store を戻してください。"),
    "E-AUDIT-05": (
        "deliveries にある受領ファイルの中身が、受領したときと違います。",
        "媒体か控えから元のファイルを戻してください。",
    ),
    "E-AUDIT-06": (
        "記録にあるルールが、目録か承認簿と合いません。",
        "控えの記録と見比べ、どちらが直されたかを確かめてください。",
    ),
    "E-AUDIT-07": ("計算し直した判定が、記録と違います。", "下の「考えられる原因」を上から順に確かめてください。"),
    "E-AUDIT-08": (
        "計算し直した条件の答えが、記録と違います。",
        "下の「考えられる原因」を上から順に確かめてください。",
    ),
    "E-AUDIT-09": (
        "つくり直した一覧と根拠が、記録と違います。",
        "下の「考えられる原因」を上から順に確かめてください。",
    ),
    "E-AUDIT-10": (
        "計算し直した内容が、目録の記載と違います。",
        "下の「考えられる原因」を上から順に確かめてください。",
    ),
    "E-AUDIT-11": ("再現の結果(verdict)が、記録の中で食い違っています。", "控えの記録と見比べてください。"),
    "E-AUDIT-12": (
        "ほかの実行が控えている目録のハッシュ(seal)と違います。",
        "控えの記録と見比べ、どちらが直されたかを確かめてください。",
    ),
    "E-AUDIT-13": (
        "ここまでの理由で、計算し直すことができません。",
        "示した理由を直してから、もう一度確かめてください。",
    ),
    "E-AUDIT-14": (
        "すべての計算に同じこどもをたずね直すと、再現の記録と違います。",
        "下の「考えられる原因」を上から順に確かめてください。",
    ),
    "E-AUDIT-15": (
        "受領台帳(deliveries.jsonl)に、同じ受領データの行が2つ以上あります。",
        "控えから store を戻してください。",
    ),
    "E-AUDIT-16": (
        "記録のモデルで、点を計算し直すことができません。",
        "控えから models のフォルダを戻してから、もう一度確かめてください。",
    ),
    "E-AUDIT-17": (
        "計算し直したモデルの点か帯が、記録と違います。",
        "下の「考えられる原因」を上から順に確かめてください。",
    ),
    "E-AUDIT-18": (
        "記録のモデルを使うと決めた記載が、モデルの承認簿にありません。",
        "控えの承認簿と見比べ、どちらが直されたかを確かめてください。",
    ),
    "E-AUDIT-19": (
        "記録が使った会議の控え(conference)が、読み取ったときのものではありません。",
        "控え(バックアップ)から conference を戻し、管理者に知らせてください。",
    ),
    "E-AUDIT-20": (
        "記録にある会議の判断が、会議の控え(conference)と違います。",
        "控え(バックアップ)の記録と会議の控えを見比べ、どちらが直されたかを確かめてください。",
    ),
    "E-AUDIT-21": (
        "会議資料にある記録の見出しが、この記録の見出しと違います。",
        "資料の実行の番号と見出しを読み直し、合わなければ控え(バックアップ)の記録と見比べてください。",
    ),
}
_WHY = "この記録どおりに判定したと示すことができません。"


def finding(
    code: str, cause: Cause, file: str, detail: str = "", *, field: str | None = None, count: int = 1
) -> Finding:
    """A finding in the words of its code; `detail` says what exactly, with no value of a person but a truth or a tier."""
    what, remedy = _WORDS[code]
    return Finding(Problem(Place(file, field=field), code, f"{what}{detail}", _WHY, remedy), cause, count)
