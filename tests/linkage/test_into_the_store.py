"""From linked deliveries to a snapshot: what was known on a day, and nothing that names a person."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_up_town import AS_OF, CITY, LAYOUTS, RESIDENTS, VOCABULARY, base, clean, key_of, person, with_quarantine

from engine.kernel.dates import age_on, school_grade
from engine.kernel.errors import KizukiError
from engine.linkage.deliveries import link_deliveries
from engine.linkage.keyring import Keyring, open_keyring
from engine.records.delivery import CleanTable
from engine.store.catalogue import read_catalogue
from engine.store.facts import add_delivery, is_known
from engine.store.households import load_households
from engine.store.memory import snapshot_of
from engine.store.snapshot import open_snapshot
from engine.store.tables import FIXED_TABLES, Snapshot

LATER = AS_OF + timedelta(days=7)


def take_in(folder: Path, tables: Sequence[CleanTable]) -> Keyring:
    keyring = open_keyring(folder / "keyring")
    for linked in link_deliveries(tables, keyring, LAYOUTS, VOCABULARY, city=CITY):
        keyring.write_review(linked)
        add_delivery(folder / "store", linked)
    return keyring


def opened(folder: Path, as_of: date = AS_OF) -> Snapshot:
    return open_snapshot(folder / "store", VOCABULARY, LAYOUTS, as_of, threads=1)


def rows(snapshot: Snapshot, query: str) -> list[tuple[object, ...]]:
    return snapshot.connection.execute(query).fetchall()


CARE = {"care_level": "要介護2", "certified_from": date(2026, 1, 1), "address_number": "0000000101"}
SCHOOL = {"address_number": "0000000103", "student_number": "00000001", "school_code": "101", "register_grade": 4}


def month(end: date, absent: int | None, number: str = "00000001") -> dict[str, object]:
    return {"student_number": number, "school_month_on": end, "absent_days": absent, "sick_absent_days": 0}


BILL = {
    "water_meter_number": "000000001",
    "name_kana": "サトウ タロウ",
    "address_full": "本町1-10-1",
    "billed_yen": 900,
}
EVERYTHING = [
    *base(),
    clean("long_term_care", [CARE]),
    clean("school_register", [SCHOOL]),
    clean("school_attendance", [month(date(2026, 9, 30), 2), month(date(2026, 10, 31), None)]),
    clean("water", [BILL | {"billed_on": date(2026, 10, 31)}]),
    clean(
        "npo_watch",
        [
            {
                "watched_on": date(2026, 10, 1),
                "organisation": "会",
                "name_kana": "サトウ キョウコ",
                "address_full": "本町1-10-1",
            },
            {
                "watched_on": date(2026, 6, 1),
                "organisation": "会",
                "name_kana": "サトウ タロウ",
                "born_on": date(1985, 5, 5),
            },
        ],
    ),
]


def test_the_tables_are_those_of_the_contract(tmp_path: Path) -> None:
    """Every table of the contract is there with its columns, whatever has been delivered."""
    take_in(tmp_path, base())
    with opened(tmp_path) as snapshot:
        for name, schema in FIXED_TABLES.items():
            columns = [row[0] for row in rows(snapshot, f"DESCRIBE {name}")]
            assert columns == schema.names
        for record, kind in VOCABULARY.records.items():
            columns = [row[0] for row in rows(snapshot, f"DESCRIBE rec_{record}")]
            assert columns == ["subject_key", *kind.columns, "file_no", "line", "unknown_cells"]


def test_people_ages_and_kin(tmp_path: Path) -> None:
    """Residents have age and 学年 as of the day; kin are listed for children only, inside the household."""
    keyring = take_in(tmp_path, base())
    with opened(tmp_path) as snapshot:
        child, mother = key_of(keyring, 103), key_of(keyring, 102)
        found = rows(snapshot, f"SELECT age_years, school_grade, is_child FROM person WHERE person_key = '{child}'")
        assert found == [(10, 4, True)]
        assert rows(snapshot, "SELECT count(*) FROM person") == [(len(RESIDENTS) - 1,)]
        assert (child, mother, "母") in rows(snapshot, "FROM kin")
        assert rows(
            snapshot, "SELECT count(*) FROM kin WHERE child_key NOT IN (SELECT person_key FROM person WHERE is_child)"
        ) == [(0,)]


def test_coverage_is_what_the_layouts_say(tmp_path: Path) -> None:
    """Each source covers whom its layout names, from the later of its beginning and the person's arrival."""
    keyring = take_in(tmp_path, EVERYTHING)
    child, father, protected = (key_of(keyring, n) for n in (103, 101, 502))
    with opened(tmp_path) as snapshot:
        covered = {(s, k): d for k, s, d in rows(snapshot, "FROM coverage")}
        assert covered["long_term_care", father] == date(2016, 4, 1)
        assert covered["residents", father] == date(2015, 4, 1)
        assert ("school_register", father) not in covered
        assert covered["school_register", child] == date(2017, 4, 1)
        # What adds up tells nothing of the time before its first event, here September.
        assert covered["school_attendance", child] == date(2026, 9, 1)
        assert covered["npo_watch", father] == date(2026, 6, 1)
        assert ("school_attendance", key_of(keyring, 301)) not in covered
        home = rows(snapshot, f"SELECT household_key FROM person WHERE person_key = '{child}'")[0][0]
        assert [(k, d) for (s, k), d in covered.items() if s == "water"] == [(home, date(2026, 9, 1))]
        # Her row is held, so its absence says nothing; and rows about protected people are never read.
        assert ("npo_watch", child) not in covered
        assert ("npo_watch", protected) not in covered
        assert ("npo_watch", father) in covered
        assert ("council", father) not in covered
        assert rows(snapshot, "SELECT * FROM delivered_period ORDER BY ALL") == [
            ("school_month", date(2026, 9, 30)),
            ("school_month", date(2026, 10, 31)),
            ("water_bill", date(2026, 10, 31)),
        ]


