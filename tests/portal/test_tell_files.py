"""Files at the public form: kept through every step and error, and nothing hostile among them."""

from __future__ import annotations

import io
import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from PIL import Image
from pytest_django import Settings

from cases.models import Attachment, Case
from complaints.models import PendingFile
from foundation.notifications.models import Alert
from foundation.throttling.actions import take
from records.tidying import tidy
from tests.builders import Town, on_shift
from tests.cases.test_inspect_uploads import SECRET, archive, photo, png_of
from tests.portal.telling import WHAT, Resident, fields_of, receipt_of
from web.portal.tell import UPLOADS

pytestmark = pytest.mark.django_db
MEGABYTE = 1024 * 1024
SCRIPT_IN_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def resident(town: Town, client: Client) -> Resident:
    return Resident(client, town.north).open()


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    # What the browser claims is always a harmless picture here; nobody believes it.
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def waiting() -> list[str]:
    return list(PendingFile.objects.values_list("name", flat=True))


def on_disk() -> list[Path]:
    folder = Path(settings.MEDIA_ROOT) / "pending"
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def test_two_photos_survive_an_error_going_back_and_the_last_page_and_come_with_the_case(resident: Resident) -> None:
    resident.tell_what(matter="", files=[upload("a.jpg", photo("JPEG")), upload("b.png", photo("PNG"))])
    assert resident.page.status_code == 422
    assert waiting() == ["a.jpg", "b.png"]
    resident.tell_what()
    resident.press("what")
    assert "a.jpg" in resident.text
    resident.press("next")
    resident.tell_who()
    assert "b.png" in resident.text
    receipt_of(resident.send())
    assert list(Case.objects.get().attachments.values_list("name", flat=True)) == ["a.jpg", "b.png"]
    assert waiting() == []


def test_files_come_along_when_the_language_is_changed_and_what_is_wrong_with_one_is_said_in_it(
    resident: Resident,
) -> None:
    resident.read_in("en", **WHAT, files=[upload("a.jpg", photo("JPEG")), upload("bad.jpg", b"MZ")])
    assert (resident.page.status_code, resident.step) == (200, "what")
    assert waiting() == ["a.jpg"]
    assert "1 file has arrived" in resident.text
    notes = re.findall(r'role="alert">([^<]*)', resident.text)
    assert len(notes) == 1
    assert "bad.jpg" in notes[0]
    assert notes[0].isascii()
    assert fields_of(resident.page)["matter"] == WHAT["matter"]
    resident.press("next")
    resident.tell_who()
    assert "a.jpg" in resident.text
    receipt_of(resident.send())
    assert list(Case.objects.get().attachments.values_list("name", flat=True)) == ["a.jpg"]


def test_a_file_ticked_is_taken_out(resident: Resident) -> None:
    resident.tell_what(files=[upload("a.jpg", photo("JPEG")), upload("b.png", photo("PNG"))])
    resident.press("what")
    resident.press("next", drop=str(PendingFile.objects.get(name="a.jpg").public_id))
    assert waiting() == ["b.png"]


def test_nobody_takes_out_or_sees_files_of_another_form(resident: Resident, town: Town) -> None:
    resident.tell_what(files=[upload("a.jpg", photo("JPEG"))])
    mine = PendingFile.objects.get()
    other = Resident(Client(), town.north).open()
    other.tell_what(drop=str(mine.public_id))
    assert "a.jpg" not in other.text
    abroad = Resident(Client(), town.south).open()
    abroad.tell_what(submission_key=str(mine.submission_key), drop=str(mine.public_id))
    abroad.press("what")
    assert "a.jpg" not in abroad.text
    assert waiting() == ["a.jpg"]


