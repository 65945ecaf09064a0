"""Attributes by which a model is audited and which no model sees: sex, age band, district, single parent, disability, contact with services.

Only `audits` imports this. Foreign nationality is not here: fields.yaml refuses the column, so that nobody can compute it (`NOT_DONE`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.store.tables import Snapshot
from ml_overlay.features.feature import Texts

NOT_DONE = (
    "外国籍の世帯についての点検はしていません。国籍等の列は、項目台帳の「使わない項目」として受け取りの入口で止めており(総括管理主体の決定)、"
    "市のだれもこの仕組みの中で国籍を知ることができないためです。点検するには、「公平性の点検だけに使い、点数にも一覧にも使わない」ことを総括管理主体が決め、"
    "項目台帳の決定を書き改め、列を受け取る範囲と消す日を定める必要があります。"
)
"""What the audit says of nationality, and which decision would be needed."""

UNKNOWN = "不明"
_AGE_BANDS = ((2, "0〜2歳"), (5, "3〜5歳"), (11, "6〜11歳"), (14, "12〜14歳"), (17, "15〜17歳"))
_CONTACT = ("少ない", "ふつう", "多い")
_CERTIFICATES = "disability_certificate"
_SERVICES = "disability_service"
_CONTACT_YEARS = 2


@dataclass(frozen=True)
class Attributes:
    """One attribute per name, each with a group per child in the order of `child_keys` (sorted): what a reader of the audit sees."""

    child_keys: Texts
    groups: dict[str, Texts]


def attributes_of(snapshot: Snapshot) -> Attributes:
    """The audited attributes of every child of a snapshot.

    - 性別, 年齢: from the register; unknown is a group of its own.
    - 地区: 町字; 不明 where protected, so that no figure tells where a protected household lives.
    - ひとり親: exactly one of mother and father in the household; a child with neither is by itself (父母のいない世帯).
    - 障害のある人のいる世帯: a certificate or a service that holds on the day, of the child or anybody in the household.
    - 相談・支援との接点: thirds by how many records of help and contact there are of the child and its household in two years, per head (support
      items of fields.yaml, checks, consultations). Equal counts stay together, so thirds may be uneven.
    """
    keys, homes = _children(snapshot)
    groups = {
        "性別": _column(snapshot, keys, "SELECT person_key, coalesce(sex, '不明') FROM person"),
        "年齢": _ages(snapshot, keys),
        "地区": _by_home(snapshot, homes, "SELECT household_key, district FROM household"),
        "ひとり親": _parents(snapshot, keys),
        "障害のある人のいる世帯": _disability(snapshot, homes),
        "相談・支援との接点": _thirds(_contacts(snapshot, homes)),
    }
    return Attributes(keys, groups)


def _children(snapshot: Snapshot) -> tuple[Texts, Texts]:
    rows = snapshot.connection.execute(
        "SELECT person_key, household_key FROM person WHERE is_child ORDER BY person_key"
    ).fetchall()
    return _texts([key for key, _ in rows]), _texts([home for _, home in rows])


def _texts(values: list[str]) -> Texts:
    return np.array(values, dtype=np.str_)


def _column(snapshot: Snapshot, keys: Texts, query: str) -> Texts:
    found = dict(snapshot.connection.execute(query).fetchall())
    return _texts([found.get(key) or UNKNOWN for key in keys.tolist()])


def _by_home(snapshot: Snapshot, homes: Texts, query: str) -> Texts:
    found = dict(snapshot.connection.execute(query).fetchall())
    return _texts([found.get(home) or UNKNOWN for home in homes.tolist()])


def _ages(snapshot: Snapshot, keys: Texts) -> Texts:
    age = dict(snapshot.connection.execute("SELECT person_key, age_years FROM person WHERE is_child").fetchall())
    return _texts([next(label for last, label in _AGE_BANDS if age[key] <= last) for key in keys.tolist()])


def _parents(snapshot: Snapshot, keys: Texts) -> Texts:
    rows = snapshot.connection.execute(
        "SELECT child_key, count(DISTINCT relation) FROM kin WHERE relation IN ('母', '父') GROUP BY child_key"
    ).fetchall()
    parents = dict(rows)
    words = {0: "父母のいない世帯", 1: "ひとり親の世帯", 2: "ふたり親の世帯"}
    return _texts([words[parents.get(key, 0)] for key in keys.tolist()])


def _disability(snapshot: Snapshot, homes: Texts) -> Texts:
    day = f"DATE '{snapshot.as_of.isoformat()}'"
    parts = []
    for record in (_CERTIFICATES, _SERVICES):
        kind = snapshot.vocabulary.records.get(record)
        if kind is None or kind.valid is None or kind.permission != "許可":
            continue
        ends = f'AND ("{kind.valid.end}" IS NULL OR "{kind.valid.end}" >= {day})' if kind.valid.end else ""
        parts.append(f'SELECT subject_key FROM rec_{record} WHERE "{kind.valid.start}" <= {day} {ends}')
    if not parts:
        return _texts([UNKNOWN] * len(homes))
    having = {
        home
        for (home,) in snapshot.connection.execute(
            f"SELECT DISTINCT household_key FROM person WHERE person_key IN ({' UNION '.join(parts)})"
        ).fetchall()
    }
    return _texts(["いる世帯" if home in having else "いない世帯" for home in homes.tolist()])


def _contacts(snapshot: Snapshot, homes: Texts) -> npt.NDArray[np.int64]:
    """Records of help and contact of the last two years of everybody in the household, per head, in hundredths."""
    vocabulary = snapshot.vocabulary
    kinds = {item.record for item in vocabulary.items.values() if item.support or item.kind == "期限のある記録"}
    kinds |= {name for name in vocabulary.records if name in ("consultation", "health_check", "vaccination")}
    day = snapshot.as_of
    since = f"DATE '{day.isoformat()}' - INTERVAL {_CONTACT_YEARS} YEAR"
    total: dict[str, int] = {}
    for name in sorted(kinds):
        kind = vocabulary.records[name]
        column = kind.date or (kind.valid.start if kind.valid else None)
        if column is None or kind.permission != "許可":
            continue
        # A state counts as long as it lasts: whoever receives help since years is in contact.
        open_ = (
            f'OR "{kind.valid.end}" IS NULL OR "{kind.valid.end}" > {since}' if kind.valid and kind.valid.end else ""
        )
        query = (
            "SELECT coalesce(p.household_key, r.subject_key), count(*) "
            f"FROM rec_{name} r LEFT JOIN person p ON p.person_key = r.subject_key "
            f'WHERE r."{column}" <= DATE \'{day.isoformat()}\' AND (r."{column}" > {since} {open_}) GROUP BY 1'
        )
        for home, count in snapshot.connection.execute(query).fetchall():
            total[home] = total.get(home, 0) + int(count)
    members = dict(
        snapshot.connection.execute("SELECT household_key, count(*) FROM person GROUP BY household_key").fetchall()
    )
    # Per head, in hundredths: large families have more records without being better known.
    return np.array([100 * total.get(home, 0) // members[home] for home in homes.tolist()], dtype=np.int64)


def _thirds(counts: npt.NDArray[np.int64]) -> Texts:
    if len(counts) == 0:
        return _texts([])
    first, second = np.quantile(counts, [1 / 3, 2 / 3], method="lower")
    third = np.where(counts <= first, 0, np.where(counts <= second, 1, 2))
    return _texts([_CONTACT[number] for number in third.tolist()])
