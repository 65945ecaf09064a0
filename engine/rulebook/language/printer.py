"""Canonical wording of a syntax tree: the Japanese read aloud at the conference, and an English rendering."""

from __future__ import annotations

from engine.records.vocabulary import Vocabulary
from engine.rulebook.language import syntax as s


def to_japanese(sentence: s.Sentence, vocabulary: Vocabulary, *, values: bool = True) -> str:
    """The canonical sentence. Parsing it gives the same tree back.

    A number that comes from a threshold is shown as 「名前」(30日): so the conference hears both. Without `values` only
    the name is written, as in a rulebook, where the number stands in one place.

    >>> from pathlib import Path
    >>> from engine.records.vocabulary import load_vocabulary
    >>> vocabulary = load_vocabulary(Path("rulebooks/fields.yaml"))
    >>> to_japanese(s.Events("moved_in", s.Window("か月", 24), s.Count("以上", 2)), vocabulary)
    '直近24か月に転入が2回以上ある'
    """
    return _Japanese(vocabulary, values).sentence(sentence)


def to_english(sentence: s.Sentence, vocabulary: Vocabulary) -> str:
    """A rendering for readers of English; item names are their ids, values stay as the city writes them.

    >>> from pathlib import Path
    >>> from engine.records.vocabulary import load_vocabulary
    >>> vocabulary = load_vocabulary(Path("rulebooks/fields.yaml"))
    >>> to_english(s.Events("moved_in", s.Window("か月", 24), s.Count("以上", 2)), vocabulary)
    'at least 2 times "moved in" in the last 24 months'
    """
    return _English(vocabulary).sentence(sentence)


