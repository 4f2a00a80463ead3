"""Files that are always whole: a new one is written beside the old one and takes its place.

A crash, a kill or a full disk at any moment leaves the old file or the new one. Where several
processes write, each holds a lock on the folder meanwhile (`flock`, where there is one), which
leaves no file behind.
"""

from __future__ import annotations

import glob
import os
import secrets
import stat
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tinybase_widget._exceptions import PersistedContentError, PlaceError

if TYPE_CHECKING:
    from collections.abc import Iterator

if sys.platform != "win32":
    import fcntl


class Signature(NamedTuple):
    """What tells a state of a file from another one, without reading it."""

    inode: int
    modified_ns: int
    size: int


def signature_of(path: Path) -> Signature | None:
    """Return a file's signature; `None` where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return Signature(found.st_ino, found.st_mtime_ns, found.st_size)


def read_text(path: Path) -> str | None:
    """Return a file's text; `None` where there is no file.

    Raises:
        PersistedContentError: It is not UTF-8.
        PlaceError: It can't be read.
    """
    try:
        return path.read_text(encoding="utf-8").removeprefix("\ufeff")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise PersistedContentError(
            f"{path} holds no text in UTF-8 ({error.reason} at byte {error.start}). "
            "It is left as it is; move it away, or delete it, to begin anew"
        ) from error
    except OSError as error:
        raise PlaceError(f"{path} can't be read: {_why(error)}") from error


def write_text(path: Path, text: str) -> None:
    """Put a text in the place of a file's; a symbolic link and the file's mode stay.

    Raises:
        PlaceError: It can't be written; the file is as it was.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    try:
        mode = _mode(target)
        try:
            _write(temporary, text, mode)
            temporary.replace(target)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        _sync_folder(target.parent)
    except OSError as error:
        raise PlaceError(
            f"{path} can't be written: {_why(error)}; it is as it was before"
        ) from error


def remove_leftovers(path: Path) -> None:
    """Remove what a process that was killed has left beside a file; hold the folder's lock."""
    target = Path(os.path.realpath(path))
    prefix = f".{target.name}."
    with suppress(OSError):
        for path_beside in target.parent.glob(f"{glob.escape(prefix)}*.tmp"):
            path_beside.unlink()


@contextmanager
def locked_folder(path: Path) -> Iterator[bool]:
    """Keep other processes from writing in a file's folder in this way; say whether that works."""
    if sys.platform == "win32":
        yield False
        return
    try:
        folder = os.open(Path(os.path.realpath(path)).parent, os.O_RDONLY)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
        except OSError:  # a file system without locks
            yield False
        else:
            yield True
    finally:
        os.close(folder)


def _mode(target: Path) -> int | None:
    """Return the mode of a file; `None` where there is none yet."""
    try:
        found = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise IsADirectoryError(f"{target} is no file")
    if not os.access(target, os.W_OK):
        raise PermissionError(f"{target} is read-only")
    return stat.S_IMODE(found.st_mode)


def _write(path: Path, text: str, mode: int | None) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        if mode is not None:
            with suppress(OSError):  # a file system without modes
                path.chmod(mode)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Bring the file's new name to the disk too, where folders can be brought there."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _why(error: OSError) -> str:
    return error.strerror or str(error)
