"""Files that belong to a record, a hearing or a paper of the complaint procedure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from cases.actions.attach import refuse_too_many, store
from cases.models import Attachment, Case, TransferSlip
from cases.uploads import CleanFile
from cases.vocabulary import AttachmentKind
from foundation.organization.models import Staff


def keep_files(
    case: Case, files: Sequence[CleanFile], *, actor: Staff, now: datetime, slip: TransferSlip | None = None
) -> list[Attachment]:
    """As evidence of the case; what it holds already is not stored twice. The caller writes the ledger entry."""
    refuse_too_many(files)
    evidence = case.attachments.filter(kind=AttachmentKind.EVIDENCE).exclude(file="")
    held = {one.sha256: one for one in evidence}
    kept: dict[str, Attachment] = {}
    for file in files:
        digest = hashlib.sha256(file.content).hexdigest()
        if digest not in kept:
            kept[digest] = held.get(digest) or store(
                case, file, kind=AttachmentKind.EVIDENCE, actor=actor, now=now, slip=slip
            )
    return list(kept.values())
