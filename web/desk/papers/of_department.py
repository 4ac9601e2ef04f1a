"""Papers that go to departments: transfer slip, extension form, supervision notice, rectification notice.

Paper goes from hand to hand: where the identity is hidden none of these names the resident, whoever prints it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Case, CaseDeadline, CaseVisit, Extension, SupervisionNotice, TransferSlip
from cases.vocabulary import ExtensionState
from followups.models import RectificationNotice
from foundation.deadlines.models import ClockKind
from reception.models import Identity
from web.desk.papers.choices import Choice
from web.desk.papers.sheet import Found, Known, Reader, Sheet, slips_behind

CLOCKS_ON_SLIP = (ClockKind.SIGN_IN, ClockKind.INVESTIGATE, ClockKind.PLAN, ClockKind.HANDLE)


def find_slips(known: Known, reader: Reader) -> list[Found]:
    return [
        Found(slip["number"], slip["pk"], slip["round"])
        for slip in known.slips
        if known.may_see_slip(slip["pk"], reader)
    ]


def slip_address(case: Case, found: Found) -> str:
    return reverse("desk:print_slip", args=[found.row])


def load_slips(sheets: list[Sheet], reader: Reader) -> None:
    cases = [sheet.case for sheet in sheets]
    slips = TransferSlip.objects.select_related("department", "handler", "issued_by", "approved_by").in_bulk(
        [sheet.found.row for sheet in sheets]
    )
    clocks: defaultdict[int | None, list[CaseDeadline]] = defaultdict(list)
    for clock in CaseDeadline.objects.filter(slip__in=slips, kind__in=CLOCKS_ON_SLIP).order_by("due_at", "pk"):
        clocks[clock.slip_id].append(clock)
    visits = visits_of(cases)
    for sheet in sheets:
        sheet.facts = {
            "slip": slips[sheet.found.row],
            "clocks": clocks[sheet.found.row],
            "visits": visits[sheet.case.pk],
            "is_named": is_named(sheet.case),
        }


def find_extensions(known: Known, reader: Reader) -> list[Found]:
    return [Found(one["slip_number"], one["pk"]) for one in known.extensions if known.may_see_slip(one["slip"], reader)]


def load_extensions(sheets: list[Sheet], reader: Reader) -> None:
    rows = Extension.objects.select_related("slip__department", "slip__handler", "asked_by", "decided_by").in_bulk(
        [sheet.found.row for sheet in sheets]
    )
    for sheet in sheets:
        extension, case = rows[sheet.found.row], sheet.case
        # A date from above stays where it is, and then there is nothing to tell.
        has_moved = extension.new_due_at is not None and extension.new_due_at != extension.old_due_at
        sheet.facts = {
            "extension": extension,
            "old_due_at": extension.old_due_at or case.promise_due_at,
            "decisions": _decisions(extension),
            "told": [(_("told the new date"), has_moved and case.limit_changed_at is None)],
            "is_named": is_named(case),
        }


def _decisions(extension: Extension) -> list[Choice]:
    return [
        (_("agreed"), extension.state == ExtensionState.GRANTED),
        (_("not agreed"), extension.state == ExtensionState.REFUSED),
    ]


def find_supervision(known: Known, reader: Reader) -> list[Found]:
    return [
        Found(one["number"], one["pk"]) for one in known.supervision_notices if known.may_see_slip(one["slip"], reader)
    ]


def notice_address(case: Case, found: Found) -> str:
    return reverse("desk:print_notice", args=[found.number])


def load_supervision(sheets: list[Sheet], reader: Reader) -> None:
    notices: dict[Any, SupervisionNotice] = SupervisionNotice.objects.select_related(
        "slip__department", "slip__handler", "issued_by", "answered_by"
    ).in_bulk([sheet.found.row for sheet in sheets])
    for sheet in sheets:
        sheet.facts = {"notice": notices[sheet.found.row], "is_named": is_named(sheet.case)}


def find_rectification(known: Known, reader: Reader) -> list[Found]:
    may = reader.is_of_hall(known.case)
    return [
        Found(one["number"], one["pk"], one["round"])
        for one in known.rectification_notices
        if may or any(reader.has(named) for named in (one["department"], *known.departments_behind(one["round"])))
    ]


def load_rectification(sheets: list[Sheet], reader: Reader) -> None:
    notices = RectificationNotice.objects.select_related("department", "issued_by").in_bulk(
        [sheet.found.row for sheet in sheets]
    )
    cases = {sheet.case.pk: sheet.case for sheet in sheets}
    behind = slips_behind(cases.values(), reader.staff)
    seen = set(Case.objects.visible_to(reader.staff).filter(pk__in=cases).values_list("pk", flat=True))
    for sheet in sheets:
        notice, case = notices[sheet.found.row], sheet.case
        slips = behind[case.pk, notice.round]
        slip = next((slip for slip in slips if slip.is_lead), None)
        sheet.facts = {
            "notice": notice,
            "slip": slip,
            "assisting": [slip.department for slip in slips if not slip.is_lead],
            "main_case": slip.case if slip and slip.case_id != case.pk else None,
            "is_named": is_named(case) and case.pk in seen,
            # Which neighbour it is, as it stands beside the main case, to a department that does not see this one.
            "neighbour": case.resident.masked_name if case.resident and is_named(case) and case.pk not in seen else "",
        }


def is_named(case: Case) -> bool:
    return case.identity == Identity.NAMED


def visits_of(cases: list[Case]) -> defaultdict[int, list[CaseVisit]]:
    visits: defaultdict[int, list[CaseVisit]] = defaultdict(list)
    for one in CaseVisit.objects.filter(case__in=cases).select_related("visit").order_by("ordinal"):
        visits[one.case_id].append(one)
    return visits
