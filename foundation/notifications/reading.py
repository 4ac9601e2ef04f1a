"""What stands in an inbox."""

from __future__ import annotations

from foundation.notifications.models import Alert, AlertQuerySet
from foundation.organization.models import Staff

# Counting stops here: the bell says "99+", however many thousand nobody read.
UNREAD_CAP = 100


def inbox(staff: Staff) -> AlertQuerySet:
    """What this person was told, the newest first."""
    return Alert.objects.visible_to(staff).select_related("hall").order_by("-created_at", "-pk")


def unread_count(staff: Staff) -> int:
    """How many are unread, at most UNREAD_CAP."""
    # In the order of the index: without it the planner takes the limit for a reason to read the whole table.
    return inbox(staff).unread()[:UNREAD_CAP].count()
