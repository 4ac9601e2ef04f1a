"""What kind of complaint it is (S3, chapter 3.2.1), and whom it turns out to be about."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.bar import bar
from cases.actions.moving import lock_case, move, required, write_down
from complaints.actions.confirm import complaint_of
from complaints.actions.lodge import check_colleagues
from complaints.models import Complaint, ComplaintKind, ComplaintSubject
from foundation.organization.models import Staff
from foundation.refusals import Refused


@transaction.atomic
def classify(*, case_id: int, transition_no: int, actor: Staff, now: datetime, kind: str) -> Complaint:
    """Put a complaint or report into its class; pressed again, the class is corrected."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    if kind not in ComplaintKind.values:
        raise Refused(_("Choose what kind of complaint it is."), field="kind")
    move(case, "classify", actor)
    complaint = complaint_of(case)
    was, complaint.kind = complaint.kind, ComplaintKind(kind)
    complaint.classified_by, complaint.classified_at = actor, now
    complaint.save(update_fields=["kind", "classified_by", "classified_at"])
    write_down(case, "complaint.classified", actor=actor, now=now, payload={"kind": kind, "was": was})
    complaint.case = case
    return complaint


@transaction.atomic
def name_subject(
    *, case_id: int, transition_no: int, actor: Staff, now: datetime, staff: Staff, reason: str
) -> ComplaintSubject:
    """One more person it is about: barred from now on, and to be heard before anything is found."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    reason = required(reason, "reason", _("Write down why this person is barred."))
    check_colleagues(case, [staff], field="person")
    if case.bars(staff):
        raise Refused(_("This person is named already."), field="person")
    if staff.pk == actor.pk:
        raise Refused(_("A complaint about yourself is registered by a colleague."), field="person")
    move(case, "name_subject", actor)
    complaint = complaint_of(case)
    subject = ComplaintSubject.objects.create(complaint=complaint, staff=staff)
    bar(case_id=case.pk, staff=staff, reason=reason, actor=actor, now=now)
    case = lock_case(case_id=case.pk, actor=actor, transition_no=None)
    write_down(case, "complaint.subject_named", actor=actor, now=now, payload={"staff": staff.pk})
    complaint.case = case
    return subject
