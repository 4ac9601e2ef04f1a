"""The page of the three questions, opened by whoever has the link: no account, nothing personal, answered once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from cases.models import Case
from followups.links import link_for
from followups.models import Evaluation, EvaluationLink, LateAnswer, RectificationNotice
from tests.builders import Town
from tests.followups.stories import TUESDAY, WEDNESDAY, evaluated, informed
from web.portal.evaluate import OPENINGS

DAY = timedelta(days=1)
HAPPY = {"contacted": "yes", "solved": "yes", "satisfaction": "satisfied"}
UNHAPPY = {"contacted": "no", "solved": "no", "satisfaction": "dissatisfied", "reasons": "下雨又漏了"}
FOREIGN = "k" * 44


@pytest.fixture(autouse=True)
def wednesday() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(WEDNESDAY, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def english(client: Client) -> None:
    client.cookies["django_language"] = "en"


def path_of(case: Case) -> str:
    return link_for(Case.objects.get(pk=case.pk), now=TUESDAY).path


def read(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return str(answer.content.decode())


def test_it_says_what_it_is_about_and_nothing_that_is_personal(client: Client, town: Town) -> None:
    case = informed(town)
    page = read(client, path_of(case))
    assert case.number in page
    assert case.category.name in page
    # The title, the answer, the resident and who handled it.
    for hidden in ("发霉", "已修好", "王秀兰", "6021", "Wang", "Lin"):
        assert hidden not in page
    assert page.count('name="satisfaction"') == 3


def test_a_satisfied_resident_closes_their_case_and_is_thanked(client: Client, town: Town) -> None:
    case = informed(town)
    path = path_of(case)
    answer = client.post(path, HAPPY)
    assert (answer.status_code, answer["Location"]) == (302, path)
    assert Case.objects.get(pk=case.pk).state == "archived"
    assert "Your answer has reached us." in read(client, path)


def test_a_dissatisfied_one_reads_that_it_begins_anew(client: Client, town: Town) -> None:
    case = informed(town)
    path = path_of(case)
    client.post(path, UNHAPPY)
    assert Case.objects.get(pk=case.pk).round == 2
    assert RectificationNotice.objects.get().reasons == "下雨又漏了"
    assert "handled once more, by somebody else" in read(client, path)


def test_a_question_left_out_is_asked_for_and_what_was_typed_stays(client: Client, town: Town) -> None:
    path = path_of(informed(town))
    answer = client.post(path, {"contacted": "no", "satisfaction": "dissatisfied", "remark": "请上门"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"solved"}
    assert "请上门" in answer.content.decode()
    assert EvaluationLink.objects.get().used_at is None


def test_without_reasons_a_dissatisfied_answer_is_not_sent(client: Client, town: Town) -> None:
    answer = client.post(path_of(informed(town)), UNHAPPY | {"reasons": " "})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"reasons"}
    assert not Evaluation.objects.exists()


def test_pressed_twice_or_in_two_tabs_it_counts_once(client: Client, town: Town) -> None:
    path = path_of(informed(town))
    client.post(path, HAPPY)
    answer = client.post(path, UNHAPPY)
    assert (answer.status_code, answer["Location"]) == (302, path)
    assert Evaluation.objects.get().satisfaction == "satisfied"
    assert not LateAnswer.objects.exists()


def test_a_wrong_an_expired_and_a_foreign_link_look_the_same(
    client: Client, town: Town, wednesday: time_machine.Traveller
) -> None:
    north = town.north.code
    path = path_of(informed(town))
    elsewhere = path.replace(f"/{north}/", f"/{town.south.code}/")
    assert "works for thirty days" in read(client, elsewhere, 404)
    wrong = read(client, f"/h/{north}/e/{FOREIGN}/", 404)
    wednesday.move_to(TUESDAY + 30 * DAY)
    expired = read(client, path, 404)
    assert _body(expired) == _body(wrong)
    assert town.north.phone in expired
    assert client.post(path, HAPPY).status_code == 404
    assert not Evaluation.objects.exists()


def _body(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


def test_after_the_archive_it_says_so_and_what_is_said_is_kept(client: Client, town: Town) -> None:
    case = evaluated(informed(town), actor=town.mei)
    path = path_of(case)
    assert "can take it up again" in read(client, path)
    assert client.post(path, UNHAPPY).status_code == 302
    assert LateAnswer.objects.get().reasons == "下雨又漏了"
    assert "Your answer has reached us." in read(client, path)


def test_who_tries_addresses_is_asked_to_wait_and_told_whom_to_call(client: Client, town: Town) -> None:
    path = path_of(informed(town))
    for number in range(OPENINGS.most):
        read(client, f"/h/{town.north.code}/e/{number:044}/", 404)
    answer = client.get(path)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 601
    assert town.north.phone in answer.content.decode()
    assert client.post(path, HAPPY).status_code == 429
    assert not Evaluation.objects.exists()
    # Somebody at another address is not in their way.
    assert client.get(path, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_it_is_kept_in_no_cache_and_found_by_no_search_engine(client: Client, town: Town) -> None:
    answer = client.get(path_of(informed(town)))
    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]


@pytest.mark.parametrize("said", ["<script>alert(1)</script>", "𠮷" * 2000])
def test_hostile_words_are_kept_as_words(client: Client, town: Town, said: str) -> None:
    case = informed(town)
    client.post(path_of(case), UNHAPPY | {"reasons": said})
    assert Evaluation.objects.get().reasons == said
    client.force_login(town.chen)
    assert "<script>alert(1)" not in client.get(f"/cases/{case.number}/").content.decode()


@pytest.mark.parametrize("field", ["reasons", "remark"])
def test_more_than_anybody_types_is_refused_at_its_field(client: Client, town: Town, field: str) -> None:
    answer: Any = client.post(path_of(informed(town)), UNHAPPY | {field: "长" * 2001})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}


def test_what_nobody_sees_is_left_out_of_the_words(client: Client, town: Town) -> None:
    client.post(path_of(informed(town)), UNHAPPY | {"reasons": "\u202eabc\u200b"})
    assert Evaluation.objects.get().reasons == "abc"
