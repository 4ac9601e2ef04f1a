"""Every button of a case and of its slips, pressed with words and choices that are good in themselves.

Whether a press is refused then depends on who presses and on what state the case is in, and on nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar

from cases import powers
from cases.actions.inform import unreached_attempts
from cases.actions.sign import Signature
from cases.models import Case, TransferSlip
from cases.people import handler_candidates
from cases.suspension import days_left
from complaints.actions.confirm import confirm
from followups.actions import late, second_look
from followups.actions.attempt import close_anonymous, close_unreachable, days_tried, record_attempt
from followups.actions.evaluate import evaluate_at_desk, record_evaluation
from followups.models import REOPENED_WITHIN, SecondLook
from foundation.deadlines.terms import calendar_for
from foundation.organization.models import ON_PAPER, Department, Staff
from tests.builders import HALL_ITSELF, PROPERTY, WATERWORKS, WORKS, category
from tests.cases import complaint_buttons, coordination_buttons, course_buttons, steps
from tests.matters import UNSIGNED

Row = TypeVar("Row")
Choose = Callable[[Sequence[Any]], Any]
Button = Callable[[Any, Staff, datetime, int, Choose], object]

SIGNED_ON_PAPER = Signature("paper")
SAID: list[dict[str, Any]] = [
    {"contacted": True, "solved": "yes", "satisfaction": "satisfied"},
    {"contacted": True, "solved": "partly", "satisfaction": "basically"},
    {"contacted": False, "solved": "no", "satisfaction": "dissatisfied", "reasons": "还在漏水。"},
]


def accept(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    # What is complained about stays a complaint at the desk; the director says why it is none.
    stays = case.is_complaint_about_staff() and not powers.acts_as_director(case, by)
    return steps.accept(
        case,
        by,
        at,
        transition_no=drawn,
        nature=choose(["report", "complaint"] if stays else ["request", "complaint", "consultation"]),
        reason="来访人只是询问，没有投诉谁。",
        urgency=choose(["normal", "urgent"]),
        category=category(case.hall, choose(["室内上下水渗漏", "房屋结构安全"])),
    )


def answer_on_the_spot(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.answer(case, by, at, transition_no=drawn, signature=choose([SIGNED_ON_PAPER, UNSIGNED]))


def decline(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.decline(case, by, at, transition_no=drawn)


def no_longer_accept(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.decline(case, by, at, transition_no=drawn, ground="final_answer")


def tell_declined(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.tell(case, by, at, transition_no=drawn, means="tracking_page" if case.is_anonymous else "phone")


def transfer(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    # Often to whom it went before: there the rules about rounds and returns begin to matter.
    before = list(case.slips.order_by("-pk").values_list("department__name", flat=True)[:1])
    # What has reported in this round is not on the page.
    left = {department.name for department in coordination_buttons.departments_left(case)}
    names = [name for name in (*before * 4, WORKS, PROPERTY, HALL_ITSELF, WATERWORKS) if name in left]
    name = choose(names or [WORKS])
    return steps.transfer(case, by, Department.objects.get(hall=case.hall, name=name), at, transition_no=drawn)


def inform(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    if case.is_anonymous:
        means = "tracking_page"
    else:
        means = choose(["phone", "message"]) if unreached_attempts(case) >= 3 else "phone"
    return steps.inform(case, by, at, transition_no=drawn, means=means)


def record_unreached(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.reach_nobody(case, by, at, transition_no=drawn)


def send_back(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.send_back(case, by, at, transition_no=drawn)


def attempt_follow_up(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    form: dict[str, Any] = {"case_id": case.pk, "transition_no": drawn, "actor": by, "now": at}
    if case.is_anonymous:
        return close_anonymous(**form)
    if len(days_tried(case)) >= 3 and choose([True, False]):
        return close_unreachable(**form)
    if choose([True, False, False]):
        return record_attempt(**form, means="phone")
    return record_evaluation(**form, channel="phone", **choose(SAID))


def take_evaluation(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return evaluate_at_desk(
        case_id=case.pk, transition_no=drawn, actor=by, now=at, signature=SIGNED_ON_PAPER, **choose(SAID)
    )


def reopen_archived(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return late.reopen_archived(case_id=case.pk, transition_no=drawn, actor=by, now=at, reason="请另派人查看。")


def keep_closed(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return late.keep_closed(case_id=case.pk, transition_no=drawn, actor=by, now=at, word="已上门说明。")


def look_again(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    outcome = choose(["confirmed", "differs", "not_reached"])
    return second_look.look_again(
        case_id=case.pk, transition_no=drawn, actor=by, now=at, outcome=outcome, differs="电话里说没修好。"
    )


def comes_too_late(case: Case, staff: Staff, at: datetime | None) -> set[str]:
    """What the page offers and its action then refuses: after thirty days, or where the role has looked already."""
    names = set()
    if at is not None and case.closed_at is not None and at > case.closed_at + REOPENED_WITHIN:
        names.add("reopen_archived")
    role = powers.second_look_role(case, staff)
    if SecondLook.objects.filter(case=case, round=case.round, role=role).exclude(outcome="not_reached").exists():
        names.add("look_again")
    return names


def confirm_complaint(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return confirm(case_id=case.pk, transition_no=drawn, actor=by, now=at, means="phone", confirmed_at=at)


def sign_in(slip: TransferSlip, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    named = handlers(slip)
    # Whoever had it before, if they are offered at all: nobody would be a worse choice.
    again = [person for person in named if slip.case.was_handled_by(person, before=slip.round)]
    return steps.sign_in(slip, by, choose(again or named or [None]), at, transition_no=drawn)


def handlers(slip: TransferSlip) -> list[Staff]:
    return [] if slip.department.kind in ON_PAPER else handler_candidates(slip).staff


def return_unsigned(slip: TransferSlip, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.give_back(slip, by, at, transition_no=drawn)


def contact(slip: TransferSlip, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.contact(slip, by, at, transition_no=drawn)


def investigate(slip: TransferSlip, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.investigate(slip, by, at, transition_no=drawn)


def note(slip: TransferSlip, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.note(slip, by, at, transition_no=drawn)


def report(slip: TransferSlip, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.report(slip, by, at, transition_no=drawn)


def approve(slip: TransferSlip, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.approve(slip, by, at, transition_no=drawn)


def reject(slip: TransferSlip, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.reject(slip, by, at, transition_no=drawn)


def ask_pause(subject: Any, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.ask_pause(
        subject, by, at, transition_no=drawn, is_shelved=needs_shelving(subject) or choose([True, False])
    )


def grant_pause(subject: Any, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.grant_pause(subject, by, at, transition_no=drawn)


def refuse_pause(subject: Any, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.refuse_pause(subject, by, at, transition_no=drawn)


def resume(subject: Any, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.resume(subject, by, at, transition_no=drawn)


def ask_extension(slip: TransferSlip, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    # One working day is never more than the handling was given.
    return steps.ask_extension(slip, by, at, days=1, transition_no=drawn)


def grant_extension(slip: TransferSlip, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.grant_extension(slip, by, at, transition_no=drawn)


def refuse_extension(slip: TransferSlip, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.refuse_extension(slip, by, at, transition_no=drawn)


def tell_limit(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.tell_limit(case, by, at, transition_no=drawn, means="tracking_page" if case.is_anonymous else "phone")


def tell_delay(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.tell_delay(case, by, at, transition_no=drawn)


def needs_shelving(subject: Case | TransferSlip) -> bool:
    """Whether the ten working days of this round are used up."""
    case = subject.case if isinstance(subject, TransferSlip) else subject
    return days_left(case, calendar_for(case.hall)) == 0


def too_late_to_move(subject: Case | TransferSlip, at: datetime) -> bool:
    """What is overdue is neither paused nor extended: the page offers it, and who presses is told so."""
    slip = subject if isinstance(subject, TransferSlip) else None
    case = slip.case if slip else subject
    wanted: set[tuple[int | None, str]] = {(None, "promise"), (None, "feedback")}
    if slip is not None:
        wanted = {(slip.pk, "handle"), (None, "promise")} if slip.is_lead else {(slip.pk, "handle")}
    clocks = [clock for clock in case.deadlines.running() if (clock.slip_id, clock.kind) in wanted]
    return any((clock.paused_at or at) >= clock.due_at for clock in clocks)


def moves_no_limit(subject: Case | TransferSlip, at: datetime) -> set[str]:
    if too_late_to_move(subject, at):
        return {"ask_pause", "grant_pause", "ask_extension", "grant_extension"}
    asked = subject.pauses.filter(state="asked", slip=subject if isinstance(subject, TransferSlip) else None).first()
    return {"grant_pause"} if asked and not asked.is_shelved and needs_shelving(subject) else set()


CASE_BUTTONS: dict[str, Button] = {
    "accept": accept,
    "answer_on_the_spot": answer_on_the_spot,
    "decline": decline,
    "no_longer_accept": no_longer_accept,
    "tell_declined": tell_declined,
    "transfer": transfer,
    "inform": inform,
    "record_unreached": record_unreached,
    "send_back": send_back,
    "attempt_follow_up": attempt_follow_up,
    "take_evaluation": take_evaluation,
    "reopen_archived": reopen_archived,
    "keep_closed": keep_closed,
    "look_again": look_again,
    "confirm": confirm_complaint,
    "ask_pause": ask_pause,
    "grant_pause": grant_pause,
    "refuse_pause": refuse_pause,
    "resume": resume,
    "tell_limit": tell_limit,
    "tell_delay": tell_delay,
    **coordination_buttons.CASE_BUTTONS,
    **course_buttons.CASE_BUTTONS,
    **complaint_buttons.CASE_BUTTONS,
}
SLIP_BUTTONS: dict[str, Button] = {
    "sign_in": sign_in,
    "return_unsigned": return_unsigned,
    "contact": contact,
    "investigate": investigate,
    "note": note,
    "report": report,
    "submit": report,
    "approve": approve,
    "reject": reject,
    "ask_pause": ask_pause,
    "grant_pause": grant_pause,
    "refuse_pause": refuse_pause,
    "resume": resume,
    "ask_extension": ask_extension,
    "grant_extension": grant_extension,
    "refuse_extension": refuse_extension,
    **coordination_buttons.SLIP_BUTTONS,
    **course_buttons.SLIP_BUTTONS,
    **complaint_buttons.SLIP_BUTTONS,
}


ENDING = (
    "decline",
    "no_longer_accept",
    "answer_on_the_spot",
    "return_unsigned",
    "note",
    *coordination_buttons.SELDOM,
    *course_buttons.SELDOM,
    *complaint_buttons.SELDOM,
)


def in_proportion(names: Collection[str]) -> list[str]:
    """Buttons that end a case early, or lead nowhere, are pressed less often than those that carry it on."""
    return [name for name in sorted(names) for _time in range(1 if name in ENDING else 4)]


def buttons_of(subject: Case | TransferSlip) -> dict[str, Button]:
    return CASE_BUTTONS if isinstance(subject, Case) else SLIP_BUTTONS


def offered(subject: Case | TransferSlip, staff: Staff, at: datetime | None = None) -> set[str]:
    """The buttons this person's page shows; at: only those that do something at that moment."""
    # The library adds this to the model's class; nothing that reads types can see it.
    shown: Any = subject
    names = {transition.name for transition in shown.get_available_user_state_transitions(staff)}
    if isinstance(subject, TransferSlip):
        if subject.department.kind not in ON_PAPER and not handlers(subject):
            # A town so small that nobody is left to be named.
            names.discard("sign_in")
    elif subject.state == "feedback" and not subject.is_anonymous and powers.informs(subject, staff):
        names.add("record_unreached")
    names -= coordination_buttons.impossible(subject) | course_buttons.impossible(subject)
    names -= complaint_buttons.impossible(subject, staff)
    if isinstance(subject, Case) and subject.state == "archived":
        names -= comes_too_late(subject, staff, at)
    if at is not None:
        names -= moves_no_limit(subject, at)
    return names & buttons_of(subject).keys()
