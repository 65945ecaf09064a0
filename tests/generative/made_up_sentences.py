"""Made-up sentences, trees, scenarios and thresholds: every form of the language, valid by construction."""

from __future__ import annotations

import random
from dataclasses import replace

from engine.kernel.errors import Place
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.language.sentence_checks import faults_of
from engine.rulebook.language.thresholds import Threshold
from engine.rulebook.model import Scenario

WINDOWS = (
    s.Window("日", 30), s.Window("日", 90), s.Window("週", 1), s.Window("か月", 1), s.Window("か月", 3),
    s.Window("か月", 12), s.Window("年", 2), s.Window("今年度"), s.Window("前年度"), s.Window("これまで"),
)  # fmt: skip
AGES = (
    s.AgeLimit(60, "日"), s.AgeLimit(8, "週"), s.AgeLimit(4, "か月"), s.AgeLimit(18, "か月"), s.AgeLimit(1, "歳"),
    s.AgeLimit(2, "歳"), s.AgeLimit(3, "歳"), s.AgeLimit(15, "歳"),
)  # fmt: skip
FORMS = (
    "年齢・学年", "状態", "有無", "世帯員", "出来事", "量", "前年との比", "直前との比", "最新の量", "最初の量",
    "最新の区分", "最初の区分", "続いている量", "続いている出来事", "続いたことがある量", "続いたことがある出来事",
    "年齢までの記録", "期限", "実施",
)  # fmt: skip
"""Every form that looks at records. シナリオの参照 comes with the scenarios to which it refers."""


def form_of(sentence: s.Sentence, vocabulary: Vocabulary) -> str:
    """The form of a sentence, by the names of `FORMS`."""
    match sentence:
        case s.Compare(item) if vocabulary.items[item].kind in ("年齢", "学年"):
            return "年齢・学年"
        case s.Compare() | s.IsOneOf():
            return "状態"
        case s.Has():
            return "有無"
        case s.Members():
            return "世帯員"
        case s.Events():
            return "出来事"
        case s.Total():
            return "量"
        case s.Growth():
            return f"{sentence.earlier}との比"
        case s.Latest():
            return "最初の量" if sentence.first else "最新の量"
        case s.LatestIs():
            return "最初の区分" if sentence.first else "最新の区分"
        case s.Streak():
            lasting = "続いている" if sentence.ongoing else "続いたことがある"
            return f"{lasting}量" if sentence.bound else f"{lasting}出来事"
        case s.Unrecorded():
            return "年齢までの記録"
        case s.Overdue():
            return "期限"
        case s.Done():
            return "実施"
        case s.Refers():
            return "シナリオの参照"


