"""The notice board as everybody sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from followups.board.drafting import draft_notice, hand_in
from followups.board.publishing import publish, take_down
from followups.posting import Posting
from tests.builders import Town
from tests.postings import TUESDAY, drafted, handed_in, published

pytestmark = pytest.mark.django_db


def hang(town: Town, title: str, days: int = 0, text: str = "周三上午停水。") -> Posting:
    about: dict[str, Any] = {"actor": town.chen, "now": TUESDAY + timedelta(days=days)}
    posting = draft_notice(hall=town.north, title=title, text=text, **about)
    posting = hand_in(posting_id=posting.pk, transition_no=posting.transition_no, **about)
    return publish(posting_id=posting.pk, transition_no=posting.transition_no, **about)


def board(client: Client, query: str = "") -> str:
    answer = client.get(reverse("portal:board", args=["NTH"]) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def address(posting: Posting, hall: str = "NTH") -> str:
    return reverse("portal:posting", args=[hall, posting.pk])


def test_only_what_is_published_is_there(client: Client, town: Town) -> None:
    for hidden in (drafted(town, title="草稿之一"), handed_in(town, title="待审之一")):
        assert hidden.title not in board(client)
        assert client.get(address(hidden)).status_code == 404
    there = published(town)
    assert there.title in board(client)
    page = client.get(address(there)).content.decode()
    assert there.raised in page
    assert there.text in page


def test_nothing_leads_from_a_posting_to_its_case_or_to_anybody(client: Client, town: Town) -> None:
    there = published(town)
    assert there.case is not None
    for page in (board(client), client.get(address(there)).content.decode()):
        for secret in (there.case.number, there.case.tracking_code, "王秀兰", "Chen", "Lin"):
            assert secret not in page


def test_what_was_taken_down_answers_gone_with_a_sentence(client: Client, town: Town) -> None:
    there = published(town)
    take_down(posting_id=there.pk, transition_no=there.transition_no, actor=town.chen, now=TUESDAY, because="personal")
    answer = client.get(address(there))
    assert answer.status_code == 410
    assert there.title not in answer.content.decode()
    assert there.text not in answer.content.decode()
    assert there.title not in board(client)


def test_another_hall_shows_neither(client: Client, town: Town) -> None:
    there = published(town)
    assert client.get(address(there, "STH")).status_code == 404
    assert there.title not in client.get(reverse("portal:board", args=["STH"])).content.decode()
    assert client.get(reverse("portal:board", args=["XXX"])).status_code == 404


def test_by_kind_and_page_by_page_the_latest_first(client: Client, town: Town) -> None:
    outcome = published(town)
    titles = [hang(town, f"通知第{number:02}号", days=number).title for number in range(1, 23)]
    first = board(client)
    assert [title for title in titles if title in first] == titles[2:]
    assert first.index(titles[-1]) < first.index(titles[2])
    further = client.get(reverse("portal:board", args=["NTH"]))
    older = board(client, further.context["page"].older_url)
    assert [title for title in [outcome.title, *titles] if title in older] == [outcome.title, *titles[:2]]
    assert outcome.title in board(client, "?kind=outcome")
    assert titles[0] not in board(client, "?kind=outcome")
    # What is not known here is left out.
    assert titles[-1] in board(client, "?kind=nothing&after=x")


def test_what_was_typed_stays_text(client: Client, town: Town) -> None:
    there = hang(town, "<b>停水</b>", text="<script>alert(1)</script>\n第二段")
    for page in (board(client), client.get(address(there)).content.decode()):
        assert "<b>停水" not in page
        assert "<script>alert" not in page


def test_the_board_asks_a_handful_of_questions_however_much_hangs_there(
    client: Client, town: Town, django_assert_max_num_queries: object
) -> None:
    for number in range(8):
        hang(town, f"通知第{number:02}号", days=number)
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        board(client)
