"""A matter enters: a case of its own, or a further contact about one that exists."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases import clocks
from cases.actions.moving import entry_of, lock_case, write_down
from cases.actions.tell import tell
from cases.models import Case, CaseNumberCounter, CaseVisit, Part
from cases.people import HallPeople, open_lead_slip
from cases.search import index_case, vector_of
from cases.vocabulary import OPEN_STATES, CaseState, Nature, PartRole, Urgency
from foundation.deadlines.models import ClockKind
from foundation.ledger.actions import append_many, open_chain
from foundation.organization.models import Category, Hall, Role, Staff
from foundation.refusals import NotAllowed, Refused, WrongState
from reception.models import Visit

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TRACKING_CODE_LENGTH = 13  # 65 bits
TITLE_LENGTH = 40
SENTENCE_ENDS = "\u3002\uff01\uff1f\uff1b\uff0c!?;\n"


@dataclass(frozen=True)
class Further:
    """An entry that follows the registration at once."""

    kind: str
    payload: Mapping[str, object]
    texts: Mapping[str, str]


def register_case(
    *,
    visit: Visit,
    actor: Staff | None,
    now: datetime,
    nature: str,
    category: Category,
    urgency: str = Urgency.NORMAL,
    title: str = "",
    owner: Staff | None = None,
    imported_at: datetime | None = None,
    facts: Mapping[str, object] | None = None,
    further: Sequence[Further] = (),
) -> Case:
    """Make a case of a visit. The first-contact owner is who registered it, unless named otherwise.

    imported_at: when it comes in from an old register; nobody is alerted about what happened before.
    facts: what else the ledger is to say of it, without personal data.
    further: what is done with it in the same moment and changes nothing about the case itself.

    Raises Refused for words that are not in the lists or a category of another hall.
    """
    hall = visit.hall
    check_desk(visit, actor)
    check_screening(hall=hall, nature=nature, category=category, urgency=urgency)
    first_contact_owner = owner or actor
    if first_contact_owner is None:
        raise Refused(_("A case needs a first-contact owner."))
    case = Case(
        hall=hall,
        tracking_code="".join(secrets.choice(CROCKFORD) for _position in range(TRACKING_CODE_LENGTH)),
        transition_no=1 + len(further),
        title=title.strip()[:80] or title_of(visit.matter),
        nature=nature,
        category=category,
        urgency=urgency,
        headcount=visit.headcount,
        channel=visit.channel,
        identity=visit.identity,
        resident=visit.resident,
        outside_number=visit.outside_number,
        outside_due_at=visit.outside_due_at,
        first_contact_owner=first_contact_owner,
        responsible_staff=first_contact_owner,
        registered_at=now,
        imported_at=imported_at,
    )
    starts = {ClockKind.DISPATCH: now}
    if nature == Nature.COMPLAINT and not case.is_anonymous:
        starts[ClockKind.CONFIRM] = visit.received_at
    first_clocks = clocks.FirstClocks.plan(case, starts)
    # Written once, as it is in the end: each further version of the row would go through all of its indexes again.
    case.search = vector_of(case, [visit.matter])
    # No savepoint: what can be refused was refused above, and what fails below fails the caller too.
    with transaction.atomic(savepoint=False):
        case.number = next_number(hall, now)
        case.chain = open_chain(hall=hall, now=now)
        case.save(force_insert=True)
        # Not what was sent to be computed; whoever wants the terms reads the row.
        del case.search
        CaseVisit.objects.create(case=case, visit=visit, ordinal=1)
        Part.objects.create(case=case, staff=first_contact_owner, role=PartRole.OWNER, started_at=now)
        registered = entry_of(
            case,
            "case.registered",
            actor=actor,
            now=now,
            happened_at=visit.received_at,
            clock_events=first_clocks.start(),
            payload={
                "number": case.number,
                "nature": nature,
                "category": category.pk,
                "urgency": urgency,
                "channel": visit.channel,
                "identity": visit.identity,
                "headcount": visit.headcount,
                "visit": visit.pk,
                "resident": visit.resident_id,
                "owner": first_contact_owner.pk,
                "outside_number": visit.outside_number,
                **(facts or {}),
            },
            texts={"title": case.title, "matter": visit.matter},
        )
        lines = [
            entry_of(case, line.kind, actor=actor, now=now, payload=line.payload, texts=line.texts) for line in further
        ]
        append_many([registered, *lines], now=now)
    return case


@transaction.atomic
def join_visit(*, case_id: int, visit: Visit, actor: Staff | None, now: datetime) -> Case:
    """A further contact about an open case: counted, kept, and told to who handles it."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=None)
    if case.hall_id != visit.hall_id:
        raise NotAllowed(_("This visit was registered in another hall."))
    check_desk(visit, actor)
    if case.state not in OPEN_STATES:
        raise WrongState(_("This case is closed; register the visit as a case of its own."))
    last = case.case_visits.aggregate(last=Max("ordinal"))["last"] or 0
    CaseVisit.objects.create(case=case, visit=visit, ordinal=last + 1)
    case.headcount = max(case.headcount, visit.headcount)
    index_case(case)
    entry = write_down(
        case,
        "case.visit_joined",
        actor=actor,
        now=now,
        happened_at=visit.received_at,
        payload={
            "visit": visit.pk,
            "ordinal": last + 1,
            "channel": visit.channel,
            "headcount": visit.headcount,
            "resident": visit.resident_id,
        },
        texts={"matter": visit.matter},
        moves=False,
    )
    people = HallPeople.of(case.hall, now)
    listeners = {case.first_contact_owner_id}
    slip = open_lead_slip(case) if case.state != CaseState.REGISTERED else None
    if slip is not None:
        slip.case = case
        listeners |= people.of_slip(slip, case, without=case.barred_ids)
    tell(
        case,
        listeners,
        gettext_noop("%(number)s was raised for the %(ordinal)s. time: read what was added"),
        {"number": case.number, "ordinal": last + 1},
        key=f"visit:{entry.chain_id}:{entry.seq}",
        now=now,
        people=people,
        but=actor,
    )
    return case


