"""The inbox of whoever is logged in, and the messages that did not arrive, for those who look after them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.models import Case
from foundation.notifications.actions import local, mark_all_read, mark_read, send_again
from foundation.notifications.models import DELIVERY_ROLES, Alert, AlertQuerySet, Delivery
from foundation.notifications.reading import inbox
from foundation.organization.models import Staff
from foundation.refusals import Refused
from web.access import StaffRequest, roles_required, staff_required
from web.desk.gone import slips_gone
from web.undelivered import looked_after

PAGE = 25
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@require_GET
@staff_required
def alert_list(request: StaffRequest) -> HttpResponse:
    only_unread = request.GET.get("unread") == "1"
    alerts = inbox(request.user)
    if only_unread:
        alerts = alerts.unread()
    rows = list(_older(alerts, request.GET.get("before", ""))[: PAGE + 1])
    shown = rows[:PAGE]
    return render(
        request,
        "desk/alert_list.html",
        {
            "alerts": shown,
            "only_unread": only_unread,
            "any_unread": any(alert.read_at is None for alert in shown),
            "is_first_page": "before" not in request.GET,
            "next_cursor": _cursor(shown[-1]) if len(rows) > PAGE else "",
            "looks_after_deliveries": request.user.holds(*DELIVERY_ROLES, hall=request.hall),
        },
    )


@require_GET
@staff_required
def alert_open(request: StaffRequest, pk: int) -> HttpResponse:
    """What the alert is about; having been opened it counts as read."""
    alert = inbox(request.user).filter(pk=pk).first()
    if alert is None:
        return _taken_back(request, pk)
    mark_read(alert_ids=[alert.pk], staff=request.user, now=timezone.now())
    # The database has the same rule; a redirect is worth asking twice.
    if alert.url and local(alert.url):
        return HttpResponseRedirect(alert.url)
    return redirect("desk:alert_list")


def _taken_back(request: StaffRequest, pk: int) -> HttpResponse:
    """From a message or a page of before: the slip it was about has been returned or recalled meanwhile."""
    cases = slips_gone(request.user).values("case__chain")
    get_object_or_404(Alert, pk=pk, recipient=request.user, withdrawn_at__isnull=False, chain__in=cases)
    messages.info(request, _("What this alert was about is no longer with your department."))
    return redirect("desk:alert_list")


@require_POST
@staff_required
def alert_read(request: StaffRequest, pk: int) -> HttpResponse:
    alert = get_object_or_404(inbox(request.user), pk=pk)
    mark_read(alert_ids=[alert.pk], staff=request.user, now=timezone.now())
    return _back(request)


@require_POST
@staff_required
def alert_read_all(request: StaffRequest) -> HttpResponse:
    """All that was there when the page was drawn."""
    until = _moment(request.POST.get("until", ""))
    if until is None:
        messages.error(request, _("The page was incomplete. Load it again and mark the alerts there."))
    else:
        mark_all_read(staff=request.user, until=until, now=timezone.now())
    return _back(request)


@require_GET
@roles_required(*DELIVERY_ROLES)
def delivery_list(request: StaffRequest) -> HttpResponse:
    """Messages given up. Not what they say: it may be about a case that is closed to whoever reads this."""
    deliveries = looked_after(request.hall, request.user).dead()
    before = request.GET.get("before", "")
    if re.fullmatch(r"[0-9]{1,18}", before):
        deliveries = deliveries.filter(pk__lt=int(before))
    rows = list(deliveries.select_related("alert__recipient", "message__resident").order_by("-pk")[: PAGE + 1])
    shown = rows[:PAGE]
    numbers = _numbers(request.user, shown)
    return render(
        request,
        "desk/delivery_list.html",
        {
            "rows": [(delivery, numbers.get(_chain_of(delivery), "")) for delivery in shown],
            "next_cursor": shown[-1].pk if len(rows) > PAGE else "",
        },
    )


def _numbers(staff: Staff, deliveries: Sequence[Delivery]) -> dict[int | None, str]:
    """Which matters residents were written to about, by chain; only those this person may see."""
    chains = {_chain_of(delivery) for delivery in deliveries} - {None}
    if not chains:
        return {}
    return dict(Case.objects.visible_to(staff).filter(chain__in=chains).values_list("chain", "number"))


def _chain_of(delivery: Delivery) -> int | None:
    return delivery.message.chain_id if delivery.message else None


@require_POST
@roles_required(*DELIVERY_ROLES)
def delivery_retry(request: StaffRequest, pk: int) -> HttpResponse:
    mine = looked_after(request.hall, request.user)
    delivery = get_object_or_404(mine.select_related("alert__recipient"), pk=pk)
    try:
        send_again(delivery_id=delivery.pk, actor=request.user, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        name = delivery.recipient_name
        messages.success(request, _("The message to %(name)s will be sent again.") % {"name": name})
    return redirect("desk:delivery_list")


def _older(alerts: AlertQuerySet, cursor: str) -> AlertQuerySet:
    """What follows the row of the cursor; a cursor nobody gave out shows the first page."""
    parts = re.fullmatch(r"([0-9]{1,16})-([0-9]{1,18})", cursor)
    if parts is None:
        return alerts
    at = _EPOCH + timedelta(microseconds=int(parts[1]))
    return alerts.filter(created_at__lte=at).exclude(created_at=at, pk__gte=int(parts[2]))


def _cursor(alert: Alert) -> str:
    return f"{(alert.created_at - _EPOCH) // timedelta(microseconds=1)}-{alert.pk}"


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None


def _back(request: StaffRequest) -> HttpResponse:
    """To the page the button stood on, filter and place kept; only ever a page of our own."""
    page = request.POST.get("next", "")
    return HttpResponseRedirect(page) if page and local(page) else redirect("desk:alert_list")
