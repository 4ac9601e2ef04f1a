"""One understood row becomes a case, by the actions that a counter uses, each at the time the register gives for it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.accept import accept
from cases.actions.answer_on_the_spot import answer_on_the_spot
from cases.actions.register import register_case
from cases.actions.sign import Signature
from cases.actions.transfer import transfer
from cases.models import Case
from cases.vocabulary import AnswerMeans, SignatureKind
from followups.actions.imported import close_imported
from foundation.organization.models import Staff
from foundation.refusals import Refused
from foundation.residents.actions import register_resident
from foundation.residents.lookup import find_same
from foundation.residents.models import Resident, id_number_token, phone_token
from reception.actions import register_visit
from reception.models import Channel, Identity
from records.importing.rows import Row
from records.models import ImportedCase, ImportJob

TOLD_BY = {
    Channel.WALK_IN: AnswerMeans.DESK,
    Channel.PHONE: AnswerMeans.PHONE,
    Channel.LETTER: AnswerMeans.LETTER,
}


@transaction.atomic
def take_in(row: Row, *, job: ImportJob, actor: Staff, now: datetime) -> Case | None:
    """The case, as far as the register tells of it; None where it came in before. now: of the import itself.

    Raises Refused where a row with the same number came in that is another matter.
    """
    known = ImportedCase.objects.select_related("case").filter(hall=job.hall_id, key=row.key).first()
    if known is not None:
        if known.case.registered_at != row.received_at:
            raise Refused(
                _("This number came in before with another time, as %(number)s. Give one of the two another number.")
                % {"number": known.case.number},
                field="outside_number",
            )
        return None
    case = _registered(row, job=job, actor=actor, now=now)
    ImportedCase.objects.create(hall=job.hall, key=row.key, case=case, job=job)
    case = accept(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=actor,
        now=row.received_at,
        nature=row.nature,
        category=row.category,
        urgency=case.urgency,
        headcount=case.headcount,
    )
    if row.answered_at is not None:
        return _answered(row, case, actor=actor, answered_at=row.answered_at)
    if row.department is None:
        return case
    slip = transfer(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=actor,
        now=row.received_at,
        department=row.department,
        instruction=row.matter,
    )
    return slip.case


def _registered(row: Row, *, job: ImportJob, actor: Staff, now: datetime) -> Case:
    visit = register_visit(
        hall=job.hall,
        actor=actor,
        now=row.received_at,
        channel=row.channel,
        matter=row.matter,
        resident=_resident(row, job=job, actor=actor) if row.name else None,
        identity=Identity.NAMED if row.name else Identity.ANONYMOUS,
        outside_number=row.outside_number,
    )
    return register_case(
        visit=visit,
        actor=actor,
        now=row.received_at,
        nature=row.nature,
        category=row.category,
        title=row.title,
        owner=row.owner,
        imported_at=now,
    )


def _answered(row: Row, case: Case, *, actor: Staff, answered_at: datetime) -> Case:
    """The register tells nothing of what lay between: as if answered on the spot, at the time of the answer."""
    told = answer_on_the_spot(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=actor,
        now=answered_at,
        text=row.answer,
        means=TOLD_BY.get(Channel(row.channel), AnswerMeans.MESSAGE),
        signature=Signature(SignatureKind.NONE, unsigned_reason=_("From an old register, without a signature")),
        told_to=row.name,
    )
    return close_imported(
        case_id=told.pk, transition_no=told.transition_no, actor=actor, now=answered_at, department=row.department
    )


def _resident(row: Row, *, job: ImportJob, actor: Staff) -> Resident:
    return _same_person(row, job) or register_resident(
        hall=job.hall,
        actor=actor,
        now=row.received_at,
        name=row.name,
        sex=row.sex,
        phone=row.phone,
        id_number=row.id_number,
        address_note=row.address,
    )


def _same_person(row: Row, job: ImportJob) -> Resident | None:
    """Whoever has this name and something else that agrees: ID number, phone, or else the address.

    A name alone makes two namesakes one person, who then read each other's matters; only a name with digits in it, as
    message boards give to an account, is one person's by itself.
    """
    is_account = any(character.isdigit() for character in row.name)
    for known in find_same(hall=job.hall, name=row.name, phone=row.phone, id_number=row.id_number, limit=20):
        if known.name != row.name:
            continue
        if row.id_number and known.id_number_token is not None:
            if bytes(known.id_number_token) == id_number_token(row.id_number):
                return known
        elif row.phone and known.phone_token is not None:
            if bytes(known.phone_token) == phone_token(row.phone):
                return known
        elif is_account or (row.address and row.address == known.address_note):
            return known
    return None
