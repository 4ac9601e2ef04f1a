"""A register comes in over the page: chosen, its columns named, tried, begun, watched, and what is to be mended."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from cases.models import Case
from records.importing.job import claim, go_on
from records.models import ImportJob
from tests.builders import Town, category
from tests.records.registers import HEADINGS, LEAK, NOISE, PENSION, ROWS, as_csv, as_xlsx

pytestmark = pytest.mark.django_db

BAD = ["5", "上个月", *NOISE[2:]]


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def chen(town: Town) -> Client:
    client = Client()
    client.force_login(town.chen)
    client.cookies["django_language"] = "en"
    return client


def upload(client: Client, content: bytes, name: str = "台账.csv"):
    hall = re.search(r'name="hall" value="([^"]+)"', client.get("/imports/").content.decode())
    assert hall is not None
    return client.post("/imports/", {"file": SimpleUploadedFile(name, content), "hall": hall[1]})


def handed_in(client: Client, content: bytes, name: str = "台账.csv") -> str:
    response = upload(client, content, name)
    assert response.status_code == 302
    return str(response["Location"])


def offered(html: str) -> dict[str, str]:
    """What the page has chosen by itself: the form as a browser would send it."""
    chosen = {}
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', html, re.S):
        given = r'<option value="([^"]*)"'
        found = re.search(rf"{given}[^>]* selected", options) or re.search(given, options)
        chosen[name] = found[1] if found else ""
    return chosen


def press(client: Client, url: str, do: str, **changes: str):
    return client.post(url, offered(client.get(url).content.decode()) | changes | {"do": do})


def work() -> ImportJob:
    own = claim(now=timezone.now())
    assert own is not None
    go_on(own, clock=timezone.now)
    return ImportJob.objects.get(pk=own.pk)


@pytest.mark.parametrize(("content", "name"), [(as_csv(encoding="gbk"), "台账.csv"), (as_xlsx(), "台账.xlsx")])
def test_the_columns_are_guessed_and_the_first_rows_shown(chen: Client, content: bytes, name: str) -> None:
    url = handed_in(chen, content, name)
    html = chen.get(url).content.decode()
    assert "三栋二单元楼顶漏水" in html
    assert [offered(html)[f"column_{place}"] for place in range(len(HEADINGS))] == [
        "outside_number",
        "received_at",
        "name",
        "phone",
        "matter",
        "nature",
        "category",
        "answer",
        "answered_at",
    ]


def test_it_is_tried_then_begun_and_watched_to_its_end(chen: Client, town: Town) -> None:
    url = handed_in(chen, as_csv([*ROWS, BAD]))
    assert press(chen, url, "check", actor=str(town.lin.pk)).status_code == 302
    assert 'hx-trigger="every 2s"' in chen.get(url).content.decode()
    assert Case.objects.count() == 0
    work()
    tried = chen.get(url).content.decode()
    assert "Tried: nothing was written" in tried
    assert "no date" in tried
    assert Case.objects.count() == 0
    assert press(chen, url, "start", actor=str(town.lin.pk)).status_code == 302
    progress = chen.get(f"{url}progress/")
    assert "HX-Refresh" not in progress.headers
    work()
    assert chen.get(f"{url}progress/")["HX-Refresh"] == "true"
    done = chen.get(url).content.decode()
    assert "The register is in" in done
    assert Case.objects.count() == 4
    assert {case.first_contact_owner for case in Case.objects.all()} == {town.lin}
    mend = chen.get(f"{url}to-mend/")
    assert mend["Content-Disposition"].startswith("attachment")
    assert "上个月" in mend.content.decode("utf-8-sig")


def test_the_progress_asks_in_the_background_and_does_not_prolong_the_session(chen: Client, town: Town) -> None:
    url = handed_in(chen, as_csv())
    press(chen, url, "start", actor=str(town.lin.pk))
    assert """hx-headers='{"X-Background": "1"}'""" in chen.get(url).content.decode()


def test_progress_is_told_in_words_and_figures(chen: Client, town: Town) -> None:
    url = handed_in(chen, as_csv())
    press(chen, url, "start", actor=str(town.lin.pk))
    ImportJob.objects.update(total=600, position=150, claimed_until=timezone.now() + timedelta(minutes=1))
    html = chen.get(f"{url}progress/").content.decode()
    assert "Row 150 of 600" in html
    assert 'value="25"' in html


def test_a_column_chosen_twice_is_told_at_the_column_and_the_choice_kept(chen: Client, town: Town) -> None:
    url = handed_in(chen, as_csv())
    response = press(chen, url, "start", actor=str(town.lin.pk), column_2="matter")
    html = response.content.decode()
    assert response.status_code == 422
    assert "is chosen for two columns" in html
    assert offered(html)["column_2"] == "matter"
    assert ImportJob.objects.get().state == "draft"


def test_a_column_that_is_needed_is_asked_for(chen: Client, town: Town) -> None:
    url = handed_in(chen, as_csv())
    response = press(chen, url, "start", actor=str(town.lin.pk), column_1="")
    assert response.status_code == 422
    assert "no row can come in without it" in response.content.decode()


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + bytes(200), b"\xd0\xcf\x11\xe0" + bytes(99)])
def test_what_is_no_register_is_told_at_the_field(chen: Client, content: bytes) -> None:
    response = upload(chen, content)
    assert response.status_code == 422
    assert b"invalid-feedback" in response.content
    assert ImportJob.objects.count() == 0


def test_rows_without_a_category_get_the_one_chosen(chen: Client, town: Town) -> None:
    chosen = category(town.north, "施工噪声")
    url = handed_in(chen, as_csv([[*LEAK[:6], "没有的类别", "", ""]]))
    press(chen, url, "start", actor=str(town.mei.pk), category=str(chosen.pk))
    work()
    assert Case.objects.get().category == chosen


def test_the_same_button_twice_begins_once(chen: Client, town: Town) -> None:
    url = handed_in(chen, as_csv([PENSION]))
    sent = offered(chen.get(url).content.decode()) | {"do": "start", "actor": str(town.lin.pk)}
    assert [chen.post(url, sent).status_code for _time in range(2)] == [302, 422]
    work()
    assert Case.objects.count() == 1


def test_a_file_is_thrown_away_with_all_that_is_in_it(chen: Client, django_capture_on_commit_callbacks) -> None:
    url = handed_in(chen, as_csv())
    path = Path(ImportJob.objects.get().file.path)
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert chen.post(url, {"do": "discard"}).status_code == 302
    assert not path.exists()
    assert ImportJob.objects.count() == 0
    assert chen.get(url).status_code == 404


def test_a_page_of_another_hall_hands_nothing_in_here(chen: Client, town: Town) -> None:
    sent = {"file": SimpleUploadedFile("台账.csv", as_csv()), "hall": town.south.code}
    response = chen.post("/imports/", sent)
    assert response.status_code == 422
    assert "opened for another hall" in response.content.decode()
    assert ImportJob.objects.count() == 0


def test_while_it_is_tried_the_page_offers_to_throw_it_away(chen: Client, town: Town) -> None:
    url = handed_in(chen, as_csv())
    press(chen, url, "check", actor=str(town.lin.pk))
    assert 'value="discard"' in chen.get(url).content.decode()
    assert chen.post(url, {"do": "discard"}).status_code == 302
    assert ImportJob.objects.count() == 0


def test_queries_do_not_grow_with_the_rows(chen: Client, django_assert_max_num_queries) -> None:
    few, many = handed_in(chen, as_csv()), handed_in(chen, as_csv([[str(n), *LEAK[1:]] for n in range(400)]))
    for url in (few, many):
        with django_assert_max_num_queries(14):
            chen.get(url)
    with django_assert_max_num_queries(10):
        chen.get("/imports/")
