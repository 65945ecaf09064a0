"""The figures on paper: small counts and what would give them away are not told, and nobody is named."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_outcomes import FIRST, drew, listed, measured, said, week
from openpyxl import load_workbook

from kizuki.outcomes.command import wilson
from reports.outcomes.book import write_outcome_book
from reports.outcomes.measures import Measures
from reports.outcomes.paper import FEW, SMALLEST, OutcomePaper, count, outcome_paper, parts, share


def paper(measures: Measures) -> OutcomePaper:
    return outcome_paper("見本市", measures, wilson)


def cells(made: OutcomePaper) -> list[str]:
    return [str(cell) for sheet in made.sheets for table in sheet.tables for row in table.rows for cell in row]


def rows(made: OutcomePaper, title: str) -> dict[str, tuple[str, ...]]:
    table = next(t for sheet in made.sheets for t in sheet.tables if t.title.startswith(title))
    return {str(row[0]): tuple(str(cell) for cell in row[1:]) for row in table.rows}


@pytest.fixture
def forty() -> Measures:
    """Forty households: thirty taken up, of twenty answered twelve right."""
    entries = [
        said(
            n,
            "見守り" if n < 30 else "見送り",
            rightness=None if n >= 20 else "合っていた" if n < 12 else "違っていた",
            outcome="連絡がとれた" if n < 16 else None,
            outcome_on=FIRST + timedelta(days=n % 5) if n < 16 else None,
        )
        for n in range(40)
    ]
    return measured(*entries, drawn=[drew(n, "困難あり" if n < 2 else "困難なし") for n in range(12)])


def test_shares_stand_where_neither_side_is_small(forty: Measures):
    assert rows(paper(forty), "類型ごと")["貧困"] == ("40", "30", "75%", "20", "12", "60%")


def test_fewer_than_eight_are_not_counted_out():
    """As in the printed rulebook: 7以下, and no share."""
    assert rows(paper(measured(*(said(n) for n in range(7)))), "類型ごと")["貧困"] == (FEW, FEW, "―", "0", "0", "―")


def test_a_part_is_not_told_where_the_rest_would_be_small():
    """Of ten decided on, nine taken up: the one put off could be told from the difference."""
    made = paper(measured(*(said(n, "見送り" if n == 0 else "見守り") for n in range(10))))
    assert rows(made, "類型ごと")["貧困"][:3] == ("10", "―", "―")


@given(st.integers(0, 300).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_no_share_tells_a_small_number(part_and_whole: tuple[int, int]):
    part, whole = part_and_whole
    told = share(part, whole)
    if told != "―":
        assert whole >= SMALLEST
        assert part in (0, whole) or min(part, whole - part) >= SMALLEST
    assert count(part) == part or 0 < part < SMALLEST


def test_time_to_contact_says_how_many_are_still_waiting(forty: Measures):
    """The open ones are not left out: how many, and for how long."""
    made = rows(paper(forty), "家庭と連絡がとれるまで")
    assert made["連絡がとれた世帯:会議の日から連絡の日まで"] == ("16", "0", "2", "3", "4")
    assert made["まだ連絡のない世帯:会議の日から今日まで"] == ("14", "21", "21", "21", "21")
    assert "連絡のとれた16世帯の真ん中で2日" in " ".join(paper(forty).headline)


def test_the_interval_of_the_drawn_is_as_wide_as_it_must_be(forty: Measures):
    """Two of twelve may be anything from 4 to 45 of a hundred (Wilson)."""
    assert rows(paper(forty), "無作為に選んだこども")["一覧に載らないこども全体での、困難のある割合のありうる幅"] == ("4%～45%",)
    few = paper(measured(said(1), drawn=[drew(n, "困難なし") for n in range(7)]))
    assert rows(few, "無作為に選んだこども")["一覧に載らないこども全体での、困難のある割合のありうる幅"] == ("人数が少なく、まだ述べられません",)


def test_rules_alone_and_raised_by_a_model_stand_side_by_side():
    weeks = [week(FIRST, [listed(n, raised=n >= 10) for n in range(20)])]
    made = rows(paper(measured(*(said(n) for n in range(20)), weeks=weeks)), "ルールだけで載った世帯と")
    assert made["ルールだけで載った世帯"][0] == made["モデルが区分を1段上げた世帯"][0] == "10"


def test_nobody_is_named_on_it(forty: Measures, tmp_path: Path):
    """Neither a name nor a pseudonym, on the screen or in the workbook."""
    book = load_workbook(write_outcome_book(paper(forty), tmp_path / "集計.xlsx"))
    texts = [str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    assert len(texts) > 100
    assert not [text for text in (*texts, *cells(paper(forty))) if "MADEUP" in text or "PDRAWN" in text]


def test_before_anything_has_come_back_it_says_so():
    made = paper(measured(weeks=[week(FIRST, [listed(1)])]))
    assert made.headline == ("会議 1回、一覧に載せた世帯 延べ1。判断はまだ1件も読み取っていません。",)
    assert cells(made) == []


def test_where_no_conference_was_held_it_says_so():
    assert paper(measured(weeks=[])).headline == ("この期間の会議の記録はありません。",)


def test_numbers_that_add_up_hide_no_small_one():
    """Of 69 = 9 + 5 + 55 the five must not be worked out from the others."""
    weeks = [week(FIRST, [listed(n, registered=n < 9) for n in range(69)])]
    made = rows(paper(measured(*(said(n, "既に支援中" if 9 <= n < 14 else "見守り") for n in range(69)), weeks=weeks)), "新しく気づいた世帯")
    assert [cells[0] for cells in made.values()] == ["―", FEW, "55", "55"]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=7))
def test_what_is_hidden_cannot_be_worked_out_from_the_sum(numbers: list[int]):
    """Either nothing is hidden, or at least two numbers are, or the hidden one is the whole."""
    told = parts(numbers)
    hidden = [n for n, cell in zip(numbers, told, strict=True) if isinstance(cell, str)]
    assert all(cell == n for n, cell in zip(numbers, told, strict=True) if isinstance(cell, int))
    assert len(hidden) != 1 or sum(numbers) == hidden[0]
    assert all(n in hidden for n in numbers if 0 < n < SMALLEST)
