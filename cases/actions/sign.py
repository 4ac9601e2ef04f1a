"""How a resident signed for an answer: on the tablet, on paper, or why not."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from cases.actions.attach import store
from cases.actions.moving import unused_key
from cases.models import Answer, Case
from cases.search import index_case
from cases.uploads import CleanFile
from cases.vocabulary import AttachmentKind, SignatureKind
from foundation.organization.models import Staff
from foundation.refusals import Refused


@dataclass(frozen=True)
class Signature:
    kind: str
    image: CleanFile | None = None
    unsigned_reason: str = ""

    def checked(self) -> Signature:
        """Raises Refused unless there is a signature or a reason why there is none."""
        if self.kind not in SignatureKind.values:
            raise Refused(_("Choose how the resident signed."), field="signature_kind")
        if self.kind == SignatureKind.TABLET and self.image is None:
            raise Refused(_("The signature field is empty: sign, or say why there is no signature."), field="signature")
        if self.kind == SignatureKind.NONE and not self.unsigned_reason.strip():
            raise Refused(_("Say why there is no signature."), field="unsigned_reason")
        return self


def write_answer(
    case: Case,
    *,
    actor: Staff,
    now: datetime,
    means: str,
    told_to: str,
    text: str,
    signature: Signature,
    submission_key: uuid.UUID | None = None,
) -> Answer:
    """The row of an answer that reached the resident, with the signature filed beside it."""
    signature.checked()
    key = unused_key(Answer.objects.all(), submission_key)
    image = None
    if signature.kind == SignatureKind.TABLET and signature.image is not None:
        image = store(case, signature.image, kind=AttachmentKind.SIGNATURE, actor=actor, now=now)
    answer = Answer.objects.create(
        case=case,
        round=case.round,
        means=means,
        is_reached=True,
        told_to=told_to.strip(),
        text=text,
        signature_kind=signature.kind,
        signature=image,
        unsigned_reason=signature.unsigned_reason.strip() if signature.kind == SignatureKind.NONE else "",
        answered_by=actor,
        answered_at=now,
        submission_key=key,
    )
    index_case(case)
    return answer
