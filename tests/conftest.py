"""What holds for all tests.

How long an example takes is never what is tested. Tests that start kernels run in one process where
there are several (pytest-xdist): a kernel looks for free ports, and takes them a moment later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

if TYPE_CHECKING:
    import pytest

_WITH_KERNELS = ("tests/browser/", "tests/notebooks/")
# These have a page of their own instead of a notebook (tests/browser/host.py).
_ON_A_HOST_PAGE = tuple(
    f"tests/browser/test_{name}.py"
    for name in ("hostile", "other_hosts", "presence", "remote_edits", "touch", "traits")
)

# The rest as Hypothesis chose, also in CI.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


class _KernelsTogether(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out tests one by one, but all that start kernels to one process.

    Those of a file on a host page stay together, too: they share what they have started.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(_ON_A_HOST_PAGE):
            return nodeid.partition("::")[0]
        return "kernels" if nodeid.startswith(_WITH_KERNELS) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _KernelsTogether:
    return _KernelsTogether(config, log)
