"""The search: a page that needs no script, and the suggestions of the field that Ctrl K opens."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import BooleanField, ExpressionWrapper, F, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from cases.find import LONGEST, Search, search_for
from cases.models import Case
from cases.models.case import CaseQuerySet
from web.access import StaffRequest, roles_required
from web.case_filters import cases_of, for_rows
from web.desk.lists import READERS
from web.desk.rows import row_of, texts_of, with_texts
from web.keyset import page_of

WALKED = 1000
"""So many of the latest cases are looked at one by one. Words that many of them say are found so at once; of others
there are few enough to ask the index for all of them. Only which way is faster hangs on it, never what is found."""
WEIGHED = 60
"""So many at a time are read, to see whether the words stand there as they were typed."""
MOST_HITS = 3000
"""Where pairs of neighbouring characters fit so often and the words never do, the search gives up."""
SUGGESTED = 8
MOST_DIRECT = 25


@require_safe
@roles_required(*READERS)
def search(request: StaffRequest) -> HttpResponse:
    asked, now = request.GET, timezone.now()
    typed = asked.get("q", "").strip()[:LONGEST]
    older = asked.get("older") == "1"
    found = search_for(typed, hall=request.hall, staff=request.user, now=now, older=older)
    cases = cases_of(request.hall, request.user)
    is_first = not (asked.get("after") or asked.get("before"))
    # On further pages too: what stood on the first by number or person does not come again among the words.
    hits = _direct(cases, found, request)
    direct = hits[:MOST_DIRECT]
    page = page_of(
        for_rows(cases, request.user).exclude(pk__in=[case.pk for case in direct]),
        asked,
        by="registered_at",
        descending=True,
        pick=lambda rows, most: _saying(rows, found, most),
    )
    said = [row_of(case, found) for case in page.rows]
    shown = direct if is_first else []
    return render(
        request,
        "desk/search.html",
        {
            "now": now,
            "typed": typed,
            "direct": [row_of(case, found) for case in shown],
            "most_direct": MOST_DIRECT,
            "is_cut": len(hits) > MOST_DIRECT,
            "said": said,
            "page": page,
            "count": len(shown) + len(said),
            "is_first": is_first,
            "notes": found.notes,
            "looks_at_recent": bool(found.wording) and not older,
            "older": older,
            "older_url": f"?{urlencode({'q': typed, 'older': '1'})}",
            "list_url": f"{reverse('desk:case_list')}?{urlencode({'q': typed} | ({'older': '1'} if older else {}))}",
        },
    )


@require_POST
@roles_required(*READERS)
def search_suggestions(request: StaffRequest) -> HttpResponse:
    """The likeliest few. By POST: names and numbers typed half stay out of the logs."""
    now = timezone.now()
    typed = request.POST.get("q", "").strip()[:LONGEST]
    found = search_for(typed, hall=request.hall, staff=request.user, now=now)
    cases = cases_of(request.hall, request.user)
    rows = _direct(cases, found, request)[:SUGGESTED]
    if len(rows) < SUGGESTED:
        seen = {case.pk for case in rows}
        latest = for_rows(cases, request.user).order_by("-registered_at", "-pk")
        rows += [case for case in _saying(latest, found, SUGGESTED) if case.pk not in seen]
    return render(
        request,
        "desk/search_suggestions.html",
        {
            "now": now,
            "typed": typed,
            "rows": [row_of(case, found) for case in rows[:SUGGESTED]],
            "notes": found.notes,
            "all_url": f"{reverse('desk:search')}?{urlencode({'q': typed})}",
        },
    )


def _direct(cases: CaseQuerySet, found: Search, request: StaffRequest) -> list[Case]:
    """By number or person, the newest first; one more than are shown, to tell whether there are more."""
    if not found.has_direct:
        return []
    return list(for_rows(cases.filter(found.direct), request.user).order_by("-registered_at", "-pk")[: MOST_DIRECT + 1])


def _saying(rows: QuerySet[Case], found: Search, most: int) -> list[Case]:
    """The first of the rows, in their order, whose title or texts say what was typed."""
    if not found.wording:
        return []
    indexed = found.wording.indexed(hall_id=found.hall.pk, now=found.now, older=found.older)
    if found.staff.sees_all_content or found.hall.pk in found.staff.content_hall_ids:
        # Not for departments: to pick their cases out of the latest of the hall costs more than to ask the index.
        hit = ExpressionWrapper(indexed, output_field=BooleanField())
        walked = list(rows.annotate(is_hit=hit).values_list("pk", "is_hit")[:WALKED])
        saying = _standing(rows, [pk for pk, is_hit in walked if is_hit], found, most)
        if len(saying) == most or len(walked) < WALKED:
            return saying
    sign = "-" if str(rows.query.order_by[0]).startswith("-") else ""
    # By a moment the index of moments does not know: the one of words is to be asked.
    hits = rows.filter(indexed).annotate(at=F("registered_at") + timedelta(0)).order_by(f"{sign}at", f"{sign}pk")
    return _standing(rows, list(hits.values_list("pk", flat=True)[:MOST_HITS]), found, most)


def _standing(rows: QuerySet[Case], pks: list[int], found: Search, most: int) -> list[Case]:
    standing: list[Case] = []
    for first in range(0, len(pks), WEIGHED):
        some = pks[first : first + (WEIGHED if first or found.wording.inexact else most)]
        by_pk = with_texts(rows.filter(pk__in=some)).in_bulk(some)
        standing += [by_pk[pk] for pk in some if pk in by_pk and found.wording.stands_in(texts_of(by_pk[pk]))]
        if len(standing) >= most:
            break
    return standing[:most]
