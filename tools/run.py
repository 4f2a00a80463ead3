"""Runs one command in the checkout's environment: `python -m tools.run python -m bench`."""

from __future__ import annotations

import os
import sys

from tools._browser import VARIABLE, find_chromium
from tools._checkout import environment


def main() -> None:
    """Become the command given on the command line."""
    env = environment() | {VARIABLE: find_chromium()}
    os.execvpe(sys.argv[1], sys.argv[1:], env)  # noqa: S606  # the Makefile gives the command


if __name__ == "__main__":
    main()
