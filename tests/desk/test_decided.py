"""What was asked or decided stands on the first page of whoever has to do it, until it is done."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from cases.actions.bar import bar
from cases.actions.withdraw import wish_withdrawal
from cases.models import Case
from followups.board.drafting import discard, give_back, hand_in
from followups.board.publishing import publish, take_down
from foundation.organization.models import Membership, Role, Staff
from tests import complaint_matters, matters
from tests.builders import Town
from tests.cases.course_steps import ask_withdrawal, refuse_withdrawal
from tests.cases.steps import fresh, inform
from tests.complaints.procedure import apologise, confirm_correction, sanction
from tests.desk.matters import MONDAY
from tests.postings import drafted, press

pytestmark = pytest.mark.usefixtures("monday")

HOMES = {"desk": "/desk/", "inbox": "/inbox/", "dashboard": "/dashboard/"}
EARLIER = MONDAY - timedelta(days=4)
HOUR = timedelta(hours=1)


def shown(client: Client, staff: Staff, home: str = "desk") -> list[tuple[str, str]]:
    """The number of each row, and where its button leads."""
    client.force_login(staff)
    return [(row.number, row.url) for row in client.get(HOMES[home]).context["decided"]]


def wished(case: Case) -> Case:
    return wish_withdrawal(case_id=case.pk, now=MONDAY - HOUR, wish="已经自己修好了，不用再办。")


def answered(town: Town) -> Case:
    """It proved true, the resident was told, and the hall apologises in public."""
    case = complaint_matters.found(town, now=EARLIER)
    apologise(case, town.chen, EARLIER + 2 * HOUR)
    return fresh(inform(case, town.lin, EARLIER + 3 * HOUR))


def to_correct(town: Town, day: date = date(2026, 3, 20)) -> Case:
    case = complaint_matters.found(town, now=EARLIER)
    sanction(case, town.chen, EARLIER + 2 * HOUR, kind="correction", correct_by=day)
    return fresh(case)


# A wish to withdraw.


def test_a_wish_from_the_tracking_page_waits_for_the_desk(client: Client, town: Town) -> None:
    case = wished(fresh(matters.transferred(town, now=EARLIER)))
    page = f"/cases/{case.number}/"
    assert shown(client, town.lin) == shown(client, town.mei) == [(case.number, page)]
    assert shown(client, town.chen) == shown(client, town.feng, "dashboard") == []
    refuse_withdrawal(case, town.lin, MONDAY)
    assert shown(client, town.lin) == []


def test_about_staff_the_wish_waits_for_the_supervisors(client: Client, town: Town) -> None:
    slip = matters.transferred(town, now=EARLIER, nature="complaint")
    case = bar(case_id=slip.case_id, staff=town.qian, reason="被投诉", actor=None, now=EARLIER)
    ask_withdrawal(case, town.lin, EARLIER + HOUR)
    row = (case.number, f"/cases/{case.number}/")
    assert shown(client, town.feng, "dashboard") == shown(client, town.tang, "dashboard") == [row]
    assert shown(client, town.lin) == shown(client, town.chen) == []


def test_without_a_receptionist_the_director_speaks_with_the_resident(client: Client, town: Town) -> None:
    case = wished(fresh(matters.transferred(town, now=EARLIER)))
    Membership.objects.filter(role=Role.RECEPTIONIST, hall=town.north).update(ended_at=MONDAY)
    assert shown(client, town.chen) == [(case.number, f"/cases/{case.number}/")]


# An apology or correction in public.


def test_an_apology_waits_to_be_drafted_then_to_be_reviewed_until_it_hangs_on_the_board(
    client: Client, town: Town
) -> None:
    case = answered(town)
    assert shown(client, town.lin) == [(case.number, f"/cases/{case.number}/draft_posting/?kind=correction")]
    assert shown(client, town.chen) == []
    posting = drafted(town, case=case, kind="correction")
    at_posting = [(case.number, f"/board/{posting.pk}/")]
    assert (shown(client, town.lin), shown(client, town.chen)) == (at_posting, [])
    posting = press(hand_in, posting, town.lin)
    assert (shown(client, town.lin), shown(client, town.chen)) == ([], at_posting)
    posting = press(give_back, posting, town.chen, remark="写短一些。")
    assert (shown(client, town.lin), shown(client, town.chen)) == (at_posting, [])
    posting = press(publish, press(hand_in, posting, town.lin), town.chen)
    assert shown(client, town.lin) == shown(client, town.chen) == []
    press(take_down, posting, town.chen, because="over")
    assert shown(client, town.lin) == shown(client, town.chen) == []


def test_a_draft_that_was_discarded_is_to_be_drafted_again(client: Client, town: Town) -> None:
    case = answered(town)
    press(discard, drafted(town, case=case, kind="correction"), town.lin)
    assert shown(client, town.lin) == [(case.number, f"/cases/{case.number}/draft_posting/?kind=correction")]


def test_nothing_is_drafted_before_the_resident_was_told_or_once_the_director_thinks_better_of_it(
    client: Client, town: Town
) -> None:
    untold = complaint_matters.found(town, now=EARLIER)
    apologise(untold, town.chen, EARLIER + 2 * HOUR)
    assert shown(client, town.lin) == []
    case = answered(town)
    assert [number for number, _url in shown(client, town.lin)] == [case.number]
    apologise(case, town.chen, MONDAY - HOUR, kind="none", text="已当面致歉。")
    assert shown(client, town.lin) == []


def test_decided_anew_after_it_hung_there_it_waits_again(client: Client, town: Town) -> None:
    case = answered(town)
    posting = press(hand_in, drafted(town, case=case, kind="correction"), town.lin)
    press(publish, posting, town.chen, now=MONDAY - 2 * HOUR)
    assert shown(client, town.lin) == []
    apologise(case, town.chen, MONDAY - HOUR, kind="correction", text="前次说明有误，更正如下。")
    assert [number for number, _url in shown(client, town.lin)] == [case.number]


# What is to be put right by a date.


def test_a_correction_stands_with_the_director_and_the_head_until_it_is_confirmed(client: Client, town: Town) -> None:
    case = to_correct(town)
    confirm = f"/cases/{case.number}/confirm_correction/"
    assert shown(client, town.chen) == [(case.number, confirm)]
    # Zhao heads the department that looked into it: she sees to it that it is done, and confirms nothing.
    assert shown(client, town.zhao, "inbox") == [(case.number, f"/cases/{case.number}/")]
    assert shown(client, town.lin) == shown(client, town.wang, "inbox") == shown(client, town.zhou, "inbox") == []
    assert shown(client, town.feng, "dashboard") == []
    client.force_login(town.chen)
    assert client.get(confirm).status_code == 200
    confirm_correction(case, town.chen, case.sanctions.get(), MONDAY)
    assert shown(client, town.chen) == shown(client, town.zhao, "inbox") == []


@pytest.mark.parametrize(("day", "card"), [(20, ""), (3, "yellow"), (2, "yellow"), (1, "red")])
def test_it_turns_yellow_towards_its_day_and_red_after_it(client: Client, town: Town, day: int, card: str) -> None:
    """Decided on Thursday the 26th of February, looked at on Monday the 2nd of March."""
    to_correct(town, date(2026, 3, day))
    client.force_login(town.chen)
    assert [row.card for row in client.get("/desk/").context["decided"]] == [card]


def test_what_has_a_day_stands_first_the_nearest_before_the_rest(client: Client, town: Town) -> None:
    late, soon = to_correct(town, date(2026, 3, 20)), to_correct(town, date(2026, 3, 4))
    Membership.objects.filter(role=Role.RECEPTIONIST, hall=town.north).update(ended_at=MONDAY)
    wish = wished(fresh(matters.transferred(town, now=EARLIER)))
    assert [number for number, _url in shown(client, town.chen)] == [soon.number, late.number, wish.number]


def test_of_what_the_director_looked_into_the_street_office_confirms(client: Client, town: Town) -> None:
    case = to_correct(town)
    case.parts.create(staff=town.chen, role="handler", round=1, started_at=EARLIER)
    confirm = [(case.number, f"/cases/{case.number}/confirm_correction/")]
    assert shown(client, town.chen) == shown(client, town.feng, "dashboard") == []
    assert shown(client, town.tang, "dashboard") == confirm


# For everybody.


def test_whoever_is_barred_finds_nothing_of_it(client: Client, town: Town) -> None:
    case = to_correct(town)
    apologise(case, town.chen, EARLIER + 3 * HOUR)
    inform(case, town.lin, EARLIER + 4 * HOUR)
    for staff in (town.chen, town.lin, town.zhao):
        bar(case_id=case.pk, staff=staff, reason="被投诉", actor=None, now=MONDAY)
    assert shown(client, town.chen) == shown(client, town.lin) == shown(client, town.zhao, "inbox") == []
    assert [number for number, _url in shown(client, town.mei)] == [case.number]
    assert [number for number, _url in shown(client, town.tang, "dashboard")] == [case.number]
    assert shown(client, town.feng, "dashboard") == []


@pytest.mark.parametrize("who", ["lu", "han"])
def test_another_hall_sees_nothing_of_it(client: Client, town: Town, who: str) -> None:
    answered(town), to_correct(town), wished(fresh(matters.transferred(town, now=EARLIER)))
    assert shown(client, getattr(town, who)) == []


def test_ten_of_each_cost_no_more_queries_than_one(queries: Any, town: Town) -> None:
    homes = ((town.lin, "/desk/"), (town.chen, "/desk/"), (town.zhao, "/inbox/"), (town.tang, "/dashboard/"))

    def work(times: int) -> None:
        for _number in range(times):
            answered(town), to_correct(town), wished(fresh(matters.transferred(town, now=EARLIER)))

    work(1)
    few = {home: queries(*home) for home in homes}
    work(3)
    assert {home: queries(*home) for home in homes} == few
