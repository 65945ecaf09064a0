"""A made-up typical household that meets given sentences, in the words of an example (事実): no real child's facts are ever looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.evaluate.drafting.draft import Trier
from engine.kernel.truth import Truth
from engine.records.vocabulary import Vocabulary
from engine.rulebook.authoring.scaffold import Trial
from engine.rulebook.language import syntax as s
from engine.rulebook.language.printer import to_japanese

_AGES = (13, 10, 7, 4, 5, 3, 2, 1, 0, 16, 15, 17)
_SMALL_AGES = (4, 2, 1)
_ADULT_AGES = {"母": 38, "父": 40, "祖父母": 72, "世帯員": 38, "きょうだい": 10}
_SIBLING_AGES = (10, 4, 3, 2, 1, 7, 13, 0)
_PER = {"日": 1, "週": 7, "か月": 30, "年": 365}
_MONTH = 30
_LAST_YEAR = 300
_MID_PERIOD = 36
_PERIOD_DAYS = {"月": 30.4, "2か月": 60.9}
_PARENT = "母"


@dataclass
class _Facts:
    """Facts being put together; members by relation."""

    child: dict[str, str] = field(default_factory=dict)
    members: dict[str, dict[str, str]] = field(default_factory=dict)
    events: list[dict[str, str]] = field(default_factory=list)

    def written(self, missing: Sequence[str] = ()) -> dict[str, Any]:
        facts: dict[str, Any] = {"本人": dict(self.child)}
        if self.members:
            facts["世帯員"] = [{"続柄": relation, **told} for relation, told in self.members.items()]
        if self.events:
            facts["出来事"] = [dict(event) for event in self.events]
        if missing:
            facts["不明"] = list(missing)
        return facts


class TypicalHousehold:
    """Examples for sentences that must all hold: 該当, 非該当 without each of them, 不明 with a late source. Each is judged before it is given."""

    def __init__(self, vocabulary: Vocabulary, source_labels: dict[str, str], trier: Trier) -> None:
        self._vocabulary = vocabulary
        self._labels = source_labels
        self._trier = trier

    def trials(self, sentences: Sequence[s.Sentence]) -> tuple[Trial, ...] | None:
        """The examples that a scenario of these sentences needs, or None where no such household could be made up."""
        own = [sentence for sentence in sentences if _relation(sentence) != "きょうだい"]
        ages: tuple[int, ...] = _AGES
        if any(self._is_of_birth(sentence) for sentence in own):
            ages = (*reversed(_SMALL_AGES), *_AGES)
        elif any(self._is_of_small_children(sentence) for sentence in own):
            ages = (*_SMALL_AGES, *_AGES)
        others = [sentence for sentence in sentences if sentence not in own]
        siblings = _SIBLING_AGES[1:] if any(self._is_of_small_children(one) for one in others) else _SIBLING_AGES
        for age in ages:
            for sibling in siblings:
                found = self._trials_at(age, sibling, sentences)
                if found is not None:
                    return found
                if not any(_relation(sentence) == "きょうだい" for sentence in sentences):
                    break
        return None

    def _is_of_birth(self, sentence: s.Sentence) -> bool:
        """Whether a sentence speaks of what is measured about a birth (妊娠, 出生時, EPDS)."""
        return any(
            self._vocabulary.items[item].kind == "量" and self._vocabulary.record_of(item).period is None
            for item in s.items_of(sentence)
        )

    def _is_of_small_children(self, sentence: s.Sentence) -> bool:
        """Whether a sentence speaks of what is recorded before school (健診, 園)."""
        kinds = {self._vocabulary.items[item].kind for item in s.items_of(sentence)}
        return bool(kinds & {"期限のある記録", "最新の区分", "数"})

    def _trials_at(self, age: int, sibling: int, sentences: Sequence[s.Sentence]) -> tuple[Trial, ...] | None:
        made = self._facts(age, sibling, sentences)
        if made is None or self._truth(made, sentences) is not Truth.MET:
            return None
        words = [to_japanese(sentence, self._vocabulary) for sentence in sentences]
        told = "。".join(words)
        trials = [Trial(f"{age}歳。{told}", made, "該当")]
        for number, sentence in enumerate(sentences):
            rest = [other for other in sentences if other is not sentence]
            for other_age in (age, *_AGES):
                without = self._facts(other_age, sibling, rest, owners_of=sentences, done=[sentence])
                if (
                    without is not None
                    and self._truth(without, [sentence]) is Truth.NOT_MET
                    and self._met_all(without, rest)
                ):
                    kept = f"{words[1 - number]}。もう1つの文には当たらない" if rest else "この文に当たる記録がない"
                    trials.append(Trial(f"{other_age}歳。{kept}", without, "非該当"))
                    break
            else:
                return None
        unknown = self._unknown(age, sibling, sentences)
        return (*trials, unknown) if unknown else None

    def _met_all(self, facts: dict[str, Any], sentences: Sequence[s.Sentence]) -> bool:
        return self._truth(facts, sentences) is Truth.MET

    def _unknown(self, age: int, sibling: int, sentences: Sequence[s.Sentence]) -> Trial | None:
        """The same household while a source on which one of the sentences rests has told nothing."""
        for sentence in sentences:
            for source in self._sources(sentence):
                others = [one for one in sentences if source not in self._sources(one)]
                made = self._facts(age, sibling, others, owners_of=sentences)
                late = {**made, "不明": [self._labels[source]]} if made is not None else None
                if late is not None and self._truth(late, sentences) is Truth.UNKNOWN:
                    return Trial(f"{age}歳。「{self._labels[source]}」の記録が届いていない", late, "不明")
        return None

    def _sources(self, sentence: s.Sentence) -> list[str]:
        items = (self._vocabulary.items[item] for item in s.items_of(sentence))
        records = [self._vocabulary.records[item.record] for item in items if item.kind not in ("年齢", "学年")]
        return [source for source in dict.fromkeys(record.source for record in records) if source in self._labels]

    def _truth(self, facts: dict[str, Any], sentences: Sequence[s.Sentence]) -> Truth:
        if self._trier.household(facts) is None:
            return Truth.NOT_MET
        return self._trier.truth(facts, sentences)

    # ── facts ──

    def _facts(
        self,
        age: int,
        sibling: int,
        sentences: Sequence[s.Sentence],
        owners_of: Sequence[s.Sentence] = (),
        done: Sequence[s.Sentence] = (),
    ) -> dict[str, Any] | None:
        """The facts on which the sentences rest. The relatives of whom `owners_of` speak are there too, with nothing told of them; what `done` says is due
        has been done in time."""
        made = _Facts()
        for item in self._vocabulary.items.values():
            if item.kind == "年齢":
                made.child[item.label] = str(age)
        for sentence in (*sentences, *owners_of):
            if (relation := _relation(sentence)) is not None:
                self._member(made, relation, sibling)
        for sentence in sentences:
            if not self._tell(made, sentence):
                return None
        for sentence in done:
            if isinstance(sentence, s.Overdue):
                who = {} if sentence.owner is None else {"誰": self._called(sentence.owner)}
                days = sentence.days + _MONTH
                made.events.append(
                    {"種類": self._label(sentence.item), "期限から": str(days), "実施": str(days), **who}
                )
        return made.written()

    def _member(self, made: _Facts, relation: str, sibling: int) -> dict[str, str]:
        name = _PARENT if relation == "世帯員" else relation
        age = sibling if relation == "きょうだい" else _ADULT_AGES[relation]
        return made.members.setdefault(name, {self._age_label(): str(age)})

    def _called(self, owner: s.Owner) -> str:
        return _PARENT if owner.relation == "世帯員" else owner.relation

    def _age_label(self) -> str:
        return next(item.label for item in self._vocabulary.items.values() if item.kind == "年齢")

    def _tell(self, made: _Facts, sentence: s.Sentence) -> bool:
        """Add what makes a sentence hold; False for a form of which nothing can be made up."""
        owner = s.owner_of(sentence)
        member = made.members[self._called(owner)] if owner else None
        told = made.child if member is None else member
        for modifier in owner.modifiers if owner else ():
            if not self._state(told, modifier):
                return False
        who = {} if owner is None else {"誰": self._called(owner)}
        match sentence:
            case s.Members():
                return True
            case s.Has() | s.IsOneOf():
                return self._state(told, sentence)
            case s.Compare(item):
                if self._vocabulary.items[item].kind in ("年齢", "学年") and member is None:
                    return True  # the child's age is tried from outside
                return self._state(told, sentence)
        made.events += ({**event, **who} for event in self._events(sentence))
        return True

    def _state(self, told: dict[str, str], modifier: s.Modifier) -> bool:
        label = self._vocabulary.items[modifier.item].label
        match modifier:
            case s.Has(_, positive):
                told[label] = "あり" if positive else "なし"
            case s.IsOneOf(_, values):
                told[label] = values[0]
            case s.Compare(_, bounds):
                lower = next((bound for bound in bounds if bound.operator in ("以上", "を超える")), None)
                if self._vocabulary.items[modifier.item].kind in ("年齢", "学年"):
                    return True
                if lower is None:
                    return False
                told[label] = str(lower.value if lower.operator == "以上" else int(lower.value) + 1)
        return True

    def _events(self, sentence: s.Sentence) -> Iterator[dict[str, str]]:
        """Events of the kind, so many and so large as is asked, lately."""
        match sentence:
            case s.Events(item, window, count):
                yield from (
                    {"種類": self._label(item), "日前": str(day)} for day in self._spread(item, window, count.n)
                )
            case s.Total(item, window, bound) | s.Latest(item, bound, window):
                day = self._spread(item, window or s.Window("か月", 3), 1)[0]
                yield {"種類": self._label(item), "量": str(_enough(bound)), "日前": str(day)}
            case s.Growth(item, window, times):
                day = self._spread(item, window, 1)[0]
                yield {"種類": self._label(item), "量": str(max(3, times)), "日前": str(day)}
            case s.LatestIs(item, values):
                yield {"種類": self._label(item), "値": values[0], "日前": str(_MONTH)}
            case s.Streak(item, window, length, bound):
                amount = {} if bound is None else {"量": str(_enough(bound))}
                for day in self._spread(item, window, length):
                    yield {"種類": self._label(item), **amount, "日前": str(day)}
            case s.Overdue(item, days):
                yield {"種類": self._label(item), "期限から": str(days + _MONTH), "実施": "なし"}

    def _label(self, item: str) -> str:
        return self._vocabulary.items[item].label

    def _spread(self, item: str, window: s.Window, n: int) -> list[int]:
        """So many days within a window, a period apart where the records come by the period (in its middle, so that each has its own)."""
        if window.kind == "前年度":
            return [_LAST_YEAR + _MONTH * number for number in range(n)]
        period = self._vocabulary.record_of(item).period
        if period is not None:
            return [_MID_PERIOD + round(_PERIOD_DAYS[period] * number) for number in range(n)]
        length = window.n * _PER[window.kind] if window.kind in _PER else 180
        step = max(min(_MONTH, (length - 10) // max(n, 1)), 1)
        return [min(20, length) + step * number for number in range(n)]


def _relation(sentence: s.Sentence) -> str | None:
    owner = s.owner_of(sentence)
    return owner.relation if owner else None


def _enough(bound: s.Bound) -> int:
    value = int(bound.value)
    return {"以上": value, "以下": value, "未満": value - 1, "を超える": value + 1}[bound.operator]
