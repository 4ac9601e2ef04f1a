"""Who may read what of a complaint beyond the case itself."""

from __future__ import annotations

from cases.models import Case
from foundation.organization.models import Role, Staff


def may_see_measures(case: Case, staff: Staff) -> bool:
    """What followed for somebody: the director, the supervisors, and the head of the department that looked into it."""
    if case.bars(staff):
        return False
    if staff.holds(Role.DIRECTOR, Role.SUPERVISOR, hall=case.hall_id):
        return True
    heads = staff.department_ids(Role.HEAD)
    lead = case.lead_of_round if heads else None
    return lead is not None and lead.department_id in heads
