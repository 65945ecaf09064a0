"""Rows without a number find their person, or nobody; never the wrong one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from made_up_town import BORN, base, clean, key_of, link

VISIT = {"watched_on": date(2026, 10, 1), "organisation": "見守りの会", "observation": "元気がない"}
AT_SATO, AT_TANAKA = "架空市本町1-10-1", "本町一丁目20番地1 みどり荘203"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param({"name_kana": "ｻﾄｳ ｷﾖｳｺ", "born_on": BORN["child"]}, 103, id="small kana lost in half width"),
        pytest.param({"name_kana": "さとう　きょうこ", "born_on": BORN["child"]}, 103, id="hiragana"),
        pytest.param(
            {"name_kana": "サトウキョウコ", "born_on": BORN["child"], "address_full": "本町1-99-9"}, 103, id="moved"
        ),
        pytest.param(
            {"name_kana": "イノウエ キョウコ", "born_on": BORN["child"], "address_full": AT_SATO},
            103,
            id="changed surname",
        ),
        pytest.param(
            {"name_kana": "サトウ キョウコ", "born_on": date(2016, 7, 17), "address_full": AT_SATO},
            103,
            id="misread day",
        ),
        pytest.param(
            {"name_kana": "タナカ ハルト", "born_on": BORN["twin"], "address_full": AT_TANAKA}, 202, id="one twin"
        ),
        pytest.param({"name_kana": "タナカ ハルキ", "born_on": BORN["twin"]}, 203, id="the other twin"),
        pytest.param(
            {"name_kana": "スズキ ユウト", "born_on": date(2017, 3, 3), "address_full": "本町1-30-1"},
            None,
            id="namesakes",
        ),
        pytest.param({"name_kana": "サトオ キョオコ", "born_on": BORN["child"]}, None, id="other long vowels"),
        pytest.param({"name_kana": "サトウ キョウコ", "address_full": AT_SATO}, None, id="no birth date"),
        pytest.param({"name_kana": "サトウ キョウコ"}, None, id="a name alone"),
        pytest.param(
            {"name_kana": "サトウ キョウコ", "born_on": BORN["child"], "address_full": "隣町市本町1-10-1"},
            None,
            id="other city",
        ),
        pytest.param({"name_kana": "イトウ ケン", "born_on": date(1980, 2, 2)}, None, id="moved away"),
        pytest.param(
            {"name_kana": "ワタナベ リク", "born_on": date(2015, 1, 1), "address_full": AT_SATO}, None, id="stranger"
        ),
    ],
)
def test_who_is_found(tmp_path: Path, row: dict[str, object], expected: int | None) -> None:
    """Spelling, removal and a changed surname do not hide a person; doubt links nobody."""
    keyring, linked = link(tmp_path, [*base(), clean("npo_watch", [VISIT | row])])
    found = linked["npo_watch"].records["npo_visit"]["subject_key"].to_pylist()
    assert found == ([] if expected is None else [key_of(keyring, expected)])


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ({"name_kana": "スズキ ユウト", "born_on": date(2017, 3, 3)}, "保留"),
        ({"name_kana": "サトウ キョウコ", "address_full": AT_SATO}, "保留"),
        ({"name_kana": "ワタナベ リク", "born_on": date(2015, 1, 1)}, "未突合"),
        ({"name_kana": "ヤマダ サクラ", "born_on": date(2019, 9, 9)}, "支援措置"),
        ({"name_kana": "ヤマタ サクラ", "born_on": date(2019, 9, 9)}, "支援措置"),
    ],
)
def test_what_is_not_linked_is_counted(tmp_path: Path, row: dict[str, object], status: str) -> None:
    """A row that is not linked has one status: held with its candidates, unlinked, or put aside for protection."""
    _, linked = link(tmp_path, [*base(), clean("npo_watch", [VISIT | row])])
    npo = linked["npo_watch"]
    assert {name for name, count in npo.statuses.items() if count} == {status}
    assert npo.review.num_rows == (1 if status == "保留" else 0)
    assert (npo.held.num_rows > 0) == (status != "未突合")


def test_double_claims_are_withheld(tmp_path: Path) -> None:
    """Two rows with different birth dates that would both be one child decide nothing."""
    rows = [
        VISIT | {"name_kana": "サトウ キョウコ", "born_on": BORN["child"]},
        VISIT | {"name_kana": "サトウ キョウコ", "born_on": date(2016, 9, 9), "address_full": AT_SATO},
        VISIT | {"name_kana": "タナカ ハルト", "born_on": BORN["twin"]},
    ]
    keyring, linked = link(tmp_path, [*base(), clean("npo_watch", rows)])
    assert linked["npo_watch"].records["npo_visit"]["subject_key"].to_pylist() == [key_of(keyring, 202)]
    assert linked["npo_watch"].statuses["保留"] == 2
    assert sorted(linked["npo_watch"].review["lines"].to_pylist()) == [[2], [3]]


def test_row_order_changes_nothing(tmp_path: Path) -> None:
    """The same rows in another order link to the same people."""
    rows = [
        VISIT | {"name_kana": "サトウ キョウコ", "born_on": BORN["child"], "line": 11},
        VISIT | {"name_kana": "スズキ ユウト", "born_on": date(2017, 3, 3), "line": 12},
        VISIT | {"name_kana": "タナカ ハルト", "born_on": BORN["twin"], "line": 13},
    ]
    _, one = link(tmp_path, [*base(), clean("npo_watch", rows)])
    _, two = link(tmp_path, [*base(), clean("npo_watch", rows[::-1])])
    assert one["npo_watch"].records["npo_visit"] == two["npo_watch"].records["npo_visit"]
    assert one["npo_watch"].statuses == two["npo_watch"].statuses


BILL = {"billed_on": date(2026, 10, 31), "billed_yen": 5000}


@pytest.mark.parametrize(
    ("kana", "place", "status", "household_of"),
    [
        ("サトウ タロウ", "本町１丁目１０－１", "自動", 101),
        ("ｻﾄｳ", "本町1-10-1", "自動", 101),
        ("サトウ ジロウ", "本町1-10-1", "自動", 101),
        ("タナカ ヨウコ", "本町1-20-1-203", "自動", 201),
        ("タナカ ヨウコ", "本町1-20-1", "自動", 201),
        ("タナカ ヨウコ", "本町1-20-1-105", "保留", None),
        ("ワタナベ リク", "本町1-10-1", "保留", None),
        ("サトウ タロウ", "本町1-77-7", "未突合", None),
        ("サトウ タロウ", "", "未突合", None),
        ("カ)サトウショウテン", "本町1-10-1", "未突合", None),
        ("ヤマダ ナオミ", "本町1-50-1", "支援措置", None),
    ],
)
def test_water_users(tmp_path: Path, kana: str, place: str, status: str, household_of: int | None) -> None:
    """A household needs name and place; either alone, a firm, or a protected household is never linked."""
    row = BILL | {"water_meter_number": "000000001", "name_kana": kana, "address_full": place or None}
    keyring, linked = link(tmp_path, [*base(), clean("water", [row])])
    assert {name for name, count in linked["water"].statuses.items() if count} == {status}
    found = linked["water"].records["water_bill"]["subject_key"].to_pylist()
    homes = dict(
        zip(keyring.register["person_key"].to_pylist(), keyring.register["household_key"].to_pylist(), strict=True)
    )
    assert found == ([] if household_of is None else [homes[key_of(keyring, household_of)]])


def test_two_users_of_different_name_are_not_one_household(tmp_path: Path) -> None:
    """Where a full name fits, a row with the bare surname of someone else at the same place is held."""
    rows = [
        BILL | {"water_meter_number": "000000001", "name_kana": "サトウ タロウ", "address_full": "本町1-10-1"},
        BILL | {"water_meter_number": "000000002", "name_kana": "サトウ ジロウ", "address_full": "本町1-10-1"},
    ]
    _, linked = link(tmp_path, [*base(), clean("water", rows)])
    assert linked["water"].records["water_bill"]["line"].to_pylist() == [2]
    assert linked["water"].statuses["保留"] == 1
