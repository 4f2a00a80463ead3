"""Small PNG files: a picture of a page has few colours, and a palette of 256 of them takes a third.

Colours that are not among the most frequent 256 become the nearest one of these; they are on the
edges of letters, where nobody sees the difference.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLORS = 256
_GREY_STEP = 4  # colours are the same that differ by less


def write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write a picture.

    Args:
        path: The file.
        pixels: Red, green and blue, of shape (height, width, 3).
    """
    height, width, _ = pixels.shape
    packed = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)
    colors, places, counts = np.unique(packed, return_inverse=True, return_counts=True)
    palette = _unpacked(colors[_most_distinct(colors, counts)])
    nearest = np.array([_nearest(color, palette) for color in _unpacked(colors)], dtype=np.uint8)
    lines = np.zeros((height, width + 1), dtype=np.uint8)  # each begins with its filter: none
    lines[:, 1:] = nearest[places].reshape(height, width)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    path.write_bytes(
        _SIGNATURE
        + _chunk(b"IHDR", header)
        + _chunk(b"PLTE", palette.astype(np.uint8).tobytes())
        + _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9))
        + _chunk(b"IEND", b"")
    )


def _most_distinct(colors: Any, counts: Any) -> Any:
    """Return the places of the most frequent colours, of those that are nearly alike only one."""
    order = np.argsort(-counts.astype(np.int64))
    _, first = np.unique(_unpacked(colors[order]) // _GREY_STEP, axis=0, return_index=True)
    return order[np.sort(first)[:_COLORS]]


def _unpacked(colors: Any) -> Any:
    return np.stack([colors >> 16 & 255, colors >> 8 & 255, colors & 255], axis=-1).astype(np.int64)


def _nearest(color: Any, palette: Any) -> int:
    return int(((palette - color) ** 2).sum(axis=1).argmin())


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
