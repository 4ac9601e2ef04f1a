"""What residents send by the public form: all of it at once, and never shown to whom it is about."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from cases.models import Case
from cases.uploads import CleanFile
from complaints.actions.submit import Consent, general_category, submit
from complaints.models import Complaint
from complaints.naming import named_in
from foundation.notifications.models import Alert
from foundation.organization.models import Role, Staff
from foundation.refusals import Refused
from foundation.residents.models import Resident
from reception.actions import AlreadyRegistered
from reception.models import Visit
from tests.builders import Town, category, on_shift, person
from tests.matters import MONDAY

GIVEN: dict[str, Any] = {
    "nature": "complaint",
    "about": "楼道保洁",
    "matter": "三号楼保洁员一周没有来过。",
    "identity": "named",
    "name": "王秀兰",
    "phone": "13805716021",
    "consent": Consent("1", "zh-hans"),
}


def sent(town: Town, **given: Any) -> Case:
    key = given.pop("submission_key", None) or uuid.uuid4()
    return submit(hall=town.north, **{**GIVEN, "submission_key": key, "now": MONDAY, **given})


@pytest.fixture(autouse=True)
def _lin_is_on_duty(town: Town) -> None:
    on_shift(town.lin, town.north, MONDAY - timedelta(hours=1))


def test_it_is_a_visit_a_case_a_complaint_and_its_clocks(town: Town) -> None:
    case = sent(town)
    visit = Visit.objects.get()
    assert (visit.channel, visit.registered_by, visit.received_at) == ("web", None, MONDAY)
    assert (case.first_contact_owner, case.state, case.nature) == (town.lin, "registered", "complaint")
    assert Complaint.objects.get(case=case).about == "楼道保洁"
    clocks = dict(case.deadlines.values_list("kind", "due_at"))
    assert clocks == {"confirm": MONDAY + timedelta(hours=24), "dispatch": MONDAY + timedelta(hours=24)}


def test_consent_is_written_down_with_the_text_it_was_given_to(town: Town) -> None:
    case = sent(town, consent=Consent("2026-11", "en"))
    entry = case.chain.entries.get(kind="case.registered")
    assert entry.data["consent"] == {"version": "2026-11", "language": "en"}


def test_who_is_on_duty_is_told_once_and_in_words_without_personal_data(town: Town) -> None:
    case = sent(town)
    told = Alert.objects.get()
    assert (told.recipient, told.url) == (town.lin, f"/cases/{case.number}/")
    assert "王" not in str(told.params)


def test_outside_hours_it_belongs_to_who_is_at_the_desk_next(town: Town) -> None:
    night = MONDAY + timedelta(hours=12)
    on_shift(town.mei, town.north, night + timedelta(hours=12))
    assert sent(town, now=night).first_contact_owner == town.mei


def test_with_an_empty_roster_it_belongs_to_a_receptionist_all_the_same(town: Town) -> None:
    assert sent(town, now=MONDAY + timedelta(days=30)).first_contact_owner in (town.lin, town.mei)


def test_in_a_hall_without_receptionists_it_belongs_to_the_director(town: Town) -> None:
    for staff in (town.lin, town.mei):
        staff.memberships.update(ended_at=MONDAY)
    assert sent(town).first_contact_owner == town.chen


def test_the_same_name_and_number_is_the_same_person_and_nothing_on_record_changes(town: Town) -> None:
    first = sent(town).resident
    again = sent(town, phone="138 0571 6021").resident
    assert first == again
    assert sent(town, name="王秀英").resident != first
    assert sent(town, phone="13900000001").resident != first


def test_who_knows_name_and_number_of_another_cannot_have_their_answers_sent_elsewhere(town: Town) -> None:
    theirs = sent(town, email="wang@example.org").resident
    assert theirs is not None
    strangers = sent(town, email="thief@example.org").resident
    assert strangers != theirs
    assert Resident.objects.get(pk=theirs.pk).email == "wang@example.org"
    assert sent(town).resident == theirs


def test_a_complaint_about_li_is_never_shown_to_li(town: Town) -> None:
    li = person("li", Role.RECEPTIONIST, hall=town.north, name="李国强")
    on_shift(li, town.north, MONDAY - timedelta(hours=1))
    case = sent(town, about="接待员李国强，态度恶劣", matter="李国强把我的材料扔在地上。")
    assert case.bars(li)
    assert not Case.objects.visible_to(li).exists()
    assert not Complaint.objects.visible_to(li).exists()
    assert Case.objects.visible_to(town.lin).exists()
    assert set(Alert.objects.values_list("recipient", flat=True)) == {town.lin.pk}


def test_a_complaint_about_who_would_own_it_is_owned_by_another(town: Town) -> None:
    town.lin.name = "林小梅"
    town.lin.save()
    case = sent(town, about="林小梅")
    assert case.first_contact_owner == town.mei
    assert not Alert.objects.filter(recipient=town.lin).exists()


def test_a_complaint_about_everybody_at_the_desk_reaches_the_director(town: Town) -> None:
    case = sent(town, about="Lin and Mei both sent me away")
    assert case.first_contact_owner == town.chen
    assert case.barred_ids == {town.lin.pk, town.mei.pk}


@pytest.mark.parametrize(
    ("about", "named"),
    [
        ("维修工王强态度差", {"王强"}),
        ("王 强", {"王强"}),
        ("王强生收钱", {"王强生"}),
        ("王强和王强生", {"王强", "王强生"}),
        ("李师傅", set()),
        ("李", set()),
        ("Wangfujing 路的商铺", set()),
        ("投诉Wang的态度", {"Wang"}),
        ("ＷＡＮＧ", {"Wang"}),
        ("物业", set()),
        ("王\u200b强收钱", {"王强"}),
        ("\u202e王\ufeff强\u202c", {"王强"}),
    ],
)
def test_whole_names_count_single_characters_and_parts_of_longer_words_do_not(about: str, named: set[str]) -> None:
    names = ["王强", "王强生", "李", "Wang", "Li"]
    staff = [Staff(pk=number, username=str(number), name=name) for number, name in enumerate(names, 1)]
    assert {one.name for one in named_in(about, staff)} == named


def test_sent_twice_it_is_one_case(town: Town) -> None:
    key = uuid.uuid4()
    case = sent(town, submission_key=key)
    with pytest.raises(AlreadyRegistered) as refusal:
        sent(town, submission_key=key, matter="另一件事。")
    assert refusal.value.visit == Visit.objects.get()
    assert Case.objects.get() == case


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"matter": " "}, "matter"),
        ({"matter": "\u200b\u2060\u202e"}, "matter"),
        ({"about": "\u200b"}, "about"),
        ({"about": " "}, "about"),
        ({"name": " "}, "name"),
        ({"phone": ""}, "phone"),
        ({"phone": "123"}, "phone"),
        ({"nature": "rumour"}, "nature"),
    ],
)
def test_what_is_missing_is_refused_at_its_field_and_nothing_is_written(
    town: Town, wrong: dict[str, str], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        sent(town, **wrong)
    assert refusal.value.field == field
    assert not Visit.objects.exists()
    assert not Resident.objects.exists()


def test_an_anonymous_complaint_waits_for_nobodys_confirmation(town: Town) -> None:
    case = sent(town, identity="anonymous", name="", phone="")
    assert (case.resident, case.is_anonymous) == (None, True)
    assert list(case.deadlines.values_list("kind", flat=True)) == ["dispatch"]


def test_files_come_with_it(town: Town) -> None:
    case = sent(town, files=[CleanFile("楼道.jpg", "image/jpeg", b"x"), CleanFile("b.pdf", "application/pdf", b"y")])
    assert [(file.name, file.kind, file.uploaded_by) for file in case.attachments.all()] == [
        ("楼道.jpg", "resident", None),
        ("b.pdf", "resident", None),
    ]


def test_it_is_filed_where_nothing_is_decided_yet_unless_a_category_is_given(town: Town) -> None:
    assert general_category(town.north).name == "未归类事项"
    assert sent(town).category.name == "未归类事项"
    assert sent(town, category=category(town.north, "楼道堆物")).category.name == "楼道堆物"


def test_a_category_of_another_hall_is_refused(town: Town) -> None:
    with pytest.raises(Refused):
        sent(town, category=category(town.south, "楼道堆物"))


@pytest.mark.parametrize("nature", ["request", "suggestion", "praise", "consultation"])
def test_what_is_no_complaint_is_lodged_nowhere(town: Town, nature: str) -> None:
    assert sent(town, nature=nature, about="").nature == nature
    assert not Complaint.objects.exists()


def test_what_nobody_sees_is_left_out_so_that_nothing_on_the_desks_pages_is_turned_round(town: Town) -> None:
    case = sent(town, matter="电梯\u202e停了\x07\r\n第二\u200b次。", place="三\u2066号楼")
    assert case.title.startswith("电梯停了")
    assert case.title.isprintable()
    assert Visit.objects.get().matter.splitlines()[:2] == ["电梯停了", "第二次。"]
    assert not [char for char in Visit.objects.get().matter if not char.isprintable() and char != "\n"]
