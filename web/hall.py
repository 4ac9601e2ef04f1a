"""The hall somebody works in now: kept in the session, but believed only as far as their memberships go."""

from __future__ import annotations

from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import gettext as _

from foundation.organization.models import Hall, Staff
from foundation.refusals import NotAllowed

SESSION_KEY = "hall_id"


def working_hall(staff: Staff, session: SessionBase) -> Hall | None:
    """The hall chosen last, while it is still theirs; otherwise their first; None without any."""
    chosen = session.get(SESSION_KEY)
    return next((hall for hall in staff.halls if hall.pk == chosen), staff.halls[0] if staff.halls else None)


def choose_hall(staff: Staff, session: SessionBase, hall_id: str) -> Hall:
    for hall in staff.halls:
        if str(hall.pk) == hall_id:
            session[SESSION_KEY] = hall.pk
            return hall
    raise NotAllowed(_("You have no role in this hall."))
