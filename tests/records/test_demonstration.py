"""The demonstration is played by the real actions alone, and leaves two halls that look lived in."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils.translation import override

from cases.models import Answer, Attachment, Case, CaseDeadline, CaseVisit, Part, TransferSlip
from cases.people import HallPeople
from cases.vocabulary import CaseState, SlipState
from followups.models import Evaluation, RectificationNotice, UnevaluatedRound
from foundation.ledger.models import DailySeal, Entry
from foundation.ledger.verify import verify
from foundation.notifications.models import Alert, Delivery
from foundation.organization.duty import on_duty
from foundation.organization.models import DutyShift, Hall, Membership, Role, Staff
from foundation.residents.models import Resident
from records.demonstration.player import Player
from records.demonstration.programme import counts, shown_posts, start_page
from records.demonstration.script import DATA, Script, read_script
from web.decided import decided

ROOT = Path(settings.BASE_DIR)
PLAYERS = sorted((ROOT / "records" / "demonstration").glob("*.py"))
PRESENT = datetime(2026, 6, 24, 14, 40, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Wednesday afternoon, so that things can be due the same day."""
# What a demonstration may stand on: verbs, rules that are asked, and models for looking up.
ALLOWED = {
    "cases.actions",
    "cases.models",
    "cases.people",
    "cases.sweep",
    "cases.uploads",
    "cases.vocabulary",
    "complaints.actions",
    "complaints.models",
    "followups.actions",
    "followups.second_look",
    "followups.links",
    "followups.board",
    "followups.models",
    "foundation.deadlines.calendar",
    "foundation.deadlines.terms",
    "foundation.ledger.actions",
    "foundation.ledger.publishing",
    "foundation.notifications.actions",
    "foundation.notifications.models",
    "foundation.organization.actions",
    "foundation.organization.duty",
    "foundation.organization.models",
    "foundation.residents.actions",
    "foundation.residents.models",
    "reception.actions",
    "reception.models",
    "records.demonstration",
    "records.staffing",
    "records.standard",
    "django.conf",
    "django.contrib.auth.hashers",
    "django.db.models",
    "django.urls",
    "django.utils.translation",
    "PIL",
}
STANDARD = {
    "__future__",
    "collections",
    "collections.abc",
    "dataclasses",
    "datetime",
    "functools",
    "heapq",
    "io",
    "json",
    "pathlib",
    "random",
    "typing",
    "uuid",
}
# What writes a row, whichever way; `update` of a dict would be found too, and is not needed.
WRITES = {
    "create",
    "get_or_create",
    "update_or_create",
    "bulk_create",
    "bulk_update",
    "save",
    "save_base",
    "update",
    "delete",
    "raw",
    "cursor",
    "execute",
    "executemany",
    "add",
    "set",
    "connection",
    "connections",
}


