"""Build the demo city: draw it once, then write one folder of deliveries for each week, and the truth beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from kizuki.demo_city.allowance import allowance_source
from kizuki.demo_city.calibration import Figure, measure
from kizuki.demo_city.care import care_source
from kizuki.demo_city.circumstances import Circumstances, draw_circumstances
from kizuki.demo_city.city import City, build_city
from kizuki.demo_city.consultation import consultation_source
from kizuki.demo_city.days import NEVER, ages, compact, day_number
from kizuki.demo_city.health import health_source
from kizuki.demo_city.noticing import CouncilCase, council_source, draw_council, draw_noticed
from kizuki.demo_city.nursery import nursery_source
from kizuki.demo_city.residents import protection_source, resident_source
from kizuki.demo_city.school import attendance_source, draw_pupils, register_source
from kizuki.demo_city.truth import write_truth
from kizuki.demo_city.vaccination import vaccination_source
from kizuki.demo_city.watch import watch_source
from kizuki.demo_city.water import water_source
from kizuki.demo_city.welfare import assistance_source, disability_source
from kizuki.demo_city.writing import Sheet, Week, write_sheet

Source = Callable[[Week], Sheet | None]
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class DemoCitySummary:
    """What was written. `files` is relative to the folder; `figures` is the calibration on the last as-of day."""

    folder: Path
    people: int
    children: int
    weeks: tuple[date, ...]
    files: tuple[str, ...]
    rows: int
    bytes: int
    registered: int
    figures: tuple[Figure, ...]


def build_demo_city(
    folder: Path,
    *,
    people: int = 113_471,
    weeks: int = 4,
    seed: int = 20261120,
    last_as_of: date = date(2026, 11, 20),
    progress: Progress | None = None,
) -> DemoCitySummary:
    """Write a made-up city's deliveries to `folder/deliveries/<as-of>/` and its truth to `folder/truth/`.

    `people` residents on the last day (at least 300). The first week brings the full history of every source, later weeks
    what is due by each source's rhythm. The same arguments give the same bytes. `progress` is called with a Japanese
    message and the share done. Raises ValueError for a city that is too small or a number of weeks below 1.
    """
    if people < 300 or weeks < 1:
        raise ValueError("a demo city needs at least 300 people and 1 week")
    tell = progress or (lambda message, share: None)
    tell("住民と世帯を作っています", 0.0)
    city = build_city(seed, people, day_number(last_as_of))
    state = draw_circumstances(city)
    noticed = draw_noticed(city, state)
    cases = draw_council(city, state, noticed)
    tell("各課の記録を作っています", 0.1)
    sources = _sources(city, state, cases)
    as_ofs = tuple(last_as_of - timedelta(days=7 * back) for back in range(weeks - 1, -1, -1))
    files: list[str] = []
    rows = size = 0
    before: dict[str, int] = {}
    for number, as_of in enumerate(as_ofs, start=1):
        target = folder / "deliveries" / as_of.isoformat()
        target.mkdir(parents=True, exist_ok=True)
        slips: list[str] = []
        for name, source in sources.items():
            tell(f"{as_of.isoformat()} の受領データを書いています", 0.15 + 0.8 * (number - 1) / weeks)
            day = day_number(as_of)
            week = Week(number, day, before.get(name), number == 1 or as_of.day <= 7, 8 <= as_of.day <= 14)
            sheet = source(week)
            if sheet is None:
                continue
            path = target / f"{sheet.file}_{compact(as_of)}.csv"
            count, digest = write_sheet(sheet, path)
            slips.append(f"{path.name},{count},{digest}")
            before[name] = day
            rows += count
            size += path.stat().st_size
            files.append(path.relative_to(folder).as_posix())
        slip = target / "manifest.csv"
        slip.write_bytes("\r\n".join(["\ufeffファイル名,行数,SHA-256", *slips, ""]).encode())
        files.append(slip.relative_to(folder).as_posix())
    tell("正解データを書いています", 0.95)
    files += write_truth(folder / "truth", city, state, noticed, cases, seed)
    figures = measure(city, state, noticed, cases)
    here = city.here(city.last_day)
    child = here & (ages(city.birth, city.last_day) < 18)
    open_cases = int(((cases.closed == NEVER) & ~cases.expecting).sum())
    tell("できあがりました", 1.0)
    return DemoCitySummary(
        folder, int(here.sum()), int(child.sum()), as_ofs, tuple(files), rows, size, open_cases, figures
    )


def _sources(city: City, state: Circumstances, cases: CouncilCase) -> dict[str, Source]:
    pupils = draw_pupils(city)
    protection, _ = protection_source(city, state)
    return {
        "01": resident_source(city),
        "02": protection,
        "03": assistance_source(city, state),
        "04": disability_source(city, state),
        "05": allowance_source(city, state),
        "06": nursery_source(city, state),
        "07": health_source(city, state),
        "08": vaccination_source(city, state),
        "09": register_source(city, state, pupils),
        "10": attendance_source(city, state, pupils),
        "11": care_source(city, state),
        "12": water_source(city, state),
        "13": watch_source(city, state),
        "14": council_source(city, state, cases),
        "15": consultation_source(city, state, cases),
    }
