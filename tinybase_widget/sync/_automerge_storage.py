"""Documents in a folder, as automerge-repo's NodeFSStorageAdapter has them.

A document has a folder of its own, named by its id: the first two characters, then the rest. In
`snapshot/` is a document, named by the hash of its heads; in `incremental/` are the changes since,
named by the hash of their bytes. When those are as large as the snapshot a new one takes the place
of both.

Every file is written beside its place and then renamed, so that each is whole or not there; a new
snapshot is there before the old files go. Names are hashes of what is inside, so processes that
write to one folder, in Python or JavaScript, only ever add what the other may have too.

Source: automerge-repo's `StorageSubsystem` and `NodeFSStorageAdapter`.
"""

from __future__ import annotations

import hashlib
import logging
import os
from typing import TYPE_CHECKING

from tinybase_widget.persisters._automerge_handle import AutomergeDocHandle, load_document

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)

_SNAPSHOT, _INCREMENTAL = "snapshot", "incremental"
_SMALL = 1024  # bytes of a snapshot that is not worth waiting for


class FolderStorage:
    """Stores documents in a folder.

    Args:
        folder: The folder; it is made when there is something to store.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stored: dict[str, list[bytes]] = {}  # heads
        self._files: dict[str, dict[Path, int]] = {}  # with their sizes

    def load(self, document_id: str) -> AutomergeDocHandle | None:
        """Return a document's handle, or `None` where nothing of it is stored.

        A file that can't be read is left where it is, and reported as a warning.
        """
        files = [
            *sorted(self._in(document_id, _SNAPSHOT).glob("*")),
            *sorted(self._in(document_id, _INCREMENTAL).glob("*")),
        ]
        chunks = {path: path.read_bytes() for path in files if path.suffix != ".new"}
        if not chunks:
            return None
        handle = self._assemble(chunks)
        self._files[document_id] = {path: len(data) for path, data in chunks.items()}
        self._stored[document_id] = handle.heads()
        return handle

    def _assemble(self, chunks: dict[Path, bytes]) -> AutomergeDocHandle:
        try:
            return AutomergeDocHandle(load_document(b"".join(chunks.values())))
        except ValueError:
            pass
        whole = b""
        for path, data in list(chunks.items()):  # which of them is it?
            try:
                load_document(whole + data)
            except ValueError as error:  # noqa: PERF203 - each for itself is the point
                _log.warning("%s is left as it is and not loaded: %s", path, error)
                del chunks[path]
            else:
                whole += data
        return AutomergeDocHandle(load_document(whole) if whole else None)

    def save(self, document_id: str, handle: AutomergeDocHandle) -> None:
        """Store what is new of a document.

        Raises:
            OSError: It could not be written; what was stored before is as it was.
        """
        with handle.lock:
            heads = handle.heads()
            stored = self._stored.get(document_id, [])
            if heads == stored:
                return
            files = self._files.setdefault(document_id, {})
            snapshot = sum(size for path, size in files.items() if path.parent.name == _SNAPSHOT)
            rest = sum(files.values()) - snapshot
            is_due = snapshot < _SMALL or rest >= snapshot
            data = handle.save() if is_due else handle.save(since=stored)
        if is_due:
            path = self._in(document_id, _SNAPSHOT) / _hash_of_heads(heads)
        else:
            path = self._in(document_id, _INCREMENTAL) / hashlib.sha256(data).hexdigest()
        _write(path, data)
        if is_due:
            for old in files.keys() - {path}:
                old.unlink(missing_ok=True)
            files.clear()
        files[path] = len(data)
        self._stored[document_id] = heads

    def delete(self, document_id: str) -> None:
        """Forget a document."""
        for kind in (_SNAPSHOT, _INCREMENTAL):
            for path in self._in(document_id, kind).glob("*"):
                path.unlink(missing_ok=True)
        self._stored.pop(document_id, None)
        self._files.pop(document_id, None)

    def _in(self, document_id: str, kind: str) -> Path:
        return self._folder / document_id[:2] / document_id[2:] / kind


def _hash_of_heads(heads: list[bytes]) -> str:
    return hashlib.sha256("".join(head.hex() for head in heads).encode()).hexdigest()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
