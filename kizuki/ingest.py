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
from engine.kernel.errors import KizukiError, Problem
from engine.linkage.deliveries import link_deliveries
from engine.records.delivery import CleanTable
from engine.records.layout import Layout
from engine.records.vocabulary import Vocabulary
from engine.store.facts import add_delivery, is_known
from kizuki.settings import Workspace

if TYPE_CHECKING:
    from engine.linkage.keyring import Keyring  # handed in by the pipeline, which alone opens it

Advance = Callable[[float, str], None]
_SHOWN_AS_WRITTEN = "name_kanji__original"
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
            written = write_quarantine(clean, layout, workspace.quarantine)
            quarantined += [written] if written else []
        tables = [_without_originals(clean) for clean in tables]
        for linked in link_deliveries(tables, keyring, layouts, vocabulary, city=city):
            keyring.write_review(linked)
            add_delivery(workspace.store, linked)
        done += sum(found.bytes for found in files)
        advance(done / total, day.isoformat())
    return Intake(len(survey.found), len(new), tuple(warnings), tuple(quarantined))


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
