"""`load_frame`: a data frame becomes a table."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING, Any

from tinybase_widget.frames._dtypes import resolve, to_json
from tinybase_widget.frames._extra import BACKENDS, is_frame, narwhals
from tinybase_widget.frames._objects import NotACellError
from tinybase_widget.frames._remembered import Remembered, recall, remember
from tinybase_widget.frames._rows import make_rows
from tinybase_widget.frames._to_cells import Column, read_column, read_values
from tinybase_widget.store import Store
from tinybase_widget.store._encoded import set_kept_table
from tinybase_widget.store._warning import warn

if TYPE_CHECKING:
    from collections.abc import Sequence

_NO_IDS = frozenset(
    {"Boolean", "Float16", "Float32", "Float64", "Binary", "List", "Array", "Struct", "Map"}
)
_SHOWN_ROWS = 5
_TABLE_ID = "table"


def load_frame(
    store: Store, table_id: str, df: Any, *, row_id: str | None = None
) -> dict[str, Any]:
    """Set a table to what a data frame has, instead of what is there.

    Numbers, booleans and text become cells as they are, nested values arrays and objects. What is
    missing becomes no cell. Everything else becomes text that `to_frame` reads again: dates
    `2026-11-23`, datetimes `2026-11-23T07:46:52` (with a zone: in UTC, with a `Z`), durations
    `P1DT2H`, decimals `12.50`, bytes base64, ints beyond 2^53 their digits, and the floats that
    JSON does not know `NaN`, `Infinity` and `-Infinity`.

    Args:
        store: The Store.
        table_id: The table.
        df: A frame of pandas, polars, pyarrow or any other library that narwhals reads.
        row_id: The column whose values are the row ids, and no cells. Without it, they are the
            labels of pandas' index, and otherwise the rows are counted: "0", "1" and so on.

    Returns:
        The dtypes by column, as JSON. `to_frame` remembers them; another kernel, that has the Store
        only, may be given them as `schema`. A `Store`'s value can hold them.

    Raises:
        TypeError: `df` is no frame, a column's name is no string or int, or values have no form as
            a cell or as a row id.
        ValueError: Two columns have one name, two rows one id, a row has none, or there is no
            column `row_id`.
        ImportError: narwhals is not installed.

    Example:
        >>> from datetime import date
        >>> import pandas as pd
        >>> from tinybase_widget import Store, load_frame
        >>> store = Store()
        >>> df = pd.DataFrame({"name": ["fido", "rex"], "born": [date(2020, 5, 1), None]})
        >>> load_frame(store, "pets", df)
        {'name': 'String', 'born': 'Date'}
        >>> store.get_table("pets")
        {'0': {'name': 'fido', 'born': '2020-05-01'}, '1': {'name': 'rex'}}
    """
    if not isinstance(store, Store):
        raise TypeError(f"load_frame fills a table of a Store; {store!r} is none")
    if not isinstance(table_id, str):
        raise TypeError(f'a table id is a string such as "pets", not {table_id!r}')
    frame, labels = read_frame(df)
    if row_id is not None and row_id not in frame.columns:
        raise ValueError(f"there is no column {row_id!r} for the row ids; {_list(frame.columns)}")
    index = None if row_id is not None else _index(frame)
    row_ids, id_dtype = _row_ids(frame, row_id, index)
    columns = {name: _read_column(frame, name, row_ids) for name in frame.columns if name != row_id}
    schema = {name: column.dtype for name, column in columns.items()}
    id_name = row_id
    if index is not None and isinstance(index.name, str) and index.name not in columns:
        id_name = index.name
        schema = {id_name: id_dtype, **schema}
    elif row_id is not None:
        schema = {name: id_dtype if name == row_id else schema[name] for name in frame.columns}
    table, with_json = _table(table_id, row_ids, columns)
    counts = _counts(columns, len(row_ids))
    remembered = Remembered(
        _backend(frame),
        schema,
        id_name,
        {name: label for name, label in zip(frame.columns, labels, strict=True) if name != label},
        _native_dtypes(frame),
        None if index is None else (id_dtype, index.dtype, index.name),
    )
    with store.lock:
        if table:
            set_kept_table(store, table_id, table, counts, with_json=with_json)
        else:
            store.del_table(table_id)
        remember(store, table_id, remembered)
    return {name: to_json(dtype) for name, dtype in schema.items()}


def table_of_frame(
    df: Any, table_id: str | None, columns: Sequence[str] | None
) -> tuple[Store, str, Sequence[str] | None]:
    """Load a frame into a new Store.

    Args:
        df: The frame.
        table_id: The table; None: "table".
        columns: Those to show; None: all.

    Returns:
        The Store, the table's id and the columns to show: all of the frame, where the table has
        them in another order, since its first rows miss some.

    Raises:
        TypeError: It is no frame.
    """
    if not is_frame(df):
        raise TypeError(f"a TableView shows a table of a Store, or a data frame; {df!r} is neither")
    store, table_id = Store(), _TABLE_ID if table_id is None else table_id
    names = list(load_frame(store, table_id, df))
    id_name = None if (frame := recall(store, table_id)) is None else frame.row_id
    names = [name for name in names if name != id_name]
    if columns is None and names != store.get_table_cell_ids(table_id):
        columns = names
    return store, table_id, columns


def read_frame(df: Any) -> tuple[Any, list[Any]]:
    """Return a frame as narwhals', with strings as names, and the names that it had.

    Raises:
        TypeError: It is no frame, or one of the names is neither a string nor an int.
        ValueError: Two columns have one name, or names have several levels.
        ImportError: narwhals is not installed.
    """
    nw = narwhals()
    native = nw.to_native(df, pass_through=True)
    labels = None
    if nw.dependencies.is_pandas_like_dataframe(native):
        if native.columns.nlevels > 1:
            raise ValueError(
                "columns of a table have one name each, and this frame's have "
                f"{native.columns.nlevels}, such as {native.columns[0]!r}; join them first: "
                'df.columns = ["_".join(map(str, names)) for names in df.columns]'
            )
        labels = list(native.columns)
        native = native.set_axis(_names(labels), axis=1)
    elif nw.dependencies.is_pyarrow_table(native):
        labels = _names(native.column_names)
    try:
        frame = nw.from_native(native)
    except TypeError:
        raise TypeError(
            "a frame is one of pandas, polars, pyarrow or another library that narwhals reads; "
            f"{type(df).__module__}.{type(df).__qualname__} is none"
        ) from None
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    return frame, frame.columns if labels is None else labels


def _names(labels: Sequence[Any]) -> list[str]:
    """Return the columns' names as cell ids."""
    names = []
    seen: dict[str, Any] = {}
    for label in labels:
        if not isinstance(label, str) and (
            isinstance(label, bool) or not hasattr(type(label), "__index__")
        ):
            raise TypeError(
                f"a column's name is a string or an int, not {label!r}; "
                "df.columns = df.columns.astype(str) makes all of them strings"
            )
        name = str(label)
        if name in seen:
            twice = repr(label) if seen[name] == label else f"{seen[name]!r} and {label!r}"
            raise ValueError(f"two columns have the name {twice}; give each its own")
        seen[name] = label
        names.append(name)
    return names


