"""Whoever a complaint is about is barred from the case: shown nothing of it, asked nothing about it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases import powers
from cases.actions.moving import lock_case, required, write_down
from cases.actions.tell import tell
from cases.models import Case, Part
from cases.people import HallPeople
from cases.vocabulary import CaseState, PartRole
from foundation.ledger.actions import hold
from foundation.notifications.actions import withdraw
from foundation.organization.models import Role, Staff
from foundation.refusals import NotAllowed, Refused


@transaction.atomic
def bar(*, case_id: int, staff: Staff, reason: str, actor: Staff | None, now: datetime) -> Case:
    """Bar a person. Alerts they have about it vanish; what they owned or handled passes to the next level.

    From whatever is merged with it as well: the words of the neighbours are about the same person.
    """
    case = lock_case(case_id=case_id, actor=actor, transition_no=None)
    if actor is not None and not powers.bars_others(case, actor):
        raise NotAllowed(_("You have no right to do this on this case."))
    reason = required(reason, "reason", _("Write down why this person is barred."))
    if case.bars(staff):
        return case
    if actor is not None and staff.pk == actor.pk:
        raise Refused(_("A complaint about yourself is registered by a colleague."), field="about")
    together = [one for one in _merged_with(case) if not one.bars(staff)]
    if together:
        hold([case.chain_id, *(one.chain_id for one in together)])
    for one in (case, *together):
        _bar(one, staff, reason=reason, actor=actor, now=now)
    return case


def _merged_with(case: Case) -> list[Case]:
    """All that hangs together: a main case whose result was sent back may have been merged into a further one since.

    Locked without waiting, because one of them is held already: Stale where somebody is at work on another.
    """
    family: set[int] = set()
    found = {case.pk}
    while found != family:
        family = found
        beside = Q(pk__in=family) | Q(main_case__in=family) | Q(merged_cases__in=family)
        found = set(Case.objects.filter(beside).values_list("pk", flat=True))
    ids = sorted(family - {case.pk})
    return [lock_case(case_id=pk, actor=None, transition_no=None, waits=False) for pk in ids]


def _bar(case: Case, staff: Staff, *, reason: str, actor: Staff | None, now: datetime) -> None:
    Part.objects.create(
        case=case, staff=staff, role=PartRole.BARRED, round=case.round, started_at=now, reason=reason[:200]
    )
    case.forget_parts()
    case.unheard += 1
    if case.state in (CaseState.TRANSFERRED, CaseState.FEEDBACK):
        # What was found without hearing them does not hold; afterwards the resident has been told it.
        case.finding = ""
    # A sweep that is at work on them now may be about to tell this person: what it tells is taken back too.
    list(case.deadlines.running().select_for_update(no_key=True).order_by("pk"))
    withdraw(chain=case.chain, recipient=staff, now=now)
    people = HallPeople.of(case.hall, now)
    desk = people.on_duty & people.by_role[Role.RECEPTIONIST]
    heirs = people.first_level(desk, people.directors, people.street, people.supervisors, without=case.barred_ids)
    owner_changed = case.first_contact_owner_id == staff.pk
    if owner_changed:
        if not heirs:
            raise Refused(_("Nobody is left who could take the case over; name a director or supervisor first."))
        heir = people.staff[min(heirs)]
        case.parts.filter(role=PartRole.OWNER, ended_at=None).update(ended_at=now)
        Part.objects.create(case=case, staff=heir, role=PartRole.OWNER, round=case.round, started_at=now)
        case.first_contact_owner = heir
    if case.responsible_staff_id == staff.pk:
        director = people.director(without=case.barred_ids) if case.is_referred else None
        case.responsible_staff = None if case.responsible_department_id else director or case.first_contact_owner
    for slip in case.slips.open().filter(handler=staff):
        slip.handler = None
        slip.save(update_fields=["handler"])
    write_down(
        case,
        "case.person_barred",
        actor=actor,
        now=now,
        payload={"staff": staff.pk, "owner": case.first_contact_owner_id},
        texts={"reason": reason},
        moves=False,
    )
    if owner_changed:
        tell(
            case,
            [case.first_contact_owner_id],
            gettext_noop("%(number)s passes to you as first-contact owner"),
            {"number": case.number},
            key=f"case:{case.pk}:owner:{case.first_contact_owner_id}:{staff.pk}",
            now=now,
            people=people,
            but=actor,
        )