def test_a_quarantined_row_makes_silence_unknown_until_it_is_corrected(tmp_path: Path) -> None:
    """Whose row lies in quarantine is not covered by that source: "no record" is no "no". A correction ends it."""
    vaccination = clean(
        "vaccination",
        [{"address_number": f"{101:010d}", "vaccine_kind": "BCG", "dose": 1, "vaccinated_on": date(2026, 1, 5)}],
    )
    keyring = take_in(tmp_path, [*base(), with_quarantine(vaccination, ["１０３", "読めない番号"])])
    child, father = key_of(keyring, 103), key_of(keyring, 101)
    with opened(tmp_path) as snapshot:
        covered = {k for (k,) in rows(snapshot, "SELECT subject_key FROM coverage WHERE source = 'vaccination'")}
        assert child not in covered
        assert father in covered
    corrected = clean(
        "vaccination",
        [{"address_number": f"{103:010d}", "vaccine_kind": "BCG", "dose": 1, "vaccinated_on": date(2026, 2, 28)}],
        file="08_vaccination_20261120_訂正.csv",
    )
    take_in(tmp_path, [*base(), corrected])
    with opened(tmp_path) as snapshot:
        covered = {k for (k,) in rows(snapshot, "SELECT subject_key FROM coverage WHERE source = 'vaccination'")}
        assert {child, father} <= covered


def test_a_source_that_is_too_old_covers_nobody(tmp_path: Path) -> None:
    """Past interval and grace the records stay, but silence is unknown."""
    take_in(tmp_path, [*base(), clean("long_term_care", [CARE])])
    late = AS_OF + timedelta(days=LAYOUTS["long_term_care"].freshness_days)
    take_in(tmp_path, base(late + timedelta(days=1)))
    with opened(tmp_path, late) as snapshot:
        assert rows(snapshot, "SELECT count(*) > 0 FROM coverage WHERE source = 'long_term_care'") == [(True,)]
    with opened(tmp_path, late + timedelta(days=1)) as snapshot:
        assert rows(snapshot, "SELECT count(*) > 0 FROM coverage WHERE source = 'long_term_care'") == [(False,)]
        assert rows(snapshot, "SELECT count(*) FROM rec_care_certification") == [(1,)]
        status = next(s for s in snapshot.sources if s.source == "long_term_care")
        assert (status.fresh, status.as_of, status.received) == (False, AS_OF, 1)


def test_an_earlier_day_sees_what_was_known_then(tmp_path: Path) -> None:
    """A snapshot of an earlier day does not change when later deliveries come in."""
    take_in(tmp_path, [*base(), clean("long_term_care", [CARE])])
    with opened(tmp_path) as snapshot:
        before = {
            name: rows(snapshot, f"FROM {name} ORDER BY ALL")
            for name in ("person", "kin", "rec_care_certification", "coverage")
        }
    take_in(tmp_path, [*base(LATER, RESIDENTS[:3]), clean("long_term_care", [CARE | {"care_level": "要介護5"}], LATER)])
    with opened(tmp_path) as snapshot:
        assert {name: rows(snapshot, f"FROM {name} ORDER BY ALL") for name in before} == before
    with opened(tmp_path, LATER) as snapshot:
        assert rows(snapshot, "SELECT care_level FROM rec_care_certification") == [("要介護5",)]
        assert rows(snapshot, "SELECT count(*) FROM person") == [(3,)]


