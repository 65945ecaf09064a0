"""What a run may say about its replay. The words are printed on the handout and kept in the manifest."""

from __future__ import annotations

from enum import Enum


class ReplayVerdict(Enum):
    """未実施: no second engine judged this run. Agreement is never assumed from silence."""

    NOT_PERFORMED = "未実施"
    AGREED = "一致"
    DISAGREED = "不一致"
