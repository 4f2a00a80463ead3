"""What holds for all tests.

How long an example takes is never what is tested. Tests that start kernels run in one process where
there are several (pytest-xdist): a kernel looks for free ports, and takes them a moment later.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

_HERE = Path(__file__).parent
_WITH_KERNELS = (_HERE / "browser", _HERE / "notebooks")

settings.register_profile("untimed", deadline=None)  # the rest as Hypothesis chose, also in CI
settings.load_profile("untimed")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks for the mark
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if any(folder in item.path.parents for folder in _WITH_KERNELS):
            item.add_marker(pytest.mark.xdist_group("kernels"))
