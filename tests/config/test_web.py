"""What every answer carries, whoever wrote the page."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings

from config.proxies import ClientAddressMiddleware


@pytest.mark.django_db
def test_the_health_page_answers_while_the_database_does(client: Client):
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.content == b"ok\n"


@pytest.mark.django_db
def test_the_content_policy_allows_no_inline_code_and_no_other_site(client: Client):
    policy = client.get("/healthz").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy


@pytest.mark.django_db
def test_the_language_is_switched_by_a_cookie(client: Client):
    response = client.post("/i18n/setlang/", {"language": "en", "next": "/healthz"})
    assert response.status_code == 302
    assert client.get("/healthz").headers["Content-Language"] == "en"
    assert Client().get("/healthz", headers={"accept-language": "zh-CN"}).headers["Content-Language"] == "zh-hans"


def address_seen(proxies: int, forwarded: str) -> str:
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": forwarded})
    with override_settings(TRUSTED_PROXIES=proxies):
        ClientAddressMiddleware(view)(request)
    return seen[0]


def test_without_a_proxy_a_visitor_cannot_claim_an_address():
    assert address_seen(0, "1.2.3.4") == "10.0.0.1"


def test_behind_one_proxy_only_what_the_proxy_wrote_counts():
    assert address_seen(1, "6.6.6.6, 1.2.3.4") == "1.2.3.4"


def test_behind_two_proxies_the_visitor_stands_second_from_the_right():
    assert address_seen(2, "6.6.6.6, 1.2.3.4, 10.0.0.2") == "1.2.3.4"


def test_fewer_addresses_than_proxies_change_nothing():
    assert address_seen(2, "1.2.3.4") == "10.0.0.1"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/h/NTH/t/%00/", "/h/%00/t/7K2MQ4H8V9R3X/", "/login/?next=%00", "/cases/%00/"])
def test_a_nul_in_an_address_is_refused_and_not_asked_of_the_database(client: Client, address: str):
    assert client.get(address).status_code == 400
