"""A resident is erased in every room at once, and the ledger still verifies."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.postgres.search import SearchVectorField
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.utils.translation import override

from cases.actions.attach import attach
from cases.actions.decline import decline, tell_declined
from cases.actions.register import join_visit
from cases.actions.return_slip import return_unsigned
from cases.models import Attachment, Case, Part
from cases.search import similar_open_cases
from cases.uploads import CleanFile
from complaints.actions.lodge import lodge
from complaints.models import Complaint
from followups.actions.evaluate import record_evaluation
from followups.models import Evaluation, RectificationNotice
from foundation.ledger.actions import seal
from foundation.ledger.models import Text
from foundation.ledger.verify import verify
from foundation.refusals import NotAllowed, Refused, WrongState
from foundation.residents.models import Resident
from reception.actions import register_visit
from reception.models import Visit
from records.erasure import FATES, delete_files_of_erased, erase_resident, preview
from records.models import ExportJob
from tests.builders import Town
from tests.matters import MONDAY, a_resident, accepted, informed, registered, transferred
from tests.records.registers import LEAK, PENSION, as_csv, taken_in

LATER = MONDAY + timedelta(days=30)
WORDS = ("王秀兰", "楼顶漏水", "发霉", "防水层", "屋顶已经修好", "请上门查看", "约好明天上门", "每天都很吵")


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def archived(town: Town, **more) -> Case:
    case = informed(town, **more)
    return record_evaluation(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.mei,
        now=MONDAY + timedelta(days=2),
        channel="phone",
        contacted=True,
        solved="yes",
        satisfaction="satisfied",
        remark="王秀兰说发霉的墙也刷好了",
    )


def erase(town: Town, resident: Resident) -> None:
    erase_resident(resident_id=resident.pk, actor=town.chen, reason="本人书面申请", now=LATER)


def everything_stored() -> str:
    """Every row of every table of ours, as one text."""
    found = []
    with connection.cursor() as cursor:
        for app in ("reception", "cases", "complaints", "followups", "ledger", "residents", "notifications", "records"):
            for model in apps.get_app_config(app).get_models():
                cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {model._meta.db_table} t")
                found.append(cursor.fetchone()[0])
    return " ".join(found)


@pytest.mark.django_db
def test_nothing_of_the_persons_words_is_left_anywhere(town: Town) -> None:
    resident = a_resident(town)
    archived(town, resident=resident)
    stored = everything_stored()
    assert all(word in stored for word in ("王秀兰", "发霉", "防水层"))
    erase(town, resident)
    stored = everything_stored()
    assert [word for word in WORDS if word in stored] == []


@pytest.mark.django_db
def test_what_happened_stays(town: Town) -> None:
    resident = a_resident(town)
    case = archived(town, resident=resident)
    erase(town, resident)
    after = Case.objects.get(pk=case.pk)
    assert (after.state, after.number, after.registered_at) == ("archived", case.number, case.registered_at)
    assert after.title == "***"
    assert Evaluation.objects.get(case=case).satisfaction == "satisfied"
    assert [slip.state for slip in after.slips.all()] == ["reported"]
    kinds = list(case.chain.entries.order_by("seq").values_list("kind", flat=True))
    assert kinds[0] == "case.registered"
    assert kinds[-1] == "erased"


@pytest.mark.django_db
def test_empty_texts_stay_empty_and_complaints_and_notices_lose_their_words(town: Town) -> None:
    resident = a_resident(town)
    case = registered(town, resident=resident, nature="complaint", matter="广场舞每天都很吵。")
    lodge(case_id=case.pk, about_staff=[town.sun], about="孙师傅说话难听", actor=town.lin, now=MONDAY)
    case.refresh_from_db()
    decline(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=MONDAY,
        ground="no_facts",
        advice="请找王秀兰的儿子",
    )
    case.refresh_from_db()
    tell_declined(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=MONDAY,
        means="phone",
        told_at=MONDAY,
    )
    erase(town, resident)
    complaint = Complaint.objects.get(case=case)
    assert (complaint.about, complaint.corrections) == ("***", "")
    assert Part.objects.get(case=case, role="barred").reason == "***"
    assert "孙师傅" not in everything_stored()
    assert "王秀兰" not in everything_stored()


@pytest.mark.django_db
def test_a_dissatisfied_round_loses_its_reasons_but_not_its_count(town: Town) -> None:
    resident = a_resident(town)
    first = informed(town, resident=resident)
    record_evaluation(
        case_id=first.pk,
        transition_no=first.transition_no,
        actor=town.mei,
        now=MONDAY + timedelta(days=1),
        channel="phone",
        contacted=True,
        solved="no",
        satisfaction="dissatisfied",
        reasons="王秀兰家还在漏",
    )
    reopened = Case.objects.get(pk=first.pk)
    decline(
        case_id=first.pk,
        transition_no=reopened.transition_no,
        actor=town.lin,
        now=MONDAY + timedelta(days=2),
        ground="court",
        advice="法院",
    )
    declined = Case.objects.get(pk=first.pk)
    tell_declined(
        case_id=first.pk,
        transition_no=declined.transition_no,
        actor=town.lin,
        now=MONDAY + timedelta(days=2),
        means="phone",
        told_at=MONDAY + timedelta(days=2),
    )
    erase(town, resident)
    assert Evaluation.objects.get(case=first).reasons == "***"
    assert RectificationNotice.objects.get(case=first).reasons == "***"


@pytest.mark.django_db(transaction=True)
def test_the_ledger_verifies_before_and_after(town: Town) -> None:
    resident = a_resident(town)
    case = archived(town, resident=resident)
    seal(now=MONDAY + timedelta(days=3))
    erase(town, resident)
    seal(now=LATER)
    assert list(verify()) == []
    texts = Text.objects.filter(entry__chain=case.chain).exclude(entry__kind="erased")
    assert texts.exists()
    assert not texts.filter(content__isnull=False).exists()


@pytest.mark.django_db
def test_the_words_of_others_about_the_case_stay(town: Town) -> None:
    wang = a_resident(town)
    li = a_resident(town, name="李建国", phone="13900001234")
    case = accepted(town, resident=wang)
    visit = register_visit(
        hall=town.north, actor=town.lin, now=MONDAY, channel="phone", matter="七栋车棚也进水。", resident=li
    )
    join_visit(case_id=case.pk, visit=visit, actor=town.lin, now=MONDAY)
    close(town, case)
    erase(town, wang)
    assert Visit.objects.get(pk=visit.pk).matter == "七栋车棚也进水。"
    assert Text.objects.filter(entry__chain=case.chain, content="七栋车棚也进水。").exists()


@pytest.mark.django_db
def test_their_words_in_the_case_of_somebody_else_go_and_it_is_no_longer_found_by_them(town: Town) -> None:
    wang = a_resident(town)
    li = a_resident(town, name="李建国", phone="13900001234")
    case = registered(town, resident=wang)
    visit = register_visit(
        hall=town.north, actor=town.lin, now=MONDAY, channel="phone", matter="七栋车棚也进水。", resident=li
    )
    join_visit(case_id=case.pk, visit=visit, actor=town.lin, now=MONDAY)
    assert similar_open_cases(hall=town.north, text="车棚进水", staff=town.lin)
    with pytest.raises(WrongState):
        erase(town, wang)
    erase(town, li)
    assert Visit.objects.get(pk=visit.pk).matter == "***"
    assert "车棚" not in everything_stored()
    assert not similar_open_cases(hall=town.north, text="车棚进水", staff=town.lin)
    assert similar_open_cases(hall=town.north, text="楼顶漏水", staff=town.lin)


@pytest.mark.django_db(transaction=True)
def test_files_leave_the_disk_and_what_a_crash_left_is_deleted_later(town: Town, media: Path) -> None:
    resident = a_resident(town)
    slip = transferred(town, resident=resident)
    files = [CleanFile("王秀兰家.png", "image/png", b"one"), CleanFile("墙.png", "image/png", b"two")]
    kept, lost = attach(case_id=slip.case_id, files=files, kind="resident", actor=town.lin, now=MONDAY)
    close(town, slip.case)
    assert len([path for path in media.rglob("*") if path.is_file()]) == 2
    Path(lost.file.path).unlink()
    erase(town, resident)
    assert [path for path in media.rglob("*") if path.is_file()] == []
    assert set(Attachment.objects.values_list("file", "name")) == {("", "***")}
    assert Attachment.objects.get(pk=kept.pk).sha256 == kept.sha256
    assert delete_files_of_erased() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("stage", [registered, accepted, informed])
def test_nobody_is_erased_while_a_case_is_open(town: Town, stage) -> None:
    resident = a_resident(town)
    stage(town, resident=resident)
    with pytest.raises(WrongState):
        erase(town, resident)
    resident.refresh_from_db()
    assert (resident.name, resident.erased_at) == ("王秀兰", None)
    assert "发霉" in everything_stored()


@pytest.mark.django_db
def test_declined_and_not_told_yet_is_still_open(town: Town) -> None:
    resident = a_resident(town)
    case = registered(town, resident=resident)
    decline(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=MONDAY,
        ground="court",
        advice="请到法院",
    )
    with pytest.raises(WrongState):
        erase(town, resident)


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["lin", "wang", "feng", "he", "han", "tang"])
def test_only_the_halls_director_erases(town: Town, who: str) -> None:
    resident = a_resident(town)
    with pytest.raises(NotAllowed):
        erase_resident(resident_id=resident.pk, actor=getattr(town, who), reason="申请", now=LATER)


@pytest.mark.django_db
def test_a_reason_is_asked_for_and_nobody_is_erased_twice(town: Town) -> None:
    resident = a_resident(town)
    with pytest.raises(Refused):
        erase_resident(resident_id=resident.pk, actor=town.chen, reason=" ", now=LATER)
    erase(town, resident)
    with pytest.raises(WrongState):
        erase(town, resident)


@pytest.mark.django_db
def test_the_preview_counts_what_would_go(town: Town) -> None:
    resident = a_resident(town)
    case = archived(town, resident=resident)
    registered(town, resident=resident)
    found = preview(resident)
    texts = Text.objects.filter(entry__chain__case__resident=resident).count()
    assert (found.cases, found.open_cases, found.visits, found.files, found.texts) == (2, 1, 2, 0, texts)
    assert case.chain.entries.count() > 5


@pytest.mark.django_db(transaction=True)
def test_the_command_shows_first_and_erases_only_when_told(town: Town, capsys) -> None:
    resident = a_resident(town)
    archived(town, resident=resident)
    options = {"director": "chen", "reason": "本人书面申请"}
    call_command("erase_resident", resident.pk, **options)
    resident.refresh_from_db()
    assert resident.erased_at is None
    with pytest.raises(CommandError):
        call_command("erase_resident", resident.pk, director="lin", reason="申请", yes=True)
    call_command("erase_resident", resident.pk, **options, yes=True)
    resident.refresh_from_db()
    assert resident.erased_at is not None
    call_command("erase_resident", resident.pk, **options, yes=True)


@pytest.mark.django_db(transaction=True)
def test_registers_they_stand_in_leave_the_disk(town: Town, media: Path, capsys) -> None:
    theirs, others = taken_in(town, as_csv([PENSION])), taken_in(town, as_csv([LEAK]))
    paths = [Path(job.file.path) for job in (theirs, others)]
    assert theirs.imported == others.imported == 1
    out, elsewhere, running = (
        ExportJob.objects.create(
            hall=hall,
            asked_by=town.chen,
            state=state,
            filters="q=somebody",
            language="en",
            file=file,
            claim=None if file else uuid4(),
            claimed_until=None if file else LATER,
            created_at=MONDAY,
            finished_at=MONDAY if file else None,
        )
        for hall, state, file in (
            (town.north, "done", "exports/1"),
            (town.south, "done", "exports/2"),
            (town.north, "running", ""),
        )
    )
    (media / "exports").mkdir()
    for name in ("1", "2"):
        (media / "exports" / name).write_bytes(b"xlsx")
    resident = Case.objects.get(imported_as__job=theirs).resident
    assert resident is not None
    assert (preview(resident).imports, preview(resident).exports) == (1, 1)
    with override("en"):
        call_command("erase_resident", resident.pk, director="chen", reason="申请")
    assert "taken in 1, taken out 1" in capsys.readouterr().out
    erase(town, resident)
    assert [path.exists() for path in paths] == [False, True]
    assert [path.name for path in (media / "exports").iterdir()] == ["2"]
    for job in (theirs, others, out, elsewhere, running):
        job.refresh_from_db()
    assert (theirs.file.name, out.file.name, out.filters) == ("", "", "")
    assert (others.file.name != "", elsewhere.filters) == (True, "q=somebody")
    # Whoever writes one at this moment may have read the name: it is begun anew.
    assert (running.state, running.claim) == ("running", None)


def test_every_text_json_and_file_column_has_a_fate() -> None:
    kinds = (models.CharField, models.TextField, models.JSONField, models.FileField, SearchVectorField)
    columns = {
        model: {field.name for field in model._meta.concrete_fields if isinstance(field, kinds)}
        for app in ("notifications", "throttling", "reception", "cases", "complaints", "followups", "records")
        for model in apps.get_app_config(app).get_models()
    }
    assert {model: set(fates) for model, fates in FATES.items()} == {
        model: names for model, names in columns.items() if names
    }


def close(town: Town, case: Case) -> None:
    """The shortest way to an end: it is declined, and the resident told."""
    fresh = Case.objects.get(pk=case.pk)
    for slip in fresh.slips.open():
        return_unsigned(
            slip_id=slip.pk, transition_no=slip.transition_no, actor=town.zhao, now=MONDAY, reason="不属本部门"
        )
        fresh = Case.objects.get(pk=case.pk)
    decline(
        case_id=fresh.pk,
        transition_no=fresh.transition_no,
        actor=town.lin,
        now=MONDAY,
        ground="court",
        advice="请到法院",
    )
    fresh = Case.objects.get(pk=case.pk)
    tell_declined(
        case_id=fresh.pk,
        transition_no=fresh.transition_no,
        actor=town.lin,
        now=MONDAY,
        means="phone",
        told_at=MONDAY,
    )
