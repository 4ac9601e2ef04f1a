"""Whoever reads the logs can open nobody's matter with what stands there."""

from __future__ import annotations

import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from gunicorn.config import Config  # type: ignore[import-untyped]

from config import gunicorn
from config.secret_addresses import AccessLogger, HideSecretAddresses

SECRET = "7K3MX0Q2R9TVW"
ADDRESSES = [f"/h/GHP/{page}/{SECRET}/" for page in ("e", "t", "sent")]


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_list_of_requests_says_which_page_and_not_whose(address: str) -> None:
    environ = {"REQUEST_METHOD": "GET", "RAW_URI": address, "PATH_INFO": address, "SERVER_PROTOCOL": "HTTP/1.1"}
    environ["HTTP_REFERER"] = f"https://hall.example{address}"
    answer = SimpleNamespace(status="200 OK", sent=1, headers=[])
    atoms = AccessLogger(Config()).atoms(answer, SimpleNamespace(headers=[]), environ, timedelta(0))
    assert SECRET not in str([atoms[name] for name in "Urf"])
    assert atoms["U"] == address.replace(SECRET, "***")


def logged(path: str, address: str) -> str:
    """The line of the web process's list, as it is set up to be written."""
    environ = {"REQUEST_METHOD": "POST", "RAW_URI": path, "PATH_INFO": path, "SERVER_PROTOCOL": "HTTP/1.1"}
    environ |= {"REMOTE_ADDR": address}
    answer = SimpleNamespace(status="200 OK", sent=1, headers=[])
    atoms = AccessLogger(Config()).atoms(answer, SimpleNamespace(headers=[]), environ, timedelta(0))
    return str(gunicorn.access_log_format % atoms)


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("2001:db8:12:34:56:78:9a:bc", "2001:db8:12::"),
        ("203.0.113.77, 10.0.0.1", "-"),
        ("", "-"),
    ],
)
@pytest.mark.parametrize("path", ["/h/GHP/tell/", "/h/GHP/track/add/", "/static/js/prove.js", "/i18n/setlang/", "/"])
def test_of_who_asks_for_a_public_page_only_the_network_is_kept(path: str, address: str, kept: str) -> None:
    assert logged(path, address).startswith(f'{kept} "POST {path}"')


def test_from_which_computer_staff_work_stands_there_in_full() -> None:
    assert logged("/login/", "203.0.113.77").startswith('203.0.113.77 "POST /login/"')


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_the_framework_says_of_an_answer_hides_it_too(address: str) -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "", 1, "%s: %s", ("Not Found", address), None)
    assert HideSecretAddresses().filter(record)
    assert record.getMessage() == f"Not Found: {address.replace(SECRET, '***')}"


def test_other_addresses_stand_there_as_they_are() -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "", 1, "Not Found: %s", ("/cases/GHP-1/",), None)
    HideSecretAddresses().filter(record)
    assert record.getMessage() == "Not Found: /cases/GHP-1/"


def test_everything_that_is_logged_passes_by_it() -> None:
    assert "'filters': ['addresses']" in str(settings.LOGGING["handlers"])
    assert 'logger_class = "config.secret_addresses.AccessLogger"' in (
        settings.BASE_DIR / "config" / "gunicorn.py"
    ).read_text(encoding="utf-8")
