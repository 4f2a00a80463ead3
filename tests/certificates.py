"""A certificate that nobody has signed but its owner, as X.509 (RFC 5280) has it in DER."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_BITS = 2048
_EXPONENT = 65537
_INTEGER, _BITS_TAG, _BYTES, _NULL, _OID, _TEXT, _TIME = 0x02, 0x03, 0x04, 0x05, 0x06, 0x0C, 0x17
_SEQUENCE, _SET = 0x30, 0x31
_RSA, _RSA_SHA256 = "2a864886f70d010101", "2a864886f70d01010b"
_SHA256_HEAD = bytes.fromhex("3031300d060960864801650304020105000420")
_COMMON_NAME, _OTHER_NAMES, _CONSTRAINTS = "550403", "551d11", "551d13"


def make_certificate(folder: Path, name: str) -> Path:
    """Make a key and a certificate for a name, valid for a day; return the file with both."""
    first, second = _prime(), _prime()
    modulus, order = first * second, (first - 1) * (second - 1)
    exponent = pow(_EXPONENT, -1, order)
    key = _sequence(
        *map(_integer, (0, modulus, _EXPONENT, exponent, first, second)),
        _integer(exponent % (first - 1)),
        _integer(exponent % (second - 1)),
        _integer(pow(second, -1, first)),
    )
    algorithm = _sequence(_oid(_RSA_SHA256), _der(_NULL))
    owner = _sequence(_der(_SET, _sequence(_oid(_COMMON_NAME), _der(_TEXT, name.encode()))))
    now = datetime.now(timezone.utc)
    names = _sequence(_der(0x82, name.encode()))
    extensions = _sequence(
        _sequence(_oid(_OTHER_NAMES), _der(_BYTES, names)),
        _sequence(_oid(_CONSTRAINTS), _der(_BYTES, _sequence(_der(0x01, b"\xff")))),
    )
    public = _sequence(_integer(modulus), _integer(_EXPONENT))
    signed = _sequence(
        _der(0xA0, _integer(2)),
        _integer(secrets.randbits(64)),
        algorithm,
        owner,
        _sequence(_time(now - timedelta(days=1)), _time(now + timedelta(days=1))),
        owner,
        _sequence(_sequence(_oid(_RSA), _der(_NULL)), _bits(public)),
        _der(0xA3, extensions),
    )
    digest = _SHA256_HEAD + hashlib.sha256(signed).digest()
    padded = b"\x00\x01".ljust(_BITS // 8 - len(digest) - 1, b"\xff") + b"\x00" + digest
    signature = pow(int.from_bytes(padded, "big"), exponent, modulus).to_bytes(_BITS // 8, "big")
    certificate = _sequence(signed, algorithm, _bits(signature))
    path = folder / "certificate.pem"
    path.write_text(_pem("RSA PRIVATE KEY", key) + _pem("CERTIFICATE", certificate))
    return path


def _prime() -> int:
    size = _BITS // 2
    while True:
        number = secrets.randbits(size) | (3 << size - 2) | 1
        is_prime = all(pow(base, number - 1, number) == 1 for base in (2, 3, 5))
        if is_prime and (number - 1) % _EXPONENT:
            return number


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + content


def _sequence(*parts: bytes) -> bytes:
    return _der(_SEQUENCE, *parts)


def _integer(number: int) -> bytes:
    return _der(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _oid(code: str) -> bytes:
    return _der(_OID, bytes.fromhex(code))


def _bits(content: bytes) -> bytes:
    return _der(_BITS_TAG, b"\x00", content)


def _time(moment: datetime) -> bytes:
    return _der(_TIME, moment.strftime("%y%m%d%H%M%SZ").encode())


def _pem(label: str, content: bytes) -> str:
    return f"-----BEGIN {label}-----\n{base64.encodebytes(content).decode()}-----END {label}-----\n"
