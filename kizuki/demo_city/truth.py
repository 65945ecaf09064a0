"""The truth about the made-up children, kept apart from the deliveries: only an evaluation may read it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from kizuki.demo_city.circumstances import HARDSHIPS, Circumstances
from kizuki.demo_city.city import NATIVE, City
from kizuki.demo_city.days import NEVER, ages
from kizuki.demo_city.noticing import CouncilCase
from kizuki.demo_city.randomness import Bools, Ints, padded

_README = """# The truth of the demo city

`truth.parquet`: one row for each child under 18 on the last as-of day, also those who moved away or died during the weeks.
Only an evaluation may read it; no delivery, rule or feature is made from it. Everybody in it is made up.

| column | meaning |
|---|---|
| address_number | 宛名番号, 10 digits |
| household_number | 世帯番号 |
| age_years | full years on the last as-of day |
| resident | is a resident on the last as-of day |
| resident_from, resident_to | null: since birth or before records begin; null: still here |
| troubles_from | day from which troubles, if any, show in what is recorded |
| economy, parental_health, isolation, conflict, contact | latents of the household; higher is worse, except contact |
| temperament, development | latents of the child; higher is worse |
| strain_* | the combination behind each hardship, standardised over children |
| {hardships} | the six true hardships |
| noticed | somebody in the services has noticed |
| registered | an open entry with the council on the last as-of day |
| false_entry | an open entry without ground |

Made with seed {seed} for {people} people.
"""


def _days(numbers: Ints, unknown: Bools) -> pa.Array:
    return pa.array(np.where(unknown, 0, numbers).astype("int32"), type=pa.int32(), mask=unknown).cast(pa.date32())


def write_truth(
    folder: Path, city: City, state: Circumstances, noticed: Bools, cases: CouncilCase, seed: int
) -> list[str]:
    """Write truth.parquet and README.md; gives their paths relative to the city's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    child = city.children()
    child = child[city.left[child] > city.last_day - 62]
    house = city.household[child]
    registered, false_entry = np.zeros(city.size, np.bool_), np.zeros(city.size, np.bool_)
    now_open = (cases.closed == NEVER) & (cases.registered <= city.last_day) & ~cases.expecting
    registered[cases.person[now_open]] = True
    false_entry[cases.person[now_open & cases.false_entry]] = True
    table = pa.table(
        {
            "address_number": pa.array(padded(city.number, 10)[child].tolist()),
            "household_number": pa.array(padded(city.household_number, 10)[house].tolist()),
            "age_years": ages(city.birth, city.last_day)[child],
            "resident": city.here(city.last_day)[child],
            "resident_from": _days(city.arrived[child], city.arrived[child] == NATIVE),
            "resident_to": _days(city.left[child], city.left[child] == NEVER),
            "troubles_from": _days(state.onset[child], np.zeros(len(child), np.bool_)),
            "economy": state.economy[house],
            "parental_health": state.parental_health[house],
            "isolation": state.isolation[house],
            "conflict": state.conflict[house],
            "contact": state.contact[house],
            "temperament": state.temperament[child],
            "development": state.development[child],
            **{f"strain_{name}": state.strain[name][child] for name in HARDSHIPS},
            **{name: state.hardship[name][child] for name in HARDSHIPS},
            "noticed": noticed[child],
            "registered": registered[child],
            "false_entry": false_entry[child],
        }
    )
    pq.write_table(table, folder / "truth.parquet", compression="zstd")
    (folder / "README.md").write_text(
        _README.format(hardships=", ".join(HARDSHIPS), seed=seed, people=city.people), encoding="utf-8"
    )
    return ["truth/truth.parquet", "truth/README.md"]
