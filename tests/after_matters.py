"""Matters after their archive: closed as satisfied, and found not to be settled after all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cases.models import Case
from followups.actions.evaluate import evaluate_by_link, record_evaluation
from followups.links import link_for
from tests import matters
from tests.builders import Town
from tests.matters import MONDAY

TUESDAY = MONDAY + timedelta(days=1)
WEDNESDAY = MONDAY + timedelta(days=2)


def archived(town: Town, *, at: datetime = TUESDAY, **more: Any) -> Case:
    """Handled by Wang of the works department; Lin called, and the resident was satisfied."""
    case = matters.informed(town, **more)
    return record_evaluation(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=at,
        channel="phone",
        contacted=True,
        solved="yes",
        satisfaction="satisfied",
    )


def answered_late(case: Case, at: datetime = WEDNESDAY, **said: Any) -> Case:
    """Not satisfied, unless said otherwise."""
    answers: dict[str, Any] = {"solved": "no", "satisfaction": "dissatisfied", "reasons": "下雨又漏了"}
    token = link_for(case, now=at).path.split("/")[-2]
    evaluate_by_link(token=token, now=at, contacted=True, **(answers | said))
    return Case.objects.get(pk=case.pk)


def unsettled(town: Town, **more: Any) -> Case:
    return answered_late(archived(town, **more))
