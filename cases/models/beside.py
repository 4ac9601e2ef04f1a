"""What is done on a case beside its five stages: verbs that leave its state as it is."""

from __future__ import annotations

from datetime import date, datetime

from cases import powers, standing
from cases.lifecycle import step
from cases.models.matter import Matter
from cases.vocabulary import BEFORE_THE_ANSWER, OPEN_STATES, UNANSWERED, CaseState, PauseState
from foundation.organization.models import Staff

DECIDED_ABOUT = (CaseState.FEEDBACK, CaseState.FOLLOW_UP, CaseState.ARCHIVED)
"""Once the department's work is done the director decides what follows for people, also after the resident was told."""


class Beside(Matter):
    class Meta(Matter.Meta):
        abstract = True

    @step(field="state", source=OPEN_STATES, target=None, permission=powers.acts_as_director)
    def hand_over(self, *, owner: Staff) -> None:
        """The first-contact owner changes: the one way there is."""
        self.first_contact_owner = owner

    @step(
        field="state",
        source=OPEN_STATES,
        target=None,
        conditions=[Matter.is_hidden_matter],
        permission=powers.acts_as_director,
    )
    def name_contact(self) -> None:
        """One person besides director and investigator may know who hides their identity."""

    @step(field="state", source=CaseState.TRANSFERRED, target=None, permission=powers.oversees)
    def nudge(self) -> None:
        """The department is reminded of what is wanted, and by when."""

    @step(
        field="state",
        source=(CaseState.REGISTERED, CaseState.ACCEPTED, CaseState.FEEDBACK, CaseState.FOLLOW_UP),
        target=None,
        conditions=[Matter.is_not_pressed],
        permission=powers.presses,
    )
    def press(self, *, now: datetime) -> None:
        """A supervision notice to the desk; while a department works, its slip is pressed instead."""
        self.pressed_at = now

    @step(
        field="state",
        source=OPEN_STATES,
        target=None,
        conditions=[Matter.is_pressed],
        permission=powers.acts_at_desk_or_directs,
    )
    def answer_press(self) -> None:
        self.pressed_at = None

    @step(
        field="state",
        source=BEFORE_THE_ANSWER,
        target=None,
        conditions=[Matter.waits_to_be_told_the_limit],
        permission=powers.acts_at_desk_or_directs,
    )
    def tell_limit(self) -> None:
        """The resident is told that the promised date has moved."""
        self.limit_changed_at = None

    @step(
        field="state",
        source=BEFORE_THE_ANSWER,
        target=None,
        conditions=[Matter.waits_to_be_told_the_delay],
        permission=powers.acts_at_desk_or_directs,
    )
    def tell_delay(self, *, told_at: datetime) -> None:
        """The resident, whom no message reaches, is told before the limit that it may take longer."""
        self.delay_due_at, self.delay_told_at = None, told_at

    @step(
        field="state", source=CaseState.FEEDBACK, target=None, conditions=[Matter.may_pause], permission=powers.informs
    )
    def ask_pause(self) -> None:
        self.pause_state = PauseState.ASKED

    @step(
        field="state",
        source=CaseState.FEEDBACK,
        target=None,
        conditions=[Matter.pause_is_asked],
        permission=powers.decides_pause,
    )
    def grant_pause(self) -> None:
        self.pause_state = PauseState.RUNNING

    @step(
        field="state",
        source=CaseState.FEEDBACK,
        target=None,
        conditions=[Matter.pause_is_asked],
        permission=powers.decides_pause,
    )
    def refuse_pause(self) -> None:
        self.pause_state = PauseState.NONE

    @step(
        field="state",
        source=CaseState.FEEDBACK,
        target=None,
        conditions=[Matter.is_paused],
        permission=powers.acts_at_desk_or_directs,
    )
    def resume(self) -> None:
        self.pause_state = PauseState.NONE

    @step(field="state", source=CaseState.ARCHIVED, target=None, permission=powers.nobody)
    def hear_late(self, *, now: datetime) -> None:
        """What was said after the archive waits for the director; the room followups keeps the words."""
        self.late_answer_at = self.late_answer_at or now

    @step(
        field="state",
        source=CaseState.ARCHIVED,
        target=None,
        conditions=[Matter.late_answer_waits],
        permission=powers.acts_as_director,
    )
    def keep_closed(self) -> None:
        """The director has read what came late, and the matter stays archived."""
        self.late_answer_at = None

    @step(
        field="state",
        source=CaseState.ARCHIVED,
        target=None,
        conditions=[Matter.was_followed_up],
        permission=powers.looks_again,
    )
    def look_again(self) -> None:
        """A head or the director asks the resident once more; the room followups writes down what came of it."""

    @step(
        field="state",
        source=UNANSWERED,
        target=None,
        conditions=[Matter.no_withdrawal_waits],
        permission=powers.nobody,
    )
    def wish_withdrawal(self, *, now: datetime) -> None:
        """The resident asks for it on the tracking page; nothing ends before somebody has spoken with them."""
        self.withdrawal_asked_at = now

    @step(
        field="state",
        source=(CaseState.ACCEPTED, CaseState.TRANSFERRED, CaseState.FEEDBACK),
        target=None,
        conditions=[Matter.wants_check_of_withdrawal],
        permission=powers.acts_as_receptionist,
    )
    def ask_withdrawal(self, *, now: datetime) -> None:
        """Somebody wants to withdraw a matter about staff: the supervisor is asked to check that the wish is free."""
        self.withdrawal_asked_at = now

    @step(
        field="state",
        source=UNANSWERED,
        target=None,
        conditions=[Matter.withdrawal_waits],
        permission=powers.withdraws,
    )
    def refuse_withdrawal(self) -> None:
        """The wish was not free, or is given up: the matter goes on."""
        self.withdrawal_asked_at = None

    # The complaint procedure; what is written down stands in the room complaints.

    @step(
        field="state",
        source=OPEN_STATES,
        target=None,
        conditions=[Matter.is_complaint_or_report],
        permission=powers.acts_at_desk_or_directs,
    )
    def classify(self) -> None:
        """What kind of complaint it is; may be corrected."""

    @step(
        field="state",
        source=OPEN_STATES,
        target=None,
        conditions=[Matter.is_complaint_or_report],
        permission=powers.bars_others,
    )
    def name_subject(self) -> None:
        """It turns out whom it is about: they are barred from it."""

    @step(
        field="state",
        source=(CaseState.TRANSFERRED, CaseState.FEEDBACK),
        target=None,
        conditions=[Matter.is_complaint_or_report, Matter.is_about_somebody, standing.is_looked_into],
        permission=powers.finds,
    )
    def hear(self) -> None:
        """One of those it is about is asked for a written account, gives it on paper, or is excused with a reason."""

    @step(
        field="state",
        source=(CaseState.TRANSFERRED, CaseState.FEEDBACK),
        target=None,
        permission=powers.nobody,
    )
    def give_account(self) -> None:
        """Whom it is about has answered in writing; they see nothing else of it."""

    @step(
        field="state",
        source=(CaseState.TRANSFERRED, CaseState.FEEDBACK),
        target=None,
        conditions=[
            Matter.is_complaint_or_report,
            Matter.has_no_finding,
            Matter.has_result_of_its_own,
            Matter.everybody_was_heard,
            standing.is_looked_into,
        ],
        permission=powers.finds,
    )
    def record_finding(self, *, verdict: str) -> None:
        """Founded or not: before it stands there, the resident is told nothing."""
        self.finding = verdict

    @step(
        field="state",
        source=(CaseState.TRANSFERRED, CaseState.FEEDBACK),
        target=None,
        conditions=[Matter.has_finding, Matter.everybody_was_heard, standing.is_looked_into],
        permission=powers.finds,
    )
    def correct_finding(self, *, verdict: str) -> None:
        """A further finding takes the place of the one before; both are kept."""
        self.finding = verdict

    @step(
        field="state",
        source=(CaseState.FOLLOW_UP, CaseState.ARCHIVED),
        target=None,
        permission=powers.drafts_posting,
    )
    def draft_posting(self) -> None:
        """Once the resident was told, everybody may read what became of it; the room followups keeps the board."""

    @step(
        field="state",
        source=DECIDED_ABOUT,
        target=None,
        conditions=[Matter.has_proved_true],
        permission=powers.decides_measures,
    )
    def decide_sanction(self, *, correct_by: date | None = None) -> None:
        """What follows for whom it is about; correct_by: until when they are to put something right."""
        if correct_by is not None:
            self.correct_by = min(correct_by, self.correct_by or correct_by)

    @step(
        field="state",
        # Whatever becomes of the matter meanwhile: what was decided is put right all the same.
        source=tuple(CaseState),
        target=None,
        conditions=[Matter.is_to_be_corrected],
        permission=powers.decides_measures,
    )
    def confirm_correction(self, *, next_by: date | None) -> None:
        """It was put right; next_by: until when the next one is to be, where several were decided."""
        self.correct_by = next_by

    @step(
        field="state",
        source=DECIDED_ABOUT,
        target=None,
        conditions=[Matter.has_finding],
        permission=powers.decides_measures,
    )
    def decide_apology(self) -> None:
        """Whether the hall apologises in public, or puts something right."""

    @step(
        field="state",
        source=CaseState.FOLLOW_UP,
        target=None,
        conditions=[Matter.is_known],
        permission=powers.acts_at_desk_or_directs,
    )
    def send_link(self) -> None:
        """The resident is sent the questions; the room followups writes down that they were."""
