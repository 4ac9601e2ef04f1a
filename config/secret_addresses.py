"""Addresses that open a matter to whoever has them do not stand in the logs."""

from __future__ import annotations

import logging
import re
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

# A receipt, the tracking page behind a QR code, the link to the three questions.
_SECRET = re.compile(r"(/h/[^/\s]+/(?:e|t|sent)/)[^/\s]+")


def hidden(text: str) -> str:
    return _SECRET.sub(r"\1***", text)


class AccessLogger(Logger):
    """The web process's list of requests."""

    def atoms(self, *args: Any) -> dict[str, Any]:
        atoms: dict[str, Any] = super().atoms(*args)
        return atoms | {name: hidden(atoms[name] or "") for name in ("U", "r", "f")}


class HideSecretAddresses(logging.Filter):
    """What the framework says of an answer names its address."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if (shown := hidden(said)) != said:
            record.msg, record.args = shown, None
        return True
