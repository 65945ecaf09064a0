"""01 住民記録 and 02 支援措置: the register with its history rows, and the protected households.

A person has one row for each entry of the register (birth, arrival, move, change of household, leaving), numbered
from 1; the last one wins. Every export holds everything notified up to its day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kizuki.demo_city import households as hh
from kizuki.demo_city import names, targets
from kizuki.demo_city.circumstances import Circumstances
from kizuki.demo_city.city import DIES, ERASED, EXTRA_REASONS, NATIVE, City, fled_mothers
from kizuki.demo_city.days import NEVER, ages, compact, day_date, day_texts, era_digits, era_letter, full_width, iso
from kizuki.demo_city.places import Addresses, town_names
from kizuki.demo_city.randomness import Bools, Ints, Texts, happens, padded, stream, text_of, words
from kizuki.demo_city.writing import Columns, Sheet, Week, spoil

_REASONS = (
    "改製",
    "出生",
    "国内転入",
    "国外転入",
    "転居",
    "世帯主変更",
    "世帯合併",
    "世帯分離",
    "国内転出",
    "国外転出",
    "死亡",
    "職権消除",
)
_REASON = {text: number for number, text in enumerate(_REASONS)}
_COLUMNS = (
    "宛名番号",
    "履歴番号",
    "世帯番号",
    "最新フラグ",
    "住民種別",
    "住民状態",
    "異動年月日",
    "異動届出年月日",
    "異動事由",
    "氏名",
    "氏名_フリガナ",
    "旧氏",
    "通称",
    "性別",
    "生年月日",
    "生年月日_不詳フラグ",
    "続柄コード1",
    "続柄コード2",
    "続柄コード3",
    "続柄コード4",
    "続柄表記",
    "住所_町字",
    "住所_番地号表記",
    "住所_方書",
    "住所_郵便番号",
    "住民となった年月日",
    "転入前住所_市区町村コード",
    "国籍名等",
)
_DRIFT = {"宛名番号": "個人宛名番号", "異動事由": "異動事由名称", "氏名_フリガナ": "氏名フリガナ", "住所_方書": "方書"}
_REFORMED = 15_530  # 2012-07-09, the day on which the register was reissued for everybody


@dataclass(frozen=True)
class History:
    """Entries of the register, sorted by person and day: parallel arrays; `sequence` counts from 1 per person."""

    person: Ints
    day: Ints
    notified: Ints
    reason: Ints
    status: Ints
    sequence: Ints
    address: Ints


def resident_source(city: City) -> Callable[[Week], Sheet]:
    """The weekly export 01_residents."""
    rng = stream(city.seed, "residents")
    addresses, first_address = _all_addresses(city)
    history = _history(city, rng, first_address)
    before_flag, after_flag = _lines(city, history, addresses, rng)
    last_of_person = np.ones(len(history.person), dtype=np.bool_)

    def sheet(week: Week) -> Sheet:
        known = np.flatnonzero(week.known(history.notified))
        person = history.person[known]
        latest = last_of_person[known]
        latest[:-1] = person[1:] != person[:-1]
        rows = [
            before_flag[n] + ("1" if flag else "0") + after_flag[n]
            for n, flag in zip(known.tolist(), latest.tolist(), strict=True)
        ]
        header = [_DRIFT.get(name, name) if week.number % 2 == 0 else name for name in _COLUMNS]
        footer = ",".join(["合計", str(len(rows)), *[""] * (len(_COLUMNS) - 2)])
        return Sheet("01_residents", "cp932", header, rows, (footer,))

    return sheet


def _all_addresses(city: City) -> tuple[Addresses, Ints]:
    """The households' present addresses, then the earlier ones, in one table."""
    now, old = city.household_address, city.moves_before
    joined = Addresses(
        *(np.concatenate([getattr(now, f), getattr(old, f)]) for f in ("town", "lot", "sub", "building", "room"))
    )
    return joined, np.arange(len(old.town)) + len(now.town)


