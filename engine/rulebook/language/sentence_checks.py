"""Checks of one sentence that is grammatical: may the item be used, can the range be met, does the window fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.records.vocabulary import Vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.language.diagnosis import Fault


def faults_of(sentence: s.Sentence, vocabulary: Vocabulary, positions: Mapping[str, int]) -> Iterator[Fault]:
    """Every fault of meaning in a sentence; `positions` tells where each item's word begins in the folded text."""
    for key in dict.fromkeys(s.items_of(sentence)):
        item, record = vocabulary.items[key], vocabulary.record_of(key)
        if not vocabulary.is_permitted(key):
            closed = item if item.permission != "許可" else record
            decision = f"、{closed.decision}" if closed.decision else ""
            yield Fault(
                positions.get(key, 0),
                "E-RULE-05",
                f"「{item.label}」は使えません({record.label}、所管 {record.owner}、状態 {closed.permission}{decision})。",
                f"{closed.reason}です。" if closed.reason else "利用の許可がない項目で判定することはできません。",
                f"{record.owner}に確認し、許可されたら fields.yaml の状態を改めてください。",
            )
    if isinstance(sentence, s.Refers):
        return
    owner = s.owner_of(sentence)
    if owner and not isinstance(sentence, s.Members) and vocabulary.record_of(sentence.item).subject == "世帯":
        yield Fault(
            positions.get("続柄", 0),
            "E-RULE-10",
            f"「{vocabulary.items[sentence.item].label}」は世帯の記録なので、「{owner.relation}」を付けられません。",
            "誰のことを見るのか決まりません。",
            "続柄を消してください。",
        )
    if isinstance(sentence, s.Growth) and sentence.window.kind == "これまで":
        yield Fault(
            positions.get(sentence.item, 0),
            "E-RULE-09",
            "「これまで」には前年の同じ期間がありません。",
            "比べる相手が決まりません。",
            "「直近3か月」などの期間にしてください。",
        )
    elif isinstance(sentence, s.Growth) and sentence.earlier == "直前" and not sentence.window.n:
        yield Fault(
            positions.get(sentence.item, 0),
            "E-RULE-09",
            f"「{sentence.window.kind}」には「その前の同じ期間」がありません。",
            "比べる相手が決まりません。",
            "「直近3か月」などの期間にするか、「前年の同じ期間」にしてください。",
        )
    if isinstance(sentence, s.Streak) and vocabulary.record_of(sentence.item).period is None:
        yield Fault(
            positions.get(sentence.item, 0),
            "E-RULE-47",
            f"「{vocabulary.items[sentence.item].label}」は月や期ごとの記録ではないので、「続いている」とは言えません。",
            "どこからどこまでを続いていると数えるか決まりません。",
            "「直近6か月に…が2回以上ある」のように回数で書いてください。",
        )
    if isinstance(sentence, s.Unrecorded) and vocabulary.record_of(sentence.item).subject == "世帯":
        yield Fault(
            positions.get(sentence.item, 0),
            "E-RULE-10",
            f"「{vocabulary.items[sentence.item].label}」は世帯の記録なので、年齢を目安にできません。",
            "誰の年齢か決まりません。",
            "「直近6か月に…がない」のように期間で書いてください。",
        )
    for comparison in (*(owner.modifiers if owner else ()), sentence):
        yield from _range_faults(comparison, vocabulary, positions)
        if isinstance(comparison, (s.IsOneOf, s.LatestIs)) and len(set(comparison.values)) < len(comparison.values):
            yield Fault(
                positions.get(comparison.item, 0),
                "E-RULE-06",
                "同じ値が2回並んでいます。",
                "別の値を書くつもりだったおそれがあります。",
                "片方を直すか消してください。",
            )


def _range_faults(comparison: s.Sentence, vocabulary: Vocabulary, positions: Mapping[str, int]) -> Iterator[Fault]:
    if not isinstance(comparison, s.Compare):
        if isinstance(comparison, (s.Total, s.Latest, s.Streak)) and comparison.bound:
            at = positions.get(comparison.item, 0)
            if is_empty((comparison.bound,), vocabulary, comparison.item):
                yield _empty(at)
            elif not isinstance(comparison, s.Latest) and comparison.bound == s.Bound("以上", 0):
                yield _always(at, f"{comparison.bound.value}{vocabulary.items[comparison.item].unit}")
        return
    position = positions.get(comparison.item, 0)
    sides = ["下" if b.operator in ("以上", "を超える") else "上" for b in comparison.bounds]
    if len(sides) == 2 and sides[0] == sides[1]:
        yield Fault(
            position,
            "E-RULE-06",
            "下限か上限が2つ書かれています。",
            "どちらか一方は意味がありません。",
            "「6歳以上18歳未満」のように、下限と上限を1つずつにしてください。",
        )
    elif is_empty(comparison.bounds, vocabulary, comparison.item):
        yield _empty(position)
    elif comparison.bounds == (s.Bound("以上", 0),) and vocabulary.items[comparison.item].kind == "年齢":
        yield _always(position, "0歳")


def _always(position: int, number: str) -> Fault:
    return Fault(
        position,
        "E-RULE-08",
        f"「{number}以上」はいつも成り立ちます。",
        "条件になりません。",
        "1以上の数にしてください。",
    )


def _empty(position: int) -> Fault:
    return Fault(
        position,
        "E-RULE-06",
        "この範囲に入る値がありません。",
        "誰も該当しない条件になっています。",
        "下限と上限を確かめてください。",
    )


def is_empty(bounds: tuple[s.Bound, ...], vocabulary: Vocabulary, item: str) -> bool:
    """Whether no value of the item's scale lies within all bounds (numbers are whole and not negative)."""
    low, high = limits_of(bounds, vocabulary, item)
    return high is not None and low > high


def limits_of(bounds: tuple[s.Bound, ...], vocabulary: Vocabulary, item: str) -> tuple[int, int | None]:
    """The smallest and greatest whole number (or step of the scale, from 0) that the bounds allow."""
    steps = vocabulary.items[item].values
    low, high = 0, (len(steps) - 1 if steps else None)
    for bound in bounds:
        value = steps.index(bound.value) if isinstance(bound.value, str) else bound.value
        match bound.operator:
            case "以上":
                low = max(low, value)
            case "を超える":
                low = max(low, value + 1)
            case "以下":
                high = value if high is None else min(high, value)
            case _:
                high = value - 1 if high is None else min(high, value - 1)
    return low, high
