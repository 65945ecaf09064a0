"""Rows with a number, the school bridge, and protected people."""

from __future__ import annotations

import stat
from datetime import date, timedelta
from pathlib import Path

import pytest
from made_up_town import AS_OF, RESIDENTS, base, clean, key_of, link, person

from engine.kernel.errors import ExitStatus, KizukiError
from engine.linkage.keyring import open_keyring
from engine.linkage.register import absorb_protection

CARE = {"care_level": "要介護2", "certified_from": date(2026, 1, 1)}


def test_a_known_number_links_and_an_unknown_one_does_not(tmp_path: Path) -> None:
    """A number in the register is enough; a number the register does not know yields no fact but is counted."""
    rows = [CARE | {"address_number": "0000000101"}, CARE | {"address_number": "0000099999"}]
    keyring, linked = link(tmp_path, [*base(), clean("long_term_care", rows)])
    care = linked["long_term_care"]
    assert care.records["care_certification"]["subject_key"].to_pylist() == [key_of(keyring, 101)]
    assert care.statuses == {"自動": 1, "保留": 0, "未突合": 1, "支援措置": 0}


def test_the_layout_selects_the_records(tmp_path: Path) -> None:
    """Excluded values and missing dates make no record: 非該当 is not care, and a check without due day is no check."""
    rows = [CARE | {"address_number": "0000000101", "care_level": "非該当"}]
    health = [
        {"address_number": "0000000103", "maternal_record_kind": "乳幼児健診", "due_on": date(2020, 1, 1), "line": 2},
        {"address_number": "0000000103", "maternal_record_kind": "乳幼児健診", "due_on": None, "line": 3},
        {"address_number": "0000000103", "maternal_record_kind": "EPDS", "epds_on": date(2020, 1, 1), "line": 4},
    ]
    _, linked = link(tmp_path, [*base(), clean("long_term_care", rows), clean("maternal_health", health)])
    assert linked["long_term_care"].records["care_certification"].num_rows == 0
    assert linked["maternal_health"].records["health_check"]["line"].to_pylist() == [2]
    assert linked["maternal_health"].records["epds"]["line"].to_pylist() == [4]
    assert linked["maternal_health"].statuses["自動"] == 3


def test_the_last_history_row_wins(tmp_path: Path) -> None:
    """Of several history rows of one person the highest 履歴番号 tells the state, whatever the order of lines."""
    rows = [
        person(101, "02", "男", date(1985, 5, 5), "サトウ タロウ", history_number=3, address_lot="7番地"),
        person(
            101,
            "02",
            "男",
            date(1985, 5, 5),
            "サトウ タロウ",
            history_number=10,
            address_lot="8番地",
            resident_status="転出",
        ),
        person(101, "02", "男", date(1985, 5, 5), "サトウ タロウ", history_number=2, address_lot="6番地"),
    ]
    keyring, linked = link(tmp_path, base(residents=rows))
    assert keyring.register["lot"].to_pylist() == ["8番地"]
    assert linked["residents"].records["resident"]["resident_status"].to_pylist() == ["転出"]
    assert linked["residents"].statuses["自動"] == 3


def test_school_rows_cross_the_bridge(tmp_path: Path) -> None:
    """学籍番号 leads through 学齢簿 to the child; a number of two children is held, an unknown one unlinked."""
    register = [
        {"address_number": "0000000103", "student_number": "00000001"},
        {"address_number": "0000000202", "student_number": "00000002"},
        {"address_number": "0000000203", "student_number": "00000002"},
    ]
    months = [
        {"student_number": number, "school_month_on": date(2026, 10, 31), "absent_days": 4, "sick_absent_days": 1}
        for number in ("00000001", "00000002", "00000009")
    ]
    keyring, linked = link(tmp_path, [*base(), clean("school_register", register), clean("school_attendance", months)])
    school = linked["school_attendance"]
    assert school.records["school_month"]["subject_key"].to_pylist() == [key_of(keyring, 103)]
    assert school.records["school_month"]["non_sick_absent_days"].to_pylist() == [3]
    assert school.statuses == {"自動": 1, "保留": 1, "未突合": 1, "支援措置": 0}
    assert sorted(school.held["subject_key"].to_pylist()) == sorted(key_of(keyring, n) for n in (202, 203))


