"""Addresses as QR codes, drawn in the page itself."""

from __future__ import annotations

from django.utils.safestring import SafeString, mark_safe
from segno import make_qr


def qr_code(address: str, title: str, *, error: str = "m") -> SafeString:
    """An SVG without styles of its own; segno writes nothing of the address but squares. error: as segno takes it."""
    svg = make_qr(address, error=error).svg_inline(border=2, omitsize=True, title=title)
    return mark_safe(svg)  # noqa: S308 - made here out of squares
