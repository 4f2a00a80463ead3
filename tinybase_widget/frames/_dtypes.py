"""The dtypes of columns, as narwhals names them, and as JSON that a Store can hold.

A dtype without parameters is its name, "Int64"; one with parameters is a list of its name and
these: `["Decimal", 10, 2]`, `["Datetime", "us", "Europe/Berlin"]`, `["Struct", {"a": "Int64"}]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tinybase_widget.frames._extra import narwhals

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN = frozenset(
    [
        *(f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64, 128)),
        *("Float16", "Float32", "Float64", "Boolean", "String", "Binary", "Date", "Time"),
        *("Categorical", "Object", "Unknown"),
    ]
)


def to_json(dtype: Any) -> Any:
    """Return a dtype as JSON.

    Args:
        dtype: A dtype of narwhals.

    Example:
        >>> import narwhals as nw
        >>> to_json(nw.List(nw.Datetime("us", "UTC")))
        ['List', ['Datetime', 'us', 'UTC']]
    """
    dtype, name = resolve(dtype)
    parameters: dict[str, Callable[[], list[Any]]] = {
        "Datetime": lambda: [dtype.time_unit, dtype.time_zone],
        "Duration": lambda: [dtype.time_unit],
        "Decimal": lambda: [dtype.precision, dtype.scale],
        "Enum": lambda: [list(dtype.categories)],
        "List": lambda: [to_json(dtype.inner)],
        "Array": lambda: [to_json(dtype.inner), dtype.shape[0]],
        "Map": lambda: [to_json(dtype.key), to_json(dtype.value)],
        "Struct": lambda: [{field.name: to_json(field.dtype) for field in dtype.fields}],
    }
    return [name, *parameters[name]()] if name in parameters else name


def from_json(given: Any) -> Any:
    """Return the dtype of narwhals that is given: as itself, its class, or JSON.

    Raises:
        TypeError: It is none.

    Example:
        >>> from_json(["List", "Int64"])
        List(Int64)
    """
    nw = narwhals()
    if isinstance(given, nw.dtypes.DType):
        return given
    try:
        if isinstance(given, type) and issubclass(given, nw.dtypes.DType):
            return given()
        if isinstance(given, str):
            return {
                "Datetime": nw.Datetime,
                "Duration": nw.Duration,
                "Decimal": nw.Decimal,
                **{name: getattr(nw, name) for name in _PLAIN},
            }[given]()
        name, *parameters = given
        return {
            "Datetime": nw.Datetime,
            "Duration": nw.Duration,
            "Decimal": nw.Decimal,
            "Enum": nw.Enum,
            "List": lambda inner: nw.List(from_json(inner)),
            "Array": lambda inner, size: nw.Array(from_json(inner), size),
            "Map": lambda key, value: nw.Map(from_json(key), from_json(value)),
            "Struct": lambda fields: nw.Struct(
                {field: from_json(each) for field, each in fields.items()}
            ),
        }[name](*parameters)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TypeError(
            f'a dtype is a name such as "Int64", or a list such as ["Decimal", 10, 2] or '
            f'["Datetime", "us", "Europe/Berlin"], or one of narwhals; not {given!r}'
        ) from error


def check_schema(schema: Any) -> dict[str, Any]:
    """Return dtypes of narwhals by column.

    Raises:
        TypeError: It is no mapping of strings to dtypes.
    """
    if not isinstance(schema, Mapping) or not all(isinstance(name, str) for name in schema):
        raise TypeError(
            f'a schema gives dtypes by column, such as {{"born": "Date"}}; not {schema!r}'
        )
    return {name: from_json(dtype) for name, dtype in schema.items()}


def resolve(dtype: Any) -> tuple[Any, str]:
    """Return a dtype, of which narwhals may have given the class only, and its name."""
    dtype = dtype() if isinstance(dtype, type) else dtype
    return dtype, type(dtype).__name__


def physical(dtype: Any) -> Any:  # noqa: PLR0911 - one for each kind of dtype
    """Return the dtype that has whole numbers for all moments and spans of time in another one."""
    nw = narwhals()
    dtype, name = resolve(dtype)
    if name == "Date":
        return nw.Int32()
    if name in {"Datetime", "Duration", "Time"}:
        return nw.Int64()
    if name in {"Categorical", "Enum"}:
        return nw.String()
    if name == "List":
        return nw.List(physical(dtype.inner))
    if name == "Array":
        return nw.Array(physical(dtype.inner), dtype.shape[0])
    if name == "Map":
        return nw.Map(physical(dtype.key), physical(dtype.value))
    if name == "Struct":
        return nw.Struct({field.name: physical(field.dtype) for field in dtype.fields})
    return dtype


def has_temporal(dtype: Any) -> bool:
    """Tell whether a dtype is or has in it a moment or span of time."""
    dtype, name = resolve(dtype)
    if name in {"List", "Array"}:
        return has_temporal(dtype.inner)
    if name == "Map":
        return has_temporal(dtype.key) or has_temporal(dtype.value)
    if name == "Struct":
        return any(has_temporal(field.dtype) for field in dtype.fields)
    return name in {"Date", "Datetime", "Duration", "Time"}
