"""The notice board from inside: from a case to a draft, the director's review, and what the barred are shown."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from cases.actions.bar import bar
from cases.models import Case
from followups.board.review import HIDDEN, marks_of
from followups.posting import Posting
from foundation.organization.models import Staff
from tests import complaint_matters, matters, postings
from tests.builders import Town
from tests.cases import steps
from tests.complaints.procedure import apologise
from tests.postings import TUESDAY

pytestmark = pytest.mark.django_db
MARKED: dict[str, Any] = {"title": "三栋楼顶漏水已修好", "text": "王秀兰家的防水层已经重做。"}


def as_(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def page(client: Client, url: str, *arguments: object, query: str = "") -> Any:
    answer = client.get(reverse(url, args=arguments) + query)
    assert answer.status_code == 200, answer.status_code
    return answer


def text_of(client: Client, url: str, *arguments: object, query: str = "") -> str:
    shown: str = page(client, url, *arguments, query=query).content.decode()
    return shown


def send(client: Client, posting: Posting, verb: str, **data: object) -> Any:
    return client.post(
        reverse("desk:board_verb", args=[posting.pk, verb]), {"transition_no": posting.transition_no} | data
    )


def test_one_press_on_the_case_opens_a_draft_in_the_cases_own_words(town: Town) -> None:
    case = matters.informed(town)
    client = as_(town.lin)
    address = reverse("desk:board_draft", args=[case.number])
    assert address in text_of(client, "desk:case_detail", case.number)
    form = page(client, "desk:board_draft", case.number).context["form"]
    assert form["raised"].value() == matters.LEAK
    sent = {name: form[name].value() for name in form.fields}
    answer = client.post(address, sent)
    posting = Posting.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("desk:board_detail", args=[posting.pk]))
    # The same form once more.
    assert client.post(address, sent).status_code == 409
    assert Posting.objects.count() == 1


def test_the_page_that_leads_there_may_say_what_it_is_going_to_be(town: Town) -> None:
    case = matters.informed(town)
    form = page(as_(town.chen), "desk:board_draft", case.number, query="?kind=correction").context["form"]
    assert form["kind"].value() == "correction"


def test_an_apology_that_was_decided_is_drafted_in_its_own_words(town: Town) -> None:
    case = steps.inform(complaint_matters.found(town), town.lin)
    words = "就多收费用一事向居民致歉。"
    apologise(case, town.chen, TUESDAY, text=words)
    form = page(as_(town.chen), "desk:board_draft", case.number).context["form"]
    assert (form["kind"].value(), form["text"].value()) == ("correction", words)
    apologise(case, town.chen, TUESDAY, kind="none", text="居民不希望公开。")
    form = page(as_(town.chen), "desk:board_draft", case.number).context["form"]
    assert (form["kind"].value(), form["text"].value()) == ("outcome", "屋面防水层破损。\n已重做防水层。")


def test_what_was_typed_survives_an_error(town: Town) -> None:
    case = matters.informed(town)
    data = {"transition_no": case.transition_no, "kind": "outcome", "title": "", "raised": "", "text": "已经修好。"}
    answer = as_(town.lin).post(reverse("desk:board_draft", args=[case.number]), data)
    assert answer.status_code == 422
    assert "已经修好。" in answer.content.decode()


def test_the_director_settles_each_mark_before_it_is_published(town: Town) -> None:
    posting = postings.handed_in(town, **MARKED)
    client = as_(town.chen)
    shown = text_of(client, "desk:board_detail", posting.pk)
    keys = re.findall(r'name="confirmed" value="(\w+)"', shown)
    assert len(keys) == 2
    assert shown.count("<mark") == 2
    answer = send(client, posting, "publish", confirmed=keys[:1])
    assert answer.status_code == 422
    # What was ticked stays ticked.
    assert re.search(rf'value="{keys[0]}"[^>]*checked', answer.content.decode())
    assert Posting.objects.get().state == "in_review"
    assert send(client, posting, "publish", confirmed=keys).status_code == 302
    assert Posting.objects.get().state == "published"


def test_a_hidden_identity_is_warned_of_and_confirmed_by_itself(town: Town) -> None:
    posting = postings.handed_in(town, case=matters.informed(town, identity="hidden"))
    client = as_(town.chen)
    assert f'value="{HIDDEN}"' in text_of(client, "desk:board_detail", posting.pk)
    assert send(client, posting, "publish").status_code == 422
    assert send(client, posting, "publish", confirmed=[HIDDEN]).status_code == 302


def test_the_receptionist_sees_marks_but_nothing_to_tick(town: Town) -> None:
    posting = postings.handed_in(town, **MARKED)
    shown = text_of(as_(town.lin), "desk:board_detail", posting.pk)
    assert "<mark" in shown
    assert 'name="confirmed"' not in shown
    assert send(as_(town.lin), posting, "publish").status_code == 403


def test_a_page_that_grew_old_publishes_nothing(town: Town) -> None:
    posting = postings.handed_in(town)
    client = as_(town.chen)
    changed = {"transition_no": posting.transition_no, "title": "改过", "raised": "", "text": "王秀兰家已修好。"}
    assert client.post(reverse("desk:board_edit", args=[posting.pk]), changed).status_code == 302
    assert send(client, posting, "publish").status_code == 409
    assert Posting.objects.get().state == "in_review"


def test_given_back_changed_thrown_away_taken_down(town: Town) -> None:
    posting = postings.handed_in(town)
    chen, lin = as_(town.chen), as_(town.lin)
    assert send(chen, posting, "give_back", remark="").status_code == 422
    assert send(chen, posting, "give_back", remark="请再短些。").status_code == 302
    posting.refresh_from_db()
    assert "请再短些。" in text_of(lin, "desk:board_detail", posting.pk)
    assert send(lin, posting, "discard").status_code == 302
    assert send(lin, posting, "discard").status_code == 404
    there = postings.published(town)
    assert send(chen, there, "take_down").status_code == 422
    assert send(chen, there, "take_down", because="over").status_code == 302
    assert Posting.objects.get(pk=there.pk).state == "taken_down"


def test_who_is_barred_finds_no_draft_and_nothing_that_leads_from_the_board_to_the_case(town: Town) -> None:
    case = matters.informed(town, nature="complaint")
    draft, hanging = postings.drafted(town, case=case, title="草稿一份"), postings.published(town, case=case)
    bar(case_id=case.pk, staff=town.mei, reason="投诉其本人。", actor=town.lin, now=TUESDAY)
    mei = as_(town.mei)
    for query in ("", "?state=draft", "?state=in_review", "?state=taken_down"):
        assert draft.title not in text_of(mei, "desk:board_list", query=query)
    assert mei.get(reverse("desk:board_detail", args=[draft.pk])).status_code == 404
    assert mei.get(reverse("desk:board_draft", args=[case.number])).status_code == 404
    shown = text_of(mei, "desk:board_detail", hanging.pk)
    for secret in (case.number, "Lin", "Chen"):
        assert secret not in shown
    assert case.number in text_of(as_(town.lin), "desk:board_detail", hanging.pk)


def test_a_monitor_sees_what_hangs_there_and_no_draft(town: Town) -> None:
    draft, hanging = postings.drafted(town, title="草稿一份"), postings.published(town)
    gu = as_(town.gu)
    for query in ("", "?state=draft"):
        shown = text_of(gu, "desk:board_list", query=query)
        assert hanging.title in shown
        assert draft.title not in shown
    assert hanging.case is not None
    assert hanging.case.number not in text_of(gu, "desk:board_detail", hanging.pk)


def test_a_notice_and_last_months_figures_begin_on_the_list(town: Town) -> None:
    client = as_(town.chen)
    form = page(client, "desk:board_new").context["form"]
    sent = {name: form[name].value() for name in form.fields} | {"title": "停水通知", "text": "周三上午停水。"}
    assert client.post(reverse("desk:board_new"), sent).status_code == 302
    assert client.post(reverse("desk:board_new"), sent).status_code == 422
    for _press in range(2):
        assert client.post(reverse("desk:board_figures"), {"hall": "NTH"}).status_code == 302
    # Drawn for another hall: nothing is drafted there.
    assert client.post(reverse("desk:board_figures"), {"hall": "STH"}).status_code == 302
    assert sorted(Posting.objects.values_list("kind", "hall")) == [
        ("figures", town.north.pk),
        ("notice", town.north.pk),
    ]


def test_the_paper_for_the_glass_case_says_what_is_on_the_board(town: Town) -> None:
    posting = postings.published(town)
    shown = text_of(as_(town.lin), "desk:board_print", posting.pk)
    for words in (posting.title, posting.raised, posting.text, town.north.name):
        assert words in shown


def test_queries_do_not_grow_with_what_is_listed(town: Town, django_assert_max_num_queries: Any) -> None:
    case = matters.informed(town)
    with time_machine.travel(TUESDAY + timedelta(hours=1), tick=False):
        client = as_(town.chen)
        for number in range(6):
            postings.handed_in(town, case=case, title=f"第{number}份", text="三栋王秀兰家的防水层已经重做。")
        client.get(reverse("desk:board_list"))
        with django_assert_max_num_queries(8):
            page(client, "desk:board_list")
        with django_assert_max_num_queries(12):
            page(client, "desk:board_detail", Posting.objects.all()[0].pk)


def test_marks_and_case_are_those_of_the_posting(town: Town) -> None:
    other = matters.informed(town, resident=matters.a_resident(town, name="欧阳青禾", phone="13905716688"))
    posting = postings.drafted(town, case=other, text="王秀兰和欧阳青禾都来过。")
    found = [(mark.hit.words, mark.hit.reason.value) for mark in marks_of(posting, reader=town.chen)]
    assert ("欧阳青禾", "resident") in found
    assert ("王秀兰", "resident") not in found
    assert Case.objects.get(pk=other.pk).resident is not None
