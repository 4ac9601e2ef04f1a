"""The plan of a complaint has a date of its own, which runs as a clock and is told to the resident."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from cases.actions.plan import record_plan
from cases.models import TransferSlip
from foundation.refusals import Refused, WrongState
from tests.builders import Town
from tests.cases.steps import fresh, last_entry, march, outcomes, refused, report, running
from tests.complaints.procedure import looked_into
from tests.matters import investigating

PLAN = "三天内退款，并公示价目。"


def planned(slip: TransferSlip, town: Town, **more: object) -> TransferSlip:
    form = {"slip_id": slip.pk, "transition_no": slip.transition_no, "actor": slip.handler, "now": march(3, 10)}
    return record_plan(**form, plan=PLAN, **more)  # type: ignore[arg-type]


def test_the_date_runs_as_a_clock_until_the_department_reports(town: Town) -> None:
    slip = planned(looked_into(town), town, until=march(6, 17))
    assert running(slip)["plan"] == "03-06 17:00"
    assert last_entry(slip).kind == "slip.planned"
    report(slip, town.qian, march(6, 10))
    assert outcomes(slip)["plan"] == "met"


def test_a_report_after_that_date_has_met_it_late(town: Town) -> None:
    slip = planned(looked_into(town), town, until=march(6, 17))
    report(slip, town.qian, march(6, 18))
    assert outcomes(slip)["plan"] == "met_late"


def test_the_date_lies_ahead_and_not_after_the_one_promised_to_the_resident(town: Town) -> None:
    slip = looked_into(town)
    for until in (march(3, 10), march(30, 10)):
        with refused(Refused, slip, field="until"):
            planned(slip, town, until=until)


def test_a_request_has_no_plan_of_its_own_and_a_plan_is_recorded_once(town: Town) -> None:
    slip = investigating(town)
    with refused(WrongState, slip):
        planned(slip, town)
    slip = planned(looked_into(town), town, until=march(6, 17))
    with refused(WrongState, slip):
        planned(slip, town, until=march(6, 18))


def test_the_resident_reads_the_date_and_not_the_plan(town: Town, client: Client) -> None:
    slip = planned(looked_into(town), town, until=march(6, 17))
    case = fresh(slip)
    address = reverse("portal:status", args=[town.north.code, case.tracking_code])
    page = client.post(address, {"digits": "6021"}, follow=True)
    lines = page.context["steps"][1].lines
    assert any("17:00" in line for line in lines), lines
    assert PLAN not in page.content.decode()
