"""15 相談履歴: consultations about a child or by a mother, as entered in the weeks after they took place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from kizuki.demo_city import households as hh
from kizuki.demo_city.circumstances import Circumstances
from kizuki.demo_city.city import NATIVE, City
from kizuki.demo_city.days import ages, day_number, day_texts, iso
from kizuki.demo_city.noticing import CouncilCase
from kizuki.demo_city.randomness import Bools, Floats, Ints, Texts, happens, padded, pick, stream, words
from kizuki.demo_city.sentences import consultation_texts
from kizuki.demo_city.writing import Columns, Sheet, Week, quoted, spoil

_ROUTES = ("家庭", "学校", "保育所等", "医療機関", "近隣", "警察", "庁内", "NPO")
_RECORDS_FROM = day_number(date(2021, 4, 1))


def consultation_source(city: City, state: Circumstances, cases: CouncilCase) -> Callable[[Week], Sheet | None]:
    """The weekly export 15_consult: what was entered since the delivery before."""
    rng = stream(city.seed, "consultation")
    child = np.flatnonzero((city.role == hh.CHILD) & (ages(city.birth, city.last_day) < 18))
    house, age = city.household[child], ages(city.birth, city.last_day)[child]
    contact, strain = state.contact[house], {k: v[child] for k, v in state.strain.items()}
    troubled = {k: v[child] for k, v in state.hardship.items()}

    def rate(
        per_year: float, score: Floats, at_age: Bools, hard: Bools | None = None, hard_per_year: float = 0.0
    ) -> tuple[Floats, Floats]:
        """Consultations a year in ordinary times, and in addition since trouble began."""
        ordinary = per_year * np.exp(np.clip(score + 0.3 * contact, -3, 2.6)) * at_age
        extra = (
            hard_per_year * np.exp(np.clip(0.75 * contact, -2, 1.2)) * hard * at_age
            if hard is not None
            else np.zeros(len(child))
        )
        return ordinary, extra

    every = np.ones(len(child), dtype=np.bool_)
    topics = (
        ("01", rate(0.006, 0.75 * strain["abuse"], every, troubled["abuse"], 0.34)),
        ("02", rate(0.006, 0.8 * strain["school_absence"], age >= 6, troubled["school_absence"], 0.45)),
        ("03", rate(0.022, 0.7 * strain["developmental_disorder"], age < 13, troubled["developmental_disorder"], 0.12)),
        ("04", rate(0.006, 0.75 * state.economy[house], every, troubled["poverty"], 0.07)),
        ("05", rate(0.05, 0.55 * state.parental_health[house], age < 4, troubled["postpartum_depression"], 0.8)),
        ("06", rate(0.002, 0.7 * strain["young_carer"], age >= 7, troubled["young_carer"], 0.16)),
        ("07", rate(0.05, 0.75 * strain["developmental_disorder"], (age >= 4) & (age < 8))),
        ("99", rate(0.022, np.zeros(len(child)), every)),
    )
    start = np.maximum(
        _RECORDS_FROM, np.maximum(city.birth[child], np.where(city.arrived[child] == NATIVE, 0, city.arrived[child]))
    )
    until = np.minimum(city.left[child], city.last_day + 1)
    who: list[Ints] = []
    day: list[Ints] = []
    topic: list[Texts] = []
    for code, (ordinary, extra) in topics:
        for per_year, begin in ((ordinary, start), (extra, np.maximum(start, state.onset[child]))):
            length = np.maximum(until - begin, 0)
            count = rng.poisson(per_year * length / 365.25)
            index = np.repeat(np.arange(len(child)), count)
            who.append(child[index])
            day.append(begin[index] + (rng.random(len(index)) * length[index]).astype(np.int64))
            topic.append(np.full(len(index), code, dtype=object))
    # The council's own contacts.
    open_case = np.flatnonzero(~cases.expecting)
    length = np.minimum(cases.closed[open_case], city.last_day + 1) - np.maximum(
        cases.registered[open_case], _RECORDS_FROM
    )
    count = rng.poisson(np.maximum(length, 0) / 365.25 * 1.6)
    index = np.repeat(open_case, count)
    who.append(cases.person[index])
    day.append(
        np.maximum(cases.registered[index], _RECORDS_FROM)
        + (rng.random(len(index)) * np.repeat(np.maximum(length, 0), count)).astype(np.int64)
    )
    topic.append(np.where(happens(rng, 0.75, len(index)), "01", "99").astype(object))
    person, on, kind = np.concatenate(who), np.concatenate(day), np.concatenate(topic)
    about = person.copy()
    # Anxiety about bringing up a child is entered under the mother as often as not.
    to_mother = (kind == "05") & (city.mother[person] >= 0) & happens(rng, 0.6, len(person))
    about[to_mother] = city.mother[person[to_mother]]
    recorded = on + rng.integers(0, 7, len(on))
    order = np.lexsort((about, on, recorded))
    person, about, on, kind, recorded = person[order], about[order], on[order], kind[order], recorded[order]
    route, response = _route(city, state, rng, person, kind), _response(city, state, rng, person, kind)
    text = consultation_texts(rng, kind, city.given[person])
    columns = Columns(("宛名番号", "相談日", "経路", "主訴区分", "対応区分", "記録"))
    columns.add(
        {
            "宛名番号": padded(city.number, 10)[about],
            "相談日": spoil(rng, day_texts(on, iso), ("2026-11-31", "先週"), 0.001),
            "経路": route,
            "主訴区分": spoil(rng, kind, ("9", "虐待"), 0.0008),
            "対応区分": response,
            "記録": quoted(text),
        },
        len(on),
    )
    rows = columns.rows()

    def sheet(week: Week) -> Sheet | None:
        new = np.flatnonzero(week.new(recorded))
        return Sheet("15_consult", "utf-8", columns.names, [rows[j] for j in new.tolist()], newline="\r\n")

    return sheet


def _route(city: City, state: Circumstances, rng: np.random.Generator, person: Ints, kind: Texts) -> Texts:
    n = len(person)
    usual = pick(rng, (0.5, 0.16, 0.12, 0.08, 0.03, 0.01, 0.08, 0.02), n)
    worried = pick(rng, (0.14, 0.2, 0.12, 0.08, 0.14, 0.1, 0.17, 0.05), n)
    police = pick(rng, (0.08, 0.14, 0.06, 0.05, 0.14, 0.4, 0.1, 0.03), n)
    school = pick(rng, (0.35, 0.5, 0.0, 0.05, 0.02, 0.0, 0.06, 0.02), n)
    conflict = state.conflict[city.household[person]]
    chosen = np.where(
        kind == "01",
        np.where(conflict > 1.4, police, worried),
        np.where((kind == "02") | (kind == "06"), school, usual),
    )
    return words(_ROUTES, chosen)


def _response(city: City, state: Circumstances, rng: np.random.Generator, person: Ints, kind: Texts) -> Texts:
    n = len(person)
    isolation = state.isolation[city.household[person]]
    usual = pick(rng, (0.5, 0.16, 0.16, 0.02, 0.02, 0.14), n)
    kept = pick(rng, (0.25, 0.45, 0.15, 0.03, 0.02, 0.1), n)
    broken = pick(rng, (0.25, 0.12, 0.12, 0.27, 0.16, 0.08), n)
    withdrawn = happens(rng, 1 / (1 + np.exp(-(1.0 * isolation - 1.3))))
    school = np.where(happens(rng, 0.16, n), 4, usual)
    chosen = np.where(
        withdrawn & (kind != "99"),
        broken,
        np.where(np.isin(kind, ["01", "02", "06"]), kept, np.where(kind == "07", school, usual)),
    )
    return words(("1", "2", "3", "4", "5", "6"), chosen)
