"""Matters whose slips went other ways, for the tests of pages and rights."""

from __future__ import annotations

from typing import Any

from cases.models import TransferSlip
from tests import matters
from tests.builders import Town
from tests.cases import coordination_steps, steps


def recalled(town: Town, **more: Any) -> TransferSlip:
    """Lin has taken it back before anybody signed it in."""
    return coordination_steps.recall(matters.transferred(town, **more), town.lin)


def asked_to_return(town: Town, **more: Any) -> TransferSlip:
    """Wang has signed in and asks director Chen to let it go back."""
    return coordination_steps.ask_return(matters.signed(town, **more), town.wang)


def lead_signed(town: Town, **more: Any) -> TransferSlip:
    """Coordinated; Wang of the lead department has signed in and owes the plan."""
    lead, *_assisting = matters.coordinated(town, **more)
    return steps.sign_in(lead, town.zhao, town.wang)


def lead_waits(town: Town, **more: Any) -> TransferSlip:
    """Coordinated; Wang has investigated and waits for the property department, where Sun is at it."""
    lead, _assisting = coordination_steps.all_begun(town, matters.coordinated(town, **more))
    return lead
