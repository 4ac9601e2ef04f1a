"""Messages that somebody looks after: of staff, and of residents whose matter is not closed to the reader."""

from __future__ import annotations

from cases.models import Part
from cases.vocabulary import PartRole
from foundation.notifications.models import Delivery, DeliveryQuerySet
from foundation.organization.models import Hall, Staff


def looked_after(hall: Hall, staff: Staff) -> DeliveryQuerySet:
    """That a resident was written to is part of the matter: none of one this person is barred from."""
    barred = Part.objects.filter(staff=staff, role=PartRole.BARRED, ended_at=None)
    mine = Delivery.objects.visible_to(staff).filter(hall=hall)
    return mine.exclude(message__chain__in=barred.values("case__chain"))
