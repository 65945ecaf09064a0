"""From lark's tree to the syntax tree: which item, number, threshold and relative each word of a sentence stands for."""

from __future__ import annotations

from typing import Any

from lark import Token, Tree

from engine.kernel.strict_yaml import near_name
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.language.diagnosis import Fault
from engine.rulebook.language.folding import fold
from engine.rulebook.language.thresholds import Threshold, Thresholds

_RUN_UNITS = {"月": "か月", "2か月": "期"}
"""How a run of periods is counted, by the rhythm (周期) of the records."""


def _trees(tree: Tree[Token]) -> dict[str, list[Tree[Token]]]:
    found: dict[str, list[Tree[Token]]] = {}
    for child in tree.children:
        if isinstance(child, Tree):
            found.setdefault(str(child.data), []).append(child)
    return found


def _first_token(tree: Tree[Token]) -> Token:
    for token in tree.scan_values(lambda value: isinstance(value, Token)):
        assert isinstance(token, Token)
        return token
    raise AssertionError(f"the grammar gave {tree.data} no word")


class Reader:
    """Turns lark's tree into the syntax tree, and notes where each item stands and which units do not fit."""

    def __init__(self, items: dict[str, str], vocabulary: Vocabulary, thresholds: Thresholds) -> None:
        self._items = items
        self._vocabulary = vocabulary
        self._thresholds = thresholds
        self._original = {fold(word).text: word for item in vocabulary.items.values() for word in item.values} | {
            fold(word).text: word for word in vocabulary.relations
        }
        self.faults: list[Fault] = []
        self.positions: dict[str, int] = {}

    def sentence(self, tree: Tree[Token]) -> s.Sentence:
        """The syntax tree of a sentence that lark has parsed. What is wrong with its words is added to `faults`."""
        inner = tree.children[0]
        assert isinstance(inner, Tree)
        form = inner.children[0]
        assert isinstance(form, Tree)
        return getattr(self, f"_{form.data}")(form)  # type: ignore[no-any-return]

    def _item(self, token: Token) -> str:
        item = self._items[str(token)]
        self.positions.setdefault(item, token.start_pos or 0)
        return item

    def _label(self, tree: Tree[Token]) -> str:
        return self._item(_first_token(tree))

    def _word(self, tree: Tree[Token]) -> str:
        return self._original[str(_first_token(tree))]

    def _number(self, tree: Tree[Token]) -> int:
        return int(_first_token(tree))

    def _owner(self, parts: dict[str, list[Tree[Token]]]) -> s.Owner | None:
        if "owner" not in parts:
            return None
        who = parts["owner"][0].children[0]
        assert isinstance(who, Tree)
        return self._who(who)

    def _who(self, tree: Tree[Token]) -> s.Owner:
        parts = _trees(tree)
        written = (*parts.get("modifier", []), *parts.get("last_modifier", []))
        modifiers = tuple(self._modifier(modifier) for modifier in written)
        relation = parts["relation"][0]
        self.positions.setdefault("続柄", _first_token(relation).start_pos or 0)
        return s.Owner(self._word(relation), modifiers)

    def _modifier(self, tree: Tree[Token]) -> s.Modifier:
        inner = tree.children[0]
        assert isinstance(inner, Tree)
        if inner.data == "comparison":
            return self._comparison(inner, None)
        if inner.data == "membership":
            return self._member_of(inner, None)
        return self._presence(inner)

    def _named(self, tree: Tree[Token], wanted: str) -> Threshold | None:
        """The threshold that a name stands for, or None with a fault. `wanted`: the unit it must have, 段階 for a step."""
        name, *written = (token for token in tree.children if isinstance(token, Token))
        threshold = self._thresholds.get(str(name))
        position = name.start_pos or 0
        if threshold is None:
            near = near_name(str(name), self._thresholds, cutoff=0.7)  # many names end alike (…の目安)
            self._fault_at(
                position,
                "E-RULE-44",
                f"「{name}」という閾値はありません。",
                "比べる数が決まりません。",
                f"「{near}」ではありませんか。" if near else "ルールブックの「閾値:」に書き足してください。",
                about=str(name),
            )
            return None
        units = wanted.split("・")
        if (threshold.unit or "段階") not in units:
            self._fault_at(
                position,
                "E-RULE-45",
                f"閾値「{name}」は「{threshold.text}」なので、ここでは使えません(単位は「{wanted}」)。",
                "数の意味が変わってしまいます。",
                "別の閾値を使うか、閾値の単位を直してください。",
            )
            return None
        if written and fold(threshold.text).text != str(written[0]):
            self._fault_at(
                written[0].start_pos or 0,
                "E-RULE-46",
                f"かっこの中の「{written[0]}」が、閾値「{name}」の値(「{threshold.text}」)と違います。",
                "どちらの数で判定するのか分かりません。",
                "かっこを消してください(値は「閾値:」の1か所で決めます)。",
            )
            return None
        return threshold

    def _amount(self, tree: Tree[Token], item: str) -> tuple[int, str | None]:
        """The number, and the threshold's name if it is given by one."""
        parts = _trees(tree)
        unit = fold(self._vocabulary.items[item].unit or "").text
        if "named" in parts:
            return self._named_number(parts["named"][0], unit)
        unit_token = _first_token(parts["unit"][0])
        if str(unit_token) != unit:
            label = self._vocabulary.items[item].label
            self._fault_at(
                unit_token.start_pos or 0,
                "E-RULE-04",
                f"「{label}」の単位は「{unit}」です(「{unit_token}」と書かれています)。",
                "数の意味が変わってしまいます。",
                f"「{unit}」で書き直してください。",
            )
        return self._number(parts["number"][0]), None

    def _named_number(self, tree: Tree[Token], unit: str) -> tuple[int, str | None]:
        threshold = self._named(tree, unit)
        return (int(threshold.value), threshold.name) if threshold else (1, None)

    def _step(self, tree: Tree[Token], item: str) -> tuple[str, str | None]:
        steps = self._vocabulary.items[item].values
        if tree.data != "named":
            return self._word(tree), None
        threshold = self._named(tree, "段階")
        if threshold is None:
            return steps[0], None
        if threshold.value not in steps:
            self._fault(
                tree,
                "E-RULE-45",
                f"閾値「{threshold.name}」の「{threshold.text}」は「{self._vocabulary.items[item].label}」の段階ではありません。",
                "比べることができません。",
                f"使える段階は{'・'.join(steps)}です。",
            )
            return steps[0], None
        return str(threshold.value), threshold.name

    def _comparison(self, tree: Tree[Token], owner: s.Owner | None) -> s.Compare:
        inner = tree.children[0]
        assert isinstance(inner, Tree)
        label, *rest = (child for child in inner.children if isinstance(child, Tree))
        item = self._label(label)
        read = self._amount if inner.data == "numeric" else self._step
        bounds = []
        for value_tree, bound in zip(rest[::2], rest[1::2], strict=True):
            value, named = read(value_tree, item)
            bounds.append(s.Bound(self._operator(bound), value, named))
        return s.Compare(item, tuple(bounds), owner)

    def _operator(self, tree: Tree[Token]) -> Any:
        return str(_first_token(tree))

    def _membership(self, tree: Tree[Token]) -> tuple[str, tuple[str, ...]]:
        label, *values = (child for child in tree.children if isinstance(child, Tree))
        return self._label(label), tuple(self._word(value) for value in values)

    def _member_of(self, tree: Tree[Token], owner: s.Owner | None) -> s.Compare | s.IsOneOf:
        item, values = self._membership(tree)
        if self._vocabulary.items[item].kind == "区分":
            return s.IsOneOf(item, values, owner)
        # 学年が中1である is 中1以上中1以下: one meaning is one tree.
        return s.Compare(item, (s.Bound("以上", values[0]), s.Bound("以下", values[0])), owner)

    def _presence(self, tree: Tree[Token]) -> s.Has:
        token = _first_token(tree)
        return s.Has(self._item(token), token.type == "POSITIVE")

    def _window(self, parts: dict[str, list[Tree[Token]]]) -> s.Window:
        for name, kind in (("this_year", "今年度"), ("last_year", "前年度"), ("ever", "これまで")):
            if name in parts:
                return s.Window(kind)  # type: ignore[arg-type]
        recent = _trees(parts["recent"][0])
        unit: Any = str(_first_token(recent["window_unit"][0]))
        number = recent["number"][0]
        n = self._number(number)
        if n == 0:
            self._fault(
                number, "E-RULE-09", "期間が0です。", "1日も含まれず、何も数えられません。", "1以上の数にしてください。"
            )
        return s.Window(unit, n)

    def _fault(self, tree: Tree[Token], code: str, what: str, why: str, remedy: str) -> None:
        self._fault_at(_first_token(tree).start_pos or 0, code, what, why, remedy)

    def _fault_at(self, position: int, code: str, what: str, why: str, remedy: str, about: str = "") -> None:
        self.faults.append(Fault(position, code, what, why, remedy, about))

    def _count(self, parts: dict[str, list[Tree[Token]]], unit: str) -> s.Count:
        if "at_least_one" in parts:
            return s.Count("以上", 1)
        if "none" in parts:
            return s.Count("以下", 0)
        at_most = "at_most_n" in parts
        tree = parts["at_most_n" if at_most else "at_least_n"][0]
        inner = _trees(tree)
        if "named" in inner:
            n, named = self._named_number(inner["named"][0], unit)
        else:
            n, named = self._number(tree), None
        if n == 0 and not at_most:
            self._fault(
                tree, "E-RULE-08", "「0以上」はいつも成り立ちます。", "条件になりません。", "1以上の数にしてください。"
            )
        return s.Count("以下" if at_most else "以上", n, named)

    def _amount_bound(self, parts: dict[str, list[Tree[Token]]], item: str) -> s.Bound:
        value, named = self._amount(parts["amount"][0], item)
        return s.Bound(self._operator(parts["bound"][0]), value, named)

    def _compare(self, tree: Tree[Token]) -> s.Sentence:
        parts = _trees(tree)
        return self._comparison(parts["comparison"][0], self._owner(parts))

    def _is_one_of(self, tree: Tree[Token]) -> s.Sentence:
        parts = _trees(tree)
        return self._member_of(parts["membership"][0], self._owner(parts))

    def _has(self, tree: Tree[Token]) -> s.Sentence:
        return self._presence(tree)

    def _members(self, tree: Tree[Token]) -> s.Sentence:
        parts = _trees(tree)
        return s.Members(self._who(parts["who"][0]), self._count(parts, "人"))

    def _events(self, tree: Tree[Token]) -> s.Sentence:
        parts = _trees(tree)
        item = self._label(parts["event_label"][0])
        return s.Events(item, self._window(parts), self._count(parts, "回"), self._owner(parts))

    def _total(self, tree: Tree[Token]) -> s.Sentence:
        parts = _trees(tree)
        item = self._label(parts["amount_label"][0])
        bound = self._amount_bound(parts, item)
        return s.Total(item, self._window(parts), bound, self._owner(parts))

    def _growth(self, tree: Tree[Token]) -> s.Sentence:
        parts = _trees(tree)
        item, number = self._label(parts["amount_label"][0]), parts["number"][0]
        times = self._number(number)
        if times == 0:
            self._fault(
                number,
                "E-RULE-08",
                "「0倍以上」は比較になりません。",
                "いつも成り立ってしまいます。",
                "1以上の数にしてください。",
            )
        earlier: Any = "直前" if "just_before" in parts else "前年"
        return s.Growth(item, self._window(parts), times, self._owner(parts), earlier)

    def _latest(self, tree: Tree[Token]) -> s.Sentence:
        parts = _trees(tree)
        item = self._label(parts["amount_label"][0])
        bound = self._amount_bound(parts, item)
        return s.Latest(item, bound, self._optional_window(parts), self._owner(parts), "first" in parts)

    def _latest_is(self, tree: Tree[Token]) -> s.Sentence:
        parts = _trees(tree)
        item, values = self._membership(parts["latest_membership"][0])
        return s.LatestIs(item, values, self._optional_window(parts), self._owner(parts), "first" in parts)

    def _optional_window(self, parts: dict[str, list[Tree[Token]]]) -> s.Window | None:
        if not {"recent", "this_year", "last_year", "ever"} & parts.keys():
            return None
        window = self._window(parts)
        # これまで says the same as saying nothing, and one meaning is one tree.
        return None if window.kind == "これまで" else window

    def _streak_of_amounts(self, tree: Tree[Token]) -> s.Sentence:
        parts = _trees(tree)
        item = self._label(parts["amount_label"][0])
        bound = self._amount_bound(parts, item)
        token = next(t for t in tree.children if isinstance(t, Token) and t.type == "PERIOD")
        unit = _RUN_UNITS.get(self._vocabulary.record_of(item).period or "", str(token))
        if str(token) != unit.removeprefix("か"):
            self._fault_at(
                token.start_pos or 0,
                "E-RULE-04",
                f"「{self._vocabulary.items[item].label}」の記録は「{unit.removeprefix('か')}」ごとです(「{token}」と書かれています)。",
                "数え方が変わってしまいます。",
                f"「…の{unit.removeprefix('か')}が3{unit}以上続いている」のように書いてください。",
            )
        length, named = self._run(parts["run"][0], item)
        return s.Streak(item, self._window(parts), length, bound, self._owner(parts), "ongoing" in parts, named)

    def _streak_of_events(self, tree: Tree[Token]) -> s.Sentence:
        parts = _trees(tree)
        item = self._label(parts["event_label"][0])
        length, named = self._run(parts["run"][0], item)
        return s.Streak(item, self._window(parts), length, None, self._owner(parts), "ongoing" in parts, named)

    def _run(self, tree: Tree[Token], item: str) -> tuple[int, str | None]:
        parts = _trees(tree)
        period = self._vocabulary.record_of(item).period
        if period is None:
            return 2, None  # told as a fault of the sentence: there is no period whose run could be counted
        unit = _RUN_UNITS[period]
        if "named" in parts:
            length, named = self._named_number(parts["named"][0], unit)
        else:
            token = next(t for t in tree.children if isinstance(t, Token))
            if str(token) != unit:
                self._fault_at(
                    token.start_pos or 0,
                    "E-RULE-04",
                    f"「{self._vocabulary.items[item].label}」が続いた長さの単位は「{unit}」です(「{token}」と書かれています)。",
                    "数え方が変わってしまいます。",
                    f"「{unit}」で書き直してください。",
                )
            length, named = self._number(parts["number"][0]), None
        if length < 2 and not self.faults:
            self._fault(
                tree,
                "E-RULE-08",
                f"「{length}{unit}以上続く」は、続いていることになりません。",
                "1回あれば成り立ってしまいます。",
                "2以上の数にしてください。",
            )
        return length, named

    def _unrecorded(self, tree: Tree[Token]) -> s.Sentence:
        parts = _trees(tree)
        label = (parts.get("event_label") or parts["due_label"])[0]
        return s.Unrecorded(self._label(label), self._age_limit(parts["age_limit"][0]), self._owner(parts))

    def _age_limit(self, tree: Tree[Token]) -> s.AgeLimit:
        parts = _trees(tree)
        infant = "infant" in parts
        unit: Any
        if "named" in parts:
            threshold = self._named(parts["named"][0], "日・週・か月" if infant else "歳")
            if threshold is None:
                return s.AgeLimit(1, "歳")
            n, unit, named = int(threshold.value), threshold.unit, threshold.name
        else:
            found = [str(t) for t in tree.children if isinstance(t, Token) and t.type == "INFANT_UNIT"]
            n, unit, named = self._number(parts["number"][0]), found[0] if found else "歳", None
        if n == 0:
            self._fault(
                tree,
                "E-RULE-08",
                "「0」は年齢の目安になりません。",
                "いつも成り立ってしまいます。",
                "1以上の数にしてください。",
            )
        return s.AgeLimit(n, unit, named)

    def _refers(self, tree: Tree[Token]) -> s.Sentence:
        token = next(t for t in tree.children if isinstance(t, Token) and t.type == "SCENARIO_ID")
        return s.Refers(str(token), "is_hit" in _trees(tree))

    def _overdue(self, tree: Tree[Token]) -> s.Sentence:
        parts = _trees(tree)
        days, named = 1, None
        if "named" in parts:
            days, named = self._named_number(parts["named"][0], "日")
        elif "number" in parts:
            days = self._number(parts["number"][0])
        if days == 0:
            self._fault(
                (parts.get("number") or parts["named"])[0],
                "E-RULE-08",
                "期限の当日はまだ期限を過ぎていません。",
                "「0日過ぎても」は意味が決まりません。",
                "「期限を過ぎても」か、1日以上の数にしてください。",
            )
        return s.Overdue(self._label(parts["due_label"][0]), days, self._owner(parts), named)

    def _done(self, tree: Tree[Token]) -> s.Sentence:
        parts = _trees(tree)
        return s.Done(self._label(parts["due_label"][0]), self._owner(parts))
