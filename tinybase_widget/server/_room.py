"""A room on a server: a document, and the clients that share it.

What a client sends is looked at (`_guarding`), taken over, and told to the others at once: the
first edit goes out as it comes, and what comes in the moment after it as one message, the later the
more clients there are to tell. So many edits cost few messages.

It also waits to be written. No question is answered before what had come ahead of it is on the
disk. So an answer acknowledges: a kill loses nothing of it. What was told of and not written yet is
lost only with all who heard of it, since they compare when the server is back.

Should pycrdt panic over an update, the document may be left half done: the room is thrown away, and
read from the disk again for those who come back.
"""

from __future__ import annotations

import asyncio
import math
from functools import partial
from typing import TYPE_CHECKING, Any

from tinybase_widget._exceptions import DocumentError
from tinybase_widget.persisters._panics import as_error, panics_as_errors
from tinybase_widget.persisters._yjs_wire import read_state_vector
from tinybase_widget.persisters.yjs import create_doc
from tinybase_widget.server._client import tell
from tinybase_widget.server._guarding import FullError, look_at
from tinybase_widget.server._levels import Levels, RefusedUpdateError
from tinybase_widget.server._presence import Presence
from tinybase_widget.server._questions import Questions
from tinybase_widget.server._whole import Whole
from tinybase_widget.sync._frames import FrameKind, write_frame
from tinybase_widget.sync._generations import clocks_of
from tinybase_widget.sync._handing_on import Received
from tinybase_widget.sync._outbox import merge

if TYPE_CHECKING:
    from pycrdt import Doc, TransactionEvent

    from tinybase_widget.server._client import Client
    from tinybase_widget.server._guarding import Looked
    from tinybase_widget.server._holders import Holder

NOTHING = b"\x00\x00"
LARGE = 16 << 10  # bytes: from here on an update is looked at in another thread
_MOST_REST_S, _REST_FOR_A_CLIENT_S = 0.02, 0.0001
_MOST_QUESTION = 1 << 20  # bytes
_NO_NEWS = write_frame(FrameKind.STEP_2, NOTHING)


