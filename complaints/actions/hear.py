"""Whom a complaint is about is heard in writing, by a page of their own or on paper; or it is said why not."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases.actions.attach import as_payload
from cases.actions.moving import follow, lock_case, move, required, write_down
from cases.actions.tell import tell
from cases.models import Case
from cases.people import HallPeople
from cases.uploads import CleanFile
from cases.vocabulary import CaseState
from complaints.actions.confirm import complaint_of
from complaints.actions.files import keep_files
from complaints.models import ComplaintSubject, Hearing, NotHeardBecause
from foundation.notifications.actions import notify
from foundation.organization.models import Staff
from foundation.refusals import Refused, Stale, WrongState

ANSWERABLE = (CaseState.TRANSFERRED, CaseState.FEEDBACK)


@transaction.atomic
def open_hearing(
    *, case_id: int, transition_no: int, actor: Staff, now: datetime, staff: Staff, allegations: str
) -> Hearing:
    """Ask somebody for a written account: they read these words, on a page of their own, and nothing else."""
    case = _lock_to_hear(case_id, transition_no, actor, staff)
    allegations = required(allegations, "allegations", _("Write down what the person is asked about."))
    if case.resident is not None and case.resident.name in allegations:
        raise Refused(_("The text names the resident; leave out whatever tells who complained."), field="allegations")
    if _open_hearing(case, staff) is not None:
        raise Refused(_("This person was asked already and has not answered yet."), field="person")
    move(case, "hear", actor)
    _name(case, staff)
    hearing = Hearing.objects.create(
        case=case, staff=staff, round=case.round, allegations=allegations, opened_by=actor, opened_at=now
    )
    Staff.objects.filter(pk=staff.pk, was_asked_to_account=False).update(was_asked_to_account=True)
    write_down(
        case,
        "complaint.hearing_opened",
        actor=actor,
        now=now,
        payload={"staff": staff.pk},
        texts={"allegations": allegations},
    )
    # Not on the chain of the case: of that nothing may reach them.
    notify(
        recipients=[staff],
        key=f"hearing:{hearing.pk}",
        level="action",
        text=gettext_noop("You are asked for a written account"),
        params={},
        url=f"/hearings/{hearing.public_id}/",
        hall=case.hall,
        chain=None,
        now=now,
    )
    return hearing


@transaction.atomic
def record_account(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    staff: Staff,
    account: str,
    files: Sequence[CleanFile] = (),
) -> Hearing:
    """The account came on paper; with its scan."""
    case = _lock_to_hear(case_id, transition_no, actor, staff)
    account = required(account, "account", _("Write down the account, or what it says in short."))
    move(case, "hear", actor)
    _name(case, staff)
    _count_as_settled(case, staff)
    hearing = _open_hearing(case, staff) or Hearing(
        case=case, staff=staff, round=case.round, opened_by=actor, opened_at=now
    )
    hearing.account, hearing.accounted_at, hearing.is_on_paper = account, now, True
    hearing.save()
    kept = keep_files(case, files, actor=actor, now=now)
    hearing.files.set(kept)
    write_down(
        case,
        "complaint.account_recorded",
        actor=actor,
        now=now,
        payload={"staff": staff.pk, "files": as_payload(kept)},
        texts={"account": account},
    )
    return hearing


@transaction.atomic
def excuse_hearing(
    *, case_id: int, transition_no: int, actor: Staff, now: datetime, staff: Staff, because: str, reason: str
) -> Hearing:
    """Somebody cannot be heard; what is found is found without their account, and the record says why."""
    case = _lock_to_hear(case_id, transition_no, actor, staff)
    if because not in NotHeardBecause.values:
        raise Refused(_("Choose why this person cannot be heard."), field="because")
    reason = required(reason, "reason", _("Write down what was tried, and when."))
    move(case, "hear", actor)
    _name(case, staff)
    _count_as_settled(case, staff)
    hearing = _open_hearing(case, staff) or Hearing(
        case=case, staff=staff, round=case.round, opened_by=actor, opened_at=now
    )
    hearing.not_heard_because, hearing.reason = because, reason
    hearing.save()
    write_down(
        case,
        "complaint.not_heard",
        actor=actor,
        now=now,
        payload={"staff": staff.pk, "because": because},
        texts={"reason": reason},
    )
    return hearing


@transaction.atomic
def give_account(
    *, public_id: uuid.UUID, actor: Staff, now: datetime, account: str, files: Sequence[CleanFile] = ()
) -> Hearing:
    """The person answers themselves. What is refused here never tells them anything of the case."""
    asked = Hearing.objects.asked_of(actor).get(public_id=public_id)
    account = required(account, "account", _("Write down your account."))
    # Whoever answers is barred from the case: that they may do this one thing was looked up above.
    case = lock_case(case_id=asked.case_id, actor=None, transition_no=None)
    hearing = Hearing.objects.select_for_update(no_key=True).get(pk=asked.pk)
    if hearing.accounted_at is not None:
        raise Stale(_("Your account was handed in already; nothing was recorded a second time."))
    if hearing.not_heard_because or case.state not in ANSWERABLE:
        raise WrongState(_("This is closed; an account is not asked for any more."))
    follow(case, "give_account")
    _count_as_settled(case, actor)
    hearing.account, hearing.accounted_at = account, now
    hearing.save(update_fields=["account", "accounted_at"])
    kept = keep_files(case, files, actor=actor, now=now)
    hearing.files.set(kept)
    write_down(
        case,
        "complaint.account_given",
        actor=actor,
        now=now,
        payload={"files": as_payload(kept)},
        texts={"account": account},
        moves=False,
    )
    people = HallPeople.of(case.hall, now)
    tell(
        case,
        _investigators(case, people, hearing),
        gettext_noop("%(number)s: a written account has come in"),
        {"number": case.number},
        key=f"hearing:{hearing.pk}:answered",
        now=now,
        people=people,
    )
    return hearing


def _lock_to_hear(case_id: int, transition_no: int, actor: Staff, staff: Staff) -> Case:
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    if not case.bars(staff):
        raise Refused(_("The complaint is not about this person; name them first."), field="person")
    return case


def _open_hearing(case: Case, staff: Staff) -> Hearing | None:
    waiting = Hearing.objects.filter(case=case, staff=staff, accounted_at=None, not_heard_because="")
    return waiting.select_for_update(no_key=True).first()


def _count_as_settled(case: Case, staff: Staff) -> None:
    """From now on somebody counts as heard, or as excused; once, however often they are heard."""
    if not Hearing.objects.has_settled(case=case, staff=staff):
        case.unheard = max(0, case.unheard - 1)


def _name(case: Case, staff: Staff) -> None:
    """Who was barred without being named in the complaint is named by being heard."""
    ComplaintSubject.objects.get_or_create(complaint=complaint_of(case), staff=staff)


def _investigators(case: Case, people: HallPeople, hearing: Hearing) -> set[int]:
    slip = case.lead_of_round
    return {hearing.opened_by_id} | (people.of_slip(slip, case, without=case.barred_ids) if slip else set())
