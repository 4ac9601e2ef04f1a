"""Two merges the other way round at the same moment: neither waits for the other, and no two cases hold each other."""

from __future__ import annotations

from functools import partial

import pytest

from cases.models import Case
from foundation.ledger.verify import verify
from foundation.refusals import Refused, Stale
from tests import matters
from tests.builders import Town
from tests.cases.course_steps import merge
from tests.cases.steps import fresh, report
from tests.cases.test_twenty_people import at_once
from tests.matters import MONDAY

pytestmark = pytest.mark.django_db(transaction=True)


def test_opposite_merges_do_not_deadlock_and_at_most_one_is_done(town: Town):
    resident = matters.a_resident(town)
    done = 0
    for _time in range(6):
        one, other = (matters.accepted(town, resident=resident) for _case in range(2))
        numbers = {case.pk: case.transition_no for case in (one, other)}
        pairs = [(one, other), (other, one)] * 4
        results = at_once(
            [partial(merge, case, main, town.lin, transition_no=numbers[case.pk]) for case, main in pairs]
        )
        refusals = [result for result in results if isinstance(result, Refused)]
        assert len(results) - len(refusals) <= 1
        assert all(str(refusal) for refusal in refusals)
        done += len(results) - len(refusals)
        states = sorted(fresh(case).state for case in (one, other))
        assert states == (["accepted", "merged"] if len(refusals) < len(results) else ["accepted", "accepted"])
    assert done > 0
    assert list(verify()) == []


def test_merging_while_the_result_comes_in_loses_nobody(town: Town):
    """Either it was in time and shares the result, or the main case had its result already."""
    resident = matters.a_resident(town)
    for _time in range(4):
        main = matters.investigating(town, resident=resident)
        late = matters.accepted(town, resident=resident)
        results = at_once([partial(merge, late, main, town.lin), partial(report, main, town.wang, MONDAY)])
        refused = isinstance(results[0], Refused)
        assert fresh(late).state == ("accepted" if refused else "feedback")
        if isinstance(results[1], Refused):
            assert isinstance(results[1], Stale)
        assert not Case.objects.filter(state="merged", main_case__state="feedback").exists()
