"""The hall's notice board: what became of matters, improvements, apologies, figures. It names nobody."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from followups.board import postings
from followups.posting import Posting, PostingKind, PostingState, first_of_month
from web.keyset import page_of
from web.portal.hall import public_hall
from web.tabs import Tab

SIZE = 20


@dataclass
class Month:
    first: date
    rows: list[Posting] = field(default_factory=list)


@require_safe
@cache_control(private=True, no_cache=True)
def board(request: HttpRequest, hall_code: str) -> HttpResponse:
    """The latest first, under their months; ?kind=… one kind only."""
    hall = public_hall(hall_code)
    wanted = request.GET.get("kind", "")
    kind = wanted if wanted in PostingKind.values else ""
    hanging = postings(hall).defer("text", "raised")
    page = page_of(
        hanging.filter(kind=kind) if kind else hanging, request.GET, by="published_at", descending=True, size=SIZE
    )
    with timezone.override(hall.zone):
        return render(
            request,
            "portal/board.html",
            {
                "hall": hall,
                "page": page,
                "months": _by_month(page.rows),
                "kind": kind,
                "filters": [
                    Tab(_("all"), "?", not kind),
                    *(Tab(one.label, f"?kind={one.value}", one == kind) for one in PostingKind),
                ],
            },
        )


@require_safe
@cache_control(private=True, no_cache=True)
def posting(request: HttpRequest, hall_code: str, pk: int) -> HttpResponse:
    hall = public_hall(hall_code)
    published = (PostingState.PUBLISHED, PostingState.TAKEN_DOWN)
    found = get_object_or_404(Posting, hall=hall, pk=pk, state__in=published)
    with timezone.override(hall.zone):
        if not found.is_published:
            return render(request, "portal/board_gone.html", {"hall": hall}, status=410)
        return render(request, "portal/board_posting.html", {"hall": hall, "posting": found})


def _by_month(rows: list[Posting]) -> list[Month]:
    months: list[Month] = []
    for row in rows:
        assert row.published_at is not None
        first = first_of_month(timezone.localtime(row.published_at).date())
        if not months or months[-1].first != first:
            months.append(Month(first))
        months[-1].rows.append(row)
    return months
