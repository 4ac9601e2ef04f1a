"""Once a day the house is tidied: what is still needed stays, whatever else lies about goes."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from cases.actions.attach import attach
from cases.models import Attachment, Case, StatusLookup
from cases.uploads import CleanFile
from foundation.notifications.actions import notify
from foundation.notifications.models import Alert, Delivery, Message
from foundation.notifications.residents import write_to
from records.erasure import erase_resident
from records.models import ExportJob, ImportJob
from records.tidying import tidy
from tests.builders import Town
from tests.matters import a_resident, registered
from tests.records.registers import NOW, PENSION, as_csv, handed_in, taken_in

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def aged(path: Path, age: timedelta) -> Path:
    moment = (NOW - age).timestamp()
    os.utime(path, (moment, moment))
    return path


def left_behind(folder: Path, name: str, age: timedelta) -> Path:
    path = folder / "attachments" / "aa" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"left behind")
    return aged(path, age)


def test_files_of_undone_transactions_go_after_a_day_and_named_ones_stay(town: Town, media: Path) -> None:
    case = registered(town)
    file = CleanFile("notice.pdf", "application/pdf", b"%PDF-1.4 notice")
    attach(case_id=case.pk, files=[file], kind="resident", actor=town.lin, now=NOW)
    named = aged(Path(Attachment.objects.get().file.path), 30 * DAY)
    old, young = left_behind(media, "old", DAY * 1.1), left_behind(media, "young", DAY * 0.9)
    assert tidy(now=NOW)["files"] == 1
    assert (named.exists(), old.exists(), young.exists()) == (True, False, True)


def test_exports_lose_file_and_filters_after_a_day(town: Town, media: Path) -> None:
    jobs = [
        ExportJob.objects.create(
            hall=town.north,
            asked_by=town.chen,
            state="done",
            language="en",
            filters="q=王秀兰",
            created_at=NOW - 3 * DAY,
            finished_at=NOW - age,
            file=f"exports/{place}",
        )
        for place, age in enumerate([DAY * 1.01, DAY * 0.99])
    ]
    (media / "exports").mkdir()
    for place in range(2):
        (media / "exports" / str(place)).write_bytes(b"xlsx")
    assert tidy(now=NOW)["exports"] == 1
    old, young = (ExportJob.objects.get(pk=job.pk) for job in jobs)
    assert (old.file.name, old.filters, young.file.name, young.filters) == ("", "", "exports/1", "q=王秀兰")
    assert sorted(path.name for path in (media / "exports").iterdir()) == ["1"]


def test_registers_that_came_in_lose_their_file_after_a_fortnight_and_drafts_go_sooner(town: Town) -> None:
    done = taken_in(town, as_csv())
    draft = handed_in(town, as_csv())
    path = Path(done.file.path)
    assert tidy(now=NOW + DAY)["imports"] == 0
    assert tidy(now=NOW + 3 * DAY)["imports"] == 1
    assert not ImportJob.objects.filter(pk=draft.pk).exists()
    assert path.exists()
    assert tidy(now=NOW + 14 * DAY)["imports"] == 1
    assert not path.exists()
    assert ImportJob.objects.get(pk=done.pk).imported == 4


def test_messages_to_residents_go_after_their_time_with_what_was_sent_of_them(town: Town) -> None:
    resident = a_resident(town, email="xiulan@resident.example")
    for key, age in (("old", 401 * DAY), ("young", 399 * DAY)):
        write_to(
            resident=resident, hall=town.north, key=key, text="text", params={}, path="", chain=None, now=NOW - age
        )
    assert tidy(now=NOW)["messages"] == 1
    assert [message.key for message in Message.objects.all()] == ["young"]
    assert Delivery.objects.count() == 1


def test_alerts_go_after_their_time_with_what_was_sent_of_them(town: Town) -> None:
    town.mei.email = "mei@hall.example"
    town.mei.save()
    for key, age in (("old", 401), ("young", 399)):
        notify(recipients=[town.mei], key=key, level="info", text="Something", hall=town.north, now=NOW - age * DAY)
    assert tidy(now=NOW)["alerts"] == 1
    assert list(Alert.objects.values_list("key", flat=True)) == ["young"]
    assert Delivery.objects.count() == 1


def test_look_ups_are_forgotten_after_a_day(town: Town) -> None:
    for age in (DAY * 1.01, DAY * 0.99):
        StatusLookup.objects.create(address_token="a", code_token="b", looked_up_at=NOW - age, is_right=False)
    assert tidy(now=NOW)["lookups"] == 1
    assert StatusLookup.objects.count() == 1


def test_what_is_begun_while_it_is_looked_at_stays(town: Town) -> None:
    """Tidying has chosen the draft and waits for its row; whoever holds the row begins with it."""
    draft = handed_in(town, as_csv())
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            ImportJob.objects.select_for_update().get(pk=draft.pk)
            tidied = threads.submit(tidied_elsewhere)
            with pytest.raises(TimeoutError):
                tidied.result(timeout=0.5)
            ImportJob.objects.filter(pk=draft.pk).update(state="running")
        assert tidied.result(timeout=30) == 0
    assert Path(draft.file.path).exists()
    assert ImportJob.objects.filter(pk=draft.pk).exists()


def tidied_elsewhere() -> int:
    try:
        return tidy(now=NOW + 3 * DAY)["imports"]
    finally:
        connection.close()


def test_a_register_of_somebody_erased_while_it_came_in_goes_at_once(town: Town) -> None:
    job = taken_in(town, as_csv([PENSION]))
    path = Path(job.file.path)
    resident = Case.objects.get(imported_as__job=job).resident
    assert resident is not None
    # As if rows of others were still to come: the file is needed.
    ImportJob.objects.update(state="running", finished_at=None)
    erase_resident(resident_id=resident.pk, actor=town.chen, reason="申请", now=NOW)
    assert path.exists()
    ImportJob.objects.update(state="done", finished_at=NOW)
    assert tidy(now=NOW)["imports"] == 1
    assert not path.exists()


def test_one_step_that_fails_stops_no_other_and_is_told_at_the_end(town: Town, media: Path) -> None:
    left_behind(media / "exports", "inside", DAY)
    ExportJob.objects.create(
        hall=town.north,
        asked_by=town.chen,
        state="done",
        language="en",
        created_at=NOW - 3 * DAY,
        finished_at=NOW - 2 * DAY,
        # A folder that is not empty: the disk refuses.
        file="exports",
    )
    StatusLookup.objects.create(address_token="a", code_token="b", looked_up_at=NOW - 2 * DAY, is_right=False)
    with pytest.raises(ExceptionGroup) as failed:
        tidy(now=NOW)
    assert [type(one).__name__ for one in failed.value.exceptions] == ["OSError"]
    assert StatusLookup.objects.count() == 0
