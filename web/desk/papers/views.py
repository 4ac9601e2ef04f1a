"""One paper of one case, one kind of paper of a selection of cases, and the form to be filled in by hand."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from cases.models import Case, SupervisionNotice, TransferSlip
from cases.models.case import CaseQuerySet
from followups.models import RectificationNotice
from foundation.organization.models import Role, Staff
from web.access import StaffRequest, roles_required, staff_required
from web.desk.case import visible_case
from web.desk.lists import READERS
from web.desk.papers.of_case import choices_of_registration
from web.desk.papers.sheet import Found, Paper, Sheet
from web.desk.papers.table import BY_NAME, RECTIFICATION, REGISTRATION, SLIP, SUPERVISION, draw, sheets_of

AT_ONCE = 50
NO_NUMBER = Found("")


@require_GET
@staff_required
def print_paper(request: StaffRequest, number: str, paper: str) -> HttpResponse:
    case = visible_case(request, number)
    if paper not in BY_NAME:
        raise Http404
    wanted = request.GET.get("round", "")
    sheets = sheets_of(BY_NAME[paper], [case], request.user, latest=not wanted)
    if wanted:
        sheets = [sheet for sheet in sheets if str(sheet.found.round) == wanted]
    return _print(request, sheets, back=reverse("desk:case_detail", args=[case.number]))


@require_GET
@staff_required
def print_slip(request: StaffRequest, pk: int) -> HttpResponse:
    slip = get_object_or_404(TransferSlip.objects.visible_to(request.user).select_related("case"), pk=pk)
    return _print_row(request, slip.case.number, SLIP, slip.number)


@require_GET
@staff_required
def print_notice(request: StaffRequest, number: str) -> HttpResponse:
    """A supervision or a rectification notice; no two have the same number."""
    notice = RectificationNotice.objects.visible_to(request.user).filter(number=number).first()
    if notice is None:
        pressed = get_object_or_404(SupervisionNotice.objects.select_related("case"), number=number)
        return _print_row(request, pressed.case.number, SUPERVISION, number)
    # Not visible_case: whom it is addressed to does not always see the case.
    case = Case.objects.with_labels().defer("search").get(pk=notice.case_id)
    sheets = sheets_of(RECTIFICATION, [case], request.user, latest=False)
    return _print(request, [one for one in sheets if one.number == number], back=_nearest(case, request.user))


@require_safe
@roles_required(*READERS)
def print_selection(request: StaffRequest) -> HttpResponse:
    """One kind of paper for all rows ticked on a list. What one may not see is left out without a word."""
    paper = BY_NAME.get(request.GET.get("paper", ""))
    numbers = list(dict.fromkeys(request.GET.getlist("case")))
    back = _where_from(request)
    refusal = ""
    if not numbers or paper is None:
        refusal = _("Tick the rows and choose the paper to print.")
    elif len(numbers) > AT_ONCE:
        refusal = _("At most %(most)d papers are printed at once: tick fewer rows.") % {"most": AT_ONCE}
    if refusal or paper is None:
        messages.error(request, refusal)
        return redirect(back)
    cases = _cases(request).in_bulk(numbers, field_name="number")
    sheets = sheets_of(paper, [cases[number] for number in numbers if number in cases], request.user)
    if not sheets:
        messages.error(request, _("None of the rows ticked has a paper “%(paper)s” now.") % {"paper": paper.label})
        return redirect(back)
    return _print(request, sheets, back=back)


@require_GET
@roles_required(Role.RECEPTIONIST, Role.DIRECTOR)
def print_empty(request: StaffRequest) -> HttpResponse:
    """The registration form for the pen: when the power is out, or before somebody's turn comes."""
    empty = Sheet(REGISTRATION, Case(hall=request.hall), NO_NUMBER)
    empty.facts = {**choices_of_registration(), "is_empty": True, "knows_identity": True}
    return _draw(request, [empty], back=reverse("desk:register"))


def _nearest(case: Case, staff: Staff) -> str:
    """The page of the case, or of its main case, or the alerts: the first of them that this person may see."""
    seen = dict(Case.objects.visible_to(staff).filter(pk__in=_with_main(case)).values_list("pk", "number"))
    number = next((seen[pk] for pk in _with_main(case) if pk in seen), "")
    return reverse("desk:case_detail", args=[number]) if number else reverse("desk:alert_list")


def _with_main(case: Case) -> list[int]:
    return [case.pk, case.main_case_id] if case.main_case_id else [case.pk]


def _print_row(request: StaffRequest, case_number: str, paper: Paper, number: str) -> HttpResponse:
    case = visible_case(request, case_number)
    sheets = sheets_of(paper, [case], request.user, latest=False)
    return _print(
        request,
        [sheet for sheet in sheets if sheet.number == number],
        back=reverse("desk:case_detail", args=[case.number]),
    )


def _print(request: StaffRequest, sheets: list[Sheet], *, back: str) -> HttpResponse:
    if not sheets:
        raise Http404
    draw(sheets, request.user)
    return _draw(request, sheets, back=back)


def _draw(request: StaffRequest, sheets: list[Sheet], *, back: str) -> HttpResponse:
    title = f"{sheets[0].paper.label} {sheets[0].number}" if len(sheets) == 1 else str(sheets[0].paper.label)
    return render(request, "print/papers.html", {"sheets": sheets, "page_title": title.strip(), "back": back})


def _cases(request: StaffRequest) -> CaseQuerySet:
    return Case.objects.visible_to(request.user).with_labels().defer("search")


def _where_from(request: StaffRequest) -> str:
    """The list with its filters, so that nobody loses their place."""
    page: str = request.META.get("HTTP_REFERER", "")
    if url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return page
    return reverse("desk:case_list")
