"""A scenario drafted from one household: sentences that hold for it, the rarest first, and examples that are sure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.evaluate.columns.evaluation import evaluate_all
from engine.evaluate.meaning.reference import judge_sentence
from engine.evaluate.plan import Plan, truth_of
from engine.kernel.truth import Truth
from engine.records.household import Household
from engine.records.vocabulary import Vocabulary
from engine.rulebook.authoring.scaffold import Trial
from engine.rulebook.examples.households import build_household
from engine.rulebook.language.folding import fold
from engine.rulebook.language.syntax import Condition, Group, Members, Refers, Sentence, items_of, sentences_of
from engine.rulebook.model import Example
from engine.store.tables import Snapshot

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Rarity:
    """Of the children whom 対象 meets: how many there are, how many meet each sentence, and which sentences each meets."""

    children: int
    by_sentence: Mapping[Sentence, int]
    met: tuple[frozenset[Sentence], ...]

    def together(self, sentences: Collection[Sentence]) -> int:
        """How many children meet all of the sentences."""
        return sum(each.issuperset(sentences) for each in self.met)


def count_children(
    snapshot: Snapshot, vocabulary: Vocabulary, target: Condition, sentences: Sequence[Sentence]
) -> Rarity:
    """Judge the sentences for every child of a snapshot at once. References to scenarios may not be among them."""
    asked = tuple(dict.fromkeys((*sentences_of(target), *sentences)))
    table = evaluate_all(snapshot, Plan(snapshot.as_of, vocabulary, asked, ()))
    columns = [table.column(f"c{number}").to_pylist() for number in range(1, len(asked) + 1)]
    met: list[frozenset[Sentence]] = []
    for row in zip(*columns, strict=True):
        truths = dict(zip(asked, map(Truth, row), strict=True))
        if truth_of(target, truths.__getitem__) is Truth.MET:
            met.append(frozenset(sentence for sentence in sentences if truths[sentence] is Truth.MET))
    counts = {sentence: sum(sentence in each for each in met) for sentence in sentences}
    return Rarity(len(met), counts, tuple(met))


class Trier:
    """Judges facts (事実) against 対象 and a list of sentences that must all hold."""

    def __init__(self, vocabulary: Vocabulary, source_labels: Mapping[str, str], target: Condition) -> None:
        self._vocabulary = vocabulary
        self._labels = source_labels
        self._target = target

    def household(self, facts: Facts) -> Household | None:
        """The household of facts, or None where they do not stand for one."""
        example = Example.model_validate({"例": "例", "事実": facts, "結果": "該当"})
        built = build_household(example, self._vocabulary, self._labels)
        return built if isinstance(built, Household) else None

    def truth(self, facts: Facts, sentences: Sequence[Sentence]) -> Truth:
        """対象 and all sentences together, for the household of the facts."""
        household = self.household(facts)
        if household is None:
            raise ValueError("the facts do not stand for a household")
        whole = Group("すべて", (self._target, *sentences))

        def judged(sentence: Sentence) -> Truth:
            assert not isinstance(sentence, Refers)
            return judge_sentence(sentence, household, self._vocabulary).truth

        return truth_of(whole, judged)

    def needed(self, facts: Facts, sentences: Sequence[Sentence]) -> Facts:
        """Only the facts on which the sentences rest: without any one of them, some sentence would not hold."""
        kept = facts
        smaller = True
        while smaller:
            smaller = False
            for _, fewer in (*_without_one(kept), *_without_member(kept), *_without_frame(kept)):
                if self.truth(fewer, sentences) is Truth.MET:
                    kept, smaller = fewer, True
                    break
        return kept

    def trials(self, facts: Facts, sentences: Sequence[Sentence], title: str) -> Iterator[Trial]:
        """The household itself (該当), without one fact and without any (非該当), with a source that is late (不明).

        Each is judged before it is given; one that cannot be found is left out.
        """
        if self.truth(facts, sentences) is Truth.MET:
            yield Trial(title, facts, "該当")
        without = self._without_the_decisive_one(facts, sentences)
        if without is not None:
            yield Trial(f"（ここに、世帯の説明を書く）上の世帯から「{without[0]}」を除いたもの", without[1], "非該当")
        alone = {key: value for key, value in facts.items() if key in ("本人", "基準日")}
        alone["本人"] = {k: v for k, v in facts.get("本人", {}).items() if k in ("年齢", "学年", "月齢", "日齢")}
        if self.truth(alone, sentences) is Truth.NOT_MET:
            yield Trial("（ここに、世帯の説明を書く）同じ年ごろで、気になる記録がない", alone, "非該当")
        for sentence in sentences:
            source = self._source(sentence)
            late = self._with_source_late(facts, source) if source else None
            if late is not None and self.truth(late, sentences) is Truth.UNKNOWN:
                yield Trial(f"（ここに、世帯の説明を書く）「{self._labels[source or '']}」の記録が届いていない", late, "不明")
                return

    def _without_the_decisive_one(self, facts: Facts, sentences: Sequence[Sentence]) -> tuple[str, Facts] | None:
        """Without the fact on which the first sentence rests that rests on a single one."""
        for sentence in sentences:
            for left_out, fewer in _without_one(facts):
                if self.truth(fewer, (sentence,)) is Truth.NOT_MET and self.truth(fewer, sentences) is Truth.NOT_MET:
                    return left_out, fewer
        return None

    def _source(self, sentence: Sentence) -> str | None:
        items = [item for item in items_of(sentence) if self._vocabulary.items[item].kind not in ("年齢", "学年")]
        if isinstance(sentence, Members) and not items:
            return None
        sources = [self._vocabulary.record_of(item).source for item in items]
        return next((source for source in sources if source in self._labels), None)

    def _with_source_late(self, facts: Facts, source: str) -> dict[str, Any]:
        """The facts as they would be if nothing of a source had arrived."""

        def is_of(label: str) -> bool:
            key = self._by_folded.get(fold(label).text)
            item = self._vocabulary.items[key] if key else None
            return bool(item and item.kind not in ("年齢", "学年") and self._vocabulary.record_of(key or "").source == source)

        late = dict(facts)
        late["本人"] = {label: value for label, value in facts.get("本人", {}).items() if not is_of(label)}
        if members := facts.get("世帯員"):
            late["世帯員"] = [{k: v for k, v in member.items() if not is_of(k)} for member in members]
        late["出来事"] = [event for event in facts.get("出来事", ()) if not is_of(event["種類"])]
        late["不明"] = [*facts.get("不明", ()), self._labels[source]]
        return _in_order(late)

    @property
    def _by_folded(self) -> Mapping[str, str]:
        return {fold(label).text: key for label, key in self._vocabulary.by_label.items()}


def _without_one(facts: Facts) -> Iterator[tuple[str, dict[str, Any]]]:
    """The facts without one of them, and what was left out: events first, then what holds of the child or a member."""
    for index, event in enumerate(facts.get("出来事", ())):
        rest = [other for number, other in enumerate(facts["出来事"]) if number != index]
        yield event["種類"], _in_order({**facts, "出来事": rest})
    for label in facts.get("本人", {}):
        if label not in ("年齢", "学年", "月齢", "日齢"):
            yield label, {**facts, "本人": {k: v for k, v in facts["本人"].items() if k != label}}
    for index, member in enumerate(facts.get("世帯員", ())):
        for label in member:
            if label not in ("続柄", "年齢", "月齢", "日齢"):
                fewer = {k: v for k, v in member.items() if k != label}
                members = [fewer if number == index else other for number, other in enumerate(facts["世帯員"])]
                yield f"{member['続柄']}の{label}", {**facts, "世帯員": members}


def _without_member(facts: Facts) -> Iterator[tuple[str, dict[str, Any]]]:
    """Without a member of whom nothing is told by an event, so that the events keep their owners."""
    spoken_of = {event.get("誰", "本人").rpartition("人目の")[2] for event in facts.get("出来事", ())}
    if "世帯員" in spoken_of:
        return  # everybody is one, and is counted where the events say 2人目の世帯員
    for index, member in enumerate(facts.get("世帯員", ())):
        if member["続柄"] not in spoken_of:
            members = [other for number, other in enumerate(facts["世帯員"]) if number != index]
            yield member["続柄"], _in_order({**facts, "世帯員": members})


def _without_frame(facts: Facts) -> Iterator[tuple[str, dict[str, Any]]]:
    """Without a late source, or without the day."""
    for source in facts.get("不明", ()):
        yield source, _in_order({**facts, "不明": [other for other in facts["不明"] if other != source]})
    if "基準日" in facts:
        yield "基準日", {key: value for key, value in facts.items() if key != "基準日"}


def _in_order(facts: Facts) -> dict[str, Any]:
    """Facts in the order of a rulebook, without empty lists."""
    order = ("本人", "世帯員", "出来事", "不明", "基準日")
    return {key: facts[key] for key in order if facts.get(key)}
