"""The printed papers: what stands on each, for whom it exists, whom it never names, one or a selection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from cases.actions.bar import bar
from cases.actions.extend import refuse_extension
from cases.actions.inform import inform
from cases.actions.return_slip import return_unsigned
from cases.actions.tell_limit import tell_limit
from cases.actions.transfer import transfer
from cases.models import Case, TransferSlip
from foundation.organization.models import Staff
from tests import complaint_matters, matters
from tests.builders import Town, make_town
from tests.cases import steps
from tests.cases.course_steps import merge
from tests.desk import papers
from tests.followups.stories import drawn_signature
from tests.matters import MONDAY
from web.desk.papers.table import PAPERS

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def town(db: None) -> Town:
    return make_town()


@pytest.fixture(autouse=True)
def _files_of_the_test_alone(tmp_path: Path) -> Iterator[None]:
    with override_settings(MEDIA_ROOT=tmp_path):
        yield


Read = Callable[..., str]


@pytest.fixture
def read(client: Client) -> Read:
    """The paper as this person reads it, in English, so that the words can be asked for."""

    def read(staff: Staff, address: str) -> str:
        client.force_login(staff)
        client.cookies["django_language"] = "en"
        response = client.get(address)
        assert response.status_code == 200, address
        return unescape(response.content.decode())

    return read


def of(case: Case, name: str) -> str:
    return reverse("desk:print_paper", args=[case.number, name])


def numbered(number: str) -> str:
    return reverse("desk:print_notice", args=[number])


def selection(name: str, *cases: Case) -> str:
    return f"{reverse('desk:print_selection')}?paper={name}" + "".join(f"&case={case.number}" for case in cases)


def offered(client: Client, staff: Staff, case: Case) -> set[str]:
    """The papers in the menu of the case page."""
    client.force_login(staff)
    response = client.get(reverse("desk:case_detail", args=[case.number]))
    return {sheet.paper.name for sheet in response.context["papers"]}


# What stands on each


def test_the_registration_form_has_every_field_of_the_paper_one(town: Town, read: Read):
    resident = matters.a_resident(
        town,
        sex="female",
        employer="北苑小学",
        estate="北苑小区",
        building="3",
        birth_date=MONDAY.date().replace(year=1980),
    )
    page = read(town.lin, of(matters.informed(town, resident=resident), "registration"))
    for expected in (
        "王秀兰",
        "46",
        "北苑小学",
        "138****6021",
        "北苑小区",
        "March 2, 2026",
        matters.LEAK,
        "屋顶已经修好。",
        "Lin",
    ):
        assert expected in page, expected
    assert "13805716021" not in page


def test_the_receipt_promises_the_new_date_once_the_extension_is_granted(town: Town, read: Read):
    extension = papers.asked(town)
    # Seven working days from Monday the 2nd; three more end on Monday the 16th.
    before = read(town.lin, of(extension.case, "receipt"))
    assert "March 11, 2026" in before
    assert "March 16, 2026" not in before
    after = read(town.lin, of(papers.extended(town).case, "receipt"))
    assert "You will be answered by March 16, 2026" in after
    assert "on the first receipt stands March 11, 2026" in after
    assert "extended" in after


@pytest.mark.parametrize(("phone", "asked"), [("13805716021", "the last four digits"), ("", "leave the digits empty")])
def test_the_receipt_says_what_the_tracking_page_asks_for(town: Town, read: Read, phone: str, asked: str):
    case = matters.accepted(town, resident=matters.a_resident(town, phone=phone))
    page = read(town.lin, of(case, "receipt"))
    assert [words for words in ("the last four digits", "leave the digits empty") if words in page] == [asked]


def test_the_refusal_notice_says_on_what_ground_where_to_go_and_where_to_ask_for_review(town: Town, read: Read):
    page = read(town.lin, of(papers.declined(town), "refusal"))
    assert "belongs to courts, arbitration or administrative review" in page
    assert papers.ADVICE in page
    assert "street office" in page
    assert "not accepted" in page


def test_what_had_its_final_answer_is_refused_by_another_title(town: Town, read: Read):
    page = read(town.chen, of(papers.declined(town, ground="final_answer"), "refusal"))
    assert "Notice that the matter is no longer accepted" in page


def test_the_transfer_slip_says_what_is_asked_of_whom_until_when(town: Town, read: Read):
    slip = matters.transferred(town)
    page = read(town.wang, reverse("desk:print_slip", args=[slip.pk]))
    for expected in (
        slip.number,
        "房屋建设办公室",
        "请上门查看并答复。",
        matters.LEAK,
        "王秀兰",
        "138****6021",
        "March 9, 2026",
    ):
        assert expected in page, expected


def test_the_extension_form_has_reason_old_and_new_date_and_the_decision(town: Town, read: Read):
    extension = papers.extended(town)
    page = read(town.chen, of(extension.case, "extension"))
    for expected in (
        papers.REASON,
        "3 working days",
        "March 11, 2026",
        "March 16, 2026",
        "同意，请告知居民。",
        "Chen",
        "Wang",
    ):
        assert expected in page, expected
    told_box = page[page.index("told the new date") - 120 : page.index("told the new date")]
    assert "box on" not in told_box
    case = Case.objects.get(pk=extension.case_id)
    tell_limit(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=MONDAY + timedelta(days=1, hours=4),
        means="phone",
        told_at=MONDAY + timedelta(days=1, hours=4),
    )
    page = read(town.chen, of(extension.case, "extension"))
    assert "box on" in page[page.index("told the new date") - 120 : page.index("told the new date")]


def test_a_refused_extension_leaves_the_new_date_empty(town: Town, read: Read):
    extension = papers.asked(town)
    slip = TransferSlip.objects.get(pk=extension.slip_id)
    refuse_extension(
        slip_id=slip.pk,
        transition_no=slip.transition_no,
        actor=town.chen,
        now=MONDAY + timedelta(days=1, hours=2),
        decision="材料已到货。",
    )
    page = read(town.chen, of(extension.case, "extension"))
    assert "材料已到货。" in page
    assert "March 11, 2026" in page
    assert "March 16, 2026" not in page


def test_the_feedback_sheet_has_result_remedy_prevention_and_the_answer(town: Town, read: Read):
    case = papers.second_round(town)
    page = read(town.lin, f"{of(case, 'feedback')}?round=2")
    for expected in ("排水泵烧坏。", "已更换。", "每月检查。", "排水泵已经更换。", "房屋建设办公室", "Lin"):
        assert expected in page, expected
    first = read(town.lin, f"{of(case, 'feedback')}?round=1")
    assert "屋顶已经修好。" in first
    assert "排水泵" not in first


def test_the_feedback_sheet_goes_along_before_the_resident_is_told(town: Town, read: Read):
    page = read(town.lin, of(matters.reported(town), "feedback"))
    assert "屋面防水层破损。" in page
    assert "已重做防水层。" in page


@pytest.fixture
def merged(town: Town) -> tuple[Case, TransferSlip]:
    """A neighbour with the same leak, and the main case that Wang reported on Tuesday."""
    main = matters.investigating(town)
    neighbour = matters.registered(town, resident=matters.a_resident(town, name="李桂芳", phone="13805716030"))
    neighbour = merge(neighbour, main, town.lin, papers.at(MONDAY, 0.1))
    steps.report(main, town.wang, papers.at(MONDAY, 1), result="防水层老化。", remedy="整层重做。")
    return steps.fresh(neighbour), main


def test_the_feedback_sheet_of_a_merged_case_has_the_result_of_the_main_case(
    town: Town, read: Read, merged: tuple[Case, TransferSlip]
):
    neighbour, main = merged
    page = read(town.lin, of(neighbour, "feedback"))
    for expected in ("防水层老化。", "整层重做。", "房屋建设办公室", neighbour.number):
        assert expected in page, expected
    # A later round of the main case is not what this neighbour is told.
    TransferSlip.objects.filter(case=main.case_id).update(reported_at=papers.at(MONDAY, 1.5))
    assert "防水层老化。" not in read(town.lin, of(neighbour, "feedback"))


def test_who_is_barred_from_the_main_case_prints_no_sheet_of_a_merged_one(
    client: Client, town: Town, merged: tuple[Case, TransferSlip]
):
    neighbour, main = merged
    client.force_login(town.lin)
    assert client.get(of(neighbour, "feedback")).status_code == 200
    bar(case_id=main.case_id, staff=town.lin, reason="被投诉", actor=None, now=papers.at(MONDAY, 1.1))
    assert client.get(of(neighbour, "feedback")).status_code == 404


def test_the_second_round_of_a_merged_case_has_its_own_result_and_the_first_keeps_that_of_the_main_case(
    town: Town, read: Read, merged: tuple[Case, TransferSlip]
):
    neighbour, _main = merged
    told = steps.inform(neighbour, town.lin, papers.at(MONDAY, 1.1))
    papers.followed_up(town, told, solved="no", satisfaction="dissatisfied", reasons=papers.NOT_SATISFIED)
    slip = steps.transfer(told, town.lin, town.property, papers.at(MONDAY, 3))
    slip = steps.sign_in(slip, town.zhou, town.sun, papers.at(MONDAY, 3))
    slip = steps.contact(slip, town.sun, papers.at(MONDAY, 3))
    slip = steps.investigate(slip, town.sun, papers.at(MONDAY, 3))
    steps.report(slip, town.sun, papers.at(MONDAY, 3.1), result="落水管堵塞。", remedy="已疏通。")
    second = read(town.lin, f"{of(neighbour, 'feedback')}?round=2")
    assert "落水管堵塞。" in second
    assert "防水层老化。" not in second
    first = read(town.lin, f"{of(neighbour, 'feedback')}?round=1")
    assert "防水层老化。" in first
    assert "落水管堵塞。" not in first


def test_the_residents_copies_are_silent_about_who_sent_the_matter_back_and_forth(town: Town, read: Read):
    slip = matters.transferred(town, department=town.property)
    reason = "不归我们管，找别的部门。"
    return_unsigned(slip_id=slip.pk, transition_no=slip.transition_no, actor=town.zhou, now=MONDAY, reason=reason)
    case = Case.objects.get(pk=slip.case_id)
    transfer(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=MONDAY,
        department=town.works,
        instruction="内部意见：物业推诿。",
    )
    for name in ("receipt", "registration"):
        page = read(town.lin, of(case, name))
        assert reason not in page
        assert "内部意见" not in page


def test_the_follow_up_sheet_has_the_three_questions_ticked_and_the_reasons(town: Town, read: Read):
    case = papers.dissatisfied(town).case
    page = read(town.lin, of(case, "follow-up"))
    assert papers.NOT_SATISFIED in page
    for ticked in ("yes", "not solved", "not satisfied", "by phone"):
        assert f'box on" role="img" aria-label="ticked"></span>{ticked}</span>' in page, ticked
    for empty in ("solved", "partly solved", "satisfied", "home visit"):
        assert f'box"></span>{empty}</span>' in page, empty


def test_before_anybody_asked_no_box_of_the_follow_up_sheet_is_ticked(town: Town, read: Read):
    page = read(town.mei, of(matters.informed(town), "follow-up"))
    assert "box on" not in page
    assert "Were you contacted?" in page


def test_the_supervision_notice_says_what_is_wanted_by_when_and_the_answer(town: Town, read: Read):
    page = read(town.feng, numbered(papers.answered(town).number))
    for expected in (papers.WANTED, papers.ANSWER, "March 5, 2026", "房屋建设办公室", "Chen", "Wang"):
        assert expected in page, expected


def test_the_rectification_notice_says_why_the_resident_is_not_satisfied(town: Town, read: Read):
    notice = papers.dissatisfied(town)
    page = read(town.zhao, numbered(notice.number))
    for expected in (notice.number, papers.NOT_SATISFIED, "房屋建设办公室", "Wang", "屋面防水层破损。"):
        assert expected in page, expected


def test_the_letter_of_conclusion_gives_reasons_and_the_place_of_review(town: Town, read: Read):
    page = read(town.chen, of(papers.concluded(town), "conclusion"))
    assert papers.LETTER in page
    assert papers.REVIEW_BODY in page
    assert "王秀兰" in page


def test_the_signature_from_the_tablet_stands_on_the_paper(town: Town, client: Client, read: Read):
    case = matters.reported(town)
    inform(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=MONDAY + timedelta(hours=2),
        means="desk",
        text="屋顶已经修好。",
        signature=drawn_signature(),
    )
    picture = reverse("desk:attachment", args=[case.attachments.get(kind="signature").public_id])
    for name in ("registration", "feedback"):
        assert picture in read(town.lin, of(case, name))
    assert client.get(picture).status_code == 200


# When a paper exists, and for whom


def test_the_menu_lists_what_exists_now_and_nothing_else(town: Town, client: Client):
    assert offered(client, town.lin, matters.registered(town)) == {"registration"}
    assert offered(client, town.lin, matters.accepted(town)) == {"registration", "receipt"}
    assert offered(client, town.lin, papers.declined(town)) == {"registration", "refusal"}
    assert offered(client, town.lin, matters.transferred(town).case) == {"registration", "receipt", "slip"}
    extended = papers.extended(town).case
    assert offered(client, town.lin, extended) == {"registration", "receipt", "slip", "extension"}
    assert offered(client, town.wang, extended) == {"receipt", "slip", "extension"}
    concluded = offered(client, town.chen, papers.concluded(town))
    assert concluded == {"registration", "receipt", "slip", "feedback", "follow-up", "rectification", "conclusion"}
    assert "supervision" in offered(client, town.feng, papers.pressed(town).case)


def test_every_paper_of_the_menu_can_be_opened(town: Town, client: Client):
    for case in (papers.concluded(town), papers.answered(town).case, papers.extended(town).case, papers.declined(town)):
        for staff in (town.lin, town.chen, town.feng, town.tang):
            client.force_login(staff)
            sheets = client.get(reverse("desk:case_detail", args=[case.number])).context["papers"]
            assert [client.get(sheet.url).status_code for sheet in sheets] == [200] * len(sheets)


@pytest.mark.parametrize("name", [paper.name for paper in PAPERS if paper.name != "registration"])
def test_a_paper_that_does_not_exist_is_not_there(name: str, town: Town, client: Client):
    case = matters.registered(town)
    client.force_login(town.chen)
    assert client.get(of(case, name)).status_code == 404


def test_no_paper_goes_by_a_name_that_is_not_in_the_table(town: Town, client: Client):
    client.force_login(town.chen)
    assert client.get(of(matters.accepted(town), "praise")).status_code == 404


def test_a_round_that_never_was_has_no_paper(town: Town, client: Client):
    client.force_login(town.chen)
    assert client.get(f"{of(matters.informed(town), 'feedback')}?round=7").status_code == 404


def test_who_is_barred_finds_no_paper_of_the_case_not_even_in_a_selection(town: Town, client: Client):
    case = papers.second_round(town)
    notice = case.rectification_notices.get()
    bar(case_id=case.pk, staff=town.mei, actor=town.chen, now=MONDAY + timedelta(days=5), reason="被投诉人")
    client.force_login(town.mei)
    for name in ("registration", "receipt", "feedback", "follow-up"):
        assert client.get(of(case, name)).status_code == 404, name
    assert client.get(numbered(notice.number)).status_code == 404
    assert client.get(reverse("desk:print_slip", args=[case.slips.all()[0].pk])).status_code == 404
    other = matters.accepted(town)
    page = client.get(selection("receipt", case, other)).content.decode()
    assert other.number in page
    assert case.number not in page


# Whom a paper never names


def test_papers_for_departments_never_name_a_hidden_resident_whoever_prints_them(town: Town, read: Read):
    resident = matters.a_resident(town)
    who: dict[str, Any] = {"identity": "hidden", "resident": resident}
    notice, pressed, extended = (
        papers.dissatisfied(town, **who),
        papers.pressed(town, **who),
        papers.extended(town, **who),
    )
    addresses = [numbered(notice.number), numbered(pressed.number), of(extended.case, "extension")]
    addresses += [reverse("desk:print_slip", args=[slip.pk]) for slip in extended.case.slips.all()]
    for address in addresses:
        page = read(town.chen, address)
        assert "identity hidden" in page
        assert "王秀兰" not in page
        assert "6021" not in page


def test_papers_of_the_hall_name_a_hidden_resident_to_who_may_know_only(town: Town, read: Read):
    case = papers.second_round(town, identity="hidden")
    for name in ("registration", "receipt", "feedback", "follow-up"):
        assert "王秀兰" not in read(town.mei, of(case, name)), name
        assert "王秀兰" in read(town.chen, of(case, name)), name


def test_an_anonymous_matter_prints_without_a_resident(town: Town, read: Read):
    case = matters.informed(town, identity="anonymous", channel="web")
    for name in ("registration", "feedback", "follow-up"):
        assert "anonymous" in read(town.lin, of(case, name))


# What people typed is text


def test_markup_that_somebody_typed_is_printed_as_text(town: Town, client: Client):
    concluded = papers.concluded(town, matter=f"漏水{SCRIPT}", reasons=SCRIPT, letter=SCRIPT)
    extended, pressed = papers.asked(town, reason=SCRIPT), papers.pressed(town, wanted=SCRIPT)
    client.force_login(town.chen)
    names = ("registration", "receipt", "feedback", "follow-up", "conclusion")
    addresses = [of(concluded, name) for name in names]
    addresses += [of(extended.case, "extension"), numbered(pressed.number), numbered(f"{concluded.number}-R1")]
    for address in addresses:
        page = client.get(address).content.decode()
        assert SCRIPT not in page, address
    assert "&lt;script&gt;" in page


# A selection


def test_a_selection_prints_one_kind_of_paper_in_the_order_of_the_rows(town: Town, client: Client):
    first, second, declined = matters.accepted(town), matters.accepted(town), papers.declined(town)
    client.force_login(town.lin)
    response = client.get(selection("receipt", second, declined, first, second))
    assert [sheet.number for sheet in response.context["sheets"]] == [second.number, first.number]
    assert response.content.decode().count('<article class="paper') == 2


def test_of_several_rounds_a_selection_prints_the_last(town: Town, client: Client):
    case = papers.second_round(town)
    client.force_login(town.lin)
    assert [sheet.found.round for sheet in client.get(selection("feedback", case)).context["sheets"]] == [2]


def test_a_department_prints_its_own_slips_of_the_rows_ticked(town: Town, client: Client):
    own, others = matters.transferred(town), matters.transferred(town, department=town.property)
    client.force_login(town.wang)
    response = client.get(selection("slip", own.case, others.case))
    assert [sheet.number for sheet in response.context["sheets"]] == [own.number]


@pytest.mark.parametrize(
    "query", ["", "?paper=receipt", "?paper=nothing&case=NTH-2026-000001", "?case=NTH-2026-000001"]
)
def test_nothing_ticked_leads_back_to_the_list_with_a_word(query: str, town: Town, client: Client):
    client.force_login(town.lin)
    list_ = "http://testserver/cases/?state=open"
    response = client.get(reverse("desk:print_selection") + query, headers={"referer": list_})
    assert response.status_code == 302
    assert response["Location"] == list_


def test_a_list_elsewhere_is_not_gone_back_to(town: Town, client: Client):
    client.force_login(town.lin)
    response = client.get(reverse("desk:print_selection"), headers={"referer": "https://elsewhere.example/"})
    assert response["Location"] == reverse("desk:case_list")


def test_more_than_fifty_at_once_are_refused_and_fifty_are_not(town: Town, client: Client):
    case = matters.accepted(town)
    client.force_login(town.lin)
    address = reverse("desk:print_selection")
    numbers = [case.number, *(f"NTH-2025-{number:06}" for number in range(50))]
    assert client.get(address, {"paper": "receipt", "case": numbers}).status_code == 302
    assert client.get(address, {"paper": "receipt", "case": numbers[:50]}).status_code == 200


def test_rows_that_have_no_such_paper_lead_back_with_a_word(town: Town, client: Client):
    case = matters.accepted(town)
    client.force_login(town.lin)
    page = client.get(selection("conclusion", case), follow=True, headers={"accept-language": "en"})
    assert page.redirect_chain
    assert "error" in [message.level_tag for message in page.context["messages"]]


MAKERS: dict[str, Callable[[Town], Case]] = {
    "registration": matters.informed,
    "receipt": lambda town: papers.extended(town).case,
    "refusal": papers.declined,
    "slip": matters.reported,
    "extension": lambda town: papers.extended(town).case,
    "supervision": lambda town: papers.answered(town).case,
    "feedback": matters.informed,
    "follow-up": papers.followed_up,
    "rectification": lambda town: papers.dissatisfied(town).case,
    "conclusion": papers.concluded,
    "complaint": complaint_matters.whole,
}


@pytest.mark.parametrize("name", MAKERS)
def test_four_papers_cost_as_many_queries_as_one(
    name: str, town: Town, queries: Callable[[Staff, str], int], client: Client
):
    cases = [MAKERS[name](town) for _ in range(4)]
    one, four = queries(town.chen, selection(name, cases[0])), queries(town.chen, selection(name, *cases))
    assert client.get(selection(name, *cases)).content.decode().count('<article class="paper') == 4
    assert four == one
    assert one <= 12


def test_every_paper_of_the_table_is_counted_here():
    assert set(MAKERS) == {paper.name for paper in PAPERS}


# By hand, and on the lists


def test_the_empty_form_has_every_box_and_nobodys_name(town: Town, read: Read):
    matters.informed(town)
    page = read(town.lin, reverse("desk:print_empty"))
    assert "王秀兰" not in page
    assert "box on" not in page
    for choice in ("female", "phone call", "complaint", "urgent", "answered on the spot"):
        assert choice in page
    assert "北苑社区居民接待厅" in page


@pytest.mark.parametrize("name", ["case_list", "follow_up_list"])
def test_rows_of_the_desks_lists_can_be_ticked(name: str, town: Town, client: Client):
    case = matters.informed(town)
    client.force_login(town.lin)
    page = client.get(reverse(f"desk:{name}")).content.decode()
    assert f'name="case" value="{case.number}" form="print-ticked"' in page
    assert f'action="{reverse("desk:print_selection")}"' in page


def test_rows_of_the_inbox_can_be_ticked_for_what_departments_print(town: Town, client: Client):
    slip = matters.transferred(town)
    client.force_login(town.wang)
    page = client.get(reverse("desk:inbox")).content.decode()
    assert f'name="case" value="{slip.case.number}" form="print-ticked"' in page
    assert 'value="slip" selected' in page
    assert 'value="registration"' not in page
