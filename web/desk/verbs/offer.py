"""Which verbs the FSM offers this person on this row now."""

from __future__ import annotations

from collections.abc import Iterable

from cases.models import Case, TransferSlip
from foundation.organization.models import Staff
from web.desk.verbs.form import Verb


def offered(subject: Case | TransferSlip, staff: Staff, verbs: Iterable[Verb]) -> list[Verb]:
    """In the order of the list; permissions and conditions are the FSM's."""
    # The library adds this method to the class by the field's name, out of the type checker's sight.
    available = subject.get_available_user_state_transitions(staff)  # type: ignore[union-attr]
    names = {transition.name for transition in available}
    return [verb for verb in verbs if verb.offered_by in names]