def check_desk(visit: Visit, actor: Staff | None) -> None:
    """Residents enter by themselves; of the staff it is the desk's work. A visit enters once."""
    if actor is not None and not actor.holds(Role.RECEPTIONIST, Role.DIRECTOR, hall=visit.hall_id):
        raise NotAllowed(_("Only the hall's desk registers what residents bring."))
    if CaseVisit.objects.filter(visit=visit).exists():
        raise WrongState(_("This visit belongs to a case already; nothing was done a second time."))


def check_screening(*, hall: Hall, nature: str, category: Category, urgency: str) -> None:
    if nature not in Nature.values:
        raise Refused(_("Choose what kind of matter it is."), field="nature")
    if urgency not in Urgency.values:
        raise Refused(_("Choose how urgent it is."), field="urgency")
    if category.hall_id != hall.pk:
        raise Refused(_("Choose a category of this hall."), field="category")


def next_number(hall: Hall, now: datetime) -> str:
    """Hall code, year in the hall's time, six digits; a rolled-back registration leaves no gap, a deleted one may."""
    year = now.astimezone(hall.zone).year
    with connection.cursor() as cursor:
        # Locks the row until the end of the transaction, as it makes or counts it.
        cursor.execute(
            f"INSERT INTO {CaseNumberCounter._meta.db_table} AS counter (hall_id, year, last) VALUES (%s, %s, 1) "  # noqa: S608
            "ON CONFLICT (hall_id, year) DO UPDATE SET last = counter.last + 1 RETURNING last",
            [hall.pk, year],
        )
        (last,) = cursor.fetchone()
    return f"{hall.code}-{year}-{last:06d}"


def title_of(matter: str) -> str:
    """The first sentence of what was said, cut to fit a list row."""
    text = matter.strip()
    end = min((place for place in (text.find(mark) for mark in SENTENCE_ENDS) if place > 0), default=len(text))
    first = text[:end] if end >= 6 else text
    first = " ".join(first.split()).rstrip(SENTENCE_ENDS)
    return first if len(first) <= TITLE_LENGTH else first[: TITLE_LENGTH - 1] + "…"
