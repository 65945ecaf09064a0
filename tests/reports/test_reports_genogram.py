"""What a genogram draws, and what it does not."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.records.case import MemberLine
from reports.figures.figure import Box, Figure, Label, Line
from reports.figures.genogram import SYMBOL, genogram

MOTHER, FATHER, CHILD, SISTER, GRANDMOTHER, LODGER = "母", "父", "子", "妹", "祖母", "同居"


def member(key: str, relation: str, age: int | None = 30, *, listed: bool = False, parents: tuple[str, ...] = ()) -> MemberLine:
    return MemberLine(key, relation, age, listed, "", parents)


def symbols(figure: Figure) -> list[Box]:
    """The symbols of people: every box but the frame, the inner of a doubled one included."""
    return [shape for shape in figure.shapes if isinstance(shape, Box) and shape.outline == "solid"]


def lines(figure: Figure, outline: str) -> list[Line]:
    return [shape for shape in figure.shapes if isinstance(shape, Line) and shape.outline == outline]


def texts(figure: Figure) -> list[str]:
    return [shape.text for shape in figure.shapes if isinstance(shape, Label)]


def test_men_are_squares_women_circles_and_the_unknown_triangles() -> None:
    """The form tells the recorded sex; no record is a form of its own."""
    people = [member(CHILD, "本人", 7, listed=True), member(MOTHER, "母"), member(FATHER, "父"), member(LODGER, "世帯員")]
    figure = genogram(people, {MOTHER: "女", FATHER: "男", LODGER: None})
    forms = [box.form for box in symbols(figure)]
    assert forms == ["rectangle", "ellipse", "triangle", "triangle", "triangle"]  # parents and who lives there, then the child, doubled


def test_a_child_of_this_case_is_doubled_and_its_age_inside() -> None:
    """Two symbols in one for a listed child, one for a sibling; an age that is not known is a question mark."""
    figure = genogram([member(CHILD, "本人", 12, listed=True), member(SISTER, "きょうだい", None)], {CHILD: "女", SISTER: "女"})
    assert [box.form for box in symbols(figure)] == ["ellipse"] * 3
    assert sorted(texts(figure)) == ["12", "?"]


def test_who_is_absent_is_not_invented() -> None:
    """A mother alone with her child: two people, and no word of a father or a divorce."""
    figure = genogram([member(MOTHER, "母", 38), member(CHILD, "本人", 7, listed=True)], {MOTHER: "女", CHILD: "男"})
    assert sorted({box.form for box in symbols(figure)}) == ["ellipse", "rectangle"]
    assert sorted(texts(figure)) == ["38", "7", "母"]
    assert not lines(figure, "dashed")


def test_whether_parents_are_married_is_not_known() -> None:
    """Father and mother stand side by side, joined by a dashed line that says 不明; their child hangs from its middle."""
    people = [member(FATHER, "父", 40), member(MOTHER, "母", 38), member(CHILD, "本人", 7, listed=True)]
    figure = genogram(people, {FATHER: "男", MOTHER: "女", CHILD: "男"})
    [tie] = lines(figure, "dashed")
    assert tie.y1 == tie.y2
    assert "不明" in texts(figure)
    assert any(line.x1 == line.x2 == (tie.x1 + tie.x2) / 2 and line.y1 == tie.y1 for line in lines(figure, "solid"))


def test_a_sibling_hangs_from_the_parents_that_are_recorded() -> None:
    """A brother of the same mother and not the father is drawn under the mother alone."""
    people = [
        member(FATHER, "父", 40), member(MOTHER, "母", 38), member(CHILD, "本人", 7, listed=True, parents=(FATHER, MOTHER)),
        member(SISTER, "きょうだい", 12, parents=(MOTHER,)),
    ]
    figure = genogram(people, {FATHER: "男", MOTHER: "女", CHILD: "男", SISTER: "女"})
    mother = symbols(figure)[1]
    assert any(line.x1 == line.x2 == mother.x + SYMBOL / 2 and line.y1 > mother.y + SYMBOL for line in lines(figure, "solid"))
    assert len(lines(figure, "dashed")) == 1


def test_a_sibling_without_recorded_parents_is_joined_by_a_dashed_bar() -> None:
    """The record says that they are brother and sister, and not of whom: nothing leads from the mother to her."""
    people = [member(MOTHER, "母", 38), member(CHILD, "本人", 7, listed=True, parents=(MOTHER,)), member(SISTER, "きょうだい", 12)]
    figure = genogram(people, {})
    assert len(lines(figure, "dashed")) == 3
    assert sum(line.x1 == line.x2 for line in lines(figure, "solid")) == 2  # down from the mother, and down to the child


def test_through_whom_a_grandparent_is_one_is_not_known() -> None:
    """All ties of a grandparent are dashed; whoever merely lives there has none."""
    people = [member(GRANDMOTHER, "祖父母", 70), member(LODGER, "世帯員", 50), member(MOTHER, "母", 38), member(CHILD, "本人", 7, listed=True)]
    figure = genogram(people, {})
    lone = next(shape for shape in figure.shapes if isinstance(shape, Label) and shape.text == "世帯員")
    middle = lone.x + lone.width / 2
    assert lines(figure, "dashed")
    assert not any(abs(x - middle) < SYMBOL / 2 for line in lines(figure, "dashed") + lines(figure, "solid") for x in (line.x1, line.x2))


@pytest.mark.parametrize("count", [1, 4, 12])
def test_many_children_keep_apart(count: int) -> None:
    """No symbol covers another's, and all lie within the frame."""
    people = [member(f"c{i}", "本人" if i == 0 else "きょうだい", i, parents=(MOTHER,)) for i in range(count)] + [member(MOTHER, "母")]
    figure = genogram(people, {f"c{i}": "男" for i in range(count)})
    boxes = symbols(figure)
    assert len(boxes) == count + 1
    assert all(one.x + one.width <= other.x or other.x + other.width <= one.x or one.y != other.y for one, other in combinations(boxes, 2))
    assert all(box.x >= 0 and box.x + box.width <= figure.width and box.y + box.height <= figure.height for box in boxes)


_RELATIONS = st.sampled_from(["父", "母", "本人", "きょうだい", "祖父母", "世帯員", "知らない続柄"])


@given(st.lists(st.tuples(_RELATIONS, st.none() | st.integers(0, 104)), min_size=1, max_size=14))
def test_everybody_is_drawn_once_within_the_frame(people: list[tuple[str, int | None]]) -> None:
    """Whoever lives together, one symbol each, every shape inside the figure, and the words name them all."""
    members = [member(f"k{i}", relation, age) for i, (relation, age) in enumerate(people)]
    figure = genogram(members, {})
    assert len(symbols(figure)) == len(members)
    for shape in figure.shapes:
        if isinstance(shape, Line):
            assert 0 <= min(shape.x1, shape.x2) <= max(shape.x1, shape.x2) <= figure.width
            assert 0 <= min(shape.y1, shape.y2) <= max(shape.y1, shape.y2) <= figure.height
    assert figure.description.count("・年齢") + figure.description.count("歳") >= len(members)
