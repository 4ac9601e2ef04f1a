"""The sweep: every minute, what is due to be looked at is looked at, and the alert ladder takes its next step.

One pass takes up to 1,000 due clocks in a transaction: rows locked with SKIP LOCKED, so that any number of workers
share the work; rules in Python; alerts and the step to the next moment written as arrays. Its cost follows what is
due, never what is open. A row that raises is found by halving, postponed, and shown to supervisors; the others go on.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.translation import gettext_noop, override

from cases.models import CaseDeadline
from cases.people import HallPeople
from cases.vocabulary import PartRole, Route
from foundation.deadlines.calendar import Unit, WorkCalendar
from foundation.deadlines.ladder import Step, ladder_for, step_moment
from foundation.deadlines.models import Anchor, ClockKind
from foundation.deadlines.terms import calendar_for
from foundation.notifications.actions import NewAlert, notify_many
from foundation.organization.models import Hall

logger = logging.getLogger(__name__)

BATCH = 1000
POSTPONED = timedelta(minutes=10)
"""How long a row that raised is left alone."""

WORDS = {
    "yellow": gettext_noop("%(number)s: “%(clock_label)s” is due soon, on %(due_at)s"),
    "red": gettext_noop("%(number)s: “%(clock_label)s” is overdue since %(due_at)s"),
    "": gettext_noop("%(number)s: “%(clock_label)s” is still overdue since %(due_at)s; please step in"),
}


@dataclass(frozen=True)
class Swept:
    """What one sweep did."""

    looked_at: int = 0
    alerts: int = 0
    postponed: int = 0

    def __add__(self, other: Swept) -> Swept:
        return Swept(self.looked_at + other.looked_at, self.alerts + other.alerts, self.postponed + other.postponed)


# Rows of a thousand: tuples with names take a fraction of the time that anything with an __init__ takes.
class DueDepartment(NamedTuple):
    kind: str


class DueSlip(NamedTuple):
    number: str
    handler_id: int | None
    department_id: int
    department: DueDepartment


class DueCase(NamedTuple):
    """What people.py asks of a case: a thousand whole cases would take longer to build than to look at."""

    pk: int
    number: str
    chain_id: int
    is_referred: bool
    is_coordinated: bool
    first_contact_owner_id: int
    responsible_staff_id: int | None
    responsible_department_id: int | None
    barred_ids: set[int]
    handler_ids: set[int]


class DueClock(NamedTuple):
    pk: int
    kind: str
    hall_id: int
    started_at: datetime
    warn_at: datetime
    due_at: datetime
    step: int
    is_urgent: bool
    slip: DueSlip | None
    case: DueCase


@dataclass
class Hallway:
    """What the rules need of one hall besides the clocks, loaded once a sweep."""

    hall: Hall
    people: HallPeople
    ladder: tuple[Step, ...]
    calendar: WorkCalendar
    _known: dict[tuple[object, ...], datetime] = field(default_factory=dict, repr=False)

    def moment(self, step: Step, clock: DueClock) -> datetime:
        """When a step is taken. What was counted in the calendar is remembered: thousands share a closing time."""
        key: tuple[object, ...] | None = None
        if step.offset_length:
            anchors = (clock.started_at, clock.warn_at) if step.anchor == Anchor.WARNING else (clock.due_at,)
            # Working days count from the day, whatever its hour.
            by_day = step.offset_unit == Unit.WORKING_DAYS
            key = (step.position, *(self.calendar.local_date(at) if by_day else at for at in anchors))
            if key in self._known:
                return self._known[key]
        moment = step_moment(
            step, started_at=clock.started_at, warn_at=clock.warn_at, due_at=clock.due_at, calendar=self.calendar
        )
        if key is not None:
            self._known[key] = moment
        return moment


@dataclass
class Surroundings:
    now: datetime
    halls: dict[int, Hallway] = field(default_factory=dict)

    def of(self, hall_id: int) -> Hallway:
        if hall_id not in self.halls:
            hall = Hall.objects.get(pk=hall_id)
            self.halls[hall_id] = Hallway(hall, HallPeople.of(hall, self.now), ladder_for(hall), calendar_for(hall))
        return self.halls[hall_id]


def sweep(*, now: datetime) -> Swept:
    """Look at everything that is due, batch by batch, until nothing is left that other workers do not hold."""
    surroundings = Surroundings(now)
    total = Swept()
    while True:
        with transaction.atomic():
            due = _take(now)
            done = _look_at(due, surroundings) if due else Swept()
        total += done
        if len(due) < BATCH:
            return total


TAKE = """
    SELECT clock.id, clock.kind, clock.hall_id, clock.started_at, clock.warn_at, clock.due_at, clock.step,
           clock.is_urgent,
           slip.number, slip.handler_id, slip.department_id, department.kind,
           "case".id, "case".number, "case".chain_id, "case".is_referred, "case".route = %s,
           "case".first_contact_owner_id, "case".responsible_staff_id, "case".responsible_department_id
    FROM cases_casedeadline AS clock
    JOIN cases_case AS "case" ON "case".id = clock.case_id
    LEFT JOIN cases_transferslip AS slip ON slip.id = clock.slip_id
    LEFT JOIN organization_department AS department ON department.id = slip.department_id
    WHERE clock.outcome = '' AND clock.next_alert_at <= %s
    ORDER BY clock.next_alert_at
    LIMIT %s
    FOR NO KEY UPDATE OF clock SKIP LOCKED
