"""The figures in words and tables, for the screen and the workbook. Small counts are not told, nor shares that would tell them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from engine.kernel.dates import wareki, wareki_short
from engine.records.case import HARDSHIP_LABELS
from engine.records.conference import DECISIONS, OUTCOMES, WHY_WRONG
from reports.outcomes.measures import Agreement, Contact, Days, Measures
from reports.paper.tables import Cell, Column, PaperSheet, PaperTable, TablePaper

SMALLEST = 8
FEW = f"{SMALLEST - 1}以下"
_NOT_TOLD = "―"
_SMALL_NOTE = f"8に満たない数は「{FEW}」とし、片方が7以下になる割合は出しません(世帯が分かってしまうおそれと、偶然の影響が大きいため)。"
Interval = Callable[[int, int], tuple[int, int]]
"""Found and looked at: the lower and upper end, in hundredths, of what the share may be among all who could have been drawn."""


@dataclass(frozen=True)
class OutcomePaper:
    """Headline for the screen and the sheets."""

    city: str
    headline: tuple[str, ...]
    sheets: tuple[PaperSheet, ...]
    period: str
    made_on: date

    def as_tables(self) -> TablePaper:
        """As the workbook shows it."""
        return TablePaper(
            "会議の結果の集計",
            f"{self.city}  {self.period}",
            (),
            self.sheets,
            handling="取扱注意(分析する人と監査の人のための集計です。会議の資料に写さないでください)",
            belongs_to=self.period,
            made_by=f"kizuki 会議の結果の集計({wareki_short(self.made_on)}作成)",
        )


def outcome_paper(city: str, measures: Measures, interval: Interval) -> OutcomePaper:
    """What the figures say, in Japanese."""
    period = f"{wareki(measures.start)}から{wareki(measures.end)}までの会議"
    if not any(week.decided for week in measures.weeks):
        nothing = PaperSheet("まとめ", _summary(measures), ())
        return OutcomePaper(city, _summary(measures), (nothing,), period, measures.today)
    sheets = (
        PaperSheet(
            "まとめ", _summary(measures), (_contact(measures), _new(measures), _outcomes(measures), _origin(measures))
        ),
        PaperSheet(
            "合っていたか",
            (
                "会議が取り上げたもの:判断が「見送り」「対象外」でないもの(既に支援中を含みます)。",
                "合っていたもの:「気づきは合っていたか」に「合っていた」か「一部合っていた」と書かれたもの(まだ分からないは数えません)。",
                "世帯は、いちばん新しい判断で1回だけ数えます。類型とシナリオでは、あてはまるところのすべてに数えます。",
            ),
            (
                _agreement("類型ごと", "類型", ((HARDSHIP_LABELS.get(k, k), a) for k, a in measures.by_type.items())),
                _agreement(
                    "区分ごと(データによる一次絞り込み)",
                    "区分",
                    ((f"{tier.mark} {tier.label}", a) for tier, a in sorted(measures.by_tier.items())),
                    adds_up=True,
                ),
                _agreement(
                    "シナリオごと",
                    "シナリオ",
                    ((f"{s} {measures.names.get(s, '')}".strip(), a) for s, a in measures.by_scenario.items()),
                ),
            ),
        ),
        PaperSheet("違っていたわけ", (), (_why(measures), _why_by_scenario(measures))),
        PaperSheet("無作為の確認", _drawn_lines(measures), (_drawn(measures, interval),)),
        PaperSheet("週ごと", (), (_weeks(measures),)),
    )
    return OutcomePaper(city, _summary(measures), sheets, period, measures.today)


def count(number: int) -> Cell:
    """A number of households as told: fewer than eight could point at somebody; none points at nobody.

    >>> count(0), count(7), count(8)
    (0, '7以下', 8)
    """
    return FEW if 0 < number < SMALLEST else number


def share(part: int, whole: int) -> str:
    """A share in hundredths, only where neither side is small.

    >>> share(30, 40), share(3, 40), share(7, 7)
    ('75%', '―', '―')
    """
    small = whole < SMALLEST or 0 < part < SMALLEST or 0 < whole - part < SMALLEST
    return _NOT_TOLD if small else f"{(200 * part + whole) // (2 * whole)}%"


def parts(numbers: Sequence[int]) -> list[Cell]:
    """Numbers that add up to one that is told: where a single one is small, the next smallest is not told either, or it could be worked out.

    >>> parts([5, 9, 55]), parts([5, 3, 55]), parts([0, 9, 55])
    (['7以下', '―', 55], ['7以下', '7以下', 55], [0, 9, 55])
    """
    told = [count(number) for number in numbers]
    small = [number for number in numbers if 0 < number < SMALLEST]
    others = sorted((number, place) for place, number in enumerate(numbers) if number >= SMALLEST)
    if len(small) == 1 and others:
        told[others[0][1]] = _NOT_TOLD
    return told


def _shares(numbers: Sequence[int], whole: int) -> list[str]:
    """Shares of numbers that are told."""
    return [
        share(n, whole) if told != _NOT_TOLD else _NOT_TOLD for n, told in zip(numbers, parts(numbers), strict=True)
    ]


def _told(part: int, whole: int) -> Cell:
    """A part that is told only where the rest of the whole, which anybody can work out, is not small either."""
    return count(part) if not 0 < whole - part < SMALLEST or part < SMALLEST else _NOT_TOLD


def _summary(measures: Measures) -> tuple[str, ...]:
    contact, new, whole = measures.contact, measures.new, measures.whole
    listed = sum(week.listed for week in measures.weeks)
    decided = sum(week.decided for week in measures.weeks)
    if not measures.weeks:
        return ("この期間の会議の記録はありません。",)
    if not decided:
        return (f"会議 {len(measures.weeks)}回、一覧に載せた世帯 延べ{listed:,}。判断はまだ1件も読み取っていません。",)
    return (
        f"会議 {len(measures.weeks)}回、一覧に載せた世帯 延べ{listed:,}、判断を読み取った世帯 延べ{decided:,}"
        f"(世帯を1回だけ数えると{count(whole.decided)})。",
        f"会議から家庭と連絡がとれるまで: {_span(contact.reached)}。まだ連絡のない世帯 {count(contact.waiting.count)}"
        + (
            f"(会議からの日数は、真ん中の世帯で{contact.waiting.median}日、いちばん長い世帯で{contact.waiting.longest}日)。"
            if contact.waiting.count >= SMALLEST
            else "。"
        ),
        f"新しく気づいた世帯(要対協に登録がなく、既に支援中でもなかった世帯): 判断した{count(new.decided)}世帯のうち"
        f"{parts((new.registered, new.supported, new.new))[2]}({_share_in_words(new.new, new.decided)})。",
        f"会議が取り上げたもの: {_share_in_words(whole.taken_up, whole.decided)}。"
        f"気づきが合っていたもの: {_share_in_words(whole.right, whole.answered)}(答えのあった世帯 {count(whole.answered)})。",
    )


def _share_in_words(part: int, whole: int) -> str:
    told = share(part, whole)
    return f"割合 {told}" if told != _NOT_TOLD else f"割合は、片方が{FEW}のため出しません"


def _span(days: Days) -> str:
    if days.count < SMALLEST:
        return f"連絡のとれた世帯 {count(days.count)}(日数を出すには少なすぎます)"
    return f"連絡のとれた{days.count}世帯の真ん中で{days.median}日(半数の世帯が{days.lower}日から{days.upper}日)"


def _quartiles(days: Days) -> tuple[Cell, ...]:
    if days.count < SMALLEST:
        return (_NOT_TOLD,) * 4
    return tuple(day if day is not None else _NOT_TOLD for day in (days.lower, days.median, days.upper, days.longest))


_DAYS = (
    Column("世帯", 5, True),
    Column("早いほうから4分の1(日)", 7, True),
    Column("真ん中(日)", 6, True),
    Column("4分の3(日)", 6, True),
    Column("いちばん長い(日)", 6, True),
)


def _contact(measures: Measures) -> PaperTable:
    contact: Contact = measures.contact
    rows: tuple[tuple[Cell, ...], ...] = (
        ("判断した世帯(積極的アプローチ・学校等への調査・見守り)", count(contact.decided), *(_NOT_TOLD,) * 4),
        ("連絡がとれた世帯:会議の日から連絡の日まで", count(contact.reached.count), *_quartiles(contact.reached)),
        ("連絡がとれた日の書かれていない世帯", count(contact.day_unknown), *(_NOT_TOLD,) * 4),
        ("まだ連絡のない世帯:会議の日から今日まで", count(contact.waiting.count), *_quartiles(contact.waiting)),
    )
    return PaperTable(
        "家庭と連絡がとれるまでの日数",
        (Column("", 26), *_DAYS),
        rows,
        f"連絡とは、結果に「支援につながった」「面談・訪問ができた」「連絡がとれた」と書かれたものです。今日は{wareki_short(measures.today)}です。"
        "まだ連絡のない世帯は上の日数に入っていないため、連絡がとれるまでの日数は実際より短く見えます。",
    )


def _new(measures: Measures) -> PaperTable:
    new = measures.new
    numbers = (new.registered, new.supported, new.new)
    labels = ("要対協に登録のあった世帯", "登録はないが、会議で既に支援中とされた世帯", "新しく気づいた世帯")
    rows = (
        *zip(labels, parts(numbers), _shares(numbers, new.decided), strict=True),
        ("　うち、会議が取り上げた世帯", _told(new.new_taken_up, new.new), share(new.new_taken_up, new.new)),
    )
    return PaperTable(
        f"新しく気づいた世帯(判断した世帯 {count(new.decided)})",
        (Column("", 26), Column("世帯", 5, True), Column("割合", 5, True)),
        rows,
        f"要対協の登録は、一覧をつくった日のものです。{_SMALL_NOTE}",
    )


def _outcomes(measures: Measures) -> PaperTable:
    total = sum(measures.outcomes.values())
    numbers = [measures.outcomes.get(name, 0) for name in OUTCOMES]
    rows = tuple(zip(OUTCOMES, parts(numbers), _shares(numbers, total), strict=True))
    return PaperTable(
        f"結果(世帯ごとに、いちばん新しいもの。書かれた世帯 {count(total)})",
        (Column("結果", 26), Column("世帯", 5, True), Column("割合", 5, True)),
        rows,
    )


def _origin(measures: Measures) -> PaperTable:
    named = ((False, "ルールだけで載った世帯"), (True, "モデルが区分を1段上げた世帯"))
    return _agreement(
        "ルールだけで載った世帯と、モデルが区分を上げた世帯",
        "",
        ((label, measures.by_origin.get(raised, Agreement())) for raised, label in named),
        adds_up=True,
    )


def _agreement(title: str, first: str, groups: Iterable[tuple[str, Agreement]], *, adds_up: bool = False) -> PaperTable:
    """`adds_up`: each household is in one group only, so that the groups add up to the total that the headline tells."""
    groups = list(groups)
    decided, answered = [one.decided for _, one in groups], [one.answered for _, one in groups]
    told = zip(*((parts(n) if adds_up else list(map(count, n))) for n in (decided, answered)), strict=True)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            label,
            number_decided,
            _told(one.taken_up, one.decided),
            share(one.taken_up, one.decided),
            number_answered,
            _told(one.right, one.answered),
            share(one.right, one.answered),
        )
        for (label, one), (number_decided, number_answered) in zip(groups, told, strict=True)
    )
    columns = (
        Column(first, 26),
        Column("判断した世帯", 6, True),
        Column("取り上げた", 6, True),
        Column("割合", 5, True),
        Column("合っていたか答えのある世帯", 8, True),
        Column("合っていた", 6, True),
        Column("割合", 5, True),
    )
    return PaperTable(title, columns, rows, _SMALL_NOTE if rows else "判断した世帯はまだありません。")


def _why(measures: Measures) -> PaperTable:
    rows = tuple(
        (
            reason or "書かれていない",
            *(count(measures.why_wrong.get((right, reason), 0)) for right in ("違っていた", "一部合っていた")),
        )
        for reason in (*WHY_WRONG, "")
    )
    return PaperTable(
        "違っていたわけ(世帯)",
        (Column("わけ", 20), Column("違っていた", 6, True), Column("一部合っていた", 7, True)),
        rows,
        "「データの誤り・古さ」は取り込みと更新の、「別の世帯の記録」は名寄せの、ほかはルールの見直しの手がかりです。",
    )


def _why_by_scenario(measures: Measures) -> PaperTable:
    def row(scenario: str, reasons: Mapping[str, int]) -> tuple[Cell, ...]:
        counted = Counter(reasons)
        name = f"{scenario} {measures.names.get(scenario, '')}".strip()
        return (name, count(counted.total()), *(count(counted[reason]) for reason in (*WHY_WRONG, "")))

    return PaperTable(
        "シナリオごとの違っていたわけ(「違っていた」と「一部合っていた」の世帯)",
        (
            Column("シナリオ", 24),
            Column("世帯", 5, True),
            *(Column(reason, 6, True) for reason in WHY_WRONG),
            Column("書かれていない", 5, True),
        ),
        tuple(row(scenario, reasons) for scenario, reasons in measures.wrong_by_scenario.items()),
        "" if measures.wrong_by_scenario else "違っていたと書かれた世帯はまだありません。",
    )


def _drawn_lines(measures: Measures) -> tuple[str, ...]:
    return (
        "一覧に載らなかったこどもから、毎週くじで選んだこどもを、先入観なしに見た結果です。一覧が見落としている割合の手がかりになります。",
        "少ない人数から言えることには幅があります。「ありうる幅」は、同じくじを何度も引いたら20回に19回は本当の割合が入る範囲です(ウィルソンの方法)。",
    )


def _drawn(measures: Measures, interval: Interval) -> PaperTable:
    """The number found is told with its interval also where it is small: nobody knows who was drawn, and without it there would be nothing to learn for years."""
    drawn = measures.drawn
    enough = drawn.looked_at >= SMALLEST
    low, high = interval(drawn.found, drawn.looked_at) if enough else (0, 0)
    rows: tuple[tuple[Cell, ...], ...] = (
        ("くじで選んだこども", drawn.drawn),
        ("見立てを読み取ったこども(分からないを除く)", count(drawn.looked_at)),
        ("うち、困難があったこども", drawn.found if enough else _NOT_TOLD),
        (
            "一覧に載らないこども全体での、困難のある割合のありうる幅",
            f"{low}%～{high}%" if enough else "人数が少なく、まだ述べられません",
        ),
        ("見ても分からなかったこども", count(drawn.unclear)),
        ("見立てがまだのこども", max(0, drawn.drawn - drawn.looked_at - drawn.unclear)),
    )
    return PaperTable("無作為に選んだこども", (Column("", 30), Column("人数", 16, True)), rows)


def _weeks(measures: Measures) -> PaperTable:
    """How many sheets came back is told in full: it is about the work, and of no family."""
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            week.run_id,
            wareki_short(week.meeting_on),
            week.listed,
            week.decided,
            week.listed - week.decided,
            *parts([week.decisions.get(decision, 0) for decision in DECISIONS]),
            week.came_back.median
            if week.came_back.median is not None and week.came_back.count >= SMALLEST
            else _NOT_TOLD,
        )
        for week in measures.weeks
    )
    back = measures.came_back
    return PaperTable(
        "週ごとの判断と、読み取るまでの日数",
        (
            Column("作成番号", 9, True),
            Column("会議の日", 6, True),
            Column("一覧の世帯", 5, True),
            Column("判断あり", 5, True),
            Column("判断なし", 5, True),
            *(Column(decision, 5, True) for decision in DECISIONS),
            Column("会議から読み取りまで(真ん中、日)", 8, True),
        ),
        rows,
        f"会議から読み取りまで、全体では真ん中で{back.median}日、いちばん長いもので{back.longest}日です。{_SMALL_NOTE}"
        if back.count >= SMALLEST
        else _SMALL_NOTE,
    )
