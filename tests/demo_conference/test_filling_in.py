"""Filling a printed workbook in changes its blanks and nothing else; answers are the same for the same seed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import WINDOWS_EPOCH
from openpyxl.workbook.defined_name import DefinedName

from engine.records.case import Case, ChildCase, DrawnChild, MemberLine, Tier, TypeDecision
from engine.records.conference import DECISIONS, OUTCOMES, RIGHTNESS, WHY_WRONG
from engine.records.feedback import FINDINGS
from kizuki.demo_conference.answers import Family, a_week_later, about_drawn, at_the_conference, in_the_register
from kizuki.demo_conference.filling import Answer, fill_in
from reports.blanks import DRAWN_BLANKS, HOUSEHOLD_BLANKS, REGISTER_BLANKS, SheetIdentity
from reports.readback.days import read_day
from reports.renderer.render import render_workbook

RUN, MEETING, SEED = "R20261030-01", date(2026, 11, 6), 7
CHOICES = {"判断": DECISIONS, "結果": OUTCOMES, "気づき": RIGHTNESS, "違った理由": WHY_WRONG, "見立て": FINDINGS}
DAYS = {blank.label for blank in (*HOUSEHOLD_BLANKS, *REGISTER_BLANKS) if blank.kind == "日"}


def printed(folder: Path) -> Path:
    """A sheet for one household and one of rows, made by our own renderer from a template of a few cells."""
    template = Workbook()
    sheet = template.active
    sheet.title = "案件"
    sheet["A1"], sheet["B1"], sheet["B2"], sheet["C2"] = "{{ one }}", "{{ title }}", "判断", None
    sheet["C2"].number_format = "@"
    sheet.defined_names["入力_判断"] = DefinedName("入力_判断", attr_text="'案件'!$C$2")
    rows = template.create_sheet("台帳")
    rows["A1"], rows["A2"], rows["B2"], rows["C2"] = "{% for row in rows %}", "{{ row }}", "名", None
    rows["C2"].number_format = "@"
    rows["A3"] = "{% endfor %}"
    rows.defined_names["入力_メモ"] = DefinedName("入力_メモ", attr_text="'台帳'!$C$2")
    path = folder / "template.xlsx"
    template.save(path)
    one = SheetIdentity(RUN, "案件", "HA", "", 1).text
    marks = [SheetIdentity(RUN, "台帳", key, "", n).text for n, key in enumerate(("HA", "HB", "HC"), start=1)]
    stream = BytesIO()
    render_workbook(path, {"one": one, "title": "題", "rows": marks}, stream)
    result = folder / "printed.xlsx"
    result.write_bytes(stream.getvalue())
    return result


def family(number: int = 1, **how: object) -> Family:
    child = ChildCase(f"P{number}", 9, 3, Tier.INQUIRY, (TypeDecision("poverty", Tier.INQUIRY, "", ()),), (), (), (), ())
    made = Case(
        number, f"H{number}", Tier.INQUIRY, "新規", None, 1, False, False, None, (child,), (MemberLine(f"P{number}", "本人", 9, True),), ""
    )
    facts = {"hardships": frozenset({"poverty"}), "reachable": True, "registered": False} | how
    return Family(made, **facts)  # type: ignore[arg-type]


def test_answers_go_into_the_row_of_their_identity(tmp_path: Path):
    """A name over several rows means in each row the blank of that row; a row without an answer stays empty."""
    said: Mapping[tuple[str, str], Mapping[str, Answer]] = {
        ("案件", "HA"): {"判断": "見守り"},
        ("台帳", "HB"): {"メモ": "<様子> & =1+1"},
        ("台帳", "HC"): {"メモ": 46332},
    }
    filled = tmp_path / "filled.xlsx"
    number = fill_in(printed(tmp_path), filled, lambda one: said.get((one.kind, one.household_key), {}))
    book = load_workbook(filled)
    assert number == 3
    assert book["案件"]["C2"].value == "見守り"
    assert [book["台帳"].cell(row, 3).value for row in (1, 2, 3)] == [None, "<様子> & =1+1", 46332]
    assert book["台帳"]["C2"].data_type == "s"


def test_nothing_but_the_blanks_changes(tmp_path: Path):
    """Every other part of the package is byte for byte what was printed."""
    source, filled = printed(tmp_path), tmp_path / "filled.xlsx"
    fill_in(source, filled, lambda one: {"判断": "見守り"} if one.kind == "案件" else {})
    before, after = ZipFile(source), ZipFile(filled)
    assert before.namelist() == after.namelist()
    changed = [name for name in before.namelist() if before.read(name) != after.read(name)]
    assert len(changed) == 1 and changed[0].startswith("xl/worksheets/")


def test_a_blank_that_the_sheet_does_not_have_is_refused(tmp_path: Path):
    """Where a template and the made-up people do not agree, the demonstration must not go on in silence."""
    with pytest.raises(ValueError, match="no blank 結果"):
        fill_in(printed(tmp_path), tmp_path / "filled.xlsx", lambda one: {"結果": "連絡がとれた"})


def sheets() -> list[dict[str, Answer]]:
    said = []
    for number in range(300):
        one = family(
            number, hardships=frozenset(("poverty",) if number % 3 else ("abuse",) if number % 2 else ()),
            reachable=number % 4 != 0, registered=number % 9 == 0,
        )  # fmt: skip
        first = at_the_conference(one, RUN, MEETING, SEED)
        said += [first, a_week_later(one, first, RUN, MEETING, SEED)]
    return said


def test_people_write_what_the_blanks_ask_for():
    """Only blanks that there are, choices that there are (with a space around them at most), and days that can be read."""
    for said in sheets():
        assert set(said) <= {blank.label for blank in HOUSEHOLD_BLANKS}
        for label, answer in said.items():
            if label in CHOICES:
                assert str(answer).strip() in CHOICES[label]
            elif label in DAYS or label.endswith("いつまで"):
                assert isinstance(read_day(answer, WINDOWS_EPOCH), date)


def test_every_choice_occurs_and_some_sheets_stay_empty():
    """So that the demonstration shows each of them."""
    said = sheets()
    for label in ("判断", "結果", "気づき", "違った理由"):
        assert {str(one[label]).strip() for one in said if label in one} >= set(CHOICES[label]) - {"転出した"}
    assert 0 < sum(not one for one in said) < len(said) / 5
    ways = {type(one["次回見直し"]).__name__ + str(one["次回見直し"])[:1] for one in said if "次回見直し" in one}
    assert {"int4", "strR", "strＲ", "str令", "str2"} <= ways


def test_a_week_later_nothing_is_taken_back():
    for number in range(100):
        one = family(number)
        first = at_the_conference(one, RUN, MEETING, SEED)
        assert a_week_later(one, first, RUN, MEETING, SEED).items() >= first.items()


def test_the_same_seed_writes_the_same_and_another_something_else():
    first = [at_the_conference(family(n), RUN, MEETING, SEED) for n in range(20)]
    assert first == [at_the_conference(family(n), RUN, MEETING, SEED) for n in reversed(range(20))][::-1]
    assert first != [at_the_conference(family(n), RUN, MEETING, SEED + 1) for n in range(20)]


def test_what_is_said_of_a_drawn_child_follows_the_truth_mostly():
    """With errors, for people err; and some are not looked at."""
    answers = {
        troubled: [
            about_drawn(
                DrawnChild(1, f"P{n}", f"H{n}", 9, 3, None, 1000), frozenset({"abuse"} if troubled else ()), RUN, SEED
            )
            for n in range(300)
        ]
        for troubled in (True, False)
    }
    found = {t: sum(str(a.get("見立て", "")).strip() == "困難あり" for a in said) for t, said in answers.items()}
    assert found[True] > 200 and 5 < found[False] < 60
    assert {label for said in answers.values() for one in said for label in one} <= {b.label for b in DRAWN_BLANKS}
    assert any(not one for one in answers[True])


def test_the_quarterly_meeting_ends_only_cases_that_were_reached():
    said = {reached: [in_the_register(f"H{n}", "見守り", reached, MEETING, SEED) for n in range(200)] for reached in (True, False)}
    assert any("終結日" in one for one in said[True])
    assert not [one for one in said[False] if "終結日" in one]
    assert {label for many in said.values() for one in many for label in one} <= {b.label for b in REGISTER_BLANKS}
