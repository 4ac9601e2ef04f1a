"""Erasing a resident for good, in every room: the person, their words, what was answered, their files.

What happened stays: states, dates, departments, figures, and a ledger that still verifies. Files that came along with
a further contact about somebody else's case belong to that case and stay with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import models, transaction
from django.db.models import F, Func, JSONField, Max, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from cases.models import (
    Answer,
    Attachment,
    Case,
    CaseDeadline,
    Extension,
    HallClocks,
    Part,
    Pause,
    Recomputation,
    StatusLookup,
    SupervisionNotice,
    TransferSlip,
)
from cases.search import index_case
from cases.vocabulary import OPEN_STATES, CaseState
from complaints.models import (
    Apology,
    Complaint,
    Correction,
    Finding,
    Hearing,
    InvestigationRecord,
    PendingFile,
    Sanction,
)
from followups.models import (
    Conclusion,
    Evaluation,
    EvaluationLink,
    FollowUpAttempt,
    LateAnswer,
    RectificationNotice,
    SecondLook,
    SecondLookShare,
    UnevaluatedRound,
)
from followups.posting import UNPUBLISHED, Posting, PostingState
from foundation.ledger.actions import erase_texts
from foundation.ledger.models import Entry, Text
from foundation.notifications import residents as messages
from foundation.notifications.models import Alert, Delivery, Message, SmsGateway
from foundation.organization.models import Staff
from foundation.refusals import WrongState
from foundation.residents import actions as residents
from foundation.residents.models import ERASED_NAME, Resident
from foundation.throttling.models import Spent, Use, Volume
from reception.models import Visit
from records.models import ExportJob, ExportState, ImportedCase, ImportFault, ImportJob

JOINED = "case.visit_joined"


class Fate(StrEnum):
    ERASE = "erase"
    KEEP = "keep"
    REBUILD = "rebuild"


ERASE, KEEP, REBUILD = Fate.ERASE, Fate.KEEP, Fate.REBUILD

# Every column that holds text, JSON or a file, in the rooms that know a resident; a test fails when one is missing.
# Codes, numbers and hashes stay: they tell nothing about a person, and the figures are counted from them.
FATES: dict[type[models.Model], dict[str, Fate]] = {
    Visit: {"identity": KEEP, "channel": KEEP, "matter": ERASE, "outside_number": KEEP},
    Case: {
        "number": KEEP,
        "tracking_code": KEEP,
        "state": KEEP,
        "route": KEEP,
        "title": ERASE,
        "nature": KEEP,
        "urgency": KEEP,
        "channel": KEEP,
        "identity": KEEP,
        "outside_number": KEEP,
        "finding": KEEP,
        "decline_ground": KEEP,
        "extension_state": KEEP,
        "pause_state": KEEP,
        "search": REBUILD,
    },
    Part: {"role": KEEP, "reason": ERASE},
    Attachment: {"kind": KEEP, "file": ERASE, "name": ERASE, "content_type": KEEP, "sha256": KEEP},
    Answer: {"means": KEEP, "told_to": ERASE, "text": ERASE, "signature_kind": KEEP, "unsigned_reason": ERASE},
    TransferSlip: {
        "number": KEEP,
        "state": KEEP,
        "kind": KEEP,
        "instruction": ERASE,
        "handler_level": KEEP,
        "result": ERASE,
        "remedy": ERASE,
        "prevention": ERASE,
        "return_reason": ERASE,
        "plan": ERASE,
        "pause_state": KEEP,
    },
    CaseDeadline: {"kind": KEEP, "unit": KEEP, "outcome": KEEP, "explanation": KEEP, "failure": KEEP},
    StatusLookup: {"address_token": KEEP, "code_token": KEEP},
    # Told to staff, without personal data.
    Alert: {"key": KEEP, "level": KEEP, "text": KEEP, "params": KEEP, "url": KEEP},
    Delivery: {"channel": KEEP, "state": KEEP, "last_error": KEEP},
    # Told to a resident: whole rows go.
    Message: {"key": ERASE, "text": ERASE, "params": ERASE, "path": ERASE},
    SmsGateway: {"url": KEEP},
    Spent: {"digest": KEEP},
    Use: {"scope": KEEP, "who": KEEP},
    Volume: {"scope": KEEP, "who": KEEP},
    Complaint: {"about": ERASE, "confirm_means": KEEP, "corrections": ERASE, "kind": KEEP},
    InvestigationRecord: {
        "kind": KEEP,
        "place": ERASE,
        "heard": ERASE,
        "text": ERASE,
        "signature_kind": KEEP,
        "unsigned_reason": ERASE,
    },
    Hearing: {"allegations": ERASE, "account": ERASE, "not_heard_because": KEEP, "reason": ERASE},
    Finding: {"verdict": KEEP, "reasons": ERASE, "responsible_other": ERASE},
    Sanction: {"kind": KEEP, "text": ERASE},
    Correction: {"note": ERASE},
    Apology: {"kind": KEEP, "text": ERASE},
    # Nobody knows whose they are, and they go within a day.
    PendingFile: {"file": KEEP, "name": KEEP, "content_type": KEEP, "sha256": KEEP},
    FollowUpAttempt: {"means": KEEP, "remark": ERASE},
    # Of what was never published, or was taken down; see _erase_postings.
    Posting: {
        "kind": KEEP,
        "state": KEEP,
        "title": ERASE,
        "raised": ERASE,
        "text": ERASE,
        "remark": ERASE,
        "digest": KEEP,
        "taken_down_because": KEEP,
    },
    Evaluation: {
        "solved": KEEP,
        "satisfaction": KEEP,
        "channel": KEEP,
        "reasons": ERASE,
        "remark": ERASE,
        "stood_in": KEEP,
    },
    EvaluationLink: {"public_id": KEEP},
    LateAnswer: {
        "came": KEEP,
        "solved": KEEP,
        "satisfaction": KEEP,
        "reasons": ERASE,
        "remark": ERASE,
        "decision": KEEP,
        "word": ERASE,
    },
    SecondLookShare: {"role": KEEP},
    SecondLook: {"role": KEEP, "outcome": KEEP, "differs": ERASE, "remark": ERASE},
    UnevaluatedRound: {"because": KEEP, "stood_in": KEEP},
    RectificationNotice: {"number": KEEP, "reasons": ERASE},
    SupervisionNotice: {"number": KEEP, "wanted": ERASE, "answer": ERASE},
    Conclusion: {"letter": ERASE, "review_body": KEEP},
    Pause: {"state": KEEP, "reason": KEEP, "text": ERASE, "decision": ERASE},
    Extension: {"state": KEEP, "reason": ERASE, "decision": ERASE},
    HallClocks: {"calendar_version": KEEP, "ladder_version": KEEP},
    Recomputation: {"calendar_version": KEEP},
    # Their own numbers, and digests that nobody can read back.
    ImportedCase: {"key": KEEP},
    ImportFault: {"field": KEEP, "reason": KEEP},
    ImportJob: {
        "state": KEEP,
        "error": KEEP,
        "file": ERASE,
        "name": KEEP,
        "sha256": KEEP,
        "mapping": KEEP,
        "nature": KEEP,
        "channel": KEEP,
    },
    ExportJob: {"state": KEEP, "error": KEEP, "filters": ERASE, "language": KEEP, "file": ERASE},
}
OF_A_CASE = (
    Part,
    Answer,
    TransferSlip,
    Complaint,
    InvestigationRecord,
    Hearing,
    Finding,
    Sanction,
    Correction,
    Apology,
    FollowUpAttempt,
    Evaluation,
    LateAnswer,
    SecondLook,
    RectificationNotice,
    SupervisionNotice,
    Conclusion,
    Pause,
    Extension,
)


@dataclass(frozen=True)
class Preview:
    """What would be erased; shown before anybody says yes."""

    cases: int
    open_cases: int
    visits: int
    texts: int
    files: int
    imports: int
    """Files of registers that came in with a case of theirs."""
    exports: int
    """Files of registers that went out of their hall: who stands in them is not known, so all of them go."""


def preview(resident: Resident) -> Preview:
    cases = _cases_of(resident)
    return Preview(
        cases=cases.count(),
        open_cases=_unfinished(cases).count(),
        visits=resident.visits.count(),
        texts=_texts_of(resident).filter(content__isnull=False).count(),
        files=Attachment.objects.filter(case__in=cases).exclude(file="").count(),
        imports=_imports_with(cases).count(),
        exports=ExportJob.objects.filter(hall=resident.hall).exclude(file="").count(),
    )


def erase_resident(*, resident_id: int, actor: Staff | None, reason: str, now: datetime) -> None:
    """Only the hall's director, and never while something of theirs is open. The reason must not name the person.

    Raises NotAllowed, Refused, WrongState. Called outside a transaction: files go once the rest is committed.
    """
    with transaction.atomic():
        residents.erase_resident(resident_id=resident_id, actor=actor, reason=reason, now=now)
        resident = Resident.objects.select_related("hall").get(pk=resident_id)
        cases = list(_cases_of(resident).select_for_update(no_key=True, of=("self",)).order_by("pk"))
        if _unfinished(_cases_of(resident)).exists():
            raise WrongState(_("Something this person raised is still open; it is erased once that is closed."))
        erase_texts(texts=_texts_of(resident), actor=actor, reason=reason, now=now)
        messages.forget(resident=resident)
        for model in OF_A_CASE:
            _blank(model._default_manager.filter(case__in=cases), model)
        _erase_postings(cases)
        _blank(Case.objects.filter(pk__in=[case.pk for case in cases]), Case)
        others = list(Case.objects.filter(case_visits__visit__resident=resident).exclude(resident=resident).distinct())
        _blank(resident.visits.all(), Visit)
        for case in (*cases, *others):
            # With what is left to find it by.
            case.title = ERASED_NAME if case in cases else case.title
            index_case(case)
    delete_files_of_erased()


def delete_files_of_erased() -> int:
    """Files of everybody who is erased leave the disk, also those a crash left behind. Returns how many were there."""
    return _delete_attachments() + _delete_imports() + _delete_exports()


def _delete_attachments() -> int:
    attachments = Attachment.objects.filter(case__resident__erased_at__isnull=False).exclude(file="").order_by("pk")
    count = 0
    for attachment in attachments:
        # The file first: a row that still names it is found again by the next call.
        attachment.file.delete(save=False)
        Attachment.objects.filter(pk=attachment.pk).update(file="", name=ERASED_NAME)
        count += 1
    return count


def _delete_imports() -> int:
    imports = list(_imports_with(Case.objects.filter(resident__erased_at__isnull=False)))
    for job in imports:
        job.file.delete(save=False)
        ImportJob.objects.filter(pk=job.pk).update(file="")
    return len(imports)


def _delete_exports() -> int:
    """Those asked for before the last erasure of their hall; what is still being written is written anew."""
    count = 0
    erased = Resident.objects.filter(erased_at__isnull=False).order_by().values("hall")
    for hall, last in erased.annotate(last=Max("erased_at")).values_list("hall", "last"):
        before = ExportJob.objects.filter(hall=hall, created_at__lte=last)
        before.filter(state=ExportState.RUNNING).update(claim=None, claimed_until=None)
        for job in before.exclude(state=ExportState.RUNNING).exclude(file="", filters="").order_by("pk"):
            if job.file:
                job.file.delete(save=False)
                count += 1
            ExportJob.objects.filter(pk=job.pk).update(file="", filters="")
    return count


def _imports_with(cases: QuerySet[Case]) -> QuerySet[ImportJob]:
    """Finished ones: what still comes in needs its file, and loses it with the daily tidying once it is in."""
    jobs = ImportedCase.objects.filter(case__in=cases).values("job")
    return ImportJob.objects.filter(pk__in=jobs, finished_at__isnull=False).exclude(file="").order_by("pk")


def _cases_of(resident: Resident) -> QuerySet[Case]:
    return Case.objects.filter(resident=resident)


def _erase_postings(cases: list[Case]) -> None:
    """Drafts go, what was taken down is emptied. What hangs on the board names nobody: a director saw to that."""
    postings = Posting.objects.filter(case__in=cases)
    postings.filter(state__in=UNPUBLISHED).delete()
    _blank(postings.filter(state=PostingState.TAKEN_DOWN), Posting)


def _unfinished(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Open, merged into an open one, or declined and not told yet."""
    untold = models.Q(state=CaseState.DECLINED, decline_told_at=None)
    merged = models.Q(state=CaseState.MERGED, main_case__state__in=OPEN_STATES)
    return cases.filter(models.Q(state__in=OPEN_STATES) | merged | untold)


def _texts_of(resident: Resident) -> QuerySet[Text]:
    """All texts on the chains of their cases but other people's words, and their own words in other people's cases."""
    chains = _cases_of(resident).values("chain")
    joined = Entry.objects.filter(kind=JOINED).annotate(contents=Cast("payload", JSONField()))
    own_visits = list(resident.visits.values_list("pk", flat=True))
    by_others = joined.filter(chain__in=chains).exclude(contents__visit__in=own_visits)
    by_them = joined.filter(
        chain__in=Case.objects.filter(case_visits__visit__in=own_visits).values("chain"), contents__visit__in=own_visits
    )
    return Text.objects.filter(
        models.Q(entry__chain__in=chains) & ~models.Q(entry__in=by_others.values("pk"))
        | models.Q(entry__in=by_them.values("pk"))
    )


def _blank(rows: QuerySet[Any], model: type[models.Model]) -> None:
    """What is there becomes three stars, what is empty stays empty: constraints and figures ask which of the two."""
    fields = [name for name, fate in FATES[model].items() if fate is ERASE]
    rows.update(**{name: Func(F(name), Value(".+"), Value(ERASED_NAME), function="regexp_replace") for name in fields})
