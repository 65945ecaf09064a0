"""What the second engine said of one child, in words: the same, otherwise and where, not asked, or not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.audit.run_record import RunRecord

_ENGINES = ("一括", "基準", "再現")


def replay_of(run: RunRecord) -> Mapping[str, Any]:
    """What the record keeps of the replay; empty in records that kept nothing."""
    return run.replay() if "replay.json" in run.manifest["outputs"] else {}


def replayed_words(replay: Mapping[str, Any], child_key: str) -> tuple[str, ...]:
    """One line, and one more for each point on which engines differed. Nobody's agreement is taken from silence."""
    return tuple(_lines(replay, child_key))


def _lines(replay: Mapping[str, Any], key: str) -> Iterator[str]:
    differences = replay.get("differences", {}).get(key, ())
    if differences:
        yield f"判定の仕組みどうしで、{len(differences)}か所の答えか根拠が違いました。"
        for difference in differences:
            said = "、".join(f"{name} {_said(difference['said'][name])}" for name in sorted(difference["said"], key=_order))
            yield f"「{difference['subject']}」の{difference['point']}: {said}"
    engine = replay.get("engine")
    if not engine:
        reason = f"({replay['unavailable'].rstrip('。')})" if replay.get("unavailable") else ""
        yield f"このこどもは、別の仕組みで再計算していません{reason}。"
    elif key in replay.get("not_replayed", {}):
        yield f"このこどもは、{engine} で再計算できませんでした({replay['not_replayed'][key]})。"
    elif key not in replay.get("listed", ()) and key not in replay.get("sampled", ()):
        yield "このこどもは、再計算の対象(一覧の全員と、無作為に選んだこども)に入っていません。"
    elif not differences:
        left_out = replay.get("left_out", {})
        except_for = f"(再計算していないシナリオ: {'・'.join(left_out)})" if left_out else ""
        yield f"このこどもは、別の仕組み({engine})でも同じ答えと根拠になりました{except_for}。"


def _order(engine: str) -> tuple[int, str]:
    """The bulk evaluator, the reference, the replay, as every error sheet has them; canonical JSON sorts by letter."""
    return (_ENGINES.index(engine) if engine in _ENGINES else len(_ENGINES), engine)


def _said(answer: Any) -> str:
    """○ × ？, or the records that an engine named."""
    if isinstance(answer, str):
        return "？" if answer == "?" else answer
    return "・".join(answer) or "なし"
