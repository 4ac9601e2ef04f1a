"""Every paper there is. A new one is a row here: how its sheets are found, what they show, and the template."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Case
from foundation.organization.models import Staff
from web.desk.papers import of_case, of_complaint, of_department, of_round
from web.desk.papers.sheet import Paper, Reader, Sheet, known, meet_people

REGISTRATION = Paper(
    "registration",
    gettext_lazy("Registration form"),
    "print/papers/registration.html",
    of_case.find_registration,
    of_case.load_registration,
)
RECEIPT = Paper(
    "receipt",
    gettext_lazy("Acceptance receipt"),
    "print/papers/receipt.html",
    of_case.find_receipt,
    of_case.load_receipt,
    of_case.receipt_address,
)
REFUSAL = Paper(
    "refusal",
    gettext_lazy("Refusal notice"),
    "print/papers/refusal.html",
    of_case.find_refusal,
    of_case.load_refusal,
)
SLIP = Paper(
    "slip",
    gettext_lazy("Transfer slip"),
    "print/papers/slip.html",
    of_department.find_slips,
    of_department.load_slips,
    of_department.slip_address,
)
EXTENSION = Paper(
    "extension",
    gettext_lazy("Extension form"),
    "print/papers/extension.html",
    of_department.find_extensions,
    of_department.load_extensions,
)
FEEDBACK = Paper(
    "feedback",
    gettext_lazy("Answer form"),
    "print/papers/feedback.html",
    of_round.find_feedback,
    of_round.load_feedback,
)
FOLLOW_UP = Paper(
    "follow-up",
    gettext_lazy("Follow-up form"),
    "print/papers/follow_up.html",
    of_round.find_follow_up,
    of_round.load_follow_up,
)
SUPERVISION = Paper(
    "supervision",
    gettext_lazy("Supervision notice"),
    "print/papers/supervision.html",
    of_department.find_supervision,
    of_department.load_supervision,
    of_department.notice_address,
)
RECTIFICATION = Paper(
    "rectification",
    gettext_lazy("Rectification notice"),
    "print/papers/rectification.html",
    of_department.find_rectification,
    of_department.load_rectification,
    of_department.notice_address,
)
CONCLUSION = Paper(
    "conclusion",
    gettext_lazy("Letter of conclusion"),
    "print/papers/conclusion.html",
    of_case.find_conclusion,
    of_case.load_conclusion,
)
COMPLAINT = Paper(
    "complaint",
    gettext_lazy("Complaint form"),
    "print/papers/complaint.html",
    of_complaint.find_complaint,
    of_complaint.load_complaint,
)

PAPERS = (
    REGISTRATION,
    RECEIPT,
    REFUSAL,
    SLIP,
    EXTENSION,
    SUPERVISION,
    FEEDBACK,
    FOLLOW_UP,
    RECTIFICATION,
    CONCLUSION,
    COMPLAINT,
)
FOR_DEPARTMENTS = (SLIP, EXTENSION, SUPERVISION, FEEDBACK, FOLLOW_UP, RECTIFICATION, COMPLAINT)
"""What somebody can print who sees the cases of a department only."""
BY_NAME = {paper.name: paper for paper in PAPERS}


def papers_of(case: Case, staff: Staff) -> list[Sheet]:
    """What of this case this person may print now, nothing of it drawn yet: for the menu of its page. One query."""
    [facts] = known([case])
    reader = Reader(staff)
    sheets = [Sheet(paper, case, found) for paper in PAPERS for found in paper.find(facts, reader)]
    several = Counter(sheet.paper.name for sheet in sheets)
    for sheet in sheets:
        if sheet.number != case.number:
            sheet.hint = sheet.number
        elif several[sheet.paper.name] > 1:
            sheet.hint = _("round %(round)s") % {"round": sheet.found.round}
    return sheets


def sheets_of(paper: Paper, cases: Iterable[Case], staff: Staff, *, latest: bool = True) -> list[Sheet]:
    """The sheets of one paper this person may print, in the order of the cases, not drawn yet.

    latest: of papers that there is one of each round, the last round's alone.
    """
    reader = Reader(staff)
    sheets = []
    for facts in known(cases):
        found = paper.find(facts, reader)
        last = max((one.round for one in found), default=0)
        sheets += [Sheet(paper, facts.case, one) for one in found if not latest or one.round == last]
    return sheets


def draw(sheets: list[Sheet], staff: Staff) -> None:
    """Gives the sheets, all of one paper, what they show: as many queries for fifty as for one."""
    if not sheets:
        return
    meet_people({sheet.case.pk: sheet.case for sheet in sheets}.values())
    sheets[0].paper.load(sheets, Reader(staff))
