"""What there is to tell a resident, as the departments reported it."""

from __future__ import annotations

from cases.models import Case, TransferSlip
from foundation.organization.models import Staff


def result_of(case: Case, staff: Staff) -> str:
    """The results of this round; of a merged case, what its main case had when the two shared it."""
    if case.main_case_id is None or not case.shares_a_result():
        return _in_words(case, case.round)
    main = Case.objects.get(pk=case.main_case_id)
    if case.feedback_at is None or main.bars(staff):
        return ""
    answers = main.answers.filter(is_reached=True, answered_at__lte=case.feedback_at).order_by("-answered_at", "-pk")
    return _in_words(case, case.round) or answers.values_list("text", flat=True).first() or ""


def _in_words(case: Case, round_no: int) -> str:
    slips = TransferSlip.objects.answering(case, round_no).order_by("-kind", "pk")
    return "\n".join(f"{slip.result}\n{slip.remedy}".strip() for slip in slips)
