"""The receipt of the public form: number, code, and what happens by when. Its address is signed and ends by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods

from cases.actions.write_to_resident import tracking_path
from cases.models import Case
from cases.vocabulary import CaseState
from foundation.deadlines.calendar import NeverOpens
from foundation.deadlines.models import ClockKind
from foundation.deadlines.terms import schedule
from foundation.notifications.models import Channel
from foundation.notifications.residents import ways_to, write_to
from foundation.organization.models import Hall
from foundation.throttling.actions import Limit, TooMany, take
from web.portal.hall import public_hall
from web.portal.opening import open_now
from web.portal.track import in_groups
from web.portal.visitor import come_back_later, kept_to_oneself
from web.qr import qr_code

GOOD_FOR: Final = timedelta(days=2)
SALT: Final = "portal.sent"
RECEIPTS: Final = Limit("receipt.written", 3, timedelta(days=1))
"""By number and by e-mail address: anybody can type anybody's."""
SENT: Final = gettext_noop(
    "%(hall_name)s has received your matter %(number)s. With the last four digits of your phone number you see here "
    "how far it is:"
)


@dataclass(frozen=True)
class Promise:
    by: str
    """The moment, in words."""
    what: str


def address_of(hall: Hall, case_id: int, *, gave_email: bool = False) -> str:
    """gave_email: with this very press; the page then offers to write there."""
    return reverse("portal:sent", args=[hall.code, signing.dumps([hall.code, case_id, gave_email], salt=SALT)])


@kept_to_oneself
@require_http_methods(["GET", "HEAD", "POST"])
def sent(request: HttpRequest, hall_code: str, token: str) -> HttpResponse:
    hall = public_hall(hall_code)
    now = timezone.now()
    try:
        code, case_id, gave_email = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.SignatureExpired:
        return render(request, "portal/sent_expired.html", {"hall": hall}, status=410)
    except signing.BadSignature as error:
        raise Http404 from error
    if code != hall.code:
        raise Http404
    cases = Case.objects.select_related("hall", "resident", "category__parent", "chain").defer("search")
    case = get_object_or_404(cases, pk=case_id)
    status_path = tracking_path(case)
    ways = _ways(case, gave_email=gave_email)
    refusal: TooMany | None = None
    if request.method == "POST":
        try:
            _write(case, ways, status_path, now)
            return redirect(f"{request.path}?written=1")
        except TooMany as often:
            refusal = often
    with timezone.override(hall.zone):
        address = f"{settings.PUBLIC_BASE_URL}{status_path}"
        context = {
            "hall": hall,
            "case": case,
            "now": now,
            "is_anonymous": case.resident is None,
            "is_hidden": case.identity == "hidden",
            "code": in_groups(case.tracking_code),
            "address": address,
            "qr": qr_code(address, _("QR code of the status page")),
            "promises": _promises(case, now),
            "opening": open_now(case.rules.calendar, now),
            "ways": [way.label for way in ways],
            "is_written": "written" in request.GET,
        }
        if refusal is None:
            return render(request, "portal/sent.html", context)
        return come_back_later(render(request, "portal/sent.html", {**context, "is_refused": True}), refusal)


def _ways(case: Case, *, gave_email: bool) -> list[Channel]:
    """By number and address as they were given with this matter.

    Anybody can type somebody's name and number: what else is on record of them must not be seen from here.
    """
    given = [Channel.EMAIL, Channel.SMS] if gave_email else [Channel.SMS]
    return [way for way in ways_to(case.resident, case.hall) if way in given]


def _write(case: Case, ways: Sequence[Channel], path: str, now: datetime) -> None:
    """The same link to the person on record, once, however often it is asked for. Raises TooMany."""
    if case.resident is not None and ways:
        take(RECEIPTS, who=bytes(case.resident.phone_token or b"").hex(), now=now)
        if Channel.EMAIL in ways:
            take(RECEIPTS, who=case.resident.email.casefold(), now=now)
        write_to(
            resident=case.resident,
            hall=case.hall,
            key=f"receipt:{case.pk}",
            text=SENT,
            params={"hall_name": case.hall.name, "number": case.number},
            path=path,
            chain=case.chain,
            now=now,
        )


def _promises(case: Case, now: datetime) -> list[Promise]:
    """What happens next, with the dates of the clocks that run; of one that does not run yet, its latest."""
    due = dict(case.deadlines.running().values_list("kind", "due_at"))
    promises = []
    if ClockKind.CONFIRM in due:
        promises.append(
            Promise(_moment(due[ClockKind.CONFIRM]), _("we call you to read your complaint back to you and confirm it"))
        )
    if ClockKind.DISPATCH in due:
        words = _("we decide who handles it, or tell you why we cannot accept it")
        promises.append(Promise(_moment(due[ClockKind.DISPATCH]), words))
    latest = due.get(ClockKind.PROMISE) or _latest_answer(case, due.get(ClockKind.DISPATCH))
    if latest is not None:
        words = _("you have our answer, once we have accepted the matter")
        promises.append(Promise(_moment(latest), words))
    return promises


def _latest_answer(case: Case, accepted_by: datetime | None) -> datetime | None:
    """By when the answer would be promised if the matter were accepted at the last moment."""
    if case.state != CaseState.REGISTERED or accepted_by is None:
        return None
    try:
        plan = schedule(
            case.hall,
            kind=ClockKind.PROMISE,
            start=accepted_by,
            nature=case.nature,
            category=case.category,
            urgency=case.urgency,
            calendar=case.rules.calendar,
            among=case.rules.terms,
        )
    except (LookupError, NeverOpens):
        # No rule, or no opening hours ahead: then nothing is promised here.
        return None
    return plan.due_at


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")
