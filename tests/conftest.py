"""What holds for all tests: how long an example takes is never what is tested."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # the rest as Hypothesis chose, also in CI
settings.load_profile("untimed")
