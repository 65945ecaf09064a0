"""Figures as native shapes of a workbook: the XML of a drawing part (DrawingML, ECMA-376 part 1, chapters 20.1 and 20.5).

Each figure is one group of shapes anchored between two cells, so that it moves with its rows and a column that another program makes a little
wider or narrower takes the group along. Locked: a protected sheet lets nobody shift or delete it by accident.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from reports.figures.figure import Box, Figure, Label, Line, Outline, Shape

EMU_PER_PT = 12_700
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.drawing+xml"
_FONT = "BIZ UDPゴシック"
_FORMS = {
    "rectangle": "rect", "rounded": "roundRect", "ellipse": "ellipse", "triangle": "triangle", "diamond": "diamond",
}  # fmt: skip
_ACROSS = {"left": "l", "center": "ctr", "right": "r"}
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
)


@dataclass(frozen=True)
class Corner:
    """A point of a sheet: the cell in which it lies (column and row from 1) and how far from that cell's top left, in points."""

    column: int
    row: int
    right_pt: float = 0.0
    down_pt: float = 0.0


@dataclass(frozen=True)
class PlacedFigure:
    """A figure on a sheet: `scale` times its natural size, from one corner to the other; `left_pt`, `top_pt` are from the sheet's top left."""

    figure: Figure
    start: Corner
    end: Corner
    left_pt: float
    top_pt: float
    scale: float


def drawing_part(placed: Sequence[PlacedFigure]) -> bytes:
    """The drawing part of one sheet, all its figures in the order given."""
    parts = [_HEAD]
    number = 2  # 1 is the sheet's own in files of the common programs
    for nth, one in enumerate(placed, start=1):
        parts.append(_anchor(one, nth, number))
        number += 1 + len(one.figure.shapes)
    parts.append("</xdr:wsDr>")
    return "".join(parts).encode()


def _anchor(placed: PlacedFigure, nth: int, number: int) -> str:
    figure = placed.figure
    frame = _Frame(placed.left_pt, placed.top_pt, placed.scale)
    box = frame.of(0.0, 0.0, figure.width, figure.height)
    shapes = "".join(_shape(shape, frame, number + 1 + index) for index, shape in enumerate(figure.shapes))
    return (
        f'<xdr:twoCellAnchor editAs="oneCell">{_corner("from", placed.start)}{_corner("to", placed.end)}'
        f'<xdr:grpSp><xdr:nvGrpSpPr><xdr:cNvPr id="{number}" name="図{nth}" descr={quoteattr(figure.description)}/>'
        f"<xdr:cNvGrpSpPr/></xdr:nvGrpSpPr><xdr:grpSpPr><a:xfrm>{box.xml()}{box.xml('ch')}</a:xfrm></xdr:grpSpPr>"
        f"{shapes}</xdr:grpSp><xdr:clientData/></xdr:twoCellAnchor>"
    )


def _corner(name: str, corner: Corner) -> str:
    return (
        f"<xdr:{name}><xdr:col>{corner.column - 1}</xdr:col><xdr:colOff>{_emu(corner.right_pt)}</xdr:colOff>"
        f"<xdr:row>{corner.row - 1}</xdr:row><xdr:rowOff>{_emu(corner.down_pt)}</xdr:rowOff></xdr:{name}>"
    )


def _emu(points: float) -> int:
    return round(points * EMU_PER_PT)


@dataclass(frozen=True)
class _Extent:
    """A frame in EMU, as it stands in the file."""

    x: int
    y: int
    width: int
    height: int

    def xml(self, prefix: str = "") -> str:
        off, ext = (f"{prefix}Off", f"{prefix}Ext") if prefix else ("off", "ext")
        return f'<a:{off} x="{self.x}" y="{self.y}"/><a:{ext} cx="{self.width}" cy="{self.height}"/>'


