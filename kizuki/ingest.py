"""Taking in what is new: read, quarantine, link, store. What was taken in before is never read again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from engine.intake import (
    FoundDelivery,
    delivery_warnings,
    read_delivery,
    survey_deliveries,
    write_quarantine,
)
from engine.intake.wording import problem
from engine.kernel.errors import KizukiError, Place, Problem
from engine.linkage.control_totals import control_totals
from engine.linkage.deliveries import PROTECTION_SOURCE, link_deliveries
from engine.linkage.register import require_protection
from engine.records.delivery import CleanTable, Delivery
from engine.records.layout import Layout
from engine.records.linked import is_correction
from engine.records.vocabulary import Vocabulary
from engine.store.catalogue import read_catalogue
from engine.store.facts import add_delivery, is_known
from engine.store.ownership import require_key
from kizuki.catalogue_notices import catalogue_notices
from kizuki.settings import Workspace

if TYPE_CHECKING:
    from engine.linkage.keyring import Keyring  # handed in by the pipeline, which alone opens it

Advance = Callable[[float, str], None]
_SHOWN_AS_WRITTEN = "name_kanji__original"
_LEAST_PERCENT = 70  # of the rows of the full delivery before; with fewer, somebody should ask
_READING_SHARE = 0.4  # of a delivery's time; linking and storing take the rest


@dataclass(frozen=True)
class Intake:
    """What this run took in: new files, warnings for people, quarantine files written."""

    files_known: int
    files_new: int
    warnings: tuple[Problem, ...]
    quarantine_files: tuple[Path, ...]


def take_in(
    workspace: Workspace,
    keyring: Keyring,
    layouts: Mapping[str, Layout],
    vocabulary: Vocabulary,
    as_of: date,
    city: str,
    advance: Advance,
) -> Intake:
    """Take in every delivery up to a day that is not in the store yet, oldest day first.

    A day's files are all read before any is linked, so that every refusal of that day is shown at once and nothing of
    a refused day is stored. Raises KizukiError with all of them.
    """
    require_key(workspace.store, keyring.key_id, keyring.known_days())
    survey = survey_deliveries(workspace.deliveries, layouts, as_of=as_of)
    new = [found for found in survey.found if not is_known(workspace.store, found.file, found.sha256)]
    warnings = list(survey.warnings)
    quarantined: list[Path] = []
    total = sum(found.bytes for found in new) or 1
    done = 0
    for day, todays in groupby(new, key=lambda found: found.as_of):
        files = list(todays)
        tables = _read_day(files, layouts, vocabulary, partial(_tell, advance, done, total))
        for clean in tables:
            layout = layouts[clean.delivery.source]
            warnings += delivery_warnings(clean.delivery, layout, vocabulary)
            warnings += _shrinkage(clean.delivery, layout, workspace.store)
            written = write_quarantine(clean, layout, workspace.quarantine)
            quarantined += [written] if written else []
        tables = [_without_originals(clean) for clean in tables]
        read = {clean.delivery.file: clean for clean in tables}
        for linked in link_deliveries(tables, keyring, layouts, vocabulary, city=city):
            keyring.write_review(linked)
            source = linked.delivery.source
            add_delivery(
                workspace.store,
                linked,
                layout_sha256=layouts[source].sha256,
                vocabulary_sha256=vocabulary.reading_sha256(source),
                totals=control_totals(read[linked.delivery.file], linked, layouts[source]),
            )
        done += sum(found.bytes for found in files)
        advance(done / total, day.isoformat())
    # Also where nothing is new: a list that has aged since the last run no longer says who is protected today.
    require_protection(keyring, as_of, layouts[PROTECTION_SOURCE].freshness_days)
    warnings += catalogue_notices(workspace.store, layouts, vocabulary, as_of)
    return Intake(len(survey.found), len(new), tuple(warnings), tuple(quarantined))


def _shrinkage(delivery: Delivery, layout: Layout, store: Path) -> list[Problem]:
    """A note where a full delivery is much smaller than the newest earlier one: rows may have been lost on the way."""
    if layout.delivery != "全件" or is_correction(delivery.file):
        return []
    earlier = [
        entry
        for entry in read_catalogue(store)
        if entry.source == delivery.source and entry.as_of < delivery.as_of and not entry.is_correction
    ]
    if not earlier:
        return []
    previous = max(earlier, key=lambda entry: entry.as_of).received
    if delivery.received * 100 >= previous * _LEAST_PERCENT:
        return []
    place = Place(delivery.file)
    return [problem("W-DELIV-33", place, previous=f"{previous:,}", current=f"{delivery.received:,}")]


def _without_originals(clean: CleanTable) -> CleanTable:
    """Linkage works on cleansed values, and shows names as written; all other texts stay in the file, at their line."""
    kept = [n for n in clean.table.column_names if not n.endswith("__original") or n == _SHOWN_AS_WRITTEN]
    return replace(clean, table=clean.table.select(kept))


def _tell(advance: Advance, done: int, total: int, read: int) -> None:
    advance((done + read * _READING_SHARE) / total, "")


def _read_day(
    files: Sequence[FoundDelivery],
    layouts: Mapping[str, Layout],
    vocabulary: Vocabulary,
    read_so_far: Callable[[int], None],
) -> list[CleanTable]:
    tables: list[CleanTable] = []
    problems: list[Problem] = []
    size = 0
    for found in files:
        try:
            tables.append(read_delivery(found, layouts[found.source], vocabulary))
        except KizukiError as error:
            problems += error.problems
        size += found.bytes
        read_so_far(size)
    if problems:
        raise KizukiError(problems)
    return tables
