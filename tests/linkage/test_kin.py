"""続柄 chains become relations: a table of families and what may be said of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from engine.linkage.households import derive_kin
from engine.linkage.keyring import MOTHERS, REGISTER, Keyring

AS_OF = date(2026, 11, 20)
Member = tuple[str, str | None, str | None, int | None]  # name, 続柄 chain, sex, year of birth

HEAD, WIFE = ("父さん", "02", "男", 1985), ("母さん", "12", "女", 1986)
GRANDPA, GRANDMA = ("祖父", "02", "男", 1950), ("祖母", "12", "女", 1952)


def relations(
    folder: Path, members: list[Member], mothers: dict[str, str] | None = None, households: dict[str, str] | None = None
) -> dict[str, dict[str, set[str]]]:
    """For each child, by member: the relations besides 世帯員."""
    rows = [
        {
            "person_key": name,
            "address_number": name,
            "household_key": (households or {}).get(name, "一"),
            "resident_status": "住民",
            "relationship": chain,
            "sex": sex,
            "born_on": date(year, 11, 20) if year else None,
        }
        for name, chain, sex, year in members
    ]
    keyring = Keyring(folder, b"")
    pairs = [{"address_number": child, "mother_number": mother} for child, mother in (mothers or {}).items()]
    keyring.put("mothers", pa.Table.from_pylist(pairs, schema=MOTHERS), AS_OF)
    found: dict[str, dict[str, set[str]]] = {}
    for row in derive_kin(pa.Table.from_pylist(rows, schema=REGISTER), keyring, AS_OF).to_pylist():
        said = found.setdefault(row["child_key"], {}).setdefault(row["member_key"], set())
        said.add(row["relation"])
    for by_member in found.values():
        for member, said in by_member.items():
            assert "世帯員" in said, member
            said.discard("世帯員")
    return found


CASES = {
    "parents and two children": (
        [HEAD, WIFE, ("子", "20", "男", 2015), ("兄", "20", "男", 2004)],
        {},
        {"父さん": {"父"}, "母さん": {"母"}, "兄": {"きょうだい"}},
    ),
    "a mother alone as head": ([("母さん", "02", "女", 1986), ("子", "20", "男", 2015)], {}, {"母さん": {"母"}}),
    "a husband of the mother who is head": (
        [("母さん", "02", "女", 1986), ("夫", "11", "男", 1980), ("子", "20", "男", 2015)],
        {},
        {"母さん": {"母"}, "夫": {"父"}},
    ),
    "a partner without registration is no recorded parent": (
        [("母さん", "02", "女", 1986), ("彼", "13", "男", 1980), ("子", "20", "男", 2015)],
        {},
        {"母さん": {"母"}, "彼": set()},
    ),
    "a partner without registration whom the birth record names": (
        [HEAD, ("彼女", "14", "女", 1988), ("子", "20", "男", 2015)],
        {"子": "彼女"},
        {"父さん": {"父"}, "彼女": {"母"}},
    ),
    "the wife's child is not the head's": (
        [HEAD, WIFE, ("子", "1220", "男", 2012), ("妹", "20", "女", 2018)],
        {},
        {"父さん": set(), "母さん": {"母"}, "妹": {"きょうだい"}},
    ),
    "three generations": (
        [
            GRANDPA,
            GRANDMA,
            ("父さん", "20", "男", 1980),
            ("母さん", "2012", "女", 1982),
            ("子", "2020", "女", 2015),
            ("姉", "2020", "女", 2012),
        ],
        {},
        {"祖父": {"祖父母"}, "祖母": {"祖父母"}, "父さん": {"父"}, "母さん": {"母"}, "姉": {"きょうだい"}},
    ),
    "a daughter with her child at her parents'": (
        [GRANDPA, ("娘", "20", "女", 1990), ("子", "2020", "女", 2015)],
        {},
        {"祖父": {"祖父母"}, "娘": {"母"}},
    ),
    "two grown children and one grandchild": (
        [GRANDPA, ("娘", "20", "女", 1990), ("息子", "20", "男", 1988), ("子", "2020", "女", 2015)],
        {},
        {"祖父": {"祖父母"}, "娘": set(), "息子": set()},
    ),
    "the birth record settles who of two is the mother": (
        [GRANDPA, ("娘", "20", "女", 1990), ("息子", "20", "男", 1988), ("子", "2020", "女", 2015)],
        {"子": "娘"},
        {"祖父": {"祖父母"}, "娘": {"母"}, "息子": set()},
    ),
    "the only daughter is not the mother whom the birth record names elsewhere": (
        [GRANDPA, ("娘", "20", "女", 1990), ("子", "2020", "女", 2015)],
        {"子": "よその人"},
        {"祖父": {"祖父母"}, "娘": set()},
    ),
    "a young uncle is nobody's father": (
        [GRANDPA, ("叔父", "20", "男", 2010), ("娘", "20", "女", 1990), ("子", "2020", "女", 2016)],
        {},
        {"祖父": {"祖父母"}, "娘": {"母"}, "叔父": set()},
    ),
    "two grandchildren who may be cousins": (
        [
            GRANDPA,
            ("娘", "20", "女", 1990),
            ("息子", "20", "男", 1988),
            ("子", "2020", "女", 2015),
            ("孫", "2020", "男", 2014),
        ],
        {},
        {"祖父": {"祖父母"}, "娘": set(), "息子": set(), "孫": set()},
    ),
    "grandchildren of one mother are siblings": (
        [
            GRANDPA,
            ("娘", "20", "女", 1990),
            ("息子", "20", "男", 1988),
            ("子", "2020", "女", 2015),
            ("孫", "2020", "男", 2014),
        ],
        {"子": "娘", "孫": "娘"},
        {"祖父": {"祖父母"}, "娘": {"母"}, "息子": set(), "孫": {"きょうだい"}},
    ),
    "the head's parents are the grandparents": (
        [HEAD, WIFE, ("祖父", "51", "男", 1955), ("祖母", "1252", "女", 1957), ("子", "20", "男", 2015)],
        {},
        {"父さん": {"父"}, "母さん": {"母"}, "祖父": {"祖父母"}, "祖母": {"祖父母"}},
    ),
    "a big brother as head": (
        [("兄", "02", "男", 2002), ("子", "84", "女", 2015), ("弟", "74", "男", 2013), ("母さん", "52", "女", 1980)],
        {},
        {"兄": {"きょうだい"}, "弟": {"きょうだい"}, "母さん": {"母"}},
    ),
    "a child as head": (
        [("子", "02", "女", 2010), ("母さん", "52", "女", 1980), ("妹", "84", "女", 2014)],
        {},
        {"母さん": {"母"}, "妹": {"きょうだい"}},
    ),
    "a nephew": (
        [("伯母", "02", "女", 1975), ("弟", "74", "男", 1980), ("子", "7420", "男", 2015), ("祖母", "52", "女", 1950)],
        {},
        {"伯母": set(), "弟": {"父"}, "祖母": {"祖父母"}},
    ),
    "lodgers and relatives": (
        [HEAD, ("縁", "96", "女", 1990), ("客", "99", "男", 1991), ("子", "20", "男", 2015)],
        {},
        {"父さん": {"父"}, "縁": set(), "客": set()},
    ),
    "a head of unknown sex": ([("頭", "02", None, 1985), ("子", "20", "男", 2015)], {}, {"頭": set()}),
    "two heads by mistake": (
        [HEAD, ("頭", "02", "男", 1984), ("子", "20", "男", 2015)],
        {},
        {"父さん": set(), "頭": set()},
    ),
    "a member without 続柄": (
        [HEAD, ("謎", None, "女", 1986), ("子", "20", "男", 2015)],
        {},
        {"父さん": {"父"}, "謎": set()},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_family(tmp_path: Path, name: str) -> None:
    """What may be said of 子's family: recorded relations, and otherwise 世帯員 only."""
    members, mothers, expected = CASES[name]
    assert relations(tmp_path, list(members), dict(mothers))["子"] == expected


def test_never_across_households(tmp_path: Path) -> None:
    """A mother whom the birth record names but who lives in another household is nobody's member here."""
    members: list[Member] = [HEAD, ("子", "20", "男", 2015), ("母さん", "02", "女", 1986)]
    found = relations(tmp_path, members, {"子": "母さん"}, {"母さん": "二"})
    assert found == {"子": {"父さん": {"父"}}}


def test_only_those_below_18_are_children(tmp_path: Path) -> None:
    """Who turns 18 on the day is no child; who turns 18 tomorrow is. An unknown birth date makes no child."""
    rows = [
        {
            "person_key": key,
            "address_number": key,
            "household_key": "一",
            "resident_status": "住民",
            "relationship": "20",
            "born_on": born,
        }
        for key, born in (("今日", date(2008, 11, 20)), ("明日", date(2008, 11, 21)), ("不詳", None))
    ]
    kin = derive_kin(pa.Table.from_pylist(rows, schema=REGISTER), Keyring(tmp_path, b""), AS_OF)
    assert set(kin["child_key"].to_pylist()) == {"明日"}