def test_a_later_row_replaces_one_of_equal_key(tmp_path: Path) -> None:
    """In a source that adds up, the last delivery of a month counts, and within a file the last line."""
    take_in(
        tmp_path,
        [
            *base(),
            clean("school_register", [SCHOOL]),
            clean("school_attendance", [month(date(2026, 10, 31), 1), month(date(2026, 10, 31), 2)]),
        ],
    )
    with opened(tmp_path) as snapshot:
        assert rows(snapshot, "SELECT absent_days, line FROM rec_school_month") == [(2, 3)]
    take_in(tmp_path, [*base(LATER), clean("school_attendance", [month(date(2026, 10, 31), 9)], LATER)])
    with opened(tmp_path, LATER) as snapshot:
        assert rows(snapshot, "SELECT absent_days FROM rec_school_month") == [(9,)]
    with opened(tmp_path) as snapshot:
        assert rows(snapshot, "SELECT absent_days FROM rec_school_month") == [(2,)]


def test_a_correction_adds_to_a_full_delivery(tmp_path: Path) -> None:
    """Rows put right after quarantine join the delivery they belong to, and are gone with the next full one."""
    fix = clean("long_term_care", [CARE | {"address_number": "0000000201"}], file="11_care_20261120_訂正.csv")
    moved = clean(
        "residents",
        [person(103, "20", "女", date(2016, 7, 7), "サトウ キョウコ", history_number=2)],
        file="01_訂正.csv",
    )
    keyring = take_in(tmp_path, [*base(), clean("long_term_care", [CARE]), fix, moved])
    with opened(tmp_path) as snapshot:
        assert rows(snapshot, "SELECT count(*) FROM rec_care_certification") == [(2,)]
        child = key_of(keyring, 103)
        assert rows(snapshot, f"SELECT count(*) FROM rec_resident WHERE subject_key = '{child}'") == [(1,)]
        assert rows(snapshot, f"SELECT count(*) FROM kin WHERE child_key = '{child}'") == [(4,)]
    take_in(tmp_path, [*base(LATER), clean("long_term_care", [CARE], LATER)])
    with opened(tmp_path, LATER) as snapshot:
        assert rows(snapshot, "SELECT count(*) FROM rec_care_certification") == [(1,)]


def test_an_unchanged_list_is_a_new_delivery(tmp_path: Path) -> None:
    """A file with the very content of last week's still says that this is the state of this week."""
    early = base()
    again = [replace(c, delivery=replace(c.delivery, as_of=LATER, file="week2/" + c.delivery.file)) for c in early]
    take_in(tmp_path, early)
    take_in(tmp_path, again)
    with opened(tmp_path, LATER) as snapshot:
        assert {d.as_of for d in snapshot.deliveries} == {LATER}


def test_taking_in_twice_changes_nothing(tmp_path: Path) -> None:
    """A file that is already known is skipped; the store stays byte for byte."""
    take_in(tmp_path, EVERYTHING)
    before = {path: path.read_bytes() for path in sorted((tmp_path / "store").rglob("*")) if path.is_file()}
    take_in(tmp_path, EVERYTHING)
    assert {path: path.read_bytes() for path in sorted((tmp_path / "store").rglob("*")) if path.is_file()} == before
    assert is_known(tmp_path / "store", EVERYTHING[0].delivery.file, EVERYTHING[0].delivery.sha256)


def test_a_known_name_with_other_content_is_refused(tmp_path: Path) -> None:
    """What was delivered never changes under its name."""
    take_in(tmp_path, [*base(), clean("long_term_care", [CARE])])
    with pytest.raises(KizukiError, match="E-STORE-03"):
        take_in(tmp_path, [clean("long_term_care", [CARE | {"care_level": "要介護5"}])])


