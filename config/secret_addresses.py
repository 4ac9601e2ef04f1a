"""Addresses that open a matter, and network addresses of those who told it, do not stand in the logs."""

from __future__ import annotations

import logging
import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

# A receipt, the tracking page behind a QR code, the link to the three questions.
_SECRET = re.compile(r"(/h/[^/\s]+/(?:e|t|sent)/)[^/\s]+")


# What residents' browsers ask for: the public pages, and what comes with them and would tell as much.
_PUBLIC = frozenset({"", "h", "static", "i18n", "favicon.ico"})


def hidden(text: str) -> str:
    return _SECRET.sub(r"\1***", text)


def is_public(path: str) -> bool:
    return path.lstrip("/").partition("/")[0] in _PUBLIC


def shortened(address: str) -> str:
    """Its network alone: whose house or company, not whose computer. "-" for what is no address."""
    try:
        full: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return "-"
    if isinstance(full, IPv6Address) and full.ipv4_mapped:
        full = full.ipv4_mapped
    return str(ip_network((full, 24 if full.version == 4 else 48), strict=False).network_address)


class AccessLogger(Logger):
    """The web process's list of requests."""

    def atoms(self, *args: Any) -> dict[str, Any]:
        atoms: dict[str, Any] = super().atoms(*args)
        atoms |= {name: hidden(atoms[name] or "") for name in ("U", "r", "f")}
        if is_public(atoms["U"]):
            # Who tells something anonymously is not to be found by the time of it.
            atoms["h"] = shortened(atoms["h"])
        return atoms


class HideSecretAddresses(logging.Filter):
    """What the framework says of an answer names its address."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if (shown := hidden(said)) != said:
            record.msg, record.args = shown, None
        return True