class Sentences:
    """Draws from one source of randomness over one vocabulary."""

    def __init__(self, rng: random.Random, vocabulary: Vocabulary) -> None:
        self.rng = rng
        self.vocabulary = vocabulary
        self.by_kind: dict[str, list[str]] = {}
        for key, item in vocabulary.items.items():
            if vocabulary.is_permitted(key):
                self.by_kind.setdefault(item.kind, []).append(key)

    def sentence(self) -> s.Sentence:
        """A valid sentence of any form."""
        return self.of_form(self.rng.choice(FORMS))

    def of_form(self, form: str) -> s.Sentence:
        """A valid sentence of one form."""
        while True:
            sentence = self._sentence(form)
            if not list(faults_of(sentence, self.vocabulary, {})):
                return sentence

    def _sentence(self, form: str) -> s.Sentence:
        rng = self.rng
        match form:
            case "年齢・学年" | "状態":
                kinds = ("年齢", "学年") if form == "年齢・学年" else ("順序区分", "数", "区分")
                modifier = self._modifier(*kinds)
                assert not isinstance(modifier, s.Has)
                return modifier if rng.random() < 0.7 else replace(modifier, owner=self._owner())
            case "有無":
                return self._modifier("有無")
            case "世帯員":
                return s.Members(self._owner(), self._count())
            case "出来事":
                item = self._item("出来事")
                return s.Events(item, self._window(), self._count(), self._optional_owner(item))
            case "量":
                item = self._item("量")
                return s.Total(item, self._window(), self._bound(), self._optional_owner(item))
            case "前年との比":
                item = self._item("量")
                return s.Growth(item, self._window(), rng.choice((1, 2, 3)), self._optional_owner(item))
            case "直前との比":
                item = self._item("量")
                return s.Growth(item, self._window(), rng.choice((1, 2, 3)), self._optional_owner(item), "直前")
            case "最新の量" | "最初の量":
                item = self._item("量")
                window, owner = self._optional_window(), self._optional_owner(item)
                return s.Latest(item, self._bound(), window, owner, form == "最初の量")
            case "最新の区分" | "最初の区分":
                item = self._item("最新の区分")
                window, owner = self._optional_window(), self._optional_owner(item)
                return s.LatestIs(item, self._values(item), window, owner, form == "最初の区分")
            case "続いている量" | "続いている出来事" | "続いたことがある量" | "続いたことがある出来事":
                item = self._item("量" if form.endswith("量") else "出来事", periodic=True)
                bound = self._bound() if form.endswith("量") else None
                owner, ongoing = self._optional_owner(item), form.startswith("続いている")
                return s.Streak(item, self._window(), rng.choice((2, 2, 3, 6)), bound, owner, ongoing)
            case "年齢までの記録":
                item = self._item("出来事", "期限のある記録")
                return s.Unrecorded(item, rng.choice(AGES), self._optional_owner(item))
            case "期限":
                item = self._item("期限のある記録")
                return s.Overdue(item, rng.choice((1, 30, 90)), self._optional_owner(item))
            case "実施":
                item = self._item("期限のある記録")
                return s.Done(item, self._optional_owner(item))
        raise ValueError(form)

    def _item(self, *kinds: str, periodic: bool = False) -> str:
        items = [key for kind in kinds for key in self.by_kind[kind]]
        return self.rng.choice([key for key in items if not periodic or self.vocabulary.record_of(key).period])

    def _values(self, item: str) -> tuple[str, ...]:
        values = self.vocabulary.items[item].values
        return tuple(self.rng.sample(values, self.rng.randint(1, min(3, len(values)))))

    def _modifier(self, *kinds: str) -> s.Modifier:
        kind = self.rng.choice(kinds or ("年齢", "学年", "順序区分", "数", "区分", "有無", "有無"))
        item = self._item(kind)
        if kind == "有無":
            return s.Has(item, self.rng.random() < 0.7)
        if kind == "区分":
            return s.IsOneOf(item, self._values(item))
        steps = self.vocabulary.items[item].values
        numbers: tuple[int | str, ...] = steps or ((6, 15, 18, 40) if kind == "年齢" else (1, 2, 3))
        bounds = [s.Bound(self.rng.choice(("以上", "以下", "未満", "を超える")), self.rng.choice(numbers))]
        if self.rng.random() < 0.3:
            bounds.append(s.Bound(self.rng.choice(("以上", "以下", "未満")), self.rng.choice(numbers)))
        return s.Compare(item, tuple(bounds))

    def _owner(self) -> s.Owner:
        modifiers = tuple(self._modifier() for _ in range(self.rng.choice((0, 0, 1, 1, 2))))
        return s.Owner(self.rng.choice(self.vocabulary.relations), modifiers)

    def _optional_owner(self, item: str) -> s.Owner | None:
        if self.vocabulary.record_of(item).subject == "世帯" or self.rng.random() < 0.7:
            return None
        return self._owner()

    def _count(self) -> s.Count:
        return self.rng.choice((s.Count("以上", 1), s.Count("以下", 0), s.Count("以上", 2), s.Count("以下", 1)))

    def _window(self) -> s.Window:
        return self.rng.choice(WINDOWS)

    def _optional_window(self) -> s.Window | None:
        return self.rng.choice((None, *WINDOWS[:-1]))

    def _bound(self) -> s.Bound:
        return s.Bound(self.rng.choice(("以上", "以下", "未満", "を超える")), self.rng.choice((1, 3, 10)))

    # ── trees and scenarios ──

    def condition(self, sentences: tuple[s.Sentence, ...], depth: int = 0) -> s.Condition:
        """A tree over given sentences."""
        if depth == 3 or self.rng.random() < 0.3:
            return self.rng.choice(sentences)
        kind = self.rng.choice(("すべて", "いずれか", "次でない", "n以上"))
        size = 1 if kind == "次でない" else self.rng.randint(2, 4)
        parts = tuple(self.condition(sentences, depth + 1) for _ in range(size))
        return s.Group(kind, parts, 2 if kind == "n以上" else 0)  # type: ignore[arg-type]

    def scenario(self, number: int, sentences: tuple[s.Sentence, ...]) -> Scenario:
        """A scenario over given sentences."""
        return Scenario(
            f"GN-{number:02}", "poverty", "", "", "", "中",
            target=self.condition(sentences, 2),
            condition=self.condition(sentences),
            cancels=tuple(self.condition(sentences, 2) for _ in range(self.rng.randint(0, 2))),
            ask=(), examples=(), place=Place("made_up"),
        )  # fmt: skip

    def scenarios(self, how_many: int, sentences: tuple[s.Sentence, ...]) -> tuple[list[Scenario], list[s.Refers]]:
        """Scenarios of which many refer to others, never in a loop, in any order; and all references to them."""
        made: list[Scenario] = []
        references: list[s.Refers] = []
        for number in range(1, how_many + 1):
            among = self.rng.sample(references, min(2, len(references)))
            made.append(self.scenario(number, (*self.rng.sample(sentences, min(4, len(sentences))), *among)))
            references += [s.Refers(made[-1].id), s.Refers(made[-1].id, False)]
        self.rng.shuffle(made)
        return made, references

    # ── numbers by name ──

    def with_names(self, sentence: s.Sentence) -> tuple[s.Sentence, dict[str, Threshold]]:
        """The same sentence with numbers given by thresholds, and these thresholds by name."""
        naming = _Naming(self)
        return naming.sentence(sentence), naming.thresholds


