"""Whoever reads the logs can open nobody's matter with what stands there."""

from __future__ import annotations

import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from gunicorn.config import Config  # type: ignore[import-untyped]

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
