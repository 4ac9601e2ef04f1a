"""Who may do what with personal data. Monitors and administrators may do nothing."""

from __future__ import annotations

from foundation.ledger.models import HALL_CHAIN, Chain
from foundation.organization.models import Role, Staff
from foundation.residents.models import Resident

DESK_ROLES = (Role.RECEPTIONIST, Role.DIRECTOR)
DEPARTMENT_ROLES = (Role.HANDLER, Role.HEAD)


def serves_desk(staff: Staff, hall_id: int) -> bool:
    return staff.is_active and staff.holds(*DESK_ROLES, hall=hall_id)


def may_write(staff: Staff, hall_id: int) -> bool:
    """Whoever is met first registers: the desk, and the departments' people, who hear a new number on the telephone."""
    return staff.is_active and staff.holds(*DESK_ROLES, *DEPARTMENT_ROLES, hall=hall_id)


def may_reveal(staff: Staff, resident: Resident, chain: Chain | None) -> bool:
    """The desk of the hall always; a department only for a case of the hall, whose chain then keeps the trace."""
    if chain is not None and chain.hall_id != resident.hall_id:
        return False
    if serves_desk(staff, resident.hall_id):
        return True
    if chain is None or chain.number == HALL_CHAIN:
        return False
    return staff.is_active and staff.holds(*DEPARTMENT_ROLES, hall=resident.hall_id)