class ServedRoom:
    """A room.

    Args:
        name: Its name.
        update: What is kept of it.
        count: Of how many updates that was made.
        most: How much memory its document may take, in bytes, at a guess.
    """

    def __init__(
        self, name: str, update: bytes | None, count: int = 0, most: float = math.inf
    ) -> None:
        self.name = name
        self.clients: set[Client] = set()
        self.presence = Presence()
        self.kept = count
        self.maker: Holder | None = None  # where it is new
        self.is_broken = self.is_full = False
        self.size = 0
        self._wanted: float = 0  # bytes; as much was not enough
        self.waiting: list[bytes] = []
        self._most = most
        self._untold: list[tuple[bytes, Client]] = []
        self._rest: asyncio.TimerHandle | None = None
        self._questions = Questions()
        self._taken = self._written = 0
        self._taking: Received | None = None
        self._handed_on: bytes | None = None
        self._doc: Doc[Any] = create_doc()
        self._levels = Levels()
        self._clocks: dict[int, int] = {}
        if update is not None:
            self._note(look_at(update, self._clocks, self._levels), update)
            with panics_as_errors():
                self._doc.apply_update(update)
            self._clocks = clocks_of(self._doc)
        self._whole = Whole(self._doc)
        self._subscription = self._doc.observe(self._on_event)

    def _on_event(self, event: TransactionEvent) -> None:
        if self._taking is not None:  # the event is gone when the transaction is
            self._handed_on = self._taking.handed_on(event)

    def close(self) -> None:
        """Let go of the document."""
        self._doc.unobserve(self._subscription)

    def is_new(self) -> bool:
        """Return whether nothing was ever put into it."""
        return self.kept == 0 and not self.waiting

    # What clients send

    def hello(self) -> bytes:
        """Return the frame that asks a newcomer for what is lacking here."""
        return write_frame(FrameKind.STEP_1, self._doc.get_state())

    def enter(self, client: Client) -> None:
        """Take a client in."""
        self.clients.add(client)
        client.on_answered = self._answer

    def leave(self, client: Client) -> None:
        """Let a client go."""
        self.clients.discard(client)
        self._questions.forget(client)

    def ask(self, client: Client, state: bytes) -> None:
        """Answer a question, at once or when what came before it is on the disk.

        Raises:
            ValueError: It is no state vector.
        """
        if len(state) > _MOST_QUESTION:
            raise ValueError("a question that is too long")
        try:
            read_state_vector(state)
        except IndexError:
            raise ValueError("a question that ends too early") from None
        self._questions.add(client, state, self._taken)
        self._answer(client)

    def _answer(self, client: Client) -> None:
        if client.is_being_answered:
            return  # it calls when it is done
        asked = self._questions.take(client, self._written)
        if asked is not None:
            state, count = asked
            client.put_answer(self._whole.answer(state))
            for _ in range(count - 1):
                client.put_answer(_NO_NEWS)

    async def take(self, client: Client, update: bytes, *, is_answer: bool) -> int:
        """Take an update over; return the size of what was new, which waits to be written.

        Raises:
            RefusedUpdateError: It is malformed or does harm.
            DocumentError: pycrdt gave up on it; it was left out.
            FullError: There is no more place; it was left out.
        """
        if update == NOTHING:
            return 0
        left = self._most - self.size
        looking = partial(look_at, update, self._clocks, self._levels, left)
        try:
            looked = await asyncio.to_thread(looking) if len(update) > LARGE else looking()
        except FullError:
            self.is_full = True
            self._wanted = max(self._wanted, left)
            raise FullError(
                f"this room is full: it takes {self.size >> 20} MB of memory, of "
                f"{int(self._most) >> 20}, and this would take more; delete rows or go on in "
                "another room; what you change stays with you"
            ) from None
        if not looked.is_complete:
            if not client.refused:  # what is lacking was refused
                client.put(self.hello())
            return 0
        handed_on = self._apply(Received(update, None, is_answer, looked.delete_set))
        if handed_on is None:
            return 0
        self._note(looked, handed_on)
        self._whole.note_change()
        self.waiting.append(handed_on)
        self._taken += 1
        self._untold.append((handed_on, client))
        if self._rest is None:
            self._tell()
        return len(handed_on)

    def _note(self, looked: Looked, update: bytes) -> None:
        """Remember what is needed to look at the next update."""
        for level in looked.levels:
            self._levels.add(*level)
        self.size += looked.size if looked.has_news else len(update)
        if len(update) > LARGE:
            self._clocks = clocks_of(self._doc)
        else:
            self._clocks.update(looked.clocks)

    def has_news(self, update: bytes) -> bool:
        """Return whether an update has structs that are not here.

        Raises:
            RefusedUpdateError: It is malformed.
        """
        return update != NOTHING and look_at(update, self._clocks, self._levels).has_news

    def refused_clients(self) -> list[Client]:
        """Return those whose edits were refused."""
        return [client for client in self.clients if client.refused]

    async def measure(self) -> None:
        """Find out anew how much memory the document takes: deletions may have made room."""
        with panics_as_errors():
            update = self._doc.get_update()
        before = self.size
        looked = await asyncio.to_thread(look_at, update, {}, Levels())
        self.size += looked.size - before
        self.is_full = self.size + self._wanted >= self._most
        if not self.is_full:
            self._wanted = 0

    def _apply(self, received: Received) -> bytes | None:
        """Apply an update; return what goes on to others, if it changed anything."""
        self._taking, self._handed_on = received, None
        try:
            self._doc.apply_update(received.update)
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

    def _tell(self) -> None:
        """Tell everybody of what is new, and rest a moment."""
        self._rest = None
        untold, self._untold = self._untold, []
        if not untold or self.is_broken:
            return
        senders = {sender for _, sender in untold}
        only = senders.pop() if len(senders) == 1 else None
        others = [client for client in self.clients if client is not only]
        for frame in _frames([update for update, _ in untold]):
            tell(others, frame)
        rest = min(_MOST_REST_S, len(others) * _REST_FOR_A_CLIENT_S)
        self._rest = asyncio.get_running_loop().call_later(rest, self._tell)

    def note_written(self, count: int) -> None:
        """Take note that so many more edits are on the disk, and answer what was asked."""
        self.kept += count
        self._written += count
        for client in self._questions.clients():
            self._answer(client)

    def tell_others(self, frame: bytes, sender: Client) -> None:
        """Hand a message on that is not kept."""
        tell([client for client in self.clients if client is not sender], frame)


def _frames(updates: list[bytes]) -> list[bytes]:
    try:
        merged = [merge(updates)]
    except Exception:  # noqa: BLE001 - one by one they are as good
        merged = updates
    return [write_frame(FrameKind.UPDATE, update) for update in merged]