def _index(frame: Any) -> Any:
    """Return pandas' index, or None: that of other libraries' frames."""
    if not frame.implementation.is_pandas_like():
        return None
    index = frame.to_native().index
    if index.nlevels > 1:
        raise ValueError(
            f"rows have one id each, and this frame's index has {index.nlevels} levels; "
            "make columns of them first: df.reset_index()"
        )
    return index


def _row_ids(frame: Any, row_id: str | None, index: Any) -> tuple[list[str], Any]:
    nw = narwhals()
    if row_id is not None:
        series, what = frame[row_id], f"the column {row_id!r}"
        way_out = "choose another one, or give no row_id"
    elif index is None or type(index).__name__ == "RangeIndex":
        labels = range(len(frame)) if index is None else range(index.start, index.stop, index.step)
        return list(map(str, labels)), nw.Int64()
    else:
        series = nw.from_native(index.to_series().reset_index(drop=True), series_only=True)
        what = "the index"
        way_out = "number the rows with df.reset_index(drop=True), or give a column as row_id"
    values, absent, dtype = _id_values(series, what, way_out)
    if absent is not None:
        raise ValueError(f"row {absent.index(True)} has no id in {what}; {way_out}")
    ids = values if resolve(dtype)[1] == "String" else [str(each) for each in values]
    if len(set(ids)) < len(ids):
        first: dict[str, int] = {}
        row, earlier = next(
            (row, first[each]) for row, each in enumerate(ids) if first.setdefault(each, row) < row
        )
        raise ValueError(f"rows {earlier} and {row} have the id {ids[row]!r} in {what}; {way_out}")
    return ids, dtype


