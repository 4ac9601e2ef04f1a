"""What happens beside the five stages: limits that move, reminders, other people, and matters that end in another way.

Each is a generator like the course itself: it yields the name of the step that comes next and takes it when asked to
go on. The script says before which step of the course it happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cases.actions.extend import ask_extension, grant_extension, refuse_extension
from cases.actions.hand_over import hand_over
from cases.actions.name_contact import name_contact
from cases.actions.nudge import nudge
from cases.actions.pause import ask_pause, grant_pause, refuse_pause, resume
from cases.actions.press import answer_press_case, answer_press_slip, press_case, press_slip
from cases.actions.reassign import reassign
from cases.actions.return_slip import ask_return, refuse_return
from cases.actions.sign import Signature
from cases.actions.tell_limit import tell_limit
from cases.actions.withdraw import (
    Wish,
    ask_withdrawal,
    grant_withdrawal,
    refuse_withdrawal,
    wish_withdrawal,
    withdraw,
)
from cases.models import TransferSlip
from cases.people import handler_candidates
from foundation.organization.models import Role, Staff
from records.demonstration.script import Aside

if TYPE_CHECKING:
    from records.demonstration.course import Course


class Beside:
    """One aside of a course."""

    def __init__(self, course: Course, aside: Aside) -> None:
        self.course = course
        self.aside = aside
        self.cast = course.cast

    def run(self) -> Iterator[str]:
        yield from getattr(self, self.aside.do)()

    # Limits that move

    def extension(self) -> Iterator[str]:
        yield "ask_extension"
        ask_extension(**self._slip(self._worker), working_days=self.aside.days, reason=self.aside.text)
        if not self.aside.answer:
            return
        yield "decide"
        if self.aside.is_refused:
            refuse_extension(**self._slip(self._director), decision=self.aside.answer)
            return
        grant_extension(**self._slip(self._director), decision=self.aside.answer)
        yield "tell_limit"
        tell_limit(**self._case(self._desk()), means="phone", told_at=self.now, told_to=self._resident())

    def pause(self) -> Iterator[str]:
        yield from self._ask_pause(is_shelved=False, decides=self._head)

    def shelve(self) -> Iterator[str]:
        yield from self._ask_pause(is_shelved=True, decides=self._director)

    def _ask_pause(self, *, is_shelved: bool, decides: Any) -> Iterator[str]:
        yield "ask_pause"
        ask_pause(**self._paused(self._worker), reason=self.aside.reason, text=self.aside.text, is_shelved=is_shelved)
        if not self.aside.answer:
            return
        yield "decide"
        if self.aside.is_refused:
            refuse_pause(**self._paused(decides), decision=self.aside.answer)
            return
        grant_pause(**self._paused(decides), decision=self.aside.answer)
        if is_shelved:
            yield "tell_limit"
            tell_limit(**self._case(self._desk()), means="phone", told_at=self.now, told_to=self._resident())
        if self.aside.days:
            yield "resume"
            resume(**self._paused(self._worker))

    def pause_desk(self) -> Iterator[str]:
        """While the resident is to be informed."""
        yield "ask_pause"
        ask_pause(**self._pausing(self._desk()), reason=self.aside.reason, text=self.aside.text)
        yield "decide"
        grant_pause(**self._pausing(self.cast.director), decision=self.aside.answer)
        if self.aside.days:
            yield "resume"
            resume(**self._pausing(self._desk()))

    # Reminders

    def nudge(self) -> Iterator[str]:
        yield "nudge"
        slip = self.slip
        nudge(**self._case(self._desk()), slips=[slip], wanted=self.aside.text, due_at=self._by_when())

    def press(self) -> Iterator[str]:
        yield "press"
        press_slip(**self._slip(self._supervisor), wanted=self.aside.text, due_at=self._by_when())
        if self.aside.answer:
            yield "answer_press"
            answer_press_slip(**self._slip(self._worker), answer=self.aside.answer)

    def press_desk(self) -> Iterator[str]:
        yield "press"
        press_case(**self._case(self.cast.supervisor), wanted=self.aside.text, due_at=self._by_when())
        if self.aside.answer:
            yield "answer_press"
            answer_press_case(**self._case(self._desk()), answer=self.aside.answer)

    # Other people

    def hand_over(self) -> Iterator[str]:
        yield "hand_over"
        hand_over(**self._case(self.cast.director), owner=self._named(), reason=self.aside.text)

    def name_contact(self) -> Iterator[str]:
        yield "name_contact"
        name_contact(**self._case(self.cast.director), contact=self._named())

    def reassign(self) -> Iterator[str]:
        yield "reassign"
        slip = self.slip
        others = [
            person
            for person in handler_candidates(slip).staff
            if person.pk != slip.handler_id and not person.holds(Role.HEAD, department=slip.department_id)
        ]
        reassign(**self._slip(self._head), handler=others[0], reason=self.aside.text)

    def return_refused(self) -> Iterator[str]:
        yield "ask_return"
        ask_return(**self._slip(self._worker), reason=self.aside.text)
        if self.aside.answer:
            yield "decide"
            refuse_return(**self._slip(self._director), reason=self.aside.answer)

    # Another end

    def withdraw(self) -> Iterator[str]:
        wish = self._wish
        if not self.course.case.is_about_staff:
            yield "withdraw"
            withdraw(**self._case(self._desk()), wish=wish())
            return
        yield "ask_withdrawal"
        ask_withdrawal(**self._case(self._desk()), wish=wish())
        if not self.aside.answer:
            return
        yield "check_withdrawal"
        decide = refuse_withdrawal if self.aside.is_refused else grant_withdrawal
        decide(**self._case(self.cast.supervisor), checked=self.aside.answer)

    def wish(self) -> Iterator[str]:
        """On the tracking page; the desk has to speak with the resident first."""
        yield "wish"
        wish_withdrawal(case_id=self.course.case_id, now=self.now, wish=self.aside.text)

    def _wish(self) -> Wish:
        return Wish(
            self.aside.text, "phone", self.now, Signature("none", unsigned_reason=self.course.phrase("unsigned"))
        )

    # Who and what

    @property
    def now(self) -> datetime:
        return self.course.now

    @property
    def slip(self) -> TransferSlip:
        slips = TransferSlip.objects.open().filter(case=self.course.case_id)
        return slips.select_related("case", "department", "handler", "hall").order_by("-kind", "pk")[0]

    def _slip(self, who: Any) -> dict[str, Any]:
        slip = self.slip
        return {"slip_id": slip.pk, "transition_no": slip.transition_no, "actor": who(slip), "now": self.now}

    def _paused(self, who: Any) -> dict[str, Any]:
        form = self._slip(who)
        return {"subject": self.slip, **{name: form[name] for name in ("transition_no", "actor", "now")}}

    def _pausing(self, actor: Staff) -> dict[str, Any]:
        case = self.course.case
        return {"subject": case, "transition_no": case.transition_no, "actor": actor, "now": self.now}

    def _case(self, actor: Staff) -> dict[str, Any]:
        case = self.course.case
        return {"case_id": case.pk, "transition_no": case.transition_no, "actor": actor, "now": self.now}

    def _worker(self, slip: TransferSlip) -> Staff:
        return self.cast.everybody[slip.handler_id] if slip.handler_id else self._desk()

    def _head(self, slip: TransferSlip) -> Staff:
        return self.cast.head(slip.department, without={*slip.case.barred_ids, slip.handler_id or 0})

    def _director(self, slip: TransferSlip) -> Staff:
        """Of what the director handles themselves, the street office decides."""
        return self.cast.street if slip.handler_id == self.cast.director.pk else self.cast.director

    def _supervisor(self, slip: TransferSlip) -> Staff:
        return self.cast.supervisor

    def _desk(self) -> Staff:
        return self.cast.owner(self.course.case, self.now, self.course.chance)

    def _named(self) -> Staff:
        return self.cast.by_username[self.aside.who]

    def _by_when(self) -> datetime:
        return self.cast.calendar.due(self.now, self.aside.days or 1, "working_days")

    def _resident(self) -> str:
        return self.course.told_to(self.course.case)
