"""One page in one state, as it is told to whoever drives the browser. Knows nothing of the database."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

COMMAND = ["shell", "--verbosity=0", "--command", "from tests.pages.finding import tell; tell()"]
"""Of manage.py, on the database in question; prints what `read` reads."""


@dataclass(frozen=True)
class Row:
    name: str
    state: str
    """full; empty: in the hall that has just opened; wrong: its form sent empty"""
    address: str
    session: str
    """Of whom it belongs to; empty: nobody is logged in."""
    fill: dict[str, str] = field(default_factory=dict)
    presses: bool = False
    then: str = ""
    awaits: str = ""
    english: bool = False
    paper: bool = False

    def __str__(self) -> str:
        return self.name if self.state == "full" else f"{self.name}-{self.state}"


def read(told: str) -> tuple[list[Row], list[str]]:
    """The rows, and in words what is missing: pages for which the database holds nothing, URLs without a page."""
    found = json.loads(told)
    return [Row(**row) for row in found["rows"]], found["missing"]
