"""Finding a resident who comes again: by name, initials, phone or ID number; in one hall, logged and throttled."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from foundation.organization.models import Hall, Staff
from foundation.refusals import NotAllowed, Refused
from foundation.residents import rights
from foundation.residents.fields import normalize_id_number, normalize_phone
from foundation.residents.models import (
    LookupKind,
    LookupLog,
    Resident,
    id_number_token,
    phone_tail_token,
    phone_token,
)
from foundation.residents.names import normalize_name

# A desk that types ahead stays far below; somebody who lists a quarter, or tries all last four digits, does not.
PER_MINUTE = 60
PER_HOUR = 600


def find_residents(*, hall: Hall, query: str, staff: Staff, now: datetime, limit: int = 8) -> list[Resident]:
    """Residents of the hall by name, pinyin initials, whole phone, its last four digits, or whole ID number.

    Show them masked. A number typed half asks nothing yet: it finds nobody and does not count against the limit.
    """
    if not rights.serves_desk(staff, hall.pk):
        raise NotAllowed(_("Only the hall's receptionists and director look residents up."))
    kind, typed = _understood(query, today=now.astimezone(hall.zone).date())
    if kind is None:
        return []
    with transaction.atomic():
        # One's own row as the lock: otherwise pages asking at the same moment would all count the same number.
        Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
        _throttle(staff, now)
        found = _found(hall, kind, typed, limit)
        LookupLog.objects.create(hall=hall, staff=staff, kind=kind, found=len(found), at=now)
    return found


def find_same(*, hall: Hall, name: str = "", phone: str = "", id_number: str = "", limit: int = 5) -> list[Resident]:
    """Residents who may be the same person, the likeliest first: same ID number, same phone, same name.

    For the program itself while somebody is being registered; not for a page that answers what was typed there.
    Numbers that cannot be right find nobody.
    """
    ranked: list[When] = []
    same = Q()
    name = normalize_name(name)
    if id_number and (kind_typed := _as_id_number(id_number, date.max)):
        ranked.append(_ranked(Q(id_number_token=id_number_token(kind_typed)), len(ranked)))
        same |= Q(id_number_token=id_number_token(kind_typed))
    if phone and (number := _as_phone(phone)):
        ranked.append(_ranked(Q(phone_token=phone_token(number), name=name), len(ranked)))
        ranked.append(_ranked(Q(phone_token=phone_token(number)), len(ranked)))
        same |= Q(phone_token=phone_token(number))
    if name:
        ranked.append(_ranked(Q(name=name), len(ranked)))
        same |= Q(name=name)
    if not ranked:
        return []
    known = Resident.objects.filter(same, hall=hall, erased_at=None)
    return list(known.order_by(Case(*ranked, default=Value(len(ranked))), "-updated_at", "pk")[:limit])


def _ranked(condition: Q, rank: int) -> When:
    return When(condition, then=Value(rank))


def _understood(query: str, *, today: date) -> tuple[LookupKind | None, str]:
    """Which question is asked, and its value in the one spelling of that field."""
    typed = normalize_name(query)
    if not any(character.isdigit() for character in typed):
        compact = re.sub(r"[^a-z]", "", typed.lower())
        if compact and typed.isascii():
            return LookupKind.INITIALS, typed
        return (LookupKind.NAME, typed) if any(character.isalpha() for character in typed) else (None, "")
    if re.fullmatch(r"\d{4}", re.sub(r"\s", "", typed)):
        return LookupKind.PHONE_TAIL, re.sub(r"\s", "", typed)
    if number := _as_id_number(typed, today):
        return LookupKind.ID_NUMBER, number
    if number := _as_phone(typed):
        return LookupKind.PHONE, number
    return None, ""


def _as_phone(text: str) -> str:
    try:
        return normalize_phone(text)
    except ValidationError:
        return ""


def _as_id_number(text: str, today: date) -> str:
    try:
        return normalize_id_number(unicodedata.normalize("NFKC", text), today=today)
    except ValidationError:
        return ""


def _throttle(staff: Staff, now: datetime) -> None:
    for limit, stretch in ((PER_MINUTE, timedelta(minutes=1)), (PER_HOUR, timedelta(hours=1))):
        # No further than the limit: what matters is only whether it is reached.
        asked = LookupLog.objects.filter(staff=staff, at__gt=now - stretch, at__lte=now)[:limit].count()
        if asked >= limit:
            raise Refused(_("You have looked up very many residents. Wait a little before the next look-up."))


def _found(hall: Hall, kind: LookupKind, typed: str, limit: int) -> list[Resident]:
    known = Resident.objects.filter(hall=hall, erased_at=None)
    if kind is LookupKind.PHONE_TAIL:
        return _latest(known.filter(phone_tail_token=phone_tail_token(hall.pk, typed)), limit)
    if kind is LookupKind.PHONE:
        return _latest(known.filter(phone_token=phone_token(typed)), limit)
    if kind is LookupKind.ID_NUMBER:
        return _latest(known.filter(id_number_token=id_number_token(typed)), limit)
    if kind is LookupKind.INITIALS:
        initials = re.sub(r"[^a-z]", "", typed.lower())
        found = _exact_first(known.filter(initials__startswith=initials), Q(initials=initials), limit)
        contained = known.filter(name__icontains=typed)
    else:
        found = _exact_first(known.filter(name__startswith=typed), Q(name=typed), limit)
        contained = known.filter(name__contains=typed)
    if len(found) < limit:
        found += _latest(contained.exclude(pk__in=[resident.pk for resident in found]), limit - len(found))
    return found


def _latest(residents: QuerySet[Resident], limit: int) -> list[Resident]:
    return list(residents.order_by("-updated_at", "pk")[:limit])


def _exact_first(residents: QuerySet[Resident], exact: Q, limit: int) -> list[Resident]:
    return list(residents.order_by(Case(When(exact, then=Value(0)), default=Value(1)), "-updated_at", "pk")[:limit])
