"""Reassign: another handler is named, because the first left, was barred or is away."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases.actions.handle import has_handled
from cases.actions.moving import lock_slip, move, required, write_down
from cases.actions.tell import tell
from cases.models import TransferSlip
from cases.people import HallPeople, handler_candidates
from foundation.organization.models import Staff
from foundation.refusals import Refused


@transaction.atomic
def reassign(
    *, slip_id: int, transition_no: int, actor: Staff, now: datetime, handler: Staff | None, reason: str
) -> TransferSlip:
    """The head names another handler, or the director where no head is left; the clocks run on.

    Who had it until now keeps their part in the case: they handled it, and will not follow it up or approve it.
    """
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    reason = required(reason, "reason", _("Write down why another handler takes over."))
    before, candidates = slip.handler, handler_candidates(slip)
    move(slip, "reassign", actor, handler=handler, handler_level=candidates.level)
    if handler is None:
        raise Refused(_("Name the handler."), field="handler")
    if before is not None and handler.pk == before.pk:
        raise Refused(_("This person handles it already; choose another."), field="handler")
    if handler not in candidates.staff:
        raise Refused(_("This person cannot handle the case; choose another."), field="handler")
    has_handled(slip, handler, now=now)
    case = slip.case
    if slip.is_lead:
        case.responsible_staff = handler
    write_down(
        case,
        "slip.reassigned",
        actor=actor,
        now=now,
        slip=slip,
        payload={"handler": handler.pk, "before": before.pk if before else None, "level": candidates.level},
        texts={"reason": reason},
        moves=False,
    )
    people = HallPeople.of(case.hall, now)
    tell(
        case,
        [handler.pk],
        gettext_noop("You handle %(slip)s from now on: read what was done so far"),
        {"slip": slip.number},
        key=f"slip:{slip.pk}:handler:{slip.transition_no}",
        now=now,
        people=people,
        but=actor,
    )
    if before is not None:
        tell(
            case,
            [before.pk],
            gettext_noop("%(slip)s is handled by a colleague from now on"),
            {"slip": slip.number},
            key=f"slip:{slip.pk}:handed-on:{slip.transition_no}",
            now=now,
            people=people,
            but=actor,
            level="info",
        )
    return slip
