"""The file persister: a Store's content in a file, as TinyBase's JSON.

The file is always whole (`_whole_files`), and saved when `set_cell` returns. Each save writes all
of it: for large Stores that are edited often, `SqlitePersister` writes only what has changed.

Several processes may save in one file. Each one reads, before it writes, what another has written
since, and puts its own edits on top of that (`_json_content`). Where it loads by itself its Store
takes over the rest. So the only edits that are lost are those of a cell that both have changed.

A file that is something else than a Store's JSON is never written over.

Source: TinyBase's `createFilePersister`; the same files.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tinybase_widget._exceptions import TinyBaseError
from tinybase_widget.persisters._file_watch import FileWatch
from tinybase_widget.persisters._json_content import SharedText
from tinybase_widget.persisters._persister import Persister
from tinybase_widget.persisters._whole_files import (
    Signature,
    locked_folder,
    read_text,
    remove_leftovers,
    signature_of,
    write_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tinybase_widget.persisters._persister import IgnoredErrorHandler, PersisterListener
    from tinybase_widget.store import Changes, Content, Store


class FilePersister(Persister):
    """Keeps a Store in a file, as TinyBase's JSON.

    Loading by itself needs the extra `tinybase-widget[files]`.

    Args:
        store: The Store.
        path: The file, in a folder that exists.
        on_ignored_error: See `Persister`. A file that holds something else gives a
            `PersistedContentError` and is left as it is; one that can't be read or written a
            `PlaceError`.

    Raises:
        TypeError: The path is no path.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from tinybase_widget import FilePersister, Store
        >>> path = Path(mkdtemp()) / "zoo.json"
        >>> persister = FilePersister(Store().set_cell("pets", "fido", "age", 3), path).save()
        >>> path.read_text()
        '[{"pets":{"fido":{"age":3}}},{}]'
        >>> FilePersister(Store(), path).load().get_store().get_cell("pets", "fido", "age")
        3

    Source: TinyBase's `createFilePersister`.
    """

    def __init__(
        self,
        store: Store,
        path: str | os.PathLike[str],
        on_ignored_error: IgnoredErrorHandler | None = None,
    ) -> None:
        super().__init__(store, on_ignored_error)
        try:
            self._path = Path(os.path.abspath(path))  # noqa: PTH100 - links stay as they are
        except TypeError:
            raise TypeError(f"a file's path is a string or a Path, not {path!r}") from None
        self._is_first_save = True
        self._shared = SharedText(str(self._path))
        self._seen: Signature | None = None
        self._file_text: str | None = None

    def get_file_path(self) -> Path:
        """Return the file's path.

        Source: TinyBase's `getFilePath`.
        """
        return self._path

    def get_persisted(self) -> Content | None:
        """Return the file's content, or `None` where the file is empty or does not exist.

        Raises:
            PersistedContentError: It holds something else.
            PlaceError: It can't be read.
        """
        seen = signature_of(self._path)
        try:
            text = read_text(self._path)
            content = self._shared.loaded(text, self._get_content() if self._unsaved else None)
        except TinyBaseError:
            self._shared.not_loaded()
            raise
        self._seen, self._file_text = seen, text
        return None if content is None else (content[0], content[1])

    def set_persisted(
        self,
        get_content: Callable[[], Content],
        changes: Changes | None = None,  # noqa: ARG002 - a file is written as a whole
    ) -> None:
        """Write the file anew.

        Raises:
            PersistedContentError: It holds something else, which is left as it is.
            PlaceError: It can't be written, and is as it was.
        """
        content = get_content()
        with locked_folder(self._path) as is_locked:
            if is_locked and self._is_first_save:
                remove_leftovers(self._path)
            found = self._found_text()
            text, is_merged = self._shared.to_save(content, found)
            if text != found:
                write_text(self._path, text)
            self._seen, self._file_text = signature_of(self._path), text
        self._shared.saved()
        self._is_first_save = False
        if is_merged and self.is_auto_loading():
            self._listener()

    def _found_text(self) -> str | None:
        """Return what the file holds now; it is read only if it has changed."""
        is_same = self._seen is not None and self._seen == signature_of(self._path)
        return self._file_text if is_same and self._file_text is not None else read_text(self._path)

    def add_persister_listener(self, listener: PersisterListener) -> object:
        """Watch the file.

        Raises:
            ModuleNotFoundError: `watchfiles` is not installed.
            PlaceError: The folder does not exist.
        """
        self._listener = listener
        return FileWatch(self._path, self._look)

    def del_persister_listener(self, handle: Any) -> None:
        """Stop watching the file."""
        handle.stop()

    def _look(self) -> None:
        with self._store.lock:
            seen = signature_of(self._path)
            if seen != self._seen and self.is_auto_loading():
                self._seen = seen
                try:
                    is_other = read_text(self._path) != self._file_text
                except Exception:  # noqa: BLE001 - the load says what it is
                    is_other = True
                if is_other:
                    self._listener()
            self._save_unsaved_at_times()
