"""A kernel's side as a process of its own: a Store in a room on a server.

Each line is {"call": name, "args": [...]}; the answer is {"result": ...} or {"error": text}.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from tinybase_widget import Room, Store


class Kernel:
    """The calls."""

    def __init__(self) -> None:
        self._store = Store()
        self._room = Room("zoo", self._store)

    def join(self, protocol: str, server: str, name: str, token: str | None) -> None:
        self._room.connect(f"{server}/{name}", token, protocol=protocol)

    def state(self) -> str:
        return self._room.connections[0].state

    def wait(self, timeout_s: float) -> bool:
        return self._room.connections[0].wait_until_synced(timeout_s)

    def store(self, method: str, *args: Any) -> Any:
        result = getattr(self._store, method)(*args)
        return None if result is self._store else result


def main() -> None:
    kernel = Kernel()
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {"result": getattr(kernel, asked["call"])(*asked["args"])}
        except Exception as error:  # noqa: BLE001 - whatever it was, the test shows it
            answer = {"error": repr(error)}
        print(json.dumps(answer), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
