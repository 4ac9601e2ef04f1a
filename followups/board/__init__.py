"""The notice board of a hall: what was drafted from cases, cleared of personal data and published by the director."""

from followups.posting import Posting, PostingQuerySet
from foundation.organization.models import Hall

__all__ = ["postings"]


def postings(hall: Hall) -> PostingQuerySet:
    """What hangs on the board now, the latest first; slice it. Open to everybody."""
    return Posting.objects.published().filter(hall=hall).order_by("-published_at", "-pk")
