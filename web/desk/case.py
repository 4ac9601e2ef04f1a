"""The case page, its verbs and its clocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cases.models import Case, CaseDeadline, TransferSlip
from cases.models.case import CaseQuerySet
from cases.powers import acts_at_desk_or_directs, knows_identity
from cases.vocabulary import CaseState, PartRole, SlipState
from complaints.rights import may_see_measures
from followups.models import RectificationNotice
from foundation import dates
from foundation.deadlines.explanation import explain
from foundation.deadlines.models import ClockKind
from foundation.ledger.reading import verified_timeline
from foundation.refusals import Refused
from foundation.residents.rights import may_reveal
from web.access import StaffRequest, staff_required
from web.case_filters import cases_of, identity_known
from web.desk.beside import beside
from web.desk.case_slips import assisting_results, slips_on_page
from web.desk.complaint_sheet import complaint_sheet, family, lead_among
from web.desk.gone import to_inbox_when_gone
from web.desk.papers.table import papers_of
from web.desk.story import story
from web.desk.verbs import CASE_VERBS, SLIP_VERBS, Verb, offered
from web.desk.verbs.case import ADD_FILES
from web.desk.verbs.form import Subject
from web.desk.wish import waiting_wish
from web.refused import show_refusal, status_of

CLOSED_STATES = (CaseState.ARCHIVED, CaseState.DECLINED, CaseState.WITHDRAWN, CaseState.MERGED)
STAGES = [CaseState.ACCEPTED, CaseState.TRANSFERRED, CaseState.FEEDBACK, CaseState.FOLLOW_UP, CaseState.ARCHIVED]


@dataclass
class Stage:
    title: str
    state: str
    lines: list[str] = field(default_factory=list)
    due_at: datetime | None = None
    warn_at: datetime | None = None
    paused_at: datetime | None = None


@require_GET
@staff_required
@to_inbox_when_gone
def case_detail(request: StaffRequest, number: str) -> HttpResponse:
    case = visible_case(request, number)
    now = timezone.now()
    slips = list(case.slips.select_related("department", "handler", "approved_by").order_by("-round", "-kind", "pk"))
    for slip in slips:
        slip.case = case
    clocks = list(case.deadlines.select_related("slip", "hall").order_by("-started_at", "-pk"))
    # What the page has read already, the buttons need not ask for again.
    case.__dict__["lead_of_round"] = lead_among(slips, case.round)
    case.__dict__["has_confirm_clock"] = any(one.is_running and one.kind == ClockKind.CONFIRM for one in clocks)
    entries, intact = verified_timeline(case.chain)
    big_only = request.GET.get("story") == "short"
    verbs = offered(case, request.user, CASE_VERBS)
    on_page = slips_on_page(slips, clocks, request.user)
    next_verb = next((verb for verb in verbs if verb.is_next_step), None)
    is_known = knows_identity(case, request.user)
    of_complaint = family() if case.is_complaint_or_report() else {}
    around = beside(case, _other_cases(request, case), _merged(request), of_complaint)
    sees_measures = case.is_complaint_or_report() and may_see_measures(case, request.user)
    return render(
        request,
        "desk/case_detail.html",
        {
            "case": case,
            "now": now,
            "stages": stages(case, slips, clocks),
            "next_verb": next_verb,
            "other_verbs": [verb for verb in verbs if verb is not next_verb and not verb.is_aside],
            "aside_verbs": [verb for verb in verbs if verb.is_aside],
            "may_add_files": _may_add_files(request, case),
            "visits": list(case.case_visits.select_related("visit")),
            "complaint": complaint_sheet(case, around.further, verbs, slips, clocks, sees_measures=sees_measures),
            "attachments": around.files,
            "slips": on_page,
            "strong_slip": next((one.slip.pk for one in on_page if one.has_next_step), None),
            "papers": papers_of(case, request.user),
            "answers": around.answers,
            "running": [clock for clock in clocks if clock.is_running],
            "finished": [clock for clock in clocks if not clock.is_running],
            "entries": story(entries, knows_identity=is_known, sees_measures=sees_measures, big_only=big_only),
            "entry_count": len(entries),
            "big_only": big_only,
            "is_intact": intact,
            "knows_identity": is_known,
            "handlers": [part for part in case.active_parts if part.role == PartRole.HANDLER],
            "is_closed": case.state in CLOSED_STATES,
            "other_cases": around.other_cases,
            "follow_ups": around.follow_ups,
            "merged": around.merged,
            "sees_hall": request.user.sees_all_content or case.hall_id in request.user.content_hall_ids,
            "main_case": _main_case(request, case),
            "wish": waiting_wish(case, entries, verbs),
            "pressed": around.pressed,
            "pauses": around.pauses,
            "extensions": around.extensions,
            "concluded": around.concluded,
            "may_reveal": case.resident is not None and may_reveal(request.user, case.resident, case.chain),
        },
    )


@require_http_methods(["GET", "POST"])
@staff_required
@to_inbox_when_gone
def case_verb(request: StaffRequest, number: str, verb: str) -> HttpResponse:
    case = visible_case(request, number)
    return _verb_page(request, case, case, _named(verb, [*CASE_VERBS, ADD_FILES]))


@require_http_methods(["GET", "POST"])
@staff_required
@to_inbox_when_gone
def slip_verb(request: StaffRequest, pk: int, verb: str) -> HttpResponse:
    slip = get_object_or_404(
        TransferSlip.objects.visible_to(request.user).select_related("department", "hall", "handler"), pk=pk
    )
    case = get_object_or_404(Case.objects.visible_to(request.user).with_labels().defer("search"), pk=slip.case_id)
    slip.case = case
    return _verb_page(request, slip, case, _named(verb, SLIP_VERBS))


@require_GET
@staff_required
def clock_detail(request: StaffRequest, pk: int) -> HttpResponse:
    """Why this moment: the rule, the start, the days counted and skipped, as it was when the clock started."""
    clock = get_object_or_404(CaseDeadline.objects.select_related("hall", "slip__department", "case__hall"), pk=pk)
    case = visible_case(request, clock.case.number)
    return render(
        request,
        "desk/clock_detail.html",
        {
            "clock": clock,
            "case": case,
            "now": timezone.now(),
            "sentences": explain(clock.explanation, zone=clock.hall.zone),
        },
    )


def visible_case(request: StaffRequest, number: str) -> Case:
    """The case, or 404 for everybody who may not see it: a guessed number tells nothing."""
    return get_object_or_404(
        Case.objects.visible_to(request.user).with_labels().select_related("chain__hall", "main_case").defer("search"),
        number=number,
    )


def _verb_page(request: StaffRequest, subject: Subject, case: Case, verb: Verb | None) -> HttpResponse:
    if verb is None:
        return redirect("desk:case_detail", case.number)
    now = timezone.now()
    is_offered = _may_add_files(request, case) if verb is ADD_FILES else verb in offered(subject, request.user, [verb])
    if request.method == "GET":
        if not is_offered:
            messages.error(request, _("“%(verb)s” cannot be done here now.") % {"verb": verb.label})
            return redirect("desk:case_detail", case.number)
        form = verb.form(subject=subject, staff=request.user, now=now)
        return _draw_verb(request, subject, case, verb, form)
    if not is_offered and request.POST.get("transition_no", "") in ("", str(subject.transition_no)):
        # Not a page that grew old meanwhile: this person was never offered the verb here.
        raise PermissionDenied(_("“%(verb)s” cannot be done here now.") % {"verb": verb.label})
    form = verb.form(request.POST, request.FILES, subject=subject, staff=request.user, now=now)
    status = 422
    if form.is_valid():
        try:
            verb.run(form, now)
        except Refused as refusal:
            status = status_of(refusal)
            show_refusal(form, refusal)
        else:
            messages.success(request, str(verb.done))
            return redirect("desk:case_detail", case.number)
    return _draw_verb(request, subject, case, verb, form, status=status)


def _draw_verb(
    request: StaffRequest, subject: Subject, case: Case, verb: Verb, form: Any, *, status: int = 200
) -> HttpResponse:
    context = {
        "case": case,
        "subject": subject,
        "verb": verb,
        "form": form,
        "is_slip": isinstance(subject, TransferSlip),
        "visits": list(case.case_visits.select_related("visit")),
        "assisting": assisting_results(subject),
    }
    return render(request, "desk/verb.html", context, status=status)


def _may_add_files(request: StaffRequest, case: Case) -> bool:
    """Files from the resident come in at the desk; departments add evidence to their slip."""
    return case.state not in CLOSED_STATES and acts_at_desk_or_directs(case, request.user)


def _named(name: str, verbs: list[Verb]) -> Verb | None:
    return next((verb for verb in verbs if verb.name == name), None)


def _other_cases(request: StaffRequest, case: Case) -> CaseQuerySet:
    """More cases of this resident that one may see and know to be theirs."""
    if case.resident_id is None or not knows_identity(case, request.user):
        return Case.objects.none()
    known = cases_of(case.hall, request.user).filter(identity_known(request.user), resident=case.resident_id)
    return known.exclude(pk=case.pk)


def _merged(request: StaffRequest) -> CaseQuerySet:
    """With the notice about the result that was shared, for those it is addressed to and whoever sees the case."""
    notices = RectificationNotice.objects.visible_to(request.user).filter(case=OuterRef("pk"), round=1)
    return Case.objects.exclude_barred(request.user).annotate(notice=Subquery(notices.values("number")[:1]))


def _main_case(request: StaffRequest, case: Case) -> Case | None:
    if case.main_case_id is None:
        return None
    return Case.objects.visible_to(request.user).filter(pk=case.main_case_id).first()


def stages(case: Case, slips: list[TransferSlip], clocks: list[CaseDeadline]) -> list[Stage]:
    """The five stages, with what happened at each and the clock that runs at the present one."""
    present = CaseState.ACCEPTED if case.state == CaseState.REGISTERED else case.state
    place = STAGES.index(CaseState(present)) if present in STAGES else len(STAGES)
    lead = next((slip for slip in slips if slip.round == case.round and slip.is_lead), None)
    lines: dict[str, list[str]] = {state: [] for state in STAGES}
    lines[CaseState.ACCEPTED] = [
        dates.moment(case.registered_at),
        _("%(name)s first") % {"name": case.first_contact_owner.name},
    ]
    if lead is not None and lead.state not in (SlipState.RETURNED, SlipState.RECALLED):
        who = f"{lead.department.name} {lead.handler.name if lead.handler else ''}".strip()
        lines[CaseState.TRANSFERRED] = [dates.moment(lead.issued_at), who]
        if case.round > 1:
            lines[CaseState.TRANSFERRED].insert(0, _("round %(round)s") % {"round": case.round})
    elif case.route == "on_the_spot":
        lines[CaseState.TRANSFERRED] = [_("answered on the spot")]
    elif case.shares_a_result():
        lines[CaseState.TRANSFERRED] = [_("with its main case")]
    if case.informed_at:
        lines[CaseState.FEEDBACK] = [dates.moment(case.informed_at)]
    if case.closed_at and case.state == CaseState.ARCHIVED:
        lines[CaseState.ARCHIVED] = [dates.moment(case.closed_at)]
    # What stands still is shown only where nothing runs.
    open_clocks = [clock for clock in clocks if clock.is_running]
    running = min(open_clocks, key=lambda clock: (clock.is_paused, clock.due_at), default=None)
    titles = {
        CaseState.ACCEPTED: _("Acceptance"),
        CaseState.TRANSFERRED: _("Transfer"),
        CaseState.FEEDBACK: _("Feedback"),
        CaseState.FOLLOW_UP: _("Follow-up"),
        CaseState.ARCHIVED: _("Archive"),
    }
    result = []
    for number, state in enumerate(STAGES):
        done = number < place or case.state == CaseState.ARCHIVED
        stage = Stage(titles[state], "done" if done else "now" if number == place else "todo", lines[state])
        if stage.state == "now" and running is not None:
            stage.due_at, stage.warn_at, stage.paused_at = running.due_at, running.warn_at, running.paused_at
        result.append(stage)
    if case.state in (CaseState.DECLINED, CaseState.WITHDRAWN, CaseState.MERGED):
        for stage in result[1:]:
            stage.state = "todo"
    return result
