"""One made-up conference for all tests of reading back; each test works on a copy."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up_conference import Conference, hold_conference


@pytest.fixture(scope="session")
def held(tmp_path_factory: pytest.TempPathFactory) -> Conference:
    """As it was printed: not to be changed."""
    return hold_conference(tmp_path_factory.mktemp("conference") / "city")


@pytest.fixture
def conference(held: Conference, tmp_path: Path) -> Conference:
    """A copy to read into."""
    return held.copy_to(tmp_path / "city")
