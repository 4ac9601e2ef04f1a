"""Who in a hall can be asked, told or alerted about a case. Barred persons are left out everywhere here."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from django.db import connection

from cases.models import Case, TransferSlip
from cases.vocabulary import PartRole, SlipKind
from foundation.deadlines.models import ClockKind
from foundation.organization.models import ON_PAPER, DepartmentKind, DutyShift, Hall, Membership, Role, Staff


class DepartmentFacts(Protocol):
    @property
    def kind(self) -> str: ...


class SlipFacts(Protocol):
    """What is asked of a slip here; the sweep brings rows that hold nothing else."""

    @property
    def handler_id(self) -> int | None: ...
    @property
    def department_id(self) -> int: ...
    @property
    def department(self) -> DepartmentFacts: ...


class CaseFacts(Protocol):
    @property
    def is_referred(self) -> bool: ...
    @property
    def is_coordinated(self) -> bool: ...
    @property
    def first_contact_owner_id(self) -> int: ...
    @property
    def responsible_staff_id(self) -> int | None: ...
    @property
    def responsible_department_id(self) -> int | None: ...
    @property
    def handler_ids(self) -> set[int]: ...


class ClockFacts(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def slip(self) -> SlipFacts | None: ...


FOLLOW_UP_CLOCKS = (ClockKind.FOLLOW_UP, ClockKind.OUTCOME)

STAFF_COLUMNS: Final = [field.attname for field in Staff._meta.concrete_fields]
# Everybody of the hall and the street office's supervisors, each once with all that they are here. Nearly every verb
# asks it: building the question anew would take longer than answering it.
PEOPLE: Final = f"""
    WITH held AS (
        SELECT staff_id, json_agg(json_build_array(role, hall_id, department_id) ORDER BY id)::text AS memberships
        FROM {Membership._meta.db_table}
        WHERE (hall_id = %(hall)s OR hall_id IS NULL AND role = %(supervisor)s) AND ended_at IS NULL
        GROUP BY staff_id
    ), present AS (
        SELECT DISTINCT staff_id FROM {DutyShift._meta.db_table}
        WHERE hall_id = %(hall)s AND NOT is_on_call AND starts_at <= %(at)s AND ends_at > %(at)s
    )
    SELECT {", ".join(f"staff.{column}" for column in STAFF_COLUMNS)}, held.memberships, present.staff_id IS NOT NULL
    FROM held FULL JOIN present USING (staff_id)
    JOIN {Staff._meta.db_table} AS staff ON staff.id = staff_id
    WHERE staff.is_active ORDER BY staff.id
