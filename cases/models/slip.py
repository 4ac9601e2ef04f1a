"""The transfer slip: one department's leg of a case in one round, with a lifecycle of its own."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin

from cases import powers, standing
from cases.lifecycle import step
from cases.models.case import Case
from cases.models.part import Part
from cases.vocabulary import (
    GONE_SLIP_STATES,
    OPEN_SLIP_STATES,
    ExtensionState,
    PartRole,
    PauseState,
    SlipKind,
    SlipState,
)
from foundation.organization.models import Category, Department, Hall, Staff

IN_WORK = (SlipState.SIGNED, SlipState.INVESTIGATING)


class TransferSlipQuerySet(models.QuerySet["TransferSlip"]):
    def visible_to(self, staff: Staff) -> TransferSlipQuerySet:
        """Slips of one's hall, else those one's departments have; never of a case one is barred from."""
        if staff.sees_all_content:
            reachable = self
        elif staff.content_hall_ids:
            reachable = self.filter(hall__in=staff.content_hall_ids)
        else:
            reachable = self.filter(department__in=staff.department_ids()).exclude(state__in=GONE_SLIP_STATES)
        return reachable.exclude_barred(staff)

    def of_departments_of(self, staff: Staff) -> TransferSlipQuerySet:
        """The inbox of a handler or head: slips of their own departments only."""
        return self.filter(department__in=staff.department_ids()).exclude_barred(staff)

    def exclude_barred(self, staff: Staff) -> TransferSlipQuerySet:
        barred = Part.objects.filter(case=OuterRef("case"), staff=staff, role=PartRole.BARRED, ended_at=None)
        return self.filter(~Exists(barred))

    def open(self) -> TransferSlipQuerySet:
        return self.filter(state__in=OPEN_SLIP_STATES)

    def answering(self, case: Case, round_no: int) -> TransferSlipQuerySet:
        """Whose results a round was answered with: its own departments', or those its main case shared with it."""
        if case.round_is_shared(round_no):
            return self.filter(shared_with=case)
        return self.filter(case=case, round=round_no, state=SlipState.REPORTED)


