"""Old registers become cases: with their own times, outcomes as they were, and nobody alerted about the past."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from openpyxl import load_workbook

from cases.models import Case, CaseDeadline, TransferSlip
from cases.sweep import sweep
from followups.actions.imported import close_imported
from followups.models import Evaluation, UnevaluatedRound
from foundation.ledger.actions import seal
from foundation.ledger.models import Entry
from foundation.ledger.verify import verify
from foundation.notifications.models import Alert
from foundation.refusals import NotAllowed, Refused, WrongState
from foundation.residents.models import Resident
from records.importing.actions import Setting, discard, set_up
from records.importing.mending import to_mend
from records.models import ImportedCase, ImportJob
from tests.builders import Town, category, department
from tests.matters import SHANGHAI, registered
from tests.records.registers import (
    HEADINGS,
    LEAK,
    LIFT,
    NOISE,
    NOW,
    PENSION,
    ROWS,
    as_csv,
    as_xlsx,
    begun,
    handed_in,
    taken_in,
    worked,
    write,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


def at(*parts: int) -> datetime:
    year, month, day, hour, minute, *_none = (*parts, 0, 0)
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def case_of(number: str) -> Case:
    return Case.objects.get(outside_number=number)


def counts(job: ImportJob) -> tuple[str, int, int, int, int]:
    return job.state, job.total, job.imported, job.already, job.faulty


def changed(row: list[str], **cells: str) -> list[str]:
    return [cells.get(heading, cell) for heading, cell in zip(HEADINGS, row, strict=True)]


def clock(number: str, kind: str) -> CaseDeadline:
    return CaseDeadline.objects.get(case__outside_number=number, kind=kind)


# What comes of a row


def test_an_open_row_is_registered_and_accepted_at_its_own_time(town: Town) -> None:
    taken_in(town, as_csv([LEAK]))
    case = case_of("1")
    assert (case.state, case.nature, case.channel, case.category.name) == (
        "accepted",
        "request",
        "walk_in",
        "室内上下水渗漏",
    )
    assert case.registered_at == case.accepted_at == at(2024, 3, 4, 9, 30)
    assert case.imported_at == NOW
    assert case.first_contact_owner == town.lin
    assert case.resident is not None
    assert (case.resident.name, case.resident.masked_phone) == ("王秀兰", "138****6021")


def test_an_answered_row_is_archived_at_the_time_of_its_answer_and_not_evaluated(town: Town) -> None:
    taken_in(town, as_csv([PENSION]))
    case = case_of("3")
    answered = at(2024, 3, 7, 16)
    assert (case.state, case.route, case.informed_at, case.closed_at) == ("archived", "on_the_spot", answered, answered)
    assert case.answers.get().text == "请到劳动保障服务站二号窗口办理。"
    closed = UnevaluatedRound.objects.get(case=case)
    assert (closed.because, closed.at) == ("imported", answered)
    assert Evaluation.objects.count() == 0


def test_clocks_have_the_outcomes_that_the_times_give(town: Town) -> None:
    taken_in(town, as_csv())
    # A consultation of Wednesday is due at closing time of Thursday; it was answered before that.
    assert (clock("3", "promise").due_at, clock("3", "promise").outcome) == (at(2024, 3, 7, 17, 30), "met")
    # Friday 29 December and 7 working days; New Year's Day is none: Wednesday 10 January. Answered on the 31st.
    assert (clock("4", "promise").due_at, clock("4", "promise").outcome) == (at(2024, 1, 10, 17, 30), "met_late")
    # Nobody followed up: neither in time nor late.
    assert (clock("3", "follow_up").outcome, clock("3", "follow_up").was_late) == ("cancelled", False)
    assert clock("1", "promise").outcome == ""


def test_numbers_follow_the_years_whatever_the_order_of_the_rows(town: Town) -> None:
    taken_in(town, as_csv())
    assert {number: case_of(number).number for number in "1234"} == {
        "4": "NTH-2023-000001",
        "1": "NTH-2024-000001",
        "2": "NTH-2024-000002",
        "3": "NTH-2024-000003",
    }


def test_the_ledger_says_when_it_happened_and_when_it_was_written_down(town: Town) -> None:
    taken_in(town, as_csv([PENSION]))
    entries = list(case_of("3").chain.entries.order_by("seq"))
    assert [(entry.kind, entry.happened_at) for entry in entries] == [
        ("case.registered", at(2024, 3, 6, 8)),
        ("case.accepted", at(2024, 3, 6, 8)),
        ("case.answered_on_the_spot", at(2024, 3, 7, 16)),
        ("case.archived", at(2024, 3, 7, 16)),
    ]
    assert all(entry.recorded_at.year >= 2026 for entry in entries)
    [done] = Entry.objects.filter(kind="register.imported")
    assert done.data["imported"] == 1
    assert done.actor == town.chen


def test_who_gives_no_name_is_anonymous(town: Town) -> None:
    taken_in(town, as_csv([NOISE, changed(LEAK, 姓名="")]))
    assert {case.identity for case in Case.objects.all()} == {"anonymous"}
    assert Resident.objects.count() == 0


def test_one_person_with_one_phone_is_one_resident_however_it_is_written(town: Town) -> None:
    taken_in(town, as_csv([LEAK, LIFT]))
    assert Resident.objects.get().cases.count() == 2


def test_namesakes_of_whom_nothing_else_is_known_stay_two(town: Town) -> None:
    taken_in(town, as_csv([changed(LEAK, 电话=""), changed(LIFT, 电话="")]))
    assert Resident.objects.filter(name="王秀兰").count() == 2


def test_an_account_of_a_message_board_is_one_person(town: Town) -> None:
    taken_in(town, as_csv([changed(LEAK, 姓名="A00045581", 电话=""), changed(LIFT, 姓名="A00045581", 电话="")]))
    assert Resident.objects.get().cases.count() == 2


def test_an_open_row_with_a_department_is_transferred_and_the_owner_is_who_is_named(town: Town) -> None:
    headings = [*HEADINGS, "承办单位", "接待人"]
    taken_in(town, as_csv([[*LEAK, department(town.north).name, "mei"]], headings=headings))
    case = case_of("1")
    assert (case.state, case.first_contact_owner) == ("transferred", town.mei)
    slip = TransferSlip.objects.get()
    assert (slip.department, slip.issued_at) == (department(town.north), at(2024, 3, 4, 9, 30))


def test_a_category_may_be_named_by_theme_and_item(town: Town) -> None:
    taken_in(town, as_csv([changed(LEAK, 类别="房屋维修-室内上下水渗漏")]))
    assert case_of("1").category.name == "室内上下水渗漏"


def test_a_row_without_a_category_gets_that_of_similar_cases_else_the_one_chosen(town: Town) -> None:
    other = category(town.north, "电梯停运")
    for _time in range(3):
        registered(town, matter="三栋二单元楼顶漏水，卧室墙面大片发霉。", category=other, identity="anonymous")
    rows = [changed(LEAK, 类别=""), changed(NOISE, 类别="")]
    taken_in(town, as_csv(rows), suggests=True)
    assert (case_of("1").category.name, case_of("2").category.name) == ("电梯停运", "室内上下水渗漏")


# Nobody is alerted about the past


def test_the_past_alerts_nobody_but_the_director_once(town: Town) -> None:
    taken_in(town, as_csv())
    swept = sweep(now=NOW)
    assert (swept.looked_at, swept.alerts) == (0, 0)
    [alert] = Alert.objects.all()
    assert (alert.recipient, alert.params) == (town.chen, {"imported": 4, "faulty": 0})
    assert sweep(now=NOW + timedelta(days=60)).alerts == 0


def test_steps_that_are_still_to_come_are_taken(town: Town) -> None:
    """Received on Wednesday 25 February, promised for 7 working days; Saturday the 28th is one: 5 March."""
    taken_in(town, as_csv([changed(LEAK, 反映时间="2026-02-25 10:00")]))
    assert clock("1", "promise").due_at == at(2026, 3, 5, 17, 30)
    assert clock("1", "promise").step == 0
    assert clock("1", "promise").next_alert_at is not None
    Alert.objects.all().delete()
    assert sweep(now=NOW).alerts == 0
    sweep(now=at(2026, 3, 5, 12))
    about = Alert.objects.filter(key__startswith=f"clock:{clock('1', 'promise').pk}:")
    assert set(about.values_list("level", flat=True)) == {"yellow"}


def test_of_a_limit_passed_just_before_only_the_further_steps_are_taken(town: Town) -> None:
    """Received on Tuesday 10 February, promised for 7 working days: the 11th to Saturday the 14th, then, after the
    Spring Festival, the 24th to the 26th. A working day later it was the director's; three later, the supervisors'."""
    taken_in(town, as_csv([changed(LEAK, 反映时间="2026-02-10 10:00")]))
    promise = clock("1", "promise")
    assert (promise.due_at, promise.step) == (at(2026, 2, 26, 17, 30), 4)
    assert promise.next_alert_at == at(2026, 3, 2, 17, 30)
    Alert.objects.all().delete()
    sweep(now=at(2026, 3, 2, 17, 31))
    about = Alert.objects.filter(key__startswith=f"clock:{promise.pk}:")
    assert {alert.recipient for alert in about} == {town.feng, town.tang}


# Twice, and what is to be mended


def everything() -> list[tuple[object, ...]]:
    tables = ("cases_case", "reception_visit", "residents_resident", "cases_casedeadline", "cases_answer", "cases_part")
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY id)), count(*) FROM {table} t")
            found.append(cursor.fetchone())
        return found


def test_importing_twice_changes_nothing(town: Town) -> None:
    taken_in(town, as_csv())
    before = everything()
    assert counts(taken_in(town, as_xlsx())) == ("done", 4, 0, 4, 0)
    assert everything() == before


def test_a_register_without_numbers_comes_in_once_too(town: Town) -> None:
    rows = [row[1:] for row in ROWS]
    assert counts(taken_in(town, as_csv(rows, headings=HEADINGS[1:])))[2:] == (4, 0, 0)
    assert counts(taken_in(town, as_csv(rows, headings=HEADINGS[1:])))[2:] == (0, 4, 0)


def test_a_number_given_twice_to_different_matters_is_told_and_never_passed_over(town: Town) -> None:
    job = taken_in(town, as_csv([LEAK, changed(NOISE, 登记号="1")]))
    assert counts(job)[2:] == (1, 0, 1)
    assert "NTH-2024-000001" in job.faults.get().reason


BAD = {
    "no time": (changed(LEAK, 反映时间=""), "received_at"),
    "no date": (changed(LEAK, 反映时间="上个月"), "received_at"),
    "31 February": (changed(LEAK, 反映时间="2024-02-31"), "received_at"),
    "future": (changed(LEAK, 反映时间="2027-01-01"), "received_at"),
    "no matter": (changed(LEAK, 诉求内容=""), "matter"),
    "phone": (changed(LEAK, 电话="12345"), "phone"),
    "nature": (changed(LEAK, 诉求类型="胡说"), "nature"),
    "answer without time": (changed(LEAK, 答复内容="好了"), "answered_at"),
    "time without answer": (changed(LEAK, 答复时间="2024-03-09"), "answer"),
    "answered before": (changed(PENSION, 答复时间="2024-03-01"), "answered_at"),
    "a number too long": (changed(LEAK, 登记号="9" * 61), "outside_number"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_row_stays_out_with_its_column_and_the_good_ones_come_in(town: Town, what: str) -> None:
    row, field = BAD[what]
    job = taken_in(town, as_csv([NOISE, row]))
    assert counts(job) == ("done", 2, 1, 0, 1)
    fault = job.faults.get()
    assert (fault.line, fault.field) == (3, field)
    assert fault.reason


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_file_of_bad_rows_is_mended_and_handed_in_again(town: Town, kind: str) -> None:
    bad = [changed(LEAK, 电话="12345", 诉求内容="=1+1 是什么？漏水"), LIFT, changed(NOISE, 反映时间="上个月")]
    write_ = as_csv if kind == "csv" else as_xlsx
    job = taken_in(town, write_(bad))
    content, told = to_mend(job)
    assert told == kind
    if kind == "csv":
        assert content.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert rows[1][4] == "'=1+1 是什么？漏水"
        assert [row[9] for row in rows[1:]] == ["2", "4"]
    else:
        rows = read_sheet(content)
    rows[1][3], rows[2][1] = "13805716021", "2024-03-05 10:15"
    mended = write_(rows[1:], headings=rows[0])
    again = taken_in(town, mended)
    assert counts(again) == ("done", 2, 2, 0, 0)
    assert Case.objects.count() == 3
    assert case_of("1").case_visits.get().visit.matter == "=1+1 是什么？漏水"


def read_sheet(content: bytes) -> list[list[str]]:
    book = load_workbook(io.BytesIO(content))
    assert book.active is not None
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)
    return [[str(value or "") for value in row] for row in book.active.iter_rows(values_only=True)]


# Trying without writing


def test_trying_writes_nothing_and_says_what_would_happen(town: Town) -> None:
    taken_in(town, as_csv([LIFT]))
    before = everything()
    job = worked(begun(town, as_csv([*ROWS, BAD["phone"][0]]), begins=False))
    assert counts(job) == ("checked", 5, 3, 1, 1)
    assert job.faults.get().line == 6
    assert everything() == before
    assert Entry.objects.filter(kind="register.import_begun").count() == 1


def test_what_was_tried_is_begun_afterwards(town: Town) -> None:
    job = worked(begun(town, as_csv(), begins=False))
    setting = Setting(actor=town.lin, mapping=job.mapping, category=job.category)
    set_up(job_id=job.pk, asked_by=town.chen, setting=setting, now=NOW, begins=True)
    assert counts(worked(job)) == ("done", 4, 4, 0, 0)


# Rights and states


@pytest.mark.parametrize("who", ["lin", "wang", "zhao", "feng", "tang", "gu", "he", "han"])
def test_only_the_halls_own_director_hands_in(town: Town, who: str) -> None:
    with pytest.raises(NotAllowed):
        handed_in(town, as_csv(), by=getattr(town, who))
    assert ImportJob.objects.count() == 0


@pytest.mark.parametrize("who", ["chen", "wang", "lu"])
def test_matters_are_registered_in_the_name_of_a_receptionist_of_the_hall(town: Town, who: str) -> None:
    with pytest.raises(Refused) as refusal:
        begun(town, as_csv(), actor=getattr(town, who))
    assert refusal.value.field == "actor"


def test_where_nobody_receives_the_director_does(town: Town) -> None:
    for receptionist in (town.lin, town.mei):
        receptionist.memberships.update(ended_at=NOW)
    job = taken_in(town, as_csv(), actor=town.chen)
    assert counts(job)[2:] == (4, 0, 0)
    assert case_of("1").first_contact_owner == town.chen


def test_nothing_begins_twice_and_nothing_begun_is_thrown_away(town: Town) -> None:
    job = begun(town, as_csv())
    setting = Setting(actor=town.lin, mapping=job.mapping)
    with pytest.raises(WrongState):
        set_up(job_id=job.pk, asked_by=town.chen, setting=setting, now=NOW, begins=True)
    with pytest.raises(WrongState):
        discard(job_id=job.pk, asked_by=town.chen, now=NOW)


def test_columns_that_must_be_named_are_asked_for(town: Town) -> None:
    with pytest.raises(Refused) as refusal:
        begun(town, as_csv(), mapping={"matter": 4})
    assert refusal.value.field == "received_at"


def test_a_register_with_too_many_rows_is_refused_in_words_on_the_job(town: Town) -> None:
    job = worked(begun(town, "反映时间,内容\n".encode() + b"2024-01-01,a\n" * 20_001))
    assert job.state == "failed"
    assert "20000" in job.error
    assert Case.objects.count() == 0


def test_only_what_came_in_answered_is_closed_unasked(town: Town) -> None:
    case = registered(town)
    with pytest.raises(WrongState):
        close_imported(case_id=case.pk, transition_no=case.transition_no, actor=town.lin, now=NOW)
    taken_in(town, as_csv([LEAK]))
    open_ = case_of("1")
    with pytest.raises(WrongState):
        close_imported(case_id=open_.pk, transition_no=open_.transition_no, actor=town.lin, now=NOW - timedelta(days=1))


# The command


def test_the_command_takes_in_and_writes_what_is_to_be_mended_beside_the_file(town: Town, media: Path, capsys) -> None:
    path = write(media, as_csv([*ROWS[:3], BAD["phone"][0]], encoding="gbk"))
    call_command("import_cases", path, hall="NTH", username="lin")
    assert Case.objects.count() == 3
    [mend] = media.glob("*-to-mend.csv")
    assert "12345" in mend.read_text(encoding="utf-8-sig")
    call_command("import_cases", path, hall="NTH", username="lin")
    assert Case.objects.count() == 3


def test_the_command_only_tries_when_told_to(town: Town, media: Path, capsys) -> None:
    path = write(media, as_csv())
    call_command("import_cases", path, hall="NTH", username="lin", dry_run=True)
    assert "4" in capsys.readouterr().out
    assert (Case.objects.count(), ImportJob.objects.count(), ImportedCase.objects.count()) == (0, 0, 0)


def test_the_command_is_told_what_columns_are(town: Town, media: Path) -> None:
    rows = [["2024-03-04", "漏水了很久", "甲"]]
    path = write(media, as_csv(rows, headings=["哪天", "说了什么", "内容"]))
    options = {"hall": "NTH", "username": "lin", "category": "电梯停运"}
    with pytest.raises(CommandError):
        call_command("import_cases", path, **options)
    call_command("import_cases", path, **options, map=["哪天=received_at", "说了什么=matter", "内容=name"])
    assert Case.objects.get().case_visits.get().visit.matter == "漏水了很久"


@pytest.mark.parametrize(
    "wrong",
    [{"hall": "XXX"}, {"username": "wang"}, {"username": ""}, {"category": "没有"}, {"map": ["没有=name"]},
     {"map": ["姓名=nothing"]}],
)  # fmt: skip
def test_the_command_says_what_is_wrong(town: Town, media: Path, wrong: dict[str, object]) -> None:
    path = write(media, as_csv())
    with pytest.raises(CommandError):
        call_command("import_cases", path, **({"hall": "NTH", "username": "lin"} | wrong))
    assert Case.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_ledger_verifies_afterwards(town: Town) -> None:
    taken_in(town, as_csv())
    seal(now=NOW)
    assert list(verify()) == []
