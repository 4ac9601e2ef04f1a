"""Words and files added on the tracking page: once, only with a proof of one's own, and nothing typed is lost."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from cases.actions.register import join_visit
from cases.models import Attachment, Case
from foundation.notifications.models import Alert
from reception.actions import register_visit
from reception.models import Visit
from tests import matters
from tests.builders import Town
from tests.cases.steps import archive, fresh, march
from tests.cases.test_inspect_uploads import SECRET, photo, png_of
from tests.portal.visits import DIGITS, go, hidden, opened, words

SAID = "昨天夜里又漏了，床都湿了。"
NOON = march(2, 12)


@pytest.fixture
def case(town: Town) -> Case:
    """Wang Xiulan's, phone 13805716021; handler Wang looks into it."""
    return fresh(matters.investigating(town))


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def proof_of(client: Client, case: Case) -> str:
    return hidden(opened(client, case), "proof")


def form_of(client: Client, case: Case) -> dict[str, str]:
    """Press "Add words or photos", and take what stands in the form's hidden fields."""
    page = go(client, case, "add", proof_of(client, case))
    assert page.status_code == 200
    return {"proof": hidden(page, "proof"), "submission_key": hidden(page, "submission_key")}


def send(client: Client, case: Case, form: dict[str, str], text: str = SAID, *files: Any) -> Any:
    data: dict[str, Any] = {**form, "text": text, "send": "1"} | ({"attachments": list(files)} if files else {})
    return go(client, case, "add", data.pop("proof"), **data)


def added(case: Case) -> list[str]:
    visits = Visit.objects.filter(case_visit__case=case, case_visit__ordinal__gt=1).order_by("pk")
    return list(visits.values_list("matter", flat=True))


def file(name: str, content: bytes, kind: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=kind)


# What is added


def test_what_was_added_is_a_further_contact_with_its_files(client: Client, town: Town, case: Case):
    page = send(client, case, form_of(client, case), SAID, file("a.jpg", photo("JPEG")), file("b.png", photo("PNG")))
    assert page.status_code == 200
    assert "It has arrived, and the people who handle your matter know." in words(page)
    assert SAID in words(page)
    visit = Visit.objects.get(case_visit__case=case, case_visit__ordinal=2)
    assert (visit.channel, visit.resident, visit.registered_by) == ("web", case.resident, None)
    kept = Attachment.objects.filter(case=case)
    assert {(one.name, one.kind, one.uploaded_by) for one in kept} == {
        ("a.jpg", "resident", None),
        ("b.png", "resident", None),
    }


def test_the_handler_and_the_first_contact_owner_are_told_at_once(client: Client, town: Town, case: Case):
    send(client, case, form_of(client, case))
    told = Alert.objects.filter(chain=case.chain_id, created_at=NOON)
    assert set(told.values_list("recipient__username", flat=True)) == {"lin", "wang"}


def test_the_desk_and_the_handler_read_it_on_the_case_page(client: Client, town: Town, case: Case):
    send(client, case, form_of(client, case), SAID, file("a.jpg", photo("JPEG")))
    for reader in (town.lin, town.wang):
        staff = Client()
        staff.force_login(reader)
        page = words(staff.get(f"/cases/{case.number}/", headers={"accept-language": "en"}))
        assert SAID in page
        assert "added information" in page
        assert "the resident" in page
        assert "a.jpg" in page


def test_an_anonymous_resident_adds_too(client: Client, town: Town):
    case = matters.accepted(town, identity="anonymous", channel="web")
    send(client, case, form_of(client, case))
    assert added(case) == [SAID]
    assert SAID in words(opened(client, case))


def test_who_hides_their_identity_stays_hidden(client: Client, town: Town):
    case = fresh(matters.investigating(town, identity="hidden"))
    send(client, case, form_of(client, case))
    visit = Visit.objects.get(case_visit__case=case, case_visit__ordinal=2)
    assert (visit.identity, visit.resident) == ("hidden", case.resident)
    mei = Client()
    mei.force_login(town.mei)
    page = words(mei.get(f"/cases/{case.number}/"))
    assert SAID in page
    assert "王秀兰" not in page


def test_what_others_told_the_desk_is_not_shown_to_this_resident(client: Client, town: Town, case: Case):
    visit = register_visit(
        hall=town.north,
        actor=town.lin,
        now=NOON,
        channel="phone",
        matter="楼上也漏。",
        resident=None,
        identity="anonymous",
    )
    join_visit(case_id=case.pk, visit=visit, actor=town.lin, now=NOON)
    assert "楼上也漏。" not in words(opened(client, case))


# Once


