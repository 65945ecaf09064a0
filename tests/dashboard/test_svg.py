"""A figure on a page: well-formed, described in words, and nothing that a text could break out of."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from reports.figures.figure import Box, Figure, Label, Line
from reports.figures.svg import svg
from reports.wording import without_percentages

SHAPES = (
    Box("rectangle", 1, 2, 30, 20, fill="DCE6F1"),
    Box("rounded", 1, 2, 30, 20),
    Box("ellipse", 40, 2, 20, 20, outline="dashed", thickness=1.5),
    Box("triangle", 70, 2, 20, 20),
    Box("diamond", 100, 2, 20, 20, outline="none", fill="C00000"),
    Line(0, 50, 120, 50, outline="dashed"),
)


def drawn(*shapes: Box | Line | Label, description: str = "図") -> ET.Element:
    return ET.fromstring(str(svg(Figure(120, 60.5, shapes, description), "家族の図")))


def test_every_form_of_shape_has_its_element() -> None:
    """A rectangle, an ellipse, a triangle, a diamond and a line are drawn as such, at their natural size in points."""
    root = drawn(*SHAPES)
    assert [child.tag for child in root][2:] == ["rect", "rect", "ellipse", "polygon", "polygon", "line"]
    assert root.attrib == {"role": "img", "viewBox": "0 0 120 60.5", "width": "120pt", "height": "60.5pt"}
    assert root[5].attrib["points"] == "80,2 90,22 70,22"
    assert root[6].attrib["points"] == "110,2 120,12 110,22 100,12"


def test_outlines_and_fills() -> None:
    """No fill is see-through; a dashed outline is dashed, no outline is none."""
    root = drawn(*SHAPES)
    assert root[2].attrib["fill"] == "#DCE6F1"
    assert root[4].attrib["fill"] == "none" and root[4].attrib["stroke-dasharray"] == "4.5 3"
    assert root[6].attrib["stroke"] == "none"


def test_it_is_described_in_words() -> None:
    """Whoever does not see the figure is told its name and what it shows."""
    root = drawn(description="母と本人、父は不明です。")
    assert [(child.tag, child.text) for child in root] == [("title", "家族の図"), ("desc", "母と本人、父は不明です。")]


def test_a_label_stands_where_its_frame_says() -> None:
    """Left, middle and right of the frame are where the text begins, is centred and ends."""
    root = drawn(*(Label(10, 0, 40, 10, "本人", size=10, across=across) for across in ("left", "center", "right")))
    assert [(text.attrib["x"], text.attrib["text-anchor"]) for text in root[2:]] == [
        ("10", "start"),
        ("30", "middle"),
        ("50", "end"),
    ]


@given(st.text())
def test_no_text_breaks_out(text: str) -> None:
    """Whatever a label or a description says, it stays text: no element, attribute or character that reorders a line."""
    markup = str(svg(Figure(10, 10, (Label(0, 0, 10, 10, text),), text), text))
    root = ET.fromstring(markup)
    assert [child.tag for child in root] == ["title", "desc", "text"]
    assert set(root[2].attrib) == {"x", "y", "font-size", "text-anchor", "fill"}
    assert not set(markup) & set("\u202e\u2066\u200f\x00")


def test_a_percentage_is_not_drawn() -> None:
    """What no paper prints, no figure shows either."""
    markup = svg(Figure(10, 10, (Label(0, 0, 10, 10, "確率62%"),), "確率62%"), "図", without_percentages)
    assert "%" not in markup and "割合は印刷しません" in markup
