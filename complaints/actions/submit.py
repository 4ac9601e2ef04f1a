"""What a resident sends by the public form becomes a case, all of it at once; a complaint is lodged with it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases.actions.attach import attach
from cases.actions.moving import required
from cases.actions.register import register_case
from cases.actions.tell import tell
from cases.models import Case
from cases.people import HallPeople
from cases.uploads import CleanFile
from cases.vocabulary import AttachmentKind, Nature
from complaints.actions.lodge import register_lodged
from complaints.naming import named_in
from foundation.organization.models import Category, DepartmentKind, DutyShift, Hall, Role, Staff
from foundation.refusals import Refused
from foundation.residents.actions import register_resident
from foundation.residents.fields import normalize_phone
from foundation.residents.models import Resident, phone_token
from foundation.residents.names import normalize_lines, normalize_name, normalize_text
from reception.actions import register_visit
from reception.models import Channel, Identity

LODGED = (Nature.COMPLAINT, Nature.REPORT)
LAST_CATEGORY = """
    SELECT category.* FROM organization_category AS category
    LEFT JOIN organization_category AS theme ON theme.id = category.parent_id
    LEFT JOIN organization_department AS unit ON unit.id = category.default_department_id
    WHERE category.hall_id = %s AND category.is_active
    ORDER BY unit.kind IS NOT DISTINCT FROM %s DESC, theme.position DESC NULLS LAST, category.position DESC,
             category.id DESC
    LIMIT 1
"""


@dataclass(frozen=True)
class Consent:
    """To the use of personal data: which text it was given to, and in which language that was read."""

    version: str
    language: str


@transaction.atomic
def submit(
    *,
    hall: Hall,
    submission_key: uuid.UUID,
    nature: str,
    matter: str,
    identity: str,
    consent: Consent,
    now: datetime,
    place: str = "",
    when: str = "",
    about: str = "",
    name: str = "",
    phone: str = "",
    email: str = "",
    category: Category | None = None,
    files: Sequence[CleanFile] = (),
) -> Case:
    """The whole of a public submission. Raises AlreadyRegistered, with the visit, for a key that was sent before.

    Staff whose full name stands in `about` are barred before anybody is told. category: a guess; the desk screens it.
    """
    matter = required(normalize_lines(matter), "matter", _("Write down what happened."))
    about = required(normalize_text(about), "about", _("Write whom or what it is about.")) if nature in LODGED else ""
    people = HallPeople.of(hall, now)
    named = named_in(about, people.staff.values()) if about else []
    owner = _owner(hall, people, without={person.pk for person in named}, now=now)
    resident = None
    if identity != Identity.ANONYMOUS:
        resident = _resident(hall, name=name, phone=phone, email=email, now=now)
    visit = register_visit(
        hall=hall,
        actor=None,
        now=now,
        channel=Channel.WEB,
        matter=told(matter, place, when),
        resident=resident,
        identity=identity,
        submission_key=submission_key,
    )
    of_case: dict[str, Any] = {
        "nature": nature,
        "category": category or general_category(hall),
        "owner": owner,
        "facts": {"consent": {"version": consent.version, "language": consent.language}},
    }
    if nature in LODGED:
        case = register_lodged(visit=visit, about_staff=named, about=about, actor=None, now=now, **of_case)
    else:
        case = register_case(visit=visit, actor=None, now=now, **of_case)
    if files:
        attach(case_id=case.pk, files=files, kind=AttachmentKind.RESIDENT, actor=None, now=now)
        case = Case.objects.get(pk=case.pk)
    tell(
        case,
        people.at_desk(case, without=case.barred_ids),
        gettext_noop("%(number)s came in by the public form and waits to be screened"),
        {"number": case.number},
        key=f"submitted:{case.pk}",
        now=now,
        people=people,
    )
    return case


def general_category(hall: Hall) -> Category:
    """Where a matter waits to be screened: the last category that the hall itself handles, else the last of all."""
    # In one question: this is asked while a resident waits.
    found = next(iter(Category.objects.raw(LAST_CATEGORY, [hall.pk, DepartmentKind.HALL])), None)
    if found is None:
        raise Refused(_("This hall cannot take anything in by this form yet. Please call or come by."))
    return found


def owner_for(hall: Hall, *, now: datetime) -> Staff:
    """Who would be the first-contact owner of what comes in now."""
    return _owner(hall, HallPeople.of(hall, now), without=set(), now=now)


def _owner(hall: Hall, people: HallPeople, *, without: set[int], now: datetime) -> Staff:
    """The receptionist on duty now or at the next opening; where the roster names none, any, then the level above."""
    receptionists = people.by_role[Role.RECEPTIONIST]
    present = people.first_level(people.on_duty & receptionists, without=without)
    if present:
        return people.staff[min(present)]
    coming = (
        DutyShift.objects.filter(
            hall=hall, is_on_call=False, starts_at__gt=now, staff__is_active=True, staff__in=receptionists - without
        )
        .select_related("staff")
        .order_by("starts_at", "staff")
        .first()
    )
    if coming is not None:
        return coming.staff
    left = people.first_level(receptionists, people.directors, people.street, people.supervisors, without=without)
    if not left:
        raise Refused(_("Nobody of this hall can take this in. Please turn to the street office."))
    return people.staff[min(left)]


def _resident(hall: Hall, *, name: str, phone: str, email: str, now: datetime) -> Resident:
    """The same person again where name, number and address agree; else a new row.

    Nothing on record is changed from here: anybody can type somebody's name and number, and answers would then go to
    another address.
    """
    name = normalize_name(required(name, "name", _("Write your name, or choose to stay anonymous.")))
    try:
        number = normalize_phone(required(phone, "phone", _("Write the number under which we can reach you.")))
    except ValidationError as error:
        raise Refused(error.messages[0], field="phone") from error
    known = Resident.objects.filter(hall=hall, phone_token=phone_token(number), name=name, erased_at=None)
    if email.strip():
        known = known.filter(email=email.strip())
    # The key alone: most write for the first time, and a question for whole rows takes longer to ask than to answer.
    same = known.order_by("-updated_at", "pk").values_list("pk", flat=True).first()
    if same is not None:
        return Resident.objects.get(pk=same)
    return register_resident(hall=hall, actor=None, now=now, name=name, phone=number, email=email)


def told(matter: str, place: str, when: str) -> str:
    """What was said, with place and time below it; in the hall's language, because the desk reads it."""
    place, when = normalize_text(place), normalize_text(when)
    lines = [normalize_lines(matter)]
    with translation.override(settings.LANGUAGE_CODE):
        if place:
            lines.append(_("Where: %(place)s") % {"place": place})
        if when:
            lines.append(_("When: %(when)s") % {"when": when})
    return "\n".join(lines)
