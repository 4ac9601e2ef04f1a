"""What must be true of every case at every moment, whoever pressed what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cases.models import Case, CaseDeadline, TransferSlip
from cases.people import HallPeople
from cases.vocabulary import PartRole
from followups.models import Evaluation, FollowUpAttempt, LateAnswer, UnevaluatedRound
from foundation.ledger.models import Entry
from foundation.ledger.reading import verified_timeline
from foundation.notifications.models import Alert
from foundation.organization.models import Role, Staff
from tests.cases.course_truths import check_merged, check_notices

OPEN = ("registered", "accepted", "transferred", "feedback", "follow_up")
OPEN_SLIP = ("issued", "signed", "investigating", "submitted")

# Which moments are set in which state; accepted_at of a matter answered on the spot may be missing.
MOMENTS: dict[str, set[str]] = {
    "registered": set(),
    "accepted": {"accepted_at"},
    "transferred": {"accepted_at", "transferred_at"},
    "feedback": {"accepted_at", "transferred_at", "feedback_at"},
    "follow_up": {"accepted_at", "transferred_at", "feedback_at", "informed_at"},
    "archived": {"accepted_at", "transferred_at", "feedback_at", "informed_at", "closed_at"},
    "declined": {"closed_at"},
    "merged": {"accepted_at"},
    "withdrawn": {"accepted_at", "closed_at"},
}
# Which clocks of the case itself must run in which state; "confirm" may run until the resident is told.
CLOCKS: dict[str, list[set[str]]] = {
    "registered": [{"dispatch"}],
    "accepted": [{"dispatch", "promise"}],
    "transferred": [{"promise"}],
    "feedback": [{"promise", "feedback"}],
    "follow_up": [{"follow_up"}, {"outcome"}],
    "archived": [set()],
    "merged": [{"promise"}],
    "withdrawn": [set()],
}
# Likewise for a slip; "contact" may run from signing until somebody has spoken with the resident.
SLIP_CLOCKS = {
    "issued": {"sign_in", "investigate", "handle"},
    "signed": {"investigate", "handle"},
    "investigating": {"handle"},
    "submitted": {"handle"},
}


@dataclass
class Memory:
    """What was seen of a case last time, for all that may never change."""

    owner: int
    transition_no: int = 0
    finished: dict[int, dict[str, Any]] = field(default_factory=dict)


def check(case: Case, memory: Memory, everybody: Collection[Staff], now: datetime) -> None:
    slips = list(case.slips.order_by("pk"))
    clocks = list(case.deadlines.select_related("slip__department").order_by("pk"))
    check_moments(case)
    check_slips(case, slips)
    check_clocks(case, slips, clocks)
    check_suspension(case, slips, clocks)
    check_merged(case)
    check_notices(case, slips, clocks)
    check_what_never_changes(case, clocks, memory)
    check_handlers(case, slips)
    check_corrections(case)
    check_responsible(case, clocks, everybody, now)
    check_barred(case, everybody)
    _entries, intact = verified_timeline(case.chain)
    assert intact


def check_moments(case: Case) -> None:
    names = ("accepted_at", "transferred_at", "feedback_at", "informed_at", "closed_at")
    expected = set(MOMENTS[case.state])
    moments = {name: getattr(case, name) for name in names if getattr(case, name) is not None}
    if case.route == "on_the_spot":
        expected -= {"accepted_at", "transferred_at", "feedback_at"}
    if case.route == "on_the_spot" or case.state == "declined":
        expected |= {"accepted_at"} & moments.keys()
    if case.shares_a_result():
        expected -= {"transferred_at"}
    if case.state == "withdrawn":
        expected |= {"transferred_at", "feedback_at"} & moments.keys()
    assert moments.keys() == expected, (case.state, sorted(moments))
    order = [case.registered_at, *(moments[name] for name in names if name in moments)]
    assert order == sorted(order)
    assert (case.decline_ground != "") == (case.state == "declined")
    waiting = LateAnswer.objects.filter(case=case, decision="").exists()
    assert (case.late_answer_at is not None) == waiting
    assert not waiting or case.state == "archived"


def check_slips(case: Case, slips: list[TransferSlip]) -> None:
    open_slips = [slip for slip in slips if slip.state in OPEN_SLIP]
    if case.state == "transferred":
        assert len(open_slips) >= 1 if case.route == "coordinated" else len(open_slips) == 1
    else:
        assert not open_slips
    assert all(slip.round == case.round for slip in open_slips)
    assert sum(slip.is_lead for slip in open_slips) <= 1
    assert case.route == "coordinated" or all(slip.is_lead for slip in open_slips)
    has_it = Counter((slip.round, slip.department_id) for slip in slips if slip.state in (*OPEN_SLIP, "reported"))
    assert set(has_it.values()) <= {1}
    reported = [slip for slip in slips if slip.round == case.round and slip.is_lead and slip.state == "reported"]
    is_done = case.state == "feedback" or (case.state in ("follow_up", "archived") and case.route != "on_the_spot")
    if is_done and not case.shares_a_result():
        assert len(reported) == 1
    if case.state in ("registered", "accepted", "declined"):
        assert not reported
    if case.state == "transferred" and reported:
        # Approved by its head after a further department was asked.
        assert case.route == "coordinated"
        assert not any(slip.is_lead for slip in open_slips)
    returned = sum(slip.state == "returned" for slip in slips)
    if case.round == 1:
        by_director = {"case.referred", "case.coordinated", "case.handed_up"}
        wanted = Entry.objects.filter(chain=case.chain_id, kind__in=by_director).exists()
        assert case.is_referred == (wanted or returned >= 2)
    assert not any(slip.is_binding and slip.state == "returned" for slip in slips)


def check_clocks(case: Case, slips: list[TransferSlip], clocks: list[CaseDeadline]) -> None:
    running = [clock for clock in clocks if clock.outcome == ""]
    once = Counter((clock.slip_id, clock.kind) for clock in running)
    assert set(once.values()) <= {1}, once
    of_case = {clock.kind for clock in running if clock.slip_id is None}
    if case.state == "declined":
        assert of_case == (set() if case.decline_told_at else {"decline_notice"})
    else:
        may_wait_for_confirmation = case.state in ("registered", "accepted", "transferred", "feedback")
        optional = {"confirm"} if may_wait_for_confirmation else set()
        optional |= {"supervision"}
        has_lead = any(
            slip.is_lead and slip.round == case.round and slip.state in (*OPEN_SLIP, "reported") for slip in slips
        )
        if case.state == "transferred" and not has_lead:
            # The lead department is gone while others work: the director names another one within this time.
            assert of_case - optional == {"promise", "dispatch"}
        else:
            assert of_case - optional in CLOCKS[case.state], (case.state, of_case)
    for slip in slips:
        of_slip = {clock.kind for clock in running if clock.slip_id == slip.pk}
        contactable = slip.state in ("signed", "investigating", "submitted") and not slip.contacted_at
        optional = {"contact"} if contactable and not case.is_anonymous else set()
        optional |= {"supervision"}
        wanted = SLIP_CLOCKS.get(slip.state, set())
        if slip.is_open and slip.wants_plan and slip.planned_at is None:
            # What was sent back is completed without a new limit for the plan.
            was_sent_back = sum(clock.slip_id == slip.pk and clock.kind == "handle" for clock in clocks) > 1
            wanted, optional = (wanted, optional | {"plan"}) if was_sent_back else (wanted | {"plan"}, optional)
        elif slip.is_open and slip.planned_at is not None:
            # Of a complaint, with a date by which it is carried out.
            optional = optional | {"plan"}
        assert of_slip - optional == wanted, (slip.state, of_slip)
        ends = [clock.due_at for clock in running if clock.slip_id == slip.pk and clock.paused_at is None]
        assert slip.next_due_at == (min(ends) if ends else None)
    ticking = [clock for clock in running if clock.paused_at is None]
    assert case.next_due_at == (min(clock.due_at for clock in ticking) if ticking else None)
    promises = Counter(clock.round for clock in clocks if clock.kind == "promise")
    assert set(promises.values()) <= {1}
    assert promises[case.round] == (1 if case.accepted_at else 0)
    for clock in clocks:
        late = clock.finished_at is not None and clock.finished_at > clock.due_at
        assert clock.outcome in ("", "cancelled", "met_late" if late else "met")


def check_suspension(case: Case, slips: list[TransferSlip], clocks: list[CaseDeadline]) -> None:
    """What stands still does so for a pause that was granted; what was extended was extended once."""
    paused = {(clock.slip_id, clock.kind) for clock in clocks if clock.paused_at is not None}
    assert all(clock.outcome == "" and clock.next_alert_at is None for clock in clocks if clock.paused_at is not None)
    pauses = {pause.slip_id: pause for pause in case.pauses.filter(state__in=["asked", "running"])}
    states = {slip.pk: slip.pause_state for slip in slips} | {None: case.pause_state}
    assert {key: state for key, state in states.items() if state} == {key: one.state for key, one in pauses.items()}
    expected = set()
    for slip in slips:
        if slip.pause_state:
            assert slip.state in ("signed", "investigating")
        if slip.pause_state == "running":
            expected |= {(slip.pk, "handle")} | ({(None, "promise")} if slip.is_lead else set())
    if case.pause_state:
        assert case.state == "feedback"
    if case.pause_state == "running":
        expected |= {(None, "feedback"), (None, "promise")}
    assert paused == expected
    extensions = list(case.extensions.order_by("pk").values_list("state", flat=True))
    assert case.extension_state == (extensions[-1] if extensions else "")
    assert sum(state in ("asked", "granted") for state in extensions) <= 1
    if case.extension_state == "granted":
        assert "asked" not in states.values()
    if case.extension_state == "asked":
        assert case.state == "transferred"
    promise = next((clock for clock in clocks if clock.kind == "promise" and clock.round == case.round), None)
    if promise is not None:
        assert case.promise_due_at == promise.due_at
    for clock in clocks:
        if clock.kind == "feedback" and clock.outcome == "" and promise and promise.due_at > clock.started_at:
            assert clock.due_at <= promise.due_at
    if case.limit_changed_at is not None:
        assert case.state in ("accepted", "transferred", "feedback", "merged")
    if case.withdrawal_asked_at is not None:
        assert case.state in ("registered", "accepted", "transferred", "feedback", "merged")
    if case.delay_due_at is not None:
        assert case.state in ("accepted", "transferred", "feedback", "merged")
        assert case.delay_due_at in {clock.due_at for clock in clocks if clock.told_for and not clock.outcome}
        assert not case.is_anonymous


def check_corrections(case: Case) -> None:
    """The first day by which something is still to be put right, and none once all of it is confirmed."""
    days = [one.correct_by for one in case.sanctions.filter(kind="correction", correction=None) if one.correct_by]
    assert case.correct_by == min(days, default=None)


def check_what_never_changes(case: Case, clocks: list[CaseDeadline], memory: Memory) -> None:
    now = {clock.pk: _row(clock) for clock in clocks if clock.outcome}
    for pk, row in memory.finished.items():
        assert now[pk] == row
    memory.finished = now
    assert case.transition_no >= memory.transition_no
    memory.transition_no = case.transition_no
    if case.first_contact_owner_id != memory.owner:
        handed_over = Entry.objects.filter(chain=case.chain_id, kind="case.handed_over").exists()
        assert handed_over or memory.owner in case.barred_ids
        memory.owner = case.first_contact_owner_id
    owners = [part.staff_id for part in case.active_parts if part.role == PartRole.OWNER]
    assert owners == [case.first_contact_owner_id]


def _row(clock: CaseDeadline) -> dict[str, Any]:
    return {column.attname: getattr(clock, column.attname) for column in clock._meta.concrete_fields}


def check_handlers(case: Case, slips: list[TransferSlip]) -> None:
    """A new round has another handler, and nobody follows up what they handled."""
    handled = [(part.round, part.staff_id) for part in case.active_parts if part.role == PartRole.HANDLER]
    for round_no, person in handled:
        assert not any(person == other and earlier < round_no for earlier, other in handled), handled
    for slip in slips:
        if slip.handler_id is not None:
            assert (slip.round, slip.handler_id) in handled
            assert not any(person == slip.handler_id and before < slip.round for before, person in handled)
    followed_up = [
        *Evaluation.objects.filter(case=case, is_entered_by_resident=False).values_list("round", "recorded_by"),
        *FollowUpAttempt.objects.filter(case=case).exclude(means="desk").values_list("round", "by"),
        *UnevaluatedRound.objects.filter(case=case).values_list("round", "closed_by"),
    ]
    for round_no, person in followed_up:
        assert not any(person == handler and before <= round_no for before, handler in handled)


def check_responsible(case: Case, clocks: list[CaseDeadline], everybody: Collection[Staff], now: datetime) -> None:
    active = {person.pk for person in everybody if person.is_active}
    if case.state in OPEN:
        assert case.responsible_staff_id or case.responsible_department_id
    if case.state in ("archived", "withdrawn"):
        assert case.responsible_staff_id is case.responsible_department_id is None
    assert case.responsible_staff_id not in case.barred_ids
    people = HallPeople.of(case.hall, now)
    above = {
        person.pk
        for person in everybody
        if person.holds(Role.RECEPTIONIST, Role.DIRECTOR, Role.SUPERVISOR, hall=case.hall_id)
    }
    for clock in clocks:
        if clock.outcome:
            continue
        responsible = people.responsible_for(clock, case, barred=case.barred_ids)
        unfit = case.barred_ids
        if clock.kind in ("follow_up", "outcome"):
            unfit = unfit | case.handler_ids
        assert not responsible & unfit
        assert responsible <= active
        assert responsible or not (above & active) - unfit, clock.kind


def check_barred(case: Case, everybody: Collection[Staff]) -> None:
    """Barred: not in any list, and nothing in the inbox. People of other halls are told nothing either."""
    told = set(Alert.objects.filter(chain=case.chain_id, withdrawn_at=None).values_list("recipient", flat=True))
    assert not told & case.barred_ids
    for person in everybody:
        strange = not person.sees_all_halls and case.hall_id not in person.hall_ids
        assert not (strange and person.pk in told)
        if person.pk in case.barred_ids:
            assert not Case.objects.visible_to(person).filter(pk=case.pk).exists()
            assert not TransferSlip.objects.visible_to(person).filter(case=case).exists()
