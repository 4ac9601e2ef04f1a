"""After the follow-up: one-tap outcomes in the list, late answers, second looks, and how far the hall has come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from cases.actions.bar import bar
from cases.models import Case
from followups.models import Evaluation, FollowUpAttempt, LateAnswer, SecondLook, SecondLookShare
from tests.after_matters import WEDNESDAY, answered_late, archived, unsettled
from tests.builders import Town
from tests.matters import a_resident, informed

LIST = "/follow-ups/"
LATE = "/late-answers/"
LOOKS = "/second-looks/"
THURSDAY = WEDNESDAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def thursday() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(THURSDAY, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def english(client: Client) -> None:
    client.cookies["django_language"] = "en"


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def form_of(page: str, number: str) -> dict[str, str]:
    """What the browser sends from the little form of this row."""
    forms = [part.partition("</form>")[0] for part in page.split("<form")[1:]]
    [own] = [form for form in forms if f"/cases/{number}/attempt_follow_up/" in form]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', own))


# In the worklist itself


def test_nobody_reached_is_recorded_in_the_row(client: Client, town: Town) -> None:
    case = informed(town)
    client.force_login(town.mei)
    sent = form_of(read(client, LIST), case.number) | {"action": "not_reached"}
    assert client.post(f"/cases/{case.number}/attempt_follow_up/", sent)["Location"] == LIST
    attempt = FollowUpAttempt.objects.get()
    assert (attempt.is_reached, attempt.means, attempt.by) == (False, "phone", town.mei)


def test_all_well_is_recorded_in_the_row_and_once(client: Client, town: Town) -> None:
    case = informed(town)
    client.force_login(town.mei)
    sent = form_of(read(client, LIST), case.number) | {"action": "all_well"}
    assert client.post(f"/cases/{case.number}/attempt_follow_up/", sent)["Location"] == LIST
    said = Evaluation.objects.get()
    assert (said.is_contacted, said.solved, said.satisfaction, said.channel) == (True, "yes", "satisfied", "phone")
    assert fresh(case).state == "archived"
    client.post(f"/cases/{case.number}/attempt_follow_up/", sent)
    assert Evaluation.objects.count() == 1


def test_it_takes_two_presses_and_no_script(client: Client, town: Town) -> None:
    """The buttons lie folded away behind a word of their own; what a browser does with that needs no JavaScript."""
    informed(town)
    client.force_login(town.mei)
    page = read(client, LIST)
    folded = re.findall(r"<details class=\"menu\">.*?</details>", page, re.DOTALL)
    assert sum('value="all_well"' in part for part in folded) == page.count('value="all_well"') == 1


def test_of_an_anonymous_resident_nothing_can_be_said_in_one_press(client: Client, town: Town) -> None:
    informed(town, identity="anonymous", channel="web")
    client.force_login(town.mei)
    assert "all_well" not in read(client, LIST)


def test_on_an_old_page_all_well_does_not_undo_what_a_colleague_wrote(client: Client, town: Town) -> None:
    case = informed(town)
    client.force_login(town.mei)
    sent = form_of(read(client, LIST), case.number)
    client.post(f"/cases/{case.number}/attempt_follow_up/", sent | {"action": "not_reached"})
    answer = client.post(f"/cases/{case.number}/attempt_follow_up/", sent | {"action": "all_well"})
    assert answer.status_code == 409
    assert fresh(case).state == "follow_up"


# Late answers


def test_the_director_finds_what_waits_and_reopens_it(client: Client, town: Town) -> None:
    case = unsettled(town)
    client.force_login(town.chen)
    page = read(client, LATE)
    assert "下雨又漏了" in page
    assert f"/cases/{case.number}/reopen_archived/" in page
    sent = {"transition_no": case.transition_no, "submission_key": "0b0e6a2c-6d3c-4a51-8a7e-3f0a3d2f9d11"}
    answer = client.post(f"/cases/{case.number}/reopen_archived/", {**sent, "reason": "请另派人"})
    assert answer["Location"] == f"/cases/{case.number}/"
    assert (fresh(case).state, fresh(case).round) == ("accepted", 2)
    assert "下雨又漏了" not in read(client, LATE)
    assert "请另派人" in read(client, f"{LATE}?state=decided")


def test_or_leaves_it_closed_with_a_word(client: Client, town: Town) -> None:
    case = unsettled(town)
    client.force_login(town.chen)
    sent = {"transition_no": case.transition_no, "submission_key": "0b0e6a2c-6d3c-4a51-8a7e-3f0a3d2f9d11"}
    assert client.post(f"/cases/{case.number}/keep_closed/", {**sent, "word": ""}).status_code == 422
    client.post(f"/cases/{case.number}/keep_closed/", {**sent, "word": "已上门说明"})
    assert LateAnswer.objects.get().decision == "closed"
    assert fresh(case).state == "archived"


def test_supervisors_read_them_and_decide_nothing(client: Client, town: Town) -> None:
    unsettled(town)
    client.force_login(town.feng)
    page = read(client, LATE)
    assert "下雨又漏了" in page
    assert "reopen_archived" not in page


def test_the_case_page_shows_what_came_late_and_what_was_decided(client: Client, town: Town) -> None:
    case = unsettled(town)
    client.force_login(town.chen)
    page = read(client, f"/cases/{case.number}/")
    assert "下雨又漏了" in page
    assert "waits for the director" in page
    assert f"/cases/{case.number}/reopen_archived/" in page


def test_the_worklist_says_how_many_wait(client: Client, town: Town) -> None:
    unsettled(town)
    client.force_login(town.chen)
    assert client.get(LIST).context["late"] == "1"
    client.force_login(town.mei)
    assert LATE not in read(client, LIST)


def test_thanks_stand_apart_from_what_must_be_decided(client: Client, town: Town) -> None:
    answered_late(archived(town), solved="yes", satisfaction="satisfied", reasons="", remark="谢谢师傅")
    client.force_login(town.chen)
    assert "谢谢师傅" not in read(client, LATE)
    assert "谢谢师傅" in read(client, f"{LATE}?state=content")


def test_a_barred_director_finds_and_counts_none_of_it(client: Client, town: Town) -> None:
    case = unsettled(town)
    bar(case_id=case.pk, staff=town.chen, reason="被投诉人", actor=None, now=THURSDAY)
    client.force_login(town.chen)
    assert "下雨又漏了" not in read(client, LATE)
    assert client.get(LIST).context["late"] == "0"
    assert client.get(f"/cases/{case.number}/reopen_archived/").status_code == 404


def test_where_the_director_is_barred_the_street_finds_the_buttons_beside_the_answer(
    client: Client, town: Town
) -> None:
    """However many answers of other matters stand above it, which are the director's."""
    plain = unsettled(town)
    about = unsettled(town, resident=a_resident(town, name="李桂芳", phone="13805716040"))
    bar(case_id=about.pk, staff=town.chen, reason="被投诉", actor=None, now=THURSDAY)
    client.force_login(town.tang)
    page = read(client, LATE)
    assert f"/cases/{about.number}/keep_closed/" in page
    assert f"/cases/{plain.number}/keep_closed/" not in page
    client.force_login(town.chen)
    page = read(client, LATE)
    assert f"/cases/{plain.number}/keep_closed/" in page
    assert about.number not in page


