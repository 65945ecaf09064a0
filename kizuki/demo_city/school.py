"""09 学齢簿・就学援助 and 10 校務支援: who is enrolled where, and month by month how they come to school.

Attendance follows a child's troubles from their onset. A child in open school absence is missing; one who comes to a
separate room counts as present; one at the beginning is late, goes to the nurse, stays away a day here and there.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from kizuki.demo_city import households as hh
from kizuki.demo_city.circumstances import Circumstances
from kizuki.demo_city.city import City
from kizuki.demo_city.days import (
    NEVER,
    day_date,
    day_number,
    day_texts,
    era_letter_padded,
    fiscal_years,
    full_width,
    grades,
)
from kizuki.demo_city.numbers import scattered
from kizuki.demo_city.places import town_names
from kizuki.demo_city.randomness import Bools, Floats, Ints, chance, happens, padded, pick, stream, text_of, words
from kizuki.demo_city.welfare import assistance_households
from kizuki.demo_city.writing import Columns, Sheet, Week, spoil

Source = Callable[[Week], Sheet | None]
ATTENDANCE_FROM = date(2025, 4, 1)
_SCHOOL_DAYS = {4: 17, 5: 19, 6: 21, 7: 14, 8: 5, 9: 20, 10: 21, 11: 19, 12: 17, 1: 16, 2: 18, 3: 16}
_ELEMENTARY = (
    "東小",
    "南小",
    "西小",
    "北小",
    "中央小",
    "港小",
    "旭ケ丘小",
    "緑ケ丘小",
    "川瀬小",
    "白浜小",
    "春日小",
    "岡見小",
    "東雲小",
    "長砂小",
    "平林小",
    "若葉小",
    "青葉小",
    "汐見小",
    "松原小",
    "上北川内小",
    "下北川内小",
    "稲穂小",
    "野添小",
    "熊ノ江小",
    "富士見小",
    "沖ノ島小",
    "山吹小",
)
_JUNIOR = (
    "東中",
    "南中",
    "西中",
    "北中",
    "中央中",
    "港中",
    "旭ケ丘中",
    "緑ケ丘中",
    "白浜中",
    "岡見中",
    "東雲中",
    "長砂中",
    "北川内中",
    "熊ノ江中",
    "富士見中",
)


@dataclass(frozen=True)
class Pupils:
    """Children enrolled in grades 1–9 this fiscal year: parallel arrays; `code` is 就学校コード (9xx: not municipal)."""

    person: Ints
    grade: Ints
    code: Ints
    student_number: Ints
    municipal: Bools


def draw_pupils(city: City) -> Pupils:
    """Everybody of school age, also those who left the city this year."""
    rng = stream(city.seed, "pupils")
    year = int(fiscal_years(np.array([city.last_day]))[0])
    all_grades = grades(city.birth, year)
    person = np.flatnonzero(
        (city.role == hh.CHILD) & (all_grades >= 1) & (all_grades <= 9) & (city.left > day_number(date(year, 4, 1)))
    )
    grade = all_grades[person]
    n = len(person)
    scale = city.people / 113_471
    elementary = int(np.clip(round(len(_ELEMENTARY) * scale), 2, len(_ELEMENTARY)))
    junior = int(np.clip(round(len(_JUNIOR) * scale), 2, len(_JUNIOR)))
    town = city.household_address.town[city.household[person]]
    towns = len(town_names())
    code = np.where(grade <= 6, 101 + town * elementary // towns, 201 + town * junior // towns)
    other = happens(rng, np.where(grade <= 6, 0.012, 0.045))
    code = np.where(other, 901 + rng.integers(0, 6, n), code)
    return Pupils(person, grade, code, scattered(rng, n, 20_100_000, 26_990_000), code < 900)


def register_source(city: City, state: Circumstances, pupils: Pupils) -> Source:
    """The monthly export 09_schoolreg: the enrolment and the aid as they stand."""
    rng = stream(city.seed, "school register")
    person, house = pupils.person, city.household[pupils.person]
    total = len(city.household_kind)
    ever, begin, end = assistance_households(city, state)
    # Aid must be claimed by the family: the unknown families claim less.
    eligible = state.economy + 0.5 * stream(city.seed, "aid").normal(size=total) > 1.18
    claimed = happens(rng, chance(1.5 + 1.0 * state.contact))
    year = int(fiscal_years(np.array([city.last_day]))[0])
    april = day_number(date(year, 4, 1))
    granted = np.where(happens(rng, 0.86, total), april, april + rng.integers(40, 233, total))
    granted = np.maximum(granted, city.household_arrived + 20)
    special = happens(
        rng,
        chance(-5.0 + 1.35 * state.development[person] + 0.3 * state.contact[house] + 1.6 * state.intellectual[person]),
    )
    visits = happens(rng, chance(-4.6 + 1.1 * state.development[person] + 0.35 * state.contact[house]))
    classes = np.where(special, "特別支援", np.where(visits, "通級", "通常")).astype(object)
    classes = spoil(rng, classes, ("その他", "４"), 0.0006)
    guardian = city.guardian(person)
    numbers = padded(city.number, 10)
    guardian_text = np.where(guardian >= 0, numbers[np.maximum(guardian, 0)], "").astype(object)
    enrolled = np.maximum(april, city.arrived[person] + 3)
    names = ("識別番号", "学籍番号", "就学校コード", "学年", "学級区分", "保護者識別番号", "就学援助区分", "認定日")
    student = padded(pupils.student_number, 8)
    grade_text = text_of(pupils.grade)

    def sheet(week: Week) -> Sheet | None:
        if not week.monthly:
            return None
        k = np.flatnonzero((enrolled <= week.day) & (city.left[person] > week.day - 12))
        protected = ever[house[k]] & (begin[house[k]] <= week.day) & (end[house[k]] > week.day)
        aided = eligible[house[k]] & claimed[house[k]] & (granted[house[k]] <= week.day) & ~protected
        on = np.where(protected, np.maximum(april, begin[house[k]]), np.where(aided, granted[house[k]], NEVER))
        columns = Columns(names)
        columns.add(
            {
                "識別番号": numbers[person[k]],
                "学籍番号": student[k],
                "就学校コード": padded(pupils.code[k], 3),
                "学年": grade_text[k],
                "学級区分": classes[k],
                "保護者識別番号": guardian_text[k],
                "就学援助区分": np.where(protected, "要", np.where(aided, "準要", "")).astype(object),
                "認定日": day_texts(on, era_letter_padded),
            },
            len(k),
        )
        header = ["宛名番号" if name == "識別番号" and week.number > 1 else name for name in names]
        return Sheet("09_schoolreg", "utf-8-sig", header, columns.rows())

    return sheet


@dataclass(frozen=True)
class _Profile:
    """How a pupil comes to school, per month: rates before and after the onset of trouble."""

    onset: Ints
    absent_rate: Floats
    sick_share: Floats
    base_absence: Floats
    base_sick: Floats
    late: Floats
    late_after: Floats
    nurse: Floats
    nurse_after: Floats
    separate_after: Floats
    talks_after: Floats
    talks: Floats
    fee_start: Ints


def _profile(city: City, state: Circumstances, pupils: Pupils) -> _Profile:
    rng = stream(city.seed, "school profile")
    person, house = pupils.person, city.household[pupils.person]
    n = len(person)
    strain = state.strain["school_absence"][person]
    truly = state.hardship["school_absence"][person]
    # 1 open absence, 2 separate room, 3 beginning, 0 nothing to see yet; a few not in trouble look like it for a while.
    kind = np.where(truly, (1 + pick(rng, (0.34, 0.19, 0.27, 0.20), n)) % 4, 0)
    looks_alike = ~truly & happens(rng, chance(-4.7 + 1.0 * strain))
    kind = np.where(looks_alike, 1 + pick(rng, (0.3, 0.25, 0.45), n), kind)
    beginning = city.last_day - rng.integers(10, 150, n)
    onset = np.where(kind == 3, beginning, np.where(kind > 0, state.onset[person] - 30, NEVER))
    rate = np.where(
        kind == 1,
        rng.beta(1.6, 2.2, n),
        np.where(kind == 2, rng.beta(1.5, 9, n), np.where(kind == 3, rng.beta(2, 11, n), 0.0)),
    )
    neglect = 0.6 * state.strain["abuse"][person] + 0.5 * state.economy[house] + 0.3 * state.parental_health[house]
    carer = state.strain["young_carer"][person]
    caring = state.hardship["young_carer"][person]
    spread = rng.gamma(1.2, 1 / 1.2, n)
    late = 0.12 * spread * np.exp(np.clip(0.4 * neglect + 0.28 * carer, -2, 3)) + caring * happens(
        rng, 0.5, n
    ) * rng.gamma(2.0, 0.9, n)
    # One pupil in a hundred is away for weeks with a long illness, which is no school absence.
    ill_for_long = happens(rng, 0.012, n) * rng.gamma(2.0, 1.6, n)
    return _Profile(
        onset,
        rate,
        np.where(happens(rng, 0.3, n), 0.75, 0.2),
        0.10 * rng.gamma(0.8, 1.25, n) * np.exp(np.clip(0.35 * strain + 0.25 * neglect, -2, 2.5))
        + 0.35 * caring * happens(rng, 0.4, n),
        0.42 * rng.gamma(1.5, 1 / 1.5, n) * np.exp(np.clip(0.25 * strain, -1.5, 1.5)) + ill_for_long,
        late,
        np.where(kind == 3, 3.2, np.where(kind > 0, 1.6, 0.0)) * rng.gamma(2.0, 0.5, n),
        0.16 * rng.gamma(0.9, 1 / 0.9, n) * np.exp(np.clip(0.45 * strain, -1, 2)),
        np.where(kind == 3, 2.6, np.where(kind == 2, 2.0, 0.4 * (kind > 0))) * rng.gamma(2.0, 0.5, n),
        np.where(kind == 2, rng.beta(3, 3, n), 0.02 * (kind > 0)),
        np.where(kind > 0, chance(-0.4 + 0.9 * state.contact[house]), 0.0),
        0.012 * np.exp(0.5 * strain),
        _fee_start(city, state, rng)[house],
    )


def _fee_start(city: City, state: Circumstances, rng: np.random.Generator) -> Ints:
    """The day from which a household stops paying the school's collections; NEVER for most."""
    total = len(city.household_kind)
    owes = happens(rng, chance(-4.0 + 1.3 * state.economy + 0.4 * state.parental_health))
    return np.where(
        owes, city.last_day - np.minimum(rng.exponential(190, total), 700).astype(np.int64) - 25, NEVER
    ).astype(np.int64)


