"""Which delivered files count as of a day, and when nothing may start."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest
from intake_city import AS_OF, PROTECTION_TEXT, RESIDENT_HEADER, RESIDENT_ROWS, VISIT_HEADER, City, csv_text

from engine.intake import find_deliveries, survey_deliveries
from engine.kernel.errors import ExitStatus, KizukiError

RESIDENTS = csv_text(RESIDENT_HEADER, *RESIDENT_ROWS)


def _codes(city: City, as_of: date = AS_OF) -> list[str]:
    with pytest.raises(KizukiError) as caught:
        find_deliveries(city.folder, city.layouts, as_of=as_of)
    return [problem.code for problem in caught.value.problems]


def _warnings(city: City, as_of: date = AS_OF) -> list[str]:
    return [problem.code for problem in survey_deliveries(city.folder, city.layouts, as_of=as_of).warnings]


def _slip(city: City, *lines: str, day: str = "2026-11-20") -> None:
    city.put("manifest.csv", csv_text("ファイル名,行数,SHA-256", *lines), day, encoding="utf-8-sig")


def _listed(city: City, name: str, rows: int) -> str:
    digest = hashlib.sha256((city.folder / "2026-11-20" / name).read_bytes()).hexdigest()
    return f"{name},{rows},{digest.upper()}"


def test_files_are_found_with_the_day_of_their_folder_and_their_hash(city: City) -> None:
    """The folder names the as-of day; files come in the order of days and layouts."""
    city.put_mandatory("2026-11-13")
    city.put_mandatory()
    city.put("03_visits_20261031.csv", VISIT_HEADER + "\r\n")
    found = find_deliveries(city.folder, city.layouts, as_of=AS_OF)
    assert [(item.file, item.source, item.as_of) for item in found] == [
        ("2026-11-13/01_residents_20261113.csv", "residents", date(2026, 11, 13)),
        ("2026-11-13/02_protection_20261113.csv", "address_protection", date(2026, 11, 13)),
        ("2026-11-20/01_residents_20261120.csv", "residents", AS_OF),
        ("2026-11-20/02_protection_20261120.csv", "address_protection", AS_OF),
        ("2026-11-20/03_visits_20261031.csv", "visits", AS_OF),
    ]
    assert found[0].sha256 == hashlib.sha256(RESIDENTS.encode("cp932")).hexdigest()


def test_folders_of_later_days_are_left_for_later_runs(city: City) -> None:
    """A run as of a past day sees only what had been delivered by then."""
    city.put_mandatory("2026-11-13")
    city.put_mandatory()
    found = find_deliveries(city.folder, city.layouts, as_of=date(2026, 11, 19))
    assert {item.as_of for item in found} == {date(2026, 11, 13)}


def test_a_file_dated_after_its_folder_is_refused(city: City) -> None:
    """Data of a day that had not come would make past decisions impossible to repeat."""
    city.put_mandatory()
    city.put("03_visits_20261121.csv", VISIT_HEADER + "\r\n")
    assert _codes(city) == ["E-DELIV-01"]


def test_a_date_in_a_file_name_that_is_not_in_the_calendar_is_refused(city: City) -> None:
    """20261131 is no day, so nobody knows of which day the file is."""
    city.put_mandatory()
    city.put("03_visits_20261131.csv", VISIT_HEADER + "\r\n")
    assert _codes(city) == ["E-DELIV-02"]


def test_nothing_starts_without_the_protection_flags(city: City) -> None:
    """A link made without the flags can reveal where a victim lives: its own exit status, whatever else is wrong."""
    city.put("01_residents_20261120.csv", RESIDENTS)
    city.put("03_visits_20261131.csv", VISIT_HEADER + "\r\n")
    with pytest.raises(KizukiError) as caught:
        find_deliveries(city.folder, city.layouts, as_of=AS_OF)
    assert {problem.code for problem in caught.value.problems} == {"E-PROT-01", "E-DELIV-02"}
    assert caught.value.exit_status is ExitStatus.PROTECTION_MISSING


def test_new_residents_need_protection_flags_of_the_same_day(city: City) -> None:
    """Last week's flags do not know who fled this week."""
    city.put_mandatory("2026-11-13")
    city.put("01_residents_20261120.csv", RESIDENTS)
    assert _codes(city) == ["E-PROT-02"]
    city.put("02_protection_20261120_訂正.csv", PROTECTION_TEXT)
    assert "E-PROT-02" in _codes(city) or "E-DELIV-10" in _codes(city)


def test_nothing_starts_before_the_residents_have_been_delivered(city: City) -> None:
    """Without residents there is nobody to speak of."""
    city.put("02_protection_20261120.csv", PROTECTION_TEXT)
    assert _codes(city) == ["E-DELIV-08"]


def test_a_missing_or_overdue_source_is_told(city: City) -> None:
    """Its silence will be unknown, not no."""
    city.put_mandatory()
    assert _warnings(city) == ["W-DELIV-01", "W-DELIV-07"]
    city.put("03_visits_20261001.csv", VISIT_HEADER + "\r\n", "2026-10-01")
    assert _warnings(city) == ["W-DELIV-01", "W-DELIV-01", "W-DELIV-03"]


