"""A complaint is confirmed with the complainant within the limit (S3, chapter 3.1.3)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import clocks
from cases.actions.moving import lock_case, move, to_the_minute, write_down
from cases.models import Case
from complaints.models import Complaint, ConfirmMeans
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Staff
from foundation.refusals import Refused


@transaction.atomic
def confirm(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    means: str,
    confirmed_at: datetime,
    corrections: str = "",
) -> Complaint:
    """Confirmed with the complainant, with what they put right. Met or late by the hour it was confirmed."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    if means not in ConfirmMeans.values:
        raise Refused(_("Choose how it was confirmed."), field="means")
    if confirmed_at > now:
        raise Refused(_("The time of confirmation lies in the future."), field="confirmed_at")
    move(case, "confirm", actor)
    complaint = complaint_of(case)
    if confirmed_at < to_the_minute(complaint.lodged_at):
        raise Refused(_("The complaint was not lodged yet at that time."), field="confirmed_at")
    confirmed_at = max(confirmed_at, complaint.lodged_at)
    corrections = corrections.strip()
    events = clocks.finish(case, ClockKind.CONFIRM, now=confirmed_at)
    record_confirmation(complaint, actor=actor, at=confirmed_at, means=ConfirmMeans(means), corrections=corrections)
    write_down(
        case,
        "complaint.confirmed",
        actor=actor,
        now=now,
        happened_at=confirmed_at,
        clock_events=events,
        payload={"means": ConfirmMeans(means).value},
        texts={"corrections": corrections},
    )
    complaint.case = case
    return complaint


def complaint_of(case: Case) -> Complaint:
    """The complaint; a matter that was screened as one only later has none yet: it counts from that moment.

    Not from when the clock began: that of an urgent matter of the night waits for the next opening. What waits for no
    confirmation, as a report does, counts from its registration.
    """
    known = Complaint.objects.select_for_update(no_key=True).filter(case=case).first()
    if known is not None:
        return known
    clock = case.deadlines.filter(kind=ClockKind.CONFIRM).order_by("pk").first()
    lodged_at = datetime.fromisoformat(clock.explanation["happened_at"]) if clock else case.registered_at
    return Complaint.objects.create(case=case, lodged_at=lodged_at)


def record_confirmation(
    complaint: Complaint, *, actor: Staff, at: datetime, means: ConfirmMeans, corrections: str
) -> None:
    complaint.confirmed_at, complaint.confirmed_by = at, actor
    complaint.confirm_means, complaint.corrections = means, corrections
    complaint.save(update_fields=["confirmed_at", "confirmed_by", "confirm_means", "corrections"])
