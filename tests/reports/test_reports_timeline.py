"""What a household's timeline draws."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import made_up_cases as made
from hypothesis import given
from hypothesis import strategies as st

from engine.records.case import Case, Tier, TimelineEntry
from reports.figures.figure import Box, Figure, Label, Line
from reports.figures.timeline import telling, timeline
from reports.sheet_words.case_timeline import entry_rows, told_entries
from reports.sheet_words.case_view import view_case
from reports.sheet_words.names import Names


def entry(day: date, kind: str = "事実", text: str = "欠席 4日", **changes: object) -> TimelineEntry:
    return replace(TimelineEntry(day, "事実", "本人", text, "校務支援"), kind=kind, **changes)  # type: ignore[arg-type]


def drawn(case: Case, *numbered: TimelineEntry) -> Figure:
    return timeline(case, made.AS_OF, numbered)


def texts(figure: Figure) -> list[str]:
    return [shape.text for shape in figure.shapes if isinstance(shape, Label)]


def marks(figure: Figure, form: str) -> list[Box]:
    """Marks of one form, without the dots of the tier."""
    return [s for s in figure.shapes if isinstance(s, Box) and s.form == form and s.color == "FFFFFF"]


def quiet(**changes: object) -> Case:
    return made.case(1, **({"timeline": (), "weeks": ()} | changes))


def test_facts_contacts_and_support_have_a_form_each() -> None:
    """● fact, ■ contact, ▲ support; those that a table tells carry its numbers."""
    entries = (entry(date(2026, 3, 1)), entry(date(2026, 5, 1), "連絡"), entry(date(2026, 8, 1), "支援"))
    figure = drawn(quiet(timeline=entries), *entries[1:])
    assert [len(marks(figure, form)) for form in ("ellipse", "rectangle", "triangle")] == [1, 1, 1]
    assert {"1", "2"} <= set(texts(figure))
    assert "3" not in texts(figure)


def test_what_lasts_is_a_bar_up_to_its_end() -> None:
    """A state is a bar from its first day, or from the left edge where it began before, up to its last day, or this week."""
    begun = entry(date(2020, 4, 1), "支援", lasts=True)
    ended = entry(date(2026, 1, 1), "支援", lasts=True, until=date(2026, 6, 30))
    bars = [s for s in drawn(quiet(timeline=(begun, ended))).shapes if isinstance(s, Box) and s.height == 3.0]
    assert bars[0].x < bars[1].x
    assert bars[0].x + bars[0].width > bars[1].x + bars[1].width
    assert not marks(drawn(quiet(timeline=(begun,))), "triangle")  # it did not begin within the year


def test_what_scenarios_rest_on_is_told_before_what_is_newer() -> None:
    """Newer vaccinations do not crowd out the fact for which the household is on the list."""
    case = made.case(1)
    facts = [f for child in case.children for hit in child.results if hit.is_hit for s in hit.sentences for f in s.facts if f.on]
    weighty = replace(entry(facts[0].on, text="根拠の事実"), source_label=facts[0].provenance.source_label)  # type: ignore[arg-type]
    newer = [entry(date(2026, 11, day), text=f"接種 {day}日") for day in range(1, 11)]
    assert facts[0].on is not None and facts[0].on < newer[0].on
    told = told_entries(replace(case, timeline=(weighty, *newer)))
    assert weighty in told
    assert newer[-1] in told
    assert newer[0] not in told


def test_months_are_told_in_the_japanese_era() -> None:
    """The first month that has room and each January name the era's year."""
    names = [text for text in texts(drawn(quiet())) if text.endswith("月")]
    assert names[0] == "R7.12月"
    assert "R8.1月" in names
    assert names[-1] == "10月"


def test_the_tier_is_a_line_only_between_weeks_that_follow_each_other() -> None:
    """Steps join runs a week apart; a run of months ago stands alone."""
    weekly = drawn(quiet(weeks=made.past_weeks(3, 2), tier=Tier.ACTIVE))
    steps = [s for s in weekly.shapes if isinstance(s, Line) and s.thickness == 1.4]
    assert len(steps) == 4  # two weeks along, each with a step up at its end
    lonely = drawn(quiet(weeks=(replace(made.past_weeks(3)[0], as_of=date(2026, 6, 5)),)))
    assert not [s for s in lonely.shapes if isinstance(s, Line) and s.thickness == 1.4]
    assert len([s for s in lonely.shapes if isinstance(s, Box) and s.form == "ellipse"]) == 2


def test_conferences_have_a_lane_where_there_were_any() -> None:
    """◆ for each conference of the year; without one the figure is a lane lower."""
    figure = drawn(quiet(decisions=(made.decided(1), made.decided(1, decided_on=date(2024, 1, 5)))))
    assert len(marks(figure, "diamond")) == 1
    assert "会議" in texts(figure)
    assert drawn(quiet()).height < figure.height


def test_the_newest_of_each_kind_are_told_first() -> None:
    """Of many facts and one contact, the contact is told; what is told stands in order of its days."""
    facts = [entry(date(2026, month, 1)) for month in range(1, 10)]
    contact = entry(date(2025, 12, 1), "連絡")
    assert telling((*facts, contact), 3) == (contact, facts[-2], facts[-1])


def test_entries_name_the_child_and_the_source() -> None:
    """Where the household has two listed children an entry says whose it is; what still lasts says から."""
    children = (made.child(1), replace(made.child(1), child_key=made.members(1)[2].key))
    own = entry(date(2026, 9, 1), child_key=children[1].child_key)
    aid = entry(date(2026, 4, 1), "支援", "就学援助を受給", who="世帯", lasts=True)
    case = quiet(children=children, timeline=(own, aid))
    [row] = entry_rows(case, Names(case, made.identities((case,))))
    assert row.left == "1 ▲ R8.4.1から 世帯: 就学援助を受給(校務支援)"
    assert row.right == "2 ● R8.9.1 〔樹〕欠席 4日(校務支援)"


def test_an_empty_year_is_said_in_words() -> None:
    """Without any entry, earlier week or conference a sentence says that this does not mean that nothing happened."""
    assert "という意味ではありません" in view_case(quiet(), {}, run_id="R", as_of=made.AS_OF).no_history
    assert view_case(made.case(1), {}, run_id="R", as_of=made.AS_OF).no_history == ""


@given(st.lists(st.builds(
    entry, st.dates(date(2019, 5, 1), made.AS_OF), st.sampled_from(["事実", "連絡", "支援"]), st.sampled_from(["a", "b"]), lasts=st.booleans(),
    until=st.none() | st.dates(date(2025, 1, 1), made.AS_OF)), max_size=40))
def test_everything_lies_within_the_figure(entries: list[TimelineEntry]) -> None:
    """Whatever the year held, no shape leaves the figure, and every number that is told is drawn."""
    case = quiet(timeline=tuple(sorted(entries, key=lambda one: one.on)))
    figure = drawn(case, *told_entries(case))
    for shape in figure.shapes:
        if isinstance(shape, Box):
            assert shape.x >= 0
            assert shape.x + shape.width <= figure.width + 0.01
            assert shape.y >= -1
            assert shape.y + shape.height <= figure.height
    assert {str(number) for number, _ in enumerate(dict.fromkeys(told_entries(case)), start=1)} <= set(texts(figure))
