"""Files that belong to a record, a hearing or a paper of the complaint procedure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import ngettext

from cases.actions.attach import store
from cases.models import Attachment, Case, TransferSlip
from cases.uploads import MOST_FILES, CleanFile
from cases.vocabulary import AttachmentKind
from foundation.organization.models import Staff
from foundation.refusals import Refused


def keep_files(
    case: Case, files: Sequence[CleanFile], *, actor: Staff, now: datetime, slip: TransferSlip | None = None
) -> list[Attachment]:
    """As evidence of the case; what it holds already is not stored twice. The caller writes the ledger entry."""
    if len(files) > MOST_FILES:
        raise Refused(
            ngettext("At most %(most)d file at a time.", "At most %(most)d files at a time.", MOST_FILES)
            % {"most": MOST_FILES},
            field="attachments",
        )
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


def as_payload(files: Sequence[Attachment]) -> list[dict[str, Any]]:
    return [{"id": str(one.public_id), "sha256": one.sha256, "size": one.size} for one in files]
