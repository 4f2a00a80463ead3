"""The calls by which a pycrdt document is read and written, below its public API.

Every call of pycrdt's public `Map` opens a transaction or joins one, and looks what it gives up
twice: that takes three to ten times as long as the method of the object that it wraps. `DIRECT` has
that object's own methods. `PUBLIC` does the same through the public API, for a pycrdt that is made
otherwise; `chosen_calls` tries the first on a small document before it chooses it.

A map is what these calls themselves take for one: the wrapped object, or pycrdt's `Map`. The
transaction is what `reading` or `writing` gives.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from pycrdt import Doc, Map, ReadTransaction, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from pycrdt import Subscription


class Calls(NamedTuple):
    """One way of doing each thing.

    Attributes:
        map_type: The type of maps.
        no_key: The exception that `get` raises where a map lacks a key.
        map_of: Gives the map that belongs to a `pycrdt.Map`.
        reading: Gives the document's open transaction; `None` where none is open.
        writing: Gives the document's open transaction to write in.
        get: Gives what a map has under a key: a value or a map.
        has: Tells whether a map has a key.
        size: Counts a map's keys.
        keys: Lists a map's keys.
        to_json: Gives all that is in a map as JSON.
        insert: Puts a value into a map.
        insert_map: Puts a new map into a map, and gives it.
        remove: Takes a key out of a map that has it.
        observe: Calls a function with the events below a `pycrdt.Map`, unless a second one says
            that they are of no interest; gives a subscription.
        observe_document: Calls a function with the event of each transaction of a document.
        short: Gives what opens short transactions of a document; `None` where there is no way
            shorter than the document's own.
    """

    map_type: type
    no_key: type[Exception]
    map_of: Callable[[Map[Any]], Any]
    reading: Callable[[Doc[Any]], Any]
    writing: Callable[[Doc[Any]], Any]
    get: Callable[[Any, Any, str], Any]
    has: Callable[[Any, Any, str], bool]
    size: Callable[[Any, Any], int]
    keys: Callable[[Any, Any], list[str]]
    to_json: Callable[[Any, Any], str]
    insert: Callable[[Any, Any, str, Any], None]
    insert_map: Callable[[Any, Any, str], Any]
    remove: Callable[[Any, Any, str], None]
    observe: Callable[[Map[Any], Callable[[Any], None], Callable[[], bool]], Subscription]
    observe_document: Callable[[Doc[Any], Callable[[Any], None]], Subscription]
    short: Callable[[Doc[Any]], ShortTransactions | None]


class ShortTransactions:
    """Opens transactions of a document for a few calls, one at a time.

    They are the document's own transactions in everything but what it takes to make them.

    Args:
        doc: The document.
    """

    def __init__(self, doc: Doc[Any]) -> None:
        self._doc = doc
        self._transaction = Transaction(doc)
        self._create = doc._doc.create_transaction  # noqa: SLF001 - see the module's head

    def open(self) -> Any:
        """Return a new transaction to write in; `None` if the document's own way must be taken."""
        doc = self._doc
        if doc._txn is not None or doc._allow_multithreading:  # noqa: SLF001
            return None
        try:
            created = self._create()
        except RuntimeError:  # in an observer of the document: there is one already
            return None
        transaction = self._transaction
        transaction._txn = created  # noqa: SLF001
        transaction._leases = 1  # noqa: SLF001
        doc._txn = transaction  # noqa: SLF001
        return created

    def close(self) -> None:
        """Commit; raises what observers raised, as the end of any transaction does."""
        doc, transaction = self._doc, self._transaction
        created: Any = transaction._txn  # noqa: SLF001 - see the module's head
        try:
            created.commit()
        finally:
            if doc._exceptions:  # noqa: SLF001
                transaction.__exit__(None, None, None)
            created.drop()
            transaction._txn = doc._txn = None  # noqa: SLF001

    def apply_update(self, update: bytes) -> None:
        """Do what the document's `apply_update` does."""
        doc = self._doc
        created = None if doc._Model is not None else self.open()  # noqa: SLF001
        if created is None:
            doc.apply_update(update)
            return
        try:
            doc._doc.apply_update(created, update)  # noqa: SLF001 - see the module's head
        finally:
            self.close()


def _public_insert(map_: Any, _transaction: Any, key: str, value: Any) -> None:
    map_[key] = value


def _public_insert_map(map_: Any, _transaction: Any, key: str) -> Any:
    map_[key] = Map()
    return map_[key]


def _public_observe(
    map_: Map[Any], listener: Callable[[Any], None], is_deaf: Callable[[], bool]
) -> Subscription:
    return map_.observe_deep(_unless(is_deaf, listener))


def _public_observe_document(doc: Doc[Any], listener: Callable[[Any], None]) -> Subscription:
    return doc.observe(listener)


def _unless(is_deaf: Callable[[], bool], listener: Callable[[Any], None]) -> Callable[[Any], None]:
    def hear(event: Any) -> None:
        if not is_deaf():
            listener(event)

    return hear


def _public_remove(map_: Any, _transaction: Any, key: str) -> None:
    del map_[key]


PUBLIC = Calls(
    map_type=Map,
    no_key=KeyError,
    map_of=lambda map_: map_,
    reading=lambda doc: doc,
    writing=lambda doc: doc,
    get=lambda map_, _, key: map_[key],
    has=lambda map_, _, key: key in map_,
    size=lambda map_, _: len(map_),
    keys=lambda map_, _: list(map_.keys()),
    to_json=lambda map_, _: str(map_),
    insert=_public_insert,
    insert_map=_public_insert_map,
    remove=_public_remove,
    observe=_public_observe,
    observe_document=_public_observe_document,
    short=lambda _: None,
)


