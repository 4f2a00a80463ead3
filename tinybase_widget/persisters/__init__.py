"""Persisters: what binds a Store to a place where its content lives."""

from tinybase_widget.persisters._async_persister import AsyncPersister
from tinybase_widget.persisters._persister import Persister, Status
from tinybase_widget.persisters.file import FilePersister
from tinybase_widget.persisters.sqlite import SqlitePersister
from tinybase_widget.persisters.yjs import YjsPersister, create_doc

__all__ = [
    "AsyncPersister",
    "FilePersister",
    "Persister",
    "SqlitePersister",
    "Status",
    "YjsPersister",
    "create_doc",
]
