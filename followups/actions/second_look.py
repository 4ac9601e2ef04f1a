"""The second look: head, director or who stands in asks the resident whether what the follow-up wrote down is so."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.moving import follow, lock_case, move, required, unused_key, write_down
from cases.models import Case
from cases.powers import second_look_role
from followups.actions.late import tell_director
from followups.models import LateAnswer, SecondLook
from foundation.organization.models import Staff
from foundation.refusals import NotAllowed, Refused

Outcome = SecondLook.Outcome


@transaction.atomic
def look_again(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    outcome: str,
    differs: str = "",
    remark: str = "",
    submission_key: uuid.UUID | None = None,
) -> Case:
    """What differs waits for the director, who may reopen the matter as if the resident had said so late.

    Raises Refused once somebody in the same role has looked at this round.
    """
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    if outcome not in Outcome.values:
        raise Refused(_("Choose what came of it."), field="outcome")
    if outcome == Outcome.DIFFERS:
        differs = required(differs, "differs", _("Write down what differs, in the resident's words."))
    move(case, "look_again", actor)
    role = second_look_role(case, actor)
    if role is None:
        raise NotAllowed(_("You have no right to do this on this case."))
    earlier = SecondLook.objects.filter(case=case, round=case.round, role=role)
    if earlier.exclude(outcome=Outcome.NOT_REACHED).exists():
        raise Refused(_("This round has been looked at again already; one such look of each role is enough."))
    look = SecondLook.objects.create(
        case=case,
        round=case.round,
        role=role,
        by=actor,
        at=now,
        outcome=outcome,
        differs=differs.strip() if outcome == Outcome.DIFFERS else "",
        remark=remark.strip(),
        submission_key=unused_key(SecondLook.objects.all(), submission_key),
    )
    late = None
    if outcome == Outcome.DIFFERS:
        late = LateAnswer.objects.create(
            case=case,
            round=case.round,
            at=now,
            came=LateAnswer.Came.SECOND_LOOK,
            reasons=look.differs,
            archived_at=case.closed_at,
        )
        follow(case, "hear_late", now=now)
    write_down(
        case,
        "case.second_look",
        actor=actor,
        now=now,
        payload={"second_look": look.pk, "role": role.value, "outcome": str(outcome)},
        texts={"differs": look.differs, "remark": look.remark},
    )
    if late is not None:
        tell_director(case, late, now=now, but=actor)
    return case
