"""Finds, in whatever data there is, somebody to open a page and the row it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache, cached_property
from typing import Any

from django.apps import apps
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from cases.models import Attachment, Case, CaseDeadline, MovedClock, Recomputation, TransferSlip
from cases.powers import follow_up_level
from cases.vocabulary import OPEN_SLIP_STATES, CaseState
from complaints.models import Hearing
from followups.links import link_for
from followups.posting import Posting
from foundation.organization.models import Hall, Role, Staff
from reception.models import Identity
from tests.pages.old_registers import export, old_register
from web.desk.papers.table import BY_NAME, sheets_of
from web.desk.verbs import CASE_VERBS, SLIP_VERBS, Verb, offered
from web.desk.verbs.follow_up import SECOND_LOOK
from web.portal.sent import address_of

NOBODY = ""
OUTSIDE = "street"
"""A supervisor of the street office, over all halls."""


@dataclass(frozen=True)
class Place:
    address: str
    staff: Staff | None
    fill: dict[str, str] = field(default_factory=dict)
    """What is typed into which field after the page has opened."""
    presses: bool = False
    """Whether the form is sent after that."""
    then: str = ""
    """What is pressed on the page that appears, as a CSS selector: a page reached from no other address."""
    awaits: str = ""
    """What appears then, as a CSS selector."""


class Scene:
    """A hall, and the pages of its people."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall

    @cache  # noqa: B019 - a scene lives as long as the program
    def person(self, role: str) -> Staff | None:
        """Who holds the role and has most to do with it."""
        if role == NOBODY:
            return None
        if role == OUTSIDE:
            return Staff.objects.holding(Role.SUPERVISOR).order_by("pk")[0]
        place = "department" if role in (Role.HANDLER, Role.HEAD) else "hall"
        here = {f"memberships__{place}__hall" if place == "department" else "memberships__hall": self.hall}
        held = Staff.objects.filter(memberships__role=role, memberships__ended_at=None, is_active=True, **here)
        weight: Any = Count("first_contact_cases", distinct=True)
        if role == Role.HANDLER:
            weight = Count("handled_slips", distinct=True)
        if role == Role.HEAD:
            weight = Count(
                "memberships__department__slips",
                filter=Q(memberships__department__slips__state__in=OPEN_SLIP_STATES),
                distinct=True,
            )
        return held.annotate(weight=weight).order_by("-weight", "pk")[0]

    def place(
        self, url: str, staff: Staff | None, *arguments: object, query: str = "", fill: dict[str, str] | None = None
    ) -> Place:
        address = reverse(url, args=arguments)
        return Place(f"{address}?{query}" if query else address, staff, fill or {})

    def address(self, address: str, role: str) -> Place:
        return Place(address, self.person(role))

    def case(self, url: str, role: str, **filters: object) -> Place | None:
        """The case with most to show."""
        staff = self.person(role)
        assert staff is not None
        seen = Case.objects.visible_to(staff).filter(hall=self.hall, **filters)
        case = seen.annotate(length=Count("chain__entries", distinct=True)).order_by("-length", "-pk").first()
        return self.place(url, staff, case.number) if case else None

    def case_with_files(self) -> Place | None:
        held = Attachment.objects.filter(case__hall=self.hall).exclude(kind="signature")
        file = held.order_by("-pk").first()
        return self.place("desk:case_detail", self.person(Role.DIRECTOR), file.case.number) if file else None

    def adding_files(self) -> Place | None:
        case = Case.objects.filter(hall=self.hall, state=CaseState.ACCEPTED).first()
        return self.place("desk:case_verb", self.person(Role.RECEPTIONIST), case.number, "files") if case else None

    def slip(self, url: str) -> Place | None:
        slip = TransferSlip.objects.filter(hall=self.hall, state="reported").order_by("-pk").first()
        return self.place(url, self.person(Role.DIRECTOR), slip.pk) if slip else None

    def paper(self, name: str) -> Place | None:
        """The newest sheet of it that the director prints."""
        director = self.person(Role.DIRECTOR)
        assert director is not None
        cases = Case.objects.visible_to(director).filter(hall=self.hall).order_by("-identity", "-pk")
        sheets = sheets_of(BY_NAME[name], cases.select_related("hall"), director)
        return Place(sheets[0].url, director) if sheets else None

    def selection(self) -> Place | None:
        """Two receipts at once."""
        cases = Case.objects.filter(hall=self.hall, accepted_at__isnull=False).order_by("-pk")[:2]
        numbers = "&".join(f"case={case.number}" for case in cases)
        return self.place("desk:print_selection", self.person(Role.DIRECTOR), query=f"paper=receipt&{numbers}")

    def clock(self) -> Place | None:
        """One with the longest explanation: the promise."""
        clock = CaseDeadline.objects.filter(hall=self.hall, kind="promise", slip=None).order_by("-due_at").first()
        return self.place("desk:clock_detail", self.person(Role.RECEPTIONIST), clock.pk) if clock else None

    def somebody_known(self, url: str) -> Place | None:
        """The register page on which a returning resident was found by four digits, and their matter told again."""
        case = Case.objects.filter(hall=self.hall, identity=Identity.NAMED, state=CaseState.TRANSFERRED).first()
        if case is None or case.resident is None:
            return None
        visit = case.case_visits.all()[0].visit
        fill = {"name": case.resident.masked_phone[-4:], "matter": visit.matter}
        return replace(self.place(url, self.person(Role.RECEPTIONIST), fill=fill), awaits="#similar .found")

    def follow_up(self, identity: str) -> Place | None:
        waiting = Case.objects.filter(hall=self.hall, state=CaseState.FOLLOW_UP, identity=identity)
        for case in waiting.annotate(tried=Count("follow_up_attempts")).order_by("-tried", "pk"):
            for staff in self.people:
                if follow_up_level(case, staff) is not None:
                    return self.place("desk:follow_up", staff, case.number)
        return None

    def status(self, identity: str = Identity.NAMED, *, shown: bool = False) -> Place | None:
        case = self.tracked(identity, CaseState.FOLLOW_UP)
        if case is None:
            return None
        place = self.place("portal:status", None, self.hall.code, case.tracking_code)
        if not shown:
            return place
        return replace(place, fill={"digits": _digits(case)} if case.resident else {}, presses=True)

    def track(self, then: str = "") -> Place | None:
        """What a department works on; then: the button pressed on its page."""
        case = self.tracked(Identity.NAMED, CaseState.TRANSFERRED)
        if case is None:
            return None
        fill = {"code": case.tracking_code, "digits": _digits(case)}
        return replace(self.place("portal:track", None, self.hall.code, fill=fill), presses=True, then=then)

    def tracked(self, identity: str, state: str) -> Case | None:
        """One that can be looked up: by its telephone, or by the code alone."""
        cases = Case.objects.filter(hall=self.hall, identity=identity, state=state)
        return (cases.exclude(resident__phone_sealed=None) if identity == Identity.NAMED else cases).first()

    def receipt(self) -> Place | None:
        case = Case.objects.filter(hall=self.hall, identity=Identity.NAMED, nature="complaint").first()
        return Place(address_of(self.hall, case.pk), None) if case else None

    def second_look(self) -> Place | None:
        director = self.person(Role.DIRECTOR)
        assert director is not None
        archived = Case.objects.visible_to(director).filter(hall=self.hall, state=CaseState.ARCHIVED, identity="named")
        return next(
            (
                self.place("desk:second_look", director, case.number)
                for case in archived.order_by("-closed_at")
                if SECOND_LOOK in offered(case, director, [SECOND_LOOK])
            ),
            None,
        )

    def link(self) -> Place | None:
        case = Case.objects.filter(hall=self.hall, identity=Identity.NAMED, state=CaseState.FOLLOW_UP).first()
        return Place(link_for(case, now=timezone.now()).path, None) if case else None

    def hearing(self) -> Place | None:
        """As the person sees it who is asked for a written account."""
        waiting = Hearing.objects.filter(case__hall=self.hall, accounted_at=None, not_heard_because="")
        hearing = waiting.filter(case__state=CaseState.TRANSFERRED).select_related("staff").order_by("-pk").first()
        return self.place("desk:hearing_detail", hearing.staff, hearing.public_id) if hearing else None

    def hearings(self) -> Place | None:
        hearing = self.hearing()
        return self.place("desk:hearing_list", hearing.staff) if hearing else None

    def old_register(self, stage: str) -> Place:
        job = old_register(self.hall, stage)
        return self.place("desk:import_detail", self.person(Role.DIRECTOR), job.public_id)

    def export(self, stage: str) -> Place:
        job = export(self.hall, stage)
        return self.place("desk:export_detail", job.asked_by, job.public_id)

    def posting(self, state: str, role: str = Role.DIRECTOR, url: str = "desk:board_detail") -> Place | None:
        found = Posting.objects.filter(hall=self.hall, state=state).order_by("-case", "-pk").first()
        return self.place(url, self.person(role), found.pk) if found else None

    def public_posting(self) -> Place | None:
        """One that came from a case has most to show."""
        found = Posting.objects.filter(hall=self.hall, state="published").order_by("raised", "pk").last()
        return self.place("portal:posting", None, self.hall.code, found.pk) if found else None

    def recomputation(self) -> Place | None:
        """A holiday entered afterwards, as the worker finds it; the demonstration may have none of its own."""
        moved = MovedClock.objects.filter(clock__hall=self.hall).first()
        if moved is None:
            clocks = list(CaseDeadline.objects.filter(hall=self.hall).order_by("-pk")[:3])
            change = Recomputation.objects.create(
                hall=self.hall, at=timezone.now(), calendar_version="-", looked_at=len(clocks)
            )
            for clock in clocks:
                moved = MovedClock.objects.create(
                    recomputation=change, clock=clock, was_due_at=clock.due_at, due_at=clock.due_at + timedelta(days=1)
                )
        if moved is None:
            return None
        return self.place("desk:recomputation_detail", self.person(Role.DIRECTOR), moved.recomputation_id)

    def administered(self, model: str) -> Place | None:
        row = apps.get_model(model.replace("_", ".", 1))._default_manager.all()
        if model == "organization_hall":
            row = row.filter(pk=self.hall.pk)
        elif model == "organization_staff":
            row = row.filter(memberships__hall=self.hall)
        else:
            row = row.filter(hall=self.hall)
        first = row.first()
        return self.place(f"admin:{model}_change", self.person(Role.ADMINISTRATOR), first.pk) if first else None

    @cached_property
    def people(self) -> list[Staff]:
        here = Q(memberships__hall=self.hall) | Q(memberships__department__hall=self.hall)
        return list(Staff.objects.filter(here, is_active=True).distinct().order_by("pk"))

    def offering(self, verb: Verb, kind: str) -> Place | None:
        """kind: of what, a case or a slip; some verbs are both's."""
        return self._offered.get(verb.name if kind == "case" else f"slip {verb.name}")

    @cached_property
    def _offered(self) -> dict[str, Place]:
        """Somebody and a row for every verb; one walk over the newest rows, until all are found."""
        places: dict[str, Place] = {}
        wanted = {verb.name for verb in CASE_VERBS} | {f"slip {verb.name}" for verb in SLIP_VERBS}
        for subject, staff, names in self._offers():
            for name in names - places.keys():
                url = "desk:slip_verb" if isinstance(subject, TransferSlip) else "desk:case_verb"
                key = subject.pk if isinstance(subject, TransferSlip) else subject.number
                places[name] = self.place(url, staff, key, name.removeprefix("slip "))
            if wanted <= places.keys():
                break
        return places

    def _offers(self) -> Iterator[tuple[Case | TransferSlip, Staff, set[str]]]:
        # A named resident makes the fuller page.
        cases = Case.objects.filter(hall=self.hall).select_related("hall", "category").order_by("-identity", "-pk")
        for state in CaseState.values:
            for case in cases.filter(state=state)[:30]:
                for staff in self.people:
                    if Case.objects.visible_to(staff).filter(pk=case.pk).exists():
                        yield case, staff, {verb.name for verb in offered(case, staff, CASE_VERBS)}
        slips = TransferSlip.objects.filter(hall=self.hall).select_related("department", "hall", "handler", "case")
        for slip_state in OPEN_SLIP_STATES:
            for slip in slips.filter(state=slip_state).order_by("-pk")[:30]:
                for staff in self.people:
                    if TransferSlip.objects.visible_to(staff).filter(pk=slip.pk).exists():
                        yield slip, staff, {f"slip {verb.name}" for verb in offered(slip, staff, SLIP_VERBS)}


def scenes() -> list[Scene]:
    """The halls with cases, that with most first; the others stand in for what it has no example of."""
    halls = Hall.objects.annotate(size=Count("cases")).filter(size__gt=0).order_by("-size")
    return [Scene(hall) for hall in halls]


def _digits(case: Case) -> str:
    assert case.resident is not None
    return case.resident.masked_phone[-4:]
