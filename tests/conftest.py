"""Settings shared by all tests."""

from __future__ import annotations

import os

import pytest
from _pytest.nodeid import NodeId
from hypothesis import settings

# A busy machine must not fail a property by its slowness; on a submission the same examples are drawn every time, so
# that a failure belongs to the change. KIZUKI_EXPLORE=1 draws new ones.
settings.register_profile("kizuki", deadline=None, derandomize=not os.environ.get("KIZUKI_EXPLORE"))
settings.load_profile("kizuki")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of one `xdist_group` run in one process, so that what they share is made once.

    pytest-xdist 3.8.0 writes the group into an attribute that pytest 9.2 does not read any more; without this every made-up city is built by each process.
    """
    if not config.getoption("loadgroup", False):
        return
    for item in items:
        groups = "_".join(sorted({str(mark.kwargs["name"]) for mark in item.iter_markers("xdist_group")}))
        if groups and not item.nodeid.endswith(f"@{groups}"):
            item._id = NodeId.parse(f"{item.nodeid}@{groups}")
