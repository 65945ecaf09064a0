"""What the city decided not to use cannot come in under another name."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.kernel.errors import KizukiError
from engine.records.layout import load_layouts
from engine.records.vocabulary import Vocabulary, load_vocabulary

ROOT = Path(__file__).parents[2]
VOCABULARY: Vocabulary = load_vocabulary(ROOT / "rulebooks" / "fields.yaml")


def spoilt(folder: Path, name: str, before: str, after: str) -> KizukiError:
    text = (ROOT / "sources" / name).read_text(encoding="utf-8")
    assert text.count(before) == 1
    (folder / name).write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(KizukiError) as caught:
        load_layouts(folder, VOCABULARY)
    return caught.value


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("01_residents.yaml", "{id: nationality, 別名: [国籍]}", "{id: moved_from_code, 別名: [国籍]}"),
        ("01_residents.yaml", "別名: [前住所市区町村コード]", "別名: [前住所市区町村コード, 国籍コード]"),
        ("01_residents.yaml", "{id: resident_kind, 別名: [住民種別コード]}", "{id: move_reason}"),
        ("10_school_attendance.yaml", "評定平均: {id: school_marks}", "評定平均: {id: late_count, 型: 整数}"),
        ("10_school_attendance.yaml", "別名: [授業日数]", "別名: [授業日数, 成　績]"),
        ("15_consultation.yaml", "記録: {id: free_text}", "記録: {id: topic}"),
        ("13_npo_watch.yaml", "自由記述: {id: free_text}", "自由記述: {id: organisation}"),
        ("07_maternal_health.yaml", "訪問者氏名: {id: helper_names}", "訪問者氏名: {id: certificate_number}"),
        ("04_disability.yaml", "別名: [返還年月日]", "別名: [返還年月日, 課税区分]"),
    ],
)
def test_a_refused_column_mapped_to_a_permitted_one_is_refused(
    tmp_path: Path, name: str, before: str, after: str
) -> None:
    """By its name or as an alias, whatever its width and blanks: the layout is refused at the column's line."""
    error = spoilt(tmp_path, name, before, after)
    assert {problem.code for problem in error.problems} == {"E-LAYOUT-03"}
    assert error.problems[0].place.line is not None


def test_names_of_a_refused_entry() -> None:
    """Labels count with and without 等 and by their parts; a name with * stands for all that begin so; others do not."""
    refused = VOCABULARY.refused_by_name
    assert {refused(name) for name in ("国籍等", "国籍", "国籍名等", "国 籍")} == {"nationality"}
    assert {refused(name) for name in ("住民種別", "住民種別コード")} == {"resident_kind"}
    assert refused("成績_体育") == "school_marks"
    assert (refused("記録"), refused("記録区分")) == ("free_text", None)


def test_a_new_word_of_the_rules_is_no_other_reading_but_a_new_column_is() -> None:
    """Only what decides how columns are read and kept counts when stored facts are compared with today's register."""
    before = VOCABULARY.reading_sha256("water")
    assert VOCABULARY.model_copy(update={"items": {}}).reading_sha256("water") == before
    bill = VOCABULARY.records["water_bill"]
    other = bill.model_copy(update={"columns": {k: v for k, v in bill.columns.items() if k != "opened_on"}})
    changed = VOCABULARY.model_copy(update={"records": {**VOCABULARY.records, "water_bill": other}})
    assert changed.reading_sha256("water") != before
    assert changed.reading_sha256("residents") == VOCABULARY.reading_sha256("residents")
