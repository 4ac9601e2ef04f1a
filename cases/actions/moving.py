"""What every verb shares: lock, look who presses, run the FSM transition, write it down."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed, can_proceed, has_transition_perm
from psycopg.errors import LockNotAvailable

from cases import clocks, powers, suspension
from cases.models import Case, TransferSlip
from cases.supervision import notices_follow
from cases.vocabulary import CaseState, SlipState
from foundation.ledger.actions import NewEntry, append_many
from foundation.ledger.models import Entry
from foundation.organization.models import Staff
from foundation.refusals import NotAllowed, Refused, Stale, WrongState

CASE_OF_SLIP: Final = f"(SELECT case_id FROM {TransferSlip._meta.db_table} WHERE id = %s)"  # noqa: S608 - fixed texts


def lock_case(*, case_id: int, actor: Staff | None, transition_no: int | None, waits: bool = True) -> Case:
    """The case, locked until the transaction ends. transition_no: as the form was drawn with; None: no form.

    Raises NotAllowed for a barred actor (who learns nothing) and Stale when somebody was faster; waits=False, for who
    holds another case already: also when somebody is at it now.
    """
    return _locked("%s", case_id, actor=actor, transition_no=transition_no, waits=waits)


def _locked(which: str, pk: int, *, actor: Staff | None, transition_no: int | None, waits: bool = True) -> Case:
    # Two statements: in one, whoever waited would find no row at all once the first has changed the category or the
    # owner, because PostgreSQL rechecks the joins against the rows they had before.
    lock = f"SELECT id FROM {Case._meta.db_table} WHERE id = {which} FOR NO KEY UPDATE"  # noqa: S608 - fixed texts
    try:
        with connection.cursor() as cursor:
            cursor.execute(lock if waits else f"{lock} NOWAIT", [pk])
            found = cursor.fetchone()
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise Stale(_("Somebody is working on this case at this moment; try again.")) from error
    if found is None:
        raise Case.DoesNotExist(f"There is no such case: {pk}")
    case = (
        Case.objects.select_related("hall", "category__parent", "chain", "first_contact_owner")
        .defer("search")
        .get(pk=found[0])
    )
    if actor is not None and case.bars(actor):
        raise NotAllowed(_("You cannot do this here."))
    if transition_no is not None and case.transition_no != transition_no:
        raise Stale(
            _("Somebody was faster: the case is now “%(state)s”. Nothing was done twice; look at it again.")
            % {"state": CaseState(case.state).label}
        )
    return case


def lock_slip(*, slip_id: int, actor: Staff | None, transition_no: int | None) -> TransferSlip:
    """The slip and, before it, its case, both locked; slip.case is the locked case."""
    # A slip never changes its case.
    case = _locked(CASE_OF_SLIP, slip_id, actor=actor, transition_no=None)
    slip = (
        TransferSlip.objects.select_for_update(no_key=True, of=("self",))
        .select_related("department", "hall", "handler")
        .get(pk=slip_id)
    )
    slip.case = case
    if transition_no is not None and slip.transition_no != transition_no:
        raise Stale(
            _("Somebody was faster: the slip is now “%(state)s”. Nothing was done twice; look at it again.")
            % {"state": SlipState(slip.state).label}
        )
    return slip


def move(subject: Case | TransferSlip, verb: str, actor: Staff, **arguments: Any) -> None:
    """Run a transition for a person. Raises WrongState or NotAllowed, in words."""
    method = getattr(subject, verb)
    # With its conditions: the next question would take an unmet one for a missing right.
    if not can_proceed(method):
        raise WrongState(_wrong_state(subject))
    if not has_transition_perm(method, actor):
        raise NotAllowed(_("You have no right to do this on this case."))
    _run(subject, verb, arguments)


def follow(subject: Case | TransferSlip, verb: str, **arguments: Any) -> None:
    """Run a transition that follows from other work; nobody presses it."""
    _run(subject, verb, arguments)


def _run(subject: Case | TransferSlip, verb: str, arguments: dict[str, Any]) -> None:
    try:
        getattr(subject, verb)(**arguments)
    except TransitionNotAllowed as refusal:
        raise WrongState(_wrong_state(subject)) from refusal


def _wrong_state(subject: Case | TransferSlip) -> str:
    return _("This cannot be done now: “%(number)s” is “%(state)s”.") % {
        "number": subject.number,
        "state": subject.get_state_display(),
    }


def write_down(
    case: Case,
    kind: str,
    *,
    actor: Staff | None,
    now: datetime,
    slip: TransferSlip | None = None,
    clock_events: list[clocks.ClockEvent] | None = None,
    payload: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
    happened_at: datetime | None = None,
    moves: bool = True,
) -> Entry:
    """The end of every verb: supervision notices, next due times, the numbers that make open forms stale, the entry.

    moves=False: the case itself did not move (a slip's own step, a further visit): forms on it stay good.
    """
    events = [*(clock_events or []), *notices_follow(case, slip, actor=actor, now=now)]
    ahead = clocks.ahead(case, slip)
    events += suspension.end_moot(case, slip, has_pauses=ahead.has_pauses, now=now)
    # Where nothing stands still, nothing that has ended just now has moved a clock.
    (clocks.ahead(case, slip) if ahead.has_pauses else ahead).keep(case, slip)
    if moves:
        case.transition_no += 1
    case.save(update_fields=case.saved_fields())
    if slip is not None:
        slip.transition_no += 1
        slip.save()
    entry = entry_of(
        case,
        kind,
        actor=actor,
        now=now,
        slip=slip,
        clock_events=events,
        payload=payload,
        texts=texts,
        happened_at=happened_at,
    )
    return append_many([entry], now=now)[0]


def entry_of(
    case: Case,
    kind: str,
    *,
    actor: Staff | None,
    now: datetime,
    slip: TransferSlip | None = None,
    clock_events: list[clocks.ClockEvent] | None = None,
    payload: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
    happened_at: datetime | None = None,
) -> NewEntry:
    """What the case's chain is told of a verb, with case and slip as they are now."""
    facts: dict[str, Any] = {"state": case.state, "round": case.round, **(payload or {})}
    if slip is not None:
        facts |= {"slip": slip.number, "slip_state": slip.state, "department": slip.department.name}
        if actor is not None and powers.enters_from_paper(slip, actor):
            facts["on_paper"] = True
    if clock_events:
        facts["clocks"] = clock_events
    return NewEntry(
        chain_id=case.chain_id,
        kind=kind,
        actor_id=actor.pk if actor else None,
        happened_at=happened_at or now,
        payload=facts,
        texts={name: text for name, text in (texts or {}).items() if text},
    )


def unused_key(sent_before: QuerySet[Any], key: uuid.UUID | None) -> uuid.UUID:
    """The key the form was drawn with. Raises Stale when it has made one of these rows before."""
    if key is not None and sent_before.filter(submission_key=key).exists():
        raise Stale(_("This form was already sent; nothing was recorded a second time."))
    return key or uuid.uuid4()


def to_the_minute(moment: datetime) -> datetime:
    """The earliest moment a person can mean who types the minute in which something happened."""
    return moment.replace(second=0, microsecond=0)


def required(text: str, field: str, message: str) -> str:
    """The text without spaces around it; raises Refused at the field when nothing is left."""
    stripped = text.strip()
    if not stripped:
        raise Refused(message, field=field)
    return stripped
