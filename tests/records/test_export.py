"""The register goes out: what the list shows this person and no more, as text, for who asked, written in the chain."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cases.actions.bar import bar
from foundation.ledger.models import Entry, Text
from foundation.notifications.models import Alert
from foundation.organization.models import Staff
from foundation.refusals import NotAllowed, Stale
from records.exporting import job as exporting
from records.exporting.columns import HEADINGS
from records.exporting.job import CLAIM, ask_for, claim, write
from records.models import ExportJob
from tests.builders import Town
from tests.matters import MONDAY, a_resident, accepted, informed, registered, reported, transferred

pytestmark = pytest.mark.django_db

LATER = MONDAY + timedelta(days=3)


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def asked(town: Town, filters: str = "", *, by: Staff | None = None, key: uuid.UUID | None = None) -> ExportJob:
    return ask_for(
        hall=town.north,
        asked_by=by or town.chen,
        filters=filters,
        language="en",
        now=LATER,
        submission_key=key or uuid.uuid4(),
    )


def written(town: Town, filters: str = "", *, by: Staff | None = None) -> ExportJob:
    job = asked(town, filters, by=by)
    own = claim(now=LATER)
    assert own is not None
    write(own, clock=lambda: LATER)
    return ExportJob.objects.get(pk=job.pk)


def sheet_of(job: ExportJob) -> list[dict[str, object]]:
    with job.file.open("rb") as file:
        book = load_workbook(io.BytesIO(file.read()))
    assert book.active is not None
    for row in book.active.iter_rows():
        assert all(cell.data_type != "f" for cell in row), "nothing in it is ever calculated"
    headings, *rows = book.active.iter_rows(values_only=True)
    return [dict(zip(map(str, headings), row, strict=True)) for row in rows]


def test_a_row_holds_what_offices_keep_in_their_register(town: Town) -> None:
    case = informed(town)
    [row] = sheet_of(written(town))
    assert len(row) == len(HEADINGS)
    assert {name: row[name] for name in list(row)[:6]} == {
        "Case number": case.number,
        "Received": "2026-03-02 09:30",
        "By which door": "visit",
        "Resident": "王秀兰",
        "Phone": "138****6021",
        "People": 1,
    }
    assert row["Lead department"] == town.works.name
    assert row["Stage"] == "follow-up"
    assert row["In time"] == "in time"
    assert row["The matter"] == case.case_visits.get().visit.matter


def test_telephone_numbers_are_masked_for_everybody(town: Town) -> None:
    registered(town)
    for who in (town.chen, town.feng, town.tang):
        job = written(town, by=who)
        with job.file.open("rb") as file:
            assert b"13805716021" not in file.read()
        assert sheet_of(job)[0]["Phone"] == "138****6021"


def test_hidden_names_are_the_directors_only(town: Town) -> None:
    registered(town, identity="hidden", resident=a_resident(town))
    assert sheet_of(written(town, by=town.chen))[0]["Resident"] == "王秀兰"
    [row] = sheet_of(written(town, by=town.feng))
    assert (row["Resident"], row["Phone"]) == ("identity hidden", None)


def test_it_holds_what_the_list_with_this_address_shows(town: Town) -> None:
    open_, gone = accepted(town), registered(town, identity="anonymous", matter="电梯停运三天，老人无法下楼。")
    assert [row["Case number"] for row in sheet_of(written(town, "state=accepted"))] == [open_.number]
    assert [row["Case number"] for row in sheet_of(written(town, "q=电梯"))] == [gone.number]
    assert [row["Case number"] for row in sheet_of(written(town))] == [open_.number, gone.number]


def test_the_other_hall_is_never_in_it(town: Town) -> None:
    registered(town)
    job = ask_for(hall=town.south, asked_by=town.han, filters="", language="en", now=LATER, submission_key=uuid.uuid4())
    own = claim(now=LATER)
    assert own is not None
    write(own, clock=lambda: LATER)
    assert sheet_of(ExportJob.objects.get(pk=job.pk)) == []


@pytest.mark.parametrize("who", ["chen", "feng", "tang"])
def test_whoever_is_complained_about_never_finds_it_in_their_export(town: Town, who: str) -> None:
    person = getattr(town, who)
    about, other = registered(town, nature="complaint"), registered(town, identity="anonymous")
    bar(case_id=about.pk, staff=person, reason="被投诉", actor=town.lin, now=MONDAY)
    job = written(town, by=person)
    assert [row["Case number"] for row in sheet_of(job)] == [other.number]
    assert job.total == 1


def test_what_begins_like_a_formula_is_text(town: Town) -> None:
    for start in ("=", "+", "-", "@", "\t"):
        registered(town, identity="anonymous", matter=f"{start}cmd|' /C calc'!A0 楼道灯不亮", title=f"{start}1+1")
    rows = sheet_of(written(town))
    assert [str(row["Title"])[:1] for row in rows] == ["=", "+", "-", "@", "1"]
    job = ExportJob.objects.get()
    with job.file.open("rb") as file:
        book = load_workbook(io.BytesIO(file.read()))
    assert book.active is not None
    titles = [row[9] for row in book.active.iter_rows(min_row=2)]
    # Marked as quoted, so that editing the cell does not make a formula of it.
    assert [bool(cell.quotePrefix) for cell in titles[:4]] == [True] * 4


@pytest.mark.parametrize("who", ["lin", "wang", "zhao", "gu", "he", "han"])
def test_nobody_else_takes_a_register_out(town: Town, who: str) -> None:
    with pytest.raises(NotAllowed):
        asked(town, by=getattr(town, who))
    assert ExportJob.objects.count() == 0


def test_who_has_lost_the_role_meanwhile_gets_nothing(town: Town) -> None:
    job = asked(town, by=town.feng)
    town.feng.memberships.update(ended_at=LATER)
    own = claim(now=LATER)
    assert own is not None
    write(own, clock=lambda: LATER)
    job.refresh_from_db()
    assert (job.state, job.file.name) == ("failed", "")


def test_the_same_form_sent_twice_is_one_export(town: Town) -> None:
    key = uuid.uuid4()
    asked(town, key=key)
    with pytest.raises(Stale):
        asked(town, key=key)
    assert ExportJob.objects.count() == 1


def test_the_halls_chain_keeps_who_took_out_what(town: Town) -> None:
    registered(town)
    written(town, "state=open")
    [entry] = Entry.objects.filter(kind="register.exported")
    assert (entry.actor, entry.data["rows"], entry.chain.number) == (town.chen, 1, 0)
    assert Text.objects.get(entry=entry).name == "filters"
    [alert] = Alert.objects.filter(key__startswith="export:")
    assert (alert.recipient, alert.params) == (town.chen, {"rows": 1})


def test_an_interrupted_export_is_begun_anew_and_in_the_end_given_up(town: Town) -> None:
    registered(town)
    job = asked(town)
    for attempt in range(exporting.MOST_ATTEMPTS):
        assert claim(now=LATER + attempt * CLAIM) is not None
        assert claim(now=LATER + attempt * CLAIM) is None
    assert claim(now=LATER + 9 * CLAIM) is None
    job.refresh_from_db()
    assert job.state == "failed"


def test_whoever_was_overtaken_writes_nothing(town: Town) -> None:
    registered(town)
    asked(town)
    slow, fast = claim(now=LATER), claim(now=LATER + CLAIM)
    assert slow is not None
    assert fast is not None
    write(fast, clock=lambda: LATER + CLAIM)
    write(slow, clock=lambda: LATER + CLAIM)
    assert Entry.objects.filter(kind="register.exported").count() == 1
    assert ExportJob.objects.get().state == "done"


def test_queries_do_not_grow_with_the_rows(town: Town, django_assert_max_num_queries) -> None:
    for _case in range(3):
        reported(town), transferred(town, identity="anonymous")
    asked(town)
    own = claim(now=LATER)
    assert own is not None
    with django_assert_max_num_queries(45):
        write(own, clock=lambda: LATER)


def test_a_filter_that_is_left_out_never_makes_the_file_larger(town: Town) -> None:
    registered(town)
    job = written(town, "department=999999")
    assert (job.state, job.file.name) == ("failed", "")
    assert "999999" in job.error
    assert Entry.objects.filter(kind="register.exported").count() == 0


def test_who_asked_is_told_that_it_could_not_be_written(town: Town) -> None:
    registered(town)
    job = written(town, "department=999999", by=town.feng)
    [alert] = Alert.objects.filter(key=f"export:{job.pk}")
    assert (alert.recipient, alert.url, alert.params) == (town.feng, f"/exports/{job.public_id}/", {})


def test_words_that_were_looked_for_need_no_filter_to_be_known(town: Town) -> None:
    case = registered(town)
    assert [row["Case number"] for row in sheet_of(written(town, "q=楼顶"))] == [case.number]
