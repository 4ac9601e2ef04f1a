"""What was asked or decided and waits for somebody though no clock runs for it: nothing of it is forgotten.

A wish to withdraw, an apology or correction for the board, and what the director wants put right by a date. It stands
on the first page of whoever has to do it, until it is done.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import (
    BooleanField,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from cases.clocks import WARNING_SHARE
from cases.models import Part, TransferSlip
from cases.models.case import CaseQuerySet
from cases.vocabulary import HELD_SLIP_STATES, UNANSWERED, CaseState, PartRole, SlipKind
from complaints.models import Apology, ApologyKind, Sanction
from followups.posting import UNPUBLISHED, Posting, PostingKind, PostingState
from foundation import dates
from foundation.organization.models import Hall, Membership, Role, Staff
from web.case_filters import cases_of

SHOWN = 20
"""The dates first, then the oldest; what comes after them moves up as these are done."""
COLUMNS = ("what", "number", "title", "since", "by", "posting", "is_ones_own")
EVERYBODY, NOBODY = Q(pk__isnull=False), Q(pk__isnull=True)
TOLD = (CaseState.FOLLOW_UP, CaseState.ARCHIVED)
"""Before the resident was told, nothing about the matter hangs on the board."""
WORDS = {
    "wish": gettext_lazy("the resident asked to withdraw it, %(moment)s"),
    "undrafted": gettext_lazy("decided for the notice board, %(moment)s; nobody has drafted it yet"),
    PostingState.DRAFT: gettext_lazy("decided for the notice board, %(moment)s; the draft is not handed in yet"),
    PostingState.IN_REVIEW: gettext_lazy("decided for the notice board, %(moment)s; the posting waits to be reviewed"),
    "correction": gettext_lazy("to be put right, decided on %(moment)s"),
}
STEPS = {
    "wish": gettext_lazy("Answer the wish"),
    "undrafted": gettext_lazy("Draft for the board"),
    PostingState.DRAFT: gettext_lazy("Finish the draft"),
    PostingState.IN_REVIEW: gettext_lazy("Review"),
    "correction": gettext_lazy("Confirm that it was put right"),
}


@dataclass(frozen=True)
class Row:
    number: str
    title: str
    words: str
    by: date | None
    card: str
    step: str | Promise
    """Empty: it waits for somebody else; this reader sees to it that it is done."""
    url: str


def decided(hall: Hall, staff: Staff, now: datetime) -> list[Row]:
    """What waits for this person, in one query; who decides about a case is asked as cases.powers asks it."""
    cases = cases_of(hall, staff)
    reader = Reader(hall, staff)
    first, *others = [
        branch.values_list(*COLUMNS)
        for branch in (_wishes(cases, reader), *_public(cases, reader), _dated(cases, reader))
    ]
    rows = first.union(*others, all=True).order_by("by", "since", "number")[:SHOWN]
    return [_row(dict(zip(COLUMNS, values, strict=True)), now) for values in rows]


class Reader:
    """Whose step it is, as conditions on a case; whoever is barred from it does not see it to begin with."""

    def __init__(self, hall: Hall, staff: Staff) -> None:
        self.hall = hall
        self.staff = staff
        self.directs = self._directs()
        receives = staff.holds(Role.RECEPTIONIST, hall=hall)
        self.at_desk = EVERYBODY if receives else self.directs & self._lacks(Role.RECEPTIONIST)
        self.supervises = EVERYBODY if staff.holds(Role.SUPERVISOR, hall=hall) else NOBODY

    def decides_measures(self) -> Q:
        """Nobody does about what they looked into themselves."""
        return self._directs(PartRole.HANDLER) & ~Q(self._part(PartRole.HANDLER, self.staff, OuterRef("pk")))

    def heads_lead(self) -> Q:
        """The head of the department that looked into it."""
        leads = TransferSlip.objects.filter(
            case=OuterRef("pk"), round=OuterRef("round"), kind=SlipKind.LEAD, state__in=HELD_SLIP_STATES
        )
        headed = self.staff.department_ids(Role.HEAD)
        return Q(Exists(leads.filter(department__in=headed))) if headed else NOBODY

    def _directs(self, *unfit: PartRole) -> Q:
        """The director; where none is left, the supervisors of the street office, then those of the hall."""
        if self.staff.holds(Role.DIRECTOR, hall=self.hall):
            return EVERYBODY
        if not self.staff.holds(Role.SUPERVISOR, hall=self.hall):
            return NOBODY
        above = EVERYBODY if self.staff.sees_all_content else self._lacks(Role.SUPERVISOR, unfit, of_street=True)
        return self._lacks(Role.DIRECTOR, unfit) & above

    def _lacks(self, role: Role, unfit: Collection[PartRole] = (), *, of_street: bool = False) -> Q:
        """Nobody with this role is left who is not barred, nor has another part that forbids it."""
        holding = Membership.objects.filter(
            role=role, hall=None if of_street else self.hall, ended_at=None, staff__is_active=True
        )
        part = Exists(self._parts((PartRole.BARRED, *unfit), OuterRef("staff"), OuterRef(OuterRef("pk"))))
        return ~Q(Exists(holding.filter(~part)))

    def _part(self, role: PartRole, staff: Staff, case: OuterRef) -> Exists:
        return Exists(self._parts((role,), staff, case))

    def _parts(self, roles: Collection[PartRole], staff: Staff | OuterRef, case: OuterRef) -> QuerySet[Part]:
        return Part.objects.filter(case=case, staff=staff, role__in=roles, ended_at=None)


def _wishes(cases: CaseQuerySet, reader: Reader) -> QuerySet[Any]:
    """The desk speaks with the resident; about staff the supervisors make sure that the wish is free."""
    about_staff = Q(Exists(Part.objects.filter(case=OuterRef("pk"), role=PartRole.BARRED, ended_at=None)))
    waiting = cases.filter(withdrawal_asked_at__isnull=False, state__in=UNANSWERED)
    theirs = waiting.filter(about_staff & reader.supervises | ~about_staff & reader.at_desk)
    return _columns(theirs, "wish", F("withdrawal_asked_at"))


def _public(cases: CaseQuerySet, reader: Reader) -> list[QuerySet[Any]]:
    """What the hall says in public: the desk drafts it, whoever directs publishes it. The last decision holds."""
    later = Apology.objects.filter(case=OuterRef("case"), pk__gt=OuterRef("pk"))
    said = Posting.objects.filter(
        case=OuterRef("case"), kind=PostingKind.CORRECTION, published_at__gte=OuterRef("decided_at")
    )
    holding = Apology.objects.exclude(kind=ApologyKind.NONE).filter(~Exists(later))
    unsaid = holding.filter(~Exists(said), case__hall=reader.hall)
    # In review before draft, where there are two.
    postings = Posting.objects.filter(case=OuterRef("pk"), kind=PostingKind.CORRECTION, state__in=UNPUBLISHED)
    furthest = postings.order_by("-state", "-pk")
    waiting = cases.filter(pk__in=unsaid.values("case"), state__in=TOLD).annotate(
        posting=Subquery(furthest.values("pk")[:1]), posting_state=Subquery(furthest.values("state")[:1])
    )
    at = Subquery(holding.filter(case=OuterRef("pk")).values("decided_at")[:1])
    return [
        _columns(waiting.filter(reader.at_desk, posting_state=None), "undrafted", at),
        _columns(waiting.filter(reader.at_desk, posting_state=PostingState.DRAFT), PostingState.DRAFT, at),
        _columns(waiting.filter(reader.directs, posting_state=PostingState.IN_REVIEW), PostingState.IN_REVIEW, at),
    ]


def _dated(cases: CaseQuerySet, reader: Reader) -> QuerySet[Any]:
    """What is to be put right by a day: whoever decides about it confirms it, the department's head sees to it."""
    open_ones = Sanction.objects.filter(case=OuterRef("pk"), correct_by=OuterRef("correct_by"), correction=None)
    decides = reader.decides_measures()
    waiting = cases.filter(correct_by__isnull=False).filter(decides | reader.heads_lead())
    at = Subquery(open_ones.order_by("pk").values("decided_at")[:1])
    return _columns(waiting, "correction", at, by=F("correct_by"), is_ones_own=decides)