"""  # noqa: S608 - fixed texts


@dataclass(frozen=True)
class HallPeople:
    """The roles of one hall at one moment, loaded in one query and asked many times."""

    by_role: dict[Role, set[int]]
    by_department: dict[tuple[Role, int], set[int]]
    street: set[int]
    on_duty: set[int]
    staff: dict[int, Staff] = field(repr=False)

    @classmethod
    def of(cls, hall: Hall, at: datetime) -> HallPeople:
        by_role: dict[Role, set[int]] = {role: set() for role in Role}
        by_department: dict[tuple[Role, int], set[int]] = {}
        street: set[int] = set()
        present: set[int] = set()
        staff: dict[int, Staff] = {}
        with connection.cursor() as cursor:
            cursor.execute(PEOPLE, {"hall": hall.pk, "at": at, "supervisor": Role.SUPERVISOR})
            rows = cursor.fetchall()
        for *row, memberships, is_on_duty in rows:
            person = Staff.from_db(connection.alias, STAFF_COLUMNS, row)
            staff[person.pk] = person
            if is_on_duty:
                present.add(person.pk)
            for name, hall_id, department_id in json.loads(memberships or "[]"):
                role = Role(name)
                if hall_id is None:
                    street.add(person.pk)
                elif department_id is not None:
                    by_department.setdefault((role, department_id), set()).add(person.pk)
                else:
                    by_role[role].add(person.pk)
        return cls(by_role, by_department, street, present, staff)

    def heads(self, department_id: int | None) -> set[int]:
        return self.by_department.get((Role.HEAD, department_id), set()) if department_id else set()

    def handlers(self, department_id: int | None) -> set[int]:
        return self.by_department.get((Role.HANDLER, department_id), set()) if department_id else set()

    @property
    def directors(self) -> set[int]:
        return self.by_role[Role.DIRECTOR]

    @property
    def supervisors(self) -> set[int]:
        return self.by_role[Role.SUPERVISOR] | self.street

    def first_level(self, *levels: Iterable[int], without: Collection[int]) -> set[int]:
        """The first of the levels in which somebody is left once the barred, and who has left the hall, are out."""
        for level in levels:
            left = {person for person in level if person in self.staff and person not in without}
            if left:
                return left
        return set()

    def director(self, *, without: Collection[int]) -> Staff | None:
        """The one person named as responsible where the director decides; the next level when there is none."""
        level = self.first_level(self.directors, self.street, self.supervisors, without=without)
        return self.staff[min(level)] if level else None

    def at_desk(self, case: CaseFacts, *, without: Collection[int]) -> set[int]:
        """The first-contact owner and whoever is on duty; nobody on duty: the director too."""
        present = self.on_duty & (self.by_role[Role.RECEPTIONIST] | self.directors)
        desk = {case.first_contact_owner_id} | (present or self.directors)
        return self.first_level(desk, self.directors, self.street, self.supervisors, without=without)

    def of_slip(self, slip: SlipFacts, case: CaseFacts, *, without: Collection[int]) -> set[int]:
        """The named handler, else everybody of the department who could sign in; outside units: the desk."""
        if slip.department.kind == DepartmentKind.STREET:
            # The desk answers from paper what the street office does not answer itself.
            return self.at_desk(case, without=without) | self.first_level(self.street, without=without)
        if slip.department.kind in ON_PAPER:
            return self.at_desk(case, without=without)
        if slip.department.kind == DepartmentKind.HALL and slip.handler_id is None:
            return self.at_desk(case, without=without)
        heads = self.heads(slip.department_id)
        named = {slip.handler_id} if slip.handler_id else self.handlers(slip.department_id) | heads
        return self.first_level(named, heads, self.directors, self.street, self.supervisors, without=without)

    def responsible_for(self, clock: ClockFacts, case: CaseFacts, *, barred: Collection[int]) -> set[int]:
        """Who must do what this clock waits for."""
        if clock.slip is not None:
            return self.of_slip(clock.slip, case, without=barred)
        if clock.kind == ClockKind.DISPATCH and case.is_referred:
            return self.first_level(self.directors, self.street, self.supervisors, without=barred)
        if clock.kind == ClockKind.FEEDBACK and case.is_coordinated:
            return self.first_level(self.directors, self.street, self.supervisors, without=barred)
        if clock.kind in FOLLOW_UP_CLOCKS:
            return self.at_desk(case, without={*barred, *case.handler_ids})
        if clock.kind == ClockKind.PROMISE:
            # Whoever has the matter now; where that is a unit without people of its own, the desk that promised.
            department_id = case.responsible_department_id
            named = {case.responsible_staff_id} if case.responsible_staff_id else set()
            department = self.handlers(department_id) | self.heads(department_id)
            has_it = self.first_level(named, department, without=barred)
            if has_it:
                return has_it
        return self.at_desk(case, without=barred)

    def audience(self, audience: str, clock: ClockFacts, case: CaseFacts, *, barred: Collection[int]) -> set[int]:
        """Recipients of one step of the alert ladder; a level that is barred or empty passes on to the next."""
        responsible = self.responsible_for(clock, case, barred=barred)
        if audience == "responsible":
            return responsible
        department_id = clock.slip.department_id if clock.slip else case.responsible_department_id
        if audience == "head":
            return responsible | {head for head in self.heads(department_id) if head not in barred}
        if audience == "director":
            return self.first_level(self.directors, self.street, self.supervisors, without=barred)
        return self.first_level(self.supervisors, self.directors, without=barred)


@dataclass(frozen=True)
class Candidates:
    """Who may be named as handler, and the level that had to step in ('' when it is the department itself)."""

    staff: list[Staff]
    level: str


def handler_candidates(slip: TransferSlip) -> Candidates:
    """Handlers of the department who did not handle an earlier round; else its heads, the director, supervisors."""
    case = slip.case
    handled = case.parts.filter(role=PartRole.HANDLER, round__lt=slip.round)
    earlier = set(handled.values_list("staff_id", flat=True))
    unfit = case.barred_ids | earlier
    hall = slip.hall
    levels = [
        ("", Staff.objects.holding(Role.HANDLER, Role.HEAD, department=slip.department)),
        ("director", Staff.objects.holding(Role.DIRECTOR, hall=hall)),
        ("supervisor", Staff.objects.holding(Role.SUPERVISOR, hall=None)),
        ("supervisor", Staff.objects.holding(Role.SUPERVISOR, hall=hall)),
    ]
    if slip.department.kind == DepartmentKind.HALL:
        levels.insert(1, ("", Staff.objects.holding(Role.RECEPTIONIST, hall=hall)))
    for level, people in levels:
        left = list(people.exclude(pk__in=unfit).order_by("name", "pk"))
        if left:
            return Candidates(left, level)
    return Candidates([], "")


def open_lead_slip(case: Case) -> TransferSlip | None:
    """The lead slip of the present round, whatever its state short of returned or recalled."""
    return (
        case.slips.filter(round=case.round, kind=SlipKind.LEAD)
        .exclude(state__in=["returned", "recalled"])
        .select_related("department", "handler")
        .first()
    )
