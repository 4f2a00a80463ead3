"""TinyBase for Python and notebooks: reactive Stores, persisters, rooms and live tables.

What needs an extra is imported when it is first asked for.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from tinybase_widget._exceptions import (
    CompactionError,
    DocumentError,
    FrameError,
    JupyterServerError,
    MissingExtraError,
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
from tinybase_widget.sync import LocalLink, Peer, Room, User
from tinybase_widget.widgets import StoreView, TableEvent, TableView, ValuesView

if TYPE_CHECKING:
    from tinybase_widget.documents.ytinybase import YTinyBase
    from tinybase_widget.persisters._automerge_handle import AutomergeDocHandle
    from tinybase_widget.persisters.automerge import AutomergePersister
    from tinybase_widget.sync.repo import Repo
    from tinybase_widget.sync.websocket import WebSocketLink

__all__ = [
    "MISSING",
    "AsyncPersister",
    "AutomergeDocHandle",
    "AutomergePersister",
    "CompactionError",
    "DocumentError",
    "FilePersister",
    "FrameError",
    "JupyterServerError",
    "LocalLink",
    "MissingExtraError",
    "Peer",
    "PersistedContentError",
    "Persister",
    "PlaceError",
    "Repo",
    "Room",
    "SqlitePersister",
    "Status",
    "Store",
    "StoreView",
    "TableEvent",
    "TableView",
    "TinyBaseError",
    "User",
    "ValuesView",
    "WebSocketLink",
    "YTinyBase",
    "YjsPersister",
    "create_doc",
    "load_frame",
    "to_frame",
]

# Names that need an extra: where they are, and a package that comes with the extra.
_LAZY = {
    "AutomergeDocHandle": "tinybase_widget.persisters._automerge_handle",
    "AutomergePersister": "tinybase_widget.persisters.automerge",
    "Repo": "tinybase_widget.sync.repo",
    "WebSocketLink": "tinybase_widget.sync.websocket",
    "YTinyBase": "tinybase_widget.documents.ytinybase",
}

_PACKAGES = {
    "AutomergeDocHandle": "automerge",
    "AutomergePersister": "automerge",
    "Repo": "automerge",
    "WebSocketLink": "websockets",
    "YTinyBase": "jupyter_ydoc",
}

# What is not installed is left out, or `from tinybase_widget import *` would fail.
_absent = {name for name, package in _PACKAGES.items() if find_spec(package) is None}
__all__[:] = [name for name in __all__ if name not in _absent]
for _name in __all__:
    if _name != "MISSING" and _name not in _LAZY:
        globals()[_name].__module__ = __name__
del _name, _absent


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    thing = getattr(import_module(_LAZY[name]), name)
    thing.__module__ = __name__
    globals()[name] = thing
    return thing


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
