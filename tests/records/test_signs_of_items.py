"""What fields.yaml tells the overlay of an item: in which direction alone it may raise a score, and under which heading."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.kernel.errors import KizukiError
from engine.records.vocabulary import Vocabulary, load_vocabulary

FIELDS = Path(__file__).parents[2] / "rulebooks" / "fields.yaml"
VOCABULARY: Vocabulary = load_vocabulary(FIELDS)


@pytest.mark.parametrize(
    ("item", "direction"),
    [
        ("absence", "多い"), ("water_demand", "多い"), ("epds_total", "多い"), ("care_level", "多い"), ("check_3y", "多い"),
        ("prenatal_visits", "少ない"), ("birth_weight", "少ない"),
        ("school_counselling", None), ("consulted_parenting", None), ("intellectual_certificate", None), ("grade", None),
    ],
)  # fmt: skip
def test_the_shipped_directions(item: str, direction: str | None) -> None:
    """More absence may raise a score, and less weight at birth; asking for advice or having a certificate has no direction."""
    assert VOCABULARY.items[item].concern == direction


def test_neither_support_nor_what_only_describes_a_family_has_a_direction() -> None:
    """A family is never held to be in difficulty for using help or for having moved."""
    assert not any(item.concern for item in VOCABULARY.items.values() if item.support or item.no_need)


@pytest.mark.parametrize(
    ("label", "why"),
    [
        ("生活保護", "支援"),
        ("転入", "困りごとではない"),
        ("学級区分", "困りごとではない"),
        ("年齢", "困りごとではない"),
    ],
)
@pytest.mark.parametrize("direction", ["多い", "少ない"])
def test_a_direction_of_support_or_of_a_description_is_refused(
    tmp_path: Path, label: str, why: str, direction: str
) -> None:
    """The register says so at the item's line, in words."""
    text = FIELDS.read_text(encoding="utf-8")
    before = f"{{名前: {label}, 種類"
    assert text.count(before) == 1
    path = tmp_path / "fields.yaml"
    path.write_text(text.replace(before, f"{{心配の向き: {direction}, 名前: {label}, 種類"), encoding="utf-8")
    with pytest.raises(KizukiError) as caught:
        load_vocabulary(path)
    [problem] = caught.value.problems
    assert f"「{why}: true」の項目に「心配の向き」は書けません" in problem.what + problem.why + problem.remedy
    assert problem.place.line is not None


def test_a_heading_is_the_records_name_unless_told() -> None:
    """まとまり groups reasons; without it the record's own name stands."""
    plain = VOCABULARY.items["absence"].model_copy(update={"concept": None})
    changed = VOCABULARY.model_copy(update={"items": {**VOCABULARY.items, "absence": plain}})
    assert (VOCABULARY.concept_of("absence"), changed.concept_of("absence")) == ("出席", "出欠・学校生活(月次)")


def test_whose_records_the_overlay_looks_at_is_no_other_reading() -> None:
    """見る続柄 changes what a model sees, and no stored fact."""
    kind = VOCABULARY.records["school_month"].model_copy(update={"seen_of": ("本人",)})
    changed = VOCABULARY.model_copy(update={"records": {**VOCABULARY.records, "school_month": kind}})
    assert changed.reading_sha256("school_attendance") == VOCABULARY.reading_sha256("school_attendance")