def _id_values(series: Any, what: str, way_out: str) -> tuple[list[Any], list[bool] | None, Any]:
    try:
        values, absent, dtype = read_values(series)
        name = resolve(dtype)[1]
        if name not in {"String", "Categorical", "Enum"}:
            column = read_column(series)
            values, dtype = column.cells, column.dtype
    except NotACellError as error:
        raise TypeError(f"row {error.position} of {what} is {error}; {way_out}") from None
    if name in _NO_IDS or (name in {"Object", "Unknown"} and values):
        kinds = "text, whole numbers, dates or decimals"
        raise TypeError(f"row ids are {kinds}, and {what} has {dtype}; {way_out}")
    return values, absent, dtype


def _read_column(frame: Any, name: str, row_ids: list[str]) -> Column:
    try:
        return read_column(frame[name])
    except NotACellError as error:
        place = f"column {name!r}, row {row_ids[error.position]!r}"
        raise TypeError(f"the frame can't become a table: {place}: {error}") from None


def _table(
    table_id: str, row_ids: list[str], columns: dict[str, Column]
) -> tuple[dict[str, dict[str, Any]], bool]:
    """Return the table of some columns, and whether it has objects or arrays."""
    rows = make_rows(list(columns), [column.cells for column in columns.values()])
    rows = rows or [{} for _ in row_ids]
    for name, column in columns.items():
        if column.absent is not None:
            for row in compress(rows, column.absent):
                del row[name]
    table = dict(zip(row_ids, rows, strict=True))
    if all(column.absent is not None for column in columns.values()):
        empty = [row_id for row_id, row in table.items() if not row]
        for row_id in empty:
            del table[row_id]
        if empty:
            _warn_of_empty(table_id, empty)
    return table, any(column.has_json for column in columns.values())


def _counts(columns: dict[str, Column], rows: int) -> dict[str, int]:
    """Return how many rows have each cell id, in the order in which the ids first appear."""
    found: list[tuple[int, str, int]] = []
    for name, column in columns.items():
        absent = column.absent
        count = rows if absent is None else absent.count(False)
        if count:
            found.append((0 if absent is None else absent.index(False), name, count))
    found.sort(key=lambda each: each[0])
    return {name: count for _, name, count in found}


def _warn_of_empty(table_id: str, row_ids: list[str]) -> None:
    shown = ", ".join(map(repr, row_ids[:_SHOWN_ROWS])) + (", …" * (len(row_ids) > _SHOWN_ROWS))
    warn(
        set(),
        f"{len(row_ids)} of the frame's rows have nothing but missing values, so table "
        f"{table_id!r} is without them, since a table has no empty rows: {shown}",
    )


def _backend(frame: Any) -> str | None:
    name = frame.implementation.name.lower()
    return name if name in BACKENDS else None


def _native_dtypes(frame: Any) -> dict[str, Any]:
    native = frame.to_native()
    if frame.implementation.is_pyarrow():
        return dict(zip(native.column_names, native.schema.types, strict=True))
    if frame.implementation.is_polars():
        return dict(native.schema)
    if frame.implementation.is_pandas():
        return dict(zip(native.columns, native.dtypes, strict=True))
    return {}


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:20]))
    return f"there are {shown}" if names else "there are none at all"
