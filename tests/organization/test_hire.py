"""Accounts are opened and roles given by administrators, each in their own place."""

import pytest
from django.contrib.auth.hashers import make_password

from foundation.organization.models import Hall, Role, Staff
from foundation.refusals import NotAllowed, Refused
from records.staffing import appoint, hire
from records.standard import found_hall
from tests.builders import Town
from tests.matters import MONDAY

HASHED = make_password("pond-lotus-74")


def newcomer(actor: Staff | None, hall: Hall | None, *roles: Role, username: str = "guan") -> Staff:
    return hire(
        username=username,
        name="关雨",
        hashed_password=HASHED,
        roles=roles or [Role.RECEPTIONIST],
        hall=hall,
        actor=actor,
        now=MONDAY,
    )


def test_a_newcomer_has_the_roles_they_were_hired_for_and_no_administration(town: Town) -> None:
    guan = newcomer(town.he, town.north, Role.RECEPTIONIST, Role.DIRECTOR)
    assert {(held.role, held.hall) for held in guan.active_memberships} == {
        ("receptionist", town.north),
        ("director", town.north),
    }
    assert not guan.is_staff
    assert guan.joined_at == MONDAY
    assert guan.check_password("pond-lotus-74")


def test_nobody_is_hired_for_nothing(town: Town) -> None:
    with pytest.raises(Refused) as refusal:
        hire(username="guan", name="关雨", hashed_password=HASHED, roles=[], hall=town.north, actor=town.he, now=MONDAY)
    assert refusal.value.field == "roles"
    assert not Staff.objects.filter(username="guan").exists()


@pytest.mark.parametrize("who", ["lin", "chen", "zhao", "tang"])
def test_nobody_but_an_administrator_opens_accounts(town: Town, who: str) -> None:
    with pytest.raises(NotAllowed):
        newcomer(getattr(town, who), town.north)


def test_an_administrator_hires_for_their_own_hall_only(town: Town) -> None:
    with pytest.raises(NotAllowed):
        newcomer(town.he, town.south)
    with pytest.raises(NotAllowed):
        newcomer(town.he, None, Role.SUPERVISOR)
    assert not Staff.objects.filter(username="guan").exists()


def test_a_user_name_is_taken_once(town: Town) -> None:
    newcomer(town.he, town.north)
    with pytest.raises(Refused) as refusal:
        newcomer(town.he, town.north)
    assert refusal.value.field == "username"


def test_an_administrator_gives_roles_in_their_own_hall_only(town: Town) -> None:
    guan = newcomer(town.he, town.north)
    appoint(staff=guan, role=Role.HANDLER, department=town.works, actor=town.he, now=MONDAY)
    assert Staff.objects.get(pk=guan.pk).holds(Role.HANDLER, department=town.works)
    with pytest.raises(NotAllowed):
        appoint(staff=guan, role=Role.HANDLER, department=town.south_works, actor=town.he, now=MONDAY)
    with pytest.raises(NotAllowed):
        appoint(staff=guan, role=Role.SUPERVISOR, actor=town.he, now=MONDAY)


def test_the_street_offices_administrator_gives_roles_everywhere(town: Town) -> None:
    guan = newcomer(town.xu, town.north)
    appoint(staff=guan, role=Role.RECEPTIONIST, hall=town.south, actor=town.xu, now=MONDAY)
    appoint(staff=guan, role=Role.SUPERVISOR, actor=town.xu, now=MONDAY)
    assert Staff.objects.get(pk=guan.pk).sees_all_halls


@pytest.mark.parametrize("who", ["lin", "chen", "tang"])
def test_nobody_else_gives_roles(town: Town, who: str) -> None:
    with pytest.raises(NotAllowed):
        appoint(staff=town.mei, role=Role.DIRECTOR, hall=town.north, actor=getattr(town, who), now=MONDAY)


def test_a_role_is_held_where_it_belongs_and_once(town: Town) -> None:
    with pytest.raises(Refused):
        appoint(staff=town.mei, role=Role.HANDLER, hall=town.north, actor=town.he, now=MONDAY)
    with pytest.raises(Refused):
        appoint(staff=town.mei, role=Role.RECEPTIONIST, department=town.works, actor=town.he, now=MONDAY)
    with pytest.raises(Refused):
        appoint(staff=town.mei, role=Role.RECEPTIONIST, hall=town.north, actor=town.he, now=MONDAY)


def test_a_hall_is_founded_by_the_street_office_with_everything_it_needs(town: Town) -> None:
    hall = found_hall(code="WST", name="西岭社区居民接待厅", actor=town.xu, now=MONDAY)
    assert hall.opening_hours.exists()
    assert hall.categories.exists()


@pytest.mark.parametrize("who", ["he", "chen", "tang"])
def test_nobody_else_founds_a_hall(town: Town, who: str) -> None:
    with pytest.raises(NotAllowed):
        found_hall(code="WST", name="西岭", actor=getattr(town, who), now=MONDAY)
    assert Hall.objects.count() == 2


def test_a_code_is_taken_once(town: Town) -> None:
    with pytest.raises(Refused) as refusal:
        found_hall(code="NTH", name="又一个北苑", actor=town.xu, now=MONDAY)
    assert refusal.value.field == "code"