def test_an_interrupted_intake_leaves_the_store_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before any of its writes is safe on disk, intake leaves the earlier state, and a new run completes it."""
    health = [{"address_number": "0000000103", "maternal_record_kind": "出生", "mother_number": "0000000102"}]
    later = [*base(LATER), clean("maternal_health", health, LATER)]
    synced, stop_at, real = 0, -1, os.fsync

    def fsync(handle: int) -> None:
        nonlocal synced
        synced += 1
        if synced == stop_at:
            raise KeyboardInterrupt
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    take_in(tmp_path / "whole", base())
    synced = 0
    take_in(tmp_path / "whole", later)
    total = synced
    assert total > 20
    for stop in (1, 2, 5, total // 3, total // 2, total - 3, total - 1):
        folder = tmp_path / str(stop)
        stop_at = -1
        take_in(folder, base())
        known = read_catalogue(folder / "store")
        synced, stop_at = 0, stop
        with pytest.raises(KeyboardInterrupt):
            take_in(folder, later)
        assert read_catalogue(folder / "store")[: len(known)] == known
        with opened(folder) as snapshot:
            assert rows(snapshot, "SELECT count(*) FROM person") == [(len(RESIDENTS) - 1,)]
        stop_at = -1
        keyring = take_in(folder, later)
        with opened(folder, LATER) as snapshot:
            assert len(snapshot.deliveries) == 3
            child, mother = key_of(keyring, 103), key_of(keyring, 102)
            assert (child, mother, "母") in rows(snapshot, "FROM kin")


def test_ages_and_grades_are_the_kernel_s(tmp_path: Path) -> None:
    """Age and 学年 in the person table follow the kernel's rules for every birthday of two years, leap day included."""
    first = date(2019, 1, 1)
    people = [person(1000 + n, "02", "女", first + timedelta(days=n), "ア イ") for n in range(800)]
    take_in(tmp_path, base(residents=people))
    for day in (AS_OF, date(2027, 4, 1), date(2027, 4, 2), date(2027, 2, 28), date(2028, 2, 29), date(2028, 3, 1)):
        with opened(tmp_path, day) as snapshot:
            for born, age, grade in rows(snapshot, "SELECT born_on, age_years, school_grade FROM person"):
                assert isinstance(born, date)
                assert (age, grade) == (age_on(born, day), school_grade(born, day)), (born, day)


def test_a_changed_part_is_never_read(tmp_path: Path) -> None:
    """One flipped byte in a Parquet file stops the snapshot, with the file's name."""
    take_in(tmp_path, base())
    part = next((tmp_path / "store" / "persons").glob("*.parquet"))
    data = bytearray(part.read_bytes())
    data[100] ^= 1
    part.write_bytes(data)
    with pytest.raises(KizukiError, match="E-STORE-02"):
        opened(tmp_path)


def test_without_a_register_there_is_no_snapshot(tmp_path: Path) -> None:
    """Before the first 住民記録 nobody can be evaluated."""
    take_in(tmp_path, base())
    with pytest.raises(KizukiError, match="E-STORE-04"):
        opened(tmp_path, AS_OF - timedelta(days=1))


CANARIES = (
    "佐", "藤", "サトウ", "ｻﾄｳ", "キョウコ", "タナカ", "みどり荘", "10番地", "1-10-1",
    "0000000101", "0000000103", "0000000010", "00000001", "000000001",
)  # fmt: skip


def test_no_identifier_reaches_the_store(tmp_path: Path) -> None:
    """No name, address or number is found in any file of the store, neither in its bytes nor in its decoded cells."""
    take_in(tmp_path, EVERYTHING)
    files = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".parquet", ".jsonl"}
    for path in files:
        content = path.read_bytes()
        for canary in CANARIES:
            assert canary.encode() not in content, (path.name, canary)
        if path.suffix == ".parquet":
            table = pq.read_table(pa.BufferReader(content))
            cells = {str(value) for name in table.column_names for value in table[name].to_pylist()}
            assert not [c for c in CANARIES if any(c in cell for cell in cells)], path
            if "persons" not in path.parts:
                assert "born_on" not in table.column_names


def test_protected_people_have_no_district_even_if_protected_later(tmp_path: Path) -> None:
    """A protection granted after the register was delivered removes the district of the household."""
    keyring = take_in(tmp_path, base())
    later = [clean("address_protection", [{"address_number": "0000000101", "protected_from": AS_OF}], LATER)]
    take_in(tmp_path, later)
    home = f"(SELECT household_key FROM person WHERE person_key = '{key_of(keyring, 103)}')"
    with opened(tmp_path) as snapshot:
        assert rows(snapshot, f"SELECT district, protected FROM household WHERE household_key = {home}") == [
            ("本町一丁目", False)
        ]
    with opened(tmp_path, LATER) as snapshot:
        assert rows(snapshot, f"SELECT district, protected FROM household WHERE household_key = {home}") == [
            (None, True)
        ]


def test_households_describe_the_snapshot_exactly(tmp_path: Path) -> None:
    """Households read from a stored snapshot, made into a snapshot in memory, read back equal."""
    take_in(tmp_path, EVERYTHING)
    with opened(tmp_path) as snapshot:
        children = [str(key) for (key,) in rows(snapshot, "SELECT person_key FROM person WHERE is_child")]
        households = load_households(snapshot, children)
    assert any(h.child.rows.get("school_month") for h in households.values())
    assert any(h.rows.get("water_bill") for h in households.values())
    with snapshot_of(list(households.values()), VOCABULARY) as again:
        assert load_households(again, children) == households
