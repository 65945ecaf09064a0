"""Towns, lots and rooms of the made-up city, and the different ways in which sections write an address."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kizuki.demo_city.days import full_width
from kizuki.demo_city.randomness import Bools, Ints, Texts, happens, pick, words

_TOWNS = (
    "東雲町",
    "平林町",
    "青葉台",
    "若葉町",
    "川瀬町",
    "春日町",
    "旭ケ丘",
    "緑ケ丘",
    "桜小路",
    "本陣町",
    "船見町",
    "中央通",
    "夕凪町",
    "栄町",
    "汐見台",
    "白浜町",
    "長砂町",
    "松原町",
    "上北川内町",
    "下北川内町",
    "三ツ輪町",
    "稲穂町",
    "大手町",
    "野添町",
    "岡見町",
    "古河町",
    "栗原町",
    "小嶺町",
    "松尾町",
    "富士見町",
    "塩見町",
    "北出町",
    "別所町",
    "安田町",
    "櫛引町",
    "鯛ノ浦町",
    "熊ノ江町",
    "沖ノ島町",
    "高台通",
    "山吹町",
    "沖新田町",
    "問屋町",
)
_WITH_CHOME = frozenset(range(14))
_BUILDINGS = (
    "コーポ",
    "メゾン",
    "ハイツ",
    "グリーンハイツ",
    "サンライズ",
    "レジデンス",
    "シティハイム",
    "第二コーポ",
    "パークサイド",
    "県営住宅",
    "市営住宅",
    "アパート",
)
_BUILDING_SURNAMES = ("青葉", "旭", "桜", "南", "川端", "みどり", "西", "ひかり", "川瀬", "若宮", "松風", "千代田")
_KANJI = "〇一二三四五六七八九"


def town_names() -> tuple[str, ...]:
    """住所_町字 of every town, with its 丁目 in full-width digits where it has any."""
    found: list[str] = []
    for number, town in enumerate(_TOWNS):
        found += [f"{town}{full_width(str(c))}丁目" for c in range(1, 5)] if number in _WITH_CHOME else [town]
    return tuple(found)


@dataclass(frozen=True)
class Addresses:
    """Addresses as parallel arrays; `building` is 0 for a detached house, `room` then means nothing."""

    town: Ints
    lot: Ints
    sub: Ints
    building: Ints
    room: Ints

    def take(self, index: Ints) -> Addresses:
        """The addresses at the given indices."""
        return Addresses(self.town[index], self.lot[index], self.sub[index], self.building[index], self.room[index])

    def postal_codes(self) -> Texts:
        """郵便番号, one per town."""
        return words([f"882-9{n:03d}" for n in range(len(town_names()))], self.town)

    def lots(self) -> Texts:
        """住所_番地号表記: 番地 in the country, 番 and 号 where there are 丁目; full width."""
        names = town_names()
        chome = np.array([name.endswith("丁目") for name in names])[self.town]
        out = np.empty(len(self.town), dtype=object)
        out[:] = [
            full_width(f"{lot}番{sub}号" if sub else f"{lot}番")
            if c
            else full_width(f"{lot}番地{sub}")
            if sub
            else full_width(f"{lot}番地")
            for c, lot, sub in zip(chome.tolist(), self.lot.tolist(), self.sub.tolist(), strict=True)
        ]
        return out

    def rooms(self) -> Texts:
        """住所_方書: building and room; blank for a house."""
        out = np.empty(len(self.town), dtype=object)
        out[:] = [
            f"{building_name(b)}{full_width(str(r))}号" if b else ""
            for b, r in zip(self.building.tolist(), self.room.tolist(), strict=True)
        ]
        return out

    def written_by_others(self, rng: np.random.Generator, drop_room: float) -> Texts:
        """The address in one line as SUIBIZ or an NPO writes it: 丁目 in other digits, hyphens, rooms missing."""
        names = town_names()
        style = pick(rng, (0.4, 0.25, 0.2, 0.15), len(self.town))
        without_room = happens(rng, drop_room, len(self.town))
        kanji_town = tuple(_kanji_chome(name) for name in names)
        plain_town = tuple(name.translate(_HALF_DIGITS) for name in names)
        out = np.empty(len(self.town), dtype=object)
        rows = zip(
            self.town.tolist(),
            self.lot.tolist(),
            self.sub.tolist(),
            self.building.tolist(),
            self.room.tolist(),
            style.tolist(),
            without_room.tolist(),
            strict=True,
        )
        out[:] = [
            _one_line(names[t], kanji_town[t], plain_town[t], lot, sub, b, r, s, w) for t, lot, sub, b, r, s, w in rows
        ]
        return out


_HALF_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")


def _kanji_chome(name: str) -> str:
    return "".join(_KANJI[ord(sign) - ord("０")] if "０" <= sign <= "９" else sign for sign in name)


def _one_line(
    full: str, kanji: str, plain: str, lot: int, sub: int, building: int, room: int, style: int, no_room: bool
) -> str:
    number = f"{lot}-{sub}" if sub else f"{lot}"
    tail = "" if no_room or not building else f"{building_name(building)}{room}"
    if style == 0:
        return f"{full}{full_width(number)}{'　' + full_width(tail) if tail else ''}"
    if style == 1:
        return f"{kanji}{number}{' ' + tail if tail else ''}"
    if style == 2:
        return f"{plain.replace('丁目', '-')}{number}{'-' + str(room) if tail else ''}"
    end = (f"{lot}番{sub}号" if sub else f"{lot}番") if plain.endswith("丁目") else f"{lot}番地{sub or ''}"
    return f"{plain}{end}{tail + '号室' if tail else ''}"


def building_name(number: int) -> str:
    """The building with this number."""
    return (
        _BUILDINGS[number % len(_BUILDINGS)] + _BUILDING_SURNAMES[number // len(_BUILDINGS) % len(_BUILDING_SURNAMES)]
    )


def draw_addresses(rng: np.random.Generator, rented: Bools) -> Addresses:
    """One address for each household; those that rent live in buildings of about ten rooms."""
    count, towns = len(rented), len(town_names())
    weights = np.random.Generator(np.random.PCG64(7)).gamma(3.0, 1.0, towns)
    town, lot, sub = pick(rng, weights, count), rng.integers(1, max(count // 60, 40), count), rng.integers(0, 25, count)
    blocks = max(int(rented.sum()) // 10, 1)
    block_town, block_lot = pick(rng, weights, blocks), rng.integers(1, max(count // 60, 40), blocks)
    block_sub, block_name = rng.integers(1, 25, blocks), rng.integers(1, 144, blocks)
    block = rng.integers(0, blocks, count)
    return Addresses(
        np.where(rented, block_town[block], town),
        np.where(rented, block_lot[block], lot),
        np.where(rented, block_sub[block], sub),
        np.where(rented, block_name[block], 0),
        np.where(rented, rng.integers(1, 4, count) * 100 + rng.integers(1, 9, count), 0),
    )