def test_sent_twice_it_is_there_once(client: Client, case: Case):
    form = form_of(client, case)
    send(client, case, form, SAID, file("a.jpg", photo("JPEG")))
    again = send(client, case, form, SAID, file("a.jpg", photo("JPEG")))
    assert again.status_code == 200
    assert "This has arrived already; nothing was added a second time." in words(again)
    assert added(case) == [SAID]
    assert Attachment.objects.filter(case=case).count() == 1


def test_back_and_sent_with_other_words_nothing_is_lost_and_the_next_press_adds_it(client: Client, case: Case):
    form = form_of(client, case)
    send(client, case, form)
    page = send(client, case, form, "还有，灯也坏了。")
    assert page.status_code == 409
    assert "What you sent before has arrived. To add this as well, press once more." in words(page)
    assert "还有，灯也坏了。" in words(page)
    send(
        client,
        case,
        {"proof": hidden(page, "proof"), "submission_key": hidden(page, "submission_key")},
        "还有，灯也坏了。",
    )
    assert added(case) == [SAID, "还有，灯也坏了。"]


# Whose it is


@pytest.mark.parametrize("page", ["add", "withdraw"])
def test_the_address_alone_leads_to_the_question_whose_matter_it_is(client: Client, case: Case, page: str):
    answer = client.get(reverse(f"portal:{page}", args=["NTH"]))
    assert (answer.status_code, answer["Location"]) == (302, "/h/NTH/track/")


def altered(proof: str) -> str:
    return proof[:-1] + ("A" if proof[-1] != "A" else "B")


def of_another_hall(case: Case) -> str:
    return signing.dumps([case.hall_id + 1, case.tracking_code], salt="portal.tracking")


def of_another_salt(case: Case) -> str:
    return signing.dumps([case.hall_id, case.tracking_code], salt="something else")


@pytest.mark.parametrize("page", ["add", "withdraw"])
def test_no_altered_or_foreign_proof_adds_or_withdraws_anything(client: Client, case: Case, page: str):
    good = proof_of(client, case)
    typed = {"text": SAID, "wish": SAID, "send": "1", "submission_key": str(uuid.uuid4())}
    for proof in ("", "x", altered(good), of_another_hall(case), of_another_salt(case), good.replace(":", ".")):
        answer = go(client, case, page, proof, **typed)
        assert answer.status_code == 422
        assert case.title not in words(answer)
        # What was typed comes along, and is asked for again by nobody.
        assert SAID in words(answer)
    assert added(case) == []
    assert fresh(case).withdrawal_asked_at is None


def test_the_proof_of_one_matter_adds_nothing_to_another(client: Client, town: Town, case: Case):
    other = matters.registered(town, resident=matters.a_resident(town, name="李明", phone="13805711111"))
    form = {"proof": hidden(opened(client, other, digits="1111"), "proof"), "submission_key": str(uuid.uuid4())}
    send(client, case, form)
    assert added(case) == []
    assert added(other) == [SAID]


def test_the_proof_of_one_hall_is_none_at_another(client: Client, case: Case):
    form = form_of(client, case)
    answer = client.post("/h/STH/track/add/", {**form, "text": SAID, "send": "1"})
    assert answer.status_code == 422
    assert added(case) == []


def test_after_half_an_hour_the_digits_are_asked_for_and_what_was_typed_is_there_again(client: Client, case: Case):
    form = form_of(client, case)
    with time_machine.travel(NOON + timedelta(minutes=31), tick=False):
        asked = send(client, case, form)
        assert asked.status_code == 422
        assert "please show once more that this is your matter. What you typed is kept." in words(asked)
        assert f'value="{case.tracking_code}"' in asked.content.decode()
        assert added(case) == []
        kept = re.search(r'<textarea name="text"[^>]*>\s*([^<]*)</textarea>', asked.content.decode())
        assert kept
        address = reverse("portal:add", args=["NTH"])
        wrong = client.post(address, {"code": case.tracking_code, "digits": "0000", "text": kept[1]})
        assert wrong.status_code == 422
        assert SAID in words(wrong)
        right = client.post(address, {"code": case.tracking_code, "digits": DIGITS, "text": kept[1]})
        assert right.status_code == 200
        assert SAID in words(right)
        send(
            client, case, {"proof": hidden(right, "proof"), "submission_key": hidden(right, "submission_key")}, kept[1]
        )
    assert added(case) == [SAID]


def test_an_expired_proof_is_not_a_way_around_the_limit_for_wrong_digits(client: Client, case: Case):
    address = reverse("portal:add", args=["NTH"])
    answers = [
        client.post(address, {"code": case.tracking_code, "digits": f"{number:04d}"}).status_code
        for number in range(11)
    ]
    assert answers == [422] * 10 + [429]


# Bad input


