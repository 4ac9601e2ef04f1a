"""The cases that wait for a follow-up by this person, the next to be due first."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Count, Exists, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, TruncDate

from cases.models import Case, CaseDeadline, Part, TransferSlip
from cases.models.case import CaseQuerySet
from cases.vocabulary import CaseState, PartRole, SlipKind, SlipState
from followups.models import FollowUpAttempt
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Hall, Membership, Role, Staff

UNFIT = (PartRole.BARRED, PartRole.HANDLER)


def worklist(hall: Hall, staff: Staff) -> CaseQuerySet:
    """What cases.powers.follow_up_level says about one case and person, asked about all cases at once.

    Annotated: attempts and days_tried that reached nobody in this round, last_attempt_at, limit_at (when the running
    clock ends). A constant number of queries.
    """
    waiting = Case.objects.visible_to(staff).filter(hall=hall, state=CaseState.FOLLOW_UP)
    waiting = waiting.filter(
        ~Exists(Part.objects.filter(case=OuterRef("pk"), staff=staff, role=PartRole.HANDLER, ended_at=None))
    )
    waiting = _open_to(staff, hall, waiting)
    missed = (
        FollowUpAttempt.objects.filter(case=OuterRef("pk"), round=OuterRef("round"), is_reached=False)
        .order_by()
        .values("case")
    )
    running = CaseDeadline.objects.running().filter(
        case=OuterRef("pk"), kind__in=[ClockKind.FOLLOW_UP, ClockKind.OUTCOME]
    )
    return (
        waiting.with_labels()
        .defer("search")
        .annotate(
            attempts=_count_of(missed.values(answer=Count("pk"))),
            days_tried=_count_of(missed.values(answer=Count(TruncDate("at", tzinfo=hall.zone), distinct=True))),
            last_attempt_at=Subquery(missed.values(answer=Max("at"))),
            limit_at=Subquery(running.order_by("due_at").values("due_at")[:1]),
        )
        .order_by("next_due_at", "pk")
    )


def _count_of(counted: QuerySet[FollowUpAttempt, Any]) -> Coalesce:
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def _open_to(staff: Staff, hall: Hall, waiting: CaseQuerySet) -> CaseQuerySet:
    if staff.holds(Role.RECEPTIONIST, Role.DIRECTOR, hall=hall):
        return waiting
    receptionist, director = left(hall=hall, role=Role.RECEPTIONIST), left(hall=hall, role=Role.DIRECTOR)
    leads = TransferSlip.objects.filter(
        case=OuterRef("pk"), round=OuterRef("round"), kind=SlipKind.LEAD, state=SlipState.REPORTED
    ).order_by("pk")
    waiting = waiting.annotate(lead_department=Subquery(leads.values("department")[:1]))
    allowed = Q(lead_department__in=staff.department_ids(Role.HEAD)) & Q(~Exists(receptionist))
    if staff.holds(Role.SUPERVISOR, hall=hall):
        head = left(hall=hall, role=Role.HEAD).filter(department=OuterRef("lead_department"))
        nobody = Q(~Exists(receptionist), ~Exists(director), ~Exists(head))
        if not staff.sees_all_halls:
            nobody &= Q(~Exists(left(hall=None, role=Role.SUPERVISOR)))
        allowed |= nobody
    return waiting.filter(allowed)


def left(*, hall: Hall | None, role: Role, unfit: Collection[PartRole] = UNFIT) -> QuerySet[Membership]:
    """Holders of the role who have none of the unfit parts in the case: by default, who neither handled it nor are
    barred from it.
    """
    theirs = Part.objects.filter(case=OuterRef(OuterRef("pk")), staff=OuterRef("staff"), role__in=unfit, ended_at=None)
    return Membership.objects.filter(hall=hall, role=role, ended_at=None, staff__is_active=True).filter(~Exists(theirs))
