"""Custom persisters do the same here and in npm's TinyBase, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tinybase_widget import Persister, Status, Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.interop.persisters.conftest import TinyBase
    from tinybase_widget.persisters._persister import PersisterListener
    from tinybase_widget.store import Changes, Content

PETS = [{"pets": {"fido": {"age": 3}}}, {"open": True}]
OTHER = [{"pets": {"rex": {"age": 9}}}, {}]
CHANGES = [{"pets": {"rex": {"age": 1}}}, {"open": False}, 1]

PROGRAMS: dict[str, list[list[Any]]] = {
    "load nothing": [["load"]],
    "load initial content": [["load", PETS]],
    "load what is there": [["put", OTHER], ["load", PETS]],
    "load over what the store has": [["set", 1], ["put", OTHER], ["load"]],
    "load changes": [["set", 1], ["put", CHANGES], ["load"]],
    "load nonsense": [["put", {"a": 1}], ["load", PETS]],
    "load where it fails": [["fail", True], ["load", PETS], ["set", 1]],
    "save": [["set", 1], ["save"], ["set", 2]],
    "save where it fails": [["set", 1], ["fail", True], ["save"]],
    "auto-save": [["set", 1], ["start_auto_save"], ["set", 2], ["set", 2], ["set", 3]],
    "stop auto-save": [["start_auto_save"], ["set", 1], ["stop_auto_save"], ["set", 2]],
    "auto-save where it fails": [["start_auto_save"], ["fail", True], ["set", 1]],
    "auto-load": [["put", PETS], ["start_auto_load"], ["put", OTHER], ["tell", None, None]],
    "auto-load content": [["start_auto_load", PETS], ["tell", OTHER, None]],
    "auto-load changes": [["start_auto_load", PETS], ["tell", None, CHANGES]],
    "stop auto-load": [["start_auto_load"], ["stop_auto_load"], ["tell", OTHER, None]],
    "auto-load where it fails": [["start_auto_load"], ["fail", True], ["tell", None, None]],
    "both": [["set", 1], ["start_auto_persisting", PETS], ["set", 2], ["tell", None, CHANGES]],
    "both, with what is there": [["put", OTHER], ["start_auto_persisting", PETS], ["set", 4]],
    "both, save first": [["set", 1], ["put", OTHER], ["start_auto_persisting", PETS, True]],
    "stop both": [["start_auto_persisting"], ["stop_auto_persisting"], ["set", 1]],
    "destroy": [["start_auto_persisting"], ["destroy"], ["set", 1], ["tell", OTHER, None]],
    "start again": [["start_auto_persisting"], ["start_auto_persisting", PETS], ["set", 1]],
}


class Mirror(Persister):
    """What `tinybase_places.mjs` has for a custom persister."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, lambda error: self.log.append(str(error)))
        self.log: list[Any] = []
        self.place: Any = None
        self.listener: PersisterListener | None = None
        self.fails = False
        self.add_status_listener(lambda _, status: self.log.append(int(status)))

    def _may_fail(self) -> None:
        if self.fails:
            raise OSError("no such place")

    def get_persisted(self) -> Content | None:
        self._may_fail()
        return self.place  # type: ignore[no-any-return]

    def set_persisted(
        self,
        get_content: Callable[[], Content],
        changes: Changes | None = None,  # noqa: ARG002 - as over there
    ) -> None:
        self._may_fail()
        self.place = list(get_content())

    def add_persister_listener(self, listener: PersisterListener) -> object:
        self.listener = listener
        return 1

    def del_persister_listener(self, handle: Any) -> None:
        assert handle == 1
        self.listener = None


def run_here(program: list[list[Any]]) -> list[Any]:
    """Run a program on this package; return all that can be seen after each step."""
    store = Store()
    persister = Mirror(store)
    seen: list[Any] = []
    for name, *args in program:
        persister.log.clear()
        if name == "set":
            store.set_value("at", args[0])
        elif name == "put":
            persister.place = args[0]
        elif name == "fail":
            persister.fails = args[0]
        elif name == "tell":
            if persister.listener is not None:
                persister.listener(*args)
        else:
            getattr(persister, name)(*args)
        assert persister.get_status() is Status.IDLE
        seen.append(
            [
                list(persister.log),
                list(store.get_content()),
                persister.place,
                persister.get_stats(),
                persister.is_auto_loading(),
                persister.is_auto_saving(),
            ]
        )
    persister.destroy()
    return seen


def run_there(tinybase: TinyBase, program: list[list[Any]]) -> list[Any]:
    """Run a program on npm's TinyBase; return the same."""
    tinybase.start("custom")
    tinybase.call("watchStatus")
    seen: list[Any] = []
    for name, *args in program:
        tinybase.errors()
        if name == "set":
            tinybase.store("setValue", "at", args[0])
        elif name == "put":
            tinybase.call("putContent", args[0])
        elif name in ("fail", "tell"):
            tinybase.call(name, *args)
        else:
            head, *rest = name.split("_")
            tinybase.persister(head + "".join(map(str.capitalize, rest)), *args)
        tinybase.call("settle")
        seen.append(
            [
                [_code(entry) for entry in tinybase.errors()],
                list(tinybase.content()),
                tinybase.call("placeContent"),
                tinybase.persister("getStats"),
                tinybase.persister("isAutoLoading"),
                tinybase.persister("isAutoSaving"),
            ]
        )
    return seen


def _code(entry: Any) -> Any:
    """Return an error without the details that follow TinyBase's code."""
    is_code = isinstance(entry, str) and entry.startswith("tinybase:1")
    return "tinybase:1" if is_code else entry


@pytest.mark.parametrize("program", list(PROGRAMS.values()), ids=list(PROGRAMS))
def test_a_custom_persister_does_what_tinybases_does(
    tinybase: TinyBase, program: list[list[Any]]
) -> None:
    there = run_there(tinybase, program)
    for step, here, expected in zip(program, run_here(program), there, strict=True):
        assert (step, here) == (step, expected)
