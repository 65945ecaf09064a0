"""The seal of a sheet: unchanged by what changes nothing, broken by whatever does."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from stat import S_IMODE

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import to_excel

from engine.kernel.errors import KizukiError
from kizuki.handout_key import handout_key, sealing
from kizuki.settings import Workspace
from reports.blanks import SheetIdentity, read_identity
from reports.seal import ErrorValue, check_seal, make_seal, sealing_with

KEY = bytes(range(32))
IDENTITY = SheetIdentity("R20261120-01", "案件", "H1", "", 3).text
# Texts a cell can hold, days and numbers, as the renderer writes them.
VALUES = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])) | st.integers(-(10**12), 10**12) | st.dates(), max_size=12)


@given(VALUES)
def test_a_sealed_identity_is_still_an_identity(values: list[object]):
    """The seal stands behind the identity, in the letters that `read_identity` allows."""
    found = read_identity(sealing_with(KEY)(IDENTITY, values))  # type: ignore[arg-type]
    assert found is not None and found.household_key == "H1"
    assert check_seal(KEY, IDENTITY, values, found.seal) == "unchanged"  # type: ignore[arg-type]


@given(VALUES, st.data())
def test_a_changed_value_breaks_the_seal(values: list[object], data: st.DataObject):
    """Another value, one more, one less, or two that changed places."""
    shown = [value for value in values if not isinstance(value, str) or value.strip()]
    seal = make_seal(KEY, IDENTITY, shown)  # type: ignore[arg-type]
    place = data.draw(st.integers(0, len(shown)))
    assert check_seal(KEY, IDENTITY, [*shown[:place], "書き足した行", *shown[place:]], seal) == "changed"  # type: ignore[list-item]
    if place < len(shown):
        assert check_seal(KEY, IDENTITY, [*shown[:place], *shown[place + 1 :]], seal) == "changed"  # type: ignore[list-item]
    assert check_seal(KEY, IDENTITY.replace("H1", "H2"), shown, seal) == "changed"  # type: ignore[arg-type]


@given(st.dates(date(1982, 1, 1), date(2119, 1, 1)))
def test_a_day_is_its_number_whatever_format_hides_it(day: date):
    """A format such as [$-411]ge makes programs read a day as 46367."""
    seal = make_seal(KEY, IDENTITY, [day])
    for read in (datetime(day.year, day.month, day.day), int(to_excel(day)), float(to_excel(day))):  # noqa: DTZ001
        assert check_seal(KEY, IDENTITY, [read], seal) == "unchanged"


def test_what_programs_write_otherwise_is_the_same():
    """Line ends, Excel's escapes, empty cells."""
    seal = make_seal(KEY, IDENTITY, ["一行目\n二行目", "_x0041_", 3])
    for read in (["一行目\r\n二行目", "A", 3.0], ["一行目_x000D_\n二行目", None, "_x005F_x0041_", "　", 3]):
        assert check_seal(KEY, IDENTITY, read, seal) == "unchanged"
    for changed in (["一行目\n二行目", "A", "3"], ["一行目\n二行目", "A", True], ["一行目\n二行目", "A", 3.5], ["一行目\n二行目", "A", ErrorValue("3")]):
        assert check_seal(KEY, IDENTITY, changed, seal) == "changed"


def test_a_lost_key_is_told_apart_from_a_changed_sheet():
    """Another key, no key, no seal: three things that nobody can put right on the sheet."""
    seal = make_seal(KEY, IDENTITY, ["甲"])
    assert check_seal(bytes(32), IDENTITY, ["甲"], seal) == "other_key"
    assert check_seal(None, IDENTITY, ["甲"], seal) == "other_key"
    assert check_seal(KEY, IDENTITY, ["甲"], "") == "unsealed"


def test_the_key_is_made_once_and_kept_private(tmp_path: Path):
    """Made with the first handout, the same from then on, closed to others."""
    workspace = Workspace(tmp_path)
    assert handout_key(workspace) is None
    first = sealing(workspace)(IDENTITY, ["甲"])
    path = workspace.keyring / "handout.key"
    assert S_IMODE(path.stat().st_mode) == 0o600 and len(path.read_bytes()) == 32
    assert sealing(workspace)(IDENTITY, ["甲"]) == first


def test_a_damaged_key_stops_in_words(tmp_path: Path):
    """A truncated key would call every sheet changed."""
    workspace = Workspace(tmp_path)
    sealing(workspace)
    (workspace.keyring / "handout.key").write_bytes(b"half")
    for use in (handout_key, sealing):
        with pytest.raises(KizukiError, match="E-READ-20"):
            use(workspace)
