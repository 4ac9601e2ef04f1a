"""The words of the lifecycle, as codes; see the glossary in docs/glossary.md."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.deadlines.models import Nature, Urgency

__all__ = [
    "BEFORE_THE_ANSWER",
    "COMPLAINED",
    "GONE_SLIP_STATES",
    "GROUNDS_OF_THE_DESK",
    "HELD_SLIP_STATES",
    "OPEN_SLIP_STATES",
    "OPEN_STATES",
    "UNANSWERED",
    "AnswerMeans",
    "AttachmentKind",
    "CaseState",
    "ClockOutcome",
    "DeclineGround",
    "ExtensionState",
    "Nature",
    "PartRole",
    "PauseReason",
    "PauseState",
    "Route",
    "SignatureKind",
    "SlipKind",
    "SlipState",
    "StoodIn",
    "Urgency",
    "Verdict",
]


COMPLAINED = (Nature.COMPLAINT, Nature.REPORT)
"""What goes through the complaint procedure: somebody is heard, and it is found whether it is true."""


class CaseState(models.TextChoices):
    REGISTERED = "registered", _("registered")
    ACCEPTED = "accepted", _("accepted")
    TRANSFERRED = "transferred", _("transferred")
    FEEDBACK = "feedback", _("feedback")
    FOLLOW_UP = "follow_up", _("follow-up")
    ARCHIVED = "archived", _("archived")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")
    MERGED = "merged", _("merged")


OPEN_STATES = (
    CaseState.REGISTERED,
    CaseState.ACCEPTED,
    CaseState.TRANSFERRED,
    CaseState.FEEDBACK,
    CaseState.FOLLOW_UP,
)


UNANSWERED = (CaseState.REGISTERED, CaseState.ACCEPTED, CaseState.TRANSFERRED, CaseState.FEEDBACK)
"""On its own way, and the resident has not been told a result in this round."""
BEFORE_THE_ANSWER = (CaseState.ACCEPTED, CaseState.TRANSFERRED, CaseState.FEEDBACK, CaseState.MERGED)
"""Accepted, so that an answer is promised, and not answered yet; also together with another matter."""


class SlipState(models.TextChoices):
    ISSUED = "issued", _("issued")
    SIGNED = "signed", _("signed in")
    INVESTIGATING = "investigating", _("investigating")
    SUBMITTED = "submitted", _("submitted for approval")
    REPORTED = "reported", _("result reported")
    RETURNED = "returned", _("returned")
    RECALLED = "recalled", _("recalled")


OPEN_SLIP_STATES = (SlipState.ISSUED, SlipState.SIGNED, SlipState.INVESTIGATING, SlipState.SUBMITTED)


HELD_SLIP_STATES = (*OPEN_SLIP_STATES, SlipState.REPORTED)
GONE_SLIP_STATES = (SlipState.RETURNED, SlipState.RECALLED)
"""No longer the department's: it sees neither the slip nor, by it, the case."""


class Route(models.TextChoices):
    UNDECIDED = "", _("not decided yet")
    ON_THE_SPOT = "on_the_spot", _("answered on the spot")
    TRANSFERRED = "transferred", _("transferred")
    COORDINATED = "coordinated", _("coordinated")
    HANDED_UP = "handed_up", _("handed up to the street office")


class DeclineGround(models.TextChoices):
    """Listed grounds of refusal; no other ground exists."""

    COURT = "court", _("belongs to courts, arbitration or administrative review")
    OTHER_AUTHORITY = "other_authority", _("belongs to another authority or level")
    IN_PROGRESS = "in_progress", _("already accepted elsewhere and within its limit")
    FINAL_ANSWER = "final_answer", _("a final review answer was given before")
    NO_FACTS = "no_facts", _("names no concrete facts and cannot be completed")


GROUNDS_OF_THE_DESK = [ground for ground in DeclineGround.choices if ground[0] != DeclineGround.FINAL_ANSWER]
"""What had its final answer is no longer accepted: that the director decides."""


class PartRole(models.TextChoices):
    OWNER = "owner", _("first-contact owner")
    HANDLER = "handler", _("handler")
    FOLLOWER_UP = "follower_up", _("follower-up")
    CONTACT = "contact", _("named contact")
    BARRED = "barred", _("barred")


class SlipKind(models.TextChoices):
    LEAD = "lead", _("lead department")
    ASSISTING = "assisting", _("assisting department")


class StoodIn(models.TextChoices):
    """Who followed a case up because nobody before them was left."""

    NOBODY = "", _("nobody stood in")
    HEAD = "head", _("department head")
    DIRECTOR = "director", _("hall director")
    STREET = "street", _("street office")
    SUPERVISOR = "supervisor", _("supervisor")


class ExtensionState(models.TextChoices):
    NONE = "", _("not asked for")
    ASKED = "asked", _("asked for")
    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("refused")


class PauseState(models.TextChoices):
    NONE = "", _("none")
    ASKED = "asked", _("asked for")
    RUNNING = "running", _("paused")
    REFUSED = "refused", _("refused")
    ENDED = "ended", _("over")


class PauseReason(models.TextChoices):
    RESIDENT = "resident", _("waiting for the resident")
    THIRD_PARTY = "third_party", _("waiting for a third party")
    WEATHER = "weather", _("weather")


class AnswerMeans(models.TextChoices):
    """How the resident was told."""

    DESK = "desk", _("at the desk")
    PHONE = "phone", _("by phone")
    HOME_VISIT = "home_visit", _("home visit")
    LETTER = "letter", _("by letter")
    MESSAGE = "message", _("by message")
    TRACKING_PAGE = "tracking_page", _("on the tracking page")


class SignatureKind(models.TextChoices):
    TABLET = "tablet", _("signed on the tablet")
    PAPER = "paper", _("signed on paper")
    NONE = "none", _("not signed")


class Verdict(models.TextChoices):
    """Whether what was complained about or reported proved true."""

    FOUNDED = "founded", _("founded")
    PARTLY = "partly", _("partly founded")
    UNFOUNDED = "unfounded", _("unfounded")


class AttachmentKind(models.TextChoices):
    RESIDENT = "resident", _("from the resident")
    EVIDENCE = "evidence", _("evidence")
    SIGNATURE = "signature", _("signature")


class ClockOutcome(models.TextChoices):
    RUNNING = "", _("running")
    MET = "met", _("met in time")
    MET_LATE = "met_late", _("met late")
    CANCELLED = "cancelled", _("cancelled")
