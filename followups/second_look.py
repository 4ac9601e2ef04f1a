"""The second look: which archived rounds are drawn for it, and for whom.

Whether a round is drawn depends on a digest with a key that is not in the database, so nobody can foresee it or steer
it, and it stays as it is however often the list is opened. Heads take theirs from the low end and directors from the
high one: the same resident is asked by both only where the two shares overlap.

Nobody looks at their own work or at what they are barred from. Where nobody of the role is left for a round, the next
level does it: heads, the director, the supervisors of the street office, those of the hall. What a level above has
looked at is not asked from below any more; what nobody is left for is due to nobody, and counted apart. Who hides
their identity is asked by the director alone, or by the supervisors where every director is barred.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Func, Value
from django.utils.crypto import salted_hmac

from cases.models import Case, CaseDeadline, Part, TransferSlip
from cases.models.case import CaseQuerySet
from cases.powers import OWN_WORK
from cases.vocabulary import CaseState, PartRole, SlipKind, SlipState
from followups.models import SecondLook, SecondLookShare
from followups.worklist import left
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Hall, Role, Staff
from reception.models import Identity

DEFAULTS = {Role.DIRECTOR: 10, Role.HEAD: 30}
"""Of the property companies' rule: managers 10, supervisors 30 in a hundred; those responsible ask everybody anyway."""
LEVELS = (Role.HEAD, Role.DIRECTOR, Role.SUPERVISOR)
UNFIT = (PartRole.BARRED, *OWN_WORK)


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
    return _archived(cases, hall, days).filter(_drawn_for(role, percent))


def _archived(cases: CaseQuerySet, hall: Hall, days: tuple[datetime, datetime]) -> CaseQuerySet:
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
    return archived.alias(drawn=_Drawn(Value(key), F("pk"), F("round")))


def _drawn_for(role: Role, percent: int) -> Q:
    if role == Role.DIRECTOR:
        return Q(drawn__gte=100 - percent)
    return Q(drawn__lt=percent) & ~Q(identity=Identity.HIDDEN) & Q(Exists(_lead_slips()))


def _lead_slips(case: OuterRef | None = None, round: OuterRef | None = None) -> QuerySet[TransferSlip]:
    return TransferSlip.objects.filter(
        case=case or OuterRef("pk"), round=round or OuterRef("round"), kind=SlipKind.LEAD, state=SlipState.REPORTED
    )


def _looked(*roles: Role) -> Q:
    """Somebody has asked the resident of this round once more, as one of these."""
    done = SecondLook.objects.filter(case=OuterRef("pk"), round=OuterRef("round"), role__in=roles)
    return Q(Exists(done.exclude(outcome=SecondLook.Outcome.NOT_REACHED)))


def _from(role: Role) -> tuple[Role, ...]:
    """The role and the levels above it."""
    return LEVELS[LEVELS.index(role) :]


def _nobody_left(hall: Hall, *roles: Role) -> Q:
    """Nobody who holds one of the roles may look at this round."""
    nobody = Q()
    if Role.HEAD in roles:
        of_lead = _lead_slips(OuterRef(OuterRef("pk")), OuterRef(OuterRef("round"))).filter(
            department=OuterRef("department")
        )
        nobody &= ~Q(Exists(left(hall=hall, role=Role.HEAD, unfit=UNFIT).filter(Exists(of_lead))))
    if Role.DIRECTOR in roles:
        nobody &= ~Q(Exists(left(hall=hall, role=Role.DIRECTOR, unfit=UNFIT)))
    if Role.SUPERVISOR in roles:
        out = _street_is_out() & ~Q(Exists(left(hall=hall, role=Role.SUPERVISOR, unfit=UNFIT)))
        nobody &= out | ~_supervisors_know_whom_to_ask(hall)
    return nobody


