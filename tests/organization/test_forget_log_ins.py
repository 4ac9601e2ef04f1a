"""Ended sessions go, running ones stay; who logged in is forgotten after half a year."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessLog
from django.contrib.sessions.models import Session
from django.utils import timezone

from foundation.organization.tasks import forget_old_log_ins

pytestmark = pytest.mark.django_db


def test_ended_sessions_go_and_running_ones_stay():
    now = timezone.now()
    Session.objects.create(session_key="ended", session_data="", expire_date=now - timedelta(minutes=1))
    Session.objects.create(session_key="running", session_data="", expire_date=now + timedelta(minutes=1))
    forget_old_log_ins()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["running"]


def test_who_logged_in_is_known_for_half_a_year():
    for days in (179, 181):
        log = AccessLog.objects.create(username=f"lin{days}", ip_address="127.0.0.1")
        AccessLog.objects.filter(pk=log.pk).update(attempt_time=timezone.now() - timedelta(days=days))
    forget_old_log_ins()
    assert list(AccessLog.objects.values_list("username", flat=True)) == ["lin179"]
