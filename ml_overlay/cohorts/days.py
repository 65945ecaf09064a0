"""Cut-off days, and the opening of a city as of a day in the past."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.kernel.dates import months_before
from engine.records.layout import Layout
from engine.store.backdated import backdated
from engine.store.catalogue import read_catalogue
from engine.store.snapshot import Delivered, open_snapshot
from engine.store.tables import Snapshot
from ml_overlay.cohorts.definition import LabelDefinition

STEP_MONTHS = 3
_REGISTER = "residents"


@dataclass(frozen=True, order=True)
class CutOff:
    """A day up to which a model may look, and the two days on which the label is judged: after the gap, and after its window."""

    on: date
    gap_until: date
    seen_until: date


def cut_offs(as_of: date, label: LabelDefinition) -> tuple[CutOff, ...]:
    """The cut-off days of a label, oldest first: every third month back from the as-of day, labels seen to their end by then.

    The same days for all labels, each with the day of the month of `as_of`: what is delivered by the month lies as far back
    on them as it does when the model is used.
    """
    whole = label.gap_months + label.window_months
    back = range(-(-whole // STEP_MONTHS) * STEP_MONTHS, label.history_months + 1, STEP_MONTHS)
    return tuple(
        CutOff(
            months_before(as_of, months),
            months_before(as_of, months - label.gap_months),
            months_before(as_of, months - whole),
        )
        for months in reversed(back)
    )


@dataclass(frozen=True)
class PastDays:
    """A city on any day up to that of its newest snapshot.

    A day on which the register of residents had been delivered is opened as it was known then (needs `store`, and `only` if
    the newest one was opened with it); an earlier one is backdated.
    """

    newest: Snapshot
    layouts: Mapping[str, Layout]
    store: Path | None = None
    only: Collection[Delivered] | None = None
    memory_limit: str = "1GB"
    threads: int | None = None

    @property
    def as_of(self) -> date:
        """The newest day."""
        return self.newest.as_of

    @contextmanager
    def open(self, day: date, *, copied: bool = True) -> Iterator[Snapshot]:
        """The city on a day, closed at the end. `copied` as in `engine.store.backdated`."""
        if day == self.as_of:
            yield self.newest
            return
        with self._earlier(day, copied) as snapshot:
            yield snapshot

    def was_delivered(self, day: date) -> bool:
        """Whether the day can be opened as it was known then."""
        if self.store is None:
            return False
        entries = (e for e in read_catalogue(self.store) if self.only is None or (e.file, e.sha256) in self.only)
        return any(entry.source == _REGISTER and entry.as_of <= day for entry in entries)

    def _earlier(self, day: date, copied: bool) -> Snapshot:
        if self.store is not None and self.was_delivered(day):
            vocabulary, limits = self.newest.vocabulary, {"threads": self.threads, "memory_limit": self.memory_limit}
            return open_snapshot(self.store, vocabulary, self.layouts, day, only=self.only, **limits)  # type: ignore[arg-type]
        return backdated(self.newest, day, self.layouts, copied=copied)
