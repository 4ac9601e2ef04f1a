"""Telling the people of a case what they must know or do. Never who is barred, never who did it themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from cases.models import Case
from cases.people import HallPeople
from cases.vocabulary import Urgency
from foundation.notifications.actions import notify
from foundation.organization.models import Staff


def page_of(case: Case) -> str:
    return f"/cases/{case.number}/"


def tell(
    case: Case,
    recipients: Iterable[int],
    text: str,
    params: Mapping[str, str | int],
    *,
    key: str,
    now: datetime,
    people: HallPeople,
    but: Staff | None = None,
    level: str = "action",
    url: str = "",
) -> None:
    """text: an English message id with %(name)s places; params without personal data, since it may leave the house.

    url: where it leads, if not to the case; not everybody who is told something of a case may see the case itself.
    """
    if case.imported_at is not None and now < case.imported_at:
        # What an old register tells is over.
        return
    left_out = case.barred_ids | ({but.pk} if but else set())
    wanted = [pk for pk in recipients if pk not in left_out]
    missing = [pk for pk in wanted if pk not in people.staff]
    known = dict(people.staff)
    if missing:
        known |= {person.pk: person for person in Staff.objects.filter(pk__in=missing, is_active=True)}
    notify(
        recipients=[known[pk] for pk in wanted if pk in known],
        key=key,
        level=level,
        text=text,
        params=dict(params),
        url=url or page_of(case),
        hall=case.hall,
        chain=case.chain,
        urgent=case.urgency == Urgency.URGENT,
        now=now,
    )
