"""Reads keys from the environment. A missing or malformed key stops the program with a sentence that names it."""

from django.core.exceptions import ImproperlyConfigured


def read_keys(name: str, value: str) -> dict[str, bytes]:
    """Keys by their id, in the order given: the first one is used for new values, the rest only to read old ones.

    The value looks like "2026:00ff…,2025:77aa…": ids and 32-byte keys in hexadecimal.
    """
    keys: dict[str, bytes] = {}
    for part in value.split(","):
        key_id, separator, digits = part.strip().partition(":")
        if not separator or not key_id:
            raise ImproperlyConfigured(f"{name} must be a comma-separated list of id:hex keys.")
        if key_id in keys:
            raise ImproperlyConfigured(f"{name} gives the key id {key_id!r} twice.")
        keys[key_id] = read_key(name, digits)
    return keys


def read_key(name: str, digits: str) -> bytes:
    """One 32-byte key from its 64 hexadecimal digits."""
    try:
        key = bytes.fromhex(digits)
    except ValueError:
        key = b""
    if len(key) != 32:
        # The value itself is never repeated: messages end up in logs.
        raise ImproperlyConfigured(f"{name} must hold keys of 64 hexadecimal digits (32 bytes).")
    return key
