"""Attributes of the audit, computed from the snapshot: what they mean, and that no model can reach them."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

from engine.kernel.dates import age_on, school_grade
from engine.records.household import Household, Person, Row, Value
from engine.records.vocabulary import load_vocabulary
from engine.store.memory import snapshot_of
from ml_overlay.audits.attributes import Attributes, attributes_of

ROOT = Path(__file__).parents[3]
VOCABULARY = load_vocabulary(ROOT / "rulebooks" / "fields.yaml")
AS_OF = date(2026, 11, 20)


def person(key: str, *relations: str, years: int = 9, **records: dict[str, Value]) -> Person:
    born_on = date(AS_OF.year - years, 6, 1)
    rows = {record: (Row(record, cells, 0, 2, frozenset()),) for record, cells in records.items()}
    seen_as = frozenset({"世帯員", *relations}) if relations else frozenset()
    return Person(key, seen_as, age_on(born_on, AS_OF), school_grade(born_on, AS_OF), rows, {}, born_on)


def family(key: str, child: Person, *members: Person) -> Household:
    return Household(key, AS_OF, child, members, {}, {}, {})


def attributes(*families: Household) -> Attributes:
    with snapshot_of(families, VOCABULARY) as snapshot:
        return attributes_of(snapshot)


def test_parents_are_counted_in_the_household() -> None:
    """Mother and father, one of them, or neither: three groups; a grandmother is no parent."""
    found = attributes(
        family("H1", person("C1"), person("M1", "母", years=40), person("F1", "父", years=40)),
        family("H2", person("C2"), person("M2", "母", years=40)),
        family("H3", person("C3"), person("G3", "祖父母", years=70)),
    )
    assert found.groups["ひとり親"].tolist() == ["ふたり親の世帯", "ひとり親の世帯", "父母のいない世帯"]


def test_a_certificate_of_anybody_in_the_household_that_holds_on_the_day_counts() -> None:
    """A certificate that was returned before the day does not."""
    held: dict[str, Value] = {"certificate_kind": "精神", "certificate_issued_on": date(2020, 4, 1)}
    returned: dict[str, Value] = {**held, "certificate_returned_on": date(2024, 4, 1)}
    found = attributes(
        family("H1", person("C1"), person("M1", "母", years=40, disability_certificate=held)),
        family("H2", person("C2"), person("M2", "母", years=40, disability_certificate=returned)),
        family("H3", person("C3", disability_certificate=held)),
    )
    assert found.groups["障害のある人のいる世帯"].tolist() == ["いる世帯", "いない世帯", "いる世帯"]


def test_contact_is_records_of_the_last_two_years_per_head() -> None:
    """Who has had a consultation, a check or a visit lately is in more contact than who has not, or had one long ago."""
    lately: dict[str, Value] = {"consulted_on": date(2026, 10, 1)}
    long_ago: dict[str, Value] = {"consulted_on": date(2022, 10, 1)}
    found = attributes(
        *(family(f"H{n}", person(f"C{n}", consultation=long_ago)) for n in range(4)),
        *(family(f"H{n}", person(f"C{n}"), person(f"M{n}", "母", years=40, consultation=lately)) for n in range(4, 6)),
        *(
            family(f"H{n}", person(f"C{n}", consultation=lately, npo_visit={"watched_on": date(2026, 9, 1)}))
            for n in range(6, 9)
        ),
    )
    contact = found.groups["相談・支援との接点"].tolist()
    assert contact[:4] == ["少ない"] * 4 and contact[4:6] == ["ふつう"] * 2 and contact[6:] == ["多い"] * 3


def test_what_is_not_known_is_a_group_of_its_own() -> None:
    """Sex and district unknown stay unknown; nobody is put anywhere."""
    found = attributes(family("H1", person("C1")))
    assert found.groups["性別"].tolist() == ["不明"] and found.groups["地区"].tolist() == ["不明"]
    assert found.groups["年齢"].tolist() == ["6〜11歳"]


def test_nothing_that_a_model_learns_from_imports_the_attributes() -> None:
    """Features, cohorts, learning, register and scoring never import the audit's attributes, under whatever name."""
    for room in ("features", "cohorts", "learning", "register", "scoring", "discovery", "similar"):
        for path in (ROOT / "ml_overlay" / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                names = (
                    [alias.name for alias in node.names]
                    if isinstance(node, ast.Import)
                    else [node.module or ""]
                    if isinstance(node, ast.ImportFrom)
                    else []
                )
                assert not any(name.startswith("ml_overlay.audits") for name in names), path
