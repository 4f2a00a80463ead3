"""TinyBase for Python and notebooks: reactive Stores, persisters, rooms and live tables."""

from tinybase_widget._exceptions import (
    CompactionError,
    DocumentError,
    FrameError,
    PersistedContentError,
    PlaceError,
    TinyBaseError,
)
from tinybase_widget.frames import load_frame, to_frame
from tinybase_widget.persisters import (
    AsyncPersister,
    FilePersister,
    Persister,
    SqlitePersister,
    Status,
    YjsPersister,
    create_doc,
)
from tinybase_widget.store import MISSING, Store
from tinybase_widget.sync import LocalLink, Room
from tinybase_widget.widgets import TableView

__all__ = [
    "MISSING",
    "AsyncPersister",
    "CompactionError",
    "DocumentError",
    "FilePersister",
    "FrameError",
    "LocalLink",
    "PersistedContentError",
    "Persister",
    "PlaceError",
    "Room",
    "SqlitePersister",
    "Status",
    "Store",
    "TableView",
    "TinyBaseError",
    "YjsPersister",
    "create_doc",
    "load_frame",
    "to_frame",
]

for _name in __all__:
    if _name != "MISSING":
        globals()[_name].__module__ = __name__
del _name
