"""The rectification notice about a shared result, as the department reads it that does not see the neighbour's case."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions.bar import bar
from cases.models import Case
from foundation.notifications.models import Alert
from foundation.organization.models import Staff
from tests import matters
from tests.builders import Town
from tests.cases import steps
from tests.followups.merged_stories import (
    HOUR,
    NAME,
    PHONE,
    REASONS,
    RESULT,
    ROOM,
    THURSDAY,
    WEDNESDAY,
    address,
    neighbour,
    notified,
    told,
    unhappy,
)
from tests.matters import MONDAY
from tests.test_barred import addresses_of

MASKED = "李**"
PERSONAL = (NAME, PHONE, PHONE[-4:], ROOM)


def read(client: Client, staff: Staff, url: str, *, status: int = 200) -> str:
    client.force_login(Staff.objects.get(pk=staff.pk))
    client.cookies["django_language"] = "en"
    answer = client.get(url, follow=True)
    assert answer.status_code == status, url
    return unescape(answer.content.decode())


def page_of(case: Case) -> str:
    return reverse("desk:case_detail", args=[case.number])


@pytest.mark.parametrize("who", ["wang", "qian", "zhao"])
def test_the_alert_leads_to_what_went_wrong_and_not_to_who_said_it(client: Client, town: Town, who: str) -> None:
    notice, main = notified(town)
    reader = getattr(town, who)
    alert = Alert.objects.get(key=f"notice:{notice.pk}", recipient=reader)
    page = read(client, reader, reverse("desk:alert_open", args=[alert.pk]))
    for expected in (notice.number, notice.case.title, REASONS, RESULT, town.works.name, main.case.number, MASKED):
        assert expected in page, expected
    for personal in PERSONAL:
        assert personal not in page, personal
    assert "identity hidden" not in page


def test_nothing_else_of_the_neighbours_case_opens_to_the_department(client: Client, town: Town) -> None:
    notice, _main = notified(town)
    case = notice.case
    for reader in (town.wang, town.zhao):
        client.force_login(Staff.objects.get(pk=reader.pk))
        for url in addresses_of(case):
            assert client.get(url).status_code in (403, 404, 405), url
            assert client.post(url).status_code in (403, 404, 405), url
        for listed in ("desk:case_list", "desk:search", "desk:inbox"):
            for words in (case.number, NAME, PHONE):
                answer = client.get(reverse(listed), {"q": words})
                assert page_of(case) not in answer.content.decode()


def test_the_way_back_leads_to_the_main_case_where_the_notice_is_found_again(client: Client, town: Town) -> None:
    notice, main = notified(town)
    assert f'href="{page_of(main.case)}"' in read(client, town.wang, address(notice, town.wang))
    shown = read(client, town.wang, page_of(main.case))
    assert f'href="{address(notice, town.wang)}"' in shown
    assert page_of(notice.case) not in shown


def test_another_department_with_the_main_cases_second_round_is_not_shown_the_way_to_it(
    client: Client, town: Town
) -> None:
    notice, main = notified(town)
    steps.inform(main, town.lin, WEDNESDAY)
    steps.reopen(main, town.mei, WEDNESDAY)
    steps.transfer(main, town.lin, town.property, THURSDAY)
    shown = read(client, town.zhou, page_of(main.case))
    assert notice.case.number in shown
    assert notice.number not in shown
    read(client, town.zhou, reverse("desk:print_notice", args=[notice.number]), status=404)


def test_the_hall_reads_who_it_is_as_on_every_paper_and_goes_back_to_the_case(client: Client, town: Town) -> None:
    notice, _main = notified(town)
    for reader in (town.lin, town.chen, town.feng, town.tang):
        page = read(client, reader, reverse("desk:print_notice", args=[notice.number]))
        assert NAME in page
        assert PHONE not in page
        assert f'href="{page_of(notice.case)}"' in page


def test_the_case_page_of_the_neighbour_says_which_department_answers_for_it(client: Client, town: Town) -> None:
    notice, main = notified(town)
    shown = read(client, town.lin, page_of(notice.case))
    for expected in (notice.number, town.works.name, REASONS, main.case.number):
        assert expected in shown, expected


@pytest.mark.parametrize("barred_from", ["main", "merged"])
def test_who_is_barred_from_either_finds_no_notice(client: Client, town: Town, barred_from: str) -> None:
    notice, main = notified(town)
    barred = main.case_id if barred_from == "main" else notice.case_id
    for one in (town.zhao, town.lin):
        bar(case_id=barred, staff=one, reason="来信点名", actor=town.chen, now=THURSDAY)
        read(client, one, reverse("desk:print_notice", args=[notice.number]), status=404)


def test_the_notices_of_neighbours_with_one_result_are_printed_for_as_many_queries_as_one(
    client: Client, town: Town, queries: Callable[[Staff, str], int]
) -> None:
    main = matters.investigating(town)
    cases = [neighbour(town, main), neighbour(town, main, name="赵建国", phone="13805716044")]
    steps.report(main, town.wang, MONDAY + HOUR, result=RESULT)
    for case in cases:
        unhappy(town, told(town, case))
    first, both = (
        f"{reverse('desk:print_selection')}?paper=rectification" + "".join(f"&case={case.number}" for case in chosen)
        for chosen in (cases[:1], cases)
    )
    assert queries(town.lin, both) == queries(town.lin, first)
    page = read(client, town.lin, both)
    assert page.count(RESULT) == page.count(main.case.number + " ") == 2
    for name in (NAME, "赵建国"):
        assert name in page


def test_the_page_of_the_main_case_costs_no_more_for_the_notices_of_its_neighbours(
    town: Town, queries: Callable[[Staff, str], int]
) -> None:
    main = matters.investigating(town)
    cases = [neighbour(town, main), neighbour(town, main, name="赵建国", phone="13805716044")]
    main = steps.report(main, town.wang, MONDAY + HOUR)
    before = queries(town.wang, page_of(main.case))
    for case in cases:
        unhappy(town, told(town, case))
    assert queries(town.wang, page_of(main.case)) == before
