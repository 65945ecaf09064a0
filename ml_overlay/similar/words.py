"""What is said of a past household on a sheet: months, kinds and counts in plain words; no score, no percentage, no name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from engine.records.feedback import Feedback
from ml_overlay.similar.cases import Course, PastCase

_SHOWN = 3


def month_of(day: date) -> str:
    """「2024年5月」: a month is enough to tell a course, and tells less of whom it is about."""
    return f"{day.year}年{day.month}月"


def months_between(first: date, last: date) -> int:
    """Whole months from one day to another."""
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


def decided_words(case: PastCase, siblings: int) -> str:
    """「2024年5月に要保護(ネグレクト、中度)として登録。主担当は児童相談所。きょうだい2人も登録」."""
    details = "、".join(word for word in (case.abuse_kind, case.severity) if word)
    kind = case.kind or "種別の記載なし"
    text = f"{month_of(case.registered_on)}に{kind}{f'({details})' if details else ''}として登録"
    text += f"。主担当は{case.lead_agency}" if case.lead_agency else ""
    return text + (f"。きょうだい{siblings}人も登録" if siblings else "")


def ended_words(case: PastCase, as_of: date) -> str:
    """「14か月で終結(改善)」, or 「継続中(9か月)」."""
    if case.closed_on is None:
        return f"継続中({_months(case.registered_on, as_of)})"
    return f"{_months(case.registered_on, case.closed_on)}で終結({case.closed_reason or '理由の記載なし'})"


def course_words(course: Course) -> tuple[str, ...]:
    """Consultations while the case was open: how many about what, and how they were answered."""
    total = sum(course.topics.values())
    if not total:
        return ("この間の相談の記録なし",)
    return (f"相談{total}回({_counted(course.topics)})", f"対応は{_counted(course.responses)}")


def support_words(course: Course) -> tuple[str, ...]:
    """What began or was given while the case was open, in order of time."""
    return tuple(
        f"{month_of(support.first_on)}から{support.label}" + (f"({support.times}回)" if support.times else "")
        for support in course.supports
    )


def _months(first: date, last: date) -> str:
    months = months_between(first, last)
    return f"{months}か月" if months else "1か月未満"


def _counted(counts: Mapping[str, int]) -> str:
    """The most frequent first; what is rarer than the third is summed up."""
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    words = [f"{word}{count}回" for word, count in ordered[:_SHOWN]]
    rest = sum(count for _, count in ordered[_SHOWN:])
    return "、".join(words + ([f"ほか{rest}回"] if rest else []))


def conference_words(feedback: Iterable[Feedback], as_of: date) -> dict[str, tuple[str, ...]]:
    """Decisions of a conference by household key up to a day, oldest first: 「2026年11月の会議で見守り」; the same on siblings is said once.

    Where only a finding was told, nothing was decided.
    """
    found: dict[str, dict[str, None]] = {}
    for entry in sorted(feedback, key=lambda each: (each.decided_on, each.household_key, each.child_key)):
        if entry.decided_on <= as_of and entry.decision is not None:
            text = f"{month_of(entry.decided_on)}の会議で{entry.decision}"
            found.setdefault(entry.household_key, {})[text] = None
    return {household: tuple(texts) for household, texts in found.items()}
