"""What the investigation brings to light is written down piece by piece (S3, chapter 3.3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.attach import as_payload, store
from cases.actions.handle import take_over
from cases.actions.moving import lock_slip, move, required, write_down
from cases.actions.sign import Signature
from cases.uploads import CleanFile
from cases.vocabulary import AttachmentKind, SignatureKind
from complaints.actions.files import keep_files
from complaints.models import InvestigationRecord, RecordKind
from foundation.organization.models import Staff
from foundation.refusals import Refused

WORDS_MISSING = {
    RecordKind.INTERVIEW: lambda: _("Write down what was said."),
    RecordKind.SITE_CHECK: lambda: _("Write down what was found."),
    RecordKind.EVIDENCE: lambda: _("Write down what it shows."),
}


@transaction.atomic
def add_record(
    *,
    slip_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    kind: str,
    happened_at: datetime,
    text: str,
    place: str = "",
    heard: str = "",
    signature: Signature | None = None,
    files: Sequence[CleanFile] = (),
) -> InvestigationRecord:
    """An interview with who was heard and their signature, a site check with its place, or a piece of evidence."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    if kind not in RecordKind.values:
        raise Refused(_("Choose what it is."), field="kind")
    if happened_at > now:
        raise Refused(_("This time lies in the future."), field="happened_at")
    text = required(text, "text", WORDS_MISSING[RecordKind(kind)]())
    place, heard = place.strip(), heard.strip()
    if kind == RecordKind.INTERVIEW:
        heard = required(heard, "heard", _("Write down who was heard."))
        signature = (signature or Signature("")).checked()
    elif kind == RecordKind.SITE_CHECK:
        place = required(place, "place", _("Write down where it was."))
    elif not files:
        raise Refused(_("Choose at least one file."), field="attachments")
    move(slip, "add_record", actor)
    take_over(slip, actor, now=now)
    case = slip.case
    drawn = None
    if signature is not None and signature.kind == SignatureKind.TABLET and signature.image is not None:
        drawn = store(case, signature.image, kind=AttachmentKind.SIGNATURE, actor=actor, now=now, slip=slip)
    kept = keep_files(case, files, actor=actor, now=now, slip=slip)
    record = InvestigationRecord.objects.create(
        case=case,
        slip=slip,
        kind=kind,
        happened_at=happened_at,
        place=place,
        heard=heard if kind == RecordKind.INTERVIEW else "",
        text=text,
        signature_kind=signature.kind if signature else "",
        signature=drawn,
        unsigned_reason=signature.unsigned_reason.strip() if signature and signature.kind == SignatureKind.NONE else "",
        recorded_by=actor,
        recorded_at=now,
    )
    record.files.set(kept)
    write_down(
        case,
        "slip.record_added",
        actor=actor,
        now=now,
        slip=slip,
        happened_at=happened_at,
        payload={"record": record.pk, "kind": kind, "files": as_payload(kept)},
        texts={"heard": record.heard, "place": place, "text": text, "unsigned_reason": record.unsigned_reason},
        moves=False,
    )
    return record
