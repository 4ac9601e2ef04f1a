"""Who is erased leaves the notice board's drafts and what was taken down; what hangs there names nobody and stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from followups.posting import Posting
from foundation.ledger.verify import verify
from records.erasure import erase_resident
from tests import matters, postings
from tests.builders import Town
from tests.cases import steps
from tests.matters import MONDAY


@pytest.mark.django_db
def test_drafts_go_what_was_taken_down_is_emptied_and_what_hangs_there_stays(town: Town) -> None:
    resident = matters.a_resident(town)
    case = steps.archive(matters.informed(town, resident=resident), town.mei, MONDAY + timedelta(hours=3))
    draft, waiting = postings.drafted(town, case=case), postings.handed_in(town, case=case)
    hanging, gone = postings.published(town, case=case), postings.taken_down(town, case=case)
    others = postings.drafted(town, case=matters.informed(town, resident=matters.a_resident(town, phone="13905716688")))
    erase_resident(resident_id=resident.pk, actor=town.chen, reason="本人书面申请", now=MONDAY + timedelta(days=9))
    assert set(Posting.objects.values_list("pk", flat=True)) == {hanging.pk, gone.pk, others.pk}
    assert not Posting.objects.filter(pk__in=[draft.pk, waiting.pk]).exists()
    assert Posting.objects.values_list("title", "raised", "text", "state").get(pk=gone.pk) == (
        *("***",) * 3,
        "taken_down",
    )
    assert Posting.objects.get(pk=hanging.pk).texts == postings.CLEAN
    assert Posting.objects.get(pk=others.pk).texts == postings.CLEAN
    assert list(verify()) == []