def _columns(
    cases: QuerySet[Any], what: str, since: Any, *, by: Any = None, is_ones_own: Q = EVERYBODY
) -> QuerySet[Any]:
    """The same columns whatever it is, so that all of it is one query."""
    if "posting" not in cases.query.annotations:
        cases = cases.annotate(posting=Value(None, output_field=Posting._meta.pk))
    columns: QuerySet[Any] = cases.order_by().annotate(
        what=Value(str(what)),
        since=since,
        by=by or Cast(Value(None), DateField()),
        is_ones_own=ExpressionWrapper(is_ones_own, output_field=BooleanField()),
    )
    return columns


def _row(found: dict[str, Any], now: datetime) -> Row:
    what, number, by = found["what"], found["number"], found["by"]
    if not found["is_ones_own"] or what == "wish":
        url = reverse("desk:case_detail", args=[number])
    elif what == "undrafted":
        url = f"{reverse('desk:board_draft', args=[number])}?kind={PostingKind.CORRECTION.value}"
    elif what == "correction":
        url = reverse("desk:case_verb", args=[number, "confirm_correction"])
    else:
        url = reverse("desk:board_detail", args=[found["posting"]])
    return Row(
        number=number,
        title=found["title"],
        words=str(WORDS[what]) % {"moment": dates.moment(found["since"])},
        by=by,
        card=_card(found["since"], by, now) if by else "",
        step=STEPS[what] if found["is_ones_own"] else "",
        url=url,
    )


def _card(since: datetime, by: date, now: datetime) -> str:
    """As the clocks give them: red once the day is over, yellow when three quarters of the time are gone."""
    first, today = timezone.localtime(since).date(), timezone.localtime(now).date()
    if today > by:
        return "red"
    return "yellow" if today >= first + (by - first) * WARNING_SHARE else ""
