"""What a resident says to the three questions, whoever asks them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from followups.models import Satisfaction, Solved
from foundation.refusals import Refused


@dataclass(frozen=True)
class Answers:
    """What the resident said to the three questions, and why."""

    contacted: bool
    solved: str
    satisfaction: str
    reasons: str
    remark: str

    def checked(self) -> Answers:
        if self.solved not in Solved.values:
            raise Refused(_("Choose whether it is solved."), field="solved")
        if self.satisfaction not in Satisfaction.values:
            raise Refused(_("Choose whether the resident is satisfied."), field="satisfaction")
        unhappy = self.satisfaction == Satisfaction.DISSATISFIED or self.solved == Solved.NO
        if unhappy and not self.reasons.strip():
            raise Refused(_("Write down why: what is not solved, what is not right."), field="reasons")
        return self
