"""What hangs on the notice boards, what waits for review, and what is only drafted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cases.models import Case
from cases.vocabulary import CaseState
from followups.board.drafting import draft_figures, draft_notice, draft_posting, hand_in
from followups.board.publishing import publish
from followups.board.review import marks_of
from followups.models import Posting
from records.demonstration.cast import Cast
from records.demonstration.course import Course
from records.demonstration.script import DATA

DAYS_BEFORE = 6
"""On the first working day this near to the present."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    hall: str
    matter: str
    """The key of the matter it comes from; empty for a notice and for figures."""
    kind: str
    ends: str
    """The state it has come to: draft, in_review, published."""
    title: str
    raised: str
    text: str


def hang(casts: Mapping[str, Cast], courses: Mapping[str, Course], *, now: datetime) -> None:
    """Drafted by the director, who then reviews and publishes it."""
    rows = json.loads((DATA / "demonstration_board.json").read_text(encoding="utf-8"))
    for wanted in (Wanted(**row) for row in rows):
        if wanted.hall not in casts:
            continue
        director = casts[wanted.hall].director
        posting = _drafted(wanted, casts[wanted.hall], courses, now)
        if posting is None or wanted.ends == "draft":
            continue
        posting = hand_in(posting_id=posting.pk, transition_no=posting.transition_no, actor=director, now=now)
        if wanted.ends == "in_review":
            continue
        publish(
            posting_id=posting.pk,
            transition_no=posting.transition_no,
            actor=director,
            now=now,
            confirmed=[mark.key for mark in marks_of(posting, reader=director)],
        )


def _drafted(wanted: Wanted, cast: Cast, courses: Mapping[str, Course], now: datetime) -> Posting | None:
    if wanted.kind == "figures":
        return draft_figures(hall=cast.hall, actor=cast.director, now=now)
    if not wanted.matter:
        return draft_notice(hall=cast.hall, actor=cast.director, now=now, title=wanted.title, text=wanted.text)
    course = courses.get(wanted.matter)
    case = Case.objects.filter(pk=course.case_id).first() if course is not None else None
    if case is None or case.state not in (CaseState.FOLLOW_UP, CaseState.ARCHIVED):
        return None
    return draft_posting(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=cast.director,
        now=now,
        kind=wanted.kind,
        title=wanted.title,
        raised=wanted.raised,
        text=wanted.text,
    )
