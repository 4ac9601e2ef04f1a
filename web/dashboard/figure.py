"""A number with its words and the list of cases behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode

from cases.days import Span
from cases.models import Part
from cases.vocabulary import PartRole
from foundation.organization.models import Role, Staff
from web.access import StaffRequest
from web.dashboard.figure_filters import FIGURES

Words = str | Promise


@dataclass(frozen=True)
class Figure:
    label: Words
    count: int
    url: str
    """Empty for who sees figures only."""


@dataclass(frozen=True)
class Share:
    """A rate with the numbers it comes from; without a base there is none."""

    part: int
    base: int

    @property
    def percent(self) -> float | None:
        return 100 * self.part / self.base if self.base else None


@dataclass(frozen=True)
class Reader:
    """Who reads a page of figures, about which days; builds figures that open their lists."""

    staff: Staff
    sees_cases: bool
    span: Span

    @classmethod
    def of(cls, request: StaffRequest, span: Span) -> Reader:
        return cls(request.user, request.user.holds(Role.SUPERVISOR, Role.DIRECTOR, hall=request.hall), span)

    def url(self, **filters: str) -> str:
        return f"{reverse('desk:case_list')}?{urlencode(filters)}" if self.sees_cases else ""

    def figure(self, name: str, count: int, **part: object) -> Figure:
        """One of web.dashboard.figure_filters for the days of the page; part: kind, unit, topic or person."""
        asked = {name: str(value) for name, value in part.items()}
        return Figure(FIGURES[name][0], count, self.url(figure=name, days=self.span.parameter, **asked))

    def figures(self, counts: Mapping[str, int], *names: str, **part: object) -> list[Figure]:
        return [self.figure(name, counts[name], **part) for name in names]

    def not_barred(self, case: str = "case") -> Q:
        """Rows whose case this person is not barred from: whoever a complaint is about finds it in no figure."""
        barred = Part.objects.filter(case=OuterRef(case), staff=self.staff, role=PartRole.BARRED, ended_at=None)
        return ~Q(Exists(barred))
