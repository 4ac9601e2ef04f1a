"""The resident's own way to the three questions: one link a round, without an account, for thirty days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from cases.models import Case
from cases.vocabulary import CaseState
from followups.models import EvaluationLink
from foundation.notifications.half_addresses import new_public_id, public_id_of
from foundation.refusals import Refused, WrongState

OPEN_FOR = timedelta(days=30)


class NoSuchLink(Refused):
    """Wrong or expired; which of the two is not told."""

    def __init__(self) -> None:
        super().__init__(_("This link does not work, or does not work any more."))


class UsedLink(Refused):
    """The answer of this round is there already."""

    def __init__(self, link: EvaluationLink) -> None:
        super().__init__(_("Your answer has reached us already."))
        self.link = link


def link_for(case: Case, *, now: datetime) -> EvaluationLink:
    """The link of the present round, made if there is none yet. Raises WrongState before the resident is informed.

    Whether it can still be used: link.is_open(now). Its address within the site: link.path.
    """
    if case.state not in (CaseState.FOLLOW_UP, CaseState.ARCHIVED) or case.informed_at is None:
        raise WrongState(_("The resident is asked once they have been answered."))
    expires_at = _expires_at(case, now)
    link, _is_new = EvaluationLink.objects.get_or_create(
        case=case,
        round=case.round,
        defaults={"public_id": new_public_id(), "created_at": now, "expires_at": expires_at},
    )
    link.case = case
    if link.used_at is None and link.expires_at < expires_at:
        link.expires_at = expires_at
        link.save(update_fields=["expires_at"])
    return link


def links_for(cases: Iterable[Case], *, now: datetime) -> dict[int, EvaluationLink]:
    """By case, for printed papers: those that wait for a follow-up, in two statements however many they are."""
    waiting = {case.pk: case for case in cases if case.state == CaseState.FOLLOW_UP}
    if not waiting:
        return {}
    EvaluationLink.objects.bulk_create(
        [
            EvaluationLink(
                case=case,
                round=case.round,
                public_id=new_public_id(),
                created_at=now,
                expires_at=_expires_at(case, now),
            )
            for case in waiting.values()
        ],
        ignore_conflicts=True,
    )
    links = EvaluationLink.objects.filter(case__in=waiting).select_related("case__hall")
    return {link.case_id: link for link in links if link.round == waiting[link.case_id].round and link.is_open(now)}


def opened(token: str, *, now: datetime) -> EvaluationLink:
    """The link of this address, with its case. Raises NoSuchLink, or UsedLink for who has answered."""
    public_id = public_id_of(token)
    link = (
        EvaluationLink.objects.select_related("case__hall", "case__category", "case__resident")
        .filter(public_id=public_id)
        .first()
    )
    if link is None or not link.case.hall.is_active or (link.used_at is None and not link.is_open(now)):
        raise NoSuchLink
    if link.case.resident is not None and link.case.resident.erased_at is not None:
        # Nothing new is to be written about whoever asked to be forgotten.
        raise NoSuchLink
    if link.used_at is not None:
        raise UsedLink(link)
    return link


def _expires_at(case: Case, now: datetime) -> datetime:
    """Thirty days after the answer, or after the archive. A hall that still waits for the answer still takes it."""
    if case.state == CaseState.ARCHIVED and case.closed_at is not None:
        return case.closed_at + OPEN_FOR
    assert case.informed_at is not None
    until = case.informed_at + OPEN_FOR
    return until if now < until else now + OPEN_FOR
