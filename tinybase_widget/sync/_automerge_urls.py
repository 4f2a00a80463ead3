"""The addresses of Automerge documents: `automerge:` and sixteen bytes in base58check.

Source: automerge-repo's `AutomergeUrl`; base58check as Bitcoin defined it.
"""

from __future__ import annotations

import hashlib
import os

_PREFIX = "automerge:"
_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE = len(_DIGITS)
_ID_BYTES = 16
_CHECKED = 4


def _checksum(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()[:_CHECKED]


def encode_document_id(data: bytes) -> str:
    """Return bytes in base58check.

    Example:
        >>> encode_document_id(bytes(range(16)))
        '1Bhh3pU9gLXZiNDL6PEa1Gs9fh'
    """
    checked = data + _checksum(data)
    number = int.from_bytes(checked, "big")
    digits = ""
    while number:
        number, digit = divmod(number, _BASE)
        digits = _DIGITS[digit] + digits
    zeros = len(checked) - len(checked.lstrip(b"\0"))
    return _DIGITS[0] * zeros + digits


def decode_document_id(text: str) -> bytes:
    """Return the bytes of a document's id.

    Raises:
        ValueError: It is none, or has a typing error in it.
    """
    number = 0
    for character in text:
        digit = _DIGITS.find(character)
        if digit < 0:
            raise ValueError(f"{character!r} does not occur in a document id: {text!r}")
        number = number * _BASE + digit
    zeros = len(text) - len(text.lstrip(_DIGITS[0]))
    checked = b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
    data, checksum = checked[:-_CHECKED], checked[-_CHECKED:]
    if len(data) != _ID_BYTES or checksum != _checksum(data):
        raise ValueError(
            f"{text!r} is no document id: sixteen bytes in base58check are expected, "
            "as in an address that repo.create() gave"
        )
    return data


def new_document_id() -> str:
    """Return an id that nobody else will make."""
    return encode_document_id(os.urandom(_ID_BYTES))


def url_of(document_id: str) -> str:
    """Return a document's address."""
    return _PREFIX + document_id


def document_id_of(url: str) -> str:
    """Return the document's id in an address, or in an id alone.

    Args:
        url: Such as "automerge:4NMNnkMhL8jXrdJ9jamS58PAVdXu".

    Raises:
        TypeError: It is no text.
        ValueError: It is no address of a document.
    """
    if not isinstance(url, str):
        raise TypeError(f"a document's address is a text, not {url!r}")
    document_id = url.removeprefix(_PREFIX).partition("#")[0]
    decode_document_id(document_id)
    return document_id
