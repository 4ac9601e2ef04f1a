"""Which hall a public page is about."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from foundation.organization.models import Hall


def public_hall(hall_code: str) -> Hall:
    """The hall of this address; 404 for one that is closed, as for one that never was."""
    return get_object_or_404(Hall, code=hall_code, is_active=True)
