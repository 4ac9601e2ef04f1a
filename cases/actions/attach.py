"""Files are added to a case, each checked by cases.uploads before it comes here."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.actions.moving import lock_case, write_down
from cases.models import Attachment, Case, TransferSlip
from cases.uploads import MOST_FILES, CleanFile
from cases.vocabulary import AttachmentKind, CaseState
from foundation.organization.models import Staff
from foundation.refusals import NotAllowed, Refused, WrongState

READ_ONLY = (CaseState.ARCHIVED, CaseState.WITHDRAWN, CaseState.MERGED)


@transaction.atomic
def attach(
    *,
    case_id: int,
    files: Sequence[CleanFile],
    kind: str,
    actor: Staff | None,
    now: datetime,
    slip: TransferSlip | None = None,
) -> list[Attachment]:
    """Add files in one go; a file the case already holds is not stored twice."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=None)
    if actor is not None and not Case.objects.visible_to(actor).filter(pk=case.pk).exists():
        raise NotAllowed(_("You have no right to do this on this case."))
    if slip is not None and slip.case_id != case.pk:
        raise NotAllowed(_("This slip belongs to another case."))
    if case.state in READ_ONLY:
        raise WrongState(_("The case is closed; nothing can be added."))
    refuse_too_many(files)
    held = set(case.attachments.filter(slip=slip).values_list("sha256", flat=True))
    fresh: dict[str, CleanFile] = {}
    for file in files:
        fresh.setdefault(hashlib.sha256(file.content).hexdigest(), file)
    stored = [
        store(case, file, kind=kind, actor=actor, now=now, slip=slip)
        for digest, file in fresh.items()
        if digest not in held
    ]
    if stored:
        write_down(
            case,
            "case.files_added",
            actor=actor,
            now=now,
            payload={
                "kind": kind,
                "files": as_payload(stored),
                "on_slip": slip.number if slip else None,
            },
            texts={f"name_{place}": one.name for place, one in enumerate(stored, start=1)},
            moves=False,
        )
    return stored


def refuse_too_many(files: Sequence[CleanFile]) -> None:
    if len(files) > MOST_FILES:
        raise Refused(
            ngettext("At most %(most)d file at a time.", "At most %(most)d files at a time.", MOST_FILES)
            % {"most": MOST_FILES},
            field="attachments",
        )


def as_payload(files: Sequence[Attachment]) -> list[dict[str, Any]]:
    """What the ledger keeps of files; their names are texts."""
    return [{"id": str(one.public_id), "sha256": one.sha256, "size": one.size} for one in files]


def store(
    case: Case,
    file: CleanFile,
    *,
    kind: str,
    actor: Staff | None,
    now: datetime,
    slip: TransferSlip | None = None,
) -> Attachment:
    """Put one checked file on the disk under a random name. The caller writes the ledger entry."""
    attachment = Attachment(
        case=case,
        slip=slip,
        kind=AttachmentKind(kind),
        name=file.name,
        content_type=file.content_type,
        size=len(file.content),
        sha256=hashlib.sha256(file.content).hexdigest(),
        uploaded_by=actor,
        uploaded_at=now,
    )
    attachment.file.save(file.name, ContentFile(file.content), save=False)
    attachment.save(force_insert=True)
    return attachment
