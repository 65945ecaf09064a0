"""Settings shared by all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# A busy machine must not fail a property by its slowness; on a submission the same examples are drawn every time, so
# that a failure belongs to the change. KIZUKI_EXPLORE=1 draws new ones.
settings.register_profile("kizuki", deadline=None, derandomize=not os.environ.get("KIZUKI_EXPLORE"))
settings.load_profile("kizuki")
