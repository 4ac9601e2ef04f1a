"""What the buttons of the registration page do: the contact is registered and goes on its way, or neither happens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.accept import accept
from cases.actions.answer_on_the_spot import answer_on_the_spot
from cases.actions.attach import attach
from cases.actions.decline import decline
from cases.actions.refer import refer
from cases.actions.register import join_visit, register_case
from cases.actions.transfer import transfer
from cases.models import Case
from cases.vocabulary import AnswerMeans, AttachmentKind
from complaints.actions.lodge import lodge
from followups.actions.evaluate import answer_and_evaluate
from foundation.organization.models import Hall, Staff
from foundation.residents.actions import register_resident, update_resident
from foundation.residents.fields import normalize_id_number, normalize_phone
from foundation.residents.lookup import find_same
from foundation.residents.models import Resident, id_number_token, phone_token
from reception.actions import register_visit
from reception.models import Channel, Identity, Visit
from web.desk.register_form import RegisterForm

TOLD_BY = {
    Channel.PHONE: AnswerMeans.PHONE,
    Channel.LETTER: AnswerMeans.LETTER,
    Channel.EMAIL: AnswerMeans.MESSAGE,
    Channel.WECHAT: AnswerMeans.MESSAGE,
}


@transaction.atomic
def join(form: RegisterForm, *, case_id: int, hall: Hall, actor: Staff, now: datetime) -> Case:
    """The contact is a further one about an open case."""
    visit = _visit(form, hall=hall, actor=actor, now=now)
    case = join_visit(case_id=case_id, visit=visit, actor=actor, now=now)
    _attach(form, case, actor=actor, now=now)
    return case


@transaction.atomic
def register(form: RegisterForm, *, hall: Hall, actor: Staff, now: datetime) -> Case:
    """The contact becomes a case, and what was pressed is done with it. Raises Refused; then nothing is written."""
    data = form.cleaned_data
    visit = _visit(form, hall=hall, actor=actor, now=now)
    case = register_case(
        visit=visit,
        actor=actor,
        now=now,
        nature=data["nature"],
        category=data["category"],
        urgency=data["urgency"],
    )
    _attach(form, case, actor=actor, now=now)
    if form.is_about_staff:
        case = lodge(
            case_id=case.pk,
            about_staff=data["about_staff"],
            about=data["about"] or data["matter"],
            actor=actor,
            now=now,
        ).case
    return GOES_ON[form.way](form, case, actor, now)


def _visit(form: RegisterForm, *, hall: Hall, actor: Staff, now: datetime) -> Visit:
    data = form.cleaned_data
    resident = None if data["identity"] == Identity.ANONYMOUS else _resident(form, hall=hall, actor=actor, now=now)
    return register_visit(
        hall=hall,
        actor=actor,
        now=now,
        resident=resident,
        **{
            name: data[name]
            for name in (
                "channel",
                "matter",
                "identity",
                "headcount",
                "received_at",
                "is_verified",
                "outside_number",
                "outside_due_at",
                "submission_key",
            )
        },
    )


def _resident(form: RegisterForm, *, hall: Hall, actor: Staff, now: datetime) -> Resident:
    given = dict(form.resident_fields())
    known = form.chosen or _same_person(hall, given, now)
    if known is not None:
        return update_resident(resident_id=known.pk, actor=actor, now=now, **given)
    return register_resident(hall=hall, actor=actor, now=now, **given)


def _same_person(hall: Hall, given: dict[str, Any], now: datetime) -> Resident | None:
    """Whoever has this name and this very number: nobody pressed “it is them”, but one person is one row."""
    phone, id_number = given.get("phone", ""), given.get("id_number", "")
    phone_sought = phone_token(normalize_phone(phone)) if phone else None
    card = normalize_id_number(id_number, today=now.astimezone(hall.zone).date()) if id_number else ""
    card_sought = id_number_token(card) if card else None
    for resident in find_same(hall=hall, name=given["name"], phone=phone, id_number=card):
        if resident.name != given["name"]:
            continue
        card_held = bytes(resident.id_number_token) if resident.id_number_token is not None else None
        if card_sought and card_held:
            # Namesakes may share a telephone; nobody shares an ID number.
            if card_sought == card_held:
                return resident
        elif phone_sought and resident.phone_token is not None and bytes(resident.phone_token) == phone_sought:
            return resident
    return None


def _attach(form: RegisterForm, case: Case, *, actor: Staff, now: datetime) -> None:
    if form.cleaned_data["files"]:
        attach(case_id=case.pk, files=form.cleaned_data["files"], kind=AttachmentKind.RESIDENT, actor=actor, now=now)


def _only_register(form: RegisterForm, case: Case, actor: Staff, now: datetime) -> Case:
    return case


def _accept(form: RegisterForm, case: Case, actor: Staff, now: datetime) -> Case:
    data = form.cleaned_data
    return accept(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=actor,
        now=now,
        nature=data["nature"],
        category=data["category"],
        urgency=data["urgency"],
        headcount=data["headcount"],
    )


def _transfer(form: RegisterForm, case: Case, actor: Staff, now: datetime) -> Case:
    data = form.cleaned_data
    accepted = _accept(form, case, actor, now)
    slip = transfer(
        case_id=accepted.pk,
        transition_no=accepted.transition_no,
        actor=actor,
        now=now,
        department=data["department"],
        instruction=data["instruction"] or data["matter"],
    )
    return slip.case


def _refer(form: RegisterForm, case: Case, actor: Staff, now: datetime) -> Case:
    accepted = _accept(form, case, actor, now)
    return refer(
        case_id=accepted.pk,
        transition_no=accepted.transition_no,
        actor=actor,
        now=now,
        reason=form.cleaned_data["referral"],
    )


def _answer(form: RegisterForm, case: Case, actor: Staff, now: datetime) -> Case:
    """With the resident's own evaluation it is closed by what they said; without, as answers on the spot are."""
    data = form.cleaned_data
    assert form.signature_given is not None
    run = partial(
        answer_on_the_spot,
        means=TOLD_BY.get(Channel(data["channel"]), AnswerMeans.DESK),
    )
    if form.is_evaluated:
        run = partial(
            answer_and_evaluate,
            contacted=data["contacted"] == "yes",
            solved=data["solved"],
            satisfaction=data["satisfaction"],
            reasons=data["reasons"],
        )
    return run(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=actor,
        now=now,
        text=data["text"],
        signature=form.signature_given,
        told_to=case.resident.name[:60] if case.resident and case.identity == Identity.NAMED else "",
    )


def _decline(form: RegisterForm, case: Case, actor: Staff, now: datetime) -> Case:
    data = form.cleaned_data
    return decline(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=actor,
        now=now,
        ground=data["ground"],
        advice=data["advice"],
    )


GOES_ON: dict[str, Callable[[RegisterForm, Case, Staff, datetime], Case]] = {
    "transfer": _transfer,
    "refer": _refer,
    "answer": _answer,
    "accept": _accept,
    "register": _only_register,
    "decline": _decline,
}


def told(case: Case, way: str) -> str:
    """The sentence after the deed."""
    if way == "join":
        return _("Joined to %(number)s; whoever handles it has been told.") % {"number": case.number}
    if way == "transfer" and case.responsible_department:
        return _("%(number)s is registered and transferred: %(department)s.") % {
            "number": case.number,
            "department": case.responsible_department.name,
        }
    sentences = {
        "accept": _("%(number)s is registered and accepted."),
        "refer": _("%(number)s is registered, accepted and referred to the director."),
        "answer": _("%(number)s is registered and answered on the spot."),
        "decline": _("%(number)s is registered and declined. Tell the resident within 15 days."),
    }
    return sentences.get(way, _("%(number)s is registered.")) % {"number": case.number}
