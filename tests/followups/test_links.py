"""The link to the three questions: one a round, for thirty days, and not to be made from a copy of the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import override_settings

from followups.links import NoSuchLink, link_for, opened
from followups.models import EvaluationLink
from foundation.notifications.half_addresses import public_id_of, token_of
from foundation.refusals import WrongState
from records.erasure import erase_resident
from tests.builders import Town
from tests.followups.stories import TUESDAY, WEDNESDAY, accepted, evaluated, informed

DAY = timedelta(days=1)


def test_every_round_has_one_link_however_often_it_is_asked_for(town: Town) -> None:
    case = informed(town)
    link = link_for(case, now=TUESDAY)
    assert link_for(case, now=WEDNESDAY).path == link.path
    assert link.path.startswith(f"/h/{town.north.code}/e/")
    assert EvaluationLink.objects.get().round == 1


def test_a_new_round_has_a_link_of_its_own(town: Town) -> None:
    case = informed(town)
    first = link_for(case, now=TUESDAY)
    case = evaluated(case, actor=town.mei, solved="no", satisfaction="dissatisfied", reasons="又漏了")
    case = informed(town, case=case, handler=town.qian, now=WEDNESDAY + DAY)
    assert link_for(case, now=WEDNESDAY + DAY).path != first.path


def test_nobody_is_asked_before_they_are_answered(town: Town) -> None:
    case = accepted(town)
    with pytest.raises(WrongState):
        link_for(case, now=TUESDAY)


def test_it_is_open_for_thirty_days_after_the_answer(town: Town) -> None:
    link = link_for(informed(town), now=TUESDAY)
    assert link.is_open(TUESDAY + 30 * DAY - timedelta(seconds=1))
    assert not link.is_open(TUESDAY + 30 * DAY)


def test_once_the_case_is_archived_it_is_open_for_thirty_days_more(town: Town) -> None:
    case = informed(town)
    link_for(case, now=TUESDAY)
    case = evaluated(case, actor=town.mei, now=TUESDAY + 6 * DAY)
    assert link_for(case, now=TUESDAY + 7 * DAY).expires_at == TUESDAY + 36 * DAY
    assert not link_for(case, now=TUESDAY + 50 * DAY).is_open(TUESDAY + 50 * DAY)


def test_a_hall_that_still_waits_for_the_answer_still_takes_it(town: Town) -> None:
    case = informed(town)
    link_for(case, now=TUESDAY)
    assert link_for(case, now=TUESDAY + 40 * DAY).is_open(TUESDAY + 40 * DAY)


def test_what_the_database_holds_is_only_half_of_the_address(town: Town) -> None:
    link = link_for(informed(town), now=TUESDAY)
    token = token_of(link.public_id)
    assert len(token) == 44
    assert public_id_of(token) == link.public_id
    assert public_id_of(link.public_id) is None
    assert public_id_of(link.public_id + link.public_id) is None
    with override_settings(SECRET_KEY="somebody else's key"):
        assert token_of(link.public_id) != token
        assert public_id_of(token) is None


def test_a_link_sent_before_the_key_was_changed_still_works(town: Town) -> None:
    with override_settings(SECRET_KEY="the old key"):
        token = token_of("a" * 22)
    with override_settings(SECRET_KEY="the new key", SECRET_KEY_FALLBACKS=["the old key"]):
        assert public_id_of(token) == "a" * 22


def test_who_is_erased_leaves_no_link_behind_that_takes_new_words_in(town: Town) -> None:
    case = evaluated(informed(town), actor=town.mei, solved="yes", satisfaction="satisfied")
    token = token_of(link_for(case, now=WEDNESDAY).public_id)
    assert opened(token, now=WEDNESDAY).case == case
    assert case.resident is not None
    erase_resident(resident_id=case.resident.pk, actor=town.chen, reason="本人书面申请", now=WEDNESDAY + DAY)
    with pytest.raises(NoSuchLink):
        opened(token, now=WEDNESDAY + DAY)


@pytest.mark.parametrize("typed", ["", "x", "a" * 43, "é" * 44, "a" * 4000])
def test_what_is_no_token_is_nobodys(typed: str) -> None:
    assert public_id_of(typed) is None
