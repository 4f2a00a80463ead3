"""Content as JSON text, and changes as Stores exchange them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tinybase_widget.store import _bulk
from tinybase_widget.store._cells import (
    as_doubles,
    decode_json,
    escape_surrogates,
    no_constant,
    to_id,
)
from tinybase_widget.store._setting import Setting
from tinybase_widget.store._types import MISSING
from tinybase_widget.store._warning import warn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from typing_extensions import Self

    from tinybase_widget.store._types import Id


_LEAST_CHANGES = 2


class Exchanging(Setting):
    """The layer of a Store that talks to others."""

    def get_tables_json(self) -> str:
        """Give all tables as JSON.

        Objects and arrays are the text that they are kept as.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.get_tables_json()
            '{"pets":{"fido":{"species":"dog","age":3}}}'

        TinyBase: `getTablesJson`.
        """
        with self.lock:
            return _to_json(self._tables)

    def get_values_json(self) -> str:
        """Give all values as JSON.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().set_value("open", True).get_values_json()
            '{"open":true}'

        TinyBase: `getValuesJson`.
        """
        with self.lock:
            return _to_json(self._values)

    def get_json(self) -> str:
        """Give all tables and values as JSON.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().set_cell("pets", "fido", "age", 3).set_value("open", True).get_json()
            '[{"pets":{"fido":{"age":3}}},{"open":true}]'

        TinyBase: `getJson`.
        """
        with self.lock:
            return _to_json([self._tables, self._values])

    def set_tables_json(self, tables_json: str) -> Self:
        """Set all tables from JSON. What is no JSON changes nothing, and warns.

        Raises:
            TypeError: If it is not a string.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().set_tables_json('{"pets": {"fido": {"age": 3}}}').get_tables()
            {'pets': {'fido': {'age': 3}}}

        TinyBase: `setTablesJson`.
        """
        _require_text(tables_json)
        with self.lock:
            try:
                with self._while_accepting_encoded():
                    self._transact(self._set_or_del_tables, _from_json(tables_json), owned=True)
            except Exception as error:  # noqa: BLE001 - as in TinyBase
                self._warn_of_json(error)
        return self

    def set_values_json(self, values_json: str) -> Self:
        """Set all values from JSON. What is no JSON changes nothing, and warns.

        Raises:
            TypeError: If it is not a string.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().set_values_json('{"open": true}').get_values()
            {'open': True}

        TinyBase: `setValuesJson`.
        """
        _require_text(values_json)
        with self.lock:
            try:
                with self._while_accepting_encoded():
                    self._transact(self._set_or_del_values, as_doubles(_from_json(values_json)))
            except Exception as error:  # noqa: BLE001 - as in TinyBase
                self._warn_of_json(error)
        return self

    def set_json(self, tables_and_values_json: str) -> Self:
        """Set all tables and values from JSON, or all tables if it is only these.

        Raises:
            TypeError: If it is not a string.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().set_json('[{"pets": {"fido": {"age": 3}}}, {"open": true}]').get_content()
            ({'pets': {'fido': {'age': 3}}}, {'open': True})

        TinyBase: `setJson`.
        """
        _require_text(tables_and_values_json)
        self._transact(self._set_json, tables_and_values_json)
        return self

    def apply_changes(self, changes: Sequence[Any]) -> Self:
        """Apply changes that another Store had in a transaction.

        Objects and arrays may come as they are, or as `get_transaction_changes` gives them.

        Args:
            changes: Changed tables, changed values and 1; MISSING is what was deleted.

        Example:
            >>> from tinybase_widget import Store
            >>> from tinybase_widget import MISSING
            >>> store = Store().set_row("pets", "fido", {"species": "dog", "age": 3})
            >>> store.apply_changes(
            ...     [{"pets": {"fido": {"age": MISSING}}}, {"open": True}, 1]
            ... ).get_content()
            ({'pets': {'fido': {'species': 'dog'}}}, {'open': True})

        TinyBase: `applyChanges`.
        """
        with self.lock, self._while_accepting_encoded():
            self._transact(self._apply_changes, changes)
        return self

    def _set_json(self, text: str) -> None:
        try:
            with self._while_accepting_encoded():
                content = _from_json(text)
                if not isinstance(content, list):
                    raise TypeError("not a pair of tables and values")  # noqa: TRY301 - as in TinyBase, it is tables then
                tables, values = (*content, MISSING, MISSING)[:2]
                self._transact(self._set_or_del_tables, tables, owned=True)
                self._transact(self._set_or_del_values, as_doubles(values))
        except Exception:  # noqa: BLE001 - as in TinyBase
            self.set_tables_json(text)

    def _warn_of_json(self, error: Exception) -> None:
        warn(self._warned_places, f"this JSON was not set: {error}")

    def _apply_changes(self, changes: Sequence[Any]) -> None:
        if not isinstance(changes, (list, tuple)) or len(changes) < _LEAST_CHANGES:
            raise TypeError(f"changes must be [tables, values, 1], not {changes!r}")
        hook = self._hooks and self._hooks.will_apply_changes
        self._through(
            hook and (lambda given: hook(given, self._accepting_encoded)),
            (),
            changes,
            self._write_changes,
        )

    def _write_changes(self, changes: Sequence[Any]) -> None:
        tables, values = changes[:2]
        for table_id, table in _changes_in(tables):
            table_id = to_id(table_id)  # noqa: PLW2901
            if table is MISSING:
                self._del_table(table_id)
            elif not self._inserted_plain_table(table_id, table):
                self._write_changed_rows(table_id, table)
        for value_id, value in _changes_in(values):
            if value is MISSING:
                self._del_value(to_id(value_id))
            else:
                self._set_value(to_id(value_id), value)

    def _write_changed_rows(self, table_id: Id, rows: Any) -> None:
        for row_id, row in _changes_in(rows):
            row_id = to_id(row_id)  # noqa: PLW2901
            if row is MISSING:
                self._del_row(table_id, row_id)
                continue
            if self._inserted_plain_row(table_id, row_id, row):
                continue
            for cell_id, cell in _changes_in(row):
                if cell is MISSING:
                    self._del_cell(table_id, row_id, to_id(cell_id), force=True)
                elif not self._changed_existing(table_id, row_id, cell_id, cell):
                    self._set_cell(table_id, row_id, to_id(cell_id), cell, skip_row_middleware=True)

    def _inserted_plain_table(self, table_id: Id, table: Any) -> bool:
        """Set a table that is new and plain at once; False if it must go row by row."""
        if not self._unrestricted or self._mutating or table_id in self._tables:
            return False
        plain = _bulk.plain_table(table)
        if plain is None:
            return False
        self._insert_table(table_id, plain)
        return True

    def _inserted_plain_row(self, table_id: Id, row_id: Id, row: Any) -> bool:
        """Set a row that is new and plain at once; False if it must go cell by cell."""
        if not self._unrestricted or self._mutating:
            return False
        if row_id in self._tables.get(table_id, ()):
            return False
        plain = _bulk.plain_row(row)
        if plain is None:
            return False
        self._insert_row(table_id, self._ensure_table(table_id), row_id, plain)
        return True


def _changes_in(changes: Any) -> Iterable[tuple[Any, Any]]:
    if not isinstance(changes, Mapping):
        raise TypeError(f"changes must be dictionaries by id, not {changes!r}")
    return changes.items()


def _require_text(text: Any) -> None:
    if not isinstance(text, str):
        raise TypeError(f"JSON must be a string, not {text!r}")


def _to_json(content: Any) -> str:
    return escape_surrogates(_encode(content))


def _from_json(text: str) -> Any:
    try:
        return _decode(text)
    except ValueError:
        # Python refuses ints of thousands of digits; JavaScript reads them as infinite.
        return decode_json(text)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_decode = json.JSONDecoder(parse_constant=no_constant).decode
