"""The overlay's only way into the engine: a score as data. A city without a model passes None everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Band = Literal["なし", "下", "中", "上"]


@dataclass(frozen=True, slots=True)
class Score:
    """One child's probability in one hardship type, in integer millionths, with the model that gave it and its band."""

    child_key: str
    hardship_type: str
    millionths: int
    model_id: str
    band: Band
