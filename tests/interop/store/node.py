"""Real TinyBase in a long-lived Node.js process."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tinybase_widget.store._cells import to_number

_RUNNER = Path(__file__).with_name("tinybase_runner.mjs")


class TinyBase:
    """Runs programs on npm's `tinybase`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", str(_RUNNER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def run(self, program: list[Any]) -> list[Any]:
        """Run a program and give its log."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(program), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        answer = json.loads(line, parse_int=to_number, parse_float=to_number)
        if isinstance(answer, dict):
            raise RuntimeError(answer["failed"])  # noqa: TRY004 - it is not our type that is wrong
        return answer  # type: ignore[no-any-return]

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
