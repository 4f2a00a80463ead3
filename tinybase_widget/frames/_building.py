"""`to_frame`: a table becomes a data frame."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from tinybase_widget.frames._dtypes import check_schema, resolve
from tinybase_widget.frames._extra import first_backend, import_backend, narwhals
from tinybase_widget.frames._from_cells import NoFitError, read_cells
from tinybase_widget.frames._inferring import infer_dtype
from tinybase_widget.frames._remembered import Remembered, recall
from tinybase_widget.store import MISSING, Store
from tinybase_widget.store._cells import decode, encode, is_encoded
from tinybase_widget.store._encoded import EncodedReader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tinybase_widget.store import Value


class Values(NamedTuple):
    """A column of values, for one of the libraries to make a column of.

    Attributes:
        values: The values, as `_from_cells` gives them; None where one is missing.
        dtype: Their dtype, of narwhals.
        native: The library's own dtype, if it is remembered.
    """

    values: list[Any]
    dtype: Any
    native: Any


def to_frame(
    store: Store,
    table_id: str,
    backend: str | None = None,
    *,
    row_id: str | None = None,
    schema: Mapping[str, Any] | Value = None,
) -> Any:
    """Return a table as a data frame.

    A frame that `load_frame` made a table of comes back with its dtypes, whatever was edited, added
    and deleted since. In another kernel, `schema` says what they are; a column of which nothing is
    known is of the dtype that holds its cells, and text stays text.

    Args:
        store: The Store.
        table_id: The table.
        backend: "pandas", "polars" or "pyarrow". Without it, that of the frame that was loaded, and
            otherwise the first of these that is installed.
        row_id: The name of a column for the row ids. Without it, they are the index in pandas; in
            the others they are left out, unless they were the column `row_id` of `load_frame`, or
            an index that has a name.
        schema: Dtypes by column, as `load_frame` returned them, or narwhals' own; instead of those
            that are remembered. Columns come in this order, others after them.

    Returns:
        A frame of pandas, polars or pyarrow.

    Raises:
        TypeError: `store` is no Store, or `schema` gives no dtypes.
        ValueError: A cell is not of its column's dtype, `backend` is none of the three, or a column
            is called `row_id` already.
        ImportError: narwhals or the library is not installed.

    Example:
        >>> from tinybase_widget import Store, to_frame
        >>> store = Store().set_table("pets", {"fido": {"price": 5, "born": "2020-05-01"}})
        >>> to_frame(store, "pets", "polars", row_id="name", schema={"born": "Date"}).to_dicts()
        [{'name': 'fido', 'born': datetime.date(2020, 5, 1), 'price': 5}]
    """
    if not isinstance(store, Store):
        raise TypeError(f"to_frame reads a table of a Store; {store!r} is none")
    if not isinstance(table_id, str):
        raise TypeError(f'a table id is a string such as "pets", not {table_id!r}')
    narwhals()
    remembered = recall(store, table_id) if schema is None else None
    dtypes = check_schema(schema or {}) if remembered is None else dict(remembered.schema)
    if backend is None:
        backend = (remembered and remembered.backend) or first_backend()
    import_backend(backend)
    id_name = row_id
    if id_name is None and remembered is not None:
        id_name = remembered.row_id
        if backend == "pandas" and remembered.index is not None:
            if id_name is not None:
                del dtypes[id_name]
            id_name = None
    row_ids, cells = _cells(store, table_id, dtypes, id_name)
    is_same = remembered is not None and remembered.backend == backend
    native = remembered.native if remembered is not None and is_same else {}
    columns = {
        name: (
            _id_values(row_ids, dtypes.get(name), native.get(name))
            if name == id_name
            else _values(
                table_id, name, row_ids, column, dtypes.get(name), native.get(name), backend
            )
        )
        for name, column in cells.items()
    }
    make = import_module(f"tinybase_widget.frames._{backend}").make_frame
    if backend != "pandas":
        return make(columns)
    labels = remembered.labels if remembered is not None and is_same else {}
    index = None if id_name is not None else _index(row_ids, remembered, is_same=is_same)
    return make(columns, [labels.get(name, name) for name in columns], index, len(row_ids))


def _cells(
    store: Store, table_id: str, dtypes: Mapping[str, Any], id_name: str | None
) -> tuple[list[str], dict[str, list[Any]]]:
    """Return the row ids, and the columns of cells as they are kept, that of the ids among them."""
    with store.lock:
        rows = EncodedReader(store).read_table(table_id)
        found = store.get_table_cell_ids(table_id)
        if id_name in found:
            raise ValueError(
                f"table {table_id!r} has a column {id_name!r} of its own; "
                "give the row ids another name with row_id"
            )
        names = dict.fromkeys([*dtypes, *found])
        if id_name is not None and id_name not in names:
            names = {id_name: None, **names}
        cells = {
            name: [] if name == id_name else [row.get(name, MISSING) for row in rows.values()]
            for name in names
        }
        return list(rows), cells


def _values(
    table_id: str,
    name: str,
    row_ids: Sequence[str],
    cells: list[Any],
    dtype: Any,
    native: Any,
    backend: str,
) -> Values:
    if dtype is None or (resolve(dtype)[1] in {"Object", "Unknown"} and backend != "pandas"):
        dtype = infer_dtype(cells)
    if resolve(dtype)[1] == "Object" and backend != "pandas":
        dtype, cells = narwhals().String(), [_text(cell) for cell in cells]
    try:
        is_own = native is not None and backend != "polars"
        return Values(read_cells(cells, dtype, is_own=is_own), dtype, native)
    except NoFitError as error:
        raise ValueError(
            f"table {table_id!r}, column {name!r} is not all {dtype}: row "
            f"{row_ids[error.position]!r} has {error}. Change the cell, or give a schema with "
            f"another dtype, such as {{{name!r}: 'String'}}, or without the column"
        ) from None


def _text(cell: Any) -> Any:
    """Return a cell of a column of several kinds as text: JSON, but for text itself."""
    if cell is None or cell is MISSING or (isinstance(cell, str) and not is_encoded(cell)):
        return cell
    return str(encode([decode(cell)]))[2:-1]


def _id_values(row_ids: list[str], dtype: Any, native: Any) -> Values:
    """Return the row ids; as text where those that were added since are no values of the dtype."""
    string = narwhals().String()
    if dtype is None or resolve(dtype)[1] == "String":
        return Values(list(row_ids), string, native)
    try:
        return Values(read_cells(row_ids, dtype), dtype, native)
    except NoFitError:
        return Values(list(row_ids), string, None)


def _index(
    row_ids: list[str], remembered: Remembered | None, *, is_same: bool
) -> tuple[Values, Any]:
    """Return what the index of pandas holds, and its name."""
    dtype, native, name = (remembered and remembered.index) or (None, None, None)
    if dtype is None:
        dtype = narwhals().Int64()
    return _id_values(row_ids, dtype, native if is_same else None), name
