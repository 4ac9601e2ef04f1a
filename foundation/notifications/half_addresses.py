"""Addresses that open something to whoever has them: a random half, kept in the database, and a signature over it.

The key of the signature is not in the database: who has a copy of it has no working link. A message waits with the
half alone, marked by "!", and gets the other one as it leaves.
"""

from __future__ import annotations

import re
import secrets

from django.conf import settings
from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

SALT = "half addresses"
HALF = 22
"""Letters of either half: 128 bits of chance, 132 of signature."""
_HALF_IN_PATH = re.compile(r"(?<=/)([\w-]{22})!(?=/)", re.ASCII)


def new_public_id() -> str:
    return secrets.token_urlsafe(16)


def token_of(public_id: str) -> str:
    return public_id + _signature(public_id, settings.SECRET_KEY)


def public_id_of(token: str) -> str | None:
    """The half that is kept, if the other half fits; keys that were in use before the present one still count."""
    public_id, signature = token[:HALF], token[HALF:]
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if constant_time_compare(signature, _signature(public_id, key)):
            return public_id
    return None


def completed(path: str) -> str:
    """A path as it leaves the house, whole."""
    return _HALF_IN_PATH.sub(lambda half: token_of(half[1]), path)


def _signature(public_id: str, key: str | bytes) -> str:
    return Signer(key=key, salt=SALT).signature(public_id)[:HALF]
