"""The sweep: every minute, what is due to be looked at is looked at, and the alert ladder takes its next step.

One pass takes up to 1,000 due clocks in a transaction: rows locked with SKIP LOCKED, so that any number of workers
share the work; rules in Python; alerts and the step to the next moment written as arrays. Its cost follows what is
due, never what is open. A row that raises is found by halving, postponed, and shown to supervisors; the others go on.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.translation import gettext_noop, override

from cases.models import Case, CaseDeadline, Part
from cases.people import HallPeople
from cases.vocabulary import PartRole
from foundation.deadlines.calendar import WorkCalendar
from foundation.deadlines.ladder import Step, ladder_for, moments
from foundation.deadlines.models import ClockKind
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


@dataclass
class Surroundings:
    """What the rules need besides the clocks: people, ladder and calendar of each hall, loaded once a sweep."""

    now: datetime
    people: dict[int, HallPeople] = field(default_factory=dict)
    ladders: dict[int, tuple[Step, ...]] = field(default_factory=dict)
    calendars: dict[int, WorkCalendar] = field(default_factory=dict)

    def of(self, hall: Hall) -> tuple[HallPeople, tuple[Step, ...], WorkCalendar]:
        if hall.pk not in self.people:
            self.people[hall.pk] = HallPeople.of(hall, self.now)
            self.ladders[hall.pk] = ladder_for(hall)
            self.calendars[hall.pk] = calendar_for(hall)
        return self.people[hall.pk], self.ladders[hall.pk], self.calendars[hall.pk]


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


def _take(now: datetime) -> list[CaseDeadline]:
    return list(
        CaseDeadline.objects.due_for_a_look(now)
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
        .select_related("hall", "slip__department")
        .order_by("next_alert_at")[:BATCH]
    )


def _look_at(clocks: Sequence[CaseDeadline], surroundings: Surroundings) -> Swept:
    """One batch inside a savepoint; when it raises, its halves, down to the one row that cannot be dealt with."""
    try:
        with transaction.atomic():
            return _climb(clocks, surroundings)
    except (OperationalError, InterfaceError):
        # The database itself is in trouble: nothing about a row; the next sweep takes them all again.
        raise
    except Exception as error:
        # Whatever is wrong with one row must not keep the alerts of the others: it is written on the row and shown.
        if len(clocks) == 1:
            return _postpone(clocks[0], error, surroundings.now)
        logger.warning("sweep: a batch of %d raised %r; halving it", len(clocks), error)
        middle = len(clocks) // 2
        return _look_at(clocks[:middle], surroundings) + _look_at(clocks[middle:], surroundings)


def _climb(clocks: Sequence[CaseDeadline], surroundings: Surroundings) -> Swept:
    now = surroundings.now
    cases = _cases_of(clocks)
    alerts: list[NewAlert] = []
    steps: list[tuple[int, int, datetime | None]] = []
    for clock in clocks:
        case = cases[clock.case_id]
        people, ladder, calendar = surroundings.of(clock.hall)
        taken: list[Step] = []
        next_look: datetime | None = None
        for moment, group in moments(
            ladder, started_at=clock.started_at, warn_at=clock.warn_at, due_at=clock.due_at, calendar=calendar
        ):
            ahead = [step for step in group if step.position > clock.step]
            if not ahead:
                continue
            if moment > now:
                next_look = moment
                break
            taken += ahead
        if taken:
            alerts += _alerts(clock, case, taken, people, now)
        steps.append((clock.pk, max((step.position for step in taken), default=clock.step), next_look))
    written = notify_many(alerts, now=now)
    _write_steps(steps)
    return Swept(looked_at=len(clocks), alerts=written)


def _alerts(
    clock: CaseDeadline, case: Case, taken: Sequence[Step], people: HallPeople, now: datetime
) -> list[NewAlert]:
    """One alert a person: steps overtaken meanwhile are merged into the highest, for everybody they would have told."""
    highest = max(taken, key=lambda step: step.position)
    barred = case.barred_ids
    recipients: set[int] = set()
    for step in taken:
        recipients |= people.audience(step.audience, clock, case, barred=barred)
    card = _card(highest, clock, now)
    return [
        NewAlert(
            hall=clock.hall,
            recipient_id=recipient,
            key=f"clock:{clock.pk}:{int(clock.due_at.timestamp())}:{highest.position}",
            level=card or "red",
            text=WORDS[card],
            params={
                "number": clock.slip.number if clock.slip else case.number,
                "clock_label": _message_id(clock.kind),
                "due_at": clock.due_at.astimezone(UTC).isoformat(),
            },
            url=f"/cases/{case.number}/",
            chain_id=case.chain_id,
            urgent=clock.is_urgent,
        )
        for recipient in sorted(recipients)
    ]


def _card(step: Step, clock: CaseDeadline, now: datetime) -> str:
    """The card of the step; a warning that comes after the due time would be a lie, so it is red."""
    return "red" if step.card == "yellow" and now >= clock.due_at else step.card


def _cases_of(clocks: Sequence[CaseDeadline]) -> dict[int, Case]:
    """The cases with who is barred from them and who handled them, in two queries however many there are."""
    ids = {clock.case_id for clock in clocks}
    cases = Case.objects.only(
        "number",
        "chain_id",
        "is_referred",
        "route",
        "first_contact_owner_id",
        "responsible_staff_id",
        "responsible_department_id",
    ).in_bulk(ids)
    parts: dict[int, list[Part]] = defaultdict(list)
    wanted = Part.objects.filter(case__in=ids, ended_at=None, role__in=[PartRole.BARRED, PartRole.HANDLER])
    for part in wanted:
        parts[part.case_id].append(part)
    for case in cases.values():
        case.active_parts = parts[case.pk]
    return cases


def _write_steps(steps: Sequence[tuple[int, int, datetime | None]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE cases_casedeadline AS clock
            SET step = row.step, next_alert_at = row.next_alert_at, failure = '', failed_at = NULL
            FROM unnest(%s::bigint[], %s::smallint[], %s::timestamptz[]) AS row (id, step, next_alert_at)
            WHERE clock.id = row.id
            """,
            [[row[0] for row in steps], [row[1] for row in steps], [row[2] for row in steps]],
        )


def _postpone(clock: CaseDeadline, error: Exception, now: datetime) -> Swept:
    logger.error("sweep: clock %s of case %s cannot be dealt with", clock.pk, clock.case_id, exc_info=error)
    CaseDeadline.objects.filter(pk=clock.pk).update(
        next_alert_at=now + POSTPONED, failed_at=now, failure=f"{type(error).__name__}: {error}"[:2000]
    )
    return Swept(looked_at=1, postponed=1)


@cache
def _message_id(kind: str) -> str:
    """The English name of a clock, which whoever reads the alert has translated."""
    with override("en"):
        return str(ClockKind(kind).label)
