"""A form that names no case says itself which hall its page was about: in another tab one may have changed the hall."""

from __future__ import annotations

from django.utils.translation import gettext as _

from foundation.refusals import Stale
from web.access import StaffRequest


def check_hall(request: StaffRequest) -> None:
    """Raises Stale where the page was drawn for another hall than the one now worked in."""
    if request.POST.get("hall") != request.hall.code:
        raise Stale(
            _("This page was opened for another hall; you now work in %(hall)s. Look again and send it anew.")
            % {"hall": request.hall.name}
        )
