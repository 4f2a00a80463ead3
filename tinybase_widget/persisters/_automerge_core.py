"""`automerge.core`, or an error that says how to get it; and what its ids and messages are made of.

The package on PyPI that has `automerge.core` is 1.0.0rc1 or later; the stable 0.1.2 is another one.

An object's or an operation's id is given as bytes: a tag, its actor's length and bytes, that
actor's number in this document, a counter. Numbers of actors change, so `identity` leaves them out.

Changes can't be applied directly, but a sync message can bring them: one that is made by hand
(`changes_message`). Automerge keeps aside those whose predecessors are missing.

Source: automerge's `ExId::to_bytes`, and the binary format of its sync messages (version 1).
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple

from tinybase_widget._exceptions import DocumentError, MissingExtraError

try:
    from automerge.core import ROOT, Document, Message, ObjType, ScalarType, SyncState, extract
    from automerge.core import Transaction as CoreTransaction
except ImportError as error:
    raise MissingExtraError("automerge", "What works with Automerge documents") from error

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from automerge.core import Change

__all__ = [
    "ROOT",
    "CoreTransaction",
    "Document",
    "Message",
    "ObjType",
    "ScalarType",
    "SyncState",
    "extract",
]

VERSION = version("automerge")
_SYNC_MESSAGE = 0x42
_MORE, _BITS = 0x80, 0x7F


class OpId(NamedTuple):
    """The id of an operation, and of the object that it makes: compared, the later one wins."""

    counter: int
    actor: bytes


ROOT_ID = OpId(0, b"")


def is_panic(error: BaseException) -> bool:
    """Return whether automerge gave up, which it tells by what is no `Exception`."""
    return not isinstance(error, (Exception, GeneratorExit, KeyboardInterrupt, SystemExit))


class automerge_panics_as_errors:  # noqa: N801 - used like a function
    """Turn a panic of automerge into a `DocumentError`; everything else passes as it is."""

    __slots__ = ()

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Raise a `DocumentError` in place of a panic."""
        if error is not None and is_panic(error):
            raise DocumentError(error, "automerge") from error


def identity(obj_id: bytes) -> OpId:
    r"""Return what an id says, without the number that its actor has in one document.

    Example:
        >>> identity(bytes.fromhex("10 02 aa bb 00 85 01"))
        OpId(counter=133, actor=b'\xaa\xbb')
    """
    if obj_id == ROOT:
        return ROOT_ID
    end = 2 + obj_id[1]
    at = end
    while obj_id[at] & _MORE:
        at += 1
    counter = shift = 0
    for byte in obj_id[at + 1 :]:
        counter |= (byte & _BITS) << shift
        shift += 7
    return OpId(counter, obj_id[2:end])


def obj_id_of(op_id: OpId) -> bytes:
    """Return the bytes by which automerge finds an object.

    Example:
        >>> obj_id_of(OpId(133, bytes.fromhex("aa bb"))).hex(" ")
        '10 02 aa bb 00 85 01'
    """
    if op_id == ROOT_ID:
        return ROOT
    return b"\x10" + varuint(len(op_id.actor)) + op_id.actor + b"\0" + varuint(op_id.counter)


def varuint(number: int) -> bytes:
    """Return a number as LEB128."""
    encoded = bytearray()
    while number > _BITS:
        encoded.append(number & _BITS | _MORE)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def changes_message(changes: Sequence[bytes]) -> Message:
    """Return a sync message that only brings changes."""
    parts = [bytes([_SYNC_MESSAGE, 0, 0, 0]), varuint(len(changes))]
    for change in changes:
        parts += (varuint(len(change)), change)
    return Message.decode(b"".join(parts))


def is_linear(changes: Iterable[Change]) -> bool:
    """Return whether each change was made by somebody who had all before it."""
    heads: list[bytes] = []
    for change in changes:
        if change.deps != heads:
            return False
        heads = [change.hash]
    return True
