"""The case: one matter with one lifecycle, whatever door it came through. Its state is a protected FSM field."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, FSMModelMixin

from cases import powers
from cases.lifecycle import step
from cases.models.part import Part
from cases.vocabulary import (
    OPEN_STATES,
    CaseState,
    DeclineGround,
    Nature,
    PartRole,
    Route,
    Urgency,
)
from foundation.ledger.models import Chain
from foundation.organization.models import Category, Department, Hall, Role, Staff
from foundation.residents.models import Resident
from reception.models import Channel, Identity

UNDECIDED = (CaseState.REGISTERED, CaseState.ACCEPTED)
SIGNED_AT_DESK = (Nature.CONSULTATION, Nature.PRAISE)


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, staff: Staff) -> CaseQuerySet:
        """The cases this person may see: all of their hall, else those with a slip of their department, else none.

        Persons barred from a case never see it, whatever roles they hold.
        """
        if staff.sees_all_content:
            reachable = self
        elif staff.content_hall_ids:
            reachable = self.filter(hall__in=staff.content_hall_ids)
        elif staff.department_ids():
            # Not a join: a case with two slips of the department would stand in a list twice, and DISTINCT would sort
            # all of them for a page of 25.
            reachable = self.filter(
                pk__in=Case.objects.filter(slips__department__in=staff.department_ids()).values("pk")
            )
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


class Case(FSMModelMixin, models.Model):
    hall = models.ForeignKey(Hall, on_delete=models.PROTECT, related_name="cases")
    number = models.CharField(max_length=20, unique=True)
    tracking_code = models.CharField(max_length=13, unique=True)
    chain = models.OneToOneField(Chain, on_delete=models.PROTECT, related_name="case")
    state = FSMField(_("state"), default=CaseState.REGISTERED, choices=CaseState.choices, protected=True, max_length=12)
    transition_no = models.PositiveIntegerField(default=0)
    """Grows with every action on the case; a form drawn before the last one is stale."""
    round = models.PositiveSmallIntegerField(default=1)
    route = models.CharField(max_length=12, choices=Route.choices, blank=True, default=Route.UNDECIDED)
    is_referred = models.BooleanField(default=False)
    """Whether the director decides where it goes: referred for coordination, or returned twice."""

    title = models.CharField(max_length=80)
    nature = models.CharField(max_length=12, choices=Nature.choices)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="cases")
    urgency = models.CharField(max_length=6, choices=Urgency.choices, default=Urgency.NORMAL)
    headcount = models.PositiveIntegerField(default=1)
    channel = models.CharField(max_length=20, choices=Channel.choices)
    identity = models.CharField(max_length=10, choices=Identity.choices, default=Identity.NAMED)
    resident = models.ForeignKey(Resident, null=True, blank=True, on_delete=models.PROTECT, related_name="cases")
    outside_number = models.CharField(max_length=60, blank=True)
    outside_due_at = models.DateTimeField(null=True, blank=True)

    first_contact_owner = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="first_contact_cases")
    responsible_staff = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    responsible_department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    registered_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    transferred_at = models.DateTimeField(null=True, blank=True)
    feedback_at = models.DateTimeField(null=True, blank=True)
    informed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    promise_due_at = models.DateTimeField(null=True, blank=True)
    next_due_at = models.DateTimeField(null=True, blank=True)
    """The earliest end of the clocks that run on the case or its slips; kept by cases.clocks."""

    decline_ground = models.CharField(max_length=20, choices=DeclineGround.choices, blank=True)
    decline_told_at = models.DateTimeField(null=True, blank=True)
    main_case = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged_cases")
    search = SearchVectorField(null=True, editable=False)
    """Pairs of neighbouring characters of title and matter; never a name. See cases.search."""

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
            models.Index(
                fields=["hall", "next_due_at", "id"], name="case_open_by_due", condition=Q(state__in=OPEN_STATES)
            ),
            models.Index(fields=["hall", "state", "-registered_at", "-id"], name="case_by_state"),
            models.Index(
                fields=["first_contact_owner", "next_due_at"],
                name="case_open_by_owner",
                condition=Q(state__in=OPEN_STATES),
            ),
            models.Index(fields=["resident", "-registered_at"], name="case_by_resident"),
            GinIndex(fields=["search"], name="case_open_search", condition=Q(state__in=OPEN_STATES)),
        ]

    def __str__(self) -> str:
        return self.number

    @classmethod
    def saved_fields(cls) -> list[str]:
        """Everything an action may change; the search terms are written by cases.search alone."""
        return [field.name for field in cls._meta.concrete_fields if field.name not in ("id", "search")]

    # Who is part of it. Loaded once; an action refetches the case and so forgets them.

    @cached_property
    def active_parts(self) -> list[Part]:
        return list(self.parts.filter(ended_at=None).select_related("staff").order_by("pk"))

    @cached_property
    def lacking(self) -> dict[Role, bool]:
        """Kept by cases.powers: whether nobody unbarred is left with a role; forgotten with the parts it came from."""
        return {}

    def forget_parts(self) -> None:
        """After a part was added or ended within an action."""
        for name in ("active_parts", "lacking"):
            self.__dict__.pop(name, None)

    @property
    def barred_ids(self) -> set[int]:
        return {part.staff_id for part in self.active_parts if part.role == PartRole.BARRED}

    @property
    def handler_ids(self) -> set[int]:
        """Everybody who handled the case in any round; parts of earlier rounds stay active on purpose."""
        return {part.staff_id for part in self.active_parts if part.role == PartRole.HANDLER}

    def bars(self, staff: Staff) -> bool:
        return staff.pk in self.barred_ids

    def was_handled_by(self, staff: Staff, *, before: int | None = None) -> bool:
        """Whether this person handled the case in any round, or in one before the round given."""
        return any(
            part.staff_id == staff.pk and part.role == PartRole.HANDLER and (before is None or part.round < before)
            for part in self.active_parts
        )

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_coordinated(self) -> bool:
        return self.route == Route.COORDINATED

    @property
    def is_complaint(self) -> bool:
        return self.nature == Nature.COMPLAINT

    @property
    def is_anonymous(self) -> bool:
        return self.identity == Identity.ANONYMOUS

    def waits_to_be_confirmed(self) -> bool:
        return self.deadlines.filter(kind="confirm", outcome="").exists()

    def waits_to_be_told(self) -> bool:
        return self.decline_told_at is None

    def is_undirected(self) -> bool:
        return not self.is_referred

    def is_known(self) -> bool:
        return not self.is_anonymous

    # The lifecycle. Each method guards and sets its own fields; ledger, clocks and alerts are the action's.

    @step(field=state, source=CaseState.REGISTERED, target=CaseState.ACCEPTED, permission=powers.acts_as_receptionist)
    def accept(self, *, now: datetime) -> None:
        self.accepted_at = now

    @step(
        field=state, source=UNDECIDED, target=None, conditions=[is_undirected], permission=powers.acts_as_receptionist
    )
    def refer(self) -> None:
        self.is_referred = True

    @step(field=state, source=UNDECIDED, target=CaseState.DECLINED, permission=powers.dispatches)
    def decline(self, *, ground: str, now: datetime) -> None:
        self.decline_ground = ground
        self.closed_at = now

    @step(field=state, source=UNDECIDED, target=CaseState.DECLINED, permission=powers.acts_as_director)
    def no_longer_accept(self, *, now: datetime) -> None:
        self.decline_ground = DeclineGround.FINAL_ANSWER
        self.closed_at = now

    @step(
        field=state,
        source=CaseState.DECLINED,
        target=None,
        conditions=[waits_to_be_told],
        permission=powers.acts_at_desk_or_directs,
    )
    def tell_declined(self, *, told_at: datetime) -> None:
        self.decline_told_at = told_at

    @step(
        field=state,
        source=UNDECIDED,
        target=RETURN_VALUE(CaseState.FOLLOW_UP, CaseState.ARCHIVED),
        permission=powers.answers_on_the_spot,
    )
    def answer_on_the_spot(self, *, signed: bool, now: datetime) -> str:
        self.route = Route.ON_THE_SPOT
        self.informed_at = now
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
        target=CaseState.FEEDBACK,
        conditions=[powers.has_no_open_slip, powers.lead_has_reported],
        permission=powers.nobody,
    )
    def collect_results(self, *, now: datetime) -> None:
        self.feedback_at = now

    @step(
        field=state,
        source=CaseState.TRANSFERRED,
        target=CaseState.ACCEPTED,
        conditions=[powers.has_no_open_slip],
        permission=powers.nobody,
    )
    def come_back(self) -> None:
        self.transferred_at = None

    @step(field=state, source=CaseState.FEEDBACK, target=CaseState.FOLLOW_UP, permission=powers.informs)
    def inform(self, *, now: datetime) -> None:
        self.informed_at = now

    @step(
        field=state,
        source=CaseState.FEEDBACK,
        target=CaseState.TRANSFERRED,
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
        conditions=[is_known],
        permission=powers.acts_at_desk_or_directs,
    )
    def take_evaluation(self) -> None:
        """Residents evaluate themselves at the desk, whoever handled the case; the room followups writes it down."""

    @step(field=state, source=CaseState.FOLLOW_UP, target=CaseState.ARCHIVED, permission=powers.nobody)
    def archive(self, *, now: datetime) -> None:
        self.closed_at = now

    @step(field=state, source=CaseState.FOLLOW_UP, target=CaseState.ACCEPTED, permission=powers.nobody)
    def reopen(self, *, now: datetime) -> None:
        self.round += 1
        self.accepted_at = now
        self.transferred_at = self.feedback_at = self.informed_at = None
        self.route = Route.UNDECIDED
        # What the director decided was about the round that is over; the new one begins at the desk.
        self.is_referred = False

    @step(
        field=state,
        source=CaseState.FOLLOW_UP,
        target=CaseState.ARCHIVED,
        conditions=[lambda case: case.round >= 2],
        permission=powers.acts_as_director,
    )
    def conclude(self, *, now: datetime) -> None:
        self.closed_at = now

    @step(
        field=state,
        source=(CaseState.ACCEPTED, CaseState.TRANSFERRED, CaseState.FEEDBACK),
        target=CaseState.WITHDRAWN,
        permission=powers.acts_as_receptionist,
    )
    def withdraw(self, *, now: datetime) -> None:
        self.closed_at = now

    @step(
        field=state,
        source=(CaseState.REGISTERED, CaseState.ACCEPTED, CaseState.TRANSFERRED),
        target=CaseState.MERGED,
        conditions=[lambda case: case.identity != Identity.HIDDEN],
        permission=powers.acts_as_receptionist,
    )
    def merge(self, *, main_case: Case) -> None:
        self.main_case = main_case

    @step(field=state, source=CaseState.MERGED, target=CaseState.FEEDBACK, permission=powers.nobody)
    def share_result(self, *, now: datetime) -> None:
        self.feedback_at = now

    @step(field=state, source=CaseState.MERGED, target=CaseState.ACCEPTED, permission=powers.acts_as_director)
    def unmerge(self) -> None:
        self.main_case = None

    @step(
        field=state,
        source=(CaseState.REGISTERED, CaseState.ACCEPTED, CaseState.TRANSFERRED, CaseState.FEEDBACK),
        target=None,
        conditions=[waits_to_be_confirmed],
        permission=powers.acts_as_receptionist,
    )
    def confirm(self) -> None:
        """A complaint is confirmed with who lodged it; the room complaints writes down how."""