def _history(city: City, rng: np.random.Generator, old_address: Ints) -> History:
    size = city.size
    person = [np.arange(size)]
    native = city.arrived == NATIVE
    born_here = ~native & (city.arrived == city.birth)
    abroad = happens(rng, np.where(city.foreign, 0.7, 0.02))
    reason = [
        np.where(
            native,
            _REASON["改製"],
            np.where(born_here, _REASON["出生"], np.where(abroad, _REASON["国外転入"], _REASON["国内転入"])),
        )
    ]
    day = [np.where(native, np.maximum(_REFORMED, city.birth), city.arrived)]

    # Every move of the household, for those of its members who were here then.
    count = np.bincount(city.moves_household, minlength=len(city.household_kind))
    start = np.concatenate([[0], np.cumsum(count)])
    times = count[city.household]
    who = np.repeat(np.arange(size), times)
    nth = np.arange(len(who)) - np.repeat(np.cumsum(times) - times, times)
    move = start[city.household[who]] + nth
    moved = city.moves_day[move]
    kept = (moved > city.arrived[who]) & (moved < city.left[who]) & (moved > city.birth[who])
    person.append(who[kept])
    day.append(moved[kept])
    reason.append(np.full(int(kept.sum()), _REASON["転居"]))

    valid = (city.extra.day > city.arrived[city.extra.person]) & (city.extra.day < city.left[city.extra.person])
    person.append(city.extra.person[valid])
    day.append(city.extra.day[valid])
    reason.append(np.array([_REASON[text] for text in EXTRA_REASONS], dtype=np.int64)[city.extra.reason[valid]])

    gone = np.flatnonzero(city.left <= city.last_day)
    exit_reason = np.where(
        city.exit_kind[gone] == DIES,
        _REASON["死亡"],
        np.where(
            city.exit_kind[gone] == ERASED,
            _REASON["職権消除"],
            np.where(happens(rng, np.where(city.foreign[gone], 0.6, 0.02)), _REASON["国外転出"], _REASON["国内転出"]),
        ),
    )
    person.append(gone)
    day.append(city.left[gone])
    reason.append(exit_reason)

    p, d, r = np.concatenate(person), np.concatenate(day), np.concatenate(reason)
    # On one day the coming is entered before the going.
    leaving = np.isin(r, [_REASON[t] for t in ("国内転出", "国外転出", "死亡", "職権消除")])
    order = np.lexsort((leaving, d, p))
    p, d, r = p[order], d[order], r[order]
    first = np.concatenate([[True], p[1:] != p[:-1]])
    begin = np.flatnonzero(first)
    sequence = np.arange(len(p)) - np.repeat(begin, np.diff(np.concatenate([begin, [len(p)]]))) + 1
    # The address of an entry: that before the household's next move, or the present one.
    key = city.household[p] * 200_000 + d
    move_key = city.moves_household * 200_000 + city.moves_day
    following = np.searchsorted(move_key, key, side="right")
    clipped = np.minimum(following, max(len(move_key) - 1, 0))
    has_next = (
        (following < len(move_key)) & (city.moves_household[clipped] == city.household[p])
        if len(move_key)
        else np.zeros(len(p), np.bool_)
    )
    address = np.where(has_next, old_address[clipped] if len(move_key) else 0, city.household[p])
    status = np.where(
        np.isin(r, [_REASON["国内転出"], _REASON["国外転出"]]),
        2,
        np.where(r == _REASON["死亡"], 3, np.where(r == _REASON["職権消除"], 9, 1)),
    )
    household_delay = rng.integers(0, 12, len(city.household_kind))[city.household[p]]
    notified = d + np.where(rng.random(len(p)) < 0.6, np.minimum(household_delay, 1), household_delay)
    return History(p, d, _monotone(notified, first), r, status, sequence, address)


def _monotone(notified: Ints, first: Bools) -> Ints:
    """Notices of one person are entered in the order of the history."""
    group = np.cumsum(first) * 1_000_000
    return np.asarray(np.maximum.accumulate(notified + group) - group)


