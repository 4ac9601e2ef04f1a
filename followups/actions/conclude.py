"""Conclude: after two rounds the director ends the matter with a reasoned letter that says where to ask for review."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases import clocks
from cases.actions.moving import lock_case, move, required, write_down
from cases.actions.tell import tell
from cases.models import Case
from cases.people import HallPeople
from followups.models import Conclusion
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Staff
from foundation.refusals import Refused

LONGEST_BODY = 200


@transaction.atomic
def conclude(*, case_id: int, transition_no: int, actor: Staff, now: datetime, letter: str, review_body: str) -> Case:
    """The matter is archived. Nobody asked the resident in this round: it counts as not satisfied."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    letter = required(letter, "letter", _("Write the letter: what was done, and why no more can be done."))
    review_body = required(review_body, "review_body", _("Write down where the resident can ask for a review."))
    if len(review_body) > LONGEST_BODY:
        raise Refused(_("At most %(most)d characters.") % {"most": LONGEST_BODY}, field="review_body")
    move(case, "conclude", actor, now=now)
    conclusion = Conclusion.objects.create(
        case=case,
        round=case.round,
        letter=letter,
        review_body=review_body,
        concluded_by=actor,
        concluded_at=now,
    )
    events = clocks.finish(case, ClockKind.FOLLOW_UP, now=now)
    events += clocks.finish(case, ClockKind.OUTCOME, now=now)
    events += clocks.cancel(case, now=now)
    case.responsible_staff = case.responsible_department = None
    write_down(
        case,
        "case.concluded",
        actor=actor,
        now=now,
        clock_events=events,
        payload={"conclusion": conclusion.pk},
        texts={"letter": letter, "review_body": review_body},
    )
    tell(
        case,
        [case.first_contact_owner_id],
        gettext_noop("%(number)s is concluded: hand the resident the letter"),
        {"number": case.number},
        key=f"case:{case.pk}:concluded:{case.round}",
        now=now,
        people=HallPeople.of(case.hall, now),
        but=actor,
    )
    return case
