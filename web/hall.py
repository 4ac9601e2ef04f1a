"""The hall somebody works in now: kept in the session, but believed only as far as their memberships go."""

from __future__ import annotations

from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import gettext as _

from foundation.organization.models import Hall, Staff
from foundation.refusals import NotAllowed

SESSION_KEY = "hall_id"


def halls_of(staff: Staff) -> list[Hall]:
    """The halls this person may choose from, in order of their codes; every hall for the street office."""
    if staff.belongs_to_street:
        return list(Hall.objects.filter(is_active=True).order_by("code"))
    halls = {membership.hall for membership in staff.active_memberships if membership.hall is not None}
    return sorted((hall for hall in halls if hall.is_active), key=lambda hall: hall.code)


def working_hall(staff: Staff, session: SessionBase) -> Hall | None:
    """The hall chosen last, while it is still theirs; otherwise their first; None without any."""
    halls = halls_of(staff)
    chosen = session.get(SESSION_KEY)
    return next((hall for hall in halls if hall.pk == chosen), halls[0] if halls else None)


def choose_hall(staff: Staff, session: SessionBase, hall_id: str) -> Hall:
    for hall in halls_of(staff):
        if str(hall.pk) == hall_id:
            session[SESSION_KEY] = hall.pk
            return hall
    raise NotAllowed(_("You have no role in this hall."))
