"""The sweep among very many open cases: four workers, one of them killed, and what it costs beside a bare UPDATE.

The rows are copies of two real cases, made in the database: a load, not a story.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import connection, models, transaction

from cases.models import Case, CaseDeadline, Part, TransferSlip
from cases.sweep import sweep
from foundation.ledger.models import Chain
from foundation.notifications.models import Alert, Delivery
from tests import matters
from tests.builders import Town
from tests.cases.steps import march
from tests.running import BASE_DIR, database_url

pytestmark = pytest.mark.django_db(transaction=True)

NOW = march(4, 12)
COPIES_FROM = 1_000_000
WORKERS = 4


def copy(model: type[models.Model], original: int, count: int, first: int, **columns: str) -> None:
    """Rows first+1 … first+count like the original one, but for these columns, given in SQL; n is the copy's id."""
    names = [str(field.column) for field in model._meta.concrete_fields]
    given = {"id": "n"} | columns
    values = [f"({given[name]})" if name in given else f"row.{name}" for name in names]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) SELECT {', '.join(values)} "
            f"FROM {model._meta.db_table} AS row, generate_series(%s + 1, %s + %s) AS n WHERE row.id = %s",
            [first, first, count, original],
        )


@dataclass(frozen=True)
class Due:
    """How many copies of one case are due, and who is to be told with which card, worked out by hand."""

    slip: TransferSlip
    overdue: bool
    card: str
    told: tuple[str, ...]


def kinds_of_due(town: Town) -> list[Due]:
    """A quarter of what is due each: signed by Wang or not yet, due tomorrow or overdue and never looked at."""
    signed = matters.signed(town)
    unsigned = matters.transferred(town, identity="anonymous")
    return [
        Due(signed, False, "yellow", ("wang",)),
        Due(signed, True, "red", ("wang", "zhao")),
        Due(unsigned, False, "yellow", ("qian", "wang", "zhao")),
        Due(unsigned, True, "red", ("qian", "wang", "zhao")),
    ]


