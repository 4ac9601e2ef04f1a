"""The administrator's pages for a hall's time. They show only what is theirs and change it through the actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.deadlines import actions, forms
from foundation.deadlines.models import AnnouncedYear, CalendarDay, LadderStep, Term
from foundation.organization.administration import HallScopedAdmin, administered_halls, administrator
from foundation.organization.models import OpeningHours
from foundation.refusals import Refused

FROM_NOW_ON = _(
    "What you change here holds for time limits that start from now on. "
    "Those that run already keep the dates they have."
)
RUNNING_TOO = _(
    "What you change here reaches running time limits within a minute or two: they are computed anew, whoever is "
    "responsible is told, and each that moved is listed under “Moved time limits”."
)
ALERTS_TOO = _(
    "What you change here reaches running time limits within a minute or two: their next alerts are planned anew. "
    "What has been alerted already is not repeated."
)


class HallRowAdmin(HallScopedAdmin[Any]):
    # The forms hold it fast themselves: a field that is only shown would be left out of "once in a hall".
    fixed_after_adding = ()
    add_action: ClassVar[Callable[..., models.Model]]
    change_action: ClassVar[Callable[..., models.Model] | None] = None
    remove_action: ClassVar[Callable[..., None]]
    row_id: ClassVar[str]
    """What the actions call the row's id."""
    explanation = RUNNING_TOO
    change_list_template = "deadlines/administration_list.html"
    list_filter: ClassVar[tuple[str, ...]] = ("hall",)

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        return [(None, {"fields": self.get_fields(request, obj), "description": self.explanation})]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        halls = list(administered_halls(administrator(request))[:2])
        return {"hall": halls[0].pk if len(halls) == 1 else None, **super().get_changeform_initial_data(request)}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.change_action is not None and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        fields = {name: form.cleaned_data[name] for name in form.cleaned_data if name != "hall"}
        common = {"actor": administrator(request), "now": timezone.now()}
        if change:
            saved = type(self).change_action(**{self.row_id: obj.pk}, **common, **fields)  # type: ignore[misc]
        else:
            saved = type(self).add_action(hall=form.cleaned_data["hall"], **common, **fields)
        obj.pk = saved.pk

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        type(self).remove_action(**{self.row_id: obj.pk}, actor=administrator(request), now=timezone.now())

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._told(request, lambda: super(HallRowAdmin, self).changeform_view(request, *args, **kwargs))

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._told(request, lambda: super(HallRowAdmin, self).delete_view(request, *args, **kwargs))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"explanation": self.explanation, **(extra_context or {})}
        return self._told(request, lambda: super(HallRowAdmin, self).changelist_view(request, context))

    def _told(self, request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
        """The form has checked what it can; what only the action notices (somebody was faster) is said on the page."""
        try:
            return view()
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


@admin.register(Term)
class TermAdmin(HallRowAdmin):
    form = forms.TermForm
    explanation = FROM_NOW_ON
    add_action = staticmethod(actions.add_term)
    change_action = staticmethod(actions.change_term)
    remove_action = staticmethod(actions.remove_term)
    row_id = "term_id"
    list_display = [
        "kind",
        "variant",
        "category",
        "nature",
        "urgency",
        "length",
        "unit",
        "warning_lead_minutes",
        "hall",
    ]
    list_filter = ("hall", "kind", "nature", "urgency")
    list_select_related = ["hall", "category__parent"]


@admin.register(CalendarDay)
class CalendarDayAdmin(HallRowAdmin):
    form = forms.CalendarDayForm
    add_action = staticmethod(actions.add_calendar_day)
    change_action = staticmethod(actions.change_calendar_day)
    remove_action = staticmethod(actions.remove_calendar_day)
    row_id = "day_id"
    list_display = ["date", "kind", "name", "opens", "closes", "hall"]
    list_filter = ("hall", "kind")
    date_hierarchy = "date"


@admin.register(AnnouncedYear)
class AnnouncedYearAdmin(HallRowAdmin):
    form = forms.AnnouncedYearForm
    add_action = staticmethod(actions.announce_year)
    remove_action = staticmethod(actions.withdraw_year)
    row_id = "announced_id"
    list_display = ["year", "hall"]
    explanation = _(
        "The program brings the holidays and make-up workdays of the years it knows. For a later year, enter them as "
        "calendar days and then mark the year here; until then its time limits are called provisional. Running time "
        "limits are computed anew within a minute or two."
    )


@admin.register(LadderStep)
class LadderStepAdmin(HallRowAdmin):
    form = forms.LadderStepForm
    explanation = ALERTS_TOO
    add_action = staticmethod(actions.add_ladder_step)
    change_action = staticmethod(actions.change_ladder_step)
    remove_action = staticmethod(actions.remove_ladder_step)
    row_id = "step_id"
    list_display = ["position", "anchor", "offset_length", "offset_unit", "audience", "card", "hall"]


@admin.register(OpeningHours)
class OpeningHoursAdmin(HallRowAdmin):
    form = forms.OpeningHoursForm
    add_action = staticmethod(actions.add_opening_hours)
    change_action = staticmethod(actions.change_opening_hours)
    remove_action = staticmethod(actions.remove_opening_hours)
    row_id = "hours_id"
    list_display = ["weekday", "opens", "closes", "hall"]
