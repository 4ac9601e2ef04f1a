"""What was changed in the hall itself, as its record keeps it: who may do what, the rules, registers in and out.

What the same chain holds of residents and postings is not here: who may read that is told where it stands.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from foundation.ledger.models import HALL_CHAIN, Entry
from foundation.organization.models import Hall, Role
from web.access import StaffRequest, roles_required
from web.desk.hall_record_words import told
from web.tabs import Tab

PAGE = 25
CHANGES = ("added", "changed", "removed")


def _kinds(*nouns: str) -> tuple[str, ...]:
    return tuple(f"{noun}.{change}" for noun in nouns for change in CHANGES)


SUBJECTS: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "people": (
        _("accounts and roles"),
        (*_kinds("account", "membership"), "account.password_set", "account.password_changed"),
    ),
    "places": (
        _("settings, departments and categories"),
        _kinds("hall", "department", "category", "second_look_share", "sending_hours", "sms_gateway"),
    ),
    "time": (
        _("time limits and calendar"),
        (
            *_kinds("term", "calendar_day", "announced_year", "ladder_step", "opening_hours"),
            "hall.clocks_recomputed",
        ),
    ),
    "data": (
        _("registers and keys"),
        ("register.import_begun", "register.imported", "register.exported", "resident.keys_rotated"),
    ),
}
EVERYTHING = tuple(kind for _label, kinds in SUBJECTS.values() for kind in kinds)


@require_safe
@roles_required(Role.DIRECTOR, Role.SUPERVISOR)
def hall_record(request: StaffRequest) -> HttpResponse:
    about = request.GET.get("about", "")
    if about not in SUBJECTS:
        about = ""
    page = _page(_entries(request.hall, SUBJECTS[about][1] if about else EVERYTHING), about, request.GET)
    return render(
        request,
        "desk/hall_record.html",
        {
            "page": page,
            "told": told(page.entries, request.hall),
            "tabs": [
                Tab(_("all"), "?", not about),
                *(Tab(label, f"?about={name}", name == about) for name, (label, _which) in SUBJECTS.items()),
            ],
        },
    )


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    newer_url: str
    older_url: str


def _entries(hall: Hall, kinds: tuple[str, ...]) -> QuerySet[Entry]:
    return Entry.objects.filter(chain__hall=hall, chain__number=HALL_CHAIN, kind__in=kinds).select_related("actor")


def _page(entries: QuerySet[Entry], about: str, asked: QueryDict) -> Page:
    """Newest first. By the number in the chain, which the index follows: residents' entries lie in between."""
    before, after = _number(asked.get("before", "")), _number(asked.get("after", ""))
    if after is not None:
        found = list(entries.filter(seq__gt=after).order_by("seq")[: PAGE + 1])
        shown = found[:PAGE][::-1]
        further = True
        back = len(found) > PAGE
    else:
        if before is not None:
            entries = entries.filter(seq__lt=before)
        found = list(entries.order_by("-seq")[: PAGE + 1])
        shown = found[:PAGE]
        further = len(found) > PAGE
        back = before is not None
    return Page(
        shown,
        _url(about, "after", shown[0].seq) if shown and back else "",
        _url(about, "before", shown[-1].seq) if shown and further else "",
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _url(about: str, name: str, seq: int) -> str:
    asked: dict[str, str | int] = {"about": about} if about else {}
    return f"?{urlencode({**asked, name: seq})}"
