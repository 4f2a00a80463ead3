"""Peers with Automerge documents: this package's persister here, npm's TinyBase in Node.js.

A frame is two bytes that say what it is, as those of y-protocols, and JSON: the hashes of all
changes that a peer has, or changes, each with its hash and its predecessors'. A peer that lacks
predecessors of what comes leaves it, and answers with what it has.
"""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode, b64encode
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from automerge.core import Document

from tests.fuzz.model import Change, Flat, changes_between, flat
from tests.fuzz.node import JS, Node
from tests.fuzz.peers import (
    COUNT,
    STEP_1,
    STEP_2,
    UPDATE,
    Arrival,
    Content,
    Edited,
    Received,
    Sent,
    Taken,
)
from tests.fuzz.python_peer import _count
from tinybase_widget import AutomergeDocHandle, AutomergePersister, Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from automerge.core import Change as Commit

    from tests.fuzz.steps import Start, Transaction


class AutomergeNode(Node):
    """A Node.js process with npm's peers."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", "tests/peers/fuzz_automerge.mjs"],
            cwd=JS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )


class AutomergePeer:
    """This package's Store with its Automerge persister."""

    def __init__(
        self,
        slot: int,
        start: Start,
        others: Sequence[int],
        saved: bytes | None = None,
        load: tuple[dict[str, Any], dict[str, Any]] | None = None,
    ) -> None:
        self.moves = 0
        self.errors: list[Exception] = []
        self.store = Store()
        if load is not None:
            self.store.set_content(load)
        rows = count()
        self.store.row_id_factory = lambda _: f"added {start.client_id} {next(rows)}"
        document = Document() if saved is None else Document.load(saved)
        document.set_actor(b"\x77" * 12 + start.client_id.to_bytes(4, "big"))
        self.handle = AutomergeDocHandle(document)
        self.persister = AutomergePersister(self.store, self.handle)
        self.persister.start_auto_persisting(None, saved is None)
        self.handle.add_change_listener(self._on_change)
        self._others = others
        self._heads = self.handle.heads()
        self._known = {each.hash for each in document.get_changes([])}
        self._came_from: dict[bytes, int] = {}
        if start.is_listening:
            self.store.add_tables_listener(
                partial(_count, self.store, f"{COUNT}{slot}"), mutator=True
            )

    def _on_change(self, *_: object) -> None:
        self.moves += 1

    def edit(self, transactions: Sequence[Transaction], *, send: bool) -> Edited:
        changes: list[list[Change]] = []
        row_ids: dict[str, str] = {}
        after: Flat = {}
        for transaction in transactions:
            before = self._flat()
            with self.store.transaction():
                for method, *arguments in transaction:
                    if method == "add_row":
                        table_id, row, name = arguments
                        row_ids[name] = str(self.store.add_row(table_id, row))
                    else:
                        getattr(self.store, method)(*arguments)
                after = self._flat()
            changes.append(changes_between(before, after))
        return Edited(changes, row_ids, self._send() if send else [], [[] for _ in changes])

    def receive(self, arrivals: Sequence[Arrival]) -> Received:
        taken = []
        for sender, frame, is_greeting in arrivals:
            is_applied = True
            answers = []
            content = json.loads(frame[2:])
            if frame[1] == STEP_1:
                has = {bytes.fromhex(each) for each in content}
                everything = self.handle.document.get_changes([])
                answers.append(
                    _frame(STEP_2, [each for each in everything if each.hash not in has])
                )
            else:
                is_applied = self._apply(sender, content)
                if not is_applied:
                    answers.append(self.hello())
            if is_greeting:
                answers.append(self.hello())
            taken.append(Taken(is_applied, is_handed_on=False, answers=answers))
        return Received(taken, self._send())

    def _apply(self, sender: int, packed: list[tuple[str, list[str], str]]) -> bool:
        hashes = [bytes.fromhex(each) for each, _, _ in packed]
        needed = {bytes.fromhex(dep) for _, deps, _ in packed for dep in deps}
        self._note()
        if not needed <= self._known.union(hashes):
            return False
        for each in hashes:
            if each not in self._known:
                self._came_from[each] = sender
        self.handle.apply_changes([b64decode(data) for _, _, data in packed])
        self._note()
        return True

    def _note(self) -> None:
        self._known.update(each.hash for each in self.handle.document.get_changes(self._heads))

    def _send(self) -> list[Sent]:
        self._note()
        changes = self.handle.document.get_changes(self._heads)
        self._heads = self.handle.heads()
        sent = []
        for other in self._others:
            some = [each for each in changes if self._came_from.get(each.hash) != other]
            if some:
                sent.append(Sent(other, _frame(UPDATE, some)))
        return sent

    def hello(self) -> bytes:
        hashes = [each.hash.hex() for each in self.handle.document.get_changes([])]
        return bytes([0, STEP_1]) + json.dumps(hashes).encode()

    def save(self) -> bytes:
        return self.handle.save()

    def content(self) -> Content:
        root = self.handle.doc().get("tinybase", {})
        document = flat(root.get("t") or {}, root.get("v") or {})
        return Content(document, self._flat(), None)

    def places(self) -> Iterable[tuple[str, ...]]:
        return self._flat().keys()

    def _flat(self) -> Flat:
        return flat(*self.store.get_content(encoded=True))

    def end(self) -> None:
        self.persister.destroy()


def _frame(kind: int, changes: Sequence[Commit]) -> bytes:
    packed = [
        (each.hash.hex(), [dep.hex() for dep in each.deps], b64encode(each.bytes).decode())
        for each in changes
    ]
    return bytes([0, kind]) + json.dumps(packed).encode()
