"""What is known of a case: its facts, and who is part of it. Its lifecycle is in case.py."""

from __future__ import annotations

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.functional import cached_property

from cases.models.part import Part
from cases.vocabulary import (
    COMPLAINED,
    DeclineGround,
    ExtensionState,
    Nature,
    PartRole,
    PauseState,
    Route,
    Urgency,
    Verdict,
)
from foundation.ledger.models import Chain
from foundation.organization.models import Category, Department, Hall, Membership, Role, Staff
from foundation.residents.models import Resident
from reception.models import Channel, Identity


class Matter(models.Model):
    hall = models.ForeignKey(Hall, on_delete=models.PROTECT, related_name="cases")
    number = models.CharField(max_length=20, unique=True)
    tracking_code = models.CharField(max_length=13, unique=True)
    chain = models.OneToOneField(Chain, on_delete=models.PROTECT, related_name="case")
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

    limit_changed_at = models.DateTimeField(null=True, blank=True)
    """When the promised date was moved and the resident has not been told of it yet."""
    delay_due_at = models.DateTimeField(null=True, blank=True)
    """The limit before which somebody must tell the resident that it may take longer; empty: nothing is to be told."""
    delay_told_at = models.DateTimeField(null=True, blank=True)
    """When the resident was told in this round that it may take longer."""
    extension_state = models.CharField(
        max_length=8, choices=ExtensionState.choices, blank=True, default=ExtensionState.NONE
    )
    """The one extension a case may have; its story is in cases.models.Extension."""
    pause_state = models.CharField(max_length=8, choices=PauseState.choices, blank=True, default=PauseState.NONE)
    """The pause of the case's own clocks while the resident is to be informed; a slip has one of its own."""
    pressed_at = models.DateTimeField(null=True, blank=True)
    """Since when a supervision notice waits for the desk's answer."""
    withdrawal_asked_at = models.DateTimeField(null=True, blank=True)
    """Since when a wish to withdraw waits: about staff for the supervisor's check; else, where the resident asked for
    it on the tracking page, for the desk to speak with them."""
    late_answer_at = models.DateTimeField(null=True, blank=True)
    """Since when the director has to decide about something the resident said after the archive."""
    handed_up_at = models.DateTimeField(null=True, blank=True)
    """When the director handed the matter up to the street office."""
    imported_at = models.DateTimeField(null=True, blank=True)
    """When it came in from an old register: nobody is alerted about what happened before."""

    finding = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    """What came of a complaint or report in this round; the room complaints writes down why."""
    correct_by = models.DateField(null=True, blank=True)
    """The day by which something the director decided is to be put right: the first, of what nobody confirmed yet."""
    unheard = models.PositiveSmallIntegerField(default=0)
    """How many of those it is about have neither been heard nor excused yet."""
    decline_ground = models.CharField(max_length=20, choices=DeclineGround.choices, blank=True)
    decline_told_at = models.DateTimeField(null=True, blank=True)
    main_case_id: int | None
    main_case = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged_cases")
    search = SearchVectorField(null=True, editable=False)
    """Pairs of neighbouring characters of title, matter, answers and results; never a name. See cases.search."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number

    # Who is part of it. Loaded once; an action refetches the case and so forgets them.

    @cached_property
    def active_parts(self) -> list[Part]:
        return Part.active_of(self.pk)

    @cached_property
    def lacking(self) -> dict[Role, bool]:
        """Kept by cases.powers: whether nobody unbarred is left with a role; forgotten with the parts it came from."""
        return {}

    @cached_property
    def headed_departments(self) -> set[int | None]:
        """Departments with a head who is not barred: asked once, however many slips and buttons ask."""
        heads = Membership.objects.filter(hall=self.hall_id, role=Role.HEAD, ended_at=None, staff__is_active=True)
        return set(heads.exclude(staff__in=self.barred_ids).values_list("department", flat=True))

    def forget_parts(self) -> None:
        """After a part was added or ended within an action."""
        for name in ("active_parts", "lacking", "headed_departments", "lead_of_round"):
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
    def is_coordinated(self) -> bool:
        return self.route == Route.COORDINATED

    @property
    def is_complaint(self) -> bool:
        return self.nature == Nature.COMPLAINT

    def is_complaint_or_report(self) -> bool:
        """What goes through the complaint procedure."""
        return self.nature in COMPLAINED

    @property
    def is_anonymous(self) -> bool:
        return self.identity == Identity.ANONYMOUS

    @property
    def is_hidden(self) -> bool:
        return self.identity == Identity.HIDDEN

    @property
    def is_about_staff(self) -> bool:
        """Whether somebody of the house is complained about."""
        return bool(self.barred_ids)

    def is_complaint_about_staff(self) -> bool:
        """It is looked into, and they are heard: only the director can make something else of it."""
        return self.is_complaint_or_report() and self.is_about_staff

    def shares_a_result(self) -> bool:
        """Whether this round's result is that of the main case."""
        return self.round_is_shared(self.round)

    def round_is_shared(self, number: int) -> bool:
        """Together with the main case the first round alone is worked on; a further one is the resident's own."""
        return self.main_case_id is not None and number == 1

    # When a transition is offered: the conditions of the lifecycle in case.py.

    def has_result_of_its_own(self) -> bool:
        return not self.shares_a_result()

    def wants_finding(self) -> bool:
        """Whether, before the resident is told the result, it must be written down if the complaint proved true."""
        is_looked_into = self.is_complaint_or_report() and self.imported_at is None and self.has_result_of_its_own()
        return is_looked_into and not self.finding

    def wants_no_finding(self) -> bool:
        return not self.wants_finding()

    def may_be_answered_at_once(self) -> bool:
        return not self.is_complaint_about_staff()

    def is_about_somebody(self) -> bool:
        return self.is_about_staff

    def everybody_was_heard(self) -> bool:
        return self.unheard == 0

    def has_no_finding(self) -> bool:
        return not self.finding

    def has_finding(self) -> bool:
        return bool(self.finding)

    def has_proved_true(self) -> bool:
        return self.finding in (Verdict.FOUNDED, Verdict.PARTLY)

    def is_to_be_corrected(self) -> bool:
        return self.correct_by is not None

    def waits_to_be_told(self) -> bool:
        return self.decline_told_at is None

    def is_undirected(self) -> bool:
        return not self.is_referred

    def is_known(self) -> bool:
        return not self.is_anonymous

    def is_hidden_matter(self) -> bool:
        return self.is_hidden

    def may_be_merged(self) -> bool:
        """A new round has another handler than the one before; whom the main case gets, this one has no say in."""
        return not self.is_hidden and self.round == 1

    def has_had_two_rounds(self) -> bool:
        return self.round >= 2

    def may_be_withdrawn(self) -> bool:
        """About staff: once the wish is written down, the supervisor checks that it is free."""
        return not self.is_about_staff or self.withdrawal_asked_at is not None

    def wants_check_of_withdrawal(self) -> bool:
        return self.is_about_staff and self.withdrawal_asked_at is None

    def no_withdrawal_waits(self) -> bool:
        return self.withdrawal_asked_at is None

    def withdrawal_waits(self) -> bool:
        return self.withdrawal_asked_at is not None

    def late_answer_waits(self) -> bool:
        return self.late_answer_at is not None

    def was_followed_up(self) -> bool:
        """Somebody could be asked, and was: not what came in closed from an old register."""
        return not self.is_anonymous and self.informed_at is not None and self.imported_at is None

    def is_coordinated_matter(self) -> bool:
        return self.is_coordinated

    def is_pressed(self) -> bool:
        return self.pressed_at is not None

    def is_not_pressed(self) -> bool:
        return self.pressed_at is None

    def waits_to_be_told_the_limit(self) -> bool:
        return self.limit_changed_at is not None

    def waits_to_be_told_the_delay(self) -> bool:
        return self.delay_due_at is not None

    def may_pause(self) -> bool:
        """Put off once at most: what was extended is not paused as well."""
        return self.pause_state == PauseState.NONE and self.extension_state != ExtensionState.GRANTED

    def pause_is_asked(self) -> bool:
        return self.pause_state == PauseState.ASKED

    def is_paused(self) -> bool:
        return self.pause_state == PauseState.RUNNING
