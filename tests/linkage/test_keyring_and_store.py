"""Facts belong to people only through the keyring that made their keys; protection reaches back over what was linked."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from made_up_town import AS_OF, CITY, LAYOUTS, VOCABULARY, base, clean, key_of

from engine.kernel.errors import ExitStatus, KizukiError
from engine.linkage.deliveries import link_deliveries
from engine.linkage.keyring import Keyring, open_keyring
from engine.linkage.register import absorb_protection
from engine.records.delivery import CleanTable
from engine.store.facts import add_delivery
from engine.store.ownership import holds_deliveries, require_key
from engine.store.snapshot import open_snapshot

LATER = AS_OF + timedelta(days=7)
BILL = {
    "water_meter_number": "000000001",
    "name_kana": "サトウ タロウ",
    "address_full": "本町1-10-1",
    "billed_yen": 900,
    "billed_on": date(2026, 10, 31),
}
VISIT = {
    "watched_on": date(2026, 10, 1),
    "organisation": "会",
    "name_kana": "サトウ キョウコ",
    "born_on": date(2016, 7, 7),
    "address_full": "本町1-10-1",
}
CARE = {"care_level": "要介護2", "certified_from": date(2026, 1, 1), "address_number": "0000000101"}


def take_in(folder: Path, tables: list[CleanTable]) -> Keyring:
    keyring = open_keyring(folder / "keyring", may_create=not holds_deliveries(folder / "store"))
    require_key(folder / "store", keyring.key_id, keyring.known_days())
    for linked in link_deliveries(tables, keyring, LAYOUTS, VOCABULARY, city=CITY):
        add_delivery(folder / "store", linked)
    return keyring


def refused(folder: Path) -> KizukiError:
    with pytest.raises(KizukiError) as caught:
        take_in(folder, [])
    assert caught.value.exit_status is ExitStatus.STORE
    return caught.value


def codes(error: KizukiError) -> set[str]:
    return {problem.code for problem in error.problems}


def test_the_same_keyring_opens_the_store_again(tmp_path: Path) -> None:
    """Also in another process: the id stands beside the facts, the secret does not."""
    keyring = take_in(tmp_path, base())
    assert (tmp_path / "store" / "key_id").read_text("utf-8").strip() == keyring.key_id
    take_in(tmp_path, base(LATER))


def test_a_lost_keyring_makes_no_new_secret(tmp_path: Path) -> None:
    """Neither folder nor secret is made anew while facts exist: a copy must be put back."""
    take_in(tmp_path, base())
    (tmp_path / "keyring").rename(tmp_path / "lost")
    assert codes(refused(tmp_path)) == {"E-STORE-10"}
    assert not (tmp_path / "keyring").exists()
    (tmp_path / "lost").rename(tmp_path / "keyring")
    take_in(tmp_path, [])


def test_another_keyring_is_refused(tmp_path: Path) -> None:
    """A keyring of another workspace would give everyone another key, and the list would be empty."""
    take_in(tmp_path / "other", base())
    take_in(tmp_path, base())
    (tmp_path / "keyring").rename(tmp_path / "lost")
    (tmp_path / "other" / "keyring").rename(tmp_path / "keyring")
    assert codes(refused(tmp_path)) == {"E-STORE-12"}


def test_facts_that_do_not_say_whose_they_are_are_refused(tmp_path: Path) -> None:
    """If the id is gone, nothing tells that the keyring is the right one."""
    take_in(tmp_path, base())
    (tmp_path / "store" / "key_id").unlink()
    assert codes(refused(tmp_path)) == {"E-STORE-12"}


@pytest.mark.parametrize("name", ["register", "protection"])
def test_a_missing_table_of_the_keyring_is_refused(tmp_path: Path, name: str) -> None:
    """Without the register nobody has a name; without the list nobody is protected."""
    take_in(tmp_path, base())
    (tmp_path / "keyring" / f"{name}.parquet").unlink()
    assert codes(refused(tmp_path)) == {"E-STORE-13"}


def test_an_old_copy_of_the_keyring_is_refused(tmp_path: Path) -> None:
    """A list of protected people from before the newest delivery would print those added since."""
    take_in(tmp_path, base())
    before = (tmp_path / "keyring" / "protection.parquet").read_bytes()
    take_in(tmp_path, base(LATER))
    (tmp_path / "keyring" / "protection.parquet").write_bytes(before)
    assert codes(refused(tmp_path)) == {"E-STORE-13"}


@pytest.mark.parametrize("how", ["cut", "flipped", "replaced"])
def test_a_damaged_table_of_the_keyring_is_said_so(tmp_path: Path, how: str) -> None:
    """A damaged register is a message with a remedy, not a traceback, and never a shorter register."""
    take_in(tmp_path, base())
    path = tmp_path / "keyring" / "register.parquet"
    raw = bytearray(path.read_bytes())
    if how == "flipped":
        raw[len(raw) // 4] ^= 0xFF
    path.write_bytes(bytes(raw[: len(raw) // 2] if how == "cut" else raw))
    if how == "replaced":
        pq.write_table(pq.read_table(path).select(["person_key"]), path)
    error = refused(tmp_path)
    assert codes(error) == {"E-STORE-11"}
    assert "控え" in str(error)


def test_who_is_protected_now_is_told_whatever_the_day(tmp_path: Path) -> None:
    """A whole household as soon as one who lives there is on the newest list; who moved away protects no household."""
    keyring = take_in(tmp_path, base())
    house = dict(zip(*(keyring.register[n].to_pylist() for n in ("address_number", "household_key")), strict=True))
    assert keyring.protected_households() == {house["0000000501"]}
    rows = [{"address_number": "0000000101", "protected_from": AS_OF}, {"address_number": "0000000601"}]
    absorb_protection(keyring, clean("address_protection", rows, LATER))
    assert keyring.protected_households() == {house["0000000101"]}
    assert keyring.protected_people() == {key_of(keyring, n) for n in (101, 102, 103)}


def test_what_was_linked_by_name_or_place_goes_when_protection_comes(tmp_path: Path) -> None:
    """Bills and visits that were linked before stay out of the snapshot from then on; rows with a number remain."""
    tables = [*base(), clean("water", [BILL]), clean("npo_watch", [VISIT]), clean("long_term_care", [CARE])]
    take_in(tmp_path, tables)
    later = [*base(LATER)[:1], clean("address_protection", [CARE_LIST], LATER)]
    take_in(tmp_path, later)
    records = ("water_bill", "npo_visit", "care_certification")
    counts = []
    for day in (AS_OF, LATER):
        with open_snapshot(tmp_path / "store", VOCABULARY, LAYOUTS, day, threads=1) as snapshot:
            queries = (f"SELECT count(*) FROM rec_{record}" for record in records)
            counts.append([snapshot.connection.execute(query).fetchall()[0][0] for query in queries])
    assert counts == [[1, 1, 1], [0, 0, 1]]


CARE_LIST = {"address_number": "0000000103", "protected_from": LATER}


def test_a_column_registered_later_is_unknown_in_what_was_stored_before(tmp_path: Path) -> None:
    """The register grows; older facts say nothing about the new column, and a row without a natural key stays."""
    from engine.records.vocabulary import Column

    take_in(tmp_path, [*base(), clean("long_term_care", [CARE]), clean("water", [BILL])])
    kind = VOCABULARY.records["care_certification"]
    column = Column.model_validate({"名前": "認定調査日", "型": "日付"})
    wider = kind.model_copy(update={"columns": {**kind.columns, "surveyed_on": column}})
    vocabulary = VOCABULARY.model_copy(update={"records": {**VOCABULARY.records, "care_certification": wider}})
    layout = LAYOUTS["long_term_care"]
    rule = layout.records["care_certification"].model_copy(update={"key": ("address_number", "certified_from")})
    layouts = {**LAYOUTS, "long_term_care": layout.model_copy(update={"records": {"care_certification": rule}})}
    with open_snapshot(tmp_path / "store", vocabulary, layouts, AS_OF, threads=1) as snapshot:
        rows = snapshot.connection.execute("SELECT care_level, surveyed_on FROM rec_care_certification").fetchall()
    assert rows == [("要介護2", None)]
