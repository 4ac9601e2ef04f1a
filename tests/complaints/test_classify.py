"""A complaint is put into its class, and may be found to be about somebody after it was lodged."""

from __future__ import annotations

import pytest

from cases.models import Case
from complaints.models import Complaint, ComplaintSubject
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests.builders import Town
from tests.cases.steps import fresh, kinds, last_entry, march, refused
from tests.complaints.procedure import classify, lodged, looked_into, name_subject
from tests.matters import MONDAY, registered


def test_receptionist_lin_puts_it_into_a_class_and_may_correct_it(town: Town) -> None:
    case = lodged(town)
    classify(case, town.lin, march(2, 10), kind="service")
    complaint = classify(case, town.mei, march(2, 11), kind="facilities")
    assert (complaint.kind, complaint.classified_by, complaint.classified_at) == (
        "facilities",
        town.mei,
        march(2, 11),
    )
    assert kinds(case)[-2:] == ["complaint.classified"] * 2
    assert (last_entry(case).payload["was"], last_entry(case).payload["kind"]) == ("service", "facilities")


def test_a_report_registered_without_being_lodged_is_classified_too(town: Town) -> None:
    case = registered(town, nature="report", channel="letter")
    classify(case, town.lin, kind="other")
    assert Complaint.objects.get(case=case).lodged_at == MONDAY


@pytest.mark.parametrize("who", ["wang", "zhao", "feng", "gu", "he", "lu"])
def test_the_desk_and_the_director_classify_nobody_else(town: Town, who: str) -> None:
    case = lodged(town)
    with refused(NotAllowed, case):
        classify(case, getattr(town, who))
    assert classify(case, town.chen).kind == "conduct"


def test_a_request_has_no_class_and_a_class_is_one_of_the_list(town: Town) -> None:
    case = registered(town, channel="letter")
    with refused(WrongState, case):
        classify(case, town.lin)
    case = lodged(town)
    with refused(Refused, case, field="kind"):
        classify(case, town.lin, kind="weather")


def test_an_older_page_classifies_nothing(town: Town) -> None:
    case = lodged(town)
    drawn = case.transition_no
    classify(case, town.lin, transition_no=drawn)
    with refused(Stale, case):
        classify(case, town.mei, kind="other", transition_no=drawn)


def test_somebody_named_later_is_barred_and_stands_with_the_complaint(town: Town) -> None:
    slip = looked_into(town)
    subject = name_subject(slip, town.lin, town.wang, march(3, 10))
    assert subject.staff == town.wang
    case = fresh(slip)
    assert (case.bars(town.wang), case.unheard) == (True, 1)
    assert not Case.objects.visible_to(town.wang).exists()
    assert last_entry(case).kind == "complaint.subject_named"


def test_a_handler_who_turns_out_to_be_the_one_complained_about_loses_the_slip(town: Town) -> None:
    slip = looked_into(town)
    name_subject(slip, town.chen, town.qian, march(3, 10))
    slip.refresh_from_db(fields=["handler"])
    assert slip.handler is None
    assert fresh(slip).bars(town.qian)


def test_nobody_is_named_twice_nor_names_themselves_nor_somebody_of_another_hall(town: Town) -> None:
    case = lodged(town, town.wang)
    for staff in (town.wang, town.lin, town.jiang):
        with refused(Refused, case, field="person"):
            name_subject(case, town.lin, staff)
    with refused(Refused, case, field="reason"):
        name_subject(case, town.lin, town.zhao, reason=" ")
    assert ComplaintSubject.objects.count() == 1


@pytest.mark.parametrize("who", ["wang", "zhao", "gu", "he", "lu"])
def test_who_may_bar_others_names_them_nobody_else(town: Town, who: str) -> None:
    case = lodged(town)
    with refused(NotAllowed, case):
        name_subject(case, getattr(town, who), town.qian)
    assert name_subject(case, town.feng, town.qian).staff == town.qian
