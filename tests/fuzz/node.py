"""Peers in Node.js: one process has all of a world's, and does what one request a step asks.

Each of them is a Room of our TypeScript, or npm's TinyBase with its own Yjs persister; the code is
in js/tests/peers.
"""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode, b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fuzz.model import Change, Conflict, Flat
from tests.fuzz.peers import Arrival, Content, Edited, Received, Sent, Taken
from tinybase_widget import MISSING, CompactionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tests.fuzz.steps import Start, Transaction

JS = Path(__file__).parents[2] / "js"

# TinyBase's names of the methods that programs call.
_METHODS = {
    "set_tables": "setTables",
    "set_table": "setTable",
    "set_row": "setRow",
    "set_partial_row": "setPartialRow",
    "set_cell": "setCell",
    "add_row": "addRow",
    "set_values": "setValues",
    "set_value": "setValue",
    "del_tables": "delTables",
    "del_table": "delTable",
    "del_row": "delRow",
    "del_cell": "delCell",
    "del_values": "delValues",
    "del_value": "delValue",
}


class Node:
    """A Node.js process with peers.

    Args:
        replaced: Pieces of our TypeScript to run without, for each file below js/ pairs of what
            stands there and what takes its place.
    """

    def __init__(self, replaced: Mapping[str, Sequence[tuple[str, str]]] | None = None) -> None:
        self._process = subprocess.Popen(
            ["node", "tests/peers/fuzz_host.mjs", json.dumps(replaced or {})],
            cwd=JS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def request(self, name: str, *arguments: Any) -> Any:
        """Ask for something and return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([name, *arguments]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "Node.js has ended; its last words are above"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def end_peers(self) -> list[str]:
        """End all peers, and return the errors that they have met or reported."""
        errors: list[str] = self.request("end")
        return errors

    def make_peer(
        self,
        slot: int,
        start: Start,
        others: Sequence[int],
        saved: bytes | None = None,
        load: tuple[dict[str, Any], dict[str, Any]] | None = None,
    ) -> NodePeer:
        """Make a peer, in place of the one that has its number."""
        options = {
            "slot": slot,
            "clientId": start.client_id,
            "others": others,
            "saved": saved and _text(saved),
            "load": load,
            "isListening": start.is_listening,
        }
        self.request("start", start.kind.value, options)
        return NodePeer(self, slot)

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


class NodePeer:
    """A peer of a Node.js process."""

    def __init__(self, node: Node, slot: int) -> None:
        self._node = node
        self._slot = slot
        self.moves = 0

    def edit(self, transactions: Sequence[Transaction], *, send: bool) -> Edited:
        translated = [
            [[_METHODS[method], *arguments] for method, *arguments in transaction]
            for transaction in transactions
        ]
        answer = self._node.request("edit", self._slot, translated, send)
        self.moves = answer["moves"]
        changes = [
            [Change(tuple(place), _value(old), _value(now)) for place, old, now in each]
            for each in answer["changes"]
        ]
        conflicts = [_conflicts(each) for each in answer["conflicts"]]
        return Edited(changes, answer["rowIds"], _sent(answer["sent"]), conflicts)

    def receive(self, arrivals: Sequence[Arrival]) -> Received:
        answer = self._node.request(
            "receive",
            self._slot,
            [(sender, _text(frame), greets) for sender, frame, greets in arrivals],
        )
        self.moves = answer["moves"]
        taken = [
            Taken(is_applied, is_handed_on, [b64decode(each) for each in answers])
            for is_applied, is_handed_on, answers in answer["taken"]
        ]
        return Received(taken, _sent(answer["sent"]))

    def hello(self) -> bytes:
        return b64decode(self._node.request("hello", self._slot))

    def greeting(self) -> list[bytes]:
        """Return the frames to greet a peer with."""
        return [b64decode(frame) for frame in self._node.request("greeting", self._slot)]

    def compact(self) -> list[Sent]:
        """Put a fresh document in the place of the one so far.

        Raises:
            CompactionError: The room refuses.
        """
        answer = self._node.request("compact", self._slot)
        if answer["refused"] is not None:
            raise CompactionError(answer["refused"])
        return _sent(answer["sent"])

    def save(self) -> bytes:
        return b64decode(self._node.request("save", self._slot))

    def content(self) -> Content:
        answer = self._node.request("content", self._slot)
        conflicts = answer["conflicts"]
        return Content(
            _flat(answer["document"]),
            _flat(answer["store"]),
            None if conflicts is None else _conflicts(conflicts),
        )

    def places(self) -> Iterable[tuple[str, ...]]:
        return [tuple(place) for place in self._node.request("places", self._slot)]

    def end(self) -> None:
        """Nothing: the process ends a peer when another takes its place."""


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _sent(sent: Sequence[tuple[int, str]]) -> list[Sent]:
    return [Sent(to, b64decode(frame)) for to, frame in sent]


def _value(maybe: list[Any]) -> Any:
    return maybe[0] if maybe else MISSING


def _conflicts(conflicts: list[Any]) -> list[Conflict]:
    return [Conflict(tuple(place), winner, _value(loser)) for place, winner, loser in conflicts]


def _flat(content: Sequence[tuple[list[str], Any]]) -> Flat:
    return {tuple(place): value for place, value in content}
