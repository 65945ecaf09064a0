"""A header may hold somebody's cells: what is no known column name is told by its position."""

from __future__ import annotations

import pytest
from intake_city import CANARIES, RESIDENT_HEADER, RESIDENT_ROWS, VISIT_HEADER, City

from engine.intake import delivery_warnings
from engine.kernel.errors import KizukiError


def test_a_text_in_the_header_that_nobody_knows_is_never_repeated(city: City) -> None:
    """A name that slipped into the header is neither kept in the delivery nor shown in a notice."""
    table = city.visits("19,20261101,1,3,2,,,,,x,y", header=f"{VISIT_HEADER},雉子牟田　金糸雀,ﾌﾘｶﾞﾅ")
    assert table.delivery.left_out_columns == ("成績", "収入", "10列目", "11列目")
    shown = "".join(map(str, delivery_warnings(table.delivery, city.layouts["visits"], city.vocabulary)))
    assert "列「10列目」 W-DELIV-21" in shown
    assert not [canary for canary in CANARIES if canary in shown]


def test_a_label_of_the_register_may_be_named(city: City) -> None:
    """氏名 is a word of the register: it can be told which column should not have come."""
    assert "氏名" in city.visits("19,,1,3,2,,,,,x", header=f"{VISIT_HEADER},氏名").delivery.left_out_columns


@pytest.mark.parametrize("cell", ["8080808", "1987-06-05", "S62.6.5", "昭和62年6月5日", "０００００"])
def test_a_header_joined_with_the_first_row_is_refused(city: City, cell: str) -> None:
    """Digits or a date are no column's name: the first person's row would be lost."""
    with pytest.raises(KizukiError) as caught:
        city.visits("19,20261101,1,3,2,,,,,x,y", header=f"{VISIT_HEADER},雉子牟田　金糸雀,{cell}")
    assert [problem.code for problem in caught.value.problems] == ["E-DELIV-38"]
    assert "11列目" in str(caught.value)
    assert cell not in str(caught.value)
    assert "金糸雀" not in str(caught.value)


@pytest.mark.parametrize("name", ["4月", "令和8年度", "第1子", "3歳児健診"])
def test_a_number_within_a_name_is_a_name(city: City, name: str) -> None:
    """Months, years and ordinals do occur in the headings of wide exports."""
    assert "10列目" in city.visits("19,,1,3,2,,,,,x", header=f"{VISIT_HEADER},{name}").delivery.left_out_columns


def test_a_doubled_unknown_column_is_told_by_its_position(city: City) -> None:
    """Two equal names in the header may be a family name twice."""
    header = f"{RESIDENT_HEADER},金糸雀,金糸雀"
    with pytest.raises(KizukiError) as caught:
        city.residents("\r\n".join([header, *(f"{row},," for row in RESIDENT_ROWS), ""]).encode("cp932"))
    assert [problem.code for problem in caught.value.problems] == ["E-DELIV-30"]
    assert "列「7列目」" in str(caught.value)
    assert "金糸雀" not in str(caught.value)