def test_without_words_nothing_is_added_and_the_field_says_so(client: Client, case: Case):
    page = send(client, case, form_of(client, case), "  ", file("a.jpg", photo("JPEG")))
    assert page.status_code == 422
    assert 'href="#id_text"' in page.content.decode()
    assert "Choose the files once more." in words(page)
    assert added(case) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("a.jpg", b"<!doctype html><script>alert(1)</script>"),
        ("a.png", png_of(60_000, 60_000)),
        ("a.exe", b"MZ\x90\x00"),
        ("a.pdf", b""),
        ("a.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 100),
        ("a.docx", b"PK\x03\x04 not a zip"),
        ("a.jpg", b"%PDF-" + b"0" * (10 * 1024 * 1024)),
    ],
    ids=["svg", "html", "bomb", "program", "empty", "cut off", "broken zip", "huge"],
)
def test_hostile_files_are_refused_and_the_words_stay(client: Client, case: Case, name: str, content: bytes):
    page = send(client, case, form_of(client, case), SAID, file(name, content))
    assert page.status_code == 422
    assert SAID in words(page)
    assert added(case) == []
    assert not Attachment.objects.filter(case=case).exists()


def test_at_most_nine_files(client: Client, case: Case):
    files = [file(f"{number}.pdf", b"%PDF-1.4 " + bytes([number]), "application/pdf") for number in range(10)]
    page = send(client, case, form_of(client, case), SAID, *files)
    assert page.status_code == 422
    assert added(case) == []


def test_where_a_photo_was_taken_is_not_kept(client: Client, case: Case):
    original = photo("JPEG", secretive=True)
    assert SECRET.encode() in original
    send(client, case, form_of(client, case), SAID, file("a.jpg", original))
    with Attachment.objects.get(case=case).file.open("rb") as kept:
        assert SECRET.encode() not in kept.read()


def test_the_files_are_given_out_to_nobody_outside(client: Client, case: Case):
    """A stranger's file, and one's own, are reached by no address of the public site."""
    page = send(client, case, form_of(client, case), SAID, file("a.jpg", photo("JPEG")))
    public_id = str(Attachment.objects.get(case=case).public_id)
    assert public_id not in words(page)
    assert client.get(reverse("desk:attachment", args=[public_id])).status_code == 302


def test_markup_in_words_stays_words(client: Client, case: Case):
    page = send(client, case, form_of(client, case), "<script>alert(1)</script>")
    assert "<script>alert(1)" not in page.content.decode()
    assert "&lt;script&gt;alert(1)" in page.content.decode()


# Closed


def test_a_matter_closed_meanwhile_takes_nothing_and_says_whom_to_call(client: Client, town: Town):
    case = matters.informed(town)
    form = form_of(client, case)
    archive(case, town.lin, NOON)
    page = send(client, case, form)
    assert page.status_code == 422
    assert "This matter is closed: nothing can be added here. Please call the hall." in words(page)
    assert 'href="tel:010-12345678"' in words(page)
    assert added(case) == []


# Too often


def test_a_dozen_additions_a_day_and_then_a_page_for_people(client: Client, case: Case):
    for number in range(12):
        assert send(client, case, form_of(client, case), f"第 {number} 条").status_code == 200
    page = send(client, case, form_of(client, case), "第十三条")
    assert page.status_code == 429
    assert int(page["Retry-After"]) > 0
    assert "第十三条" in words(page)
    assert 'href="tel:010-12345678"' in words(page)
    assert len(added(case)) == 12


def test_an_address_cannot_have_pictures_looked_into_without_end(client: Client, case: Case):
    form = form_of(client, case)
    answers = [send(client, case, form, "  ").status_code for _try in range(61)]
    assert answers == [422] * 60 + [429]
    with time_machine.travel(NOON + timedelta(minutes=20), tick=False):
        other = Client(REMOTE_ADDR="203.0.113.5")
        assert send(other, case, form_of(other, case)).status_code == 200


def test_these_pages_are_kept_nowhere(client: Client, case: Case):
    for page in (go(client, case, "add", proof_of(client, case)), go(client, case, "add", "x")):
        assert "no-store" in page["Cache-Control"]
        assert "noindex" in page["X-Robots-Tag"]


def test_on_a_day_that_took_in_enough_words_are_added_without_files(
    client: Client, case: Case, settings: Settings
) -> None:
    settings.PUBLIC_FILES_MB_A_DAY = 0
    form = form_of(client, case)
    page = send(client, case, form, SAID, file("roof.jpg", photo("JPEG")))
    assert page.status_code == 422
    assert "bring them to the hall" in words(page)
    assert SAID in words(page)
    assert added(case) == []
    assert not Attachment.objects.filter(case=case).exists()
    assert send(client, case, form).status_code == 200
    assert added(case) == [SAID]
