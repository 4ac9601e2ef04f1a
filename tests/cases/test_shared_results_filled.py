"""Cases merged before the program kept whose result they had: the migration reads it from the two records."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

from django.apps import apps
from django.db import connection

from cases.models import TransferSlip
from tests import matters
from tests.builders import Town
from tests.cases import steps
from tests.cases.coordination_steps import recall
from tests.followups.merged_stories import TUESDAY, neighbour, notified, shared, told
from tests.matters import MONDAY

HOUR = timedelta(hours=1)
Shared = TransferSlip.shared_with.through
migration = import_module("cases.migrations.0008_shared_results")


def filled_anew() -> dict[int, set[int]]:
    """By merged case, the slips whose result it had, after the migration found none."""
    Shared.objects.all().delete()
    migration.fill(apps, connection.schema_editor())
    answered: dict[int, set[int]] = {}
    for case, slip in Shared.objects.values_list("case", "transferslip"):
        answered.setdefault(case, set()).add(slip)
    return answered


def test_it_finds_the_slip_whose_result_was_shared_also_after_a_second_round_has_begun(town: Town) -> None:
    waiting, first = shared(town)
    notice, second = notified(town, now=TUESDAY)
    assert filled_anew() == {waiting.pk: {first.pk}, notice.case_id: {second.pk}}


def test_it_finds_the_assisting_departments_and_none_that_gave_its_slip_back(town: Town) -> None:
    lead, assisting = matters.coordinated(town)
    case = neighbour(town, lead)
    steps.give_back(assisting, town.zhou, MONDAY)
    lead = steps.sign_in(lead, town.zhao, town.wang)
    steps.report(steps.investigate(steps.contact(lead, town.wang), town.wang), town.wang, MONDAY + HOUR)
    other_lead, other = matters.coordinated(town)
    other_case = neighbour(town, other_lead, name="赵建国", phone="13805716044")
    for slip, head, handler in ((other, town.zhou, town.sun), (other_lead, town.zhao, town.wang)):
        slip = steps.sign_in(slip, head, handler)
        steps.report(steps.investigate(steps.contact(slip, handler), handler), handler, MONDAY + HOUR)
    assert filled_anew() == {case.pk: {lead.pk}, other_case.pk: {other_lead.pk, other.pk}}


def test_what_was_told_before_the_result_was_sent_back_stays_and_what_was_not_told_waits(town: Town) -> None:
    case, main = shared(town)
    told(town, case, MONDAY + 2 * HOUR)
    steps.send_back(main, town.lin, MONDAY + 3 * HOUR)
    recall(main, town.lin, MONDAY + 4 * HOUR)
    untold, second = shared(town)
    steps.send_back(second, town.lin, MONDAY + 3 * HOUR)
    assert steps.fresh(untold).state == "merged"
    assert filled_anew() == {case.pk: {main.pk}}


def test_what_the_desk_answered_on_the_spot_has_no_slip(town: Town) -> None:
    main = matters.accepted(town)
    neighbour(town, main)
    steps.answer(main, town.lin, MONDAY + HOUR)
    assert filled_anew() == {}
