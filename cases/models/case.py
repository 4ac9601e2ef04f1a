"""The case: one matter with one lifecycle, whatever door it came through. Its state is a protected FSM field.

What is done without moving it from stage to stage is in beside.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Reverse, Upper
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, FSMModelMixin

from cases import powers, standing
from cases.lifecycle import step
from cases.models.beside import Beside
from cases.models.matter import Matter
from cases.models.part import Part
from cases.vocabulary import (
    HELD_SLIP_STATES,
    OPEN_STATES,
    UNANSWERED,
    CaseState,
    DeclineGround,
    Nature,
    PartRole,
    Route,
    SlipKind,
)
from foundation.deadlines.rules import Rules, rules_for
from foundation.organization.models import Hall, Staff
from reception.models import Identity

if TYPE_CHECKING:
    from cases.models.slip import TransferSlip

UNDECIDED = (CaseState.REGISTERED, CaseState.ACCEPTED)
SIGNED_AT_DESK = (Nature.CONSULTATION, Nature.PRAISE)


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, staff: Staff) -> CaseQuerySet:
        """The cases this person may see: all of their hall, else those whose slip their department has, else none.

        Persons barred from a case never see it, whatever roles they hold.
        """
        if staff.sees_all_content:
            reachable = self
        elif staff.content_hall_ids:
            reachable = self.filter(hall__in=staff.content_hall_ids)
        elif staff.department_ids():
            # Not a join: a case with two slips of the department would stand in a list twice, and DISTINCT would sort
            # all of them for a page of 25.
            slips = Case.slips.rel.related_model._default_manager
            held = slips.filter(department__in=staff.department_ids(), state__in=HELD_SLIP_STATES)
            reachable = self.filter(pk__in=held.values("case"))
        else:
            return self.none()
        return reachable.exclude_barred(staff)

    def exclude_barred(self, staff: Staff) -> CaseQuerySet:
        barred = Part.objects.filter(case=OuterRef("pk"), staff=staff, role=PartRole.BARRED, ended_at=None)
        return self.filter(~Exists(barred))

    def open(self) -> CaseQuerySet:
        return self.filter(state__in=OPEN_STATES)

    def with_labels(self) -> CaseQuerySet:
        """What a list row shows, in one query."""
        return self.select_related(
            "hall", "category__parent", "resident", "first_contact_owner", "responsible_staff", "responsible_department"
        )


class CaseNumberCounter(models.Model):
    """The last number given in a hall and year; gaps are allowed."""

    hall = models.ForeignKey(Hall, on_delete=models.PROTECT)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hall", "year"], name="case_number_counter_once")]


class Case(FSMModelMixin, Beside):
    state = FSMField(_("state"), default=CaseState.REGISTERED, choices=CaseState.choices, protected=True, max_length=12)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(identity=Identity.ANONYMOUS, resident=None)
                | ~Q(identity=Identity.ANONYMOUS) & Q(resident__isnull=False),
                name="case_resident_unless_anonymous",
            ),
            models.CheckConstraint(
                condition=~Q(state=CaseState.MERGED) | Q(main_case__isnull=False), name="case_merged_has_main"
            ),
            models.CheckConstraint(condition=~Q(main_case=F("pk")), name="case_not_merged_into_itself"),
            models.CheckConstraint(
                condition=~Q(state=CaseState.DECLINED) | ~Q(decline_ground=""), name="case_declined_on_a_ground"
            ),
            models.CheckConstraint(condition=Q(round__gte=1, headcount__gte=1), name="case_counts_positive"),
        ]
        indexes = [
            models.Index(fields=["hall", "-registered_at", "-id"], name="case_by_registration"),
            # Closed ones too: the notice of a refusal or the promise of a merged matter can still run.
            models.Index(fields=["hall", "next_due_at", "id"], name="case_by_due"),
            models.Index(fields=["hall", "state", "-registered_at", "-id"], name="case_by_state"),
            models.Index(
                fields=["first_contact_owner", "next_due_at"],
                name="case_open_by_owner",
                condition=Q(state__in=OPEN_STATES),
            ),
            models.Index(fields=["resident", "-registered_at"], name="case_by_resident"),
            # The figures of a day and of a period.
            models.Index(fields=["hall", "transferred_at"], name="case_by_transfer"),
            models.Index(fields=["hall", "informed_at"], name="case_by_answer"),
            models.Index(fields=["hall", "closed_at"], name="case_by_closing"),
            models.Index(
                fields=["hall", "delay_due_at"], name="case_to_be_told", condition=Q(delay_due_at__isnull=False)
            ),
            # What waits for somebody beside the clocks.
            models.Index(
                fields=["hall", "withdrawal_asked_at"],
                name="case_wish_waits",
                condition=Q(withdrawal_asked_at__isnull=False),
            ),
            models.Index(fields=["hall", "correct_by"], name="case_to_correct", condition=Q(correct_by__isnull=False)),
            models.Index(fields=["main_case"], name="case_merged", condition=Q(state=CaseState.MERGED)),
            GinIndex(fields=["search"], name="case_open_search", condition=Q(state__in=OPEN_STATES)),
            # What is not open is looked through by hall and month, which stand among the terms.
            GinIndex(fields=["search"], name="case_search"),
            # What lists are narrowed by, each in the order of the lists.
            models.Index(fields=["hall", "category", "-registered_at", "-id"], name="case_by_category"),
            models.Index(fields=["hall", "nature", "-registered_at", "-id"], name="case_by_nature"),
            models.Index(fields=["hall", "channel", "-registered_at", "-id"], name="case_by_channel"),
            models.Index(fields=["first_contact_owner", "-registered_at", "-id"], name="case_by_owner"),
            models.Index(fields=["hall", "-registered_at", "-id"], name="case_reopened", condition=Q(round__gte=2)),
            models.Index(
                fields=["hall", "route", "-registered_at", "-id"],
                name="case_directed",
                condition=Q(route__in=[Route.COORDINATED, Route.HANDED_UP]),
            ),
            # Numbers by their end, and those that other offices gave.
            models.Index(F("hall"), OpClass(Reverse("number"), name="text_pattern_ops"), name="case_by_number_end"),
            models.Index(
                F("hall"), Upper("outside_number"), name="case_by_outside_number", condition=~Q(outside_number="")
            ),
        ]

    @classmethod
    def saved_fields(cls) -> list[str]:
        """Everything an action may change; the search terms are written by cases.search alone."""
        return [field.name for field in cls._meta.concrete_fields if field.name not in ("id", "search")]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @cached_property
    def rules(self) -> Rules:
        """By what its times are counted. Loaded once; an action refetches the case and so forgets them."""
        return rules_for(self.hall)

    @cached_property
    def lead_of_round(self) -> TransferSlip | None:
        """The lead slip of this round that is still its department's: asked once, however many buttons ask."""
        held = self.slips.filter(round=self.round, kind=SlipKind.LEAD, state__in=HELD_SLIP_STATES)
        slip = held.select_related("department").first()
        if slip is not None:
            slip.case = self
        return slip

    @cached_property
    def has_confirm_clock(self) -> bool:
        """Asked once, however many buttons ask."""
        return self.deadlines.filter(kind="confirm", outcome="").exists()

    def waits_to_be_confirmed(self) -> bool:
        return self.has_confirm_clock

    # The lifecycle. Each method guards and sets its own fields; ledger, clocks and alerts are the action's.

    @step(field=state, source=CaseState.REGISTERED, target=CaseState.ACCEPTED, permission=powers.screens)
    def accept(self, *, now: datetime) -> None:
        self.accepted_at = now

    @step(
        field=state,
        source=UNDECIDED,
        target=None,
        conditions=[Matter.is_undirected],
        permission=powers.acts_as_receptionist,
    )
    def refer(self) -> None:
        self.is_referred = True

    @step(field=state, source=UNDECIDED, target=CaseState.DECLINED, permission=powers.dispatches)
    def decline(self, *, ground: str, now: datetime) -> None:
        self.decline_ground = ground
        self.closed_at = now
        self.withdrawal_asked_at = None

    @step(field=state, source=UNDECIDED, target=CaseState.DECLINED, permission=powers.acts_as_director)
    def no_longer_accept(self, *, now: datetime) -> None:
        self.decline_ground = DeclineGround.FINAL_ANSWER
        self.closed_at = now
        self.withdrawal_asked_at = None

    @step(
        field=state,
        source=CaseState.DECLINED,
        target=None,
        conditions=[Matter.waits_to_be_told],
        permission=powers.acts_at_desk_or_directs,
    )
    def tell_declined(self, *, told_at: datetime) -> None:
        self.decline_told_at = told_at

    @step(
        field=state,
        source=UNDECIDED,
        target=RETURN_VALUE(CaseState.FOLLOW_UP, CaseState.ARCHIVED),
        conditions=[Matter.may_be_answered_at_once],
        permission=powers.answers_on_the_spot,
    )
    def answer_on_the_spot(self, *, signed: bool, now: datetime) -> str:
        self.route = Route.ON_THE_SPOT
        self.informed_at = now
        self.withdrawal_asked_at = None
        if signed and self.nature in SIGNED_AT_DESK:
            self.closed_at = now
            return CaseState.ARCHIVED
        return CaseState.FOLLOW_UP

    @step(field=state, source=CaseState.ACCEPTED, target=CaseState.TRANSFERRED, permission=powers.dispatches)
    def transfer(self, *, now: datetime) -> None:
        self.route = Route.TRANSFERRED
        self.transferred_at = now

    @step(field=state, source=CaseState.ACCEPTED, target=CaseState.TRANSFERRED, permission=powers.acts_as_director)
    def coordinate(self, *, now: datetime) -> None:
        self.route = Route.COORDINATED
        self.transferred_at = now

    @step(
        field=state,
        source=CaseState.TRANSFERRED,
        target=None,
        conditions=[Matter.is_coordinated_matter],
        permission=powers.acts_as_director,
    )
    def add_department(self) -> None:
        """A further department joins a coordinated case, or a new lead takes the place of one that is gone."""

    @step(field=state, source=CaseState.ACCEPTED, target=CaseState.TRANSFERRED, permission=powers.acts_as_director)
    def hand_up(self, *, now: datetime) -> None:
        self.route = Route.HANDED_UP
        self.transferred_at = self.handed_up_at = now

    @step(
        field=state,
        source=CaseState.TRANSFERRED,
        target=CaseState.FEEDBACK,
        conditions=[standing.has_no_open_slip, standing.lead_has_reported],
        permission=powers.nobody,
    )
    def collect_results(self, *, now: datetime) -> None:
        self.feedback_at = now

    @step(
        field=state,
        source=CaseState.TRANSFERRED,
        target=CaseState.ACCEPTED,
        conditions=[standing.has_no_open_slip],
        permission=powers.nobody,
    )
    def come_back(self) -> None:
        self.transferred_at = None

    @step(
        field=state,
        source=CaseState.FEEDBACK,
        target=CaseState.FOLLOW_UP,
        conditions=[Matter.wants_no_finding],
        permission=powers.informs,
    )
    def inform(self, *, now: datetime) -> None:
        self.informed_at = now
        # What was to be withdrawn has been answered.
        self.withdrawal_asked_at = None

    @step(
        field=state,
        source=CaseState.FEEDBACK,
        target=CaseState.TRANSFERRED,
        conditions=[Matter.has_result_of_its_own],
        permission=powers.acts_at_desk_or_directs,
    )
    def send_back(self) -> None:
        self.feedback_at = None

    @step(field=state, source=CaseState.FOLLOW_UP, target=None, permission=powers.follows_up)
    def attempt_follow_up(self) -> None:
        """Offered to whoever may follow up; the room followups writes down what came of it."""

    @step(
        field=state,
        source=CaseState.FOLLOW_UP,
        target=None,
        conditions=[Matter.is_known],
        permission=powers.acts_at_desk_or_directs,
    )
    def take_evaluation(self) -> None:
        """Residents evaluate themselves at the desk, whoever handled the case; the room followups writes it down."""

    @step(field=state, source=CaseState.FOLLOW_UP, target=CaseState.ARCHIVED, permission=powers.nobody)
    def archive(self, *, now: datetime) -> None:
        self.closed_at = now

    @step(field=state, source=CaseState.FOLLOW_UP, target=CaseState.ACCEPTED, permission=powers.nobody)
    def reopen(self, *, now: datetime) -> None:
        self._begin_new_round(now)

    def _begin_new_round(self, now: datetime) -> None:
        self.round += 1
        self.accepted_at = now
        self.transferred_at = self.feedback_at = self.informed_at = None
        self.route = Route.UNDECIDED
        # What the director decided was about the round that is over; the new one begins at the desk.
        self.is_referred = False
        self.withdrawal_asked_at = self.delay_told_at = None
        self.finding = ""

    @step(
        field=state,
        source=CaseState.ARCHIVED,
        target=CaseState.ACCEPTED,
        conditions=[Matter.late_answer_waits],
        permission=powers.acts_as_director,
    )
    def reopen_archived(self, *, now: datetime) -> None:
        """What came late shows that it is not settled: a new round, as if it had come in time."""
        self._begin_new_round(now)
        self.closed_at = self.late_answer_at = None

    @step(
        field=state,
        source=CaseState.FOLLOW_UP,
        target=CaseState.ARCHIVED,
        conditions=[Matter.has_had_two_rounds],
        permission=powers.acts_as_director,
    )
    def conclude(self, *, now: datetime) -> None:
        self.closed_at = now

    @step(
        field=state,
        source=(CaseState.ACCEPTED, CaseState.TRANSFERRED, CaseState.FEEDBACK),
        target=CaseState.WITHDRAWN,
        conditions=[Matter.may_be_withdrawn],
        permission=powers.withdraws,
    )
    def withdraw(self, *, now: datetime) -> None:
        self.closed_at = now
        self.withdrawal_asked_at = None

    @step(
        field=state,
        source=(CaseState.REGISTERED, CaseState.ACCEPTED, CaseState.TRANSFERRED),
        target=CaseState.MERGED,
        conditions=[Matter.may_be_merged],
        permission=powers.acts_as_receptionist,
    )
    def merge(self, *, main_case: Case, now: datetime) -> None:
        self.main_case = main_case
        # Whoever is told that their matter goes on with another one has been accepted.
        self.accepted_at = self.accepted_at or now
        self.transferred_at = None
        self.route = Route.UNDECIDED

    @step(field=state, source=CaseState.MERGED, target=CaseState.FEEDBACK, permission=powers.nobody)
    def share_result(self, *, now: datetime) -> None:
        self.feedback_at = now

    @step(field=state, source=CaseState.FEEDBACK, target=CaseState.MERGED, permission=powers.nobody)
    def rejoin(self) -> None:
        """The result of the main case was sent back before this resident was told."""
        self.feedback_at = None

    @step(field=state, source=CaseState.MERGED, target=CaseState.ACCEPTED, permission=powers.acts_as_director)
    def unmerge(self) -> None:
        self.main_case = None

    @step(
        field=state,
        source=UNANSWERED,
        target=None,
        conditions=[waits_to_be_confirmed],
        permission=powers.acts_as_receptionist,
    )
    def confirm(self) -> None:
        """A complaint is confirmed with who lodged it; the room complaints writes down how."""
