"""The first words of a draft: those of the case itself, for somebody to make fit for everybody's eyes."""

from __future__ import annotations

from dataclasses import dataclass

from cases.models import Case, TransferSlip
from cases.vocabulary import Nature, SlipKind
from followups.posting import LONGEST_TEXT, LONGEST_TITLE, PostingKind

KINDS = {Nature.SUGGESTION: PostingKind.IMPROVEMENT, Nature.PRAISE: PostingKind.PRAISE}


@dataclass(frozen=True)
class Words:
    kind: str
    title: str
    raised: str
    text: str


def from_case(case: Case) -> Words:
    """Title, what was said first, and what was found, done and done so that it does not come again."""
    first = case.case_visits.select_related("visit").order_by("ordinal").first()
    return Words(
        kind=KINDS.get(Nature(case.nature), PostingKind.OUTCOME),
        title=case.title[:LONGEST_TITLE],
        raised=first.visit.matter[:LONGEST_TEXT] if first else "",
        text=_what_was_done(case)[:LONGEST_TEXT],
    )


def _what_was_done(case: Case) -> str:
    for round_no in range(case.round, 0, -1):
        lead = TransferSlip.objects.answering(case, round_no).filter(kind=SlipKind.LEAD).first()
        if lead is not None:
            return "\n".join(part for part in (lead.result, lead.remedy, lead.prevention) if part)
    answer = case.answers.filter(is_reached=True).order_by("-answered_at", "-pk").first()
    return answer.text if answer else ""
