"""A room on a server: a document, and the clients that share it.

What a client sends is looked at (`_guarding`), taken over, and waits with what others sent until it
is on the disk; then all of it goes out as one message to everybody. No question is answered before
what had come ahead of it is on the disk. So an answer acknowledges: a kill loses nothing of it. And
many edits cost few messages.

Should pycrdt panic over an update, the document may be left half done: the room is thrown away, and
read from the disk again for those who come back.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tinybase_widget._exceptions import DocumentError
from tinybase_widget.persisters._panics import as_error, panics_as_errors
from tinybase_widget.persisters._yjs_wire import read_state_vector
from tinybase_widget.persisters.yjs import create_doc
from tinybase_widget.server._guarding import Levels, RefusedUpdateError
from tinybase_widget.server._presence import Presence
from tinybase_widget.sync._frames import FrameKind, write_frame
from tinybase_widget.sync._generations import clocks_of
from tinybase_widget.sync._handing_on import Received
from tinybase_widget.sync._outbox import merge

if TYPE_CHECKING:
    from pycrdt import Doc, TransactionEvent

    from tinybase_widget.server._client import Client

_NOTHING = b"\x00\x00"
_LARGE = 64 << 10  # bytes: from here on an update is looked at in another thread


class ServedRoom:
    """A room.

    Args:
        name: Its name.
        update: What is kept of it.
        count: Of how many updates that was made.
    """

    def __init__(self, name: str, update: bytes | None, count: int = 0) -> None:
        self.name = name
        self.clients: set[Client] = set()
        self.presence = Presence()
        self.kept = count
        self.is_broken = False
        self.waiting: list[tuple[bytes, Client | None]] = []
        self._questions: list[tuple[Client, bytes, int]] = []
        self._taken = self._told = 0
        self._taking: Received | None = None
        self._handed_on: bytes | None = None
        self._doc: Doc[Any] = create_doc()
        self._levels = Levels()
        self._clocks: dict[int, int] = {}
        if update is not None:
            for level in self._levels.look_at(update, self._clocks).levels:
                self._levels.add(*level)
            with panics_as_errors():
                self._doc.apply_update(update)
            self._clocks = clocks_of(self._doc)
        self._subscription = self._doc.observe(self._on_event)

    def _on_event(self, event: TransactionEvent) -> None:
        if self._taking is not None:  # the event is gone when the transaction is
            self._handed_on = self._taking.handed_on(event)

    def close(self) -> None:
        """Let go of the document."""
        self._doc.unobserve(self._subscription)

    # What clients send

    def hello(self) -> bytes:
        """Return the frame that asks a newcomer for what is lacking here."""
        return write_frame(FrameKind.STEP_1, self._doc.get_state())

    def ask(self, client: Client, state: bytes) -> None:
        """Answer a question, at once or when what waits is on the disk.

        Raises:
            ValueError: It is no state vector.
        """
        try:
            read_state_vector(state)
        except IndexError:
            raise ValueError("a question that ends too early") from None
        if self._taken > self._told:
            self._questions = [each for each in self._questions if each[0] is not client]
            self._questions.append((client, state, self._taken))
        else:
            self._answer(client, state)

    def _answer(self, client: Client, state: bytes) -> None:
        with panics_as_errors():
            client.put(write_frame(FrameKind.STEP_2, self._doc.get_update(state)))

    async def take(self, client: Client, update: bytes, *, is_answer: bool) -> bool:
        """Take an update over; return whether there was anything new in it.

        Raises:
            RefusedUpdateError: It is malformed or does harm.
            DocumentError: pycrdt gave up on it; it was left out.
        """
        if update == _NOTHING:
            return False
        if len(update) > _LARGE:
            looked = await asyncio.to_thread(self._levels.look_at, update, self._clocks)
        else:
            looked = self._levels.look_at(update, self._clocks)
        if not looked.is_complete:
            client.put(self.hello())
            return False
        handed_on = self._apply(update, is_answer=is_answer)
        if handed_on is None:
            return False
        for level in looked.levels:
            self._levels.add(*level)
        self._clocks = clocks_of(self._doc)
        self.waiting.append((handed_on, client))
        self._taken += 1
        return True

    def has_news(self, update: bytes) -> bool:
        """Return whether an update has structs that are not here.

        Raises:
            RefusedUpdateError: It is malformed.
        """
        return update != _NOTHING and self._levels.look_at(update, self._clocks).has_news

    def _apply(self, update: bytes, *, is_answer: bool) -> bytes | None:
        """Apply an update; return what goes on to others, if it changed anything."""
        self._taking, self._handed_on = Received(update, None, is_answer), None
        try:
            self._doc.apply_update(update)
        except ValueError as error:  # before anything was changed
            raise RefusedUpdateError(str(error)) from error
        except BaseException as raised:
            self.is_broken = True
            failure = as_error(raised)
            if not isinstance(failure, DocumentError):
                failure = DocumentError(failure)
            raise failure from raised
        finally:
            self._taking = None
        return self._handed_on

    # What goes out

    def tell(self, updates: list[tuple[bytes, Client | None]]) -> None:
        """Tell everybody of what is on the disk now, and answer what was asked before."""
        if self.is_broken:
            return
        if updates:
            senders = {sender for _, sender in updates}
            only = senders.pop() if len(senders) == 1 else None
            for frame in _frames([update for update, _ in updates]):
                for client in self.clients:
                    if client is not only:
                        client.put(frame)
        self._told += len(updates)
        questions, self._questions = self._questions, []
        for client, state, taken in questions:
            if taken <= self._told:
                self._answer(client, state)
            else:
                self._questions.append((client, state, taken))

    def tell_others(self, frame: bytes, sender: Client) -> None:
        """Hand a message on that is not kept."""
        for client in self.clients:
            if client is not sender:
                client.put(frame)


def _frames(updates: list[bytes]) -> list[bytes]:
    try:
        merged = [merge(updates)]
    except Exception:  # noqa: BLE001 - one by one they are as good
        merged = updates
    return [write_frame(FrameKind.UPDATE, update) for update in merged]
