"""What beat sends: nothing piles up, and every name leads to a task."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.celery import app, schedule

ENTRIES = schedule(60)


@pytest.mark.parametrize("name", ENTRIES)
def test_each_entry_expires_before_the_next_one_is_sent(name):
    entry = ENTRIES[name]
    interval = entry["schedule"] if isinstance(entry["schedule"], timedelta) else timedelta(days=1)
    options = entry["options"]
    assert isinstance(options, dict)
    assert 0 < options["expires"] < interval.total_seconds()


@pytest.mark.parametrize("name", ENTRIES)
def test_each_entry_names_a_task_that_exists(name):
    app.loader.import_default_modules()
    assert ENTRIES[name]["task"] in app.tasks


def test_the_sweep_can_be_hurried_for_trials():
    assert schedule(2)["sweep"]["schedule"] == timedelta(seconds=2)
    assert ENTRIES["sweep"]["schedule"] == timedelta(minutes=1)


def test_the_daily_seal_is_asked_for_all_day_long():
    """A machine that is off at night, or a beat that lost its notes, misses no day."""
    assert ENTRIES["publish-daily-seal"]["schedule"] == timedelta(minutes=5)


def test_a_task_is_acknowledged_only_when_it_is_done():
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.broker_transport_options["visibility_timeout"] > app.conf.task_time_limit
