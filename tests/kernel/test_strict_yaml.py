"""YAML as people mistype it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.errors import KizukiError, Problem
from engine.kernel.strict_yaml import parse_yaml


def codes(text: str) -> list[tuple[str, int | None, int | None]]:
    with pytest.raises(KizukiError) as caught:
        parse_yaml(text, "x.yaml")
    return [(p.code, p.place.line, p.place.column) for p in caught.value.problems]


def test_scalars_stay_as_written():
    """010, no, 12:30 and 2026-03-20 keep their letters; an empty value is None."""
    document = parse_yaml("a: 010\nb: no\nc: 12:30\nd: 2026-03-20\ne:\nf: ''\n", "x.yaml")
    assert document.data == {"a": "010", "b": "no", "c": "12:30", "d": "2026-03-20", "e": None, "f": ""}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\na: 2\n", ("E-YAML-11", 2, 1)),
        ("a:\n\tb: 1\n", ("E-YAML-04", 2, 1)),
        ("条件:\n　項目: 1\n", ("E-YAML-04", 2, 1)),
        ("閾値：10\n", ("E-YAML-05", 1, 3)),
        ("a: &x 1\nb: *x\n", ("E-YAML-08", 1, 4)),
        ("a: !!int 1\n", ("E-YAML-09", 1, 4)),
        ("a: [1, 2\n", ("E-YAML-15", 1, 4)),
        ("? [a]\n: 1\n", ("E-YAML-02", 1, 3)),
        ("a: 1\n---\nb: 2\n", ("E-YAML-20", 2, 1)),
        ("a: x\u202ey\n", ("E-YAML-06", 1, 5)),
    ],
)
def test_what_would_change_the_meaning_silently_is_refused_at_its_place(text, expected):
    """Duplicate keys, tabs, full-width indent or colon, anchors, tags, bidi marks: an error with line and column."""
    assert expected in codes(text)


def test_too_deep_and_too_large_are_refused_before_they_are_built():
    """A file made to exhaust the machine is an ordinary error."""
    assert codes("[" * 5000 + "]" * 5000)[0][0] in ("E-YAML-10", "E-YAML-02")
    assert codes("a: " + "x" * 300_000)[0][0] == "E-YAML-03"


def test_every_value_knows_its_line_and_column():
    """Messages about a sentence can name the line in which it stands."""
    document = parse_yaml("シナリオ:\n  - 番号: A\n    条件:\n      - 年齢が6歳以上\n", "x.yaml")
    place = document.place("シナリオ", 0, "条件", 0)
    assert (place.line, place.column) == (4, 9)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_any_text_is_read_or_refused_with_a_code(text):
    """Whatever is in the file, the answer is data or an E-YAML code, never another failure."""
    refused: tuple[Problem, ...] = ()
    try:
        parse_yaml(text, "x.yaml")
    except KizukiError as error:
        refused = error.problems
    assert all(p.code.startswith("E-YAML-") for p in refused)
