"""The same form sent twice does nothing twice, whatever page it was sent from the second time."""

from __future__ import annotations

import uuid

from django.test import Client

from cases.models import Answer, Case
from tests.builders import Town
from tests.matters import reported


def test_an_attempt_sent_again_from_a_fresh_page_with_its_old_key_is_refused_in_words(
    client: Client, town: Town
) -> None:
    case = reported(town)
    client.force_login(town.lin)
    address = f"/cases/{case.number}/unreached/"
    sent = {"submission_key": str(uuid.uuid4()), "means": "phone", "remark": "无人接听"}
    assert client.post(address, {**sent, "transition_no": case.transition_no}).status_code == 302
    case = Case.objects.get(pk=case.pk)
    again = client.post(address, {**sent, "transition_no": case.transition_no})
    assert again.status_code == 409
    assert "无人接听" in again.content.decode()
    assert Answer.objects.filter(case=case).count() == 1


def test_an_answer_with_the_key_of_an_attempt_is_refused_and_the_resident_still_waits(
    client: Client, town: Town
) -> None:
    case = reported(town)
    client.force_login(town.lin)
    key = str(uuid.uuid4())
    client.post(
        f"/cases/{case.number}/unreached/",
        {"submission_key": key, "means": "phone", "transition_no": case.transition_no},
    )
    case = Case.objects.get(pk=case.pk)
    answer = {"means": "phone", "text": "屋顶已经修好。", "signature_kind": "none", "unsigned_reason": "电话答复"}
    refused = client.post(
        f"/cases/{case.number}/inform/", {**answer, "submission_key": key, "transition_no": case.transition_no}
    )
    assert refused.status_code == 409
    assert "屋顶已经修好。" in refused.content.decode()
    assert Case.objects.get(pk=case.pk).state == "feedback"