def test_strange_files_and_folders_are_told_and_not_read(city: City) -> None:
    """A renamed export must not vanish silently."""
    city.put_mandatory()
    city.put("99_unknown_20261120.csv", "x")
    city.put("メモ.txt", "x")
    city.put("03_visits_20261120.csv", VISIT_HEADER, "令和8年11月20日")
    city.put("03_visits.csv", VISIT_HEADER, "2026-02-30")
    city.put("03_visits_20260901.csv", VISIT_HEADER)
    warnings = _warnings(city)
    assert warnings.count("W-DELIV-02") == 2
    assert warnings.count("W-DELIV-04") == 2
    assert warnings.count("W-DELIV-06") == 1


def test_a_slip_that_agrees_is_silent(city: City) -> None:
    """Every file listed with its hash and number of rows: nothing to tell, and the reader knows what to expect."""
    city.put_mandatory()
    names = ("01_residents_20261120.csv", "02_protection_20261120.csv")
    _slip(city, _listed(city, names[0], 3), _listed(city, names[1], 1))
    assert _warnings(city) == ["W-DELIV-07"]
    assert [item.listed_rows for item in find_deliveries(city.folder, city.layouts, as_of=AS_OF)] == [3, 1]
    assert city.read(names[0]).delivery.received == 3


def test_a_slip_with_another_number_of_rows_refuses_the_file(city: City) -> None:
    """The sender counted more rows than there are."""
    city.put_mandatory()
    names = ("01_residents_20261120.csv", "02_protection_20261120.csv")
    _slip(city, _listed(city, names[0], 4), _listed(city, names[1], 1))
    with pytest.raises(KizukiError) as caught:
        city.read(names[0])
    assert [problem.code for problem in caught.value.problems] == ["E-DELIV-05"]


def test_a_truncated_missing_or_unlisted_file_is_caught_by_the_slip(city: City) -> None:
    """Cut at a line end, a file looks whole; only its hash tells."""
    city.put_mandatory()
    names = ("01_residents_20261120.csv", "02_protection_20261120.csv")
    _slip(city, _listed(city, names[0], 3), "03_visits_20261120.csv,5," + "0" * 64)
    city.put(names[0], csv_text(RESIDENT_HEADER, *RESIDENT_ROWS[:2]))
    assert sorted(_codes(city)) == ["E-DELIV-03", "E-DELIV-04", "E-DELIV-06"]


@pytest.mark.parametrize(
    "content",
    [
        "ファイル名,行数,SHA-256\r\n",
        "\ufeffファイル,行数,SHA-256\r\n",
        "\ufeffファイル名,行数,SHA-256\r\na.csv,x," + "0" * 64,
        "\ufeffファイル名,行数,SHA-256\r\n../a.csv,1," + "0" * 64,
        "\ufeffファイル名,行数,SHA-256\r\na.csv,1",
        '\ufeffファイル名,行数,SHA-256\r\n"a.csv,1',
    ],
)
def test_a_slip_that_cannot_be_read_is_refused(city: City, content: str) -> None:
    """A broken slip proves nothing."""
    city.put_mandatory()
    city.put("manifest.csv", content.encode())
    assert _codes(city) == ["E-DELIV-07"]


def test_two_full_files_of_one_day_are_refused(city: City) -> None:
    """Nobody can say which of them is the truth; parts of an adding source are fine."""
    city.put_mandatory()
    city.put("03_visits_20261120.csv", VISIT_HEADER)
    city.put("03_visits_20261120_2.csv", VISIT_HEADER)
    assert len(find_deliveries(city.folder, city.layouts, as_of=AS_OF)) == 4
    city.put("01_residents_20261120_2.csv", RESIDENTS)
    assert _codes(city) == ["E-DELIV-09"]


def test_a_correction_without_its_full_file_is_refused(city: City) -> None:
    """Alone it would replace everybody by the few corrected rows."""
    city.put_mandatory("2026-11-13")
    city.put("01_residents_20261120_訂正.csv", RESIDENTS)
    assert _codes(city) == ["E-DELIV-10"]


def test_a_missing_deliveries_folder_is_an_ordinary_error(city: City) -> None:
    """No traceback for a path that was mistyped."""
    city.folder.rmdir()
    assert _codes(city) == ["E-DELIV-13"]


def test_no_warning_about_an_unknown_file_reads_its_content(city: City) -> None:
    """Only the name of a stray file is shown."""
    city.put_mandatory()
    city.put("memo.csv", "雉子牟田")
    shown = str(survey_deliveries(city.folder, city.layouts, as_of=AS_OF).warnings)
    assert "memo.csv" in shown
    assert "雉子牟田" not in shown


def test_a_file_that_is_open_elsewhere_is_an_ordinary_error(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spreadsheet locks the files it shows; the operator is told to close it."""

    def locked(path: Path) -> str:
        raise PermissionError(path.name)

    city.put_mandatory()
    monkeypatch.setattr("engine.intake.deliver._sha256", locked)
    assert _codes(city).count("E-DELIV-14") == 2


def test_a_file_name_that_fits_two_layouts_is_refused(city: City) -> None:
    """Which definition to read by is never guessed."""
    city.put_mandatory()
    city.put("03_visits_20261120.csv", VISIT_HEADER)
    twin = city.layouts["visits"].model_copy(update={"source": "twin", "label": "双子", "file_pattern": "03_*.csv"})
    city.layouts = {**city.layouts, "twin": twin}
    assert _codes(city) == ["E-DELIV-12"]
