"""The last twelve months of a household, as a conference reads them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.strict_yaml import read_yaml, validate
from engine.records.case import Origin, TimelineEntry
from engine.records.household import Household, Person, Row
from engine.records.layout import Layout
from engine.records.vocabulary import load_vocabulary
from reports.casebook.past_year import MOST_ENTRIES, Chronicler

REPOSITORY = Path(__file__).parents[2]
VOCABULARY = load_vocabulary(REPOSITORY / "rulebooks" / "fields.yaml")
ATTENDANCE = validate(read_yaml(REPOSITORY / "sources" / "10_school_attendance.yaml"), Layout, kind="LAYOUT")
AS_OF = date(2026, 11, 20)
ORIGIN = Origin("2026-11-20/x.csv", "school_attendance", "校務支援", AS_OF)
CHRONICLER = Chronicler(VOCABULARY, {"school_attendance": ATTENDANCE}, {0: ORIGIN})


def row(record: str, line: int = 2, unknown: tuple[str, ...] = (), **values) -> Row:
    cells = dict.fromkeys(VOCABULARY.records[record].columns)
    return Row(record, {**cells, **values}, 0, line, frozenset(unknown))


def person(key: str, *rows: Row, relation: str | None = None) -> Person:
    by_record: dict[str, tuple[Row, ...]] = {}
    for each in rows:
        by_record[each.record] = (*by_record.get(each.record, ()), each)
    relations = frozenset() if relation is None else frozenset({relation, "世帯員"})
    return Person(key, relations, 10, 4, by_record)


def year(
    *rows: Row, members: tuple[Person, ...] = (), own: tuple[Row, ...] = (), listed=("PC",)
) -> list[TimelineEntry]:
    household = Household("H", AS_OF, person("PC", *rows), members, {each.record: (each,) for each in own})
    return list(CHRONICLER.past_year(household, set(listed)).entries)


def told(entries: list[TimelineEntry]) -> list[tuple[str, str, str]]:
    return [(entry.kind, entry.who, entry.text) for entry in entries]


def consulted(on: date, **said) -> Row:
    return row("consultation", consulted_on=on, **{"topic": "不登校", "response": "終了", **said})


def month(end: date, **counts) -> Row:
    return row("school_month", school_month_on=end, school_name="見本第一小学校", class_name="2組", **counts)


def test_a_consultation_is_a_contact_told_by_its_most_telling_words():
    """「不登校の相談」 rather than 「相談」; that support goes on is told beside it."""
    entries = year(consulted(date(2026, 6, 1)), consulted(date(2026, 7, 1), topic="養護・虐待", response="継続支援"))
    assert told(entries) == [
        ("連絡", "本人", "不登校の相談"),
        ("連絡", "本人", "養護・虐待の相談、継続支援中の相談"),
    ]
    assert [entry.on for entry in entries] == [date(2026, 6, 1), date(2026, 7, 1)]
    assert not any(entry.lasts for entry in entries)


def test_the_window_is_twelve_months_up_to_the_as_of_day():
    """A year and a day before is too early; what lies after the day is not known yet."""
    days = (date(2025, 11, 20), date(2025, 11, 21), AS_OF, date(2026, 11, 21))
    assert [entry.on for entry in year(*map(consulted, days))] == [days[1], days[2]]


def test_a_month_of_school_is_one_entry_with_what_there_was():
    """Figures that are part of another one are not told beside it, zeros not at all; a contact of the month stands by itself. No school is named."""
    days = {"absent_days": 7, "sick_absent_days": 2, "non_sick_absent_days": 5, "late_count": 3, "early_leave_count": 0}
    entries = year(
        month(date(2026, 10, 31), **days, late_or_early_count=3, nurse_room_count=0, school_counselling_count=1),
        month(date(2026, 9, 30), absent_days=0, late_count=0),
    )
    assert told(entries) == [("事実", "本人", "欠席 7日、遅刻・早退 3回"), ("連絡", "本人", "教育相談 1回")]
    assert [(entry.on, entry.until, entry.lasts) for entry in entries] == [
        (date(2026, 10, 1), date(2026, 10, 31), True)
    ] * 2
    assert entries[0].source_label == "校務支援"


def test_a_state_that_reaches_into_the_year_lasts_from_its_first_day():
    """Help in place for years is support that lasts, and one that ended before the year is not told."""
    help_now = row("disability_service", service_kind="居宅介護", service_from=date(2024, 1, 5))
    ended = row(
        "disability_service", service_kind="居宅介護", service_from=date(2024, 1, 5), service_to=date(2025, 11, 20)
    )
    (entry,) = year(members=(person("PM", help_now, ended, relation="母"),))
    assert (entry.kind, entry.who, entry.child_key) == ("支援", "母", None)
    assert (entry.on, entry.until, entry.lasts) == (date(2024, 1, 5), None, True)
    assert "ホームヘルプ" in entry.text


def test_a_check_is_told_as_done_or_as_overdue():
    """A check that was done by its result; one whose day passed without it, by that day; one of which that is not known, not at all."""
    checked = row(
        "health_check", check_kind="3歳児健診", due_on=date(2026, 3, 1), taken_on=date(2026, 2, 10), judgement="要観察"
    )
    missed = row("health_check", check_kind="1歳6か月児健診", due_on=date(2026, 5, 1))
    unknown = row("health_check", check_kind="3〜4か月児健診", due_on=date(2026, 5, 1), unknown=("taken_on",))
    assert told(year(checked, missed, unknown)) == [
        ("事実", "本人", "3歳児健診の判定 要観察"),
        ("事実", "本人", "1歳6か月児健診の期限(実施の記録なし)"),
    ]


def test_what_everybody_did_is_told_once_of_the_household():
    """A move of the whole family is one entry; of one member only, it is theirs."""
    move = row("resident_move", moved_on=date(2026, 8, 7), move_reason="転居")
    together = year(move, members=(person("PM", move, relation="母"),))
    assert told(together) == [("事実", "世帯", "転居")]
    assert told(year(members=(person("PM", move, relation="母"),))) == [("事実", "母", "転居")]


def test_protection_and_what_only_describes_a_family_are_not_told():
    """DV等支援措置 stands on the sheet by itself, without a day; 児童手当 is nothing that anybody would ask about."""
    protection = row("address_protection", protection_kind="DV", protected_from=date(2026, 5, 1))
    allowance = row("allowance", allowance_kind="児童手当", payment_kind="全部支給", certified_on=date(2020, 5, 1))
    assert year(protection, allowance) == []


def test_blank_and_unknown_are_not_told():
    """A timeline shows what is recorded: no doubtful day, no doubtful kind."""
    assert year(consulted(AS_OF, topic=None), row("consultation", unknown=("consulted_on",), topic="発達")) == [
        TimelineEntry(AS_OF, "連絡", "本人", "相談", "校務支援", "PC")
    ]


def test_household_bills_and_siblings():
    """An unpaid bill is of its two months; of a sibling who is not listed no key is told, of one who is, the key."""
    bill = row("water_bill", billed_on=date(2026, 10, 31), billed_yen=8000, demanded_on=date(2026, 11, 15))
    sibling = person("PS", consulted(date(2026, 6, 1)), relation="きょうだい")
    entries = year(members=(sibling,), own=(bill,))
    assert told(entries) == [
        ("連絡", "きょうだい", "不登校の相談"),
        ("事実", "世帯", "水道料金の未納"),
        ("事実", "世帯", "水道料金の督促"),
    ]
    assert (entries[1].on, entries[1].until) == (date(2026, 9, 1), date(2026, 10, 31))
    assert entries[0].child_key is None
    assert year(members=(sibling,), listed=("PC", "PS"))[0].child_key == "PS"


def test_a_year_that_is_too_full_keeps_its_newest_entries_and_says_how_many_are_missing():
    """Never cut without a word."""
    days = [date.fromordinal(AS_OF.toordinal() - back) for back in range(200)]
    rows = [
        row("npo_visit", line, watched_on=day, observation="その他", urgent_call="無") for line, day in enumerate(days)
    ]
    keys = ("P0", "P1", "P2")
    siblings = tuple(person(key, *rows, relation="きょうだい") for key in keys)
    full = CHRONICLER.past_year(Household("H", AS_OF, person("PC"), siblings), {"PC", *keys})
    assert len(full.entries) == MOST_ENTRIES and full.left_out == 3 * 200 - MOST_ENTRIES
    assert full.entries[-1].on == AS_OF and full.entries[0].on > days[-1]


free_text = st.text("見本小学校団体0123456789", min_size=3, max_size=8)


@given(st.data())
def test_no_free_text_of_any_record_is_ever_told(data):
    """Whatever is written in a column of free text (school, class, facility, organisation, agency) or of no item, it is on no timeline."""
    rows = []
    for record, kind in VOCABULARY.records.items():
        cells = {}
        for name, column in kind.columns.items():
            if column.type == "日付":
                cells[name] = data.draw(st.one_of(st.none(), st.dates(date(2025, 12, 1), AS_OF)))
            elif column.type == "整数":
                cells[name] = data.draw(st.integers(0, 9))
            elif column.type == "文字":
                cells[name] = "〓" + data.draw(free_text)
            elif known := {value for item in VOCABULARY.items.values() for value in item.filters.get(name, ())}:
                cells[name] = data.draw(st.sampled_from(sorted(known)))
        rows.append(row(record, **cells))
    assert not any("〓" in entry.text for entry in year(*rows))
