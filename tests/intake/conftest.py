"""Fixtures: an empty deliveries folder of the made-up city."""

from __future__ import annotations

from pathlib import Path

import pytest
from intake_city import City, make_definitions

from engine.records.layout import Layout
from engine.records.vocabulary import Vocabulary


@pytest.fixture(scope="session")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Layout], Vocabulary]:
    """Layouts and register, loaded once."""
    return make_definitions(tmp_path_factory.mktemp("definitions"))


@pytest.fixture
def city(tmp_path: Path, definitions: tuple[dict[str, Layout], Vocabulary]) -> City:
    """A deliveries folder with nothing in it."""
    folder = tmp_path / "deliveries"
    folder.mkdir()
    return City(folder, *definitions)
