"""The register goes out over the page: what the list shows, watched while it is written, fetched by who asked."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from foundation.organization.models import Staff
from records.exporting.job import claim, write
from records.models import ExportJob
from tests.builders import Town
from tests.matters import accepted, registered

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def logged_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    client.cookies["django_language"] = "en"
    return client


def ask(client: Client, query: str = "") -> str:
    """From the list with these filters; gives the address of the export."""
    listed = client.get(f"/cases/?{query}").content.decode()
    link = re.search(r'href="(/exports/[^"]*)"', listed)
    assert link is not None
    page = client.get(link[1].replace("&amp;", "&")).content.decode()
    sent = dict(re.findall(r'<input type="hidden" name="(filters|submission_key|hall)" value="([^"]*)"', page))
    response = client.post("/exports/", {name: value.replace("&amp;", "&") for name, value in sent.items()})
    assert response.status_code == 302
    return str(response["Location"])


def work() -> None:
    job = claim(now=timezone.now())
    assert job is not None
    write(job, clock=timezone.now)


def fetched(client: Client, url: str) -> list[object]:
    response = client.get(f"{url}file/")
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Cache-Control"] == "private, no-store"
    book = load_workbook(io.BytesIO(b"".join(response)))
    assert book.active is not None
    return [row[0] for row in book.active.iter_rows(min_row=2, values_only=True)]


def test_what_the_list_shows_is_watched_and_fetched(town: Town) -> None:
    wanted, _other = accepted(town), registered(town, identity="anonymous")
    chen = logged_in(town.chen)
    url = ask(chen, "state=accepted&order=due")
    assert 'hx-trigger="every 2s"' in chen.get(url).content.decode()
    assert "HX-Refresh" not in chen.get(f"{url}progress/").headers
    assert chen.get(f"{url}file/").status_code == 404
    work()
    assert chen.get(f"{url}progress/")["HX-Refresh"] == "true"
    assert f"{url}file/" in chen.get(url).content.decode()
    assert fetched(chen, url) == [wanted.number]


def test_nobody_else_fetches_it_not_even_who_might_ask_themselves(town: Town) -> None:
    registered(town)
    url = ask(logged_in(town.chen))
    work()
    for other in (town.feng, town.tang):
        client = logged_in(other)
        assert [client.get(f"{url}{part}").status_code for part in ("", "progress/", "file/")] == [404] * 3
    assert logged_in(town.lin).get(f"{url}file/").status_code == 403


def test_after_a_day_it_is_gone(town: Town) -> None:
    registered(town)
    chen = logged_in(town.chen)
    url = ask(chen)
    work()
    ExportJob.objects.update(finished_at=timezone.now() - timedelta(days=1, minutes=1))
    assert chen.get(f"{url}file/").status_code == 404
    assert "not kept any more" in chen.get(url).content.decode()


def test_the_desk_is_not_offered_it(town: Town) -> None:
    html = logged_in(town.lin).get("/cases/").content.decode()
    assert "/exports/" not in html
    assert "/imports/" not in html


def test_the_same_form_twice_is_one_file(town: Town) -> None:
    chen = logged_in(town.chen)
    sent = {"filters": "", "submission_key": "7b0c1b5e-52a8-4d5f-9d8c-0d6a3c6f2a11", "hall": town.north.code}
    assert [chen.post("/exports/", sent).status_code for _time in range(2)] == [302, 302]
    assert ExportJob.objects.count() == 1


def test_a_page_of_another_hall_writes_nothing_of_this_one(town: Town) -> None:
    chen = logged_in(town.chen)
    html = chen.get("/exports/").content.decode()
    assert f'name="hall" value="{town.north.code}"' in html
    sent = {"filters": "", "submission_key": "7b0c1b5e-52a8-4d5f-9d8c-0d6a3c6f2a11", "hall": town.south.code}
    response = chen.post("/exports/", sent, follow=True)
    assert "opened for another hall" in response.content.decode()
    assert ExportJob.objects.count() == 0


def test_queries_do_not_grow(town: Town, django_assert_max_num_queries) -> None:
    for _case in range(4):
        registered(town, identity="anonymous")
    chen = logged_in(town.chen)
    chen.get("/exports/")
    with django_assert_max_num_queries(12):
        chen.get("/exports/?state=open")