"""

PARTS = "SELECT case_id, staff_id, role FROM cases_part WHERE case_id = ANY(%s) AND role = ANY(%s) AND ended_at IS NULL"


def _take(now: datetime) -> list[DueClock]:
    """What is due and nobody else holds, with its case; locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [Route.COORDINATED, now, BATCH])
        rows = cursor.fetchall()
    cases: dict[int, DueCase] = {}
    clocks = []
    for row in rows:
        pk, kind, hall_id, started_at, warn_at, due_at, step, is_urgent, number, handler_id, department_id = row[:11]
        department_kind, case_id = row[11:13]
        if case_id not in cases:
            cases[case_id] = DueCase._make([*row[12:], set(), set()])
        slip = DueSlip(number, handler_id, department_id, DueDepartment(department_kind)) if number else None
        case = cases[case_id]
        clocks.append(DueClock(pk, kind, hall_id, started_at, warn_at, due_at, step, is_urgent, slip, case))
    with connection.cursor() as cursor:
        cursor.execute(PARTS, [list(cases), [PartRole.BARRED, PartRole.HANDLER]])
        for case_id, staff_id, role in cursor.fetchall():
            case = cases[case_id]
            (case.barred_ids if role == PartRole.BARRED else case.handler_ids).add(staff_id)
    return clocks


def _look_at(clocks: Sequence[DueClock], surroundings: Surroundings) -> Swept:
    """One batch inside a savepoint; when it raises, its halves, down to the one row that cannot be dealt with."""
    try:
        with transaction.atomic():
            return _climb(clocks, surroundings)
    except (OperationalError, InterfaceError, SoftTimeLimitExceeded):
        # The database is in trouble, or the time is up: nothing about a row; the next sweep takes them all again.
        raise
    except Exception as error:
        # Whatever is wrong with one row must not keep the alerts of the others: it is written on the row and shown.
        if len(clocks) == 1:
            return _postpone(clocks[0], error, surroundings.now)
        logger.warning("sweep: a batch of %d raised %r; halving it", len(clocks), error)
        middle = len(clocks) // 2
        return _look_at(clocks[:middle], surroundings) + _look_at(clocks[middle:], surroundings)


def _climb(clocks: Sequence[DueClock], surroundings: Surroundings) -> Swept:
    now = surroundings.now
    alerts: list[NewAlert] = []
    steps: list[tuple[int, int, datetime | None]] = []
    for clock in clocks:
        hallway = surroundings.of(clock.hall_id)
        taken: list[Step] = []
        next_look: datetime | None = None
        for step in hallway.ladder:
            if step.position <= clock.step:
                continue
            moment = hallway.moment(step, clock)
            if moment <= now:
                taken.append(step)
            elif next_look is None or moment < next_look:
                next_look = moment
        if taken:
            alerts += _alerts(clock, taken, hallway, now)
        steps.append((clock.pk, max((step.position for step in taken), default=clock.step), next_look))
    written = notify_many(alerts, now=now)
    _write_steps(steps)
    return Swept(looked_at=len(clocks), alerts=written)


def _alerts(clock: DueClock, taken: Sequence[Step], hallway: Hallway, now: datetime) -> list[NewAlert]:
    """One alert a person: steps overtaken meanwhile are merged into the highest, for everybody they would have told."""
    case = clock.case
    highest = max(taken, key=lambda step: step.position)
    recipients: set[int] = set()
    for audience in dict.fromkeys(step.audience for step in taken):
        recipients |= hallway.people.audience(audience, clock, case, barred=case.barred_ids)
    card = _card(highest, clock, now)
    key = f"clock:{clock.pk}:{int(clock.due_at.timestamp())}:{highest.position}"
    params = {
        "number": clock.slip.number if clock.slip else case.number,
        "clock_label": _message_id(clock.kind),
        "due_at": clock.due_at.astimezone(UTC).isoformat(),
    }
    return [
        NewAlert(
            hall=hallway.hall,
            recipient_id=recipient,
            key=key,
            level=card or "red",
            text=WORDS[card],
            params=params,
            url=f"/cases/{case.number}/",
            chain_id=case.chain_id,
            urgent=clock.is_urgent,
        )
        for recipient in sorted(recipients)
    ]


def _card(step: Step, clock: DueClock, now: datetime) -> str:
    """The card of the step; a warning that comes after the due time would be a lie, so it is red."""
    return "red" if step.card == "yellow" and now >= clock.due_at else step.card


def _write_steps(steps: Sequence[tuple[int, int, datetime | None]]) -> None:
    # One document, as for the alerts: arrays of moments are slow to write down.
    rows = [{"id": pk, "step": step, "next_alert_at": at.isoformat() if at else None} for pk, step, at in steps]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE cases_casedeadline AS clock
            SET step = row.step, next_alert_at = row.next_alert_at, failure = '', failed_at = NULL
            FROM jsonb_to_recordset(%s::jsonb) AS row (id bigint, step smallint, next_alert_at timestamptz)
            WHERE clock.id = row.id
            """,
            [json.dumps(rows)],
        )


def _postpone(clock: DueClock, error: Exception, now: datetime) -> Swept:
    logger.error("sweep: clock %s of case %s cannot be dealt with", clock.pk, clock.case.pk, exc_info=error)
    CaseDeadline.objects.filter(pk=clock.pk).update(
        next_alert_at=now + POSTPONED, failed_at=now, failure=f"{type(error).__name__}: {error}"[:2000]
    )
    return Swept(looked_at=1, postponed=1)


@cache
def _message_id(kind: str) -> str:
    """The English name of a clock, which whoever reads the alert has translated."""
    with override("en"):
        return str(ClockKind(kind).label)
