"""An old register comes in: its columns are named over a preview, it is tried, begun, watched, and mended."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from cases.vocabulary import Nature
from foundation.organization.models import Category, Hall, Role, Staff
from foundation.refusals import Refused
from reception.models import Channel
from records.importing import reading
from records.importing.actions import Head, Setting, discard, hand_in, head_of, registrars, set_up
from records.importing.job import opened
from records.importing.mapping import FIELDS
from records.importing.mending import to_mend
from records.models import ImportJob, ImportState
from web.access import StaffRequest, roles_required
from web.desk.register_form import CategorySelect
from web.desk.same_hall import check_hall
from web.desk.verbs.case import categories_of

LISTED = 20
FAULTS_SHOWN = 50
TYPES = {reading.CSV: "text/csv; charset=utf-8", reading.XLSX: reading.XLSX_TYPE}


class HandInForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("The register"),
        help_text=gettext_lazy(
            "CSV or Excel (.xlsx), at most 20 MB and 20,000 rows; the first row holds the headings."
        ),
        widget=forms.ClearableFileInput(
            attrs={"accept": ".csv,.xlsx", "data-max-files": "1", "data-max-bytes": str(reading.LARGEST_FILE)}
        ),
        max_length=200,
    )


class SetUpForm(forms.Form):
    """What each column is, and what holds for rows that do not say."""

    use_required_attribute = False

    actor = forms.TypedChoiceField(
        label=gettext_lazy("Who registers the matters"),
        help_text=gettext_lazy("This name stands in the record of every case; first contact too, where none is given."),
    )
    nature = forms.ChoiceField(label=gettext_lazy("Kind of matter, where none is given"), choices=Nature.choices)
    channel = forms.ChoiceField(label=gettext_lazy("By which door, where none is given"), choices=Channel.choices)
    suggests = forms.BooleanField(
        label=gettext_lazy("Rows without a category of ours get the one that similar cases have"), required=False
    )
    category: Any = forms.ModelChoiceField(
        label=gettext_lazy("Otherwise this category"),
        queryset=Category.objects.none(),
        required=False,
        empty_label=gettext_lazy("none: such rows are to be mended"),
        widget=CategorySelect,
    )

    def __init__(self, *args: Any, hall: Hall, head: Head, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.head = head
        people = {str(person.pk): person for person in registrars(hall)}
        actor: Any = self.fields["actor"]
        actor.choices = [(key, person.name) for key, person in people.items()]
        actor.coerce = people.__getitem__
        category: Any = self.fields["category"]
        category.queryset = categories_of(hall.pk)
        for place, heading in enumerate(head.headings):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=heading or _("column %(number)d") % {"number": place + 1},
                choices=[("", gettext_lazy("left out")), *FIELDS.items()],
                required=False,
            )

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[f"column_{place}"] for place in range(len(self.head.headings))]

    @property
    def others(self) -> list[forms.BoundField]:
        return [self[name] for name in ("actor", "nature", "channel", "suggests", "category")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        mapping: dict[str, int] = {}
        for place in range(len(self.head.headings)):
            field = data.get(f"column_{place}", "")
            if field and field in mapping:
                self.add_error(
                    f"column_{place}",
                    _("“%(field)s” is chosen for two columns.") % {"field": FIELDS[field]},
                )
            elif field:
                mapping[field] = place
        data["mapping"] = mapping
        return data

    def refuse(self, refusal: Refused) -> None:
        """At the field it is about, if that is one of the page; else above."""
        mapping = self.cleaned_data.get("mapping", {})
        field = refusal.field or ""
        if field in mapping:
            field = f"column_{mapping[field]}"
        self.add_error(field if field in self.fields else None, str(refusal))

    def setting(self) -> Setting:
        data = self.cleaned_data
        names = ("actor", "mapping", "nature", "channel", "category", "suggests")
        return Setting(**{name: data[name] for name in names})


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.DIRECTOR)
def import_list(request: StaffRequest) -> HttpResponse:
    form = HandInForm()
    if request.method == "POST":
        form = HandInForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                check_hall(request)
                job = hand_in(
                    hall=request.hall, asked_by=request.user, file=file.file, name=file.name, now=timezone.now()
                )
            except Refused as refusal:
                form.add_error("file", str(refusal))
            else:
                return redirect("desk:import_detail", job.public_id)
    jobs = ImportJob.objects.visible_to(request.user).filter(hall=request.hall).select_related("asked_by")
    return render(
        request,
        "desk/import_list.html",
        {"form": form, "jobs": list(jobs.order_by("-created_at", "-pk")[:LISTED])},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.DIRECTOR)
def import_detail(request: StaffRequest, public_id: uuid.UUID) -> HttpResponse:
    job = _job(request, public_id)
    if request.method == "POST":
        return _pressed(request, job)
    return _draw(request, job, None)


@require_GET
@roles_required(Role.DIRECTOR)
def import_progress(request: StaffRequest, public_id: uuid.UUID) -> HttpResponse:
    """Asked for by the page itself while a worker is at it; when it is done, the page is drawn anew."""
    job = _job(request, public_id)
    if not job.is_at_work:
        return HttpResponseClientRefresh()
    return render(request, "desk/import_progress.html", {"job": job})


@require_GET
@roles_required(Role.DIRECTOR)
def import_to_mend(request: StaffRequest, public_id: uuid.UUID) -> HttpResponse:
    """The rows that did not come in, as a file of the same columns and the reason."""
    job = _job(request, public_id)
    try:
        content, kind = to_mend(job)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:import_detail", job.public_id)
    response = HttpResponse(content, content_type=TYPES[kind])
    name = f"{job.name.rpartition('.')[0] or job.name}-{_('to mend')}.{kind}"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _job(request: StaffRequest, public_id: uuid.UUID) -> ImportJob:
    jobs = ImportJob.objects.visible_to(request.user).filter(hall=request.hall)
    return get_object_or_404(jobs.select_related("hall", "asked_by", "actor", "category"), public_id=public_id)


def _pressed(request: StaffRequest, job: ImportJob) -> HttpResponse:
    pressed, now = request.POST.get("do", ""), timezone.now()
    try:
        if pressed == "discard":
            discard(job_id=job.pk, asked_by=request.user, now=now)
            messages.success(request, _("The file is thrown away; nothing of it came in."))
            return redirect("desk:import_list")
        form = SetUpForm(request.POST, hall=request.hall, head=_head(job))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:import_detail", job.public_id)
    if pressed not in ("check", "start"):
        form.add_error(None, _("Choose below what is to happen with the register."))
    if form.is_valid():
        try:
            set_up(job_id=job.pk, asked_by=request.user, setting=form.setting(), now=now, begins=pressed == "start")
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("desk:import_detail", job.public_id)
    return _draw(request, job, form)


def _head(job: ImportJob) -> Head:
    with opened(job) as file:
        return head_of(file)


def _draw(request: StaffRequest, job: ImportJob, form: SetUpForm | None) -> HttpResponse:
    page: dict[str, Any] = {"job": job, "refused": form is not None}
    if job.state in (ImportState.DRAFT, ImportState.CHECKED):
        try:
            form = form or _form(job, request.user)
        except Refused as refusal:
            page["unreadable"] = str(refusal)
        else:
            page |= {"form": form, "rows": [_row(line, form.head) for line in form.head.rows]}
    page["faults"] = [
        {"line": fault.line, "where": FIELDS.get(fault.field, ""), "reason": fault.reason}
        for fault in job.faults.all()[:FAULTS_SHOWN]
    ]
    return render(request, "desk/import_detail.html", page, status=422 if page["refused"] else 200)


def _form(job: ImportJob, staff: Staff) -> SetUpForm:
    initial: dict[str, Any] = {f"column_{column}": field for field, column in job.mapping.items()}
    initial |= {"nature": job.nature, "channel": job.channel, "suggests": job.suggests, "category": job.category_id}
    # Themselves, where they register too.
    initial["actor"] = str(job.actor_id or staff.pk)
    return SetUpForm(hall=job.hall, head=_head(job), initial=initial)


def _row(line: reading.Line, head: Head) -> list[str]:
    """Cut to what fits a preview, and as many cells as there are headings."""
    cells = [cell if len(cell) <= 60 else f"{cell[:59]}…" for cell in line.cells[: len(head.headings)]]
    return [*cells, *[""] * (len(head.headings) - len(cells))]
