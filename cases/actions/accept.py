"""Acceptance: the matter is ours, screened, and the resident has a promised date."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from cases import clocks, powers
from cases.actions.moving import lock_case, move, required, write_down
from cases.actions.register import check_screening
from cases.actions.write_to_resident import write_to_resident
from cases.models import Case, CaseDeadline
from cases.vocabulary import COMPLAINED, Nature, StoodIn
from foundation.deadlines.models import ClockKind
from foundation.deadlines.moves import iso
from foundation.organization.models import Category, Staff
from foundation.refusals import NotAllowed, Refused
from reception.models import Channel

FROM_AFAR = (Channel.WEB, Channel.EMAIL)
"""Who came in one of these ways has no receipt in hand."""
ACCEPTED = gettext_noop(
    "%(number)s has been accepted. You will be answered by %(due_at)s. With the last four digits of your phone number "
    "you see here how far it is:"
)
ACCEPTED_WITHOUT_NUMBER = gettext_noop(
    "%(number)s has been accepted. You will be answered by %(due_at)s. You see here how far it is; leave the digits "
    "empty, as you gave us no phone number:"
)
DECIDED_BY = {
    StoodIn.DIRECTOR: gettext_lazy("the hall director"),
    StoodIn.STREET: gettext_lazy("the supervisors of the street office"),
    StoodIn.SUPERVISOR: gettext_lazy("the supervisors of the hall"),
}


@transaction.atomic
def accept(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    nature: str,
    category: Category,
    urgency: str,
    headcount: int,
    reason: str = "",
) -> Case:
    """Accept with the final screening; the promise starts and its date stands on the receipt.

    reason: why a complaint about somebody of the house is to be something else, which the director alone decides.
    """
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    move(case, "accept", actor, now=now)
    check_screening(hall=case.hall, nature=nature, category=category, urgency=urgency)
    if headcount < 1:
        raise Refused(_("At least one person came."), field="headcount")
    reason = reason.strip()
    if case.is_complaint_about_staff() and nature not in COMPLAINED:
        if not powers.acts_as_director(case, actor):
            raise NotAllowed(stays_a_complaint(case), field="nature")
        reason = required(reason, "reason", _("Write down why it is neither a complaint nor a report."))
    was_urgency = case.urgency
    case.nature, case.category, case.urgency, case.headcount = nature, category, urgency, headcount
    events = []
    if urgency != was_urgency:
        # Minutes instead of a day, or the other way round: from now on it is dispatched as what it turned out to be.
        events += clocks.cancel(case, now=now, kinds=[ClockKind.DISPATCH])
        events.append(clocks.start(case, ClockKind.DISPATCH, now=now))
    was_started = CaseDeadline.objects.filter(case=case, kind=ClockKind.CONFIRM).exists()
    if nature == Nature.COMPLAINT and not was_started and not case.is_anonymous:
        events.append(clocks.start(case, ClockKind.CONFIRM, now=now))
    if nature != Nature.COMPLAINT:
        events += clocks.cancel(case, now=now, kinds=[ClockKind.CONFIRM])
    events.append(promise(case, now=now))
    write_down(
        case,
        "case.accepted",
        actor=actor,
        now=now,
        clock_events=events,
        payload={"nature": nature, "category": category.pk, "urgency": urgency, "headcount": headcount},
        texts={"reason": reason},
    )
    if case.channel in FROM_AFAR and case.promise_due_at is not None:
        params = {"number": case.number, "due_at": iso(case.promise_due_at)}
        text = ACCEPTED if case.resident is not None and case.resident.has_phone else ACCEPTED_WITHOUT_NUMBER
        write_to_resident(case, text, params, key=f"case:{case.pk}:accepted", now=now)
    return case


def stays_a_complaint(case: Case) -> str:
    """For the desk, which could otherwise take a complaint about a colleague out of the procedure."""
    return _(
        "Somebody of the house is named in it, so it stays a complaint or a report. Only %(who)s can decide otherwise, "
        "once it is referred to them."
    ) % {"who": DECIDED_BY[powers.director_level(case)]}


def promise(case: Case, *, now: datetime) -> clocks.ClockEvent:
    """One promise a round; a date set from above overrides ours."""
    return clocks.start(case, ClockKind.PROMISE, now=now, exactly=case.outside_due_at)