def _supervisors_know_whom_to_ask(hall: Hall) -> Q:
    """A hidden identity only while they act as director, as cases.powers.knows_identity says of one case."""
    directors = left(hall=hall, role=Role.DIRECTOR, unfit=[PartRole.BARRED])
    return ~Q(identity=Identity.HIDDEN) | ~Q(Exists(directors))


def _street_is_out() -> Q:
    return ~Q(Exists(left(hall=None, role=Role.SUPERVISOR, unfit=UNFIT)))


def worklist(hall: Hall, staff: Staff, days: tuple[datetime, datetime], shares: Shares) -> CaseQuerySet:
    """What waits for a second look of this person: drawn, not looked at yet, and nothing of their own work.

    Annotated: last_try_at. What cases.powers.second_look_role says of one case, asked of all.
    """
    cases = Case.objects.visible_to(staff)
    waiting = [
        _drawn_for(role, percent) & ~_looked(*_from(role)) & open_to
        for role, percent in shares.items()
        for open_to in _open_to(hall, staff, role)
    ]
    if not waiting:
        return cases.none()
    own = Part.objects.filter(case=OuterRef("pk"), staff=staff, role__in=OWN_WORK, ended_at=None)
    drawn = _archived(cases, hall, days).filter(reduce(or_, waiting)).filter(~Exists(own))
    tries = SecondLook.objects.filter(case=OuterRef("pk"), round=OuterRef("round"))
    in_vain = tries.filter(outcome=SecondLook.Outcome.NOT_REACHED).order_by("-at")
    return drawn.with_labels().defer("search").annotate(last_try_at=Subquery(in_vain.values("at")[:1]))


def _open_to(hall: Hall, staff: Staff, drawn_for: Role) -> Iterator[Q]:
    """Which of the rounds drawn for the role this person may take, by each level they stand on."""
    if drawn_for == Role.HEAD and (headed := staff.department_ids(Role.HEAD)):
        yield Q(Exists(_lead_slips().filter(department__in=headed)))
    if staff.holds(Role.DIRECTOR, hall=hall):
        yield _nobody_left(hall, *_between(drawn_for, Role.DIRECTOR))
    if staff.holds(Role.SUPERVISOR, hall=hall):
        below = _nobody_left(hall, *_between(drawn_for, Role.SUPERVISOR)) & _supervisors_know_whom_to_ask(hall)
        yield below if staff.sees_all_halls else below & _street_is_out()


def _between(role: Role, level: Role) -> tuple[Role, ...]:
    """The role and what lies between it and the level."""
    return LEVELS[LEVELS.index(role) : LEVELS.index(level)]


def to_count(hall: Hall, staff: Staff, days: tuple[datetime, datetime], shares: Shares) -> dict[str, QuerySet[Any]]:
    """What coverage is counted from: by role, the rounds drawn for it, those looked at, those of them by a level above,
    and those nobody is left for; and the follow-ups begun these days.

    Cases the reader may see: a head counts those of their department, and nobody what they are barred from.
    """
    cases = Case.objects.visible_to(staff)
    counted: dict[str, QuerySet[Any]] = {}
    for role, percent in shares.items():
        drawn, looked = sample(cases, hall, role, percent, days), _looked(*_from(role))
        counted[f"{role}_drawn"] = drawn
        counted[f"{role}_done"] = drawn.filter(looked)
        counted[f"{role}_above"] = drawn.filter(looked, ~_looked(role))
        counted[f"{role}_nobody"] = drawn.filter(~looked, _nobody_left(hall, *_from(role)))
    begun = CaseDeadline.objects.filter(kind=ClockKind.FOLLOW_UP, started_at__gte=days[0], started_at__lt=days[1])
    clocks = begun.filter(hall=hall, case__in=cases.values("pk"))
    counted["told"] = clocks
    counted["followed_up"] = clocks.filter(Q(outcome="met") | Q(outcome="met_late"))
    counted["waiting"] = clocks.filter(outcome="")
    return counted