def fill(town: Town, kinds: list[Due], *, open_cases: int, due: int) -> Counter[tuple[str, str]]:
    """Open cases with a slip and two clocks each. Returns how many cards of which colour everybody is to get."""
    for person in (town.wang, town.zhao):
        # Two of three have an address: what is sent outside is written by the sweep, too.
        person.email = f"{person.username}@hall.example"
        person.save()
    CaseDeadline.objects.update(next_alert_at=None)
    expected: Counter[tuple[str, str]] = Counter()
    first = COPIES_FROM
    with transaction.atomic(), connection.cursor() as cursor:
        # What guards rows that people write would only slow down a load of copies.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for kind in kinds:
            _copies(kind.slip, due // len(kinds), first, due_at=NOW - timedelta(minutes=10) if kind.overdue else None)
            first += due // len(kinds)
            for name in kind.told:
                expected[name, kind.card] += due // len(kinds)
        _copies(kinds[0].slip, open_cases - due, first, due_at=NOW + timedelta(days=20), looked_at=False)
        cursor.execute("SET LOCAL session_replication_role = origin")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return expected


def _copies(slip: TransferSlip, count: int, first: int, *, due_at: datetime | None, looked_at: bool = True) -> None:
    """due_at: of the handling clock; None: tomorrow, so that three quarters of its time are over by now."""
    case = Case.objects.get(pk=slip.case_id)
    copy(Chain, case.chain_id, count, first, number="n")
    copy(
        Case,
        case.pk,
        count,
        first,
        number="'LOAD-' || n",
        tracking_code="lpad(n::text, 13, '0')",
        chain_id="n",
    )
    copy(TransferSlip, slip.pk, count, first, case_id="n", number="'LOAD-' || n || '-1'")
    part = Part.objects.filter(case=case).order_by("-pk")[0]
    copy(Part, part.pk, count, first, case_id="n")
    handle, promise = case.deadlines.get(kind="handle"), case.deadlines.get(kind="promise")
    due = due_at or NOW + timedelta(days=1)
    warn = NOW + timedelta(days=15) if not looked_at else NOW - timedelta(hours=1)
    times = {
        "case_id": "n",
        "started_at": f"'{(NOW - timedelta(days=2)).isoformat()}'::timestamptz",
        "due_at": f"'{due.isoformat()}'::timestamptz",
        "warn_at": f"'{warn.isoformat()}'::timestamptz",
        "next_alert_at": f"'{warn.isoformat()}'::timestamptz",
    }
    copy(CaseDeadline, handle.pk, count, first, slip_id="n", **times)
    far = f"'{(NOW + timedelta(days=30)).isoformat()}'::timestamptz"
    promised = times | {"id": "n + 10000000", "due_at": far, "warn_at": far, "next_alert_at": far}
    copy(CaseDeadline, promise.pk, count, first, **promised)


def told() -> Counter[tuple[str, str]]:
    rows = Alert.objects.values_list("recipient__username", "level").annotate(number=models.Count("pk"))
    return Counter({(who, card): number for who, card, number in rows})


@contextmanager
def workers(number: int, batch: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that sweep once each, as Celery's workers do; whatever is left of them ends with the test."""
    code = (
        "import django; django.setup()\n"
        "from datetime import datetime; from cases import sweep as room\n"
        f"room.BATCH = {batch}\n"
        "print('sweeping', flush=True)\n"
        f"print(room.sweep(now=datetime.fromisoformat('{NOW.isoformat()}')), flush=True)\n"
    )
    environment = os.environ | {
        "DATABASE_URL": database_url(str(connection.settings_dict["NAME"])),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    running = [
        subprocess.Popen([sys.executable, "-c", code], cwd=BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True)
        for _worker in range(number)
    ]
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.communicate()


@pytest.mark.parametrize(
    ("due", "open_cases", "batch"),
    [
        pytest.param(500, 5_000, 25, id="few"),
        pytest.param(10_000, 100_000, 1000, id="many", marks=pytest.mark.soak),
    ],
)
def test_four_workers_one_of_them_killed_tell_everybody_exactly_once(town: Town, due: int, open_cases: int, batch: int):
    expected = fill(town, kinds_of_due(town), open_cases=open_cases, due=due)
    Alert.objects.all().delete()
    assert CaseDeadline.objects.due_for_a_look(NOW).count() == due
    with workers(WORKERS, batch) as running:
        victim = running[0]
        assert victim.stdout is not None
        assert victim.stdout.readline() == "sweeping\n"
        while not Alert.objects.exists() and victim.poll() is None:
            time.sleep(0.005)
        os.kill(victim.pid, signal.SIGKILL)
        assert victim.wait() == -signal.SIGKILL
        for process in running[1:]:
            output, _errors = process.communicate(timeout=300)
            assert "postponed=0" in output
            assert process.returncode == 0
    # What the killed one held was let go; the sweep of the next minute takes it.
    after = sweep(now=NOW)
    print(f"\n{due} due among {open_cases} open: {after.looked_at} were left by the killed worker")
    assert told() == expected
    assert sweep(now=NOW).looked_at == 0
    with_address = sum(number for (who, _card), number in expected.items() if who in ("wang", "zhao"))
    assert Delivery.objects.count() == with_address
    assert CaseDeadline.objects.filter(failed_at__isnull=False).count() == 0


BARE_UPDATE = """
    UPDATE cases_casedeadline SET step = 1, next_alert_at = due_at WHERE id IN (
        SELECT id FROM cases_casedeadline WHERE outcome = '' AND next_alert_at <= %s
        ORDER BY next_alert_at LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED
    ) RETURNING id, case_id, slip_id, kind, due_at
"""


def bare_update() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BARE_UPDATE, [NOW])
        assert len(cursor.fetchall()) == 1000


def real_sweep() -> None:
    assert sweep(now=NOW).looked_at == 1000


def milliseconds(work: Callable[[], None]) -> float:
    """The middle of seven runs, each over the same thousand rows made due anew."""
    spans: list[float] = []
    for _run in range(7):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM notifications_delivery")
            cursor.execute("DELETE FROM notifications_alert")
            cursor.execute(
                "UPDATE cases_casedeadline SET step = 0, next_alert_at = warn_at "
                "WHERE outcome = '' AND warn_at <= %s AND next_alert_at IS NOT NULL",
                [NOW],
            )
            cursor.execute("VACUUM ANALYZE cases_casedeadline")
        began = time.perf_counter()
        work()
        spans.append((time.perf_counter() - began) * 1000)
    return statistics.median(spans)


@pytest.mark.soak
@pytest.mark.parametrize("open_cases", [10_000, 200_000])
def test_a_thousand_due_cost_at_most_six_times_the_bare_update(town: Town, open_cases: int):
    fill(town, [Due(matters.signed(town), False, "yellow", ("wang",))], open_cases=open_cases, due=1000)
    bare, real = milliseconds(bare_update), milliseconds(real_sweep)
    print(f"\n1,000 due among {open_cases:,} open: bare UPDATE {bare:.0f} ms, sweep {real:.0f} ms, {real / bare:.1f} x")
    assert Alert.objects.count() == Delivery.objects.count() == 1000
    assert real <= 6 * bare


@pytest.mark.soak
def test_a_thousand_due_that_concern_several_people_each_cost_little_more(town: Town):
    """2.25 alerts and 1.75 messages for each clock: more rows than the bar is about, so only printed."""
    fill(town, kinds_of_due(town), open_cases=10_000, due=1000)
    bare, real = milliseconds(bare_update), milliseconds(real_sweep)
    print(f"\n2,250 alerts of 1,000 due: bare UPDATE {bare:.0f} ms, sweep {real:.0f} ms, {real / bare:.1f} x")
    assert Alert.objects.count() == 2250
