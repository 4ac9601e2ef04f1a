"""What residents add by themselves is a further contact of their matter, kept once, while the matter is open."""

from __future__ import annotations

import threading
import uuid
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from cases.actions.add_information import AlreadyAdded, add_information
from cases.actions.bar import bar
from cases.models import Attachment, Case
from cases.search import similar_open_cases
from cases.uploads import CleanFile
from foundation.refusals import Refused, Stale, WrongState
from tests import course_matters, matters
from tests.builders import Town, make_town, on_shift
from tests.cases.course_steps import withdraw
from tests.cases.steps import archive, decline, fresh, kinds, march, refused, told
from tests.matters import MONDAY

AT = march(3, 10)
NOTICE = CleanFile("notice.pdf", "application/pdf", b"%PDF-1.4 notice")
SAID = "天花板也塌了一块。"


@pytest.fixture
def case(town: Town) -> Case:
    return fresh(matters.investigating(town))


def add(case: Case, *files: CleanFile, text: str = SAID, key: uuid.UUID | None = None, at: datetime = AT) -> Case:
    return add_information(case_id=case.pk, text=text, files=files, submission_key=key or uuid.uuid4(), now=at)


def test_it_is_counted_kept_and_told_to_who_handles_it(town: Town, case: Case):
    before = case.transition_no
    add(case, NOTICE)
    visit = case.case_visits.get(ordinal=2).visit
    assert (visit.matter, visit.channel, visit.identity, visit.resident) == (SAID, "web", "named", case.resident)
    assert kinds(case)[-2:] == ["case.visit_joined", "case.files_added"]
    assert [(one.kind, one.uploaded_by) for one in case.attachments.all()] == [("resident", None)]
    assert told(case, AT) == {"lin", "wang"}
    # Whoever is filling in a form about the case need not begin again.
    assert fresh(case).transition_no == before


def test_what_nobody_sees_is_left_out_and_alone_is_nothing(case: Case):
    add(case, text="又\u202e漏了\x1b。\r\n请看照片。")
    assert case.case_visits.get(ordinal=2).visit.matter == "又漏了。\n请看照片。"
    with pytest.raises(Refused):
        add(case, text="\u200b\u202e\r\n\u2060")


@pytest.mark.parametrize("stage", [matters.registered, matters.accepted, matters.reported, matters.informed])
def test_while_it_is_open_whatever_its_stage(town: Town, stage: Any):
    case = fresh(stage(town))
    assert add(case).state == case.state


@pytest.mark.parametrize("end", [archive, decline, withdraw])
def test_what_is_closed_takes_nothing_more(town: Town, end: Any):
    case = matters.informed(town) if end is archive else matters.accepted(town)
    end(case, town.lin, march(3, 9))
    with refused(WrongState, case):
        add(case, NOTICE)


def test_what_is_merged_goes_on_elsewhere_and_takes_nothing_here(town: Town):
    case = course_matters.merged(town)
    with refused(WrongState, case):
        add(case)


def test_words_are_needed_even_with_files(town: Town, case: Case):
    with refused(Refused, case, field="text"):
        add(case, NOTICE, text=" ")


def test_the_same_form_twice_adds_once(town: Town, case: Case):
    key = uuid.uuid4()
    add(case, NOTICE, key=key)
    with refused(AlreadyAdded, case):
        add(case, NOTICE, key=key)
    assert case.case_visits.count() == 2
    assert case.attachments.count() == 1


def test_other_words_under_a_used_key_are_told_apart_from_the_same_ones(town: Town, case: Case):
    key = uuid.uuid4()
    add(case, key=key)
    with refused(Stale, case) as refusal:
        add(case, key=key, text="灯也坏了。")
    assert not isinstance(refusal.value, AlreadyAdded)


def test_a_key_used_on_another_matter_adds_nothing_and_does_not_say_it_did(town: Town, case: Case):
    other = matters.registered(town, identity="anonymous", channel="web")
    key = uuid.uuid4()
    add(other, key=key)
    with refused(Stale, case) as refusal:
        add(case, key=key)
    assert not isinstance(refusal.value, AlreadyAdded)


def test_who_it_is_about_is_told_nothing(town: Town):
    slip = matters.transferred(town, nature="complaint")
    bar(case_id=slip.case_id, staff=town.wang, reason="被投诉", actor=town.lin, now=MONDAY)
    on_shift(town.wang, town.north, AT)
    add(slip.case)
    assert told(slip, AT) == {"lin", "qian", "zhao"}


def test_the_words_are_found_by_the_search(town: Town, case: Case):
    add(case, text="空调外机松动快掉下来了。")
    found = similar_open_cases(hall=town.north, text="空调外机松动", staff=town.lin)
    assert [one.case for one in found] == [case]


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_add_once():
    case = matters.registered(make_town())
    key, answers = uuid.uuid4(), []

    def press() -> None:
        try:
            add(case, NOTICE, key=key)
            answers.append("added")
        except AlreadyAdded:
            answers.append("there already")
        finally:
            connection.close()

    presses = [threading.Thread(target=press) for _press in range(2)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert sorted(answers) == ["added", "there already"]
    assert case.case_visits.count() == 2
    assert Attachment.objects.filter(case=case).count() == 1
