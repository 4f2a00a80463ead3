"""Plays the scenarios with Stores whose persisters keep them like documents."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pycrdt import Map, merge_updates

from tests.scenarios.canonical import canonical
from tinybase_widget import Store, YjsPersister, create_doc
from tinybase_widget.persisters._yjs_containers import DEFAULT_MAP_NAME
from tinybase_widget.sync._row_ids import RowIds

if TYPE_CHECKING:
    from pycrdt import TransactionEvent

_MAX_ROUNDS = 5
_MAX_HEX = 600


class Peer:
    """A Store and a document that a persister keeps alike, as a room does."""

    def __init__(
        self, map_name: str, client: int, content: list[Any] | None, state: bytes | None = None
    ) -> None:
        self.map_name = map_name
        self.doc = create_doc(client)
        if state is not None:
            self.doc.apply_update(state)
        self.store = Store()
        if content is not None:
            self.store.set_content(content)
        self.updates: list[bytes] = []
        self.errors: list[Exception] = []
        self.doc.observe(self._on_update)
        self._persister = YjsPersister(self.store, self.doc, map_name, self.errors.append)
        self._persister.is_unique_row_id = RowIds(client).is_own
        self._persister.start_auto_persisting(start_save_first=state is None)

    def call(self, method: str, *args: Any) -> None:
        """Call a method of the Store by its name in TypeScript, or one of the scenarios' own."""
        if method == "fill":
            self.store.transaction(lambda: self._fill(*args))
        elif method == "fillOneByOne":
            self._fill(*args)
        else:
            getattr(self.store, re.sub("[A-Z]", lambda big: f"_{big[0].lower()}", method))(*args)

    def transaction(self, calls: list[list[Any]]) -> None:
        """Make several calls in one transaction."""
        with self.store.lock:
            self.store.start_transaction()
            for call in calls:
                self.call(*call)
            self.store.finish_transaction()

    def apply(self, update: bytes) -> None:
        """Take an update."""
        self._persister.apply_update(update)

    def flush(self) -> None:
        """Do what waits for the end of a transaction."""
        self._persister.flush()

    def stop(self) -> bytes:
        """Stop; return the document's bytes."""
        self._persister.destroy()
        return self.doc.get_update()

    def document(self) -> tuple[Any, Any]:
        """Return the document's content, without what is empty."""
        root = self.doc.get(self.map_name, type=Map).to_py() or {}
        tables = {
            table_id: rows
            for table_id, table in root.get("t", {}).items()
            if (rows := {row_id: row for row_id, row in table.items() if row})
        }
        return tables, root.get("v", {})

    def _fill(self, table_id: str, prefix: str, first: int, count: int) -> None:
        for at in range(first, first + count):
            row = {"n": at, "text": f"number {at}", "half": at / 2, "even": at % 2 == 0}
            self.store.set_row(table_id, f"{prefix}{at}", row)

    def _on_update(self, event: TransactionEvent) -> None:
        self.updates.append(event.update)


class Player:
    """The peers of a scenario, and the updates that were given names."""

    def __init__(self, scenario: dict[str, Any]) -> None:
        self._scenario = scenario
        self._updates: dict[str, bytes] = {}
        self.peers: dict[str, Peer] = {}

    def play(self) -> dict[str, dict[str, str]]:
        """Play all steps; return what has to be the same on all sides, byte by byte."""
        for step in self._scenario["steps"]:
            self._take(step)
        return {
            "documents": {name: _spelled(p.doc.get_update()) for name, p in self.peers.items()},
            "updates": {name: _spelled(update) for name, update in self._updates.items()},
        }

    def _take(self, step: dict[str, Any]) -> None:
        if "exchange" in step:
            self._exchange(step["exchange"])
            return
        name = step["peer"]
        if "start" in step:
            map_name = self._scenario.get("map", DEFAULT_MAP_NAME)
            self.peers[name] = Peer(map_name, step["start"], step.get("content"))
        elif "restart" in step:
            old = self.peers[name]
            self.peers[name] = Peer(old.map_name, step["restart"], None, old.stop())
        else:
            self.peers[name].updates.clear()
        peer = self.peers[name]
        if "do" in step:
            peer.call(*step["do"])
        if "transaction" in step:
            peer.transaction(step["transaction"])
        if "receive" in step:
            self._receive(peer, self.peers[step["receive"]])
        for update in step.get("apply", ()):
            peer.apply(self._updates[update])
        peer.flush()
        if "as" in step:
            self._updates[step["as"]] = merge_updates(*peer.updates)

    def _exchange(self, names: list[str]) -> None:
        for _ in range(_MAX_ROUNDS):
            for to in names:
                for from_ in names:
                    if to != from_:
                        self._receive(self.peers[to], self.peers[from_])

    @staticmethod
    def _receive(to: Peer, from_: Peer) -> None:
        to.apply(from_.doc.get_update(to.doc.get_state()))


def _spelled(update: bytes) -> str:
    """Return a canonical update in hexadecimal, or what identifies it where it is long."""
    data = canonical(update)
    if len(data.hex()) <= _MAX_HEX:
        return data.hex()
    return f"{len(data)} bytes, sha256 {sha256(data).hexdigest()}"
