"""What a Store is made of: the attributes that all of its layers share.

The class `Store` is a chain of layers, one file each, every one knowing only those before it:

    State          the attributes                              (this file)
    Reading        getters
    Asking         what there is, and walking through it
    Validation     what may be written, defaults, reports of what may not
    Writing        changing content, and recording the changes
    Dispatching    calling the listeners whose content changed
    Reporting      the changes and the log of the open transaction
    Transactions   start, finish, rollback
    Changing       what setters and deleters do within a transaction
    Setting        the public setters and deleters
    Exchanging     JSON, Changes
    Schemas        setting, getting and deleting schemas
    Listening      registering, calling and deleting listeners
    IdListening    the public `add_..._listener` methods for ids, counts and order
    CellListening  ... and for content and transactions
    Store          the rest of what makes it a Python object

No attribute refers back to the Store, so that dropping it frees its content at once.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from tinybase_widget.store._listeners import IdPool, Registry
from tinybase_widget.store._log import ChangeLog
from tinybase_widget.store._schema_rules import SchemaState

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinybase_widget.store._middleware import Hooks
    from tinybase_widget.store._types import Id, RawTables, RawValues


class State:
    """The attributes of a Store.

    Attributes:
        lock: Held while the Store is read or written, and from start to end of a transaction.
            Take it to do several things that no other thread may come between.
        row_id_factory: If set, `add_row` asks it for the id of a new row of a table.
    """

    lock: threading.RLock
    row_id_factory: Callable[[Id], Id] | None

    def __init__(self) -> None:
        """Make an empty Store."""
        self.lock = threading.RLock()
        self.row_id_factory = None
        self._tables: RawTables = {}
        self._values: RawValues = {}
        # For each table: how many rows have each cell id, and the ids that add_row may give again.
        self._cell_counts: dict[Id, dict[Id, int]] = {}
        self._row_id_pools: dict[Id, IdPool] = {}
        # Tables that may hold encoded objects or arrays: all others are copied without decoding.
        self._tables_with_json: set[Id] = set()

        self._registry = Registry()
        self._hooks: Hooks | None = None
        self._schema = SchemaState()

        # 0: no transaction; 1 and more: open, so deep; -1: listeners are being told of its end.
        self._depth = 0
        self._log = ChangeLog()
        self._rollback_requested = False
        self._had_tables = False
        self._had_values = False
        self._schema_before: SchemaState | None = None
        # Content of a mutator listener or a middleware hook is on its way: check it once more.
        self._mutating = False
        # Encoded objects are on their way in (JSON, Changes) rather than forged ones.
        self._accepting_encoded = False
        # How often it happened that listeners were told of changes that were rolled back, or were
        # not told of all changes, since one of them raised.
        self._interruptions = 0
        # What was refused and nobody listened for, to be told by a warning; and where that was.
        self._refused: list[tuple[Any, ...]] = []
        self._warned_places: set[tuple[str, int]] = set()
        # Nobody needs to hear of anything, and anything plain may be written.
        self._unobserved = True
        self._unrestricted = True
        # Both, but for listeners that only look: a single change need not be a whole transaction.
        self._may_skip_transaction = True
        # Of an existing cell that changes nobody but cell listeners would hear.
        self._only_cells_observed = True

    def _watchers_changed(self) -> None:
        """Note again whether the short ways may be taken; call after any change of what matters."""
        self._unobserved = not self._registry.by_id
        self._unrestricted = self._hooks is None and not self._schema.has_tables
        self._may_skip_transaction = self._unrestricted and not self._registry.others
        trees = self._registry.observers
        self._only_cells_observed = not (
            trees["sorted_row_ids"] or trees["row"] or trees["table"] or trees["tables"]
        )