class TransferSlip(FSMModelMixin, models.Model):
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="slips")
    hall = models.ForeignKey(Hall, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="slips")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24, unique=True)
    state = FSMField(_("state"), default=SlipState.ISSUED, choices=SlipState.choices, protected=True, max_length=14)
    transition_no = models.PositiveIntegerField(default=0)
    """Grows with every action on the slip; a form drawn before the last one is stale."""
    kind = models.CharField(max_length=10, choices=SlipKind.choices, default=SlipKind.LEAD)
    round = models.PositiveSmallIntegerField(default=1)
    needs_approval = models.BooleanField(default=False)
    is_binding = models.BooleanField(default=False)
    """Decided by the director after two returns: it cannot be returned again."""
    instruction = models.TextField()
    issued_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="issued_slips")
    issued_at = models.DateTimeField()
    handler = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="handled_slips")
    handler_level = models.CharField(max_length=12, blank=True)
    """Empty, or head, director, supervisor: who stepped in because nobody else was left to handle it."""
    signed_at = models.DateTimeField(null=True, blank=True)
    contacted_at = models.DateTimeField(null=True, blank=True)
    investigation_begun_at = models.DateTimeField(null=True, blank=True)
    result = models.TextField(blank=True)
    remedy = models.TextField(blank=True)
    prevention = models.TextField(blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    return_reason = models.TextField(blank=True)
    return_asked_at = models.DateTimeField(null=True, blank=True)
    """Since when the department, which had signed it, waits for the director's consent to return it."""
    wants_plan = models.BooleanField(default=False)
    """Coordinated: the lead department plans. Outside unit: it sends the plan of its rectification."""
    plan = models.TextField(blank=True)
    planned_at = models.DateTimeField(null=True, blank=True)
    pause_state = models.CharField(max_length=8, choices=PauseState.choices, blank=True, default=PauseState.NONE)
    pressed_at = models.DateTimeField(null=True, blank=True)
    """Since when a supervision notice waits for the department's answer."""
    closed_at = models.DateTimeField(null=True, blank=True)
    next_due_at = models.DateTimeField(null=True, blank=True)
    """The earliest end of the clocks that run on the slip; kept by cases.clocks."""

    shared_with = models.ManyToManyField(Case, blank=True, related_name="shared_slips")
    """Merged cases whose first round this result answered. Its department answers for them, whatever becomes of the
    slip or of the main case afterwards."""

    objects = TransferSlipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "round"],
                condition=Q(kind=SlipKind.LEAD, state__in=[*OPEN_SLIP_STATES, SlipState.REPORTED]),
                name="slip_one_lead_a_round",
            ),
            models.UniqueConstraint(
                fields=["case", "round", "department"],
                condition=Q(state__in=[*OPEN_SLIP_STATES, SlipState.REPORTED]),
                name="slip_department_once_a_round",
            ),
            models.CheckConstraint(
                condition=~Q(state=SlipState.REPORTED) | ~Q(result=""), name="slip_reported_with_result"
            ),
            models.CheckConstraint(
                condition=~Q(state=SlipState.RETURNED) | ~Q(return_reason=""), name="slip_returned_with_reason"
            ),
        ]
        indexes = [
            models.Index(
                fields=["department", "next_due_at", "id"],
                name="slip_open_by_due",
                condition=Q(state__in=OPEN_SLIP_STATES),
            ),
            models.Index(fields=["department", "-issued_at", "-id"], name="slip_by_department"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_SLIP_STATES

    @property
    def is_lead(self) -> bool:
        return self.kind == SlipKind.LEAD

    def is_not_contacted(self) -> bool:
        return self.contacted_at is None and not self.case.is_anonymous

    def is_returnable(self) -> bool:
        return not self.is_binding

    def return_is_unasked(self) -> bool:
        return not self.is_binding and self.return_asked_at is None

    def return_is_asked(self) -> bool:
        return self.return_asked_at is not None

    def waits_for_plan(self) -> bool:
        return self.wants_plan and self.planned_at is None

    def may_plan(self) -> bool:
        """A complaint may be given a plan with a date of its own, whoever asked for none."""
        return self.waits_for_plan() or (self.planned_at is None and self.case.is_complaint_or_report())

    def is_about_complaint(self) -> bool:
        return self.case.is_complaint_or_report()

    def others_have_reported(self) -> bool:
        """The lead department writes the combined result once the assisting ones are in."""
        return not self.is_lead or not self.case.is_coordinated or not standing.has_other_open_slip(self)

    def is_pressed(self) -> bool:
        return self.pressed_at is not None

    def is_not_pressed(self) -> bool:
        return self.pressed_at is None

    def may_pause(self) -> bool:
        """Put off once at most: what was extended is not paused as well."""
        return self.pause_state == PauseState.NONE and self.case.extension_state != ExtensionState.GRANTED

    def pause_is_asked(self) -> bool:
        return self.pause_state == PauseState.ASKED

    def is_paused(self) -> bool:
        return self.pause_state == PauseState.RUNNING

    def may_ask_extension(self) -> bool:
        return self.is_lead and self.case.extension_state in (ExtensionState.NONE, ExtensionState.REFUSED)

    def extension_is_asked(self) -> bool:
        return self.is_lead and self.case.extension_state == ExtensionState.ASKED

    def wants_approval(self) -> bool:
        return self.needs_approval

    def wants_no_approval(self) -> bool:
        return not self.needs_approval

    @step(field=state, source=SlipState.ISSUED, target=SlipState.SIGNED, permission=powers.works_slip)
    def sign_in(self, *, handler: Staff | None, handler_level: str, now: datetime) -> None:
        self.handler = handler
        self.handler_level = handler_level
        self.signed_at = now

    @step(
        field=state, source=IN_WORK, target=None, conditions=[is_not_contacted], permission=powers.works_slip_as_handler
    )
    def contact(self, *, contacted_at: datetime) -> None:
        self.contacted_at = contacted_at

    @step(field=state, source=SlipState.SIGNED, target=SlipState.INVESTIGATING, permission=powers.works_slip_as_handler)
    def investigate(self, *, now: datetime) -> None:
        self.investigation_begun_at = now

    @step(field=state, source=IN_WORK, target=None, permission=powers.works_slip_as_handler)
    def note(self) -> None:
        """A note or a piece of evidence is added; the text stands in the ledger, files beside it."""

    @step(
        field=state,
        source=SlipState.INVESTIGATING,
        target=None,
        conditions=[is_about_complaint],
        permission=powers.works_slip_as_handler,
    )
    def add_record(self) -> None:
        """An interview, a site check, a piece of evidence: the room complaints keeps them."""

    @step(
        field=state,
        source=SlipState.INVESTIGATING,
        target=SlipState.REPORTED,
        conditions=[wants_no_approval, others_have_reported],
        permission=powers.works_slip_as_handler,
    )
    def report(self, *, result: str, remedy: str, prevention: str, now: datetime) -> None:
        self._set_result(result, remedy, prevention)
        self.reported_at = self.closed_at = now

    @step(
        field=state,
        source=SlipState.INVESTIGATING,
        target=SlipState.SUBMITTED,
        conditions=[wants_approval, others_have_reported],
        permission=powers.works_slip_as_handler,
    )
    def submit(self, *, result: str, remedy: str, prevention: str) -> None:
        self._set_result(result, remedy, prevention)

    @step(field=state, source=SlipState.SUBMITTED, target=SlipState.REPORTED, permission=powers.approves_result)
    def approve(self, *, approver: Staff, now: datetime) -> None:
        self.approved_by = approver
        self.reported_at = self.closed_at = now

    @step(field=state, source=SlipState.SUBMITTED, target=SlipState.INVESTIGATING, permission=powers.approves_result)
    def reject(self) -> None:
        """Back to the handler, who keeps what was written."""

    @step(
        field=state,
        source=SlipState.ISSUED,
        target=SlipState.RETURNED,
        conditions=[is_returnable],
        permission=powers.works_slip,
    )
    def return_unsigned(self, *, reason: str, now: datetime) -> None:
        self.return_reason = reason
        self.closed_at = now

    @step(
        field=state,
        source=IN_WORK,
        target=None,
        conditions=[return_is_unasked],
        permission=powers.works_slip_as_handler,
    )
    def ask_return(self, *, reason: str, now: datetime) -> None:
        """After signing only the director may let a slip go back: they are asked, and the work goes on meanwhile."""
        self.return_reason = reason
        self.return_asked_at = now

    @step(
        field=state,
        source=IN_WORK,
        target=SlipState.RETURNED,
        conditions=[return_is_asked],
        permission=powers.directs_slip,
    )
    def return_signed(self, *, now: datetime) -> None:
        """The director consents."""
        self.return_asked_at = None
        self.closed_at = now

    @step(
        field=state,
        source=IN_WORK,
        target=None,
        conditions=[return_is_asked],
        permission=powers.directs_slip,
    )
    def refuse_return(self) -> None:
        """The director decides that the department keeps it, and that this is the end of it."""
        self.return_asked_at = None
        self.is_binding = True

    @step(field=state, source=OPEN_SLIP_STATES, target=SlipState.RECALLED, permission=powers.recalls_slip)
    def recall(self, *, now: datetime) -> None:
        self.return_asked_at = None
        self.closed_at = now

    @step(field=state, source=SlipState.REPORTED, target=SlipState.INVESTIGATING, permission=powers.nobody)
    def take_back(self) -> None:
        """The desk sent the result back to be completed."""
        self.reported_at = self.closed_at = None
        self.approved_by = None

    # What is done beside the work itself.

    @step(field=state, source=(*IN_WORK, SlipState.SUBMITTED), target=None, permission=powers.names_handler)
    def reassign(self, *, handler: Staff, handler_level: str) -> None:
        """Another handler is named, because the first left, was barred or is away."""
        self.handler = handler
        self.handler_level = handler_level

    @step(field=state, source=IN_WORK, target=None, conditions=[may_plan], permission=powers.plans)
    def record_plan(self, *, plan: str, now: datetime) -> None:
        self.plan = plan
        self.planned_at = now

    @step(
        field=state,
        source=OPEN_SLIP_STATES,
        target=None,
        conditions=[is_not_pressed],
        permission=powers.presses_slip,
    )
    def press(self, *, now: datetime) -> None:
        """A supervision notice to the department."""
        self.pressed_at = now

    @step(
        field=state, source=OPEN_SLIP_STATES, target=None, conditions=[is_pressed], permission=powers.answers_for_slip
    )
    def answer_press(self) -> None:
        self.pressed_at = None

    @step(field=state, source=IN_WORK, target=None, conditions=[may_pause], permission=powers.works_slip_as_handler)
    def ask_pause(self) -> None:
        self.pause_state = PauseState.ASKED

    @step(
        field=state,
        source=IN_WORK,
        target=None,
        conditions=[pause_is_asked],
        permission=powers.decides_pause_of_slip,
    )
    def grant_pause(self) -> None:
        self.pause_state = PauseState.RUNNING

    @step(
        field=state,
        source=IN_WORK,
        target=None,
        conditions=[pause_is_asked],
        permission=powers.decides_pause_of_slip,
    )
    def refuse_pause(self) -> None:
        self.pause_state = PauseState.NONE

    @step(field=state, source=IN_WORK, target=None, conditions=[is_paused], permission=powers.resumes_slip)
    def resume(self) -> None:
        self.pause_state = PauseState.NONE

    @step(
        field=state,
        source=IN_WORK,
        target=None,
        conditions=[may_ask_extension],
        permission=powers.works_slip_as_handler,
    )
    def ask_extension(self) -> None:
        """The one extension of the case; its state stands on the case."""

    @step(
        field=state,
        source=(*IN_WORK, SlipState.SUBMITTED),
        target=None,
        conditions=[extension_is_asked],
        permission=powers.decides_extension,
    )
    def grant_extension(self) -> None:
        """Decided before the limit has passed; the resident is then told the new date."""

    @step(
        field=state,
        source=(*IN_WORK, SlipState.SUBMITTED),
        target=None,
        conditions=[extension_is_asked],
        permission=powers.decides_extension,
    )
    def refuse_extension(self) -> None:
        """The limit stays."""

    def _set_result(self, result: str, remedy: str, prevention: str) -> None:
        self.result, self.remedy, self.prevention = result, remedy, prevention
        # Who reports has kept it.
        self.return_asked_at = None
