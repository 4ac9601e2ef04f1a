"""Which verbs the FSM offers this person on this row now."""

from __future__ import annotations

from collections.abc import Iterable

from django_fsm import can_proceed, has_transition_perm

from cases.models import Case, TransferSlip
from foundation.organization.models import Staff
from web.desk.verbs.form import Verb


def offered(subject: Case | TransferSlip, staff: Staff, verbs: Iterable[Verb]) -> list[Verb]:
    """In the order of the list; permissions and conditions are the FSM's.

    Asked of these verbs alone: what nobody ever presses has conditions, too, and they cost queries.
    """
    asked: dict[str, bool] = {}
    for verb in verbs:
        if verb.offered_by not in asked:
            transition = getattr(subject, verb.offered_by)
            asked[verb.offered_by] = can_proceed(transition) and has_transition_perm(transition, staff)
    return [verb for verb in verbs if asked[verb.offered_by]]
