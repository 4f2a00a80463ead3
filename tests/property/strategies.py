"""Hypothesis strategies for cells, tables and programs of Store operations.

A program is a list of operations that JSON can tell, for the twin runners in tests/interop/store.
JavaScript's objects put keys that look like integers first, in ascending order; a Python dictionary
keeps its own order. So objects are generated in the order that both agree on.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from hypothesis import strategies as st

if TYPE_CHECKING:
    from typing import TypeAlias

# What a program may have. TinyBase throws where what should be a row is none and a schema has a
# default for it; and it sets its tables anew under a schema, in the order of an object's keys.
#   "foolish": rows and tables that are none, and row ids that are integers
#   "schemas_first": schemas before there is content, and row ids that are integers
#   "schemas": schemas at any time
Mode: TypeAlias = Literal["foolish", "schemas_first", "schemas"]
modes: st.SearchStrategy[Mode] = st.sampled_from(["foolish", "schemas_first", "schemas"])
sane_modes = modes.filter(lambda mode: mode != "foolish")

UNDEFINED = {"$": "undefined"}
INTEGER_IDS = ("0", "1", "2")

table_ids = st.sampled_from(["t1", "t2", "t3"])
row_ids = st.sampled_from(["r1", "r2", "r3"])
cell_ids = st.sampled_from(["c1", "c2", "c3"])
value_ids = st.sampled_from(["v1", "v2", "v3"])

scalars = st.one_of(
    st.sampled_from(["", "a", "b", "1"]),
    st.integers(-2, 3),
    st.sampled_from([0.5, -1.5, 1e21, 1.5e-7, 123456789012345680000.0]),
    st.booleans(),
    st.none(),
)
json_things = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["x", "y", "é"]), inner, max_size=3),
    ),
    max_leaves=4,
)
objects_and_arrays = json_things.filter(lambda thing: isinstance(thing, (dict, list)))
not_cells = st.sampled_from(
    [
        UNDEFINED,
        {"$": "number", "number": "NaN"},
        {"$": "number", "number": "-Infinity"},
        "\ufffc",
        "\ufffd",
        "\ufffd{}",
        '\ufffd{"x":1}',
        "\ufffd[1]",
        "\ufffdnonsense",
    ]
)
almost_reserved = st.sampled_from(["\ufffc!", "\U0001f600", "\ufffe"])
good_cells = st.one_of(scalars, scalars, objects_and_arrays, almost_reserved)
cells = st.one_of(good_cells, good_cells, good_cells, not_cells)
maps = st.sampled_from(["increment", "keep", "forget"]).map(lambda name: {"$": "map", "map": name})


def dictionaries(
    keys: st.SearchStrategy[str], values: Any, *, min_size: int = 0, max_size: int | None = None
) -> Any:
    """Dictionaries whose keys are in the order in which JavaScript has them."""
    return st.dictionaries(keys, values, min_size=min_size, max_size=max_size).map(
        lambda each: {key: each[key] for key in sorted(each, key=js_order)}
    )


def js_order(key: str) -> tuple[bool, int]:
    """Sort keys that look like integers first; `sorted` keeps all others where they are."""
    return (not key.isdigit(), int(key) if key.isdigit() else 0)


def not_objects(things: Any, mode: Mode = "foolish") -> Any:
    """Things, and now and then what is none of them."""
    others = [{}, 5, "text", None, []] if mode == "foolish" else [{}]
    return st.one_of(things, things, things, things, st.sampled_from(others))


def has_integers(mode: Mode) -> bool:
    """Tell whether row ids may be integers."""
    return mode != "schemas"


@cache
def all_row_ids(mode: Mode) -> Any:
    """Row ids, with those that add_row gives if asked for."""
    return st.one_of(row_ids, st.sampled_from(INTEGER_IDS)) if has_integers(mode) else row_ids


@cache
def rows(mode: Mode) -> Any:
    """Rows of cells."""
    return not_objects(dictionaries(cell_ids, cells, max_size=3), mode)


@cache
def values(mode: Mode) -> Any:
    """All values of a Store."""
    return not_objects(dictionaries(value_ids, cells, max_size=3), mode)


@cache
def tables(mode: Mode) -> Any:
    """Whole tables."""
    return not_objects(dictionaries(all_row_ids(mode), rows(mode), max_size=3), mode)


@cache
def all_tables(mode: Mode) -> Any:
    """All tables of a Store."""
    return not_objects(dictionaries(table_ids, tables(mode), max_size=2), mode)


types = st.sampled_from(["string", "number", "boolean", "object", "array", "nonsense"])
cell_schemas = st.one_of(
    st.fixed_dictionaries(
        {"type": st.one_of(types, types, types, st.lists(types, max_size=3))},
        optional={
            "default": cells,
            "allowNull": st.booleans(),
            "required": st.booleans(),
            "nonsense": st.just(1),
        },
    ),
    st.fixed_dictionaries(
        {"enum": st.lists(cells, max_size=4)},
        optional={"default": cells, "allowNull": st.booleans(), "required": st.booleans()},
    ),
    st.sampled_from([{}, 5, None]),
)
values_schemas = not_objects(st.dictionaries(value_ids, cell_schemas, max_size=3))
tables_schemas = not_objects(
    st.dictionaries(
        table_ids, not_objects(st.dictionaries(cell_ids, cell_schemas, max_size=3)), max_size=2
    )
)


@cache
def changes(mode: Mode) -> Any:
    """Changes as Stores exchange them."""
    row = st.one_of(dictionaries(cell_ids, cells, max_size=3), st.just(UNDEFINED))
    table = st.one_of(dictionaries(all_row_ids(mode), row, max_size=2), st.just(UNDEFINED))
    return st.tuples(
        dictionaries(table_ids, table, max_size=2), dictionaries(value_ids, cells, max_size=2)
    ).map(lambda pair: [*pair, 1])


@cache
def writes(mode: Mode) -> Any:
    """Operations that write."""
    ids = all_row_ids(mode)
    operations = [
        op("set_cell", table_ids, ids, cell_ids, st.one_of(cells, cells, maps)),
        op("set_cell", table_ids, ids, cell_ids, st.one_of(cells, cells, maps)),
        op("set_cell", table_ids, ids, cell_ids, good_cells),
        op("set_row", table_ids, ids, rows(mode)),
        op("set_partial_row", table_ids, ids, rows(mode)),
        op("set_table", table_ids, tables(mode)),
        op("set_tables", all_tables(mode)),
        op("set_content", st.tuples(all_tables(mode), values(mode)).map(list)),
        op("set_value", value_ids, st.one_of(cells, cells, maps)),
        op("set_values", values(mode)),
        op("set_partial_values", values(mode)),
        op("del_cell", table_ids, ids, cell_ids, st.booleans()),
        op("del_cell", table_ids, ids, cell_ids, st.booleans()),
        op("del_row", table_ids, ids),
        op("del_row", table_ids, ids),
        op("del_table", table_ids),
        op("del_tables"),
        op("del_value", value_ids),
        op("del_values"),
        op("apply_changes", changes(mode)),
        op("set_tables_json", json_texts(all_tables(mode))),
        op("set_values_json", json_texts(values(mode))),
        op("set_json", json_texts(st.tuples(all_tables(mode), values(mode)).map(list))),
    ]
    if has_integers(mode):
        operations += [op("add_row", table_ids, rows(mode), st.booleans())] * 3
    return st.one_of(operations)


def json_texts(things: Any) -> Any:
    """JSON, good and bad."""
    good = things.map(lambda thing: json.dumps(_without_tags(thing), ensure_ascii=False))
    return st.one_of(good, good, good, st.sampled_from(["", "{", "NaN", "{}"]))


def _without_tags(thing: Any) -> Any:
    if isinstance(thing, dict):
        return None if "$" in thing else {key: _without_tags(each) for key, each in thing.items()}
    if isinstance(thing, list):
        return [_without_tags(each) for each in thing]
    return thing


schema_writes = st.one_of(
    st.tuples(st.just("set_tables_schema"), tables_schemas).map(list),
    st.tuples(st.just("set_tables_schema"), tables_schemas).map(list),
    st.tuples(st.just("set_values_schema"), values_schemas).map(list),
    st.tuples(st.just("set_schema"), tables_schemas, values_schemas).map(list),
    st.sampled_from([["del_tables_schema"], ["del_values_schema"], ["del_schema"]]),
)
reads = st.one_of(
    st.tuples(
        st.just("get_sorted_row_ids"),
        table_ids,
        st.one_of(cell_ids, st.just(UNDEFINED)),
        st.booleans(),
        st.integers(-1, 2),
        st.one_of(st.integers(0, 3), st.just(UNDEFINED)),
    ).map(list),
    st.tuples(st.just("get_table"), table_ids).map(list),
    st.tuples(st.just("get_row"), table_ids, row_ids).map(list),
    st.tuples(st.just("get_cell"), table_ids, row_ids, cell_ids).map(list),
    st.tuples(st.just("has_cell"), table_ids, row_ids, cell_ids).map(list),
    st.tuples(st.just("has_row"), table_ids, row_ids).map(list),
    st.tuples(st.just("has_table"), table_ids).map(list),
    st.tuples(st.just("has_table_cell"), table_ids, cell_ids).map(list),
    st.tuples(st.just("get_value"), value_ids).map(list),
    st.tuples(st.just("has_value"), value_ids).map(list),
)


def op(name: str, *args: Any) -> Any:
    """Make operations of a name and strategies for its arguments."""
    return st.tuples(st.just(name), *args).map(list)


@cache
def behaviours(mode: Mode) -> Any:
    """What a listener does: mostly nothing but listening."""
    quiet = st.just({"ops": [], "raises": False})
    busy = st.fixed_dictionaries(
        {
            "ops": st.lists(
                st.one_of(writes(mode), op("del_listener", st.integers(0, 5))), max_size=2
            ),
            "raises": st.sampled_from([False, False, True]),
        }
    )
    return st.one_of(quiet, quiet, busy)


_PATHS: dict[str, list[Any]] = {
    "has_tables": [],
    "tables": [],
    "table_ids": [],
    "has_table": [table_ids],
    "table": [table_ids],
    "table_cell_ids": [table_ids],
    "has_table_cell": [table_ids, cell_ids],
    "row_count": [table_ids],
    "row_ids": [table_ids],
    "has_row": [table_ids, row_ids],
    "row": [table_ids, row_ids],
    "cell_ids": [table_ids, row_ids],
    "has_cell": [table_ids, row_ids, cell_ids],
    "cell": [table_ids, row_ids, cell_ids],
    "invalid_cell": [table_ids, row_ids, cell_ids],
    "has_values": [],
    "values": [],
    "value_ids": [],
    "has_value": [value_ids],
    "value": [value_ids],
    "invalid_value": [value_ids],
    "start_transaction": [],
    "will_finish_transaction": [],
    "did_finish_transaction": [],
}


@cache
def listens(mode: Mode) -> Any:
    """Operations that add a listener, of every kind, with wildcards, some of them mutators."""
    mutator = st.sampled_from([False, False, True])
    kinds = [
        st.tuples(
            st.just("listen"),
            st.just(kind),
            st.tuples(*(st.one_of(ids, st.none(), st.none()) for ids in path)).map(list),
            mutator,
            behaviours(mode),
        ).map(list)
        for kind, path in _PATHS.items()
    ]
    kinds.append(
        st.tuples(
            st.just("listen_sorted"),
            st.tuples(
                table_ids,
                st.one_of(cell_ids, st.just(UNDEFINED)),
                st.booleans(),
                st.integers(0, 1),
                st.one_of(st.integers(0, 3), st.just(UNDEFINED)),
            ).map(list),
            mutator,
            behaviours(mode),
        ).map(list)
    )
    return st.one_of(kinds)


@cache
def transactions(mode: Mode) -> Any:
    """Operations in one transaction, some of them nested, rolled back or raising."""
    rollback = st.sampled_from([None, None, False, True, "raise"])
    raises = st.sampled_from([False, False, False, True])
    inner = st.lists(st.one_of(writes(mode), reads), max_size=4)
    nested = op("transaction", inner, st.none(), st.just(False))
    outer = st.lists(st.one_of(writes(mode), writes(mode), nested), max_size=4)
    return op("transaction", outer, rollback, raises)


@cache
def middleware(mode: Mode) -> Any:
    """Middleware that passes, changes or prevents what is written."""

    def setting(things: Any) -> Any:
        return st.fixed_dictionaries(
            {"answer": st.one_of(st.just("pass"), things, st.just(UNDEFINED))}
        )

    deleting = st.fixed_dictionaries({"answer": st.sampled_from([True, False, UNDEFINED])})
    good_rows = dictionaries(cell_ids, good_cells, min_size=1, max_size=2)
    good_tables = dictionaries(all_row_ids(mode), good_rows, min_size=1, max_size=2)
    good_values = dictionaries(value_ids, good_cells, min_size=1, max_size=2)
    hooks = st.fixed_dictionaries(
        {},
        optional={
            "will_set_tables": setting(dictionaries(table_ids, good_tables, min_size=1)),
            "will_set_table": setting(good_tables),
            "will_set_row": setting(good_rows),
            "will_set_cell": setting(cells),
            "will_set_values": setting(good_values),
            "will_set_value": setting(cells),
            "will_set_content": setting(st.just([{}, {}])),
            "will_apply_changes": setting(changes(mode)),
            "will_del_tables": deleting,
            "will_del_table": deleting,
            "will_del_row": deleting,
            "will_del_cell": deleting,
            "will_del_values": deleting,
            "will_del_value": deleting,
        },
    )
    return op("middleware", hooks, st.booleans())


@cache
def steps(mode: Mode) -> Any:
    """Operations of every kind."""
    kinds = [
        writes(mode),
        writes(mode),
        listens(mode),
        transactions(mode),
        reads,
        op("call_listener", st.integers(0, 5)),
        op("del_listener", st.integers(0, 5)),
        st.sampled_from([["start_transaction"], ["finish_transaction"]]),
    ]
    if mode == "schemas":
        kinds.append(schema_writes)
    return st.one_of(kinds)


@cache
def first_steps(mode: Mode) -> Any:
    """Operations to begin with: schemas and listeners."""
    return st.lists(
        listens(mode) if mode == "foolish" else st.one_of(schema_writes, listens(mode)), max_size=3
    )


@cache
def _program_bodies(mode: Mode) -> Any:
    return st.lists(steps(mode), min_size=1, max_size=8)


@st.composite
def programs(draw: st.DrawFn, *, with_middleware: bool = False) -> list[Any]:
    """Programs of every kind of operation."""
    # Where middleware is asked, TinyBase also throws at what is no object.
    mode = draw(sane_modes if with_middleware else modes)
    first: list[Any] = draw(first_steps(mode))
    if with_middleware:
        first.append(draw(middleware(mode)))
    body: list[Any] = draw(_program_bodies(mode))
    return first + body
