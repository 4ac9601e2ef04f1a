"""Where receptionists and directors begin: what to do first, the matters they met first, and the day in figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases.models import Case, CaseDeadline, TransferSlip
from cases.models.case import CaseQuerySet
from cases.vocabulary import CaseState, Route, SlipKind, SlipState
from foundation import dates
from foundation.deadlines.models import ClockKind
from foundation.deadlines.terms import calendar_for
from foundation.ledger.models import Entry
from foundation.notifications.reading import inbox
from foundation.organization.duty import on_duty
from foundation.organization.models import Hall, Membership, Role, Staff
from web.access import StaffRequest, roles_required
from web.case_filters import PERIODS, Day, cases_of, for_rows, identity_known, shown_name, with_card
from web.decided import decided
from web.desk.story import TITLES
from web.desk.verbs import Verb
from web.desk.waiting import (
    asks_shelving,
    nearest_of_each_case,
    next_on_case,
    next_on_slip,
    waiting_cases,
    waiting_clocks,
    waits_for_others,
)
from web.figures import count_all, in_words

FIRST, OWN = 8, 6
"""Rows of the two lists; the rest is one press away."""
CLOCKS_READ = 8 * FIRST
"""Several clocks of one case make one row, so more of them are read than rows are shown."""
ALERTS = 4
NOT_WORTH_TELLING = ("clock.alerted", "clock.moved", "resident.revealed", "case.person_barred")
"""Entries of the record that say nothing about how far a matter has come."""


@dataclass(frozen=True)
class WaitingRow:
    clock: CaseDeadline
    case: Case
    who: str | Promise
    last: str
    verb: Verb | None
    url: str


@dataclass(frozen=True)
class OwnRow:
    case: Case
    stage: str
    who: str
    kind: str | Promise
    card: str


@dataclass(frozen=True)
class Figure:
    label: str | Promise
    count: str
    url: str
    is_alarming: bool = False


@require_safe
@roles_required(Role.RECEPTIONIST, Role.DIRECTOR)
def home(request: StaffRequest) -> HttpResponse:
    hall, staff, now = request.hall, request.user, timezone.now()
    cases = cases_of(hall, staff)
    own = cases.open().filter(first_contact_owner=staff)
    day = Day.of(hall, now)
    lists = {
        "waiting": waiting_cases(hall, staff, now),
        "own": own,
        **{name: cases.filter(PERIODS[name][1](day)) for name in ("today", "answered_today", "transferred_today")},
        "red": cases.filter(with_card("red", now)),
    }
    counts = count_all(lists)
    present = on_duty(hall, now)
    return render(
        request,
        "desk/home.html",
        {
            "now": now,
            "greeting": _greeting(staff, now),
            "today": _today(hall, staff, present, now),
            "rows": _waiting_rows(hall, staff, now),
            "waiting_count": in_words(counts["waiting"]),
            "decided": decided(hall, staff, now),
            "own_rows": _own_rows(own, staff, now),
            "own_count": in_words(counts["own"]),
            "figures": _figures(counts),
            "alerts": list(inbox(staff)[:ALERTS]),
        },
    )


def _greeting(staff: Staff, now: datetime) -> str:
    hour = timezone.localtime(now).hour
    if hour < 12:
        return _("Good morning, %(name)s") % {"name": staff.name}
    if hour < 18:
        return _("Good afternoon, %(name)s") % {"name": staff.name}
    return _("Good evening, %(name)s") % {"name": staff.name}


def _today(hall: Hall, staff: Staff, present: Sequence[Staff], now: datetime) -> list[str]:
    """The date, whether the hall works, who is on duty, and until when it is open."""
    calendar = calendar_for(hall)
    today = timezone.localtime(now).date()
    words = [
        date_format(today, "DATE_FORMAT"),
        date_format(today, "l"),
        _("working day") if calendar.is_working(today) else _("no working day"),
    ]
    names = [_("you") if person == staff else person.name for person in present]
    words.append(_("on duty: %(names)s") % {"names": _(", ").join(names)} if names else _("nobody is on duty"))
    closing = calendar.closing(today)
    if closing is not None and now < closing:
        until = timezone.localtime(closing).strftime("%H:%M")
        if calendar.is_open(now):
            words.append(_("open until %(time)s") % {"time": until})
        else:
            opens = timezone.localtime(calendar.next_opening(now)).strftime("%H:%M")
            words.append(_("open from %(opens)s until %(time)s") % {"opens": opens, "time": until})
    else:
        words.append(_("closed now"))
    return words


def _waiting_rows(hall: Hall, staff: Staff, now: datetime) -> list[WaitingRow]:
    receptionists = Membership.objects.filter(hall=hall, role=Role.RECEPTIONIST, ended_at=None, staff__is_active=True)
    clocks: QuerySet[Any] = (
        waiting_clocks(hall, staff, now)
        .select_related("case__resident", "slip__department")
        .defer("case__search")
        .annotate(
            is_name_known=Exists(Case.objects.filter(identity_known(staff), pk=OuterRef("case"))),
            has_receptionist=Exists(receptionists),
            was_returned=Exists(TransferSlip.objects.filter(case=OuterRef("case"), state=SlipState.RETURNED)),
            others_at_work=waits_for_others("slip"),
            asks_shelving=asks_shelving(staff),
            is_to_confirm=Q(kind=ClockKind.CONFIRM),
        )
        # A complaint is read back to who lodged it before anybody decides where it goes; both are due at the same time.
        .order_by("due_at", "-is_to_confirm", "pk")[:CLOCKS_READ]
    )
    shown = nearest_of_each_case(clocks, FIRST)
    last = _last_entries([clock.case.chain_id for clock in shown])
    receives, directs = staff.holds(Role.RECEPTIONIST, hall=hall), staff.holds(Role.DIRECTOR, hall=hall)
    return [
        _waiting_row(clock, staff, last, receives=receives or not clock.has_receptionist, directs=directs)
        for clock in shown
    ]


def _waiting_row(clock: Any, staff: Staff, last: dict[int, str], *, receives: bool, directs: bool) -> WaitingRow:
    case, slip = clock.case, clock.slip
    url = reverse("desk:case_detail", args=[case.number])
    if slip is not None:
        slip.case = case
        verb = next_on_slip(
            slip,
            staff,
            receives=receives,
            directs=directs,
            kind=clock.kind,
            others_at_work=clock.others_at_work,
            asks_pause=directs and clock.asks_shelving,
        )
        if verb is not None:
            url = reverse("desk:slip_verb", args=[slip.pk, verb.name])
    else:
        verb = next_on_case(case, clock.kind, receives=receives, directs=directs, was_returned=clock.was_returned)
        if verb is not None:
            url = reverse("desk:case_verb", args=[case.number, verb.name])
    return WaitingRow(
        clock=clock,
        case=case,
        who=shown_name(case, is_known=clock.is_name_known),
        last=last.get(case.chain_id, ""),
        verb=verb,
        url=url,
    )


def _last_entries(chain_ids: list[int]) -> dict[int, str]:
    """What happened last in each record, in a few words: who, what, when."""
    entries = (
        Entry.objects.filter(chain__in=chain_ids)
        .exclude(kind__in=NOT_WORTH_TELLING)
        .select_related("actor")
        .order_by("chain", "-seq")
        .distinct("chain")
    )
    return {entry.chain_id: _in_a_few_words(entry) for entry in entries}


def _in_a_few_words(entry: Entry) -> str:
    department = str(entry.data.get("department") or "") if entry.kind.startswith("slip.") else ""
    who = department or (entry.actor.name if entry.actor else _("the program"))
    when = dates.moment(entry.happened_at)
    return _("%(who)s %(what)s, %(when)s") % {"who": who, "what": TITLES.get(entry.kind, entry.kind), "when": when}


def _own_rows(own: CaseQuerySet, staff: Staff, now: datetime) -> list[OwnRow]:
    lead = TransferSlip.objects.filter(case=OuterRef("pk"), round=OuterRef("round"), kind=SlipKind.LEAD).exclude(
        state__in=[SlipState.RETURNED, SlipState.RECALLED]
    )
    rows = for_rows(own, staff).annotate(lead_state=Subquery(lead.values("state")[:1]))
    return [_own_row(case, now) for case in _soonest(rows)]


def _soonest(rows: QuerySet[Case]) -> list[Case]:
    return list(rows.order_by("next_due_at", "pk")[:OWN])


def _own_row(case: Any, now: datetime) -> OwnRow:
    stage = str(CaseState(case.state).label)
    if case.route == Route.COORDINATED and case.state == CaseState.TRANSFERRED:
        stage = str(Route.COORDINATED.label)
    begun = {
        CaseState.REGISTERED: case.registered_at,
        CaseState.ACCEPTED: case.accepted_at,
        CaseState.TRANSFERRED: case.transferred_at,
        CaseState.FEEDBACK: case.feedback_at,
        CaseState.FOLLOW_UP: case.informed_at,
    }[CaseState(case.state)]
    days = (timezone.localtime(now).date() - timezone.localtime(begun or case.registered_at).date()).days + 1
    stage = _("%(stage)s · day %(day)d") % {"stage": stage, "day": days}
    if case.round > 1:
        stage = _("%(stage)s · round %(round)d") % {"stage": stage, "round": case.round}
    names = [one.name for one in (case.responsible_department, case.responsible_staff) if one is not None]
    if case.state == CaseState.TRANSFERRED and case.lead_state:
        names.append(str(SlipState(case.lead_state).label))
    card = ""
    if case.next_due_at is not None:
        warned = case.clock_warn_at is not None and now >= case.clock_warn_at
        card = "red" if now >= case.next_due_at else "yellow" if warned else ""
    elif case.paused_since is not None:
        card = "paused"
    return OwnRow(
        case=case,
        stage=stage,
        who=" ".join(names),
        kind=ClockKind(case.clock_kind).label if case.clock_kind else "",
        card=card,
    )


def _figures(counts: dict[str, int]) -> list[Figure]:
    """Each links to the list behind it, which counts with the same condition."""
    at = reverse("desk:case_list")
    return [
        Figure(gettext_lazy("registered today"), in_words(counts["today"]), f"{at}?period=today"),
        Figure(
            gettext_lazy("answered on the spot today"),
            in_words(counts["answered_today"]),
            f"{at}?period=answered_today",
        ),
        Figure(
            gettext_lazy("transferred today"), in_words(counts["transferred_today"]), f"{at}?period=transferred_today"
        ),
        Figure(gettext_lazy("overdue"), in_words(counts["red"]), f"{at}?card=red", bool(counts["red"])),
    ]
