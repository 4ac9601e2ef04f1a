"""The halls are founded and the people hired; then they are found again by what they do."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cached_property
from random import Random

from django.contrib.auth.hashers import make_password

from cases.models import Case
from foundation.deadlines.calendar import WorkCalendar
from foundation.deadlines.terms import calendar_for
from foundation.organization.duty import on_duty
from foundation.organization.models import Department, Hall, Role, Staff
from records.demonstration.script import House, Post, Script
from records.staffing import hire
from records.standard import found_hall


def found(script: Script, *, now: datetime) -> dict[str, Hall]:
    """The halls by code, with everybody in their place."""
    # Hashed once: it is one password, and a hash is made to be slow.
    hashed = make_password(script.password)
    # Before anybody is taken on: whom the street office gives a say, each hall's record names.
    halls = {house.code: _found_house(house, now) for house in script.houses}
    for post in script.street:
        _take_on(post, None, hashed, now)
    for house in script.houses:
        for post in house.people:
            _take_on(post, halls[house.code], hashed, now)
    return halls


def _found_house(house: House, now: datetime) -> Hall:
    return found_hall(
        code=house.code,
        name=house.name,
        phone=house.phone,
        address=house.address,
        on_call_phone=house.on_call_phone,
        actor=None,
        now=now,
    )


def _take_on(post: Post, hall: Hall | None, hashed: str, now: datetime) -> None:
    hire(
        username=post.username,
        name=post.name,
        phone=post.phone,
        hashed_password=hashed,
        roles=[Role(role) for role in post.roles],
        hall=hall,
        department=Department.objects.get(hall=hall, name=post.department) if post.department else None,
        actor=None,
        now=now,
    )


class Cast:
    """The people of one hall."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.everybody = {staff.pk: staff for staff in Staff.objects.all()}
        self.places: dict[tuple[tuple[Role, ...], int | None], list[Staff]] = {}
        self.by_username = {staff.username: staff for staff in self.everybody.values()}

    @cached_property
    def calendar(self) -> WorkCalendar:
        """Nobody changes it while the play goes on."""
        return calendar_for(self.hall)

    def holding(self, *roles: Role, department: Department | None = None) -> list[Staff]:
        """Asked once: nobody comes or goes while the play goes on, and the same objects remember their memberships."""
        place = (roles, department.pk if department else None)
        if place not in self.places:
            people = Staff.objects.holding(*roles, hall=None if department else self.hall, department=department)
            self.places[place] = [self.everybody[pk] for pk in people.order_by("pk").values_list("pk", flat=True)]
        return self.places[place]

    @property
    def receptionists(self) -> list[Staff]:
        return self.holding(Role.RECEPTIONIST)

    @property
    def director(self) -> Staff:
        return self.holding(Role.DIRECTOR)[0]

    @property
    def supervisor(self) -> Staff:
        """Of the hall; where it has none, of the street office."""
        own = self.holding(Role.SUPERVISOR)
        return own[0] if own else self.street

    @cached_property
    def street(self) -> Staff:
        people = Staff.objects.holding(Role.SUPERVISOR, hall=None).order_by("pk")
        return self.everybody[people[0].pk]

    @property
    def heads(self) -> list[Staff]:
        return self.holding(Role.HEAD)

    def at_desk(self, at: datetime, chance: Random, *, without: Collection[int] = ()) -> Staff:
        """A receptionist on duty; else any other, else the director."""
        on_shift = {staff.pk for staff in on_duty(self.hall, at)}
        present = [staff for staff in self.receptionists if staff.pk in on_shift]
        for people in (present, self.receptionists):
            if free := [staff for staff in people if staff.pk not in without]:
                return chance.choice(free)
        return self.director

    def owner(self, case: Case, at: datetime, chance: Random) -> Staff:
        """The first-contact owner sees it through; where they may not, whoever is at the desk."""
        owner = self.everybody[case.first_contact_owner_id]
        if owner.holds(Role.RECEPTIONIST, hall=self.hall) and not case.bars(owner):
            return owner
        return self.at_desk(at, chance, without=case.barred_ids)

    def head(self, department: Department, *, without: Collection[int]) -> Staff:
        """Who approves; the director where no head is left."""
        heads = [staff for staff in self.holding(Role.HEAD, department=department) if staff.pk not in without]
        return heads[0] if heads else self.director

    def worker(self, department: Department, *, without: Collection[int]) -> Staff:
        """Somebody of the department who opens its post."""
        people = self.holding(Role.HEAD, Role.HANDLER, department=department)
        return next(staff for staff in people if staff.pk not in without)
