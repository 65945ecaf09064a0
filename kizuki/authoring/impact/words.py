"""What a change does to the list, in the words of the people who read it: headline, and the tables of screen and workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from engine.records.case import HARDSHIP_LABELS, Tier
from engine.rulebook.versions.scenario_changes import ScenarioChange, edit_words, scenario_changes
from engine.store.places import NOT_KNOWN
from engine.tiers.impact import MOVE_KINDS, Move, MoveKind, Shift, count_by, list_changes
from kizuki.authoring.impact.facts import Compared
from kizuki.rules.changes import change_lines
from reports.impact.paper import ImpactPaper
from reports.paper.tables import Cell, Column, PaperSheet, PaperTable

_SHORTEST = 6  # what `kizuki trace` takes for a child
_KINDS = tuple(Column(kind, 4, True) for kind in MOVE_KINDS)


def make_paper(compared: Compared, city: str) -> ImpactPaper:
    """The paper about one comparison. Pseudonyms and counts only; schools and districts are never beside a child."""
    changes = scenario_changes(
        compared.old.rulebooks, compared.new.rulebooks, compared.old.vocabulary, compared.new.vocabulary
    )
    changed = tuple(_what_changed(compared, changes))
    summary = PaperSheet(
        "まとめ", (*_headline(compared), *changed), (_tiers(compared), _why(compared), _types(compared))
    )
    sheets = (
        summary,
        PaperSheet("こどもごと", (), (_children(compared),)),
        PaperSheet("会議資料の世帯", (), (_households(compared),)),
        PaperSheet("シナリオごと", (), (_scenarios(compared, changes), _sentences(compared))),
        PaperSheet(
            "学校・地区ごと",
            (),
            (_places("学校", compared, compared.places.school), _places("地区", compared, compared.places.district)),
        ),
    )
    return ImpactPaper(
        city,
        compared.run.run_id,
        compared.run.as_of,
        tuple(_headline(compared)),
        tuple(_alarm(compared)),
        sheets,
    )


def _headline(compared: Compared) -> Iterator[str]:
    impact = compared.impact
    kinds = impact.kinds
    if not impact.moves:
        yield "一覧(①②)に載るこどもと、その区分は変わりません。"
    else:
        steps = Counter((move.before, move.after) for move in impact.moves)
        within = "、".join(f"{b.mark}→{a.mark} {n}人" for (b, a), n in sorted(steps.items()) if _within(b, a))
        moved = kinds["上がる"] + kinds["下がる"]
        yield (
            f"一覧(①②)に入るこども {kinds['入る']}人、外れる {kinds['外れる']}人、"
            f"一覧の中で区分が変わる {moved}人{f'({within})' if within else ''}"
        )
    if impact.shifted:
        yield f"区分は変わらないが、該当するシナリオが変わるこども {impact.shifted}人"
    before, after = compared.households
    came, gone = len(set(after) - set(before)), len(set(before) - set(after))
    printed_before, printed_after = ([line.household_key for line in week.households] for week in compared.lists)
    new_ones, dropped = list_changes(printed_before, printed_after)
    yield (
        f"世帯では {len(before)}→{len(after)}世帯(入る {came}、外れる {gone})。"
        f"会議資料に載る世帯(定員{compared.capacity}) {len(printed_before)}→{len(printed_after)}世帯"
        f"(新しく載る {len(new_ones)}、載らなくなる {len(dropped)})、"
        f"②待ち {compared.lists[0].waiting}→{compared.lists[1].waiting}世帯"
    )


def _within(before: Tier, after: Tier) -> bool:
    return Tier.NO_ACTION not in (before, after)


def _alarm(compared: Compared) -> Iterator[str]:
    if compared.differing:
        yield (
            f"注意: {compared.run.run_id}のルールで計算し直した結果が、{compared.differing:,}人について記録と違います。"
            "記録をつくった後にプログラムが変わったためです。下の「前」は計算し直したものです。"
        )
    if compared.left_out:
        yield (
            f"{compared.run.run_id}の後に、同じ基準日までの受領データが{compared.left_out}ファイル届いています。"
            "実行のときの事実と比べるため、使っていません。"
        )
    if not compared.shares_words:
        yield "項目台帳(fields.yaml)か取り込み定義(sources)の意味も変わったため、それぞれの読み方で判定しました。どの文で変わったかは示せません。"


def _what_changed(compared: Compared, changes: Sequence[ScenarioChange]) -> Iterator[str]:
    lines = list(change_lines(changes, lambda change: _hits(compared, change.scenario_id)))
    if compared.old.policy != compared.new.policy:
        differs = compared.old.policy.sha256 != compared.new.policy.sha256
        lines += ["区分の決め方(tiers.yaml)が変わった"] if differs else []
    resting = [id_ for book in compared.new.rulebooks.rulebooks for id_ in book.not_in_force]
    told = [change.scenario_id for change in changes if change.scenario_id in resting]
    yield "変えたところ:" if lines else f"{compared.run.run_id}のルールから、意味の変わったところはありません。"
    yield from (f"・{line}" for line in lines)
    if told:
        yield f"・{'、'.join(told)}は基準日が有効期間の外なので、この数には入っていません"


def _hits(compared: Compared, scenario_id: str) -> str:
    count = next((c for c in compared.impact.scenarios if c.scenario_id == scenario_id), None)
    if count is None:
        return ""  # not in force on the day, on either side
    return f"【該当 {count.before or 0}→{count.after or 0}人、これで区分が変わる {count.moved}人】"


def _tiers(compared: Compared) -> PaperTable:
    before, after = compared.impact.tiers
    rows = tuple((f"{t.mark} {t.label}", before[t], after[t], _signed(after[t] - before[t])) for t in Tier)
    columns = (Column("区分", 12), Column("前", 5, True), Column("後", 5, True), Column("差", 4, True))
    return PaperTable(f"区分の人数(判定したこども {compared.impact.children:,}人)", columns, rows)


def _types(compared: Compared) -> PaperTable:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (HARDSHIP_LABELS[kind], *(counted[k] for k in MOVE_KINDS))
        for kind, counted in compared.impact.by_type.items()
        if counted
    )
    note = (
        "その類型だけで見た区分の動きです。一人がいくつもの類型に数えられることがあります。"
        if rows
        else "動きはありません。"
    )
    return PaperTable("類型ごと(人)", (Column("類型", 12), *_KINDS), rows, note)


def _why(compared: Compared) -> PaperTable:
    counted: dict[str, Counter[MoveKind]] = {}
    for move in compared.impact.moves:
        counted.setdefault(_reasons(compared, move), Counter())[move.kind] += 1
    ordered = sorted(counted.items(), key=lambda each: (-each[1].total(), each[0]))
    rows: tuple[tuple[Cell, ...], ...] = tuple((why, *(kinds[k] for k in MOVE_KINDS)) for why, kinds in ordered)
    return PaperTable(
        "理由ごと(人)", (Column("理由", 36), *_KINDS), rows, "" if rows else "区分の変わるこどもはいません。"
    )


def _households(compared: Compared) -> PaperTable:
    """Households that the printed list gains or loses: also those that only give way to others because of its capacity."""
    before, after = (
        {line.household_key: position for position, line in enumerate(week.households, start=1)}
        for week in compared.lists
    )
    came, gone = list_changes(list(before), list(after))
    short = short_keys([*before, *after])
    tiers = compared.households
    moved = {move.household_key for move in compared.impact.moves}
    rows: list[tuple[Cell, ...]] = []
    for key in [*sorted(came, key=after.__getitem__), *sorted(gone, key=before.__getitem__)]:
        old, new = (Tier(side.get(key, Tier.NO_ACTION)) for side in tiers)
        if key in after:
            why = "区分が上がったため" if new < old else "順番が上がったため(点か、ほかの世帯が外れた)"
        elif new is Tier.NO_ACTION:
            why = "どのこどもも一覧から外れたため"
        else:
            why = "定員のため、②待ちに回る" + ("" if key in moved else "(この世帯の区分は変わらない)")
        rows.append((short[key], "新しく載る" if key in after else "載らなくなる", f"{old.mark}→{new.mark}", why))
    columns = (Column("世帯", 6), Column("動き", 6), Column("世帯の区分", 6), Column("わけ", 30))
    return PaperTable(
        f"会議資料に載る世帯の入れ替わり(定員{compared.capacity}世帯)",
        columns,
        tuple(rows),
        "" if rows else "会議資料に載る世帯は変わりません。",
    )


def _children(compared: Compared) -> PaperTable:
    short = short_keys([move.child_key for move in compared.impact.moves])
    listed = [{line.household_key for line in week.households} for week in compared.lists]
    rows = tuple(
        (
            short[move.child_key],
            move.kind,
            f"{move.before.mark}→{move.after.mark}",
            _printed(move, listed),
            "、".join(HARDSHIP_LABELS[kind] for kind in move.types) or "―",
            _reasons(compared, move),
        )
        for move in compared.impact.moves
    )
    columns = (
        Column("整理番号", 6),
        Column("動き", 4),
        Column("区分", 4),
        Column("世帯の資料", 6),
        Column("類型", 9),
        Column("理由", 37),
    )
    note = (
        f"前の判定の根拠は `kizuki trace 整理番号 --run {compared.run.run_id}` で見られます。"
        if rows
        else "区分の変わるこどもはいません。"
    )
    return PaperTable("区分が変わるこども", columns, rows, note)


def _printed(move: Move, listed: Sequence[set[str]]) -> str:
    before, after = (move.household_key in keys for keys in listed)
    if not before and not after and move.after is not Tier.NO_ACTION:
        return "②待ち"
    return {(False, True): "新しく載る", (True, False): "載らなくなる", (True, True): "載ったまま"}.get(
        (before, after), "載らない"
    )


def _reasons(compared: Compared, move: Move) -> str:
    if not move.shifts:
        return "区分の決め方(tiers.yaml)が変わった"
    return "。".join(_reason(compared, move.child_key, shift) for shift in move.shifts)


def _reason(compared: Compared, child: str, shift: Shift) -> str:
    if shift.before is None:
        return f"{shift.scenario_id}：新しいシナリオに該当"
    if shift.after is None:
        return f"{shift.scenario_id}：シナリオがなくなった"
    words = f"{shift.before}→{shift.after}" if shift.before != shift.after else ""
    if shift.strengths[0] != shift.strengths[1] and shift.before == shift.after:
        words = f"該当のまま、強さが{shift.strengths[0]}→{shift.strengths[1]}"
    deciding = compared.deciding.get(shift.scenario_id)
    edits = deciding.by_child.get(child, ()) if deciding else ()
    if deciding is None or not edits:
        return f"{shift.scenario_id}：{words}"
    return f"{shift.scenario_id}：{words}({'、'.join(_edit(compared, shift.scenario_id, i) for i in edits)})"


def _edit(compared: Compared, scenario_id: str, position: int) -> str:
    edit = compared.deciding[scenario_id].edits[position]
    return edit_words(edit, compared.new.vocabulary, compared.old.vocabulary)


def _scenarios(compared: Compared, changes: Sequence[ScenarioChange]) -> PaperTable:
    names = {
        s.id: s.name
        for side in (compared.old, compared.new)
        for book in side.rulebooks.rulebooks
        for s in (*book.scenarios, *book.resting)
    }
    touched = {change.scenario_id for change in changes if change.kind != "言い回し"}
    rows: list[tuple[Cell, ...]] = []
    for count in compared.impact.scenarios:
        if count.scenario_id not in touched and not (count.gained or count.lost or count.moved):
            continue
        rows.append(
            (
                count.scenario_id,
                names[count.scenario_id],
                "―" if count.before is None else count.before,
                "―" if count.after is None else count.after,
                count.gained,
                count.lost,
                f"{count.unknown_before}→{count.unknown_after}",
                count.moved,
            )
        )
    columns = (
        Column("番号", 5),
        Column("名前", 26),
        Column("該当(前)", 5, True),
        Column("該当(後)", 5, True),
        Column("新たに該当", 5, True),
        Column("該当から外れる", 5, True),
        Column("不明(前→後)", 7, True),
        Column("区分が変わる", 5, True),
    )
    note = (
        "「区分が変わる」は、このシナリオの数え方が変わり、区分も変わるこどもの数です。"
        if rows
        else "該当の変わるシナリオはありません。"
    )
    return PaperTable("シナリオごと(人)", columns, tuple(rows), note)


def _sentences(compared: Compared) -> PaperTable:
    rows: list[tuple[Cell, ...]] = []
    for scenario_id, deciding in compared.deciding.items():
        alone = Counter(edits[0] for edits in deciding.by_child.values() if len(edits) == 1)
        several = sum(len(edits) > 1 for edits in deciding.by_child.values())
        rows += [(scenario_id, _edit(compared, scenario_id, i), number) for i, number in sorted(alone.items())]
        if several:
            rows.append((scenario_id, "いくつかの文が合わさって、または、どの文でも", several))
    columns = (Column("番号", 5), Column("変えた文", 26), Column("該当が変わる", 5, True))
    note = (
        "その文だけを元に戻すと、該当も元に戻るこどもの数です。"
        if rows
        else "文の変わったシナリオで、該当の変わるこどもはいません。"
    )
    return PaperTable("どの文で変わったか(人)", columns, tuple(rows), note)


def _places(label: str, compared: Compared, place_of: Mapping[str, str]) -> PaperTable:
    counted = count_by(compared.impact.moves, place_of, NOT_KNOWN)
    ordered = sorted(counted.items(), key=lambda each: (each[0] == NOT_KNOWN, -sum(each[1].values()), each[0]))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (name, *(kinds[k] for k in MOVE_KINDS), _net(kinds)) for name, kinds in ordered
    )
    note = "支援措置のある世帯は、学校も地区も示さず「保護」に数えます。少人数の数は、庁内の確認だけに使ってください。"
    return PaperTable(
        f"{label}ごと(人)",
        (Column(label, 12), *_KINDS, Column("一覧の増減", 6, True)),
        rows,
        note if rows else "動きはありません。",
    )


def _net(kinds: Mapping[MoveKind, int]) -> str:
    return _signed(kinds["入る"] - kinds["外れる"])


def _signed(number: int) -> str:
    return f"{number:+,}" if number else "±0"


def short_keys(keys: Sequence[str]) -> Mapping[str, str]:
    """The beginning of each key, as long as it takes to tell them apart and for `kizuki trace` to find them."""
    length = 8
    while len({key[:length] for key in keys}) < len(set(keys)):
        length += 2
    return {key: key[: max(length, _SHORTEST)] for key in keys}