@dataclass(frozen=True)
class _Frame:
    """From a figure's points to the sheet. Shapes are written in their final size, because a group's scale leaves letters as they are."""

    left_pt: float
    top_pt: float
    scale: float

    def of(self, x: float, y: float, width: float, height: float) -> _Extent:
        return _Extent(
            _emu(self.left_pt + x * self.scale), _emu(self.top_pt + y * self.scale),
            _emu(width * self.scale), _emu(height * self.scale),
        )  # fmt: skip


def _shape(shape: Shape, frame: _Frame, number: int) -> str:
    if isinstance(shape, Box):
        return _box(shape, frame, number)
    if isinstance(shape, Line):
        return _line(shape, frame, number)
    return _label(shape, frame, number)


def _box(box: Box, frame: _Frame, number: int) -> str:
    place = frame.of(box.x, box.y, box.width, box.height)
    fill = f'<a:solidFill><a:srgbClr val="{box.fill}"/></a:solidFill>' if box.fill else "<a:noFill/>"
    return (
        f'<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="{number}" name="形{number}"/><xdr:cNvSpPr/></xdr:nvSpPr>'
        f'<xdr:spPr><a:xfrm>{place.xml()}</a:xfrm><a:prstGeom prst="{_FORMS[box.form]}"><a:avLst/></a:prstGeom>{fill}'
        f"{_stroke(box.outline, box.color, box.thickness * frame.scale)}</xdr:spPr></xdr:sp>"
    )


def _line(line: Line, frame: _Frame, number: int) -> str:
    place = frame.of(min(line.x1, line.x2), min(line.y1, line.y2), abs(line.x2 - line.x1), abs(line.y2 - line.y1))
    flip = ' flipV="1"' if (line.x2 - line.x1) * (line.y2 - line.y1) < 0 else ""
    return (
        f'<xdr:cxnSp macro=""><xdr:nvCxnSpPr><xdr:cNvPr id="{number}" name="線{number}"/><xdr:cNvCxnSpPr/></xdr:nvCxnSpPr>'
        f'<xdr:spPr><a:xfrm{flip}>{place.xml()}</a:xfrm><a:prstGeom prst="line"><a:avLst/></a:prstGeom>'
        f"{_stroke(line.outline, line.color, line.thickness * frame.scale)}</xdr:spPr></xdr:cxnSp>"
    )


def _label(label: Label, frame: _Frame, number: int) -> str:
    place = frame.of(label.x, label.y, label.width, label.height)
    bold = ' b="1"' if label.bold else ""
    text = escape(" ".join(label.text.split()))
    # Not wrapped, and no room kept beside the text: a program whose letters are a little wider must not make two lines of one.
    return (
        f'<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="{number}" name="文{number}"/><xdr:cNvSpPr txBox="1"/></xdr:nvSpPr>'
        f'<xdr:spPr><a:xfrm>{place.xml()}</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/><a:ln><a:noFill/></a:ln></xdr:spPr>'
        '<xdr:txBody><a:bodyPr vertOverflow="overflow" horzOverflow="overflow" wrap="none" lIns="0" tIns="0" rIns="0" bIns="0" anchor="ctr">'
        f'<a:noAutofit/></a:bodyPr><a:p><a:pPr algn="{_ACROSS[label.across]}"/><a:r>'
        f'<a:rPr lang="ja-JP" sz="{max(100, round(label.size * frame.scale * 100))}"{bold}><a:solidFill><a:srgbClr val="{label.color}"/></a:solidFill>'
        f'<a:latin typeface="{_FONT}"/><a:ea typeface="{_FONT}"/></a:rPr><a:t>{text}</a:t></a:r></a:p></xdr:txBody></xdr:sp>'
    )


def _stroke(outline: Outline, color: str, thickness_pt: float) -> str:
    if outline == "none":
        return "<a:ln><a:noFill/></a:ln>"
    dash = '<a:prstDash val="dash"/>' if outline == "dashed" else ""
    return f'<a:ln w="{_emu(thickness_pt)}"><a:solidFill><a:srgbClr val="{color}"/></a:solidFill>{dash}</a:ln>'
