"""Where one is led who follows an old link to a matter that is no longer their department's."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cases.models import TransferSlip
from cases.models.slip import TransferSlipQuerySet
from cases.vocabulary import GONE_SLIP_STATES
from foundation.organization.models import Staff
from web.access import StaffRequest

View = Callable[..., HttpResponse]


def slips_gone(staff: Staff) -> TransferSlipQuerySet:
    """Slips that one's departments have had, and returned or lost; none of a case one is barred from."""
    return TransferSlip.objects.of_departments_of(staff).filter(state__in=GONE_SLIP_STATES)


def to_inbox_when_gone(view: View) -> View:
    """A page about a case (number) or a slip (pk): who had a slip of it until it was returned or recalled reads so.

    For everybody else what is not there stays not there.
    """

    @wraps(view)
    def guarded(request: StaffRequest, *arguments: Any, **named: Any) -> HttpResponse:
        try:
            return view(request, *arguments, **named)
        except Http404:
            about = {"case__number": named["number"]} if "number" in named else {"pk": named["pk"]}
            slip = slips_gone(request.user).filter(**about).order_by("-closed_at").first()
            if slip is None:
                raise
            return _to_inbox(request, slip)

    return guarded


def _to_inbox(request: StaffRequest, slip: TransferSlip) -> HttpResponse:
    messages.warning(
        request,
        _("%(slip)s is no longer with your department: it was returned or taken back. There is nothing left to do.")
        % {"slip": slip.number},
    )
    return redirect("desk:inbox")