_COLUMNS = (
    "学籍番号",
    "学校名",
    "学年",
    "組",
    "年月",
    "出席すべき日数",
    "欠席",
    "病欠",
    "出停・忌引",
    "遅刻",
    "早退",
    "保健室回数",
    "別室日数",
    "教育相談回数",
    "納付金滞納月数",
    "成績_国語",
    "成績_算数数学",
    "成績_理科",
    "成績_社会",
    "成績_英語",
    "評定平均",
)
_DRIFT = {
    "組": "学級",
    "年月": "対象年月",
    "欠席": "欠席日数",
    "保健室回数": "保健室利用",
    "出停・忌引": "出席停止・忌引",
    "成績_算数数学": "成績_数学",
}


def attendance_source(city: City, state: Circumstances, pupils: Pupils) -> Source:
    """The monthly export 10_attendance: the months since the delivery before, and a few corrected rows."""
    profile = _profile(city, state, pupils)

    def sheet(week: Week) -> Sheet | None:
        if not week.monthly:
            return None
        last = _month_before(day_date(week.day))
        first = _month_after(_month_before(day_date(week.before))) if week.before is not None else ATTENDANCE_FROM
        columns = Columns(_COLUMNS)
        month = first
        while month <= last:
            _month(city, state, pupils, profile, month, columns, None)
            month = _month_after(month)
        if week.before is not None:
            _month(city, state, pupils, profile, _month_before(first), columns, 0.002)
        rows = columns.rows()
        subtotal = ["学校計", *[""] * (len(_COLUMNS) - 1)]
        footers = (",".join(subtotal), ",".join(["合計", str(len(rows)), *[""] * (len(_COLUMNS) - 2)]))
        header = [_DRIFT.get(n, n) if week.number > 1 else n for n in _COLUMNS]
        return Sheet("10_attendance", "cp932", header, rows, footers)

    return sheet


