"""A complaint is lodged, and confirmed with the complainant within the limit (S3, chapter 3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cases import clocks
from cases.actions.bar import bar
from cases.actions.moving import follow, lock_case, move, required, to_the_minute, write_down
from cases.models import Case
from cases.vocabulary import OPEN_STATES, Nature
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
    _check_colleagues(case, named)
    complaint = Complaint.objects.create(case=case, lodged_at=visit.received_at, about=about)
    ComplaintSubject.objects.bulk_create(ComplaintSubject(complaint=complaint, staff=person) for person in named)
    for person in named:
        bar(case_id=case.pk, staff=person, reason=about, actor=actor, now=now)
    case = lock_case(case_id=case.pk, actor=actor, transition_no=None)
    events = []
    means = READ_BACK.get(Channel(visit.channel)) if visit.is_verified else None
    if actor is not None and means is not None and case.waits_to_be_confirmed():
        follow(case, "confirm")
        events = clocks.finish(case, ClockKind.CONFIRM, now=visit.registered_at)
        _confirm(complaint, actor=actor, at=visit.registered_at, means=means, corrections="")
    write_down(
        case,
        "complaint.lodged",
        actor=actor,
        now=now,
        clock_events=events,
        payload={
            "staff": [person.pk for person in named],
            "confirmed_by_means": means.value if events and means else None,
        },
        texts={"about": about},
    )
    complaint.case = case
    return complaint


@transaction.atomic
def confirm(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    means: str,
    confirmed_at: datetime,
    corrections: str = "",
) -> Complaint:
    """Confirmed with the complainant, with what they put right. Met or late by the hour it was confirmed."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    if means not in ConfirmMeans.values:
        raise Refused(_("Choose how it was confirmed."), field="means")
    if confirmed_at > now:
        raise Refused(_("The time of confirmation lies in the future."), field="confirmed_at")
    move(case, "confirm", actor)
    complaint = _complaint_of(case)
    if confirmed_at < to_the_minute(complaint.lodged_at):
        raise Refused(_("The complaint was not lodged yet at that time."), field="confirmed_at")
    confirmed_at = max(confirmed_at, complaint.lodged_at)
    corrections = corrections.strip()
    events = clocks.finish(case, ClockKind.CONFIRM, now=confirmed_at)
    _confirm(complaint, actor=actor, at=confirmed_at, means=ConfirmMeans(means), corrections=corrections)
    write_down(
        case,
        "complaint.confirmed",
        actor=actor,
        now=now,
        happened_at=confirmed_at,
        clock_events=events,
        payload={"means": ConfirmMeans(means).value},
        texts={"corrections": corrections},
    )
    complaint.case = case
    return complaint


def _complaint_of(case: Case) -> Complaint:
    """The complaint; a matter that was screened as one only later has none yet: it counts from that moment.

    Not from when the clock began: that of an urgent matter of the night waits for the next opening.
    """
    known = Complaint.objects.select_for_update(no_key=True).filter(case=case).first()
    if known is not None:
        return known
    clock = case.deadlines.running().get(kind=ClockKind.CONFIRM)
    return Complaint.objects.create(case=case, lodged_at=datetime.fromisoformat(clock.explanation["happened_at"]))


def _confirm(complaint: Complaint, *, actor: Staff, at: datetime, means: ConfirmMeans, corrections: str) -> None:
    complaint.confirmed_at, complaint.confirmed_by = at, actor
    complaint.confirm_means, complaint.corrections = means, corrections
    complaint.save(update_fields=["confirmed_at", "confirmed_by", "confirm_means", "corrections"])


def _check_colleagues(case: Case, named: Sequence[Staff]) -> None:
    here = Membership.objects.filter(Q(hall=case.hall) | Q(hall=None), staff__in=named)
    if set(here.values_list("staff_id", flat=True)) != {person.pk for person in named}:
        raise Refused(_("Choose people who work in this hall or in the street office."), field="about_staff")
