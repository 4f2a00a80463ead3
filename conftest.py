"""Leaves out what needs Automerge where there are no wheels of it: Python 3.13 and later."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("automerge") else ["*automerge*", "*/sync/*repo*"]
