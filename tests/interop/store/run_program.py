"""Run programs for the differential test on this package's Store: the twin of tinybase_runner.mjs.

A program is a list of operations that JSON can tell. What it answers is a log of everything that
could be observed, in which JavaScript's `undefined` is `{"$": "undefined"}`.
"""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

from tinybase_widget.store import MISSING, Hooks, IgnoredWarning, Store
from tinybase_widget.store._cells import to_number

if TYPE_CHECKING:
    from collections.abc import Callable

UNDEFINED = {"$": "undefined"}
MAPS: dict[str, Callable[[Any], Any]] = {
    "increment": lambda old: old + 1 if type(old) in {int, float} else 1,
    "keep": lambda old: old,
    "forget": lambda _: MISSING,
}
MOST_STEPS = 60


class RaisedError(Exception):
    """What a program's listener or transaction raises."""


def decode(thing: Any) -> Any:
    """Make Python's things of a program's arguments."""
    if isinstance(thing, list):
        return [decode(each) for each in thing]
    if isinstance(thing, dict):
        tag = thing.get("$")
        if tag == "undefined":
            return MISSING
        if tag == "number":
            return float(thing["number"].replace("Infinity", "inf"))
        if tag == "map":
            return MAPS[thing["map"]]
        return {key: decode(value) for key, value in thing.items()}
    return thing


def encode(thing: Any) -> Any:
    """Make JSON of what was observed."""
    if thing is MISSING:
        return UNDEFINED
    if isinstance(thing, float) and thing - thing != 0:
        text = repr(thing).replace("nan", "NaN").replace("inf", "Infinity")
        return {"$": "number", "number": text}
    if isinstance(thing, (list, tuple)):
        return [encode(each) for each in thing]
    if isinstance(thing, dict):
        return {"undefined" if key is None else key: encode(each) for key, each in thing.items()}
    return thing


def snapshot(store: Store) -> list[Any]:
    """Everything that getters tell."""

    def counts(table_id: str) -> list[int]:
        found: dict[str, int] = {}
        store.for_each_table_cell(table_id, found.__setitem__)
        return [found[cell_id] for cell_id in store.get_table_cell_ids(table_id)]

    return [
        store.get_content(),
        store.get_table_ids(),
        [
            [
                store.get_row_count(table_id),
                store.get_row_ids(table_id),
                store.get_table_cell_ids(table_id),
                counts(table_id),
                [store.get_cell_ids(table_id, row_id) for row_id in store.get_row_ids(table_id)],
            ]
            for table_id in store.get_table_ids()
        ],
        store.get_value_ids(),
        [
            store.has_tables(),
            store.has_values(),
            store.has_tables_schema(),
            store.has_values_schema(),
        ],
    ]