def test_the_same_photo_chosen_again_is_kept_once(resident: Resident) -> None:
    picture = photo("JPEG")
    resident.tell_what(matter="", files=[upload("a.jpg", picture)])
    resident.tell_what(files=[upload("a.jpg", picture)])
    assert waiting() == ["a.jpg"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("picture.svg", SCRIPT_IN_SVG),
        ("picture.jpg", SCRIPT_IN_SVG),
        ("page.jpg", b"<html><script>alert(1)</script></html>"),
        ("bomb.png", png_of(50_000, 50_000)),
        ("papers.zip", archive("papers/a.txt")),
        ("papers.docx", archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
        ("bomb.docx", archive("[Content_Types].xml", "word/document.xml", unpacked=3_000_000_000)),
        ("program.exe", b"MZ\x90\x00" + b"\x00" * 200),
        ("half.jpg", photo("JPEG")[:200]),
        ("empty.jpg", b""),
    ],
)
def test_what_is_no_honest_file_is_refused_by_name_and_the_others_stay(
    resident: Resident, name: str, content: bytes
) -> None:
    resident.tell_what(files=[upload(name, content), upload("good.jpg", photo("JPEG", 61))])
    assert (resident.page.status_code, resident.step) == (422, "what")
    assert name in resident.errors
    assert waiting() == ["good.jpg"]
    assert fields_of(resident.page)["matter"] == WHAT["matter"]
    resident.press("next")
    assert resident.step == "who"


def test_a_name_that_is_no_name_stays_text(resident: Resident) -> None:
    resident.tell_what(files=[upload('"><script>alert(1)</script>.jpg', photo("JPEG"))])
    resident.press("what")
    assert "<script>alert" not in resident.text


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_where_a_photo_was_taken_never_reaches_the_disk(
    resident: Resident, form: str, django_capture_on_commit_callbacks: Any
) -> None:
    before = set(on_disk())
    resident.tell_what(files=[upload(f"photo.{form.lower()}", photo(form, secretive=True))])
    (stored,) = set(on_disk()) - before
    content = stored.read_bytes()
    assert SECRET.encode() not in content
    assert not Image.open(io.BytesIO(content)).getexif()
    resident.tell_who()
    with django_capture_on_commit_callbacks(execute=True):
        receipt_of(resident.send())
    attachment = Attachment.objects.get()
    assert SECRET.encode() not in attachment.file.read()
    assert not stored.exists()


def test_of_ten_files_nine_are_kept_and_the_tenth_is_named(resident: Resident) -> None:
    resident.tell_what(files=[upload(f"{number}.jpg", photo("JPEG", 40 + number)) for number in range(10)])
    assert resident.page.status_code == 422
    assert "9.jpg" in resident.errors
    assert waiting() == [f"{number}.jpg" for number in range(9)]
    resident.press("next")
    assert resident.step == "who"


def test_a_file_of_eleven_megabytes_is_refused_by_name_and_what_was_typed_stays(resident: Resident) -> None:
    resident.tell_what(files=[upload("film.pdf", b"%PDF-1.7" + b"0" * 11 * MEGABYTE), upload("a.jpg", photo("JPEG"))])
    assert resident.page.status_code == 422
    assert "film.pdf" in resident.errors
    assert waiting() == ["a.jpg"]
    assert fields_of(resident.page)["matter"] == WHAT["matter"]


def test_a_form_larger_than_all_files_together_may_be_is_not_even_read(resident: Resident) -> None:
    answer = resident.client.post(resident.url, {"step": "what"}, CONTENT_LENGTH=str(300 * MEGABYTE))
    assert answer.status_code == 413
    assert resident.hall.phone in answer.content.decode()


def test_who_sends_pictures_without_end_waits(resident: Resident) -> None:
    now = timezone.now()
    for _time in range(UPLOADS.most):
        take(UPLOADS, who=resident.address, now=now)
    resident.tell_what(files=[upload("a.jpg", photo("JPEG"))])
    assert resident.page.status_code == 429
    assert fields_of(resident.page)["matter"] == WHAT["matter"]
    assert waiting() == []
    resident.tell_what()
    assert resident.step == "who"


def test_files_of_a_form_never_sent_are_gone_after_a_day(
    resident: Resident, django_capture_on_commit_callbacks: Any
) -> None:
    before = set(on_disk())
    resident.tell_what(files=[upload("a.jpg", photo("JPEG"))])
    (stored,) = set(on_disk()) - before
    assert tidy(now=timezone.now() + timedelta(hours=23))["pending"] == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert tidy(now=timezone.now() + timedelta(hours=25))["pending"] == 1
    assert not stored.exists()
    assert waiting() == []


