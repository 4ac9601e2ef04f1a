"""One round in a department: the slip goes out, is signed in or returned, worked on, reported, and told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cases.actions.coordinate import hand_up
from cases.actions.handle import approve, contact, investigate, note, reject, report
from cases.actions.inform import inform, record_unreached, send_back
from cases.actions.recall import recall
from cases.actions.return_slip import ask_return, return_signed, return_unsigned
from cases.actions.sign import Signature
from cases.actions.transfer import sign_in, transfer
from cases.models import Case, TransferSlip
from cases.people import handler_candidates
from cases.vocabulary import AnswerMeans, SignatureKind, SlipState
from foundation.organization.models import ON_PAPER, Department, DepartmentKind, Role, Staff
from foundation.residents.actions import reveal
from reception.models import Channel, Identity
from records.demonstration.coordination import Coordination
from records.demonstration.procedure import Procedure
from records.demonstration.script import Round

if TYPE_CHECKING:
    from records.demonstration.course import Course

REVEALED = 0.4
"""How often a handler asks for the telephone number instead of finding it on the slip."""


class Leg:
    def __init__(self, course: Course, planned: Round) -> None:
        self.course = course
        self.planned = planned
        self.cast = course.cast
        self.slip_id = 0

    def run(self) -> Iterator[str]:
        planned = self.planned
        for detour in planned.returns:
            yield "transfer"
            self._transfer(self.department(detour["department"]))
            yield from self._goes_back(detour)
        if planned.assisting:
            yield from Coordination(self).run()
        else:
            yield "transfer"
            self._transfer(self._right_department())
            yield from self.work()
        for text in planned.notes:
            yield "note"
            self._note(text)
        yield from Procedure(self).look_into()
        yield from self._report()
        if planned.sent_back:
            yield "send_back"
            self._send_back()
            yield from self._report(remedy=self.course.phrase("completed"))
        yield from Procedure(self).find()
        yield from self.tell()
        yield from Procedure(self).decide()

    def work(self) -> Iterator[str]:
        """One department takes its slip up."""
        yield "sign_in"
        self._sign_in()
        if not self.course.case.is_anonymous:
            yield "contact"
            self._contact()
        yield "investigate"
        self._investigate()

    def tell(self) -> Iterator[str]:
        """The desk, or the director, tells the resident."""
        for _attempt in range(self.planned.unreached):
            yield "call"
            self._call_in_vain()
        yield "inform"
        self._inform()

    def _goes_back(self, detour: dict[str, str]) -> Iterator[str]:
        how = detour.get("how", "unsigned")
        if how == "unsigned":
            yield "return"
            self._return(detour["reason"])
            return
        yield "sign_in"
        self._sign_in()
        slip = self.slip
        if how == "recalled":
            yield "recall"
            recall(**self.of(slip, self._dispatcher(slip.case)), reason=detour["reason"])
            return
        yield "ask_return"
        slip = self.slip
        ask_return(**self.of(slip, self.worker(slip)), reason=detour["reason"])
        yield "decide"
        return_signed(**self.of(self.slip, self.cast.director))

    def of(self, slip: TransferSlip, actor: Staff) -> dict[str, Any]:
        """What every form about a slip says."""
        return {"slip_id": slip.pk, "transition_no": slip.transition_no, "actor": actor, "now": self.course.now}

    def _dispatcher(self, case: Case) -> Staff:
        if case.is_referred or case.is_coordinated:
            return self.cast.director
        return self.cast.owner(case, self.course.now, self.course.chance)

    def _report(self, remedy: str = "") -> Iterator[str]:
        yield "report"
        self._hand_in(remedy)
        if self.planned.rejected and not remedy:
            yield "reject"
            self._reject()
            yield "complete"
            self._hand_in(self.course.phrase("completed"))
        if self.slip.state == SlipState.SUBMITTED:
            yield "approve"
            self.approve_result()

    @property
    def slip(self) -> TransferSlip:
        return TransferSlip.objects.select_related("case", "department", "handler", "hall").get(pk=self.slip_id)

    def department(self, name: str) -> Department:
        return Department.objects.get(hall=self.cast.hall, name=name)

    def _right_department(self) -> Department:
        if self.planned.department:
            return self.department(self.planned.department)
        usual = self.course.case.category.default_department
        assert usual is not None
        return usual

    def _transfer(self, department: Department) -> None:
        case = self.course.case
        form: dict[str, Any] = {
            "case_id": case.pk,
            "transition_no": case.transition_no,
            "now": self.course.now,
            "instruction": self.planned.instruction or self.course.phrase("instruction"),
        }
        if department.kind == DepartmentKind.STREET:
            slip = hand_up(**form, actor=self.cast.director)
        else:
            slip = transfer(**form, actor=self._dispatcher(case), department=department)
        self.slip_id = slip.pk

    def _return(self, reason: str) -> None:
        slip = self.slip
        return_unsigned(
            slip_id=slip.pk,
            transition_no=slip.transition_no,
            actor=self.cast.worker(slip.department, without=slip.case.barred_ids),
            now=self.course.now,
            reason=reason,
        )

    def _sign_in(self) -> None:
        slip = self.slip
        handler: Staff | None = None
        if slip.department.kind in ON_PAPER:
            actor = self._desk(slip.case)
        else:
            candidates = handler_candidates(slip).staff
            named = [person for person in candidates if person.username == self.planned.handler]
            # Who is chosen may be the head too, but heads have others to send.
            plain = [person for person in candidates if not person.holds(Role.HEAD, department=slip.department_id)]
            handler = named[0] if named else self.course.chance.choice(plain or candidates)
            actor = handler
            if slip.department.kind == DepartmentKind.INTERNAL:
                actor = self.cast.head(slip.department, without=slip.case.barred_ids)
        sign_in(
            slip_id=slip.pk,
            transition_no=slip.transition_no,
            actor=actor,
            now=self.course.now,
            handler=handler,
        )

    def _desk(self, case: Case) -> Staff:
        return self.cast.at_desk(self.course.now, self.course.chance, without=case.barred_ids)

    def worker(self, slip: TransferSlip) -> Staff:
        return self.cast.everybody[slip.handler_id] if slip.handler_id else self._desk(slip.case)

    def _contact(self) -> None:
        slip = self.slip
        worker = self.worker(slip)
        resident = slip.case.resident
        if resident is not None and resident.has_phone and slip.handler_id and self.course.chance.random() < REVEALED:
            reveal(
                resident=resident,
                field="phone",
                reason=self.course.phrase("reveal"),
                actor=worker,
                now=self.course.now,
                chain=slip.case.chain,
            )
        contact(
            slip_id=slip.pk,
            transition_no=slip.transition_no,
            actor=worker,
            now=self.course.now,
            means="phone",
            contacted_at=self.course.now,
            summary=self.planned.contact or self.course.phrase("contact"),
        )

    def _investigate(self) -> None:
        slip = self.slip
        investigate(
            slip_id=slip.pk,
            transition_no=slip.transition_no,
            actor=self.worker(slip),
            now=self.course.now,
            plan=self.planned.plan or self.course.phrase("plan"),
        )

    def _note(self, text: str) -> None:
        slip = self.slip
        note(
            slip_id=slip.pk,
            transition_no=slip.transition_no,
            actor=self.worker(slip),
            now=self.course.now,
            text=text,
        )

    def _hand_in(self, completed: str = "") -> None:
        slip = self.slip
        remedy = self.planned.remedy or self.course.phrase("remedy")
        report(
            slip_id=slip.pk,
            transition_no=slip.transition_no,
            actor=self.worker(slip),
            now=self.course.now,
            result=self.planned.result or self.course.phrase("result"),
            remedy=f"{remedy}{completed}",
            prevention=self.planned.prevention,
        )

    def _reject(self) -> None:
        slip = self.slip
        reject(
            slip_id=slip.pk,
            transition_no=slip.transition_no,
            actor=self._approver(slip),
            now=self.course.now,
            reason=self.planned.rejected,
        )

    def approve_result(self) -> None:
        slip = self.slip
        approve(slip_id=slip.pk, transition_no=slip.transition_no, actor=self._approver(slip), now=self.course.now)

    def _approver(self, slip: TransferSlip) -> Staff:
        return self.cast.head(slip.department, without={*slip.case.barred_ids, slip.handler_id or 0})

    def _send_back(self) -> None:
        case = self.course.case
        send_back(
            case_id=case.pk,
            transition_no=case.transition_no,
            actor=self.cast.owner(case, self.course.now, self.course.chance),
            now=self.course.now,
            missing=self.planned.sent_back,
        )

    def _call_in_vain(self) -> None:
        case = self.course.case
        record_unreached(
            case_id=case.pk,
            transition_no=case.transition_no,
            actor=self.cast.owner(case, self.course.now, self.course.chance),
            now=self.course.now,
            means="phone",
            remark=self.course.phrase("nobody_there"),
        )

    def _inform(self) -> None:
        case = self.course.case
        means = self.planned.means or self._usual_means(case)
        signature = Signature(SignatureKind.NONE, unsigned_reason=self.course.phrase("unsigned"))
        if means == AnswerMeans.TRACKING_PAGE:
            signature = Signature(SignatureKind.NONE, unsigned_reason=self.course.phrase("unsigned_anonymous"))
        elif means in (AnswerMeans.DESK, AnswerMeans.HOME_VISIT):
            signature = self.course.signed()
        inform(
            case_id=case.pk,
            transition_no=case.transition_no,
            actor=self._informer(case),
            now=self.course.now,
            means=means,
            text=self.planned.answer or self._found(),
            signature=signature,
            told_to=case.resident.name if case.resident and case.identity == Identity.NAMED else "",
        )

    def _informer(self, case: Case) -> Staff:
        return self.cast.director if case.is_coordinated else self.cast.owner(case, self.course.now, self.course.chance)

    def _found(self) -> str:
        return f"{self.slip.result}{self.slip.remedy}"

    def _usual_means(self, case: Case) -> str:
        if case.is_anonymous:
            return AnswerMeans.TRACKING_PAGE
        if case.channel == Channel.LETTER:
            return AnswerMeans.LETTER
        if case.channel == Channel.WALK_IN and self.course.chance.random() < 0.4:
            return AnswerMeans.DESK
        return AnswerMeans.PHONE
