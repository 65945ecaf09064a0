"""A figure: shapes on a plane measured in points, the origin top left, later shapes over earlier ones.

Shapes and not pixels: sharp on every printer, small in the file, the same on paper and on screen. Colours are six hex digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outline = Literal["solid", "dashed", "none"]
Across = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Box:
    """A rectangle, an ellipse or a triangle (point up) that fills the frame x, y, width, height. `fill` None: see-through."""

    form: Literal["rectangle", "rounded", "ellipse", "triangle", "diamond"]
    x: float
    y: float
    width: float
    height: float
    fill: str | None = None
    color: str = "000000"
    outline: Outline = "solid"
    thickness: float = 1.0


@dataclass(frozen=True)
class Line:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    color: str = "000000"
    outline: Outline = "solid"
    thickness: float = 1.0


@dataclass(frozen=True)
class Label:
    """One line of text in a frame, in the middle of its height; not wrapped."""

    x: float
    y: float
    width: float
    height: float
    text: str
    size: float = 8.0
    bold: bool = False
    color: str = "000000"
    across: Across = "center"


Shape = Box | Line | Label


@dataclass(frozen=True)
class Figure:
    """A drawing and its natural size in points. `description` says in words what it shows, for readers who do not see it."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    description: str
