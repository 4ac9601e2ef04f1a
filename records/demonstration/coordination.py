"""A case that several departments work on: referred, coordinated, planned, reported side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cases.actions.coordinate import add_department, coordinate
from cases.actions.handle import report
from cases.actions.plan import record_plan
from cases.actions.refer import refer
from cases.vocabulary import SlipState
from foundation.organization.models import Department
from records.demonstration.script import Assisting

if TYPE_CHECKING:
    from records.demonstration.leg import Leg


class Coordination:
    def __init__(self, leg: Leg) -> None:
        self.leg = leg
        self.course = leg.course
        self.planned = leg.planned

    def run(self) -> Iterator[str]:
        """Up to where the lead writes the combined result; the slip of the leg is then the lead's."""
        leg, planned = self.leg, self.planned
        yield "refer"
        case = self.course.case
        refer(
            case_id=case.pk,
            transition_no=case.transition_no,
            actor=leg.cast.owner(case, self.course.now, self.course.chance),
            now=self.course.now,
            reason=planned.refer,
        )
        yield "coordinate"
        lead, *assisting = self._coordinate()
        for slip_id in (lead, *assisting):
            leg.slip_id = slip_id
            yield from leg.work()
        leg.slip_id = lead
        yield "plan"
        record_plan(**leg.of(leg.slip, leg.worker(leg.slip)), plan=planned.plan)
        for further in planned.joins_later:
            yield "add_department"
            leg.slip_id = self._add(further)
            assisting.append(leg.slip_id)
            yield from leg.work()
        for slip_id, part in zip(assisting, (*planned.assisting, *planned.joins_later), strict=True):
            leg.slip_id = slip_id
            yield "report"
            report(**leg.of(leg.slip, leg.worker(leg.slip)), result=part.result, remedy=part.remedy)
            if leg.slip.state == SlipState.SUBMITTED:
                yield "approve"
                leg.approve_result()
        leg.slip_id = lead

    def _coordinate(self) -> list[int]:
        case = self.course.case
        slips = coordinate(
            case_id=case.pk,
            transition_no=case.transition_no,
            actor=self.leg.cast.director,
            now=self.course.now,
            lead=self.leg.department(self.planned.department),
            assisting=[self.leg.department(part.department) for part in self.planned.assisting],
            instruction=self.planned.instruction or self.course.phrase("instruction"),
        )
        return [slip.pk for slip in slips]

    def _add(self, further: Assisting) -> int:
        case = self.course.case
        department: Department = self.leg.department(further.department)
        slip = add_department(
            case_id=case.pk,
            transition_no=case.transition_no,
            actor=self.leg.cast.director,
            now=self.course.now,
            department=department,
            instruction=self.course.phrase("instruction"),
        )
        return slip.pk