def test_files_in_a_form_whose_cookie_is_gone_are_kept_too(town: Town) -> None:
    strict = Client(enforce_csrf_checks=True)
    resident = Resident(strict, town.north).open()
    strict.cookies.clear()
    resident.tell_what(files=[upload("a.jpg", photo("JPEG"))])
    assert resident.page.status_code == 403
    assert waiting() == ["a.jpg"]
    assert "a.jpg" in resident.text


def test_a_key_that_is_none_makes_no_trouble(resident: Resident) -> None:
    resident.tell_what(submission_key="'; --", drop="no-such-file", files=[upload("a.jpg", photo("JPEG"))])
    assert resident.step == "who"
    assert uuid.UUID(fields_of(resident.page)["submission_key"])


def heavy(number: int) -> SimpleUploadedFile:
    return upload(f"{number}.pdf", b"%PDF-1.7" + bytes([number]) * (MEGABYTE - 100))


def told_of_it(staff: Any) -> list[str]:
    with override("en"):
        return [alert.message for alert in Alert.objects.filter(recipient=staff, key__startswith="public-files-full")]


def test_a_day_takes_so_much_and_words_come_in_all_the_same(resident: Resident, town: Town, settings: Settings) -> None:
    settings.PUBLIC_FILES_MB_A_DAY = 2
    on_shift(town.lin, town.north, timezone.now() - timedelta(hours=1))
    resident.read_in("en")
    resident.tell_what(files=[heavy(1), heavy(2), heavy(3)])
    assert (resident.page.status_code, waiting()) == (422, ["1.pdf", "2.pdf"])
    assert "no more fit in today" in resident.errors
    assert "bring them to the hall" in resident.errors
    # What was sent meanwhile counts as before: its day is not over.
    resident.press("next")
    resident.tell_who()
    receipt_of(resident.send())
    other = Resident(Client(), resident.hall, "10.9.9.9").open()
    other.tell_what(files=[heavy(4)])
    assert (other.page.status_code, waiting()) == (422, [])
    other.press("next")
    other.tell_who()
    receipt_of(other.send())
    # Another hall, and another day.
    abroad = Resident(Client(), town.south).open()
    abroad.tell_what(files=[heavy(5)])
    assert waiting() == ["5.pdf"]
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        other.open()
        other.tell_what(files=[heavy(6)])
    assert waiting() == ["5.pdf", "6.pdf"]


def test_who_looks_after_the_hall_is_told_once_a_day_that_files_are_refused(
    resident: Resident, town: Town, settings: Settings
) -> None:
    settings.PUBLIC_FILES_MB_A_DAY = 0
    for number in (1, 2):
        resident.tell_what(files=[heavy(number)])
    for staff in (town.feng, town.he):
        assert len(told_of_it(staff)) == 1
        assert "no more are taken today" in told_of_it(staff)[0]
    assert Alert.objects.filter(key__startswith="public-files-full").count() == 2
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        resident.tell_what(files=[heavy(3)])
    assert len(told_of_it(town.feng)) == 2


def test_files_that_are_never_sent_cannot_fill_the_disk(resident: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words are still taken in then, and what waits already stays."""
    monkeypatch.setattr("complaints.pending.MOST_WAITING", 2 * MEGABYTE)
    before = len(on_disk())
    files = [upload(f"{number}.pdf", b"%PDF-1.7" + bytes([number]) * MEGABYTE) for number in (1, 2, 3)]
    resident.read_in("en")
    resident.tell_what(files=files[:2])
    assert waiting() == ["1.pdf"]
    assert "no more fit in" in resident.errors
    other = Resident(Client(), resident.hall, "10.9.9.9").open()
    other.tell_what(files=[files[2]])
    assert waiting() == ["1.pdf"]
    assert len(on_disk()) == before + 1
    other.tell_what()
    other.tell_who()
    receipt_of(other.send())
