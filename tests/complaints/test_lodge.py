"""A complaint is lodged: whom it is about is barred from the case at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cases.actions.accept import accept
from cases.actions.handle import investigate
from cases.actions.transfer import sign_in, transfer
from cases.models import Case, CaseDeadline
from cases.people import handler_candidates
from complaints.actions.lodge import lodge
from complaints.models import Complaint, ComplaintSubject
from foundation.notifications.models import Alert
from foundation.organization.models import Staff
from foundation.refusals import NotAllowed, Refused, WrongState
from tests.builders import Town
from tests.complaints.stories import MONDAY, complained, last_entry


def lodged(case: Case, actor: Staff | None, *about: Staff, now: datetime = MONDAY, **more: Any) -> Complaint:
    return lodge(
        case_id=case.pk, about_staff=about, actor=actor, now=now, **({"about": "上门维修态度恶劣，乱收费"} | more)
    )


def confirm_clock(case: Case) -> CaseDeadline:
    return CaseDeadline.objects.get(case=case, kind="confirm")


def test_whom_a_complaint_is_about_is_kept_and_barred(town: Town) -> None:
    case = complained(town)
    complaint = lodged(case, town.lin, town.wang, town.zhao)
    assert {subject.staff for subject in complaint.subjects.all()} == {town.wang, town.zhao}
    assert complaint.lodged_at == MONDAY
    fresh = Case.objects.get(pk=case.pk)
    assert fresh.barred_ids == {town.wang.pk, town.zhao.pk}
    entry = last_entry(fresh)
    assert (entry.kind, entry.actor) == ("complaint.lodged", town.lin)
    assert entry.data["staff"] == [town.wang.pk, town.zhao.pk]
    assert [text.content for text in entry.texts.all()] == ["上门维修态度恶劣，乱收费"]


def test_barred_people_see_neither_case_nor_complaint_their_colleagues_do(town: Town) -> None:
    case = complained(town)
    lodged(case, town.lin, town.mei)
    for queryset in (Case.objects, Complaint.objects, ComplaintSubject.objects):
        assert not queryset.visible_to(town.mei).exists()
        assert queryset.visible_to(town.lin).count() == 1
        assert not queryset.visible_to(town.lu).exists()
        assert not queryset.visible_to(town.he).exists()


def test_a_barred_receptionist_can_press_nothing_on_it(town: Town) -> None:
    case = complained(town)
    lodged(case, town.lin, town.mei)
    case = Case.objects.get(pk=case.pk)
    with pytest.raises(NotAllowed):
        accepted_by(town.mei, case)
    assert accepted_by(town.lin, case).state == "accepted"


def test_a_barred_handler_is_told_nothing_named_for_nothing_and_signs_nothing(town: Town) -> None:
    case = complained(town)
    lodged(case, town.lin, town.wang)
    case = accepted_by(town.lin, Case.objects.get(pk=case.pk))
    slip = transfer(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=MONDAY,
        department=town.works,
        instruction="请调查",
    )
    assert set(Alert.objects.values_list("recipient__username", flat=True)) == {"qian", "zhao"}
    assert town.wang not in handler_candidates(slip).staff
    with pytest.raises(NotAllowed):
        sign_in(slip_id=slip.pk, transition_no=slip.transition_no, actor=town.wang, now=MONDAY, handler=town.qian)
    with pytest.raises(Refused):
        sign_in(slip_id=slip.pk, transition_no=slip.transition_no, actor=town.zhao, now=MONDAY, handler=town.wang)
    slip = sign_in(slip_id=slip.pk, transition_no=slip.transition_no, actor=town.zhao, now=MONDAY, handler=town.qian)
    with pytest.raises(NotAllowed):
        investigate(slip_id=slip.pk, transition_no=slip.transition_no, actor=town.wang, now=MONDAY, plan="自己查自己")


def test_a_complaint_about_its_owner_passes_to_the_next_level(town: Town) -> None:
    case = complained(town, by=town.lin)
    lodged(case, town.mei, town.lin)
    case = Case.objects.get(pk=case.pk)
    assert case.first_contact_owner == town.chen
    assert case.bars(town.lin)


def test_nobody_lodges_a_complaint_about_themselves(town: Town) -> None:
    case = complained(town)
    with pytest.raises(Refused):
        lodged(case, town.lin, town.wang, town.lin)
    assert not Complaint.objects.exists()
    assert not Case.objects.get(pk=case.pk).barred_ids


def test_people_of_another_hall_cannot_be_named_those_of_the_street_office_can(town: Town) -> None:
    case = complained(town)
    with pytest.raises(Refused) as refusal:
        lodged(case, town.lin, town.jiang)
    assert refusal.value.field == "about_staff"
    assert Case.objects.get(pk=case.pk).barred_ids == set()
    lodged(case, town.lin, town.tang)
    assert Case.objects.get(pk=case.pk).bars(town.tang)


def test_a_complaint_about_a_service_names_nobody_but_says_what(town: Town) -> None:
    case = complained(town)
    with pytest.raises(Refused) as refusal:
        lodged(case, town.lin, about="  ")
    assert refusal.value.field == "about"
    assert not lodged(case, town.lin).subjects.exists()


def test_a_request_is_no_complaint(town: Town) -> None:
    with pytest.raises(WrongState):
        lodged(complained(town, nature="request"), town.lin, town.wang)


def test_a_report_of_wrongdoing_bars_its_subject_too(town: Town) -> None:
    case = complained(town, nature="report")
    lodged(case, town.lin, town.wang)
    assert Case.objects.get(pk=case.pk).bars(town.wang)
    assert not CaseDeadline.objects.filter(case=case, kind="confirm").exists()


def test_lodging_twice_is_refused(town: Town) -> None:
    case = complained(town)
    lodged(case, town.lin, town.wang)
    with pytest.raises(WrongState):
        lodged(case, town.mei, town.zhao)
    assert not Case.objects.get(pk=case.pk).bars(town.zhao)


@pytest.mark.parametrize(("channel", "means"), [("walk_in", "desk"), ("phone", "phone")])
def test_what_was_read_back_at_registration_is_confirmed_with_it(town: Town, channel: str, means: str) -> None:
    case = complained(town, channel=channel, is_verified=True)
    complaint = lodged(case, town.lin, town.wang)
    assert (complaint.confirmed_at, complaint.confirmed_by, complaint.confirm_means) == (MONDAY, town.lin, means)
    assert confirm_clock(case).outcome == "met"
    assert last_entry(case).data["confirmed_by_means"] == means


@pytest.mark.parametrize(("channel", "is_verified"), [("walk_in", False), ("phone", False), ("letter", True)])
def test_what_was_not_read_back_waits_to_be_confirmed(town: Town, channel: str, is_verified: bool) -> None:
    case = complained(town, channel=channel, is_verified=is_verified)
    assert lodged(case, town.lin, town.wang).confirmed_at is None
    clock = confirm_clock(case)
    assert clock.outcome == ""
    assert clock.due_at == MONDAY + timedelta(hours=24)


def test_residents_lodge_over_the_web_without_any_staff(town: Town) -> None:
    case = complained(town, channel="web")
    assert lodged(case, None, town.wang).confirmed_at is None
    assert last_entry(case).actor is None


def test_nobody_can_be_asked_to_confirm_an_anonymous_complaint(town: Town) -> None:
    case = complained(town, channel="web", identity="anonymous")
    lodged(case, None, town.wang)
    case = accepted_by(town.lin, Case.objects.get(pk=case.pk))
    assert not CaseDeadline.objects.filter(case=case, kind="confirm").exists()


def accepted_by(actor: Staff, case: Case) -> Case:
    return accept(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=actor,
        now=MONDAY.astimezone(ZoneInfo("UTC")),
        nature=case.nature,
        category=case.category,
        urgency="normal",
        headcount=1,
    )
