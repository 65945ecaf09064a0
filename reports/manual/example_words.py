"""The facts of an in-file example (事実) as short Japanese phrases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.kernel.dates import wareki
from engine.records.vocabulary import Item, Vocabulary
from engine.rulebook.language.folding import fold
from engine.rulebook.model import ExampleEvent, ExampleFacts

_USUAL_DAY = ExampleFacts().as_of


def facts_in_words(facts: ExampleFacts, vocabulary: Vocabulary) -> tuple[str, ...]:
    """One phrase for the child, each member, each event, and for each source that does not tell all.

    >>> from pathlib import Path
    >>> from engine.records.vocabulary import load_vocabulary
    >>> vocabulary = load_vocabulary(Path("rulebooks/fields.yaml"))
    >>> facts_in_words(ExampleFacts.model_validate({"本人": {"年齢": "9"}, "不明": ["介護保険"]}), vocabulary)
    ('本人: 9歳', '「介護保険」は届いていない')
    """
    return tuple(_phrases(facts, vocabulary))


def _phrases(facts: ExampleFacts, vocabulary: Vocabulary) -> Iterator[str]:
    items = {fold(label).text: vocabulary.items[key] for label, key in vocabulary.by_label.items()}
    if facts.as_of != _USUAL_DAY:
        yield f"基準日: {wareki(facts.as_of)}"
    if facts.child:
        yield f"本人: {_states(facts.child, items)}"
    for member in facts.members:
        relation = "".join(member.get("続柄", ()))
        rest = _states({label: values for label, values in member.items() if label != "続柄"}, items)
        yield f"{relation}: {rest}" if rest else relation
    for event in facts.events:
        yield _event(event, items.get(fold(event.kind).text))
    for missing in facts.missing:
        if missing.covers_days is None:
            yield f"「{missing.source}」は届いていない"
        else:
            yield f"「{missing.source}」は{missing.covers_days}日前からの分しかない"


def _states(states: Mapping[str, tuple[str, ...]], items: Mapping[str, Item]) -> str:
    return "、".join(_state(label, values, items.get(fold(label).text)) for label, values in states.items())


def _state(label: str, values: tuple[str, ...], item: Item | None) -> str:
    value = "のあと".join(values)
    if item is not None and item.kind == "年齢" and value.isdigit():
        return f"{value}歳"
    if item is not None and item.kind == "学年":
        return f"学年{value}" if value in ("不明", "不詳") else value
    unit = (item.unit or "") if item is not None and value.isdigit() else ""
    return f"{label}{value}{unit}" if label in ("月齢", "日齢") else f"{label}: {value}{unit}"


def _event(event: ExampleEvent, item: Item | None) -> str:
    who = "" if event.who == "本人" else f"{event.who}の"
    if event.due_days_ago is not None or event.done is not None:
        due = "期限の日付は不詳" if event.due_days_ago == "不詳" else f"期限から{event.due_days_ago}日"
        done = (
            f"{event.done}日前に実施"
            if isinstance(event.done, int)
            else f"実施{'日は不詳' if event.done == '不詳' else event.done}"
        )
        return f"{who}{event.kind}: {due}、{done}"
    when = f"{event.days_ago}日前" if isinstance(event.days_ago, int) else "日付は不詳"
    unit = (item.unit or "") if item is not None else ""
    amount = (
        f" {event.amount}{unit}" if isinstance(event.amount, int) else f" 量は{event.amount}" if event.amount else ""
    )
    value = f" {event.value}" if event.value else ""
    return f"{who}{event.kind}{amount}{value}({when})"
