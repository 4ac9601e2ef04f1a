"""The second look: which archived rounds are drawn for it, and for whom.

Whether a round is drawn depends on a digest with a key that is not in the database, so nobody can foresee it or steer
it, and it stays as it is however often the list is opened. Heads take theirs from the low end and directors from the
high one: the same resident is asked by both only where the two shares overlap.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Func, Value
from django.utils.crypto import salted_hmac

from cases.models import Case, CaseDeadline, Part, TransferSlip
from cases.models.case import CaseQuerySet
from cases.powers import OWN_WORK
from cases.vocabulary import CaseState, SlipKind, SlipState
from followups.models import SecondLook, SecondLookShare
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Hall, Role, Staff

DEFAULTS = {Role.DIRECTOR: 10, Role.HEAD: 30}
"""Of the property companies' rule: managers 10, supervisors 30 in a hundred; those responsible ask everybody anyway."""


def seed_shares(hall: Hall) -> None:
    """Gives the hall the shares it has not set."""
    SecondLookShare.objects.bulk_create(
        [SecondLookShare(hall=hall, role=role, percent=percent) for role, percent in DEFAULTS.items()],
        ignore_conflicts=True,
    )


Shares = Mapping[Role, int]


def shares_of(hall: Hall) -> Shares:
    return {Role(row.role): row.percent for row in SecondLookShare.objects.filter(hall=hall)}


def quarter_of(hall: Hall, now: datetime, *, back: int = 0) -> tuple[datetime, datetime]:
    """Beginning and end of the quarter of the year, in the hall's time; back: so many quarters earlier."""
    today = now.astimezone(hall.zone)
    number = today.year * 4 + (today.month - 1) // 3 - back
    return _begins(hall, today, number), _begins(hall, today, number + 1)


def _begins(hall: Hall, today: datetime, number: int) -> datetime:
    day = today.replace(year=number // 4, month=number % 4 * 3 + 1, day=1, hour=0, minute=0, second=0, microsecond=0)
    return day.replace(tzinfo=hall.zone)


class _Drawn(Func):
    """0 to 99, the same for a round for ever."""

    template = (
        "mod(('x' || substr(encode(sha256(convert_to(concat_ws(':', %(expressions)s), 'UTF8')), 'hex'), 1, 7))"
        "::bit(28)::int, 100)"
    )
    output_field = IntegerField()


def sample(cases: CaseQuerySet, hall: Hall, role: Role, percent: int, days: tuple[datetime, datetime]) -> CaseQuerySet:
    """Of the cases given those whose last round, archived in these days, is drawn for the role."""
    key = salted_hmac("followups.second_look", "drawn", algorithm="sha256").hexdigest()
    archived = cases.filter(
        hall=hall,
        state=CaseState.ARCHIVED,
        closed_at__gte=days[0],
        closed_at__lt=days[1],
        resident__isnull=False,
        informed_at__isnull=False,
        imported_at=None,
    )
    drawn = archived.alias(drawn=_Drawn(Value(key), F("pk"), F("round")))
    if role == Role.DIRECTOR:
        return drawn.filter(drawn__gte=100 - percent)
    return drawn.filter(drawn__lt=percent).filter(Exists(_lead_slips()))


def _lead_slips() -> QuerySet[TransferSlip]:
    return TransferSlip.objects.filter(
        case=OuterRef("pk"), round=OuterRef("round"), kind=SlipKind.LEAD, state=SlipState.REPORTED
    )


def looked(role: Role) -> Exists:
    """Somebody in this role has asked the resident of this round once more."""
    done = SecondLook.objects.filter(case=OuterRef("pk"), round=OuterRef("round"), role=role)
    return Exists(done.exclude(outcome=SecondLook.Outcome.NOT_REACHED))


def role_of(staff: Staff, hall: Hall) -> Role | None:
    """As what this person looks again."""
    if staff.holds(Role.DIRECTOR, hall=hall):
        return Role.DIRECTOR
    return Role.HEAD if staff.holds(Role.HEAD, hall=hall) else None


def worklist(hall: Hall, staff: Staff, days: tuple[datetime, datetime], shares: Shares) -> CaseQuerySet:
    """What waits for a second look of this person: drawn, not looked at yet, and nothing of their own work.

    Annotated: tries that reached nobody, last_try_at. What cases.powers.looks_again says of one case, asked of all.
    """
    role = role_of(staff, hall)
    cases = Case.objects.visible_to(staff)
    if role is None:
        return cases.none()
    own = Part.objects.filter(case=OuterRef("pk"), staff=staff, role__in=OWN_WORK, ended_at=None)
    drawn = sample(cases, hall, role, shares.get(role, 0), days).filter(~looked(role), ~Exists(own))
    if role == Role.HEAD:
        drawn = drawn.filter(Exists(_lead_slips().filter(department__in=staff.department_ids(Role.HEAD))))
    tries = SecondLook.objects.filter(case=OuterRef("pk"), round=OuterRef("round"), role=role).order_by("-at")
    return drawn.with_labels().defer("search").annotate(last_try_at=Subquery(tries.values("at")[:1]))


def to_count(hall: Hall, staff: Staff, days: tuple[datetime, datetime], shares: Shares) -> dict[str, QuerySet[Any]]:
    """What coverage is counted from: the sample of each role and what is done of it; the follow-ups begun these days.

    Cases the reader may see: a head counts those of their department, and nobody what they are barred from.
    """
    cases = Case.objects.visible_to(staff)
    counted: dict[str, QuerySet[Any]] = {}
    for role, percent in shares.items():
        drawn = sample(cases, hall, role, percent, days)
        counted[f"{role}_drawn"] = drawn
        counted[f"{role}_done"] = drawn.filter(looked(role))
    begun = CaseDeadline.objects.filter(kind=ClockKind.FOLLOW_UP, started_at__gte=days[0], started_at__lt=days[1])
    clocks = begun.filter(hall=hall, case__in=cases.values("pk"))
    counted["told"] = clocks
    counted["followed_up"] = clocks.filter(Q(outcome="met") | Q(outcome="met_late"))
    counted["waiting"] = clocks.filter(outcome="")
    return counted
