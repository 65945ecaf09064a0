"""A delivery that cannot be trusted as a whole is refused, with every reason and without a single cell."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

import pytest
from intake_bad_files import BAD_FILES
from intake_city import CANARIES, City
from intake_city import RESIDENT_HEADER as HEADER
from intake_city import RESIDENT_ROWS as ROWS

from engine.intake import delivery_warnings, write_quarantine
from engine.kernel.errors import ExitStatus, KizukiError

GOLDEN = Path(__file__).parents[1] / "golden" / "errors" / "intake.txt"


def _refuse(city: City, content: bytes) -> KizukiError:
    with pytest.raises(KizukiError) as caught:
        city.residents(content)
    return caught.value


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_broken_file_is_refused_with_its_own_code(city: City, name: str) -> None:
    """Each kind of broken file is refused with the code of that kind, and the command ends with its exit status."""
    content, codes = BAD_FILES[name]
    error = _refuse(city, content)
    assert {problem.code for problem in error.problems} == codes
    assert error.exit_status is ExitStatus.DELIVERY_REFUSED


@pytest.mark.parametrize("name", BAD_FILES)
def test_no_message_or_traceback_of_a_broken_file_holds_a_cell(city: City, name: str) -> None:
    """Names, addresses, numbers and birth dates in a broken file never appear in what is shown or logged."""
    error = _refuse(city, BAD_FILES[name][0])
    shown = "".join(traceback.format_exception(error)) + repr(error.problems)
    assert not [canary for canary in (*CANARIES, "0000000019", "0000000027", "翡翠") if canary in shown]


def test_the_wording_of_every_refusal_is_as_agreed(city: City) -> None:
    """The texts that operators read change only on purpose (KIZUKI_GOLDEN=update rewrites the file)."""
    text = "".join(f"■ {name}\n{_refuse(city, content)}\n\n" for name, (content, _) in BAD_FILES.items())
    odd = (
        "0000000018,雉子牟田　〓,ｷｼﾞﾑﾀ,年月日不詳,鸚鵡台,1",
        "0000000027,,x,2026-02-30,鸚鵡台,7",
        "ABC,雉子牟田,x,昭和64年1月8日,鸚鵡台,01",
        "1.23E+08,雉子牟田,x,きのう,鸚鵡台,01",
        "12345678901,雉子牟田,x,20261121,鸚鵡台,01",
        "0000000035,雉子牟田,x,,鸚鵡台",
    )
    table = city.residents("\r\n".join((HEADER, *ROWS, *ROWS, *odd)) + "\r\n,,,,,\r\n" + ROWS[0])
    rows = "".join(f"{q.line}行目 {q.code} {q.reason}\n  {q.remedy}\n" for q in table.quarantined)
    layout = city.layouts["residents"]
    notes = "".join(f"{w}\n" for w in delivery_warnings(table.delivery, layout, city.vocabulary))
    text += f"■ 行の隔離\n{rows}\n■ お知らせ\n{notes}"
    visits = city.visits(
        "0000000019,20261120,1,32,x,20261201,20270101,5,100", "19,,1,3,2,20261201,,5,1", "19,,1,3,4,,,,"
    )
    rows = "".join(f"{q.line}行目 {q.code} {q.reason}\n  {q.remedy}\n" for q in visits.quarantined)
    notes = "".join(f"{w}\n" for w in delivery_warnings(visits.delivery, city.layouts["visits"], city.vocabulary))
    text += f"\n■ 訪問\n{rows}\n{notes}"
    assert not [canary for canary in CANARIES if canary in text]
    if os.environ.get("KIZUKI_GOLDEN") == "update":
        GOLDEN.parent.mkdir(parents=True, exist_ok=True)
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_all_faults_of_a_file_are_shown_at_once(city: City) -> None:
    """A file with a NUL, a missing column and a wrong last row is not sent back three times."""
    lines = [line.rsplit(",", 1)[0] for line in (HEADER, *ROWS)]
    content = "\r\n".join(lines).encode("cp932") + b"\x00\r\n\x1a"
    assert {p.code for p in _refuse(city, content).problems} == {"E-DELIV-24", "E-DELIV-25", "E-DELIV-29"}


def test_the_place_of_a_fault_is_its_physical_line(city: City) -> None:
    """Line numbers point into the file as an editor shows it, also after line breaks inside quotes."""
    quoted = '0000000019,"雉子牟田\n\n金糸雀",,,,01'
    error = _refuse(city, "\r\n".join((HEADER, quoted, ROWS[1], HEADER, ROWS[2], "")).encode("cp932"))
    assert [(p.code, p.place.line) for p in error.problems] == [("E-DELIV-31", 6)]


def test_the_unclosed_quote_is_located_where_its_row_begins(city: City) -> None:
    """Not at the end of the file, where the reader noticed it."""
    error = _refuse(city, BAD_FILES["引用符が閉じていない"][0])
    assert [p.place.line for p in error.problems] == [3]


def test_a_full_file_without_rows_is_refused_unless_its_layout_allows_it(city: City) -> None:
    """ "Nobody has it" is not read from an empty 全件 file, mandatory or not; a layout may say that it can be true."""
    whole = city.layouts["visits"].model_copy(update={"delivery": "全件"})
    city.layouts = {**city.layouts, "visits": whole}
    with pytest.raises(KizukiError) as caught:
        city.visits()
    assert [p.code for p in caught.value.problems] == ["E-DELIV-27"]
    city.layouts = {**city.layouts, "visits": whole.model_copy(update={"may_be_empty": True})}
    assert city.visits().delivery.warnings == {"W-DELIV-29": 1}


def test_a_header_without_rows_is_fine_where_nobody_may_be_concerned(city: City) -> None:
    """An empty month of visits is used, and somebody is told."""
    table = city.visits()
    assert table.delivery.received == 0
    assert table.table.num_rows == 0
    assert table.delivery.warnings == {"W-DELIV-29": 1}


def test_a_file_that_changed_after_it_was_found_is_refused(city: City) -> None:
    """What was checked against the delivery slip must be what is read."""
    from engine.intake import read_delivery

    city.put_mandatory()
    found = city.found("01_residents_20261120.csv")
    found.path.write_bytes(found.path.read_bytes() + (ROWS[0] + "\r\n").encode("cp932"))
    with pytest.raises(KizukiError) as caught:
        read_delivery(found, city.layouts["residents"], city.vocabulary)
    assert [p.code for p in caught.value.problems] == ["E-DELIV-11"]


def test_a_complete_last_row_without_line_end_is_used_and_noted(city: City, tmp_path: Path) -> None:
    """The row may be whole, but the last cell may also be cut; only a person can tell."""
    table = city.residents("\r\n".join((HEADER, *ROWS)))
    assert table.delivery.used == 3
    assert table.delivery.warnings == {"W-DELIV-26": 1}
    assert write_quarantine(table, city.layouts["residents"], tmp_path / "quarantine") is None
