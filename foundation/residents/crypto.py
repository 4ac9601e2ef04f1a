"""Sealing personal data: AES-GCM for the values, keyed tokens to find them again. Keys come from the settings.

A sealed value is bound to its place (resident and field): copied to another row or column it does not open.
It carries the id of its key, so that several keys can be in use while values are moved to a new one.
"""

from __future__ import annotations

import base64
import hmac
import os
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

FORMAT = 1
NONCE_BYTES = 12
# 128 bits: two different numbers never meet by chance, and an index entry stays half as long.
TOKEN_BYTES = 16
TEXT_PREFIX = "sealed:"


class Unreadable(Exception):
    """The value was altered, belongs to another place, or its key is no longer in the settings."""


def seal(plain: str, *, place: str) -> bytes:
    """Encrypts with the first key. The place is what the value belongs to and must be given again to open it."""
    key_id = current_key_id()
    header = _header(key_id)
    nonce = os.urandom(NONCE_BYTES)
    return header + nonce + _cipher(_key(key_id)).encrypt(nonce, plain.encode(), header + place.encode())


def unseal(sealed: bytes | memoryview, *, place: str) -> str:
    sealed = bytes(sealed)
    key_id = key_id_of(sealed)
    header = _header(key_id)
    nonce, encrypted = sealed[len(header) :][:NONCE_BYTES], sealed[len(header) + NONCE_BYTES :]
    try:
        return _cipher(_key(key_id)).decrypt(nonce, encrypted, header + place.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise Unreadable(f"{place}: the value was altered or belongs elsewhere.") from error


def key_id_of(sealed: bytes | memoryview) -> str:
    """Which key a value was sealed with."""
    sealed = bytes(sealed)
    if len(sealed) < 2 or sealed[0] != FORMAT or len(sealed) < 2 + sealed[1] + NONCE_BYTES:
        raise Unreadable("This is not a sealed value.")
    try:
        return sealed[2 : 2 + sealed[1]].decode()
    except UnicodeDecodeError as error:
        raise Unreadable("This is not a sealed value.") from error


def current_key_id() -> str:
    return next(iter(_keys()))


def as_text(sealed: bytes | memoryview) -> str:
    """A sealed value for places that hold text only, such as the ledger; its key id can be read off the beginning."""
    return f"{TEXT_PREFIX}{key_id_of(sealed)}:{base64.b64encode(sealed).decode()}"


def unseal_text(text: str, *, place: str) -> str:
    try:
        sealed = base64.b64decode(text.rpartition(":")[2], validate=True)
    except ValueError as error:
        raise Unreadable(f"{place}: this is not a sealed text.") from error
    return unseal(sealed, place=place)


def token(kind: str, value: str) -> bytes:
    """A keyed fingerprint by which equal values are found. The kind keeps fingerprints of different fields apart."""
    message = kind.encode() + b"\x00" + value.encode()
    return hmac.digest(settings.PERSONAL_DATA_INDEX_KEY, message, sha256)[:TOKEN_BYTES]


def _header(key_id: str) -> bytes:
    encoded = key_id.encode()
    return bytes([FORMAT, len(encoded)]) + encoded


def _key(key_id: str) -> bytes:
    try:
        return _keys()[key_id]
    except KeyError as error:
        raise Unreadable(f"The key {key_id!r} is not among PERSONAL_DATA_KEYS.") from error


def _keys() -> dict[str, bytes]:
    keys: dict[str, bytes] = settings.PERSONAL_DATA_KEYS
    return keys


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)
