"""What can go wrong at a form: the answer is a clear Chinese sentence, what was typed is there, nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, TransferSlip
from foundation.deadlines.models import CalendarDay, Term
from foundation.ledger.models import Entry
from foundation.organization.models import Category
from reception.models import Visit
from tests import matters
from tests.builders import Town
from tests.desk.contacts import contact, nothing_is_written, photo, press

REQUIRED = "这个字段是必填项。"
TOMORROW = (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%d")
NOTHING = ("", "   ", "\n\u3000")
"""Blanks are no words either, the wide one of Chinese input methods included."""
WINDOWS_PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(4000)


def said(response: Any) -> str:
    return unescape(response.content.decode())


def entries() -> int:
    return Entry.objects.count()


def verb(subject: Case | TransferSlip, name: str) -> str:
    if isinstance(subject, Case):
        return reverse("desk:case_verb", args=[subject.number, name])
    return reverse("desk:slip_verb", args=[subject.pk, name])


def filled_in(client: Client, address: str, **typed: Any) -> dict[str, Any]:
    """What a browser would send of the form at that address, with this typed into it."""
    form = client.get(address).context["form"]
    drawn = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in (drawn | typed).items() if value is not None}


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("phone", "1380571abcd", "电话号码不对。请填写 11 位手机号，或带区号的固定电话。"),
        ("id_number", "330102195903021227", "身份证号码有误：校验位不符，请对照证件核对。"),
        ("birth_date", TOMORROW, "出生日期不能晚于今天。"),
    ],
)
def test_a_resident_who_cannot_be_is_told_at_the_field(
    desk: Client, town: Town, field: str, value: str, sentence: str
) -> None:
    response = press(desk, "transfer", contact(town, **{field: value}))
    assert response.status_code == 422
    assert sentence in said(response)
    assert f'value="{value}"' in said(response)
    assert "楼顶漏水，卧室墙面大片发霉" in said(response)
    assert nothing_is_written()


FILES = [
    ("楼顶.jpg", photo() + bytes(20 * 1024 * 1024), "image/jpeg", "楼顶.jpg 超过 10 MB。"),
    (
        "照片.jpg",
        WINDOWS_PROGRAM,
        "image/jpeg",
        "照片.jpg 不是照片、PDF、Word 或 Excel 文件，文件名与内容不符。",
    ),
]


@pytest.mark.parametrize(("name", "content", "kind", "sentence"), FILES, ids=["20 MB photo", ".exe renamed .jpg"])
def test_a_file_that_is_none_of_ours_is_refused_by_its_name(
    desk: Client, town: Town, name: str, content: bytes, kind: str, sentence: str
) -> None:
    file = SimpleUploadedFile(name, content, kind)
    response = press(desk, "register", contact(town, files=[file]))
    assert response.status_code == 422
    assert sentence in said(response)
    assert 'value="王秀兰"' in said(response)
    assert nothing_is_written()


@pytest.mark.parametrize(("name", "content", "kind", "sentence"), FILES, ids=["20 MB photo", ".exe renamed .jpg"])
def test_evidence_that_is_none_of_ours_keeps_the_note_in_the_form(
    client: Client, town: Town, tmp_path: Any, settings: Any, name: str, content: bytes, kind: str, sentence: str
) -> None:
    settings.MEDIA_ROOT = tmp_path
    slip = matters.investigating(town)
    client.force_login(town.wang)
    address, before = verb(slip, "note"), entries()
    file = SimpleUploadedFile(name, content, kind)
    response = client.post(address, filled_in(client, address, text="已约好吊篮。", attachments=[file]))
    assert response.status_code == 422
    assert sentence in said(response)
    assert "已约好吊篮。" in said(response)
    assert entries() == before
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("make", "by", "name", "field"),
    [
        (matters.accepted, "lin", "decline", "advice"),
        (matters.accepted, "lin", "transfer", "instruction"),
        (matters.accepted, "lin", "answer_on_the_spot", "text"),
        (matters.reported, "lin", "send_back", "missing"),
        (matters.reported, "lin", "inform", "text"),
        (matters.transferred, "wang", "return_unsigned", "reason"),
        (matters.signed, "wang", "contact", "summary"),
        (matters.investigating, "wang", "note", "text"),
        (matters.investigating, "wang", "report", "result"),
    ],
)
def test_a_verb_without_its_reason_or_words_is_not_done(
    client: Client,
    town: Town,
    make: Callable[[Town], Case | TransferSlip],
    by: str,
    name: str,
    field: str,
) -> None:
    subject = make(town)
    client.force_login(getattr(town, by))
    address, before = verb(subject, name), entries()
    further = {"ground": "court", "means": "phone", "signature_kind": "none", "unsigned_reason": "电话答复"}
    for nothing in NOTHING:
        response = client.post(address, filled_in(client, address, **further, **{field: nothing}))
        assert response.status_code == 422
        assert response.context["form"].errors.get(field) == [REQUIRED]
        assert REQUIRED in said(response)
    assert entries() == before
    assert type(subject).objects.get(pk=subject.pk).transition_no == subject.transition_no


def test_no_signature_needs_its_reason(client: Client, town: Town) -> None:
    case = matters.reported(town)
    client.force_login(town.lin)
    address, before = verb(case, "inform"), entries()
    typed = {"means": "phone", "text": "屋顶已经修好。", "signature_kind": "none", "unsigned_reason": "  "}
    response = client.post(address, filled_in(client, address, **typed))
    assert response.status_code == 422
    assert "请说明没有签字的原因。" in said(response)
    assert "屋顶已经修好。" in said(response)
    assert entries() == before


def test_a_dissatisfied_resident_is_not_written_down_without_their_reasons(client: Client, town: Town) -> None:
    case = matters.informed(town)
    client.force_login(town.mei)
    address, before = reverse("desk:follow_up", args=[case.number]), entries()
    typed = {"contacted": "yes", "solved": "no", "satisfaction": "dissatisfied", "reasons": " ", "remark": "声音很急"}
    response = client.post(address, filled_in(client, address, **typed))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["reasons"]
    assert "声音很急" in said(response)
    assert entries() == before


def test_personal_data_is_not_shown_without_a_reason(client: Client, town: Town) -> None:
    case = matters.accepted(town)
    client.force_login(town.lin)
    before = entries()
    response = client.post(reverse("desk:resident_reveal", args=[case.number]), {"field": "phone", "reason": "  "})
    assert response.status_code == 422
    assert REQUIRED in said(response)
    assert "13805716021" not in said(response)
    assert entries() == before


def test_a_term_of_zero_is_refused(client: Client, town: Town) -> None:
    client.force_login(town.he)
    term = Term.objects.filter(hall=town.north, kind="handle").order_by("pk")[0]
    address, before = reverse("admin:deadlines_term_change", args=[term.pk]), entries()
    sent = {"hall": town.north.pk, "kind": term.kind, "nature": term.nature, "unit": term.unit, "length": "0"}
    response = client.post(address, sent)
    assert "时限须在 1 到 10000 之间。" in said(response)
    assert Term.objects.get(pk=term.pk).length == term.length
    assert entries() == before


def test_a_holiday_is_not_entered_twice(client: Client, town: Town) -> None:
    client.force_login(town.he)
    address = reverse("admin:deadlines_calendarday_add")
    day = {"hall": town.north.pk, "date": "2026-03-03", "kind": "closure", "name": "停电检修"}
    assert client.post(address, day).status_code == 302
    before = entries()
    response = client.post(address, {**day, "name": "又一次停电"})
    assert "这个日期已经在日历里，请修改原有的。" in said(response)
    assert "又一次停电" in said(response)
    assert CalendarDay.objects.get().name == "停电检修"
    assert entries() == before


def test_a_forged_form_does_not_reach_another_halls_case(client: Client, town: Town) -> None:
    case = matters.accepted(town)
    client.force_login(town.lin)
    address = verb(case, "decline")
    form = filled_in(client, address, ground="court", advice="请到人民法院提起诉讼。")
    client.force_login(town.lu)
    before = entries()
    response = client.post(address, form)
    assert response.status_code == 404
    assert "没有这个页面" in said(response)
    assert case.title not in said(response)
    assert entries() == before


def test_a_forged_form_does_not_send_a_case_to_another_halls_department(client: Client, town: Town) -> None:
    case = matters.accepted(town)
    client.force_login(town.lin)
    address, before = verb(case, "transfer"), entries()
    form = filled_in(client, address, department=town.south_works.pk, instruction="请上门查看。")
    response = client.post(address, form)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["department"]
    assert "请上门查看。" in said(response)
    assert entries() == before


def test_a_forged_form_does_not_join_another_halls_case(client: Client, town: Town) -> None:
    case = matters.accepted(town)
    client.force_login(town.lu)
    before = entries()
    foreign = contact(town, category=Category.objects.filter(hall=town.south, parent__isnull=False)[0].pk)
    response = press(client, f"join-{case.pk}", foreign)
    assert response.status_code == 422
    assert "楼顶漏水，卧室墙面大片发霉" in said(response)
    assert Visit.objects.filter(hall=town.south).count() == 0
    assert entries() == before


def test_who_is_slower_is_told_and_keeps_what_was_typed(client: Client, town: Town) -> None:
    case = matters.accepted(town)
    client.force_login(town.mei)
    address = verb(case, "decline")
    late = filled_in(client, address, ground="court", advice="请到人民法院提起诉讼。")
    client.force_login(town.lin)
    transfer = verb(case, "transfer")
    first = filled_in(client, transfer, department=town.works.pk, instruction="请上门查看。")
    assert client.post(transfer, first).status_code == 302
    client.force_login(town.mei)
    before = entries()
    response = client.post(address, late)
    assert response.status_code in (403, 409)
    assert "请到人民法院提起诉讼。" in said(response)
    assert Case.objects.get(pk=case.pk).state == "transferred"
    assert entries() == before


def test_a_page_left_open_while_the_case_moved_back_to_where_it_was_is_stale_too(client: Client, town: Town) -> None:
    case = matters.reported(town)
    client.force_login(town.lin)
    address = verb(case, "unreached")
    old = filled_in(client, address, means="phone", remark="无人接听")
    fresh = filled_in(client, address, means="phone", remark="占线")
    assert client.post(address, fresh).status_code == 302
    before = entries()
    response = client.post(address, old)
    assert response.status_code == 409
    assert "有人先处理了：事项现在是“反馈”。没有重复办理，请重新查看。" in said(response)
    assert "无人接听" in said(response)
    assert entries() == before


def test_the_same_registration_sent_twice_is_one_case(desk: Client, town: Town) -> None:
    form = contact(town)
    first = press(desk, "register", form)
    before = entries()
    second = press(desk, "register", form)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert Case.objects.count() == Visit.objects.count() == 1
    assert entries() == before


def test_the_same_verb_sent_twice_is_done_once(client: Client, town: Town) -> None:
    case = matters.registered(town)
    client.force_login(town.lin)
    address = verb(case, "accept")
    form = filled_in(client, address)
    assert client.post(address, form).status_code == 302
    before = entries()
    response = client.post(address, form)
    assert response.status_code in (403, 409, 422)
    assert Case.objects.get(pk=case.pk).state == "accepted"
    assert entries() == before


@pytest.mark.parametrize("page", ["register", "decline"])
def test_a_form_sent_after_the_log_in_has_ended_comes_back_to_its_page(client: Client, town: Town, page: str) -> None:
    case = matters.accepted(town)
    client.force_login(town.lin)
    address = reverse("desk:register") if page == "register" else verb(case, "decline")
    if page == "register":
        form = contact(town) | {"do": "register"}
    else:
        form = filled_in(client, address, ground="court", advice="请到人民法院提起诉讼。")
    client.logout()
    before = entries()
    response = client.post(address, form, headers={"Referer": f"http://testserver{address}"}, follow=True)
    assert "没有改动任何内容" in said(response)
    assert entries() == before
    # The browser has kept what was typed (tests/design, static/js/draft.js); the log-in leads back to it.
    login = {"username": "lin", "password": "lotus-pond-47", "next": response.context["next"]}
    back = client.post(reverse("login"), login)
    assert back["Location"] == address
    assert client.get(address).status_code == 200
