"""A complaint is lodged: what it is about, and whom (S3, chapter 3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cases import clocks
from cases.actions.bar import bar
from cases.actions.moving import follow, lock_case, required, write_down
from cases.actions.register import Further, register_case
from cases.models import Case
from cases.vocabulary import OPEN_STATES, Nature
from complaints.actions.confirm import record_confirmation
from complaints.models import Complaint, ComplaintSubject, ConfirmMeans
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Membership, Staff
from foundation.refusals import Refused, WrongState
from reception.models import Channel, Visit

READ_BACK = {Channel.WALK_IN: ConfirmMeans.DESK, Channel.PHONE: ConfirmMeans.PHONE}


@transaction.atomic
def lodge(*, case_id: int, about_staff: Sequence[Staff], about: str, actor: Staff | None, now: datetime) -> Complaint:
    """Keep what a complaint or report is about; every person named in it is barred from the case at once.

    What was read back to the resident when it was registered, at the desk or on the phone, is confirmed with that.
    """
    case = lock_case(case_id=case_id, actor=actor, transition_no=None)
    about = required(about, "about", _("Write down whom or what the complaint is about."))
    if case.nature not in (Nature.COMPLAINT, Nature.REPORT):
        raise WrongState(_("This matter is neither a complaint nor a report; screen it as one first."))
    if case.state not in OPEN_STATES:
        raise WrongState(_("This case is closed; register the complaint as a case of its own."))
    if Complaint.objects.filter(case=case).exists():
        raise WrongState(_("This complaint was already lodged; nothing was done a second time."))
    visit = Visit.objects.filter(case_visit__case=case).order_by("case_visit__ordinal")[0]
    named = list(dict.fromkeys(about_staff))
    check_colleagues(case, named)
    complaint = Complaint.objects.create(case=case, lodged_at=visit.received_at, about=about)
    ComplaintSubject.objects.bulk_create(ComplaintSubject(complaint=complaint, staff=person) for person in named)
    for person in named:
        bar(case_id=case.pk, staff=person, reason=about, actor=actor, now=now)
    if named:
        # As barring them has left it.
        case = lock_case(case_id=case.pk, actor=actor, transition_no=None)
    events = []
    means = READ_BACK.get(Channel(visit.channel)) if visit.is_verified else None
    if actor is not None and means is not None and case.waits_to_be_confirmed():
        follow(case, "confirm")
        events = clocks.finish(case, ClockKind.CONFIRM, now=visit.registered_at)
        record_confirmation(complaint, actor=actor, at=visit.registered_at, means=means, corrections="")
    entry = _entry(about, named, confirmed_by=means if events else None)
    write_down(case, entry.kind, actor=actor, now=now, clock_events=events, payload=entry.payload, texts=entry.texts)
    complaint.case = case
    return complaint


def register_lodged(
    *, visit: Visit, about_staff: Sequence[Staff], about: str, actor: Staff | None, now: datetime, **of_case: Any
) -> Case:
    """A case that is a complaint from the first, read back to nobody yet; of_case: as register_case takes it.

    Where nobody is named both are one deed: the case is written once. Barring somebody takes it from there.
    """
    if about_staff:
        case = register_case(visit=visit, actor=actor, now=now, **of_case)
        return lodge(case_id=case.pk, about_staff=about_staff, about=about, actor=actor, now=now).case
    case = register_case(visit=visit, actor=actor, now=now, **of_case, further=[_entry(about, (), confirmed_by=None)])
    Complaint.objects.create(case=case, lodged_at=visit.received_at, about=about)
    return case


def _entry(about: str, named: Sequence[Staff], *, confirmed_by: ConfirmMeans | None) -> Further:
    payload = {
        "staff": [person.pk for person in named],
        "confirmed_by_means": confirmed_by.value if confirmed_by else None,
    }
    return Further("complaint.lodged", payload, {"about": about})


def check_colleagues(case: Case, named: Sequence[Staff], *, field: str = "about_staff") -> None:
    if not named:
        return
    here = Membership.objects.filter(Q(hall=case.hall) | Q(hall=None), staff__in=named)
    if set(here.values_list("staff_id", flat=True)) != {person.pk for person in named}:
        raise Refused(_("Choose people who work in this hall or in the street office."), field=field)