class _Naming:
    def __init__(self, sentences: Sentences) -> None:
        self.thresholds: dict[str, Threshold] = {}
        self._rng = sentences.rng
        self._items = sentences.vocabulary.items
        self._period = {key: sentences.vocabulary.record_of(key).period for key in self._items}

    def _name(self, value: int | str, unit: str | None) -> str | None:
        if self._rng.random() < 0.3:
            return None
        name = f"目安{'甲乙丙丁戊己庚'[len(self.thresholds)]}"
        self.thresholds[name] = Threshold(name, value, unit, f"{value}{unit or ''}", None, None, Place("made_up"))
        return name

    def _bound(self, item: str, bound: s.Bound) -> s.Bound:
        unit = self._items[item].unit if isinstance(bound.value, int) else None
        return replace(bound, named=self._name(bound.value, unit))

    def _count(self, count: s.Count, unit: str) -> s.Count:
        # がある and がない have no number that a threshold could give.
        return count if count.n == 0 or count == s.Count("以上", 1) else replace(count, named=self._name(count.n, unit))

    def _part(self, modifier: s.Modifier) -> s.Modifier:
        if not isinstance(modifier, s.Compare):
            return modifier
        return replace(modifier, bounds=tuple(self._bound(modifier.item, bound) for bound in modifier.bounds))

    def _owner(self, owner: s.Owner) -> s.Owner:
        return replace(owner, modifiers=tuple(map(self._part, owner.modifiers)))

    def sentence(self, sentence: s.Sentence) -> s.Sentence:
        match sentence:
            case s.Members(who, count):
                return s.Members(self._owner(who), self._count(count, "人"))
            case s.Refers() | s.Has():
                return sentence
            case s.Compare() if sentence.owner is None:
                return self._part(sentence)
        if sentence.owner is not None:
            sentence = replace(sentence, owner=self._owner(sentence.owner))
        match sentence:
            case s.Compare(item, bounds):
                return replace(sentence, bounds=tuple(self._bound(item, bound) for bound in bounds))
            case s.Events(_, _, count):
                return replace(sentence, count=self._count(count, "回"))
            case s.Total(item, _, bound) | s.Latest(item, bound):
                return replace(sentence, bound=self._bound(item, bound))
            case s.Streak(item, _, length, bound):
                unit = "か月" if self._period[item] == "月" else "期"
                named = self._name(length, unit)
                return replace(sentence, bound=bound and self._bound(item, bound), named=named)
            case s.Unrecorded(_, age):
                return replace(sentence, age=replace(age, named=self._name(age.n, age.unit)))
            case s.Overdue(_, days):
                return replace(sentence, named=self._name(days, "日"))
        return sentence
