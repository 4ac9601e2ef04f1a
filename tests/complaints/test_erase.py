"""Who is erased leaves the complaint procedure too; what was decided stays as a fact."""

from __future__ import annotations

from complaints.models import Apology, Finding, Hearing, InvestigationRecord, Sanction
from records.erasure import erase_resident
from tests.builders import Town
from tests.cases.steps import archive, inform, march
from tests.complaint_matters import whole


def test_the_words_of_a_complaint_are_erased_with_its_resident_and_its_facts_are_kept(town: Town) -> None:
    case = whole(town)
    inform(case, town.lin, march(3, 10))
    archive(case, town.mei, march(4, 10))
    assert case.resident_id is not None
    erase_resident(resident_id=case.resident_id, actor=town.chen, reason="本人书面申请", now=march(9, 10))
    assert set(InvestigationRecord.objects.values_list("kind", "text")) == {
        ("interview", "***"),
        ("site_check", "***"),
    }
    assert list(Hearing.objects.values_list("not_heard_because", "reason", "allegations")) == [("refused", "***", "")]
    assert list(Finding.objects.values_list("verdict", "reasons", "responsible_staff__username")) == [
        ("partly", "***", "qian")
    ]
    assert list(Sanction.objects.values_list("kind", "text")) == [("criticism", "***")]
    assert list(Apology.objects.values_list("kind", "text")) == [("apology", "***")]
