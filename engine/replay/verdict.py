"""What a run may say about its replay. The words are printed on the handout and kept in the manifest."""

from __future__ import annotations

from enum import Enum


class ReplayVerdict(Enum):
    """未実施: no second engine judged this run. 一部未実施: nothing differs, but of somebody who was asked about, or of some scenario, it gave no answer.

    Agreement is never assumed from silence.
    """

    NOT_PERFORMED = "未実施"
    PARTLY_PERFORMED = "一部未実施"
    AGREED = "一致"
    DISAGREED = "不一致"


def verdict_of(*, performed: bool, differs: bool, unanswered: bool) -> ReplayVerdict:
    """The verdict of a run. A difference outweighs everything; anything unanswered, listed or drawn by chance, forbids 一致."""
    if differs:
        return ReplayVerdict.DISAGREED
    if not performed:
        return ReplayVerdict.NOT_PERFORMED
    return ReplayVerdict.PARTLY_PERFORMED if unanswered else ReplayVerdict.AGREED
