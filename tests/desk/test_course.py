"""The pages of a case's course: withdrawing, merging, the letter, contacts, notices, and what the case page shows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import Case, SupervisionNotice, TransferSlip
from foundation.organization.models import Staff
from foundation.residents.actions import register_resident
from tests import course_matters, matters
from tests.builders import Town
from tests.cases.course_steps import ask_withdrawal, merge, press
from tests.cases.steps import fresh, report
from web.desk.verbs.result import result_of

pytestmark = pytest.mark.usefixtures("monday")


def page(client: Client, staff: Staff, case: Case | TransferSlip) -> str:
    client.force_login(staff)
    return client.get(reverse("desk:case_detail", args=[fresh(case).number])).content.decode()


def url(case: Case, verb: str) -> str:
    return reverse("desk:case_verb", args=[case.number, verb])


def sent(client: Client, address: str, **fields: Any) -> Any:
    """The form of this address as it is drawn now, with these fields filled in."""
    drawn = client.get(address)
    form = drawn.context["form"]
    hidden = {name: form[name].value() for name in ("transition_no", "submission_key")}
    return client.post(address, {**hidden, **fields})


WISH = {
    "wish": "已经自己修好了。",
    "means": "phone",
    "said_at": "2026-03-02T09:40",
    "signature_kind": "none",
    "unsigned_reason": "电话里说的",
}


def test_the_desk_withdraws_with_the_residents_words(client: Client, town: Town):
    case = matters.accepted(town)
    client.force_login(town.lin)
    assert sent(client, url(case, "withdraw"), **WISH).status_code == 302
    assert fresh(case).state == "withdrawn"
    shown = page(client, town.lin, case)
    assert "已经自己修好了。" in shown


def test_what_is_missing_is_said_and_what_was_typed_stays(client: Client, town: Town):
    case = matters.accepted(town)
    client.force_login(town.lin)
    answer = sent(client, url(case, "withdraw"), **WISH | {"unsigned_reason": ""})
    assert answer.status_code == 422
    assert "已经自己修好了。" in answer.content.decode()
    assert fresh(case).state == "accepted"


def test_about_staff_the_supervisor_reads_the_wish_and_writes_how_it_was_checked(client: Client, town: Town):
    case = course_matters.about_staff(town)
    client.force_login(town.lin)
    assert sent(client, url(case, "ask_withdrawal"), **WISH).status_code == 302
    client.force_login(town.feng)
    form = client.get(url(case, "withdraw")).content.decode()
    assert "已经自己修好了。" in form
    assert 'name="wish"' not in form
    assert sent(client, url(case, "withdraw"), checked="当面问过。").status_code == 302
    assert fresh(case).state == "withdrawn"


def test_the_supervisor_lets_the_matter_go_on(client: Client, town: Town):
    case = course_matters.about_staff(town)
    ask_withdrawal(case, town.lin)
    client.force_login(town.feng)
    assert sent(client, url(case, "refuse_withdrawal"), checked="不是自愿。").status_code == 302
    assert fresh(case).state == "transferred"


# Merging.


@pytest.fixture
def main(town: Town) -> TransferSlip:
    return matters.investigating(town)


@pytest.fixture
def neighbour(town: Town) -> Case:
    resident = register_resident(
        hall=town.north, actor=town.lin, now=matters.MONDAY, name="李桂芳", sex="female", phone="13805716033"
    )
    return matters.registered(town, resident=resident, matter="三栋二单元楼顶漏水，我家也是。")


def test_a_case_that_says_the_same_is_offered_with_number_title_and_date(
    client: Client, town: Town, main: TransferSlip, neighbour: Case
):
    client.force_login(town.lin)
    form = client.get(url(neighbour, "merge")).content.decode()
    assert f"{main.case.number} · {main.case.title} · " in form
    assert sent(client, url(neighbour, "merge"), main=main.case.number).status_code == 302
    assert fresh(neighbour).main_case_id == main.case_id


def test_a_number_that_was_typed_is_shown_before_anything_is_done(
    client: Client, town: Town, main: TransferSlip, neighbour: Case
):
    other = matters.accepted(town, identity="anonymous", matter="路灯不亮。")
    client.force_login(town.lin)
    asked = sent(client, url(neighbour, "merge"), number=other.number.lower())
    assert asked.status_code == 422
    assert f"{other.number} · {other.title}" in asked.content.decode()
    assert re.search(rf'value="{other.number}"[^>]*checked', asked.content.decode())
    assert fresh(neighbour).state == "registered"
    assert sent(client, url(neighbour, "merge"), main=other.number).status_code == 302
    assert fresh(neighbour).main_case_id == other.pk


@pytest.mark.parametrize("number", ["NTH-2026-999999", "", "☂", "STH"])
def test_a_number_that_is_none_is_refused_at_the_field(client: Client, town: Town, neighbour: Case, number: str):
    client.force_login(town.lin)
    answer = sent(client, url(neighbour, "merge"), number=number)
    assert answer.status_code == 422
    assert answer.context["form"].errors


def test_a_case_of_another_hall_or_one_that_is_barred_is_not_found(client: Client, town: Town, neighbour: Case):
    abroad = course_matters.about_staff(town)
    abroad.parts.filter(role="barred").update(staff=town.lin)
    client.force_login(town.lin)
    answer = sent(client, url(neighbour, "merge"), number=abroad.number)
    assert abroad.title not in str(answer.context["form"].errors)
    assert "number" in answer.context["form"].errors


def test_both_pages_show_that_they_belong_together(client: Client, town: Town, main: TransferSlip, neighbour: Case):
    merge(neighbour, main, town.lin)
    of_main, of_merged = page(client, town.lin, main), page(client, town.lin, neighbour)
    assert f'href="/cases/{neighbour.number}/"' in of_main
    assert f'href="/cases/{main.case.number}/"' in of_merged
    assert "李桂芳" not in of_main


def test_the_department_reads_the_number_and_no_name_and_no_link(
    client: Client, town: Town, main: TransferSlip, neighbour: Case
):
    merge(neighbour, main, town.lin)
    shown = page(client, town.wang, main)
    assert neighbour.number in shown
    assert f'href="/cases/{neighbour.number}/"' not in shown
    assert "李桂芳" not in shown
    assert client.get(reverse("desk:case_detail", args=[neighbour.number])).status_code == 404


def test_who_is_barred_from_the_other_case_reads_nothing_of_it(
    client: Client, town: Town, main: TransferSlip, neighbour: Case
):
    merge(neighbour, main, town.lin)
    neighbour.parts.create(staff=town.mei, role="barred", started_at=matters.MONDAY)
    assert neighbour.number not in page(client, town.mei, main)
    main.case.parts.create(staff=town.chen, role="barred", started_at=matters.MONDAY)
    assert main.case.number not in page(client, town.chen, neighbour)


def test_the_answer_to_a_merged_resident_begins_with_the_result_of_the_main_case(
    client: Client, town: Town, main: TransferSlip, neighbour: Case
):
    merge(neighbour, main, town.lin)
    report(main, town.wang, result="防水层破损。", remedy="已重做防水。")
    client.force_login(town.lin)
    form = client.get(url(neighbour, "inform")).context["form"]
    assert form["text"].value() == "防水层破损。\n已重做防水。"
    assert result_of(fresh(neighbour), town.lin) == result_of(fresh(main), town.lin)


def test_sending_back_is_not_offered_on_a_merged_case(client: Client, town: Town, main: TransferSlip, neighbour: Case):
    merge(neighbour, main, town.lin)
    report(main, town.wang)
    assert url(neighbour, "send_back") not in page(client, town.lin, neighbour)
    assert url(main.case, "send_back") in page(client, town.lin, main)


def test_the_list_of_cases_shows_what_is_merged(client: Client, town: Town, main: TransferSlip, neighbour: Case):
    merge(neighbour, main, town.lin)
    client.force_login(town.lin)
    shown = client.get(reverse("desk:case_list"), {"state": "merged"}).content.decode()
    assert neighbour.number in shown
    assert main.case.number not in shown


# Owner, contact, letter.


def test_the_director_hands_over_and_names_a_contact(client: Client, town: Town):
    case = course_matters.hidden(town)
    client.force_login(town.chen)
    assert sent(client, url(case, "hand_over"), owner=town.mei.pk, reason="调休").status_code == 302
    assert sent(client, url(case, "name_contact"), contact=town.mei.pk).status_code == 302
    assert fresh(case).first_contact_owner == town.mei
    assert "王秀兰" in page(client, town.mei, case)
    assert "王秀兰" not in page(client, town.lin, case)


def test_the_letter_stands_on_the_page_of_the_case(client: Client, town: Town):
    case = course_matters.second_round(town)
    client.force_login(town.chen)
    answer = sent(client, url(case, "conclude"), letter="两轮均已查明。", review_body="街道信访办")
    assert answer.status_code == 302
    shown = page(client, town.lin, case)
    assert "两轮均已查明。" in shown
    assert "街道信访办" in shown


# Nudging and pressing.


def test_the_owner_nudges_the_department_that_works(client: Client, town: Town, main: TransferSlip):
    client.force_login(town.lin)
    address = url(main.case, "nudge")
    assert sent(client, address, slips=[main.pk], wanted="请回电。", due_at="2026-03-03T12:00").status_code == 302
    assert "请回电。" in page(client, town.wang, main)


def test_a_notice_to_the_department_stands_on_the_page_until_it_is_answered(
    client: Client, town: Town, main: TransferSlip
):
    address = reverse("desk:slip_verb", args=[main.pk, "press"])
    client.force_login(town.feng)
    assert sent(client, address, wanted="说明原因。", due_at="2026-03-04T12:00").status_code == 302
    notice = SupervisionNotice.objects.get()
    assert notice.number in page(client, town.wang, main)
    answer = reverse("desk:slip_verb", args=[main.pk, "answer_press"])
    form = client.get(answer).content.decode()
    assert "说明原因。" in form
    assert sent(client, answer, answer="周三施工。").status_code == 302
    assert "周三施工。" in page(client, town.feng, main)


def test_a_moment_that_has_passed_is_refused_at_its_field(client: Client, town: Town):
    case = matters.accepted(town)
    client.force_login(town.feng)
    answer = sent(client, url(case, "press"), wanted="说明原因。", due_at="2026-03-01T12:00")
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["due_at"])
    assert "说明原因。" in answer.content.decode()


def test_a_form_sent_twice_issues_one_notice(client: Client, town: Town):
    case = matters.accepted(town)
    client.force_login(town.feng)
    address = url(case, "press")
    form = client.get(address).context["form"]
    fields = {name: form[name].value() for name in ("transition_no", "submission_key")}
    fields |= {"wanted": "说明原因。", "due_at": "2026-03-03T12:00"}
    assert client.post(address, fields).status_code == 302
    assert client.post(address, fields).status_code in (403, 409, 422)
    assert SupervisionNotice.objects.count() == 1


# The list of notices.

LIST = "/supervision/"


def test_what_waits_comes_first_with_its_time_left_the_next_due_on_top(client: Client, town: Town):
    slip, case = matters.investigating(town), matters.accepted(town, identity="anonymous")
    press(slip, town.feng, due_at=matters.MONDAY.replace(day=6))
    press(case, town.feng, due_at=matters.MONDAY.replace(day=4))
    client.force_login(town.feng)
    rows = client.get(LIST).context["rows"]
    assert [row.notice.case for row in rows] == [case, slip.case]


def test_answered_ones_have_a_page_of_their_own_and_departments_are_counted(client: Client, town: Town):
    slip = matters.investigating(town)
    press(slip, town.feng)
    press(matters.accepted(town, identity="anonymous"), town.feng)
    report(TransferSlip.objects.get(pk=slip.pk), town.wang)
    client.force_login(town.chen)
    assert [row.notice.slip for row in client.get(LIST, {"state": "answered"}).context["rows"]] == [slip]
    owing = {one.name: (one.open, one.answered) for one in client.get(LIST).context["owing"]}
    assert owing[town.works.name] == (0, 1)
    assert sorted(owing.values()) == [(0, 1), (1, 0)]
    of_works = client.get(LIST, {"of": str(town.works.pk), "state": "answered"})
    assert len(of_works.context["rows"]) == 1
    assert client.get(LIST, {"of": str(town.property.pk), "state": "answered"}).context["rows"] == []
    assert client.get(LIST, {"of": "x'", "state": "nothing", "after": "9-"}).status_code == 200


def test_other_halls_and_barred_people_read_none_of_them(client: Client, town: Town):
    case = matters.accepted(town)
    press(case, town.tang)
    client.force_login(town.han)
    assert client.get(LIST).context["rows"] == []
    case.parts.create(staff=town.feng, role="barred", started_at=matters.MONDAY)
    client.force_login(town.feng)
    shown = client.get(LIST)
    assert (shown.context["rows"], shown.context["owing"]) == ([], [])


def test_thirty_notices_cost_no_more_queries_than_three(queries: Any, town: Town):
    resident = matters.a_resident(town)

    def more(count: int) -> None:
        for _one in range(count):
            press(matters.accepted(town, resident=resident), town.feng)

    more(3)
    few = queries(town.feng, LIST)
    more(9)
    assert queries(town.feng, LIST) == few <= 8


MARKUP = '<i hx-post="/cases/" hx-trigger="load">a<b'


def test_what_people_wrote_is_quoted_beside_a_field_as_text(client: Client, town: Town):
    """A wish, and what a notice wants, come from one person and are read by another in their own session."""
    case = course_matters.about_staff(town)
    ask_withdrawal(case, town.lin, text=MARKUP)
    client.force_login(town.feng)
    for verb in ("withdraw", "refuse_withdrawal"):
        form = client.get(url(case, verb)).content.decode()
        assert "<i hx-post" not in form
        assert "&lt;i hx-post" in form
    other = matters.accepted(town)
    press(other, town.chen, wanted=MARKUP)
    client.force_login(town.lin)
    form = client.get(url(other, "answer_press")).content.decode()
    assert "<i hx-post" not in form
    assert "&lt;i hx-post" in form
