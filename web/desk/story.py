"""The record of a case as people read it: words for each kind of ledger entry, and the clocks in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.vocabulary import AnswerMeans, SlipKind
from foundation import dates
from foundation.deadlines.models import ClockKind
from foundation.ledger.models import ERASED
from foundation.ledger.reading import TimelineEntry

TITLES: dict[str, str | Promise] = {
    "case.registered": gettext_lazy("registered the matter"),
    "case.visit_joined": gettext_lazy("registered a further contact"),
    "case.accepted": gettext_lazy("accepted"),
    "case.declined": gettext_lazy("declined"),
    "case.decline_told": gettext_lazy("told the resident it was declined"),
    "case.answered_on_the_spot": gettext_lazy("answered on the spot"),
    "case.transferred": gettext_lazy("transferred"),
    "case.referred": gettext_lazy("referred it to the director"),
    "case.coordinated": gettext_lazy("coordinated"),
    "case.department_added": gettext_lazy("added a department"),
    "case.handed_up": gettext_lazy("handed it up to the street office"),
    "case.informed": gettext_lazy("informed the resident"),
    "case.limit_told": gettext_lazy("told the resident the new date"),
    "case.delay_told": gettext_lazy("the resident heard that it may take longer"),
    "case.delay_to_tell": gettext_lazy("the resident is to be told that it may take longer"),
    "case.delay_not_reached": gettext_lazy("the message that it may take longer reached nobody"),
    "case.clocks_moved": gettext_lazy("the calendar changed: time limits were computed anew"),
    "case.pause_asked": gettext_lazy("asked for a pause"),
    "case.shelving_asked": gettext_lazy("asked to shelve it"),
    "case.paused": gettext_lazy("granted the pause"),
    "case.shelved": gettext_lazy("shelved the matter"),
    "case.pause_refused": gettext_lazy("refused the pause"),
    "case.resumed": gettext_lazy("the time limits run again"),
    "case.not_reached": gettext_lazy("tried to inform, reached nobody"),
    "case.sent_back": gettext_lazy("sent the result back to be completed"),
    "case.follow_up_attempted": gettext_lazy("tried to follow up, reached nobody"),
    "case.archived": gettext_lazy("archived the matter"),
    "case.reopened": gettext_lazy("not satisfied: a new round begins"),
    "case.link_sent": gettext_lazy("sent the resident the link to the three questions"),
    "case.late_answer": gettext_lazy("the resident answered over the link, beside the evaluation"),
    "case.reopened_after_archive": gettext_lazy("reopened it after the archive: a new round begins"),
    "case.late_answer_closed": gettext_lazy("left it archived"),
    "case.second_look": gettext_lazy("took a second look"),
    "case.withdrawal_asked": gettext_lazy("wrote down that the resident wants to withdraw"),
    "case.withdrawal_refused": gettext_lazy("did not let the matter be withdrawn"),
    "case.withdrawn": gettext_lazy("withdrew the matter"),
    "case.merged": gettext_lazy("merged it into another case"),
    "case.merged_with": gettext_lazy("merged another case into it"),
    "case.result_shared": gettext_lazy("the result of the main case is there"),
    "case.rejoined": gettext_lazy("the result of the main case was sent back"),
    "case.unmerged": gettext_lazy("unmerged: a matter of its own again"),
    "case.unmerged_from": gettext_lazy("a merged case became a matter of its own again"),
    "case.concluded": gettext_lazy("concluded the matter with a letter"),
    "case.handed_over": gettext_lazy("handed it over to another first-contact owner"),
    "case.contact_named": gettext_lazy("named the contact who may know the identity"),
    "case.nudged": gettext_lazy("nudged the department"),
    "case.posting_drafted": gettext_lazy("drafted a posting for the notice board"),
    "case.pressed": gettext_lazy("issued a supervision notice to the desk"),
    "case.press_answered": gettext_lazy("answered the supervision notice"),
    "case.person_barred": gettext_lazy("barred a person from the case"),
    "case.files_added": gettext_lazy("added files"),
    "complaint.lodged": gettext_lazy("lodged as a complaint"),
    "complaint.confirmed": gettext_lazy("confirmed the complaint with who lodged it"),
    "complaint.classified": gettext_lazy("classified the complaint"),
    "complaint.subject_named": gettext_lazy("named whom it is about"),
    "complaint.hearing_opened": gettext_lazy("asked somebody it is about for a written account"),
    "complaint.account_given": gettext_lazy("gave a written account"),
    "complaint.account_recorded": gettext_lazy("recorded an account given on paper"),
    "complaint.not_heard": gettext_lazy("wrote down why somebody cannot be heard"),
    "complaint.found": gettext_lazy("recorded the finding"),
    "complaint.sanctioned": gettext_lazy("decided what follows"),
    "complaint.corrected": gettext_lazy("confirmed that it was put right"),
    "complaint.apology_decided": gettext_lazy("decided about an apology or correction in public"),
    "slip.record_added": gettext_lazy("recorded a piece of the investigation"),
    "resident.revealed": gettext_lazy("looked at personal data"),
    "slip.signed": gettext_lazy("signed the slip in"),
    "slip.contacted": gettext_lazy("contacted the resident"),
    "slip.investigation_begun": gettext_lazy("began the investigation"),
    "slip.noted": gettext_lazy("wrote a note"),
    "slip.submitted": gettext_lazy("submitted the result for approval"),
    "slip.reported": gettext_lazy("reported the result"),
    "slip.approved": gettext_lazy("approved the result"),
    "slip.rejected": gettext_lazy("gave the result back to the handler"),
    "slip.returned": gettext_lazy("returned the slip"),
    "slip.return_asked": gettext_lazy("asked to return the slip"),
    "slip.return_granted": gettext_lazy("consented to the return of the slip"),
    "slip.return_refused": gettext_lazy("refused the return of the slip"),
    "slip.recalled": gettext_lazy("recalled the slip"),
    "slip.reassigned": gettext_lazy("named another handler"),
    "slip.planned": gettext_lazy("recorded the plan"),
    "slip.pause_asked": gettext_lazy("asked for a pause"),
    "slip.shelving_asked": gettext_lazy("asked to shelve it"),
    "slip.paused": gettext_lazy("granted the pause"),
    "slip.shelved": gettext_lazy("shelved the matter"),
    "slip.pause_refused": gettext_lazy("refused the pause"),
    "slip.resumed": gettext_lazy("the time limits run again"),
    "slip.extension_asked": gettext_lazy("asked for an extension"),
    "slip.extended": gettext_lazy("granted the extension"),
    "slip.extension_refused": gettext_lazy("refused the extension"),
    "slip.pressed": gettext_lazy("issued a supervision notice"),
    "slip.press_answered": gettext_lazy("answered the supervision notice"),
    ERASED: gettext_lazy("erased texts for good"),
}
BY_THE_RESIDENT: dict[str, str | Promise] = {
    "case.registered": gettext_lazy("told us the matter on the public page"),
    "case.visit_joined": gettext_lazy("added information"),
    "case.files_added": gettext_lazy("added files"),
    "case.withdrawal_asked": gettext_lazy("asked on the tracking page to withdraw the matter"),
}
"""What nobody of the house wrote down: its titles then."""
BIG = {
    "case.registered",
    "case.accepted",
    "case.transferred",
    "case.referred",
    "case.coordinated",
    "case.department_added",
    "case.handed_up",
    "case.declined",
    "case.answered_on_the_spot",
    "case.informed",
    "case.archived",
    "case.reopened",
    "case.reopened_after_archive",
    "case.withdrawn",
    "case.merged",
    "case.result_shared",
    "case.unmerged",
    "case.concluded",
    "slip.reported",
    "slip.approved",
    "slip.returned",
    "case.shelved",
    "slip.shelved",
    "slip.extended",
    "slip.return_granted",
    "slip.recalled",
    "complaint.found",
}
DECIDED_ABOUT_DEPARTMENT = {
    "slip.pressed",
    "case.transferred",
    "case.department_added",
    "slip.return_granted",
    "slip.return_refused",
    "slip.recalled",
    "slip.shelved",
    "slip.extended",
    "slip.extension_refused",
}
"""Whose doing it was: the desk's or the director's; the department is what it was about."""
CLOCK_EVENTS: dict[str, str | Promise] = {
    "started": gettext_lazy("%(clock)s runs until %(moment)s"),
    "met": gettext_lazy("%(clock)s: in time"),
    "met_late": gettext_lazy("%(clock)s: late"),
    "cancelled": gettext_lazy("%(clock)s: stopped"),
    "paused": gettext_lazy("%(clock)s: paused"),
    "resumed": gettext_lazy("%(clock)s runs again, until %(moment)s"),
    "extended": gettext_lazy("%(clock)s is extended until %(moment)s"),
    "moved": gettext_lazy("%(clock)s is now due on %(moment)s"),
}
HIDDEN_TEXTS = {"name", "phone", "title"}
TEXTS_NAMING_THE_RESIDENT = {"told_to"}
# Texts that do not say by themselves what they are.
TEXT_LABELS: dict[str, str | Promise] = {
    "told_to": gettext_lazy("Who was told"),
    "unsigned_reason": gettext_lazy("Why there is no signature"),
    "advice": gettext_lazy("Where the resident can go instead"),
    "corrections": gettext_lazy("Corrections"),
    "wish": gettext_lazy("The resident's wish"),
    "checked": gettext_lazy("Checked"),
    "wanted": gettext_lazy("Wanted"),
    "differs": gettext_lazy("What differs"),
    "allegations": gettext_lazy("What the person is asked about"),
    "heard": gettext_lazy("Who was heard"),
    "place": gettext_lazy("Where"),
    "responsible_other": gettext_lazy("Somebody else who is responsible"),
    "review_body": gettext_lazy("Where the resident can ask for a review"),
}


@dataclass
class Told:
    """One line of the story, in the shape that parts/timeline.html draws."""

    title: str
    when: datetime
    by: str = ""
    text: str = ""
    big: bool = False
    clocks: list[str] = field(default_factory=list)


MEASURES = ("complaint.sanctioned", "complaint.corrected")


def story(
    entries: Iterable[TimelineEntry], *, knows_identity: bool, sees_measures: bool = False, big_only: bool = False
) -> list[Told]:
    """Newest first. sees_measures: whether this reader may know what followed for somebody complained about."""
    hidden = HIDDEN_TEXTS if knows_identity else HIDDEN_TEXTS | TEXTS_NAMING_THE_RESIDENT
    told = [
        _tell(entry, {*hidden, *entry.texts} if entry.kind in MEASURES and not sees_measures else hidden)
        for entry in entries
        if not big_only or entry.kind in BIG
    ]
    told.reverse()
    return told


def _tell(entry: TimelineEntry, hidden: set[str]) -> Told:
    department = str(entry.payload.get("department", ""))
    titles = BY_THE_RESIDENT if _is_residents(entry) else TITLES
    title = str(titles.get(entry.kind, entry.kind))
    if entry.kind in DECIDED_ABOUT_DEPARTMENT and department:
        title = _("%(what)s: %(department)s") % {"what": title, "department": department}
    elif entry.kind == "case.coordinated":
        title = _("%(what)s: %(department)s") % {"what": title, "department": _legs_in_words(entry.payload)}
    elif entry.kind == "case.delay_told":
        title = _("%(what)s: %(department)s") % {"what": title, "department": _means_and_time(entry.payload)}
    lines = [
        _labelled(name, _("(erased)") if text is None else text)
        for name, text in entry.texts.items()
        if name not in hidden and not name.startswith("name_")
    ]
    return Told(
        title=title,
        when=entry.happened_at,
        by=_by(entry, department),
        text="\n".join(lines),
        big=entry.kind in BIG,
        clocks=[_clock_in_words(event) for event in entry.payload.get("clocks", [])],
    )


def _is_residents(entry: TimelineEntry) -> bool:
    return entry.actor is None and entry.kind in BY_THE_RESIDENT


def _by(entry: TimelineEntry, department: str) -> str:
    """Who did it; of what the desk entered from paper, in whose name."""
    if _is_residents(entry):
        return _("the resident")
    name = entry.actor.name if entry.actor else _("the program")
    if not department or not entry.kind.startswith("slip.") or entry.kind in DECIDED_ABOUT_DEPARTMENT:
        return name
    if entry.payload.get("on_paper"):
        return _("%(department)s, entered by %(name)s") % {"department": department, "name": name}
    return f"{department} {name}"


def _legs_in_words(payload: dict[str, Any]) -> str:
    legs = [f"{leg['department']}{_(' (')}{SlipKind(leg['kind']).label}{_(')')}" for leg in payload.get("legs", [])]
    return _(", ").join(legs)


def _means_and_time(payload: dict[str, Any]) -> str:
    words = [AnswerMeans(payload["means"]).label, _("in time") if payload.get("in_time") else _("late")]
    return _(", ").join(str(word) for word in words)


def _labelled(name: str, text: str) -> str:
    return f"{TEXT_LABELS[name]}{_(': ')}{text}" if name in TEXT_LABELS else text


def _clock_in_words(event: dict[str, Any]) -> str:
    due_at = parse_datetime(event["due_at"])
    return str(CLOCK_EVENTS[event["event"]]) % {
        "clock": ClockKind(event["kind"]).label,
        "moment": dates.moment(due_at) if due_at else "",
    }
