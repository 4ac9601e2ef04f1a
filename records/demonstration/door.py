"""The residents' own door: what they send by the public form, add on the tracking page, and answer over the link."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cases.actions.add_information import add_information
from cases.models import Case
from cases.uploads import CleanFile
from complaints.actions.submit import Consent, submit
from followups.actions.evaluate import evaluate_by_link
from followups.actions.late import keep_closed, reopen_archived
from followups.links import link_for
from reception.models import Identity
from records.demonstration.drawing import snapshot
from records.demonstration.script import FollowUp, Further, Late

if TYPE_CHECKING:
    from records.demonstration.course import Course

CONSENT = Consent("2026-11", "zh-hans")


def send_form(course: Course) -> Case:
    """At any hour: the desk finds it when it opens."""
    matter = course.matter
    row = {} if matter.identity == Identity.ANONYMOUS else course.neighbours.rows[matter.resident]
    case = submit(
        hall=course.cast.hall,
        submission_key=uuid.uuid4(),
        nature=matter.nature,
        matter=matter.matter,
        identity=matter.identity,
        consent=CONSENT,
        now=course.now - timedelta(hours=matter.received_hours_before),
        about=matter.about,
        name=row.get("name", ""),
        phone=row.get("phone", ""),
        files=_photos(course, matter.photos),
    )
    if case.resident_id is not None:
        course.neighbours.met.setdefault(matter.resident, case.resident_id)
    return case


def tell_more(course: Course, contact: Further) -> None:
    """On the tracking page, by who sent the form."""
    add_information(
        case_id=course.case_id,
        text=contact.matter,
        files=_photos(course, contact.photos),
        submission_key=uuid.uuid4(),
        now=course.now,
    )


def answer(course: Course, planned: FollowUp) -> None:
    """Instead of being called."""
    _answer(
        course,
        contacted=planned.contacted,
        solved=planned.solved,
        satisfaction=planned.satisfaction,
        reasons=planned.reasons,
        remark=planned.remark,
    )


def answer_late(course: Course, late: Late) -> Iterator[str]:
    """After the archive: the director handles it again, or closes it for good."""
    yield "late"
    _answer(course, contacted=True, solved=late.solved, satisfaction="dissatisfied", reasons=late.reasons)
    if not late.decision:
        return
    yield "decide"
    case = course.case
    form: dict[str, Any] = {
        "case_id": case.pk,
        "transition_no": case.transition_no,
        "actor": course.cast.director,
        "now": course.now,
    }
    if late.is_reopened:
        reopen_archived(**form, reason=late.decision)
    else:
        keep_closed(**form, word=late.decision)


def _answer(course: Course, **answers: Any) -> None:
    link = link_for(course.case, now=course.now)
    evaluate_by_link(token=link.path.rstrip("/").rpartition("/")[2], now=course.now, **answers)


def _photos(course: Course, count: int) -> list[CleanFile]:
    return [CleanFile(f"photo-{number + 1}.jpg", "image/jpeg", snapshot(course.chance)) for number in range(count)]
