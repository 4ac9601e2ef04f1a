"""One press sends the resident the link to the three questions: once a round, and never to who handled the matter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from cases.models import Case
from followups.actions.send_link import send_link
from followups.models import EvaluationLink
from foundation.notifications.delivery import run
from foundation.notifications.half_addresses import completed
from foundation.notifications.models import Delivery, Message
from foundation.organization.models import Staff
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from foundation.residents.models import Resident
from tests.builders import Town
from tests.followups.stories import WEDNESDAY, accepted, informed, last_entry


@pytest.fixture(autouse=True)
def mail_is_set_up(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def told_by_mail(town: Town, **how: Any) -> Case:
    case = informed(town, **how)
    assert case.resident_id is not None
    Resident.objects.filter(pk=case.resident_id).update(email="wang@example.com")
    return case


def sent(case: Case, by: Staff) -> Case:
    return send_link(case_id=case.pk, transition_no=case.transition_no, actor=by, now=WEDNESDAY)


def test_the_link_goes_out_and_the_record_says_so(town: Town) -> None:
    case = sent(told_by_mail(town), town.lin)
    link = EvaluationLink.objects.get()
    assert (link.case, link.round, link.sent_at) == (case, 1, WEDNESDAY)
    message = Message.objects.get()
    assert message.resident == case.resident
    assert Delivery.objects.get(message=message).channel == "email"
    # A copy of the database holds half of the address; the message that leaves holds all of it.
    assert message.path == f"/h/{town.north.code}/e/{link.public_id}!/"
    assert completed(message.path) == link.path
    # Without anything personal.
    assert message.params == {"number": case.number}
    assert (last_entry(case).kind, last_entry(case).actor) == ("case.link_sent", town.lin)


def test_it_is_sent_once_a_round(town: Town) -> None:
    case = told_by_mail(town)
    again = sent(case, town.lin)
    with pytest.raises(Stale):
        sent(case, town.lin)
    with pytest.raises(Refused):
        sent(again, town.mei)
    assert Message.objects.count() == 1


def test_whom_the_hall_cannot_write_to_is_called_instead(town: Town) -> None:
    case = informed(town)
    with pytest.raises(Refused):
        sent(case, town.lin)
    assert not EvaluationLink.objects.filter(sent_at__isnull=False).exists()
    assert last_entry(case).kind == "case.informed"


@pytest.mark.parametrize("name", ["wang", "zhao", "feng", "gu", "he", "lu", "tang"])
def test_nobody_but_the_desk_and_the_director_sends_it(town: Town, name: str) -> None:
    with pytest.raises(NotAllowed):
        sent(told_by_mail(town), getattr(town, name))
    assert not Message.objects.exists()


@pytest.mark.parametrize("how", ["open", "anonymous"])
def test_only_who_was_answered_and_is_known_can_be_asked(town: Town, how: str) -> None:
    case = accepted(town) if how == "open" else informed(town, anonymous=True)
    with pytest.raises(WrongState):
        sent(case, town.lin)


def test_the_mail_that_leaves_holds_an_address_that_opens(town: Town) -> None:
    sent(told_by_mail(town), town.lin)
    delivery = Delivery.objects.get(message__isnull=False)
    Delivery.objects.update(next_attempt_at=WEDNESDAY)
    run(clock=lambda: WEDNESDAY, budget=timedelta(seconds=5))
    [letter] = [one for one in mail.outbox if one.to == ["wang@example.com"]]
    assert EvaluationLink.objects.get().path in letter.body
    assert Delivery.objects.get(pk=delivery.pk).state == "sent"
