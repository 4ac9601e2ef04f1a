"""What a complaint asks for besides: its class, records of the investigation, a hearing, the finding, what follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from cases.actions.sign import Signature
from cases.vocabulary import SignatureKind, Verdict
from complaints.actions.classify import classify
from complaints.actions.decide import confirm_correction, decide_apology, decide_sanction
from complaints.actions.find import record_finding
from complaints.actions.hear import give_account, open_hearing
from complaints.actions.investigate import add_record
from complaints.models import Hearing, RecordKind
from foundation.organization.models import Staff

if TYPE_CHECKING:
    from records.demonstration.leg import Leg


class Procedure:
    def __init__(self, leg: Leg) -> None:
        self.leg = leg
        self.course = leg.course
        self.cast = leg.cast
        self.planned = leg.planned.looked_into

    def look_into(self) -> Iterator[str]:
        """While the lead department investigates. Who it is about is heard before anything is found."""
        if not self.course.case.is_complaint_or_report():
            return
        if self.course.round_number == 1:
            yield "classify"
            classify(
                **self._case(self.cast.owner(self.course.case, self.course.now, self.course.chance)),
                kind=self.planned.kind,
            )
        for record in self.planned.records:
            yield "record"
            self._record(record)
        if self.course.case.unheard:
            for person in self._about():
                yield from self._hear(person)

    def find(self) -> Iterator[str]:
        """Before anybody is told a result."""
        if not self.course.case.wants_finding():
            return
        yield "find"
        slip = self.leg.slip
        is_founded = self.planned.verdict != Verdict.UNFOUNDED
        about = self._about()
        record_finding(
            **self._case(self.leg.worker(slip)),
            verdict=self.planned.verdict,
            reasons=self.planned.reasons or slip.result,
            responsible_department=slip.department if is_founded and not about else None,
            responsible_staff=about[0] if is_founded and about else None,
        )

    def decide(self) -> Iterator[str]:
        """The director; of what is about the director, the street office."""
        sanction, apology = self.planned.sanction, self.planned.apology
        if sanction:
            yield "decide"
            about = self._about()
            staff = about[0] if about else None
            decided = decide_sanction(
                **self._case(self._director),
                kind=sanction["kind"],
                text=sanction["text"],
                staff=staff,
                correct_by=self._in_days(int(sanction["days"])) if "days" in sanction else None,
            )
        if apology:
            yield "decide"
            decide_apology(**self._case(self._director), kind=apology["kind"], text=apology["text"])
        if "corrected" in sanction:
            yield "correct"
            confirm_correction(**self._case(self._director), sanction_id=decided.pk, note=sanction["corrected"])

    def _in_days(self, days: int) -> date:
        return (self.course.now + timedelta(days=days)).astimezone(self.cast.hall.zone).date()

    @property
    def _director(self) -> Staff:
        return self.cast.street if self.course.case.bars(self.cast.director) else self.cast.director

    def _record(self, record: dict[str, str]) -> None:
        slip = self.leg.slip
        is_interview = record["kind"] == RecordKind.INTERVIEW
        add_record(
            **self.leg.of(slip, self.leg.worker(slip)),
            kind=record["kind"],
            text=record["text"],
            place=record.get("place", ""),
            heard=record.get("heard", ""),
            happened_at=self.course.now,
            signature=Signature(SignatureKind.PAPER) if is_interview else None,
        )

    def _hear(self, person: Staff) -> Iterator[str]:
        yield "hear"
        worker = self.leg.worker(self.leg.slip)
        open_hearing(
            **self._case(worker),
            staff=person,
            allegations=self.planned.allegations or self.course.phrase("allegations"),
        )
        yield "account"
        asked = Hearing.objects.asked_of(person).get(case=self.course.case_id)
        give_account(
            public_id=asked.public_id,
            actor=person,
            now=self.course.now,
            account=self.planned.account or self.course.phrase("account"),
        )

    def _about(self) -> list[Staff]:
        return [self.cast.everybody[pk] for pk in sorted(self.course.case.barred_ids)]

    def _case(self, actor: Staff) -> dict[str, Any]:
        case = self.course.case
        return {"case_id": case.pk, "transition_no": case.transition_no, "actor": actor, "now": self.course.now}
