"""Withdrawn: it was the resident's own wish. About staff, the supervisor checks first that the wish was free.

A wish written on the tracking page ends nothing: whoever finds a receipt could have written it. The desk speaks with
the resident, then withdraws the matter or lets it go on; about staff that is the supervisor's, as it always is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django_fsm import can_proceed

from cases import clocks
from cases.actions.attach import store
from cases.actions.merged import let_go, lock_merged
from cases.actions.moving import follow, lock_case, move, required, to_the_minute, write_down
from cases.actions.recall_open import recall_open_slips, tell_recalled
from cases.actions.sign import Signature
from cases.actions.tell import tell
from cases.models import Case
from cases.people import HallPeople
from cases.vocabulary import AnswerMeans, AttachmentKind, SignatureKind
from foundation.organization.models import Staff
from foundation.refusals import Refused, WrongState
from foundation.residents.names import normalize_lines

WAYS_OF_SAYING = (
    AnswerMeans.DESK,
    AnswerMeans.PHONE,
    AnswerMeans.HOME_VISIT,
    AnswerMeans.LETTER,
    AnswerMeans.MESSAGE,
)


@dataclass(frozen=True)
class Wish:
    """What the resident said, how and when, and how they signed for it."""

    text: str
    means: str
    said_at: datetime
    signature: Signature

    def checked(self, case: Case, now: datetime) -> Wish:
        required(self.text, "wish", _("Write down the resident's wish in their words."))
        if self.means not in WAYS_OF_SAYING:
            raise Refused(_("Choose how the resident said it."), field="means")
        if self.said_at > now:
            raise Refused(_("This moment lies in the future."), field="said_at")
        if self.said_at < to_the_minute(case.registered_at):
            raise Refused(_("The matter was not registered yet at that time."), field="said_at")
        self.signature.checked()
        return self

    def kept(self, case: Case, *, actor: Staff, now: datetime) -> tuple[dict[str, Any], dict[str, str]]:
        """What the record says of it; a signature from the tablet is filed beside the case."""
        image = None
        if self.signature.kind == SignatureKind.TABLET and self.signature.image is not None:
            image = store(case, self.signature.image, kind=AttachmentKind.SIGNATURE, actor=actor, now=now)
        facts = {
            "means": self.means,
            "said_at": self.said_at.astimezone(UTC).isoformat(),
            "signature": self.signature.kind,
            "image": image.sha256 if image else None,
        }
        return facts, {"wish": self.text.strip(), "unsigned_reason": self.signature.unsigned_reason.strip()}


@transaction.atomic
def withdraw(*, case_id: int, transition_no: int, actor: Staff, now: datetime, wish: Wish) -> Case:
    """Not about staff: the receptionist writes the wish down, and that is the end of it."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    wish.checked(case, now)
    move(case, "withdraw", actor, now=now)
    facts, texts = wish.kept(case, actor=actor, now=now)
    return _end(case, actor=actor, now=now, payload=facts, texts=texts)


@transaction.atomic
def ask_withdrawal(*, case_id: int, transition_no: int, actor: Staff, now: datetime, wish: Wish) -> Case:
    """About staff: the wish is written down, the matter goes on, and the supervisors are asked to check it."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    wish.checked(case, now)
    move(case, "ask_withdrawal", actor, now=now)
    facts, texts = wish.kept(case, actor=actor, now=now)
    entry = write_down(case, "case.withdrawal_asked", actor=actor, now=now, payload=facts, texts=texts)
    people = HallPeople.of(case.hall, now)
    tell(
        case,
        people.first_level(people.supervisors, without=case.barred_ids),
        gettext_noop("%(number)s is to be withdrawn: check that the wish is free"),
        {"number": case.number},
        key=f"withdrawal:{entry.chain_id}:{entry.seq}",
        now=now,
        people=people,
        but=actor,
    )
    return case


@transaction.atomic
def wish_withdrawal(*, case_id: int, now: datetime, wish: str) -> Case:
    """The resident asks for it on the tracking page: written down, told to who must speak with them, nothing ended."""
    case = lock_case(case_id=case_id, actor=None, transition_no=None)
    wish = required(normalize_lines(wish), "wish", _("Write in your own words that you want to withdraw it, and why."))
    if case.withdrawal_asked_at is not None:
        raise WrongState(_("You have asked for this already; we will speak with you."))
    if not can_proceed(case.wish_withdrawal):
        raise WrongState(_("This matter cannot be withdrawn any more. Please call the hall."))
    follow(case, "wish_withdrawal", now=now)
    payload = {"means": AnswerMeans.TRACKING_PAGE.value}
    entry = write_down(case, "case.withdrawal_asked", actor=None, now=now, payload=payload, texts={"wish": wish})
    people = HallPeople.of(case.hall, now)
    listeners = people.at_desk(case, without=case.barred_ids)
    if case.is_about_staff:
        listeners |= people.first_level(people.supervisors, without=case.barred_ids)
    tell(
        case,
        listeners,
        gettext_noop("%(number)s: on the tracking page somebody asks to withdraw it; speak with the resident first"),
        {"number": case.number},
        key=f"withdrawal:{entry.chain_id}:{entry.seq}",
        now=now,
        people=people,
    )
    return case


@transaction.atomic
def grant_withdrawal(*, case_id: int, transition_no: int, actor: Staff, now: datetime, checked: str) -> Case:
    """The supervisor found the wish to be free. checked: how they made sure."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    checked = required(checked, "checked", _("Write down how you made sure that the wish is free."))
    if not case.is_about_staff:
        raise Refused(_("Nothing waits for a check here: the desk writes the wish down."))
    move(case, "withdraw", actor, now=now)
    return _end(case, actor=actor, now=now, payload={"is_checked": True}, texts={"checked": checked})


@transaction.atomic
def refuse_withdrawal(*, case_id: int, transition_no: int, actor: Staff, now: datetime, checked: str) -> Case:
    """The wish was not free, or was none, or is given up: the matter goes on, and the desk is told."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    checked = required(checked, "checked", _("Write down what you found out, and why the matter goes on."))
    move(case, "refuse_withdrawal", actor)
    entry = write_down(case, "case.withdrawal_refused", actor=actor, now=now, texts={"checked": checked})
    people = HallPeople.of(case.hall, now)
    tell(
        case,
        people.at_desk(case, without=case.barred_ids),
        gettext_noop("%(number)s is not withdrawn: the matter goes on"),
        {"number": case.number},
        key=f"withdrawal:{entry.chain_id}:{entry.seq}",
        now=now,
        people=people,
        but=actor,
    )
    return case


def _end(case: Case, *, actor: Staff, now: datetime, payload: dict[str, Any], texts: dict[str, str]) -> Case:
    merged = lock_merged(case)
    slips, events = recall_open_slips(case, now=now)
    events += clocks.cancel(case, now=now)
    case.responsible_staff = case.responsible_department = None
    payload = {**payload, "recalled": [slip.number for slip in slips]}
    write_down(case, "case.withdrawn", actor=actor, now=now, clock_events=events, payload=payload, texts=texts)
    people = HallPeople.of(case.hall, now)
    tell_recalled(
        slips, gettext_noop("%(slip)s is recalled: the resident has withdrawn the matter"), people, actor=actor, now=now
    )
    let_go(case, merged, actor=actor, now=now, people=people)
    return case
