"""What the database itself refuses, and that two halls never see each other."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from foundation.organization.models import Category, Department, Hall, Membership, OpeningHours, Role, Staff
from tests.builders import Town, category, make_hall, person

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize("role", [Role.HANDLER, Role.HEAD])
def test_a_department_role_needs_a_department(town: Town, role: Role) -> None:
    with pytest.raises(IntegrityError):
        Membership.objects.create(staff=town.lin, role=role, hall=town.north)


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.DIRECTOR, Role.MONITOR, Role.SUPERVISOR, Role.ADMINISTRATOR])
def test_other_roles_are_not_held_in_a_department(town: Town, role: Role) -> None:
    with pytest.raises(IntegrityError):
        Membership.objects.create(staff=town.wang, role=role, hall=town.north, department=town.works)


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.DIRECTOR, Role.MONITOR])
def test_only_supervisors_and_administrators_belong_to_the_street_office(town: Town, role: Role) -> None:
    with pytest.raises(IntegrityError):
        Membership.objects.create(staff=town.gu, role=role)


def test_a_department_of_another_hall_is_refused_even_behind_the_forms_back(town: Town) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(staff=town.wang, role=Role.HANDLER, hall=town.north, department=town.south_works)
    held = Membership.objects.get(staff=town.wang)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=held.pk).update(hall=town.south)


def test_the_same_role_is_held_once_at_a_time_and_again_after_it_ended(town: Town) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(staff=town.lin, role=Role.RECEPTIONIST, hall=town.north)
    Membership.objects.filter(staff=town.lin).update(ended_at=NOON)
    Membership.objects.create(staff=town.lin, role=Role.RECEPTIONIST, hall=town.north)


def test_the_same_street_role_is_held_once(town: Town) -> None:
    with pytest.raises(IntegrityError):
        Membership.objects.create(staff=town.tang, role=Role.SUPERVISOR)


def test_an_ended_role_gives_no_rights(town: Town) -> None:
    Membership.objects.filter(staff=town.chen).update(ended_at=NOON)
    chen = Staff.objects.get(pk=town.chen.pk)
    assert not chen.holds(Role.DIRECTOR)
    assert not Hall.objects.visible_to(chen).exists()
    assert not Staff.objects.holding(Role.DIRECTOR, hall=town.north).exists()


def test_two_halls_never_see_each_other(town: Town) -> None:
    for name, own in (("lin", town.north), ("wang", town.north), ("he", town.north), ("lu", town.south)):
        staff = getattr(town, name)
        assert list(Hall.objects.visible_to(staff)) == [own]
        assert {row.hall_id for row in Department.objects.visible_to(staff)} == {own.pk}
        assert {row.hall_id for row in Category.objects.visible_to(staff)} == {own.pk}


def test_the_street_supervisor_sees_both_halls_and_every_one_yet_to_come(town: Town) -> None:
    assert set(Hall.objects.visible_to(town.tang)) == {town.north, town.south}
    west = make_hall("WST", "West")
    tang = Staff.objects.get(pk=town.tang.pk)
    assert west in Hall.objects.visible_to(tang)
    assert tang.holds(Role.SUPERVISOR, hall=west)


def test_the_street_administrator_administers_halls_but_does_not_see_their_content(town: Town) -> None:
    assert town.tang.sees_all_halls
    assert not town.xu.sees_all_halls
    assert set(Hall.objects.visible_to(town.xu)) == {town.north, town.south}


def test_a_role_counts_in_its_own_place_only(town: Town) -> None:
    assert town.wang.holds(Role.HANDLER, department=town.works)
    assert not town.wang.holds(Role.HANDLER, department=town.property)
    assert not town.wang.holds(Role.HEAD, department=town.works)
    assert not town.chen.holds(Role.DIRECTOR, hall=town.south)
    assert town.wang.department_ids(Role.HANDLER) == {town.works.pk}
    assert town.wang.department_ids(Role.HEAD) == set()


def test_who_holds_a_role_is_found_by_hall_and_by_department(town: Town) -> None:
    assert set(Staff.objects.holding(Role.HANDLER, department=town.works)) == {town.wang, town.qian}
    assert set(Staff.objects.holding(Role.RECEPTIONIST, Role.DIRECTOR, hall=town.south)) == {town.lu, town.han}
    assert list(Staff.objects.holding(Role.SUPERVISOR)) == [town.tang]
    assert list(Staff.objects.holding(Role.SUPERVISOR, hall=town.north)) == [town.feng]


def test_categories_have_two_levels_and_stay_in_their_hall(town: Town) -> None:
    item = category(town.north)
    theme = Category.objects.get(hall=town.south, parent=None, name="噪声")
    for broken in (
        Category(hall=town.north, name="third level", parent=item),
        Category(hall=town.north, name="foreign theme", parent=theme),
        Category(hall=town.north, name="foreign department", default_department=town.south_works),
    ):
        with pytest.raises(ValidationError):
            broken.full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            broken.save()


def test_a_theme_with_items_is_not_put_under_another_theme(town: Town) -> None:
    first, second = Category.objects.filter(hall=town.north, parent=None)[:2]
    first.parent = second
    with pytest.raises(ValidationError):
        first.full_clean()
    with pytest.raises(IntegrityError):
        first.save()


def test_opening_hours_run_forward_and_days_are_those_of_a_week(town: Town) -> None:
    for fields in (
        {"weekday": 5, "opens": "12:00", "closes": "09:00"},
        {"weekday": 7, "opens": "9:00", "closes": "12:00"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            OpeningHours.objects.create(hall=town.north, **fields)


def test_a_time_zone_is_one_that_exists() -> None:
    with pytest.raises(ValidationError) as refused:
        Hall(code="XX", name="x", timezone="Asia/Peking").full_clean(validate_unique=False, validate_constraints=False)
    assert set(refused.value.message_dict) == {"timezone"}


def test_a_hall_has_one_department_that_is_the_hall_itself(town: Town) -> None:
    with pytest.raises(IntegrityError):
        Department.objects.create(hall=town.north, name="second", kind="hall")


def test_memberships_are_read_once_for_all_questions(town: Town, django_assert_num_queries) -> None:
    staff = Staff.objects.get(pk=person("ma", Role.RECEPTIONIST, Role.DIRECTOR, hall=town.north).pk)
    with django_assert_num_queries(1):
        assert staff.holds(Role.DIRECTOR, hall=town.north)
        assert staff.hall_ids == {town.north.pk}
        assert not staff.sees_all_halls
        assert not staff.is_staff
