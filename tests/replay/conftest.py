"""The engine is optional: without it its tests are skipped, except where the check of a submission requires it."""

from __future__ import annotations

import importlib
import os

import pytest


@pytest.fixture(scope="session")
def durable_rules() -> None:
    """Asked for by every test that needs the real engine."""
    try:
        importlib.import_module("durable_rules_engine")
    except ImportError as missing:
        if os.environ.get("KIZUKI_REPLAY_REQUIRED"):
            pytest.fail(f"durable_rules cannot be imported, and this check requires it (docs/replay.md): {missing}")
        pytest.skip(f"durable_rules cannot be imported (docs/replay.md): {missing}")