class _Japanese:
    def __init__(self, vocabulary: Vocabulary, values: bool) -> None:
        self._vocabulary = vocabulary
        self._items = vocabulary.items
        self._values = values

    def sentence(self, sentence: s.Sentence) -> str:
        match sentence:
            case s.Members(who, count):
                return f"{self._who(who)}が{self._count(count, '人', 'いる', 'いない')}"
            case s.Events(item, window, count, owner):
                whose = f"、{self._who(owner)}に" if owner else ""
                counted = self._count(count, "回", "ある", "ない")
                return f"{self._window(window)}に{whose}{self._label(item)}が{counted}"
            case s.Compare() | s.IsOneOf() | s.Has():
                whose = self._of(sentence.owner) if not isinstance(sentence, s.Has) else ""
                return whose + self._attribute(sentence)
            case s.Total(item, window, bound, owner):
                return f"{self._of(owner)}{self._window(window)}の{self._label(item)}が{self._bound(item, bound)}"
            case s.Growth(item, window, times, owner, earlier):
                base = "前年の同じ期間" if earlier == "前年" else "その前の同じ期間"
                return f"{self._of(owner)}{self._window(window)}の{self._label(item)}が{base}の{times}倍以上"
            case s.Latest(item, bound, window, owner, first):
                return f"{self._which(owner, window, first)}{self._label(item)}が{self._bound(item, bound)}"
            case s.LatestIs(item, values, window, owner, first):
                return f"{self._which(owner, window, first)}{self._label(item)}が{'か'.join(values)}である"
            case s.Streak(item, window, length, bound, owner, ongoing, named):
                unit = "か月" if self._vocabulary.record_of(item).period == "月" else "期"
                run = f"{self._number(length, unit, named)}以上"
                what = f"{self._of(owner)}{self._window(window)}に{self._label(item)}が"
                lasting = "続いている" if ongoing else "続いたことがある"
                if bound is None:
                    return f"{what}{run}{lasting}"
                such = (
                    f"{self._bound(item, bound)}{'' if bound.operator == 'を超える' else 'の'}{unit.removeprefix('か')}"
                )
                return f"{what}{such}が{run}{lasting}"
            case s.Unrecorded(item, age, owner):
                return f"{self._of(owner)}{self._age(age)}を過ぎても{self._label(item)}の記録がない"
            case s.Overdue(item, days, owner, named):
                late = (
                    "期限を過ぎても" if days == 1 and not named else f"期限を{self._number(days, '日', named)}過ぎても"
                )
                return f"{self._of(owner)}{self._label(item)}が{late}済んでいない"
            case s.Done(item, owner):
                return f"{self._of(owner)}{self._label(item)}が済んでいる"
            case s.Refers(scenario, positive):
                return f"シナリオ{scenario}に該当{'する' if positive else 'しない'}"

    def _label(self, item: str) -> str:
        return self._items[item].label

    def _attribute(self, part: s.Modifier) -> str:
        match part:
            case s.Compare(item, bounds) if step := _single_step(part):
                return f"{self._label(item)}が{step}である"
            case s.Compare(item, bounds):
                return f"{self._label(item)}が{''.join(self._bound(item, bound) for bound in bounds)}"
            case s.IsOneOf(item, values):
                return f"{self._label(item)}が{'か'.join(values)}である"
            case s.Has(item, positive):
                phrase = self._items[item].positive if positive else self._items[item].negative
                assert phrase is not None
                return phrase

    def _bound(self, item: str, bound: s.Bound) -> str:
        unit = self._items[item].unit if isinstance(bound.value, int) else ""
        return f"{self._number(bound.value, unit or '', bound.named)}{bound.operator}"

    def _number(self, value: int | str, unit: str, named: str | None) -> str:
        if named is None:
            return f"{value}{unit}"
        return f"「{named}」({value}{unit})" if self._values else f"「{named}」"

    def _age(self, age: s.AgeLimit) -> str:
        return f"{'' if age.unit == '歳' else '生後'}{self._number(age.n, age.unit, age.named)}"

    def _who(self, owner: s.Owner) -> str:
        last = owner.modifiers[-1] if owner.modifiers else None
        link = "の" if isinstance(last, s.Compare) and not _single_step(last) else ""
        return "かつ".join(map(self._attribute, owner.modifiers)) + link + owner.relation

    def _of(self, owner: s.Owner | None) -> str:
        return f"{self._who(owner)}の" if owner else ""

    def _window(self, window: s.Window) -> str:
        return f"直近{window.n}{window.kind}" if window.n else window.kind

    def _which(self, owner: s.Owner | None, window: s.Window | None, first: bool) -> str:
        within = self._window(window) + "で" if window else ""
        return f"{self._of(owner)}{within}{'最初' if first else '最新'}の"

    def _count(self, count: s.Count, unit: str, some: str, none: str) -> str:
        if count == s.Count("以上", 1) and not count.named:
            return some
        if count == s.Count("以下", 0) and not count.named:
            return none
        return f"{self._number(count.n, unit, count.named)}{count.operator}{some if count.operator == '以上' else 'である'}"


def _single_step(part: s.Compare) -> str | None:
    """The step of a scale that is the only one within the bounds as written, without a threshold: 中1以上中1以下."""
    match part.bounds:
        case (s.Bound("以上", str(low), None), s.Bound("以下", str(high), None)) if low == high:
            return low
    return None


_OPERATORS = {"以上": "at least", "以下": "at most", "未満": "below", "を超える": "above"}
_UNITS = {"日": "day", "週": "week", "か月": "month", "年": "year"}
_MEASURES = {"歳": "year", "日": "day", "か月": "month", "回": "time", "点": "point", "週": "week"}
_RELATIONS = {
    "母": "mother",
    "父": "father",
    "きょうだい": "sibling",
    "祖父母": "grandparent",
    "世帯員": "household member",
}


