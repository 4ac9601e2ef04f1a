"""What a resident adds to their matter on the tracking page: a further contact, with files."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.attach import attach
from cases.actions.moving import lock_case, required
from cases.actions.register import join_visit
from cases.models import Case
from cases.uploads import CleanFile
from cases.vocabulary import OPEN_STATES, AttachmentKind
from foundation.refusals import Stale, WrongState
from foundation.residents.names import normalize_lines
from reception.actions import AlreadyRegistered, register_visit
from reception.models import Channel


class AlreadyAdded(Stale):
    """This very form has arrived before, word for word."""


@transaction.atomic
def add_information(
    *, case_id: int, text: str, files: Sequence[CleanFile], submission_key: uuid.UUID, now: datetime
) -> Case:
    """Counted, kept and told to who handles it, as any further contact is; its files are the resident's.

    Raises WrongState for what is closed, AlreadyAdded for a form sent twice, Stale for one sent with other words
    before: neither adds anything.
    """
    case = lock_case(case_id=case_id, actor=None, transition_no=None)
    text = required(normalize_lines(text), "text", _("Write down what you want to add, or what the files show."))
    if case.state not in OPEN_STATES:
        raise WrongState(_("This matter is closed: nothing can be added here. Please call the hall."))
    try:
        visit = register_visit(
            hall=case.hall,
            actor=None,
            now=now,
            channel=Channel.WEB,
            matter=text,
            resident=case.resident,
            identity=case.identity,
            submission_key=submission_key,
        )
    except AlreadyRegistered as before:
        if before.visit.matter == text and case.case_visits.filter(visit=before.visit).exists():
            raise AlreadyAdded(_("This has arrived already; nothing was added a second time.")) from before
        raise Stale(_("What you sent before has arrived. To add this as well, press once more.")) from before
    case = join_visit(case_id=case.pk, visit=visit, actor=None, now=now)
    if files:
        attach(case_id=case.pk, files=files, kind=AttachmentKind.RESIDENT, actor=None, now=now)
    return case
