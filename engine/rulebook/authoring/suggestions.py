"""Sentences that an author may start from: a natural one for each word of the vocabulary, and one with blanks for each form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.records.vocabulary import Item, Vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.language.printer import to_japanese

SUMMED_UNITS = ("日", "回")
"""Amounts in these units are added up over a window; of others (点, か月, g) the newest counts."""

HALF_YEAR = s.Window("か月", 6)
QUARTER = s.Window("か月", 3)


@dataclass(frozen=True)
class Snippet:
    """A sentence with blanks, in the notation of editors: ${1:3} is a number to change, ${2|欠席,遅刻|} a choice."""

    label: str
    description: str
    body: str


def suggested_sentences(vocabulary: Vocabulary) -> Iterator[str]:
    """One or two canonical sentences for every item that may be used, in the vocabulary's order."""
    for key, item in vocabulary.items.items():
        if vocabulary.is_permitted(key):
            for sentence in _sentences(key, item, vocabulary):
                yield to_japanese(sentence, vocabulary, values=False)
    for relation in vocabulary.relations:
        yield to_japanese(s.Members(s.Owner(relation), s.Count("以上", 1)), vocabulary)
        yield to_japanese(s.Members(s.Owner(relation), s.Count("以下", 0)), vocabulary)


def _sentences(key: str, item: Item, vocabulary: Vocabulary) -> Iterator[s.Sentence]:
    match item.kind:
        case "年齢":
            yield s.Compare(key, (s.Bound("以上", 6), s.Bound("未満", 18)))
        case "学年":
            yield s.Compare(key, (s.Bound("以上", item.values[0]), s.Bound("以下", item.values[-1])))
        case "順序区分":
            middle = item.values[len(item.values) // 2]
            yield s.Members(s.Owner("世帯員", (s.Compare(key, (s.Bound("以上", middle),)),)), s.Count("以上", 1))
            yield s.Compare(key, (s.Bound("以上", middle),))
        case "数":
            yield s.Compare(key, (s.Bound("以上", 1),))
        case "区分":
            yield s.IsOneOf(key, (item.values[-1],))
        case "有無":
            yield s.Has(key, True)
            yield s.Has(key, False)
        case "出来事":
            yield s.Events(key, HALF_YEAR, s.Count("以上", 1))
            yield s.Events(key, HALF_YEAR, s.Count("以上", 2))
        case "量":
            if is_summed(key, vocabulary):
                yield s.Total(key, QUARTER, s.Bound("以上", 5))
                yield s.Growth(key, QUARTER, 2)
            else:
                yield s.Latest(key, s.Bound("以上", 1))
        case "最新の区分":
            yield s.LatestIs(key, item.values[1:2])
        case "期限のある記録":
            yield s.Overdue(key, 90)
            yield s.Done(key)


def is_summed(key: str, vocabulary: Vocabulary) -> bool:
    """Whether an amount is one that is added up over a window (欠席), not one of which the newest counts (点, 滞納)."""
    return vocabulary.items[key].unit in SUMMED_UNITS and vocabulary.record_of(key).period is not None


def snippets(vocabulary: Vocabulary) -> Iterator[Snippet]:
    """A sentence with blanks for each form that the vocabulary has words for; every choice gives a sentence that parses."""
    permitted = {key: item for key, item in vocabulary.items.items() if vocabulary.is_permitted(key)}

    def of(*kinds: str) -> dict[str, Item]:
        return {key: item for key, item in permitted.items() if item.kind in kinds}

    def choice(number: int, words: list[str]) -> str:
        return f"${{{number}|{','.join(words)}|}}" if words else ""

    ages = [item.label for item in of("年齢").values()]
    for label in ages:
        yield Snippet("年齢の範囲", "こども本人の年齢", f"{label}が${{1:6}}歳以上${{2:18}}歳未満")
        yield Snippet(
            "年齢で選んだ世帯員",
            "その年齢の人が世帯にいる",
            f"{label}が${{1:6}}歳未満の{choice(2, list(vocabulary.relations))}が${{3:2}}人以上いる",
        )
    for item in of("学年").values():
        steps = list(item.values)
        yield Snippet("学年の範囲", "こども本人の学年", f"{item.label}が{choice(1, steps)}以上{choice(2, steps[::-1])}以下")
    people = choice(1, list(vocabulary.relations))
    yield Snippet("世帯にいる・いない", "続柄で世帯の人を数える", f"{people}が{choice(2, ['いる', 'いない'])}")
    had = [phrase for item in of("有無").values() for phrase in (item.positive or "", item.negative or "")]
    if had:
        yield Snippet("手当・手帳・サービスの有無", "こども本人が受けている・いない", choice(1, had))
        yield Snippet("受けている世帯員", "世帯の人が受けている・いない", f"{choice(1, had)}{choice(2, list(vocabulary.relations))}がいる")
    for item in of("順序区分").values():
        yield Snippet(
            f"{item.label}の世帯員",
            "その段階以上の人が世帯にいる",
            f"{item.label}が{choice(1, list(item.values))}以上の{choice(2, list(vocabulary.relations)[::-1])}がいる",
        )
    for item in of("区分").values():
        yield Snippet(item.label, "こども本人の区分", f"{item.label}が{choice(1, list(item.values))}である")
    for item in of("数").values():
        yield Snippet(item.label, "こども本人の数", f"{item.label}が${{1:1}}{item.unit}以上")
    events = [item.label for item in of("出来事").values()]
    if events:
        yield Snippet("期間の中の出来事", "あったか、なかったか", f"直近${{1:6}}か月に{choice(2, events)}が{choice(3, ['ある', 'ない'])}")
        yield Snippet("出来事の回数", "期間の中で何回以上あったか", f"直近${{1:6}}か月に{choice(2, events)}が${{3:2}}回以上ある")
        # What is recorded of the household as a whole is nobody's in particular.
        of_people = [i.label for key, i in of("出来事").items() if vocabulary.record_of(key).subject == "人"]
        yield Snippet(
            "家族の出来事",
            "世帯のだれかにあったか",
            f"直近${{1:12}}か月に、{choice(2, list(vocabulary.relations))}に{choice(3, of_people)}がある",
        )
    amounts = of("量")
    for unit in dict.fromkeys(item.unit for item in amounts.values()):
        summed = [i.label for key, i in amounts.items() if i.unit == unit and is_summed(key, vocabulary)]
        newest = [i.label for key, i in amounts.items() if i.unit == unit and not is_summed(key, vocabulary)]
        if summed:
            window = choice(1, ["直近3か月", "直近6か月", "今年度"])
            what = choice(2, summed)
            yield Snippet(f"期間の合計({unit})", "期間の中で足し合わせた数", f"{window}の{what}が${{3:10}}{unit}以上")
            yield Snippet(
                f"増えている({unit})",
                "前と比べて何倍か",
                f"直近${{1:3}}か月の{what}が{choice(3, ['前年の同じ期間', 'その前の同じ期間'])}の${{4:2}}倍以上",
            )
        if newest:
            yield Snippet(f"いちばん新しい数({unit})", "最新の記録の数", f"最新の{choice(1, newest)}が${{2:1}}{unit}以上")
    monthly = [i.label for key, i in amounts.items() if is_summed(key, vocabulary) and vocabulary.record_of(key).period == "月"]
    for unit in dict.fromkeys(i.unit for i in amounts.values() if i.label in monthly):
        words = [i.label for i in amounts.values() if i.unit == unit and i.label in monthly]
        yield Snippet(
            f"続いている({unit})",
            "その月が何か月続いているか",
            f"直近${{1:12}}か月に{choice(2, words)}が${{3:5}}{unit}以上の月が${{4:3}}か月以上続いている",
        )
    for item in of("最新の区分").values():
        yield Snippet(item.label, "最新の記録の区分", f"最新の{item.label}が{choice(1, list(item.values)[1:] or list(item.values))}である")
    due = [item.label for item in of("期限のある記録").values()]
    if due:
        yield Snippet("期限を過ぎた健診など", "期限の日から数えて", f"{choice(1, due)}が期限を${{2:90}}日過ぎても済んでいない")
        yield Snippet("年齢を過ぎても記録がない", "その年齢までにあるはずの記録", f"${{1:2}}歳を過ぎても{choice(2, due)}の記録がない")
    yield Snippet("ほかのシナリオの結果", "ほかのシナリオに該当する・しない", f"シナリオ${{1:YC-01}}に{choice(2, ['該当する', '該当しない'])}")