def imported(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module
            assert not node.level
            found.add(node.module)
    return found


def called(source: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.Name):
            names.add(node.id)
    return names


def is_allowed(module: str) -> bool:
    return module in STANDARD or any(module == name or module.startswith(f"{name}.") for name in ALLOWED)


@pytest.mark.parametrize("path", PLAYERS, ids=lambda path: path.stem)
def test_it_imports_nothing_but_verbs_and_what_is_looked_up(path: Path) -> None:
    assert {module for module in imported(path.read_text()) if not is_allowed(module)} == set()


@pytest.mark.parametrize("path", PLAYERS, ids=lambda path: path.stem)
def test_it_writes_no_row_by_itself(path: Path) -> None:
    # A picture is saved into memory, which is no row.
    exempt = {"save"} if path.stem == "drawing" else set()
    assert (called(path.read_text()) & WRITES) - exempt == set()


def test_these_two_checks_find_an_insert_and_a_foreign_import() -> None:
    planted = "from django.db import connection\nfrom cases.search import pairs\nCase.objects.create(hall=hall)\n"
    assert {"create"} <= called(planted) & WRITES
    assert {module for module in imported(planted) if not is_allowed(module)} == {"django.db", "cases.search"}


def test_the_script_is_data_and_its_keys_are_known() -> None:
    script = read_script()
    keys = [matter.key for matters in script.matters.values() for matter in matters]
    assert len(keys) == len(set(keys))
    assert 60 <= len(keys) <= 150
    for code, matters in script.matters.items():
        people = {matter.resident for matter in matters if matter.resident}
        people |= {contact.resident for matter in matters for contact in matter.further}
        assert people <= script.residents[code].keys()
    assert all(json.loads(path.read_text(encoding="utf-8")) for path in DATA.glob("demonstration_*.json"))


@dataclass(frozen=True)
class Played:
    script: Script
    present: datetime


@pytest.fixture(scope="module")
def played(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Played]:
    """Played once for all tests of this file, and rolled back after the last."""
    folder = tmp_path_factory.mktemp("demonstration")
    kept = override_settings(MEDIA_ROOT=folder / "media", SEAL_DIRECTORY=folder / "seals")
    with kept, django_db_blocker.unblock(), transaction.atomic():
        script = read_script()
        Player(script, present=PRESENT).play()
        yield Played(script, PRESENT)
        transaction.set_rollback(True)


def test_there_are_cases_in_every_state_and_every_slip_state(played: Played) -> None:
    large, small = Hall.objects.order_by("code")
    reached = set(Case.objects.filter(hall=large).values_list("state", flat=True))
    assert reached >= {"registered", "accepted", "transferred", "feedback", "follow_up", "archived", "declined"}
    assert {"transferred", "follow_up", "archived"} <= set(
        Case.objects.filter(hall=small).values_list("state", flat=True)
    )
    slips = set(TransferSlip.objects.values_list("state", flat=True))
    assert slips >= set(SlipState.values) - {SlipState.RECALLED}
    assert Case.objects.filter(hall=large).count() > 2 * Case.objects.filter(hall=small).count() > 0


def test_every_matter_of_the_script_was_raised(played: Played) -> None:
    matters = [matter for matters in played.script.matters.values() for matter in matters]
    assert Case.objects.count() == len(matters)
    assert CaseVisit.objects.filter(ordinal__gt=1).count() == sum(len(matter.further) for matter in matters)


def test_finished_matters_are_finished_and_open_ones_stand_where_the_script_says(played: Played) -> None:
    stays_open = [matter for matters in played.script.matters.values() for matter in matters if matter.stops_before]
    unfinished = (
        Case.objects.open().count() + Case.objects.filter(state=CaseState.DECLINED, decline_told_at=None).count()
    )
    assert unfinished == len(stays_open)


def test_it_spans_a_quarter_up_to_the_present(played: Played) -> None:
    first, last = Entry.objects.order_by("happened_at").first(), Entry.objects.order_by("happened_at").last()
    assert first is not None
    assert last is not None
    assert first.happened_at <= PRESENT - timedelta(days=80)
    assert PRESENT - timedelta(hours=3) <= last.happened_at <= PRESENT


def test_nothing_is_dated_after_the_present_or_before_its_registration(played: Played) -> None:
    assert not Entry.objects.filter(happened_at__gt=PRESENT).exists()
    assert not Alert.objects.filter(created_at__gt=PRESENT).exists()
    for case in Case.objects.all():
        moments = [case.registered_at, case.accepted_at, case.transferred_at, case.feedback_at, case.informed_at]
        if case.round == 1:
            given = [moment for moment in moments if moment]
            assert given == sorted(given), case.number


def test_people_work_in_opening_hours(played: Played) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    for entry in Entry.objects.filter(kind__startswith="slip."):
        local = entry.happened_at.astimezone(zone)
        assert 9 <= local.hour + local.minute / 60 < 17.6, entry


def test_alerts_of_every_level_and_step_were_raised(played: Played) -> None:
    assert set(Alert.objects.values_list("level", flat=True)) >= {"action", "yellow", "red"}
    steps = set(CaseDeadline.objects.values_list("step", flat=True))
    assert steps >= {0, 1, 3, 4, 5}
    by_role = {
        role: Alert.objects.filter(recipient__memberships__role=role, level="red").exists()
        for role in (Role.RECEPTIONIST, Role.HANDLER, Role.HEAD, Role.DIRECTOR, Role.SUPERVISOR)
    }
    assert all(by_role.values()), by_role


def test_inboxes_are_read_up_to_yesterday(played: Played) -> None:
    unread = Alert.objects.filter(read_at=None, withdrawn_at=None)
    assert unread.exists()
    assert not unread.filter(created_at__lt=PRESENT - timedelta(days=1)).exists()
    assert Alert.objects.exclude(read_at=None).count() > 10 * unread.count()


def test_nothing_is_sent_anywhere(played: Played) -> None:
    assert not Delivery.objects.exists()
    assert not Staff.objects.exclude(email="", notification_url="").exists()


def test_clocks_are_green_yellow_red_and_due_today(played: Played) -> None:
    running = CaseDeadline.objects.running()
    end_of_day = PRESENT.replace(hour=23, minute=59)
    assert running.filter(warn_at__gt=PRESENT).exists()
    assert running.filter(warn_at__lte=PRESENT, due_at__gt=PRESENT).exists()
    assert running.filter(due_at__lt=PRESENT).exists()
    assert running.filter(due_at__range=(PRESENT, end_of_day)).exists()
    late = Case.objects.open().filter(next_due_at__lt=PRESENT).count()
    assert 0 < late < Case.objects.open().count() / 2


def test_most_of_the_work_was_done_in_time_but_not_all(played: Played) -> None:
    finished = CaseDeadline.objects.exclude(outcome="")
    late = finished.filter(outcome="met_late").count()
    assert 0 < late < finished.count() * 0.1


def test_no_clock_runs_without_somebody_who_must_act(played: Played) -> None:
    people = {hall.pk: HallPeople.of(hall, PRESENT) for hall in Hall.objects.all()}
    for clock in CaseDeadline.objects.running().select_related("case", "slip__department"):
        responsible = people[clock.hall_id].responsible_for(clock, clock.case, barred=clock.case.barred_ids)
        assert responsible, f"{clock.case} {clock.kind}"
        assert not responsible & clock.case.barred_ids


def test_barred_persons_are_shown_nothing_of_it(played: Played) -> None:
    bars = list(Part.objects.filter(role="barred").select_related("staff", "case"))
    assert {bar.staff.username for bar in bars} >= {"zhouming", "chenliqun", "gaolei", "renjie"}
    for bar in bars:
        assert not Case.objects.visible_to(bar.staff).filter(pk=bar.case_id).exists()
        assert not Alert.objects.visible_to(bar.staff).filter(chain=bar.case.chain).exists()
        # That they were heard is the one thing they did about it.
        done = Entry.objects.filter(chain=bar.case.chain, actor=bar.staff).exclude(kind="complaint.account_given")
        assert not done.exists()


def test_dissatisfaction_began_a_second_round_with_another_handler(played: Played) -> None:
    again = Case.objects.filter(round=2)
    assert again.filter(state=CaseState.ARCHIVED).exists()
    assert again.filter(state=CaseState.TRANSFERRED).exists()
    for case in again:
        first, second = (
            {part.staff_id for part in case.parts.filter(role="handler", round=number)} for number in (1, 2)
        )
        assert first
        assert second
        assert not first & second
        assert RectificationNotice.objects.filter(case=case, round=1).exists()


def test_whoever_handled_a_case_never_followed_it_up(played: Played) -> None:
    for evaluation in Evaluation.objects.filter(is_entered_by_resident=False).select_related("case"):
        handlers = set(evaluation.case.parts.filter(role="handler").values_list("staff_id", flat=True))
        assert evaluation.recorded_by_id not in handlers


def test_the_special_cases_are_there(played: Played) -> None:
    assert Case.objects.filter(identity="anonymous").exists()
    assert Case.objects.filter(identity="hidden").exists()
    assert Case.objects.filter(headcount__gte=30).exists()
    assert Case.objects.filter(channel="handed_down").exclude(outside_number="").exclude(outside_due_at=None).exists()
    assert Case.objects.filter(urgency="urgent").exists()
    assert Resident.objects.filter(name__contains="·").exists()
    assert set(UnevaluatedRound.objects.values_list("because", flat=True)) == {"unreachable", "anonymous"}
    assert TransferSlip.objects.filter(
        case__state=CaseState.ACCEPTED, state="returned", case__is_referred=True
    ).exists()
    assert Entry.objects.filter(kind="case.sent_back").exists()
    assert Entry.objects.filter(kind="slip.rejected").exists()
    assert Answer.objects.filter(is_reached=False).exists()
    assert Answer.objects.filter(signature_kind="tablet").exists()
    assert Attachment.objects.filter(kind="signature").exists()
    assert set(Case.objects.values_list("nature", flat=True)) == {
        "consultation",
        "request",
        "complaint",
        "report",
        "suggestion",
        "praise",
    }


# Every row of the table of transitions, and what is done beside the five stages.
WHOLE_LIFE = """
case.registered case.accepted case.referred case.declined case.decline_told case.answered_on_the_spot
case.transferred case.coordinated case.department_added case.handed_up
slip.signed slip.contacted slip.investigation_begun slip.planned slip.noted slip.submitted slip.approved slip.rejected
slip.reported slip.returned slip.return_asked slip.return_granted slip.return_refused slip.recalled slip.reassigned
case.sent_back case.not_reached case.informed case.follow_up_attempted case.archived case.reopened case.concluded
case.withdrawn case.withdrawal_asked case.withdrawal_refused
case.merged case.merged_with case.unmerged case.result_shared
case.nudged case.pressed case.press_answered slip.pressed slip.press_answered case.handed_over case.contact_named
slip.pause_asked slip.paused slip.shelved slip.resumed case.paused case.resumed
slip.extension_asked slip.extended slip.extension_refused case.limit_told
complaint.lodged complaint.confirmed case.visit_joined case.person_barred
complaint.classified slip.record_added complaint.hearing_opened complaint.account_given complaint.found
complaint.sanctioned complaint.corrected complaint.apology_decided
case.late_answer case.late_answer_closed case.second_look
"""


def test_every_transition_of_the_table_has_been_pressed(played: Played) -> None:
    pressed = set(Entry.objects.values_list("kind", flat=True).distinct())
    assert sorted(set(WHOLE_LIFE.split()) - pressed) == []


def test_what_was_asked_or_decided_waits_on_the_first_pages(played: Played) -> None:
    """A wish to withdraw of each kind, an apology nobody has drafted, one to be reviewed, something to be put right."""
    hall = Hall.objects.get(code="GHP")

    def steps(role: Role) -> list[str]:
        staff = Staff.objects.holding(role, hall=hall).order_by("pk")[0]
        with override("en"):
            return sorted(str(row.step) for row in decided(hall, staff, PRESENT))

    assert steps(Role.RECEPTIONIST) == ["Answer the wish", "Draft for the board"]
    assert steps(Role.DIRECTOR) == ["Confirm that it was put right", "Review"]
    assert steps(Role.SUPERVISOR) == ["Answer the wish"]


def test_somebody_is_on_duty_and_the_roster_goes_on_next_week(played: Played) -> None:
    for hall in Hall.objects.all():
        assert on_duty(hall, PRESENT)
        assert DutyShift.objects.filter(hall=hall, starts_at__gt=PRESENT + timedelta(days=7)).exists()
        assert DutyShift.objects.filter(hall=hall, ends_at__lt=PRESENT - timedelta(days=60)).exists()


def test_every_role_is_held(played: Played) -> None:
    held = set(Membership.objects.values_list("role", flat=True))
    assert held == set(Role.values)
    assert Staff.objects.holding(Role.SUPERVISOR, hall=None).exists()


def test_the_ledger_verifies_and_was_sealed_each_day(played: Played) -> None:
    assert list(verify()) == []
    assert DailySeal.objects.count() > 80


def test_the_log_ins_printed_lead_each_role_to_the_page_that_is_named(played: Played) -> None:
    posts = shown_posts(played.script)
    assert {role for post in posts for role in post.roles} == set(Role.values)
    for post in posts:
        client = Client()
        answer = client.post(reverse("login"), {"username": post.username, "password": played.script.password})
        assert answer.status_code == 302, post.username
        assert client.get("/").headers["Location"] == start_page(post), post.username


def test_the_counts_name_each_state_once(played: Played) -> None:
    hall = Hall.objects.get(code="GHP")
    assert str(CaseState.ARCHIVED.label) in counts(hall)


def test_it_is_refused_where_there_is_a_hall(played: Played) -> None:
    with pytest.raises(CommandError):
        call_command("play_demonstration")


@pytest.mark.django_db
def test_it_is_refused_where_https_is_on(settings) -> None:
    settings.HTTPS = True
    with pytest.raises(CommandError):
        call_command("play_demonstration")
    assert not Hall.objects.exists()


@pytest.mark.django_db
def test_it_can_be_played_on_any_day_as_in_the_night_of_the_spring_festival(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.SEAL_DIRECTORY = tmp_path / "media", tmp_path / "seals"
    Player(read_script(), present=datetime(2026, 2, 20, 22, 15, tzinfo=UTC)).play()
    states = set(Case.objects.values_list("state", flat=True))
    assert states >= {"registered", "accepted", "transferred", "feedback", "follow_up", "archived", "declined"}
