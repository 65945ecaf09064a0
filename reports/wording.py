"""Small phrases that every sheet uses: names of tiers and changes, ages, dates of origin, and what is never printed."""

from __future__ import annotations

import re
from datetime import date

from engine.kernel.dates import grade_label, wareki_short
from engine.records.case import Change, Fact, SourceStatus, Tier

NAME_IN_KEYRING = "(氏名は鍵庫で確認)"
ADDRESS_HIDDEN = "住所非表示"
NO_PERCENTAGE = "(割合は印刷しません)"
REFERENCE_LETTERS = 8

CHANGE_LABELS: dict[Change, str] = {"新規": "★新規", "上昇": "▲上昇", "低下": "▼低下", "継続": "―継続", "見送り明け": "◆見送り明け"}
CHANGE_ORDER: tuple[Change, ...] = ("新規", "上昇", "低下", "継続", "見送り明け")
"""As the list is grouped: changes first."""
TIER_ORDER = (Tier.ACTIVE, Tier.INQUIRY, Tier.NO_ACTION)

_PERCENTAGE = re.compile(
    r"[0-9０-９]+(?:[.,．，][0-9０-９]+)?\s*(?:[%％﹪٪‰]|パーセント|プロセント|percent)|[%％﹪٪‰]", re.IGNORECASE
)
_DATED = re.compile(r"(?:[RHSTM令和平成昭大正明治]\s?(?:\d{1,2}|元)[年.]|\d{4}[年/.-])\s?\d{1,2}")


def without_percentages(text: str) -> str:
    """The text with every percentage replaced by words: on a handout a number is weighed in place of the child.

    >>> without_percentages("死亡事例の30.8％で健診未受診")
    '死亡事例の(割合は印刷しません)で健診未受診'
    """
    return _PERCENTAGE.sub(NO_PERCENTAGE, text)


def reference_number(household_key: str) -> str:
    """整理番号: the beginning of the household's pseudonymous key, for use outside the room."""
    return household_key[:REFERENCE_LETTERS]


def tier_label(tier: Tier) -> str:
    """① 積極的なアプローチ."""
    return f"{tier.mark} {tier.label}"


def age_label(age_years: int | None) -> str:
    """12歳, or 年齢不詳."""
    return "年齢不詳" if age_years is None else f"{age_years}歳"


def age_and_grade(age_years: int | None, school_grade: int | None) -> str:
    """12歳・小6; without the grade where it is not known or has not begun."""
    if school_grade is None:
        return age_label(age_years)
    return f"{age_label(age_years)}・{grade_label(school_grade)}"


def origin(fact: Fact) -> str:
    """校務支援 R8.11.1時点."""
    return f"{fact.provenance.source_label} {wareki_short(fact.provenance.known_on)}時点"


def without_origin(fact: Fact) -> str:
    """The fact's text without an origin at its end: on paper that stands in its own column."""
    return fact.text.removesuffix(f"({origin(fact)})").removesuffix(f"（{origin(fact)}）")


def tells_a_day(text: str) -> bool:
    """Whether the text names a day, month or year itself."""
    return _DATED.search(text) is not None


def source_state(source: SourceStatus) -> str:
    """届いています, 古くなっています, 未着."""
    if source.as_of is None:
        return "未着"
    return "届いています" if source.fresh else "古くなっています"


def as_of_label(day: date | None) -> str:
    """R8.11.1, or ― for a source that never arrived."""
    return "―" if day is None else wareki_short(day)
