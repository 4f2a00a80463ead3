"""The built JavaScript that comes with the package: the loader, and the runtime that it fetches."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

_FOLDER = Path(__file__).parent / "static"


@cache
def static_bytes(name: str) -> bytes:
    """Return one of the built files.

    Raises:
        FileNotFoundError: It has not been built.
    """
    path = _FOLDER / name
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is not there: in a checkout of the repository it is built by `make build`; "
            "a wheel of tinybase-widget contains it"
        )
    return path.read_bytes()


@cache
def static_hash(name: str) -> str:
    """Return what tells two builds of a file apart: 16 hexadecimal digits."""
    return sha256(static_bytes(name)).hexdigest()[:16]
