"""One small made-up city for the tests of this folder, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from kizuki.demo_city import DemoCitySummary, build_demo_city


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> DemoCitySummary:
    """1,500 people, four weeks."""
    return build_demo_city(tmp_path_factory.mktemp("demo"), people=1_500)


@pytest.fixture(scope="session")
def deliveries(small_city: DemoCitySummary) -> Path:
    """The folder with one folder for each week."""
    return small_city.folder / "deliveries"
