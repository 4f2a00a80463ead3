"""The texts that the files of open documents had last, kept by their hashes."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import NamedTuple

_KEPT = 64


class FileText(NamedTuple):
    """The text of a file, and how it would be written here."""

    text: str
    canonical: str


class FileTexts:
    """The last text of each file, as long as there are not too many files."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, FileText] = OrderedDict()

    def __len__(self) -> int:
        return len(self._texts)

    def replace(self, old_hash: object, text: FileText) -> str:
        """Keep a text in place of the one that the same file had before; return its hash."""
        if isinstance(old_hash, str):
            self._texts.pop(old_hash, None)
        file_hash = hash_of(text.text)
        self._texts[file_hash] = text
        if len(self._texts) > _KEPT:
            self._texts.popitem(last=False)
        return file_hash

    def get(self, file_hash: object) -> FileText | None:
        """Return a text, if it is still kept."""
        return self._texts.get(file_hash) if isinstance(file_hash, str) else None

    def clear(self) -> None:
        """Forget them all, as a server does that ends."""
        self._texts.clear()


def hash_of(text: str) -> str:
    """Return what stands for a text in a document."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


file_texts = FileTexts()
