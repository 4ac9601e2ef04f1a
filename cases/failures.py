"""What a task could not deal with is written on the clocks of the matter, where supervisors see it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from cases.models import CaseDeadline

LONGEST = 2000


def record_failure(clocks: QuerySet[CaseDeadline], failure: Exception, *, now: datetime) -> None:
    """clocks: running ones; a finished row never changes. A look that succeeds takes it off again."""
    clocks.update(failed_at=now, failure=f"{type(failure).__name__}: {failure}"[:LONGEST])


def forget_failure(clocks: QuerySet[CaseDeadline]) -> None:
    clocks.filter(failed_at__isnull=False).update(failed_at=None, failure="")
