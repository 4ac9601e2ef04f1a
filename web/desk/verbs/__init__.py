"""The buttons of a case and its slips: which form each verb has and which action it runs.

Whether a button is offered is asked of the FSM alone; a transition without an entry here has no page yet.
"""

from web.desk.verbs.case import CASE_VERBS
from web.desk.verbs.form import Verb
from web.desk.verbs.offer import offered
from web.desk.verbs.slip import SLIP_VERBS

__all__ = ["CASE_VERBS", "SLIP_VERBS", "Verb", "offered"]
