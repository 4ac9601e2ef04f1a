"""Accounts and roles: who may do what. Each change stands in the record of the halls it concerns.

What concerns the street office concerns every hall. An account's halls are those in which it holds a role, after the
last one ended those in which it held one; of an account without any, nobody knows whose it is, so every hall's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from foundation.organization.administration import administers_street
from foundation.organization.models import Department, Hall, Membership, Role, Staff
from foundation.refusals import NotAllowed, Refused
from records.on_record import Change, Facts, difference, facts_of, write_down

PASSWORD_SET, PASSWORD_CHANGED = "account.password_set", "account.password_changed"


@dataclass(frozen=True)
class Standing:
    """What an account was and which roles it held at one moment, ended ones too."""

    account: Facts
    password: str
    memberships: Sequence[Membership]


def standing_of(staff_id: int) -> Standing:
    """Locks the account: one change of somebody's rights after the other."""
    staff = Staff.objects.select_for_update(no_key=True).get(pk=staff_id)
    held = Membership.objects.filter(staff=staff).select_related("hall", "department").order_by("pk")
    return Standing(facts_of(staff), staff.password, list(held))


@contextmanager
def on_record(staff_id: int, *, actor: Staff | None, now: datetime) -> Iterator[None]:
    """Whatever is done to the account and its roles meanwhile is written down, in the same transaction."""
    with transaction.atomic():
        before = standing_of(staff_id)
        yield
        write_down_changes(staff_id, before, actor=actor, now=now)


def write_down_changes(staff_id: int, before: Standing | None, *, actor: Staff | None, now: datetime) -> None:
    """before: None for an account that is new."""
    after = standing_of(staff_id)
    write_down(
        [
            *_of_account(staff_id, before, after, by_themselves=actor is not None and actor.pk == staff_id),
            *_of_memberships(staff_id, before.memberships if before else [], after.memberships),
        ],
        actor=actor,
        now=now,
    )


def write_down_password(staff_id: int, *, actor: Staff | None, now: datetime) -> None:
    """For who sets one in a way of their own and knows that it is new."""
    write_down([Change(PASSWORD_SET, {"staff": staff_id}, _halls_of(standing_of(staff_id)))], actor=actor, now=now)


@transaction.atomic
def hire(
    *,
    username: str,
    name: str,
    hashed_password: str,
    roles: Sequence[Role],
    actor: Staff | None,
    now: datetime,
    hall: Hall | None = None,
    department: Department | None = None,
    phone: str = "",
) -> Staff:
    """An account and what it is for: roles in the department, in the hall, or with neither in the street office.

    hashed_password: what make_password gives; hashing is slow on purpose.
    """
    place = department.hall if department else hall
    _must_administer(actor, place)
    if not roles:
        raise Refused(_("Give this person a role; without one the account would belong to no hall."), field="roles")
    staff = Staff(username=username, name=name, phone=phone, password=hashed_password, joined_at=now)
    _save_checked(staff)
    for role in roles:
        _save_checked(Membership(staff=staff, role=role, hall=place, department=department))
    write_down_changes(staff.pk, None, actor=actor, now=now)
    return staff


def appoint(
    *,
    staff: Staff,
    role: Role,
    actor: Staff | None,
    now: datetime,
    hall: Hall | None = None,
    department: Department | None = None,
) -> Membership:
    """A further role, in the department, in the hall, or with neither: in the street office, over all halls."""
    place = department.hall if department else hall
    _must_administer(actor, place)
    with on_record(staff.pk, actor=actor, now=now):
        membership = Membership(staff=staff, role=role, hall=place, department=department)
        _save_checked(membership)
    return membership


def change_password(*, staff: Staff, hashed_password: str, now: datetime) -> Staff:
    """One's own. Somebody else's is set in the administration."""
    with on_record(staff.pk, actor=staff, now=now):
        fresh = Staff.objects.get(pk=staff.pk)
        fresh.password = hashed_password
        fresh.save(update_fields=["password"])
    return fresh


def _of_account(staff_id: int, before: Standing | None, after: Standing, *, by_themselves: bool) -> Iterator[Change]:
    halls = _halls_of(before, after)
    yield from difference(Staff, {"staff": staff_id}, before.account if before else None, after.account, halls)
    if before is not None and before.password != after.password:
        yield Change(PASSWORD_CHANGED if by_themselves else PASSWORD_SET, {"staff": staff_id}, halls)


def _of_memberships(staff_id: int, before: Sequence[Membership], after: Sequence[Membership]) -> Iterator[Change]:
    earlier, later = ({membership.pk: membership for membership in held} for held in (before, after))
    for pk in sorted(earlier | later):
        was, now_is = earlier.get(pk), later.get(pk)
        place = (now_is or earlier[pk]).hall
        halls = [place] if place is not None else _every_hall()
        yield from difference(
            Membership,
            {"row": pk, "staff": staff_id},
            facts_of(was) if was else None,
            facts_of(now_is) if now_is else None,
            halls,
        )


def _halls_of(*standings: Standing | None) -> list[Hall]:
    known = [standing for standing in standings if standing is not None]
    memberships = [membership for standing in known for membership in standing.memberships]
    held = [membership for membership in memberships if membership.ended_at is None] or memberships
    places = {membership.hall_id: membership.hall for membership in held}
    if not places or None in places or any(standing.account.kept["is_superuser"] for standing in known):
        return _every_hall()
    return [hall for hall in places.values() if hall is not None]


def _every_hall() -> list[Hall]:
    return list(Hall.objects.order_by("pk"))


def _must_administer(actor: Staff | None, place: Hall | None) -> None:
    if actor is None or administers_street(actor):
        return
    if place is None or not actor.holds(Role.ADMINISTRATOR, hall=place):
        raise NotAllowed(_("Accounts and roles are given by an administrator of the hall."))


def _save_checked(row: Staff | Membership) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=None if field == NON_FIELD_ERRORS else field) from error
    row.save(force_insert=True)