class Run:
    """One run of a program."""

    def __init__(self) -> None:
        self.store = Store()
        self.log: list[Any] = []
        self.listener_ids: list[str] = []
        self.steps = 0

    def run(self, program: list[Any]) -> list[Any]:
        """Run a program and give its log."""
        for operation in program:
            self.steps = 0
            try:
                self.execute(operation)
                self.note("done", snapshot(self.store))
            except (RaisedError, ValueError):
                self.note("threw", snapshot(self.store))
        store = self.store
        self.note(
            "end",
            {_camel(kind): count for kind, count in store.get_listener_stats().items()},
            store.get_json(),
            store.get_tables_json(),
            store.get_values_json(),
            store.get_schema_json(),
        )
        return self.log

    def note(self, *entry: Any) -> None:
        """Write something down."""
        self.log.append(encode(entry))

    def listener(self, label: int, kind: str, behaviour: dict[str, Any]) -> Callable[..., None]:
        """Make a listener that writes down what it hears, and then does something."""

        def told(thing: Any) -> Any:
            name = getattr(thing, "__name__", "")
            if name == "_get_cell_change":
                return [thing("t1", "r1", "c1"), thing("t2", "r2", "c2")]
            if name == "_get_value_change":
                return [thing("v1"), thing("v2")]
            return thing() if callable(thing) else thing

        def listen(_store: Store, *args: Any) -> None:
            heard = [told(thing) for thing in args]
            if args and args[-1] is None:
                # By call_listener: there are no changes to ask for, and JavaScript leaves it out.
                heard.pop()
            if kind.startswith("invalid_") or kind == "sorted_row_ids":
                heard = [MISSING if thing is None else thing for thing in heard]
            self.note("heard", label, kind, heard)
            if kind.endswith("_transaction"):
                store = self.store
                changes = store.get_transaction_changes(encoded=False)
                self.note("log", self.transaction_log(), store.get_transaction_changes(), changes)
            self.behave(behaviour)

        return listen

    def transaction_log(self) -> list[Any]:
        """Give the log of the transaction as TinyBase has it."""
        return list(self.store.get_transaction_log())

    def behave(self, behaviour: dict[str, Any]) -> None:
        """Do what a listener is to do."""
        self.steps += 1
        if self.steps <= MOST_STEPS:
            for operation in behaviour["ops"]:
                self.execute(operation)
        if behaviour["raises"]:
            raise RaisedError

    def hook(self, name: str, behaviour: dict[str, Any]) -> Callable[..., Any]:
        """Make a middleware hook."""

        def hook(*args: Any) -> Any:
            whole = name in {"will_set_content", "will_apply_changes"}
            self.note("hook", name, (args[0], int(args[1])) if whole else args)
            if name.startswith("will_del"):
                return decode(behaviour["answer"])
            last = 0 if whole else -1
            return args[last] if behaviour["answer"] == "pass" else decode(behaviour["answer"])

        return hook

    def execute(self, operation: list[Any]) -> None:
        """Do one operation."""
        name, *args = operation
        store = self.store
        if name == "listen":
            kind, path, mutator, behaviour = args
            listener = self.listener(len(self.listener_ids), kind, behaviour)
            add = getattr(store, f"add_{kind}_listener")
            if kind.endswith("_transaction"):
                listener_id = add(listener)
            else:
                listener_id = add(*path, listener, mutator)
            self.listener_ids.append(listener_id)
            self.note("listens", listener_id)
        elif name == "listen_sorted":
            (table_id, cell_id, descending, offset, limit), mutator, behaviour = decode(args)
            listener = self.listener(len(self.listener_ids), "sorted_row_ids", behaviour)
            listener_id = store.add_sorted_row_ids_listener(
                table_id,
                cell_id or None,
                descending,
                offset,
                None if limit is MISSING else limit,
                listener,
                mutator,
            )
            self.listener_ids.append(listener_id)
        elif name in {"del_listener", "call_listener"}:
            if self.listener_ids:
                getattr(store, name)(self.listener_ids[args[0] % len(self.listener_ids)])
        elif name == "transaction":
            self.transaction(*args)
        elif name == "middleware":
            behaviours, row_callbacks = args
            hooks = {each: self.hook(each, behaviours[each]) for each in behaviours}
            store._set_middleware(Hooks(**hooks, has_will_set_row_callbacks=lambda: row_callbacks))
        elif name == "apply_changes":
            store.apply_changes(decode(args[0]))
        else:
            result = getattr(store, name)(*self.arguments(name, args))
            if name == "add_row" and result is None:
                result = MISSING
            self.note(name, "store" if result is store else result)

    def arguments(self, name: str, args: list[Any]) -> list[Any]:
        """Decode arguments; where `undefined` was left out in JavaScript, None is in Python."""
        args = decode(args)
        if name.startswith("get_"):
            args = [None if arg is MISSING else arg for arg in args]
            if name in {"get_cell", "get_value"}:
                args.append(MISSING)
        return args

    def transaction(self, ops: list[Any], rollback: Any, raises: bool) -> None:
        """Do some operations in one transaction."""

        def actions() -> None:
            for operation in ops:
                self.execute(operation)
            if raises:
                raise RaisedError

        def do_rollback(store: Store) -> Any:
            self.note("do_rollback", self.transaction_log(), store.get_transaction_changes())
            if rollback == "raise":
                raise RaisedError
            return rollback

        self.store.transaction(actions, None if rollback is None else do_rollback)


def run_program(program: list[Any]) -> list[Any]:
    """Run a program and give its log."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IgnoredWarning)
        # By way of JSON, so that it is compared as what Node's answer is.
        text = json.dumps(Run().run(program))
    return json.loads(text, parse_int=to_number)  # type: ignore[no-any-return]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