def _month_after(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _month_before(day: date) -> date:
    return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)


def _month(
    city: City,
    state: Circumstances,
    pupils: Pupils,
    profile: _Profile,
    month: date,
    columns: Columns,
    corrected: float | None,
) -> None:
    """The rows of one month; with `corrected`, only that share of them, each with one more day of illness."""
    # A month's draws depend on the month alone, so that each delivery tells the same story.
    rng = stream(city.seed, f"school {month.isoformat()}")
    begin = day_number(month)
    end = begin + monthrange(month.year, month.month)[1] - 1
    year = int(fiscal_years(np.array([begin]))[0])
    grade = grades(city.birth[pupils.person], year)
    n = len(pupils.person)
    due = np.full(n, _SCHOOL_DAYS[month.month]) + rng.integers(-1, 2, 40)[pupils.code % 40]
    after = profile.onset < end
    ramp = np.clip((end - profile.onset) / 90.0, 0.25, 1.0)
    fraction = due / 20.0
    away = rng.binomial(due, np.where(after, np.clip(profile.absent_rate * ramp, 0, 1), 0.0))
    sick_of_away = rng.binomial(away, profile.sick_share)
    other = rng.poisson(profile.base_absence * fraction)
    sick = rng.poisson(profile.base_sick * fraction * (1.5 if month.month in (12, 1, 2) else 1.0))
    absent = np.minimum(away + other + sick, due)
    ill = np.minimum(sick_of_away + sick, absent)
    late = np.minimum(
        rng.poisson((profile.late + np.where(after, profile.late_after * ramp, 0)) * fraction), due - absent
    )
    early = np.minimum(
        rng.poisson((0.35 * profile.late + np.where(after, 0.3 * profile.late_after, 0) + 0.05) * fraction),
        due - absent,
    )
    nurse = np.minimum(rng.poisson((profile.nurse + np.where(after, profile.nurse_after, 0)) * fraction), 25)
    separate = rng.binomial(due - absent, np.where(after, np.clip(profile.separate_after * ramp, 0, 1), 0.0))
    talks = np.minimum(rng.poisson((profile.talks + np.where(after, profile.talks_after, 0)) * fraction), 8)
    suspended = np.where(happens(rng, 0.05 if month.month in (12, 1, 2) else 0.012, n), rng.integers(1, 6, n), 0)
    owed = np.clip((end - profile.fee_start) // 30, 0, 30) * (profile.fee_start <= end)
    bad = happens(rng, 0.001, n)
    sick_text = text_of(np.where(bad & (absent % 2 == 0), absent + 3, ill))
    absent_text = text_of(np.where(bad & (absent % 2 == 1), 44, absent))
    marks = rng.integers(1, 6, (n, 5))
    k = np.flatnonzero(
        pupils.municipal
        & (grade >= 1)
        & (city.arrived[pupils.person] < end - 5)
        & (city.left[pupils.person] > begin + 5)
    )
    # Before this year's change of school the pupil was enrolled at an elementary school.
    if corrected is not None:
        k = k[happens(stream(city.seed, f"corrected {month.isoformat()}"), corrected, len(k))]
        more = np.minimum(absent + 1, due)
        absent_text, sick_text = text_of(more), text_of(np.minimum(ill + 1, more))
    g, code = grade[k], pupils.code[k]
    junior = np.where(code > 200, code - 201, 0) % len(_JUNIOR)
    elementary = np.where(code > 200, junior * len(_ELEMENTARY) // len(_JUNIOR), code - 101) % len(_ELEMENTARY)
    school = np.where(
        g <= 6,
        words([f"市立{s}学校" for s in _ELEMENTARY], elementary),
        words([f"市立{s}学校" for s in _JUNIOR], junior),
    )
    room = np.where(
        pupils.person[k] % 3 == 0,
        words([full_width(str(j)) for j in range(1, 4)], pupils.person[k] % 3),
        text_of(pupils.person[k] % 3 + 1),
    )
    columns.add(
        {
            "学籍番号": padded(pupils.student_number, 8)[k],
            "学校名": school,
            "学年": text_of(np.where(g > 6, g - 6, g)),
            "組": room,
            "年月": np.full(len(k), f"{month.year}{month.month:02d}", dtype=object),
            "出席すべき日数": text_of(due)[k],
            "欠席": absent_text[k],
            "病欠": sick_text[k],
            "出停・忌引": text_of(suspended)[k],
            "遅刻": text_of(late)[k],
            "早退": text_of(early)[k],
            "保健室回数": text_of(nurse)[k],
            "別室日数": text_of(separate)[k],
            "教育相談回数": text_of(talks)[k],
            "納付金滞納月数": text_of(owed)[k],
            "成績_国語": text_of(marks[:, 0])[k],
            "成績_算数数学": text_of(marks[:, 1])[k],
            "成績_理科": text_of(marks[:, 2])[k],
            "成績_社会": text_of(marks[:, 3])[k],
            "成績_英語": text_of(np.where(grade > 4, marks[:, 4], -1))[k],
            "評定平均": words(["1.8", "2.4", "3.0", "3.4", "4.2"], marks.sum(axis=1) % 5)[k],
        },
        len(k),
    )
