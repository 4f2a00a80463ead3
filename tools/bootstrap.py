"""Brings a checkout to where a command can run: `python -m tools.bootstrap demo`.

Runs with the machine's own Python 3.10 or later and needs nothing else. Each step looks first
whether its result is still good, so that a second run takes a moment.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from typing import TYPE_CHECKING

from tools import _browser, _javascript, _python
from tools._steps import SetupError, Steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools._steps import Step


_ENVIRONMENT = ("Python environment", _python.make_virtual_environment)
_DEMO_PACKAGES = (
    "Python packages (a minute or two the first time)",
    partial(_python.install_packages, extra="lab"),
)
_ALL_PACKAGES = (_DEMO_PACKAGES[0], partial(_python.install_packages, extra="dev"))
_BENCH_PACKAGES = (_DEMO_PACKAGES[0], partial(_python.install_packages, extra="bench"))
_NODE = ("Node.js", _javascript.install_node)
_NPM_PACKAGES = ("JavaScript packages", _javascript.install_packages)
_BUNDLES = ("JavaScript bundles", _javascript.build_bundles)
_BROWSER = ("Browser for the tests", _browser.install_chromium)

# What each command of the Makefile needs, in order.
_GOALS: dict[str, tuple[tuple[str, Callable[[Step], None]], ...]] = {
    "demo": (_ENVIRONMENT, _DEMO_PACKAGES, _NODE, _NPM_PACKAGES, _BUNDLES),
    "build": (_ENVIRONMENT, _ALL_PACKAGES, _NODE, _NPM_PACKAGES, _BUNDLES),
    "check": (_ENVIRONMENT, _ALL_PACKAGES, _NODE, _NPM_PACKAGES),
    "test": (_ENVIRONMENT, _ALL_PACKAGES, _NODE, _NPM_PACKAGES, _BUNDLES, _BROWSER),
    "bench": (_ENVIRONMENT, _BENCH_PACKAGES, _NODE, _NPM_PACKAGES, _BUNDLES, _BROWSER),
    "lock": (_ENVIRONMENT,),
}


def main() -> int:
    """Run the steps of the goal given on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.bootstrap", description=__doc__)
    parser.add_argument("goal", choices=_GOALS, help="what the checkout is set up for")
    goal = _GOALS[parser.parse_args().goal]
    steps = Steps(len(goal))
    try:
        for title, action in goal:
            with steps.step(title) as step:
                action(step)
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
