"""Once a week heads and the director ask some of those once more who have been asked already."""

from __future__ import annotations

from datetime import datetime

from followups.actions.second_look import look_again
from followups.second_look import quarter_of, shares_of, worklist
from records.demonstration.cast import Cast

FRIDAY = 4
AT_A_TIME = 2


def look_at_some(cast: Cast, *, now: datetime) -> None:
    """What was drawn and waited longest; the rest of it waits for another week."""
    shares, quarter = shares_of(cast.hall), quarter_of(cast.hall, now)
    for person in (*cast.heads, cast.director):
        for case in worklist(cast.hall, person, quarter, shares).order_by("closed_at", "pk")[:AT_A_TIME]:
            look_again(case_id=case.pk, transition_no=case.transition_no, actor=person, now=now, outcome="confirmed")
