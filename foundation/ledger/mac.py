"""The bytes a MAC is taken over. What is written here can never change for a version that was once used.

Parts are joined as one canonical JSON array: no two different entries give the same bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from django.conf import settings

VERSION = 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

INEXACT = "The ledger keeps str, int, bool, None, list and dict; at {place} it was given {kind}."


_compact = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True).encode


class UnknownKey(LookupError):
    """The row names a key that is not among settings.LEDGER_KEYS."""


def signing_key_id() -> str:
    return next(iter(settings.LEDGER_KEYS))


def key(key_id: str) -> bytes:
    try:
        found: bytes = settings.LEDGER_KEYS[key_id]
    except KeyError:
        raise UnknownKey(key_id) from None
    return found


def microseconds(moment: datetime) -> int:
    """Since 1970 in UTC, exact; a naive moment raises TypeError."""
    return (moment - EPOCH) // MICROSECOND


def canonical_json(value: object) -> str:
    """One text for one value. Floats have no exact text and dates no agreed one, so they are refused with TypeError."""
    refuse_inexact(value, "payload")
    return _compact(value)


def refuse_inexact(value: object, place: str) -> None:
    if value is None or isinstance(value, str | int):
        return
    if isinstance(value, list):
        for position, item in enumerate(value):
            refuse_inexact(item, f"{place}[{position}]")
        return
    if isinstance(value, dict):
        for name, item in value.items():
            # JSON would turn the key 1 into "1": two payloads, one text.
            if not isinstance(name, str):
                raise TypeError(INEXACT.format(place=f"a key of {place}", kind=type(name).__name__))
            refuse_inexact(item, f"{place}.{name}")
        return
    raise TypeError(INEXACT.format(place=place, kind=type(value).__name__))


def text_digest(salt: bytes, content: str) -> bytes:
    return hashlib.sha256(salt + content.encode()).digest()


def entry_mac(
    *,
    version: int,
    key_id: str,
    hall_id: int,
    number: int,
    seq: int,
    kind: str,
    actor_id: int | None,
    happened_at: datetime,
    recorded_at: datetime,
    payload: str,
    text_digests: Mapping[str, bytes],
    previous_mac: bytes,
) -> bytes:
    parts = [
        "entry",
        version,
        key_id,
        hall_id,
        number,
        seq,
        kind,
        actor_id,
        microseconds(happened_at),
        microseconds(recorded_at),
        payload,
        {name: digest.hex() for name, digest in text_digests.items()},
        previous_mac.hex(),
    ]
    return hmac.digest(key(key_id), _compact(parts).encode(), "sha256")


def heads_digest(heads: Iterable[tuple[int, int, int, int, bytes]]) -> tuple[int, bytes]:
    """Count and SHA-256 of (chain id, hall id, number, seq, head), in the order of chain ids."""
    digest = hashlib.sha256()
    count = 0
    for chain_id, hall_id, number, seq, head in heads:
        digest.update(f"{chain_id},{hall_id},{number},{seq},{head.hex()}\n".encode())
        count += 1
    return count, digest.digest()


def seal_digest(
    *,
    version: int,
    key_id: str,
    number: int,
    sealed_at: datetime,
    last_entry: int,
    chain_count: int,
    heads: bytes,
    previous_digest: bytes,
) -> bytes:
    parts = [
        "seal",
        version,
        key_id,
        number,
        microseconds(sealed_at),
        last_entry,
        chain_count,
        heads.hex(),
        previous_digest.hex(),
    ]
    return hmac.digest(key(key_id), _compact(parts).encode(), "sha256")