def test_a_supervisor_of_another_hall_finds_nothing(client: Client, town: Town) -> None:
    unsettled(town)
    client.force_login(town.han)
    assert "下雨又漏了" not in read(client, LATE)


# Second looks


def drawn(town: Town, share: int = 100) -> Case:
    SecondLookShare.objects.filter(hall=town.north).update(percent=share)
    return archived(town)


def test_the_head_finds_what_was_drawn_and_writes_down_what_differs(client: Client, town: Town) -> None:
    case = drawn(town)
    client.force_login(town.zhao)
    assert f"/cases/{case.number}/look_again/" in read(client, LOOKS)
    page = read(client, f"/cases/{case.number}/look_again/")
    assert "屋顶已经修好。" in page
    assert "138****6021" in page
    assert "13805716021" not in page
    sent = {"transition_no": case.transition_no, "submission_key": "0b0e6a2c-6d3c-4a51-8a7e-3f0a3d2f9d11"}
    wrong = client.post(f"/cases/{case.number}/look_again/", {**sent, "outcome": "differs", "remark": "打了两次"})
    assert wrong.status_code == 422
    assert wrong.context["form"].errors.keys() == {"differs"}
    assert "打了两次" in wrong.content.decode()
    answer = client.post(f"/cases/{case.number}/look_again/", {**sent, "outcome": "differs", "differs": "没修好"})
    assert answer["Location"] == LOOKS
    assert SecondLook.objects.get().by == town.zhao
    assert case.number not in read(client, LOOKS)
    client.force_login(town.chen)
    assert "没修好" in read(client, LATE)
    assert "没修好" in read(client, f"/cases/{case.number}/")