def _direct_reading(doc: Doc[Any]) -> Any:
    transaction = doc._txn  # noqa: SLF001 - see the module's head
    return None if transaction is None else transaction._txn  # noqa: SLF001


def _direct_writing(doc: Doc[Any]) -> Any:
    transaction = doc._txn  # noqa: SLF001 - see the module's head
    if transaction is None or isinstance(transaction, ReadTransaction):
        raise RuntimeError("there is no transaction of the document to write in")
    return transaction._txn  # noqa: SLF001


def _direct_observe(
    map_: Map[Any], listener: Callable[[Any], None], is_deaf: Callable[[], bool]
) -> Subscription:
    doc = map_.doc
    transaction = ReadTransaction(doc)

    def hear(events: list[Any]) -> None:
        if is_deaf():
            return
        created: Any = events[0].transaction
        transaction._txn = created  # noqa: SLF001 - see the module's head
        transaction._leases = 1  # noqa: SLF001
        doc._txn = transaction  # noqa: SLF001
        try:
            listener(events)
        except Exception as error:  # noqa: BLE001 - raised when the transaction is over
            doc._exceptions.append(error)  # noqa: SLF001
        finally:
            created.drop()
            transaction._txn = doc._txn = None  # noqa: SLF001

    subscription = map_.integrated.observe_deep(hear)
    map_._subscriptions.append(subscription)  # noqa: SLF001 - where `unobserve` looks for it
    return subscription  # type: ignore[no-any-return]


def _direct_observe_document(doc: Doc[Any], listener: Callable[[Any], None]) -> Subscription:
    def hear(event: Any) -> None:
        try:
            listener(event)
        except Exception as error:  # noqa: BLE001 - raised when the transaction is over
            doc._exceptions.append(error)  # noqa: SLF001 - see the module's head

    subscription = doc._doc.observe(hear)  # noqa: SLF001 - see the module's head
    doc._subscriptions.append(subscription)  # noqa: SLF001 - where `unobserve` looks for it
    return subscription


def _make_direct() -> Calls:
    wrapped: Any = import_module("pycrdt._pycrdt").Map
    return Calls(
        map_type=wrapped,
        no_key=ValueError,
        map_of=lambda map_: map_.integrated,
        reading=_direct_reading,
        writing=_direct_writing,
        get=wrapped.get,
        has=wrapped.has,
        size=wrapped.len,
        keys=wrapped.keys,
        to_json=wrapped.to_json,
        insert=wrapped.insert,
        insert_map=wrapped.insert_map_prelim,
        remove=wrapped.remove,
        observe=_direct_observe,
        observe_document=_direct_observe_document,
        short=ShortTransactions,
    )


@lru_cache(maxsize=1)
def chosen_calls() -> Calls:
    """Return the direct calls if they work with this pycrdt, and else the public ones."""
    try:
        direct = _make_direct()
        _try(direct)
    except Exception:  # noqa: BLE001 - whatever is missing or behaves otherwise
        return PUBLIC
    return direct


def _try(calls: Calls) -> None:
    """Do everything once.

    Raises:
        Exception: Something does not do what it should.
    """
    heard: list[Any] = []
    updates: list[bytes] = []
    doc: Doc[Any] = Doc(client_id=1)
    root = doc.get("root", type=Map)
    map_ = calls.map_of(root)

    def hear(events: list[Any]) -> None:
        heard.extend((event.path, event.keys, root.keys()) for event in events)

    below = calls.observe(root, hear, lambda: False)
    whole = calls.observe_document(doc, lambda event: updates.append(event.update))
    found: list[Any] = [calls.reading(Doc())]
    with doc.transaction():
        transaction = calls.writing(doc)
        inner = calls.insert_map(map_, transaction, "map")
        calls.insert(inner, transaction, "gone", 1)
        calls.remove(inner, transaction, "gone")
    with doc.transaction():
        transaction = calls.writing(doc)
        inner = calls.get(map_, calls.reading(doc), "map")
        calls.insert(inner, transaction, "text", "x")
        try:
            calls.get(inner, transaction, "none")
        except calls.no_key:
            found.append("no key")
        found += [
            type(inner) is calls.map_type,
            calls.get(inner, transaction, "text"),
            calls.has(inner, transaction, "none"),
            calls.size(inner, transaction),
            calls.keys(inner, transaction),
            calls.to_json(map_, transaction),
        ]
    root.unobserve(below)
    doc.unobserve(whole)
    short = calls.short(doc)
    if short is not None:
        calls.insert(calls.get(map_, short.open(), "map"), calls.reading(doc), "text", "y")
        found.append(short.open())  # there is one already
        short.close()
        found.append(root["map"]["text"])
        other: Doc[Any] = Doc(client_id=2)
        other.get("root", type=Map)["other"] = "z"
        short.apply_update(other.get_update())
        found.append(root["other"])
    expected = [None, "no key", True, "x", False, 1, ["text"], '{"map":{"text":"x"}}']
    if short is not None:
        expected += [None, "y", "z"]
    paths = [path for path, *_ in heard]
    if found != expected or paths != [[], ["map"]] or len(updates) != len(paths):
        raise NotImplementedError(f"pycrdt does otherwise: {found}, {heard}")
    if heard[1][1] != {"text": {"action": "add", "newValue": "x"}}:
        raise NotImplementedError(f"pycrdt's events are otherwise: {heard}")


# What events and maps give for a Y.Map, whichever way they were asked.
MAP_TYPES = (Map, chosen_calls().map_type)
