"""The pages of the dashboard, from one to the other with the same days."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from web.access import StaffRequest
from web.dashboard.period import Choice, Period


def places(request: StaffRequest, period: Period, here: str) -> list[Choice]:
    offered = [
        (_("The hall"), "dashboard:home"),
        (_("Departments and categories"), "dashboard:comparison"),
    ]
    if request.user.sees_all_halls:
        offered.append((_("All halls"), "dashboard:halls"))
    query = f"?{period.query}" if period.query else ""
    return [Choice(label, reverse(name) + query, name == here) for label, name in offered]
