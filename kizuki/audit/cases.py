"""Where two casebooks differ: the first case, child, scenario and sentence, without telling what a fact says of a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_ABSENT = object()
_SHOWN = {
    "truth",
    "cancelled",
    "tier",
    "points",
    "change",
    "previous_tier",
    "over_capacity",
    "case_no",
    "scenario_id",
    "hardship_type",
    "strength",
    "depth",
    "line",
    "file",
    "id",
    "source",
    "known_on",
    "as_of",
    "meeting_on",
    "run_id",
    "city",
    "capacity",
    "children_evaluated",
    "replay",
    "not_printed",
    "fresh",
    "received",
    "used",
    "quarantined",
    "unlinked",
    "urgent_unlinked",
    "unattributed",
    "household_key",
    "child_key",
    "distance",
    "dropped",
    "protected",
    "is_listed_child",
    "text",
    "name",
    "purpose",
    "decided_on",
    "chance_millionths",
    "drawn_from",
    "number",
    "①",
    "②",
    "③",
}
"""Values that may be shown: answers, counts, where a fact stands, and words of the rulebook. What a fact says is not among them."""
_WORDING = {
    "note",
    "reason",
    "to_check",
    "missing",
    "main_reason",
    "purpose",
    "owner",
    "legal_basis",
    "retention_years",
    "source_label",
    "ask",
    "decided",
    "course",
    "support",
    "ended",
    "similar_note",
    "back_because",
}
_DECISIVE = {"facts", "supports", "cancel_sentences"}
"""Lists that every version of kizuki wrote, though they may be empty: that one is missing is no matter of wording."""
_TRUTH = {True: "該当", False: "非該当", None: "不明"}


@dataclass(frozen=True)
class CaseDifference:
    """The first difference in the order of the list, in words (`where`, `recorded`, `recomputed`), and how many in all.

    `wording_only`: who is listed, in which order and tier, every answer and every record that decided are the same; only how
    it is put into words differs, as after a change of the program.
    """

    where: str
    recorded: str
    recomputed: str
    count: int
    wording_only: bool


def case_difference(recorded: Mapping[str, Any], recomputed: Mapping[str, Any]) -> CaseDifference | None:
    """Both as plain data, as cases.json holds them. None where they are the same."""
    found = list(_differences(recorded, recomputed, ()))
    if not found:
        return None
    weighty = [difference for difference in found if not _is_wording(*difference)]
    path, one, other = (weighty or found)[0]
    where = _where(recorded, recomputed, path)
    return CaseDifference(where, _value(path, one), _value(path, other), len(found), not weighty)


def _is_wording(path: tuple[Any, ...], one: Any, other: Any) -> bool:
    if isinstance(path[-1], str) and _ABSENT in (one, other):
        return path[-1] not in _DECISIVE  # what another version of kizuki says besides, or said
    names = [step for step in path if isinstance(step, str)]
    of_fact = any(name in ("facts", "supports") for name in names)
    # A sentence is printed by the program from the rulebook; its number, its answer and its facts say which it is.
    printed = any(name in ("sentences", "cancel_sentences") for name in names) and names[-1] == "text"
    # What to ask next and what the year is told of are worked out by the program, and decide nothing.
    advised = any(name in names for name in ("turning_points", "timeline", "timeline_left_out", "new_facts", "newest_fact"))
    words = (
        names[-1] in _WORDING or names[0] == "replay_note" or (of_fact and names[-1] in ("text", "label", "subject"))
    )
    return words or printed or advised


def _differences(one: Any, other: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(k for k in other if k not in one)]:
            yield from _differences(one.get(key, _ABSENT), other.get(key, _ABSENT), (*path, key))
    elif isinstance(one, list) and isinstance(other, list):
        for at in range(max(len(one), len(other))):
            pair = (one[at] if at < len(one) else _ABSENT, other[at] if at < len(other) else _ABSENT)
            yield from _differences(*pair, (*path, at))
    elif type(one) is not type(other) or one != other:
        yield path, one, other


def _where(recorded: Any, recomputed: Any, path: tuple[Any, ...]) -> str:
    """The path in words: 案件03 › こども P1a2b… › シナリオ YC-03 › 文「…」 › 答え."""
    words: list[str] = []
    one, other = recorded, recomputed
    for at, step in enumerate(path):
        one, other = _step(one, step), _step(other, step)
        shown = one if isinstance(one, dict) else other if isinstance(other, dict) else {}
        before = path[at - 1] if at else None
        if isinstance(step, str):
            # The name of a list says nothing beside the name of its entry.
            words += [] if at + 1 < len(path) and isinstance(path[at + 1], int) else [_FIELDS.get(step, step)]
        else:
            words.append(_entry(str(before), step, shown))
    return " › ".join(words)


def _entry(kind: str, at: int, entry: Mapping[str, Any]) -> str:
    if kind == "cases":
        return f"案件{entry.get('case_no', at + 1):02d}"
    if kind == "children":
        return f"こども {entry.get('child_key', at + 1)}"
    if kind == "results":
        return f"シナリオ {entry.get('scenario_id', at + 1)}"
    if kind in ("sentences", "cancel_sentences"):
        return f"{'打ち消しの' if kind == 'cancel_sentences' else ''}文「{entry.get('text', at + 1)}」"
    if kind in ("facts", "supports"):
        return f"根拠 {entry.get('id', at + 1)}"
    if kind in ("apart", "drawn"):
        which = {"apart": "別に示した世帯", "drawn": "無作為に選んだこども"}[kind]
        return f"{which} {entry.get('child_key', entry.get('household_key', at + 1))}"
    if kind == "sources":
        return f"源「{entry.get('label', at + 1)}」"
    return f"{_FIELDS.get(kind, kind)} {at + 1}番目"


def _step(data: Any, step: Any) -> Any:
    if isinstance(data, dict):
        return data.get(step, _ABSENT)
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        return data[step]
    return _ABSENT


def _value(path: tuple[Any, ...], value: Any) -> str:
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    of_fact = any(step in ("facts", "supports", "timeline") for step in path)
    if value is _ABSENT:
        return "なし"
    if isinstance(value, (dict, list)):
        return "あり"
    if name not in _SHOWN or (of_fact and name == "text"):
        return "(値は示しません)"
    if name in ("truth", "cancelled"):
        return _TRUTH.get(value, str(value))
    if name in ("tier", "previous_tier") and value in (1, 2, 3):
        return "①②③"[value - 1]
    return (
        "なし" if value is None else {True: "はい", False: "いいえ"}[value] if isinstance(value, bool) else str(value)
    )


_FIELDS = {
    "truth": "答え",
    "cancelled": "打ち消し",
    "tier": "区分",
    "previous_tier": "前回の区分",
    "points": "点",
    "change": "前回からの変化",
    "case_no": "案件番号",
    "household_key": "世帯の整理番号",
    "child_key": "整理番号",
    "similar": "過去の似た世帯",
    "alike": "似ているところ",
    "provenance": "出典",
    "file": "ファイル",
    "line": "行",
    "text": "文面",
    "note": "但し書き",
    "types": "類型ごとの区分",
    "reason": "理由",
    "members": "世帯の人",
    "protected": "支援措置",
    "district": "町字",
    "to_check": "確認すべきこと",
    "missing": "足りない情報",
    "main_reason": "主な理由",
    "new_scenarios": "新しく該当したシナリオ",
    "tier_counts": "区分ごとの人数",
    "dropped": "外れた世帯",
    "not_printed": "次の週へ送った世帯の数",
    "over_capacity": "超過",
    "capacity": "話し合える世帯の数",
    "meeting_on": "会議の日",
    "replay": "再現",
    "rulebook_versions": "ルールブックの版",
    "children_evaluated": "判定したこどもの数",
    "timeline": "この12か月",
    "timeline_left_out": "載せなかった古い事柄の数",
    "weeks": "これまでの週の区分",
    "decisions": "これまでの会議の判断",
    "decision": "会議の判断",
    "decided_on": "会議の日",
    "until": "いつまで",
    "back_because": "一覧に戻ったわけ",
    "apart": "別に示した世帯",
    "drawn": "無作為に選んだこども",
    "drawn_from": "無作為に選ぶもとの人数",
    "chance_millionths": "選ばれる確からしさ",
}