def test_coverage_counts_what_is_due_and_done_for_each_role(client: Client, town: Town) -> None:
    case = drawn(town)
    archived(town)
    client.force_login(town.zhao)
    sent = {"transition_no": case.transition_no, "submission_key": "0b0e6a2c-6d3c-4a51-8a7e-3f0a3d2f9d11"}
    client.post(f"/cases/{case.number}/look_again/", {**sent, "outcome": "confirmed"})
    informed(town)
    client.force_login(town.feng)
    covered = [(one.done, one.of, one.percent) for one in client.get(LOOKS).context["coverage"]]
    # The director, the heads, and of three who were told, two were followed up.
    assert covered == [(0, 2, 0), (1, 2, 50), (2, 3, 67)]


def test_coverage_says_what_the_next_level_did_and_what_nobody_is_left_for(client: Client, town: Town) -> None:
    above, nobody = drawn(town), archived(town)
    SecondLookShare.objects.filter(hall=town.north, role="head").update(percent=0)
    for case, unfit in ((above, [town.chen]), (nobody, [town.chen, town.tang, town.feng])):
        for person in unfit:
            case.parts.create(staff=person, role="handler", round=1, started_at=WEDNESDAY)
    client.force_login(town.tang)
    assert f"/cases/{above.number}/look_again/" in read(client, LOOKS)
    # Supervisors see no number in full, also where they stand in.
    assert "The desk of the hall looks the number up for you" in read(client, f"/cases/{above.number}/look_again/")
    sent = {"transition_no": above.transition_no, "submission_key": "0b0e6a2c-6d3c-4a51-8a7e-3f0a3d2f9d12"}
    answer = client.post(f"/cases/{above.number}/look_again/", {**sent, "outcome": "confirmed"})
    assert answer["Location"] == LOOKS
    page = client.get(LOOKS)
    director = page.context["coverage"][0]
    assert (director.done, director.of, director.percent) == (1, 1, 100)
    words = page.content.decode()
    assert "1 done by the next level" in words
    assert "for 1 more nobody is left" in words


def test_a_head_counts_their_own_department_alone(client: Client, town: Town) -> None:
    drawn(town)
    client.force_login(town.zhou)
    assert [one.of for one in client.get(LOOKS).context["coverage"]] == [0, 0, 0]


def test_a_hidden_identity_stays_hidden(client: Client, town: Town) -> None:
    SecondLookShare.objects.filter(hall=town.north).update(percent=100)
    case = archived(town, identity="hidden")
    client.force_login(town.zhao)
    assert case.number not in read(client, LOOKS)
    assert client.get(f"/cases/{case.number}/look_again/").status_code == 302
    client.force_login(town.feng)
    assert "王秀兰" not in read(client, LOOKS)
    client.force_login(town.chen)
    assert "王秀兰" in read(client, f"/cases/{case.number}/look_again/")


def test_the_last_quarter_can_still_be_finished(client: Client, town: Town, thursday: time_machine.Traveller) -> None:
    case = drawn(town)
    thursday.move_to(THURSDAY + timedelta(days=40))
    client.force_login(town.zhao)
    assert case.number not in read(client, LOOKS)
    assert case.number in read(client, f"{LOOKS}?quarter=last")
    assert read(client, f"{LOOKS}?quarter=never")


def test_the_lists_cost_no_more_queries_with_thirty_rows_than_with_three(queries: Any, town: Town) -> None:
    SecondLookShare.objects.filter(hall=town.north).update(percent=100)
    asked = [(town.zhao, LOOKS), (town.chen, LOOKS), (town.chen, LATE), (town.chen, LIST), (town.feng, LOOKS)]
    for _number in range(2):
        unsettled(town)
    few = [queries(staff, address) for staff, address in asked]
    for _number in range(8):
        unsettled(town)
        archived(town)
        informed(town)
    assert [queries(staff, address) for staff, address in asked] == few
    assert max(few) <= 8, few
