"""Which delivered files count: the deliveries folder as of a day, before any row is read.

`<deliveries>/<YYYY-MM-DD>/*.csv`: the folder's name is the as-of day of its files. A source is recognised by its
layout's file name pattern, never by content.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from engine.intake.slip import SLIP_NAME, SlipEntry, compare_with_slip, read_slip
from engine.intake.wording import problem
from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.layout import Layout

PROTECTION_SOURCE = "address_protection"
RESIDENTS_SOURCE = "residents"

_FOLDER = re.compile(r"(\d{4})-(\d{2})-(\d{2})$")
_NAME_DATE = re.compile(r"_(\d{4})(\d{2})(\d{2})(?:_(.+))?$")
_CORRECTION = re.compile(r"(?:^|_)訂正\d*$")
_IGNORED = re.compile(r"\.|~\$|thumbs\.db$|desktop\.ini$", re.IGNORECASE)
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class FoundDelivery:
    """One delivered file that counts. `as_of` is the day of its folder; `file` is the path below the deliveries folder.

    `is_correction`: quarantined rows put right by a person (…_訂正.csv). For a 全件 source they add to the other file of the
    same folder and source instead of replacing it. `listed_rows`: the data rows that the delivery slip promises.
    """

    path: Path
    file: str
    source: str
    label: str
    as_of: date
    sha256: str
    bytes: int
    is_correction: bool = False
    listed_rows: int | None = None


@dataclass(frozen=True)
class Survey:
    """The files that count, oldest first, then in layout order, corrections last; and what somebody should know."""

    found: tuple[FoundDelivery, ...]
    warnings: tuple[Problem, ...]


def find_deliveries(folder: Path, layouts: Mapping[str, Layout], *, as_of: date) -> list[FoundDelivery]:
    """The files that count as of a day. See `survey_deliveries`, which also gives the warnings."""
    return list(survey_deliveries(folder, layouts, as_of=as_of).found)


def survey_deliveries(folder: Path, layouts: Mapping[str, Layout], *, as_of: date) -> Survey:
    """Look through the deliveries folder as of a day.

    Folders of later days are left for later runs. Raises KizukiError with every fault: E-PROT when the address
    protection flags are missing or older than the newest residents file (exit status PROTECTION_MISSING), E-DELIV
    for files dated too late, slips that do not agree, mandatory sources never delivered.
    """
    if not folder.is_dir():
        raise KizukiError(problem("E-DELIV-13", Place(folder.name)))
    found: list[FoundDelivery] = []
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for entry in sorted(folder.iterdir()):
        if _IGNORED.match(entry.name):
            continue
        day = _day(_FOLDER.match(entry.name)) if entry.is_dir() else None
        if day is None:
            warnings.append(problem("W-DELIV-04", Place(entry.name)))
        elif day <= as_of:
            found += _look_into(entry, day, layouts, as_of, problems, warnings)
    problems += _missing(found, layouts, Place(folder.name))
    if problems:
        raise KizukiError(problems)
    warnings += _overdue(found, layouts, as_of, Place(folder.name))
    order = {source: number for number, source in enumerate(layouts)}
    found.sort(key=lambda item: (item.as_of, order[item.source], item.is_correction, item.file))
    return Survey(tuple(found), tuple(warnings))


def _day(match: re.Match[str] | None) -> date | None:
    try:
        return date(*map(int, match.groups()[:3])) if match else None
    except ValueError:
        return None


def _look_into(
    folder: Path,
    day: date,
    layouts: Mapping[str, Layout],
    as_of: date,
    problems: list[Problem],
    warnings: list[Problem],
) -> list[FoundDelivery]:
    paths = {
        unicodedata.normalize("NFC", path.name): path
        for path in sorted(folder.iterdir())
        if not _IGNORED.match(path.name)
    }
    slip_path = paths.pop(SLIP_NAME, None)
    hashes: dict[str, str] = {}
    for name in [name for name, path in paths.items() if path.is_file() and path.suffix.lower() == ".csv"]:
        try:
            hashes[name] = _sha256(paths[name])
        except OSError:  # typically open in a spreadsheet
            problems.append(problem("E-DELIV-14", Place(f"{folder.name}/{name}")))
            del paths[name]
    corrections = frozenset(name for name in hashes if _is_correction(name))
    entries: dict[str, SlipEntry] = {}
    if slip_path:
        slip_file = f"{folder.name}/{SLIP_NAME}"
        entries, faults = read_slip(slip_path, slip_file)
        problems += faults or compare_with_slip(entries, hashes, corrections, slip_file, folder.name)
    elif hashes:
        warnings.append(problem("W-DELIV-01", Place(folder.name)))
    found: list[FoundDelivery] = []
    for name, path in paths.items():
        place = Place(f"{folder.name}/{name}")
        fitting = [layout for layout in layouts.values() if name in hashes and _matches(name, layout)]
        if not fitting:
            warnings.append(problem("W-DELIV-02", place))
            continue
        if len(fitting) > 1:
            sources = "、".join(layout.label for layout in fitting)
            problems.append(problem("E-DELIV-12", place, count=len(fitting), sources=sources))
            continue
        layout = fitting[0]
        _check_name_date(name, place, day, as_of, layout, problems, warnings)
        correction = name in corrections
        listed = entries[name].rows if name in entries and not correction else None
        found.append(
            FoundDelivery(
                path,
                place.file,
                layout.source,
                layout.label,
                day,
                hashes[name],
                path.stat().st_size,
                correction,
                listed,
            )
        )
    problems += _conflicts(found, layouts, folder.name)
    return found


def _matches(name: str, layout: Layout) -> bool:
    path = Path(name)
    return fnmatchcase(path.stem + path.suffix.lower(), layout.file_pattern)


def _is_correction(name: str) -> bool:
    return _CORRECTION.search(Path(name).stem) is not None


def _check_name_date(
    name: str,
    place: Place,
    day: date,
    as_of: date,
    layout: Layout,
    problems: list[Problem],
    warnings: list[Problem],
) -> None:
    match = _NAME_DATE.search(Path(name).stem)
    if match is None:
        warnings.append(problem("W-DELIV-05", place))
        return
    written = _day(match)
    if written is None:
        problems.append(problem("E-DELIV-02", place))
    elif written > min(day, as_of):
        limit = f"フォルダの日付({day.isoformat()})" if written > day else f"基準日({as_of.isoformat()})"
        problems.append(problem("E-DELIV-01", place, limit=limit))
    elif (day - written).days > layout.interval_days:
        warnings.append(problem("W-DELIV-06", place, days=(day - written).days))


def _conflicts(found: list[FoundDelivery], layouts: Mapping[str, Layout], folder: str) -> Iterator[Problem]:
    """Two full files of one day, and corrections with nothing to correct."""
    for layout in layouts.values():
        if layout.delivery != "全件":
            continue
        whole = [item for item in found if item.source == layout.source and not item.is_correction]
        if len(whole) > 1:
            yield problem("E-DELIV-09", Place(whole[-1].file), label=layout.label, count=len(whole))
        if not whole:
            for item in found:
                if item.source == layout.source:
                    yield problem("E-DELIV-10", Place(item.file), label=layout.label)


def _newest(found: list[FoundDelivery], source: str) -> date | None:
    return max((item.as_of for item in found if item.source == source and not item.is_correction), default=None)


def _missing(found: list[FoundDelivery], layouts: Mapping[str, Layout], place: Place) -> Iterator[Problem]:
    protection = layouts.get(PROTECTION_SOURCE)
    protected_on = _newest(found, PROTECTION_SOURCE)
    for layout in layouts.values():
        if not layout.mandatory or _newest(found, layout.source) is not None:
            continue
        code = "E-PROT-01" if layout.source == PROTECTION_SOURCE else "E-DELIV-08"
        yield problem(code, place, label=layout.label)
    residents_on = _newest(found, RESIDENTS_SOURCE)
    if residents_on is None or protected_on is None or protection is None:
        return
    if not any(item.as_of == residents_on and item.source == PROTECTION_SOURCE for item in found):
        label = layouts[RESIDENTS_SOURCE].label
        yield problem("E-PROT-02", place, residents=label, day=residents_on.isoformat())


def _overdue(found: list[FoundDelivery], layouts: Mapping[str, Layout], as_of: date, place: Place) -> Iterator[Problem]:
    for layout in layouts.values():
        newest = _newest(found, layout.source)
        if newest is None:
            yield problem("W-DELIV-07", place, label=layout.label)
        elif (as_of - newest).days > layout.freshness_days:
            yield problem(
                "W-DELIV-03",
                place,
                label=layout.label,
                days=(as_of - newest).days,
                day=newest.isoformat(),
                interval=layout.interval_days,
            )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
