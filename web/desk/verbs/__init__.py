"""The buttons of a case and its slips: which form each verb has and which action it runs.

Whether a button is offered is asked of the FSM alone; a transition without an entry here has no page yet.
"""

from web.desk.verbs import board, case, complaint, coordination, course, follow_up, slip, suspension
from web.desk.verbs.form import Verb
from web.desk.verbs.offer import offered

CASE_VERBS = [
    *case.CASE_VERBS,
    *coordination.CASE_VERBS,
    *complaint.CASE_VERBS,
    *suspension.CASE_VERBS,
    *course.CASE_VERBS,
    *board.CASE_VERBS,
    *follow_up.AFTERWARDS,
]
SLIP_VERBS = [
    *slip.SLIP_VERBS,
    *coordination.SLIP_VERBS,
    *complaint.SLIP_VERBS,
    *suspension.SLIP_VERBS,
    *course.SLIP_VERBS,
]

__all__ = ["CASE_VERBS", "SLIP_VERBS", "Verb", "offered"]
