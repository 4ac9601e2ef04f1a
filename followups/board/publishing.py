"""Onto the board and off it again: whoever directs, once each mark in the text is settled."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from followups.board.moving import lock_posting, move, save, write_down
from followups.board.review import HIDDEN, marks_of
from followups.posting import Posting, TakenDownBecause
from foundation.organization.models import Staff
from foundation.refusals import Refused


@transaction.atomic
def publish(
    *, posting_id: int, transition_no: int, actor: Staff, now: datetime, confirmed: Collection[str] = ()
) -> Posting:
    """confirmed: the keys of the marks that may stay, each looked at by the one who publishes.

    Raises Refused while a mark is neither changed nor confirmed. The record keeps what was published, by its digest,
    and which marks were let stand.
    """
    posting = lock_posting(posting_id=posting_id, actor=actor, transition_no=transition_no)
    digest = digest_of(posting)
    move(posting, "publish", actor, by=actor, now=now, digest=digest)
    marks = marks_of(posting, reader=actor)
    left = [mark for mark in marks if mark.key not in confirmed]
    if left:
        raise Refused(
            ngettext(
                "One place could still tell who somebody is: change it, or confirm that it may stay.",
                "%(count)d places could still tell who somebody is: change each, or confirm that it may stay.",
                len(left),
            )
            % {"count": len(left)}
        )
    if posting.case is not None and posting.case.is_hidden and HIDDEN not in confirmed:
        raise Refused(
            _("Whoever raised this hides their identity: confirm that nothing in the text tells who it is."),
            field=HIDDEN,
        )
    save(posting)
    let_stand = Counter(str(mark.hit.reason.value) for mark in marks)
    write_down(
        posting,
        "board.published",
        actor=actor,
        now=now,
        payload={
            "digest": digest,
            "confirmed": dict(let_stand),
            "marks": sorted(mark.key for mark in marks),
            "hidden_identity": posting.case is not None and posting.case.is_hidden,
        },
    )
    return posting


@transaction.atomic
def take_down(*, posting_id: int, transition_no: int, actor: Staff, now: datetime, because: str) -> Posting:
    """Its address then says that it was taken down, and no more."""
    posting = lock_posting(posting_id=posting_id, actor=actor, transition_no=transition_no)
    if because not in TakenDownBecause.values:
        raise Refused(_("Choose why it is taken down."), field="because")
    move(posting, "take_down", actor, by=actor, now=now, because=because)
    save(posting)
    write_down(
        posting, "board.taken_down", actor=actor, now=now, payload={"because": because, "digest": posting.digest}
    )
    return posting


def digest_of(posting: Posting) -> str:
    """SHA-256 of what everybody reads."""
    told = {"kind": posting.kind, "title": posting.title, "raised": posting.raised, "text": posting.text}
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
