"""What the case page tells about its follow-ups: every attempt, what the resident said, and what followed from it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from cases.models import Case
from followups.models import Evaluation, FollowUpAttempt, RectificationNotice, UnevaluatedRound


@dataclass
class RoundOfFollowUp:
    number: int
    attempts: list[FollowUpAttempt] = field(default_factory=list)
    """Those that reached nobody; one that did is told by the evaluation."""
    evaluation: Evaluation | None = None
    unevaluated: UnevaluatedRound | None = None
    notice: RectificationNotice | None = None


def follow_ups(case: Case) -> list[RoundOfFollowUp]:
    """By round, the last first. Four queries, none for a case whose resident was never answered."""
    if case.round == 1 and case.informed_at is None:
        return []
    rounds: defaultdict[int, RoundOfFollowUp] = defaultdict(lambda: RoundOfFollowUp(0))
    for attempt in FollowUpAttempt.objects.filter(case=case, is_reached=False).select_related("by"):
        rounds[attempt.round].attempts.append(attempt)
    for evaluation in Evaluation.objects.filter(case=case).select_related("recorded_by", "signature"):
        rounds[evaluation.round].evaluation = evaluation
    for unevaluated in UnevaluatedRound.objects.filter(case=case).select_related("closed_by"):
        rounds[unevaluated.round].unevaluated = unevaluated
    for notice in RectificationNotice.objects.filter(case=case).select_related("department"):
        rounds[notice.round].notice = notice
    for number, one in rounds.items():
        one.number = number
    return [rounds[number] for number in sorted(rounds, reverse=True)]
