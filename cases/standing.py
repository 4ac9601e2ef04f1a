"""How far a round has come with its slips: conditions of the lifecycle, whoever presses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cases.vocabulary import OPEN_SLIP_STATES, SlipKind, SlipState

if TYPE_CHECKING:
    from cases.models import Case, TransferSlip


def has_no_open_slip(case: Case) -> bool:
    return not case.slips.filter(state__in=OPEN_SLIP_STATES).exists()


def has_other_open_slip(slip: TransferSlip) -> bool:
    """Whether another department still works on this round."""
    return slip.case.slips.filter(state__in=OPEN_SLIP_STATES, round=slip.round).exclude(pk=slip.pk).exists()


def lead_has_reported(case: Case) -> bool:
    return case.slips.filter(round=case.round, kind=SlipKind.LEAD, state=SlipState.REPORTED).exists()


def is_looked_into(case: Case) -> bool:
    """Whether the lead department of this round has begun its investigation."""
    slip = case.lead_of_round
    return slip is not None and slip.investigation_begun_at is not None