def _lines(city: City, history: History, addresses: Addresses, rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """Each row as the text before and after 最新フラグ, the one cell that changes from week to week."""
    p, a = history.person, history.address
    kanji, kana, common = _written_names(city, rng)
    birth, unknown = _written_births(city, rng)
    towns, lots, rooms, posts = town_names(), addresses.lots(), addresses.rooms(), addresses.postal_codes()
    codes = [[codes[n] if n < len(codes) else "" for codes, _ in hh.RELATIONS] for n in range(4)]
    moved = spoil(rng, day_texts(history.day, compact), ("00000000", "20269999", "不詳", "令和３年月日不詳"), 0.0007)
    since_day = np.where(city.arrived == NATIVE, city.birth, city.arrived)
    back = city.extra.reason == EXTRA_REASONS.index("国内転入")
    since_day[city.extra.person[back]] = city.extra.day[back]
    since = day_texts(since_day, era_letter)
    from_code = words(
        [""] + [f"{n:05d}" for n in (45201, 45202, 45421, 44201, 40130, 43100, 46201, 27100, 13101, 44205)],
        np.where((city.arrived != NATIVE) & (city.arrived != city.birth), rng.integers(1, 11, city.size), 0),
    )
    sex = spoil(rng, text_of(city.sex), ("", "9", "男"), 0.0004)
    nation = words(
        [names.nationality(n) for n in range(names.name_book().foreign_from + names.foreign_count())], city.surname
    )
    nation = np.where(city.foreign, nation, "日本")
    former = np.where(
        happens(rng, np.where((city.sex == 2) & (city.role == hh.MOTHER), 0.012, 0.0005)),
        words(names.name_book().surname_kanji, names.name_book().draw_surnames(rng, city.size)),
        "",
    )
    front = Columns(_COLUMNS[:3])
    front.add(
        {
            "宛名番号": padded(city.number, 10)[p],
            "履歴番号": text_of(history.sequence),
            "世帯番号": padded(city.household_number, 10)[city.household[p]],
        },
        len(p),
    )
    rear = Columns(_COLUMNS[4:])
    rear.add(
        {
            "住民種別": np.where(city.foreign, "2", "1").astype(object)[p],
            "住民状態": text_of(history.status),
            "異動年月日": moved,
            "異動届出年月日": day_texts(history.notified, compact),
            "異動事由": words(_REASONS, history.reason),
            "氏名": kanji[p],
            "氏名_フリガナ": kana[p],
            "旧氏": former[p],
            "通称": common[p],
            "性別": sex[p],
            "生年月日": birth[p],
            "生年月日_不詳フラグ": np.where(unknown, "1", "0").astype(object)[p],
            **{f"続柄コード{n + 1}": words(codes[n], city.relation[p]) for n in range(4)},
            "続柄表記": words([text for _, text in hh.RELATIONS], city.relation[p]),
            "住所_町字": words(towns, addresses.town)[a],
            "住所_番地号表記": lots[a],
            "住所_方書": rooms[a],
            "住所_郵便番号": posts[a],
            "住民となった年月日": since[p],
            "転入前住所_市区町村コード": from_code[p],
            "国籍名等": nation[p],
        },
        len(p),
    )
    return [text + "," for text in front.rows()], ["," + text for text in rear.rows()]


def _written_names(city: City, rng: np.random.Generator) -> tuple[Texts, Texts, Texts]:
    """氏名, フリガナ and 通称 as the register writes them; signs outside CP932 become 〓 or a private-use sign."""
    book = names.name_book()
    plain = words(book.surname_kanji, city.surname)
    lost = bool(rng.random() < 0.5)
    old_texts = [names.as_vendor_gaiji(names.old_form(text), lost) for text in book.surname_kanji]
    old = city.household_old_form[city.household] & ~city.foreign
    surname = np.where(old, words(old_texts, city.surname), plain)
    gap = np.where(happens(rng, 0.985, city.size), "　", " ").astype(object)
    kanji = surname + gap + words(book.given_kanji, city.given)
    kana = words(book.surname_kana, city.surname) + "　" + words(book.given_kana, city.given)
    kana = np.where(happens(rng, 0.001, city.size), "", kana)
    alias = city.foreign & happens(rng, 0.35, city.size)
    common = np.where(
        alias,
        words(book.surname_kanji, book.draw_surnames(rng, city.size))
        + "　"
        + words(book.given_kanji, book.draw_given(rng, city.sex, np.full(city.size, 1985))),
        "",
    )
    return kanji, kana, common


def _written_births(city: City, rng: np.random.Generator) -> tuple[Texts, Bools]:
    """生年月日, a few of them legally unknown: no day, a season, 29 February of a common year."""
    birth = day_texts(city.birth, era_digits)
    age = ages(city.birth, city.last_day)
    unknown = happens(rng, np.where(age > 75, 0.004, np.where(city.foreign & (age > 25), 0.01, 0.00005)))
    for person in np.flatnonzero(unknown).tolist():
        year = era_letter(day_date(int(city.birth[person])))[1:].split(".")[0]
        form = int(rng.integers(0, 3))
        era = birth[person][0]
        long = {"2": "大正", "3": "昭和", "4": "平成", "5": "令和"}[era]
        birth[person] = (f"{long}{year}年月日不詳", f"{long}{year}年春", f"{era}{int(year):02d}0229")[form]
    other = happens(rng, 0.002, city.size) & ~unknown
    birth[other] = np.array([full_width(text) for text in birth[other].tolist()], dtype=object)
    return birth, unknown


def protection_source(city: City, state: Circumstances) -> tuple[Callable[[Week], Sheet], Ints]:
    """The weekly export 02_protection, and the protected households (indices).

    Some records are past their end day, and stand on. A few mothers have fled: they live alone under protection while
    the child stays with the father elsewhere in the city; `city.fled_mothers` names them.
    """
    rng = stream(city.seed, "protection")
    wanted = max(round(targets.PROTECTED_HOUSEHOLDS * city.people / targets.MODEL_PEOPLE), 2)
    fled = fled_mothers(city)
    single = np.flatnonzero(
        np.isin(city.household_kind, [hh.KIND["mother"], hh.KIND["three_generations_single"]])
        & (city.household_left == NEVER)
    )
    rank = state.conflict[single] * 1.2 + rng.gumbel(size=len(single))
    chosen = np.concatenate(
        [city.household[fled], single[np.argsort(-rank, kind="stable")[: max(wanted - len(fled), 1)]]]
    )
    begin = city.last_day - rng.integers(3, 1800, len(chosen))
    begin = np.where(
        city.household_arrived[chosen] > 0,
        np.minimum(np.maximum(begin, city.household_arrived[chosen]), city.last_day),
        begin,
    )
    kind = 1 + np.where(happens(rng, 0.75, len(chosen)), 0, rng.integers(1, 3, len(chosen)))
    member = np.flatnonzero(np.isin(city.household, chosen) & (city.left == NEVER))
    place = np.full(len(city.household_kind), -1, dtype=np.int64)
    place[chosen] = np.arange(len(chosen))
    row = place[city.household[member]]
    fixed_end = begin + 365
    renewed = happens(rng, 0.75, len(chosen))
    # A year's protection is renewed in most cases; if not, the record stands with its past end day.
    end = np.where(renewed, begin + 365 * (1 + (city.last_day - begin) // 365), fixed_end)
    numbers = padded(city.number, 10)[member]

    def sheet(week: Week) -> Sheet:
        known = np.flatnonzero(begin[row] <= week.day)
        columns = Columns(("宛名番号", "支援措置区分", "支援措置開始年月日", "支援措置終了年月日"))
        columns.add(
            {
                "宛名番号": numbers[known],
                "支援措置区分": text_of(kind[row[known]]),
                "支援措置開始年月日": day_texts(begin[row[known]], iso),
                "支援措置終了年月日": day_texts(end[row[known]], iso),
            },
            len(known),
        )
        return Sheet("02_protection", "utf-8-sig", columns.names, columns.rows())

    return sheet, chosen
