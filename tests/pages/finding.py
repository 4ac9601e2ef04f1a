"""From the table to addresses: every page in every state, with a log-in for whoever it belongs to.

Run on the database in question by the command in row.py: whoever drives the browser must not touch it.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from django.conf import settings
from django.test import Client

from foundation.organization.models import Staff
from tests.pages.row import Row
from tests.pages.scene import Place, scenes
from tests.pages.table import Page, pages, uncovered


def tell() -> None:
    rows, missing = find()
    print(json.dumps({"rows": [asdict(row) for row in rows], "missing": missing}))


def find() -> tuple[list[Row], list[str]]:
    known = scenes()
    rows: list[Row] = []
    missing = [f"{name}: no page in tests/pages/table.py" for name in uncovered()]
    for page in pages():
        place = next(filter(None, map(page.find, known)), None)
        if place is None:
            missing.append(f"{page.name}: nothing in the database to show it with")
            continue
        rows += [_row(page, "full", place)]
        if page.wrong:
            # What is typed into a page would keep it from being sent empty; what leads to it has to be typed.
            rows += [_row(page, "wrong", place if place.then else Place(place.address, place.staff))]
        if page.empty:
            newcomer = Staff.objects.get(username=f"new-{page.empty}")
            rows += [_row(page, "empty", Place(place.address, newcomer))]
    return rows, missing


def _row(page: Page, state: str, place: Place) -> Row:
    return Row(
        page.name,
        state,
        place.address,
        _log_in(place.staff),
        place.fill,
        place.presses,
        place.then,
        place.awaits,
        page.english and state == "full",
        page.paper,
    )


def _log_in(staff: Staff | None) -> str:
    """A session of this person's own, so that nobody's wrong form is put back into the next page."""
    if staff is None:
        return ""
    client = Client()
    client.force_login(staff)
    return client.cookies[settings.SESSION_COOKIE_NAME].value
