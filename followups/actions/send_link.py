"""The link to the three questions goes to the resident by e-mail or text message, at one press."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases.actions.moving import lock_case, move, write_down
from cases.models import Case
from followups.links import link_for
from foundation.notifications.residents import write_to
from foundation.organization.models import Staff
from foundation.refusals import Refused


@transaction.atomic
def send_link(*, case_id: int, transition_no: int, actor: Staff, now: datetime) -> Case:
    """Once a round. Raises Refused where the resident has neither e-mail nor a phone the hall can write to."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    move(case, "send_link", actor)
    link = link_for(case, now=now)
    if link.sent_at is not None:
        raise Refused(_("The link of this round has been sent already."))
    assert case.resident is not None
    ways = write_to(
        resident=case.resident,
        hall=case.hall,
        key=f"evaluation:{link.pk}",
        text=gettext_noop("%(number)s: we have answered you. Did it help? Three questions, one minute:"),
        params={"number": case.number},
        path=link.half_path,
        chain=case.chain,
        now=now,
    )
    if not ways:
        raise Refused(_("This resident has neither an e-mail address nor a phone the hall can write to: call them."))
    link.sent_at = now
    link.save(update_fields=["sent_at"])
    write_down(case, "case.link_sent", actor=actor, now=now, payload={"ways": ways})
    return case
