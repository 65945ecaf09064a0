"""What a sheet and a cover say of a model: in words, with reasons, and whose tier it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import made_up_cases as made
import openpyxl

from engine.records.case import Case, ModelUsed, Tier, TypeDecision
from engine.records.score import Band, Score, ScoreReason
from reports.handout import write_handout
from reports.sheet_words.case_model import model_notes, model_on_cover, tier_by_whom
from reports.sheet_words.names import Names

USED = ModelUsed("M20261113-fedcba987654", "家庭相談係長", date(2026, 11, 13), 12, 3, 61, 4, 90)
REASONS = (
    ScoreReason("出席", "出席: 直近90日の欠席の日数が12日", 812_345),
    ScoreReason("家計", "家計: 水道料金の未納が直近90日に2回", 412_345),
)


def scored(kind: str, band: Band, reasons: tuple[ScoreReason, ...] = REASONS) -> Score:
    return Score(made.key("P", 10), kind, 123_456, USED.model_id, band, 0, reasons)


def lifted_case() -> Case:
    """A child without any hit, put into ② by the model."""
    child = replace(
        made.child(1, tier=Tier.INQUIRY, hits=0),
        types=(
            TypeDecision("school_absence", Tier.INQUIRY, "似た状況の世帯より注意が必要(モデル)", (), Tier.NO_ACTION),
        ),
        scores=(scored("poverty", "中"), scored("school_absence", "上"), scored("abuse", "下")),
        lifted_from=Tier.NO_ACTION,
    )
    return made.case(1, tier=Tier.INQUIRY, children=(child,), lifted_from=Tier.NO_ACTION, main_reason="不登校")


def notes_of(case: Case) -> list[tuple[str, str]]:
    return [(note.says, note.does) for note in model_notes(case, Names(case, made.identities((case,))))]


def test_what_raised_a_tier_comes_first_and_the_lowest_band_is_not_spoken_of() -> None:
    """上 that lifts, then the other bands; 下 only helps to put cases in order."""
    assert notes_of(lifted_case()) == [
        ("不登校: 似た状況の世帯より、とくに注意が必要", "モデルで③→②"),
        ("貧困: 似た状況の世帯より注意が必要", "区分はルールのとおり"),
    ]


def test_a_band_without_a_reason_in_words_says_so() -> None:
    """Where many small things add up, the sheet does not stay silent about why."""
    case = lifted_case()
    child = replace(case.children[0], scores=(scored("school_absence", "上", ()),))
    [note] = model_notes(replace(case, children=(child,)), Names(case, {}))
    assert note.reasons == ("いくつもの記録が少しずつ重なったもので、1つの記録では言い表せません",)


def test_more_than_two_are_counted() -> None:
    """The sheet has one page: two are told, of those that changed nothing one only, and how many more there are."""
    kinds = ("abuse", "poverty", "school_absence", "postpartum_depression", "developmental_disorder")
    case = lifted_case()
    child = replace(case.children[0], scores=tuple(scored(kind, "上") for kind in kinds))
    told = notes_of(replace(case, children=(child,)))
    assert len(told) == 2
    assert told[-1][0].endswith("(ほか3件)")


def test_the_tier_says_whose_it_is() -> None:
    """Where the rules alone give another tier, that one is named; else nothing is added."""
    assert tier_by_whom(lifted_case()) == "ルールだけなら③です(モデルが1段上げています)。"
    assert tier_by_whom(made.case(1)) == ""


def test_the_cover_says_what_the_model_did_or_that_there_was_none() -> None:
    """How many were raised and how many of the list; without a model that the rules alone decided, and why."""
    book = made.casebook((lifted_case(), made.case(2)))
    assert model_on_cover(replace(book, model=USED)) == (
        "モデルが1段上げたこどもは15人です(③→②12人、②→①3人)。この一覧で「モデル」と示した1世帯は、ルールだけなら1段下です。"
        "モデルが区分を下げることはありません。"
    )
    quiet = replace(USED, to_inquiry=0, to_active=0)
    assert "区分の上がったこどもはいません" in model_on_cover(replace(book, model=quiet))
    assert model_on_cover(replace(book, model_note="使うと決めたモデルはありません。")) == (
        "モデルは使わず、ルールだけで判定しています(使うと決めたモデルはありません)。"
    )
    assert model_on_cover(book) == ""


def test_a_handout_has_the_model_in_words_and_no_number_of_it(tmp_path: Path) -> None:
    """List, sheet and data sheet speak of the model; neither the score nor the size of a reason is anywhere."""
    book = replace(made.casebook((lifted_case(), made.case(2))), model=USED)
    [path] = write_handout(book, made.identities(book.cases), tmp_path / "handout.xlsx")
    workbook = openpyxl.load_workbook(path)
    texts = [str(c.value) for sheet in workbook for row in sheet.iter_rows() for c in row if c.value is not None]
    assert "②\nモデル" in texts
    assert any("出席: 直近90日の欠席の日数が12日" in text for text in texts)
    assert any(USED.model_id in text and "予定 延べ90人まで" in text for text in texts)
    for number in ("123456", "123,456", "812345", "812,345"):
        assert not any(number in text for text in texts)
