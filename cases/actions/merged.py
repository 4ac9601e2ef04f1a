"""What becomes of merged cases when something becomes of their main case.

Each keeps its own promise, answer and follow-up; only the result is shared. Whoever changes the main case locks it
first, and then, without waiting, what is merged into it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_noop

from cases import clocks
from cases.actions.moving import follow, lock_case, write_down
from cases.actions.tell import tell
from cases.models import Case, Part, TransferSlip
from cases.people import HallPeople
from cases.vocabulary import CaseState, ClockOutcome, PartRole
from foundation.deadlines.models import ClockKind
from foundation.ledger.actions import hold
from foundation.organization.models import Staff


def lock_merged(main: Case) -> list[Case]:
    """The cases that wait for the result of this one, which is locked. Before the caller's own entry is written."""
    return _lock(main, list(main.merged_cases.filter(state=CaseState.MERGED).values_list("pk", flat=True)))


def lock_untold(main: Case, *, since: datetime) -> list[Case]:
    """Those that share the result collected at this moment, and whose residents have not been told of it yet."""
    shared = main.merged_cases.filter(state=CaseState.FEEDBACK, round=1, feedback_at=since)
    return _lock(main, list(shared.values_list("pk", flat=True)))


def _lock(main: Case, ids: list[int]) -> list[Case]:
    if not ids:
        return []
    merged = [lock_case(case_id=pk, actor=None, transition_no=None, waits=False) for pk in sorted(ids)]
    # The entries come one by one, of the main case first; other writers take the chains in the order of their ids.
    hold([main.chain_id, *(case.chain_id for case in merged)])
    return merged


def share_result(main: Case, merged: Iterable[Case], *, actor: Staff | None, now: datetime) -> None:
    """The main case has its result: each of the merged residents is to be told it, by their own owner."""
    merged = list(merged)
    if not merged:
        return
    people = HallPeople.of(main.hall, now)
    handled = Part.objects.filter(case=main, role=PartRole.HANDLER, round=main.round, ended_at=None)
    handlers = set(handled.values_list("staff_id", flat=True))
    slips = list(TransferSlip.objects.answering(main, main.round))
    for case in merged:
        follow(case, "share_result", now=now)
        case.shared_slips.set(slips)
        for handler in sorted(handlers - case.barred_ids):
            # Whoever handled the main case has handled this one: they do not follow it up, nor handle a second round.
            Part.objects.get_or_create(
                case=case,
                staff_id=handler,
                role=PartRole.HANDLER,
                round=case.round,
                ended_at=None,
                defaults={"started_at": now},
            )
        case.forget_parts()
        case.responsible_staff, case.responsible_department = case.first_contact_owner, None
        events = [clocks.start(case, ClockKind.FEEDBACK, now=now, not_after=case.promise_due_at)]
        entry = write_down(
            case, "case.result_shared", actor=actor, now=now, clock_events=events, payload={"main": main.number}
        )
        tell(
            case,
            people.first_level(
                {case.first_contact_owner_id},
                people.directors,
                people.street,
                people.supervisors,
                without=case.barred_ids,
            ),
            gettext_noop("The result for %(number)s is there: tell the resident"),
            {"number": case.number},
            key=f"merged:{entry.chain_id}:{entry.seq}",
            now=now,
            people=people,
            but=actor,
        )


def rejoin(main: Case, untold: Iterable[Case], *, actor: Staff | None, now: datetime) -> None:
    """The result was sent back: whoever has not been told yet waits with the main case for the next one."""
    for case in untold:
        follow(case, "rejoin")
        case.shared_slips.clear()
        events = clocks.cancel(case, now=now, kinds=[ClockKind.FEEDBACK])
        write_down(case, "case.rejoined", actor=actor, now=now, clock_events=events, payload={"main": main.number})


def let_go(main: Case, merged: Iterable[Case], *, actor: Staff | None, now: datetime, people: HallPeople) -> None:
    """The main case ends without a result: each merged one goes its own way again."""
    for case in merged:
        events = go_alone(case, people=people, now=now)
        entry = write_down(
            case, "case.unmerged", actor=actor, now=now, clock_events=events, payload={"main": main.number}
        )
        # Whoever ended the main case may be the one who must decide now.
        tell_alone(case, people=people, actor=None, now=now, key=f"merged:{entry.chain_id}:{entry.seq}")


def go_alone(case: Case, *, people: HallPeople, now: datetime) -> list[clocks.ClockEvent]:
    """Accepted again, after the FSM has let it: somebody decides where it goes, while the promise runs on."""
    if case.state == CaseState.MERGED:
        follow(case, "unmerge")
    director = people.director(without=case.barred_ids) if case.is_referred else None
    case.responsible_staff, case.responsible_department = director or case.first_contact_owner, None
    events = [clocks.start(case, ClockKind.DISPATCH, now=now)]
    confirmed = case.deadlines.filter(kind=ClockKind.CONFIRM).exclude(outcome=ClockOutcome.CANCELLED)
    if case.is_complaint and not case.is_anonymous and not confirmed.exists():
        # Merging stopped that clock; by itself again, the complaint is to be confirmed with who lodged it.
        events.append(clocks.start(case, ClockKind.CONFIRM, now=now))
    return events


def tell_alone(case: Case, *, people: HallPeople, actor: Staff | None, now: datetime, key: str) -> None:
    desk = people.at_desk(case, without=case.barred_ids)
    directors = people.first_level(people.directors, people.street, people.supervisors, without=case.barred_ids)
    tell(
        case,
        directors if case.is_referred else desk,
        gettext_noop("%(number)s is no longer merged: decide where it goes"),
        {"number": case.number},
        key=key,
        now=now,
        people=people,
        but=actor,
    )
