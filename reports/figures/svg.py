"""A figure as inline SVG for a page: the same shapes as on paper, every text escaped, its description read aloud.

No style sheet, no reference, no script: what the SVG needs stands in its own attributes, so that a strict policy (CSP) lets it through.
"""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup, escape

from reports.figures.figure import Box, Figure, Label, Line, Shape
from reports.inert import inert

_ANCHORS = {"left": "start", "center": "middle", "right": "end"}
_BASELINE = 0.36  # of the font size: how far the baseline lies under the middle of a line of Japanese text
_ROUNDING = 0.16667  # of the shorter side, as spreadsheet programs round
_DASH, _GAP = 3, 2  # lengths of a dashed outline, in thicknesses


def svg(figure: Figure, title: str, wording: Callable[[str], str] = str) -> Markup:
    """The figure at its natural size in points, `title` as its name and its description in words.

    `wording` is what every text of the figure goes through before it is made inert and escaped.
    """
    size = f"{number(figure.width)} {number(figure.height)}"
    return Markup(
        '<svg role="img" viewBox="0 0 {}" width="{}pt" height="{}pt"><title>{}</title><desc>{}</desc>{}</svg>'
    ).format(
        size,
        number(figure.width),
        number(figure.height),
        inert(wording(title)),
        inert(wording(figure.description)),
        Markup("").join(_shape(shape, wording) for shape in figure.shapes),
    )


def number(value: float) -> str:
    """A length with at most two decimals.

    >>> number(12.0), number(0.126)
    ('12', '0.13')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _shape(shape: Shape, wording: Callable[[str], str]) -> Markup:
    if isinstance(shape, Label):
        return _label(shape, wording)
    if isinstance(shape, Line):
        ends = {"x1": shape.x1, "y1": shape.y1, "x2": shape.x2, "y2": shape.y2}
        return _element("line", ends, _outline(shape))
    return _box(shape)


def _box(box: Box) -> Markup:
    paint = {"fill": f"#{box.fill}" if box.fill else "none", **_outline(box)}
    left, top, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
    across, down = box.x + box.width / 2, box.y + box.height / 2
    if box.form == "ellipse":
        return _element("ellipse", {"cx": across, "cy": down, "rx": box.width / 2, "ry": box.height / 2}, paint)
    if box.form in ("rectangle", "rounded"):
        rounding = {"rx": min(box.width, box.height) * _ROUNDING} if box.form == "rounded" else {}
        return _element("rect", {"x": left, "y": top, "width": box.width, "height": box.height, **rounding}, paint)
    corners = {
        "triangle": ((across, top), (right, bottom), (left, bottom)),
        "diamond": ((across, top), (right, down), (across, bottom), (left, down)),
    }[box.form]
    points = " ".join(f"{number(x)},{number(y)}" for x, y in corners)
    return _element("polygon", {}, {"points": points, **paint})


def _label(label: Label, wording: Callable[[str], str]) -> Markup:
    x = {"left": label.x, "center": label.x + label.width / 2, "right": label.x + label.width}[label.across]
    y = label.y + label.height / 2 + label.size * _BASELINE
    look = {"text-anchor": _ANCHORS[label.across], "fill": f"#{label.color}"}
    if label.bold:
        look["font-weight"] = "bold"
    text = inert(wording(label.text)).replace("\n", " ")
    return _element("text", {"x": x, "y": y, "font-size": label.size}, look, escape(text))


def _outline(shape: Box | Line) -> dict[str, str]:
    if shape.outline == "none":
        return {"stroke": "none"}
    look = {"stroke": f"#{shape.color}", "stroke-width": number(shape.thickness)}
    if shape.outline == "dashed":
        look["stroke-dasharray"] = f"{number(_DASH * shape.thickness)} {number(_GAP * shape.thickness)}"
    return look


def _element(name: str, lengths: dict[str, float], look: dict[str, str], content: Markup | None = None) -> Markup:
    attributes = Markup("").join(
        Markup(' {}="{}"').format(key, value)
        for key, value in {**{key: number(value) for key, value in lengths.items()}, **look}.items()
    )
    if content is None:
        return Markup("<{}{}/>").format(Markup(name), attributes)
    return Markup("<{}{}>{}</{}>").format(Markup(name), attributes, content, Markup(name))