class _English:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self._items = vocabulary.items
        self._periods = {
            key: "months" if vocabulary.record_of(key).period == "月" else "periods" for key in vocabulary.items
        }

    def sentence(self, sentence: s.Sentence) -> str:
        match sentence:
            case s.Members(who, count):
                return f"{self._count(count)} {self._who(who, count.n or 1)} in the household"
            case s.Events(item, window, count, owner):
                often = (
                    "never"
                    if count == s.Count("以下", 0)
                    else f"{self._count(count)} time{'s' if count.n != 1 else ''}"
                )
                text = f'{often} "{self._name(item)}" {self._window(window)}'
            case s.Compare() | s.IsOneOf():
                text = self._attribute(sentence)
            case s.Has():
                return self._attribute(sentence)
            case s.Total(item, window, bound, _):
                text = f"total {self._name(item)} {self._window(window)} {self._bound(item, bound)}"
            case s.Growth(item, window, times, _, earlier):
                base = "that of a year before" if earlier == "前年" else "that of the equally long span before it"
                text = f"total {self._name(item)} {self._window(window)} at least {times} times {base}"
            case s.Latest(item, bound, window, _, first):
                which = "first" if first else "latest"
                text = f"{which} {self._name(item)}{self._within(window)} {self._bound(item, bound)}"
            case s.LatestIs(item, values, window, _, first):
                which = "first" if first else "latest"
                text = f"{which} {self._name(item)}{self._within(window)} is {' or '.join(values)}"
            case s.Streak(item, window, length, bound, _, ongoing):
                each = f"with {self._name(item)} {self._bound(item, bound)}" if bound else f'with "{self._name(item)}"'
                until = " up to the newest" if ongoing else ""
                text = f"at least {length} {self._periods[item]} in a row{until} {self._window(window)} {each}"
            case s.Unrecorded(item, age, _):
                text = f"no {self._name(item)} on record past the age of {_several(age.n, _MEASURES[age.unit])}"
            case s.Refers(scenario, positive):
                return f"scenario {scenario} {'' if positive else 'not '}met"
            case s.Overdue(item, days, _):
                text = f"{self._name(item)} not done {_several(days, 'day')} or more after it was due"
            case s.Done(item, _):
                text = f"{self._name(item)} done"
        owner = s.owner_of(sentence)
        return f"for some {self._who(owner)}: {text}" if owner else text

    def _name(self, item: str) -> str:
        return item.replace("_", " ")

    def _attribute(self, part: s.Modifier) -> str:
        match part:
            case s.Compare(item) if step := _single_step(part):
                return f"{self._name(item)} is {step}"
            case s.Compare(item, bounds):
                return f"{self._name(item)} {' and '.join(self._bound(item, bound) for bound in bounds)}"
            case s.IsOneOf(item, values):
                return f"{self._name(item)} is {' or '.join(values)}"
            case s.Has(item, positive):
                return f'{"" if positive else "not "}"{self._name(item)}"'

    def _bound(self, item: str, bound: s.Bound) -> str:
        unit = self._items[item].unit if isinstance(bound.value, int) else None
        measure = _MEASURES.get(unit or "", unit)
        amount = _several(int(bound.value), measure) if measure != unit and measure else f"{bound.value} {unit or ''}"
        return f"{_OPERATORS[bound.operator]} {amount}".rstrip()

    def _who(self, owner: s.Owner, n: int = 1) -> str:
        with_ = f" with {' and '.join(map(self._attribute, owner.modifiers))}" if owner.modifiers else ""
        return _RELATIONS.get(owner.relation, owner.relation) + ("s" if n != 1 else "") + with_

    def _window(self, window: s.Window) -> str:
        match window.kind:
            case "今年度":
                return "in this fiscal year"
            case "前年度":
                return "in the last fiscal year"
            case "これまで":
                return "since records began"
            case _:
                return f"in the last {_several(window.n, _UNITS[window.kind])}"

    def _within(self, window: s.Window | None) -> str:
        return f" {self._window(window)}" if window else ""

    def _count(self, count: s.Count) -> str:
        if count == s.Count("以下", 0):
            return "no"
        return f"{'at least' if count.operator == '以上' else 'at most'} {count.n}"


def _several(n: int, what: str) -> str:
    """A number of things.

    >>> _several(1, "day"), _several(10, "day")
    ('1 day', '10 days')
    """
    return f"{n} {what}{'' if n == 1 else 's'}"
