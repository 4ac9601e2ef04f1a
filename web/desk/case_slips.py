"""The slips of a case on its page: who has which leg, how far it is, what it waits for, and one's buttons on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import CaseDeadline, TransferSlip
from cases.vocabulary import HELD_SLIP_STATES
from foundation.deadlines.models import ClockKind
from foundation.organization.models import DepartmentKind, Staff
from web.desk.verbs import SLIP_VERBS, Verb, offered
from web.desk.verbs.form import Subject

OUTSIDE: dict[str, str | Promise] = {
    DepartmentKind.OUTSIDE: _("outside unit, on paper"),
    DepartmentKind.STREET: _("street office"),
}


@dataclass(frozen=True)
class SlipOnPage:
    slip: TransferSlip
    verbs: list[Verb]
    asides: list[Verb]
    handle_clock: CaseDeadline | None
    """The last of its clocks for the work itself."""
    plan_clock: CaseDeadline | None
    outside: str | Promise
    waits_for: list[str]
    """Departments whose results the lead department waits for before it reports the combined one."""

    @property
    def has_next_step(self) -> bool:
        return bool(self.verbs) and self.verbs[0].is_next_step


def slips_on_page(slips: Sequence[TransferSlip], clocks: Sequence[CaseDeadline], staff: Staff) -> list[SlipOnPage]:
    """clocks: of the case, the latest first."""
    return [
        SlipOnPage(
            slip,
            *_buttons(slip, staff),
            _clock(slip, clocks, ClockKind.HANDLE),
            _clock(slip, [one for one in clocks if one.is_running], ClockKind.PLAN),
            OUTSIDE.get(slip.department.kind, ""),
            others_at_work(slip, slips),
        )
        for slip in slips
    ]


def _buttons(slip: TransferSlip, staff: Staff) -> tuple[list[Verb], list[Verb]]:
    verbs = offered(slip, staff, SLIP_VERBS) if slip.is_open else []
    return [verb for verb in verbs if not verb.is_aside], [verb for verb in verbs if verb.is_aside]


def others_at_work(slip: TransferSlip, slips: Sequence[TransferSlip]) -> list[str]:
    if not (slip.is_lead and slip.is_open and slip.case.is_coordinated):
        return []
    return [other.department.name for other in slips if other.is_open and other.pk != slip.pk]


def assisting_results(subject: Subject) -> list[TransferSlip]:
    """What the combined result is written from: the legs of the round beside the lead department's."""
    if not isinstance(subject, TransferSlip) or not subject.is_lead or not subject.case.is_coordinated:
        return []
    held = subject.case.slips.filter(round=subject.round, state__in=HELD_SLIP_STATES).exclude(pk=subject.pk)
    return list(held.select_related("department").order_by("pk"))


def _clock(slip: TransferSlip, clocks: Sequence[CaseDeadline], kind: ClockKind) -> CaseDeadline | None:
    return next((clock for clock in clocks if clock.slip_id == slip.pk and clock.kind == kind), None)
