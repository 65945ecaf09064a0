"""The overlay's only way into the engine: a score as data. A city without a model passes None everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Band = Literal["なし", "下", "中", "上"]
NO_SCORE = -1
"""Stands in arrays of millionths for a child whom the model gave no score."""


@dataclass(frozen=True, slots=True)
class ScoreReason:
    """What raised a score: a group of features in a caseworker's words, without a number that could be read as a probability.

    `text`: 「出席: 直近90日の欠席の日数(12日)」. `millionths`: its part of the log odds, for the trace; positive.
    """

    group: str
    text: str
    millionths: int


@dataclass(frozen=True, slots=True)
class Score:
    """One child's probability in one hardship type, in integer millionths, with the model that gave it and its band.

    `band` is what tiers use. `weeks_below`: for how many weeks in a row the score has been below the band's exit while the band is kept (hysteresis); 0 otherwise.
    `reasons`: what raised it, strongest first, only for children on the list; never anything refused, or that only describes a family.
    """

    child_key: str
    hardship_type: str
    millionths: int
    model_id: str
    band: Band
    weeks_below: int = 0
    reasons: tuple[ScoreReason, ...] = ()