def test_without_the_protection_file_nothing_is_linked(tmp_path: Path) -> None:
    """A missing list of protected people stops everything, with its own exit status."""
    with pytest.raises(KizukiError) as caught:
        link(tmp_path, [clean("residents", RESIDENTS)])
    assert caught.value.exit_status is ExitStatus.PROTECTION_MISSING
    assert not (tmp_path / "keyring" / "register.parquet").exists()


def test_an_outdated_protection_list_stops_too(tmp_path: Path) -> None:
    """A list older than interval and grace no longer protects anyone for certain."""
    early = AS_OF - timedelta(days=15)
    link(tmp_path, base(early))
    with pytest.raises(KizukiError, match="E-PROT-01"):
        link(tmp_path, [clean("residents", RESIDENTS)])


def test_an_empty_protection_list_is_a_list(tmp_path: Path) -> None:
    """A file with its header only says that nobody is protected."""
    keyring, _ = link(tmp_path, base(protected=()))
    assert not any(keyring.register["protected"].to_pylist())


def test_a_protected_household_has_no_address_and_no_district(tmp_path: Path) -> None:
    """Protection covers the whole household and outlives its end date; others keep their address."""
    keyring, linked = link(tmp_path, base())
    mother, child, other = (key_of(keyring, n) for n in (501, 502, 103))
    shown = keyring.identities([mother, child, other, "unknown"])
    assert set(shown) == {mother, child, other}
    assert (shown[mother].address, shown[child].address) == (None, None)
    assert shown[other].address == "本町一丁目 10番地1"
    persons = linked["residents"].persons
    assert persons is not None
    district = dict(zip(persons["person_key"].to_pylist(), persons["district"].to_pylist(), strict=True))
    assert (district[mother], district[child], district[other]) == (None, None, "本町一丁目")


def test_a_new_protection_takes_effect_without_a_new_register(tmp_path: Path) -> None:
    """A list that names another person hides that address at once; a start in the future does not yet."""
    keyring, _ = link(tmp_path, base())
    later = AS_OF + timedelta(days=1)
    rows = [
        {"address_number": "0000000101", "protected_from": None},
        {"address_number": "0000000201", "protected_from": later + timedelta(days=1)},
    ]
    absorb_protection(keyring, clean("address_protection", rows, later))
    shown = keyring.identities([key_of(keyring, n) for n in (103, 201, 501)])
    assert shown[key_of(keyring, 103)].address is None
    assert shown[key_of(keyring, 201)].address is not None
    assert shown[key_of(keyring, 501)].address is not None


def test_the_secret_is_made_once_and_guarded(tmp_path: Path) -> None:
    """The secret stays the same, is readable by its owner only, and is never silently replaced."""
    first, second = open_keyring(tmp_path / "keyring"), open_keyring(tmp_path / "keyring")
    assert first.secret == second.secret
    assert len(first.key_id) == 8
    assert first.secret.hex() not in repr(first)
    assert stat.S_IMODE((tmp_path / "keyring").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "keyring" / "secret.key").stat().st_mode) == 0o600
    link(tmp_path, base())
    (tmp_path / "keyring" / "secret.key").unlink()
    with pytest.raises(KizukiError, match="E-STORE-10"):
        open_keyring(tmp_path / "keyring")


def test_a_correction_adds_the_rows_that_were_quarantined(tmp_path: Path) -> None:
    """A corrected row changes a person if it is not an older history row; everybody else stays."""
    fixed = [
        person(103, "20", "女", date(2016, 7, 8), "サトウ キョウコ"),
        person(101, "02", "男", date(1901, 1, 1), "サトウ タロウ", history_number=0),
        person(701, "02", "女", date(1970, 1, 1), "キムラ ミドリ"),
    ]
    name = "2026-11-20/01_residents_20261120_訂正.csv"
    keyring, linked = link(tmp_path, [*base(), clean("residents", fixed, file=name)])
    assert linked["residents"].is_correction
    assert keyring.register.num_rows == len(RESIDENTS) + 1
    persons = linked["residents"].persons
    assert persons is not None
    born = dict(zip(persons["person_key"].to_pylist(), persons["born_on"].to_pylist(), strict=True))
    assert born[key_of(keyring, 103)] == date(2016, 7, 8)
    assert born[key_of(keyring, 101)] == date(1985, 5, 5)
    assert sorted(linked["residents"].records["resident"]["line"].to_pylist()) == [2, 4]
