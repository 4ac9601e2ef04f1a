"""From a case, or from nothing, to a draft that lies with whoever directs."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases.actions.moving import lock_case, required, unused_key
from cases.actions.moving import move as move_case
from cases.actions.moving import write_down as write_down_on_case
from cases.people import HallPeople
from followups.board.figures import figures_of, last_month
from followups.board.moving import checked, lock_posting, move, save, write_down
from followups.posting import FROM_A_CASE, Posting, PostingKind, PostingState, keeps_board
from foundation.ledger.actions import hall_chain, hold
from foundation.notifications.actions import notify
from foundation.organization.models import Hall, Staff
from foundation.refusals import NotAllowed, Refused


@transaction.atomic
def draft_posting(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    kind: str,
    title: str,
    raised: str,
    text: str,
    submission_key: uuid.UUID | None = None,
) -> Posting:
    """Whoever knows the case words what everybody may read of it. Its own record says that it was drafted."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    key = unused_key(Posting.objects.all(), submission_key)
    if kind not in FROM_A_CASE:
        raise Refused(_("Choose what it is going to be."), field="kind")
    move_case(case, "draft_posting", actor)
    texts = checked(title=title, raised=raised, text=text)
    posting = Posting(
        hall=case.hall, kind=kind, case=case, drafted_by=actor, drafted_at=now, submission_key=key, **texts
    )
    posting.save()
    # Two chains: other writers take them in the order of their ids.
    hold([hall_chain(case.hall).pk, case.chain_id])
    write_down_on_case(case, "case.posting_drafted", actor=actor, now=now, payload={"posting": posting.pk})
    write_down(posting, "board.drafted", actor=actor, now=now)
    return posting


@transaction.atomic
def draft_notice(
    *, hall: Hall, actor: Staff, now: datetime, title: str, text: str, submission_key: uuid.UUID | None = None
) -> Posting:
    """Hours, closures, whatever the hall has to say that comes from no case."""
    _check_keeper(hall, actor)
    key = unused_key(Posting.objects.all(), submission_key)
    texts = checked(title=title, raised="", text=text)
    return _drafted(Posting(hall=hall, kind=PostingKind.NOTICE, submission_key=key, **texts), actor, now)


@transaction.atomic
def draft_figures(*, hall: Hall, actor: Staff, now: datetime) -> Posting:
    """What the hall did last month, in plain sentences. Drafted once: pressed again it is the same posting."""
    _check_keeper(hall, actor)
    # Two who press at once: the second waits here, then finds what the first has drafted.
    Hall.objects.select_for_update(no_key=True).get(pk=hall.pk)
    month = last_month(hall, now)
    known = Posting.objects.filter(hall=hall, kind=PostingKind.FIGURES, month=month.first)
    there = known.exclude(state=PostingState.TAKEN_DOWN).first()
    if there is not None:
        return there
    title, text = figures_of(hall, month, now)
    return _drafted(Posting(hall=hall, kind=PostingKind.FIGURES, month=month.first, title=title, text=text), actor, now)


def _check_keeper(hall: Hall, actor: Staff) -> None:
    if not keeps_board(hall, actor):
        raise NotAllowed(_("Drafts for the board are made at the desk, or by the director."))


def _drafted(posting: Posting, actor: Staff, now: datetime) -> Posting:
    posting.drafted_by, posting.drafted_at = actor, now
    posting.save()
    write_down(posting, "board.drafted", actor=actor, now=now)
    return posting


@transaction.atomic
def change(
    *, posting_id: int, transition_no: int, actor: Staff, now: datetime, title: str, raised: str, text: str
) -> Posting:
    """Other words, before anybody else reads it."""
    posting = lock_posting(posting_id=posting_id, actor=actor, transition_no=transition_no)
    move(posting, "change", actor, **checked(title=title, raised=raised, text=text))
    save(posting)
    write_down(posting, "board.changed", actor=actor, now=now)
    return posting


@transaction.atomic
def hand_in(*, posting_id: int, transition_no: int, actor: Staff, now: datetime) -> Posting:
    posting = lock_posting(posting_id=posting_id, actor=actor, transition_no=transition_no)
    move(posting, "hand_in", actor, now=now)
    save(posting)
    write_down(posting, "board.handed_in", actor=actor, now=now)
    people = HallPeople.of(posting.hall, now)
    barred = posting.case.barred_ids if posting.case is not None else set()
    above = people.first_level(people.directors, people.street, people.supervisors, without=barred)
    tell_of(
        posting,
        [people.staff[pk] for pk in sorted(above) if pk != actor.pk],
        gettext_noop("A posting for the notice board waits for you to review it"),
        now=now,
    )
    return posting


@transaction.atomic
def give_back(*, posting_id: int, transition_no: int, actor: Staff, now: datetime, remark: str) -> Posting:
    """To whoever drafted it, with what must change."""
    posting = lock_posting(posting_id=posting_id, actor=actor, transition_no=transition_no)
    remark = required(remark, "remark", _("Write down what must change."))
    move(posting, "give_back", actor, remark=remark[:500])
    save(posting)
    write_down(posting, "board.given_back", actor=actor, now=now)
    drafter = posting.drafted_by
    is_barred = posting.case is not None and posting.case.bars(drafter)
    if drafter.pk != actor.pk and drafter.is_active and not is_barred:
        tell_of(posting, [drafter], gettext_noop("Your draft for the notice board came back with a remark"), now=now)
    return posting


@transaction.atomic
def discard(*, posting_id: int, transition_no: int, actor: Staff, now: datetime) -> None:
    """It is not going to be published. The record keeps that it was there."""
    posting = lock_posting(posting_id=posting_id, actor=actor, transition_no=transition_no)
    move(posting, "discard", actor)
    write_down(posting, "board.discarded", actor=actor, now=now)
    posting.delete()


def tell_of(posting: Posting, recipients: Iterable[Staff], text: str, *, now: datetime) -> None:
    """Not a word of what it says: an alert may leave the house."""
    notify(
        recipients=recipients,
        key=f"board:{posting.pk}:{posting.transition_no}",
        level="action",
        text=text,
        url=f"/board/{posting.pk}/",
        hall=posting.hall,
        chain=posting.case.chain if posting.case is not None else None,
        now=now,
    )
