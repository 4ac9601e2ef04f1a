"""Tabs and filters above a list: each a link, one of them the page one is on."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Tab:
    label: str | Promise
    url: str
    is_on: bool
    count: str = ""
    """In words; empty where nothing is counted."""
