"""The grammar of sentences as lark text, generated from the vocabulary: every word of it is a word of fields.yaml.

Values belong to their item, so that a wrong value fails at its place with its item's values as the only candidates.
Units are read loosely and checked afterwards, because "wrong unit" says more than "unexpected character".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.records.vocabulary import Item, Vocabulary
from engine.rulebook.language.folding import fold

_FRAME = r"""
start: sentence
sentence: compare | is_one_of | has | members | events | total | growth | latest | latest_is
        | streak_of_amounts | streak_of_events | unrecorded | overdue | done | refers

compare: (owner "の" _c)? comparison
is_one_of: (owner "の" _c)? membership
has: presence
members: who "が" _c member_count
events: window "に" _c (owner "に" _c)? event_label "が" _c event_count
total: (owner "の" _c)? window "の" _c amount_label "が" _c amount bound
growth: (owner "の" _c)? window "の" _c amount_label "が" _c earlier number "倍以上"
latest: (owner "の" _c)? (window "で" _c)? which amount_label "が" _c amount bound
latest_is: (owner "の" _c)? (window "で" _c)? which latest_membership
streak_of_amounts: (owner "の" _c)? window "に" _c amount_label "が" _c amount bound "の"? PERIOD "が" _c run lasting
streak_of_events: (owner "の" _c)? window "に" _c event_label "が" _c run lasting
unrecorded: (owner "の" _c)? age_limit "を過ぎても" _c (event_label | due_label) "の記録がない"
overdue: (owner "の" _c)? due_label "が" _c "期限を" (number "日" | named)? "過ぎても" _c "済んでいない"
done: (owner "の" _c)? due_label "が" _c "済んでいる"
refers: "シナリオ"? SCENARIO_ID stands

owner: who
who: ((modifier "かつ" _c)* last_modifier)? relation
modifier: comparison | membership | presence
last_modifier: comparison "の" | membership | presence
comparison: numeric | ordered
numeric: numeric_label "が" _c amount bound _c (amount bound)?

member_count: "いる" -> at_least_one
            | "いない" -> none
            | (number "人以上いる" | named "以上いる") -> at_least_n
            | (number "人以下である" | named "以下である") -> at_most_n
event_count: "ある" -> at_least_one
           | "ない" -> none
           | (number "回以上ある" | named "以上ある") -> at_least_n
           | (number "回以下である" | named "以下である") -> at_most_n
stands: "に該当する" -> is_hit
      | "に該当しない" -> is_no_hit

window: "直近" number window_unit -> recent
      | "今年度" -> this_year
      | "前年度" -> last_year
      | "これまで" -> ever
earlier: "前年の同じ期間の" -> year_before
       | "その前の同じ期間の" -> just_before
which: "最新の" -> newest
     | "最初の" -> first
run: number RUN_UNIT | named
lasting: "以上続いている" -> ongoing
       | "以上続いたことがある" -> once
age_limit: number "歳" | infant (number INFANT_UNIT | named) | named
infant: "生後"
bound: OPERATOR
amount: number unit | named
named: "「" THRESHOLD_NAME "」" ("(" THRESHOLD_VALUE ")")?
number: NUMBER
window_unit: WINDOW_UNIT
unit: UNIT
_c: "、"?
OPERATOR: "以上" | "以下" | "未満" | "を超える"
WINDOW_UNIT: "日" | "週" | "か月" | "年"
INFANT_UNIT: "日" | "週" | "か月"
PERIOD: "月" | "期"
RUN_UNIT: "か月" | "期"
NUMBER: /[0-9]+/
SCENARIO_ID: /[A-Z]{2,4}-[0-9]{2,3}/
THRESHOLD_NAME: /[^「」()]+/
THRESHOLD_VALUE: /[^「」()]+/
"""

NUMERIC_KINDS = ("年齢", "数")
SCALE_KINDS = ("順序区分", "学年")


@dataclass
class GrammarText:
    """A grammar in lark's notation. `words` tells, for each terminal, the texts (folded) that it stands for.

    `items` tells the item id for each label and phrase. One terminal holds all labels that stand in one place, because
    the parser's time grows with the number of rules that it has to predict. Of two labels that fit, the longer is read.
    """

    text: str
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)


def build_grammar(vocabulary: Vocabulary) -> GrammarText:
    """Write the grammar of a vocabulary. Items that may not be used are in it too: their refusal is a clearer message
    than an unknown word."""
    result = GrammarText("")
    lines = [_FRAME]

    def terminal(name: str, texts: Iterable[str]) -> str:
        words = tuple(dict.fromkeys(fold(text).text for text in texts))
        if words:
            result.words[name] = words
        # An impossible word keeps a rule alive in a vocabulary without items of that kind.
        lines.append(f"{name}: " + " | ".join(f'"{word}"' for word in words or ("\\u0000",)))
        return name

    def names_of(key: str, item: Item) -> tuple[str, ...]:
        names = (item.label, *item.aliases)
        result.items.update((fold(name).text, key) for name in names)
        return names

    def labels(kinds: Iterable[str]) -> list[str]:
        found = ((key, item) for key, item in vocabulary.items.items() if item.kind in kinds)
        return [name for key, item in found for name in names_of(key, item)]

    def rule(name: str, alternatives: list[str]) -> None:
        lines.append(f"{name}: " + " | ".join(alternatives or ['"\\u0000"']))

    rule("numeric_label", [terminal("LABEL_NUMERIC", labels(NUMERIC_KINDS))])
    rule("event_label", [terminal("LABEL_EVENT", labels(("出来事",)))])
    rule("amount_label", [terminal("LABEL_AMOUNT", labels(("量",)))])
    rule("due_label", [terminal("LABEL_DUE", labels(("期限のある記録",)))])
    rule("relation", [terminal("RELATION", vocabulary.relations)])
    units = sorted({fold(i.unit).text for i in vocabulary.items.values() if i.unit}, key=lambda u: (-len(u), u))
    lines.append("UNIT: " + " | ".join(f'"{unit}"' for unit in units or ["\\u0000"]))

    ordered: list[str] = []
    memberships: list[str] = []
    latest: list[str] = []
    by_values: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for key, item in vocabulary.items.items():
        if item.values:
            # Items of one kind with the same values share one rule.
            form = "scale" if item.kind in SCALE_KINDS else "one_of" if item.kind == "区分" else "latest"
            by_values.setdefault(item.values, {}).setdefault(form, []).extend(names_of(key, item))
    for number, (values, forms) in enumerate(by_values.items()):
        rule(f"values_{number}", [terminal(f"VALUE_{number}", values)])
        for form, names in forms.items():
            label = f"label_{form}_{number}"
            rule(label, [terminal(f"LABEL_{form.upper()}_{number}", names)])
            value = f"values_{number}"
            if form == "scale":
                ordered.append(f'{label} "が" _c ({value} | named) bound _c (({value} | named) bound)?')
                memberships.append(f'{label} "が" _c {value} "である"')
            else:
                (memberships if form == "one_of" else latest).append(
                    f'{label} "が" _c {value} ("か" {value})* "である"'
                )
    present = {key: item for key, item in vocabulary.items.items() if item.kind == "有無"}
    for key, item in present.items():
        result.items.update((fold(word or "").text, key) for word in (item.positive, item.negative))
    rule("ordered", ordered)
    rule("membership", memberships)
    rule("latest_membership", latest)
    positive = terminal("POSITIVE", [item.positive or "" for item in present.values()])
    negative = terminal("NEGATIVE", [item.negative or "" for item in present.values()])
    rule("presence", [positive, negative])
    result.text = "\n".join(lines)
    return result
