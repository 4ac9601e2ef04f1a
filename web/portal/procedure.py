"""How a matter goes, what is declined and where to go then, what becomes of personal data: in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from cases.vocabulary import DeclineGround, Nature
from foundation.deadlines.models import ClockKind, Urgency
from web.portal.hall import public_hall
from web.portal.limits import Limits


@dataclass(frozen=True)
class Stage:
    title: str
    short: str
    """One sentence, for the hall's first page."""
    lines: list[str]


@dataclass(frozen=True)
class Pair:
    what: str
    text: str


@require_safe
@cache_control(private=True, no_cache=True)
def procedure(request: HttpRequest, hall_code: str) -> HttpResponse:
    hall = public_hall(hall_code)
    with timezone.override(hall.zone):
        limits = Limits(hall)
        page = {
            "hall": hall,
            "stages": stages(limits),
            "promises": limits.promises(),
            "complaint_lines": complaint_lines(limits),
            "natures": natures(),
            "grounds": grounds(),
            "decline_lines": limits.said(
                _("If we have to decline, you are told so within %(limit)s, with the reason and where you can go."),
                ClockKind.DECLINE_NOTICE,
            ),
        }
        return render(request, "portal/procedure.html", page)


def stages(limits: Limits) -> list[Stage]:
    """The five, with the limits that bind each."""
    return [
        Stage(
            _("Acceptance"),
            _("We write down what you tell us; you get a number, a tracking code and a date."),
            [
                _("Whoever receives you writes your matter down with you and stays responsible for you to the end."),
                _("You get a receipt with a number, a tracking code and the date by which you are answered."),
                *limits.said(_("Within %(limit)s it is decided who handles it."), ClockKind.DISPATCH),
                *limits.said(_("If it is urgent, within %(limit)s."), ClockKind.DISPATCH, urgency=Urgency.URGENT),
            ],
        ),
        Stage(
            _("Transfer"),
            _("The department in charge takes it over and contacts you."),
            [
                *limits.said(_("The department signs for it within %(limit)s."), ClockKind.SIGN_IN),
                *limits.said(_("Its handler contacts you within %(limit)s of signing."), ClockKind.CONTACT),
                *limits.said(_("Within %(limit)s it begins to look into the matter."), ClockKind.INVESTIGATE),
                _("Where several departments are concerned, the director names one that leads; you need not go round."),
            ],
        ),
        Stage(
            _("Feedback"),
            _("You are told what was done, by the date on your receipt."),
            [
                *limits.said(
                    _("When the department has reported its result, you are told within %(limit)s."), ClockKind.FEEDBACK
                ),
                _("The date on your receipt holds in any case; if it has to be moved, you are told before and why."),
            ],
        ),
        Stage(
            _("Follow-up"),
            _("We ask you: were you contacted, is it solved, are you satisfied?"),
            [
                *limits.said(
                    _("Within %(limit)s after the answer somebody asks you who did not handle it."), ClockKind.FOLLOW_UP
                ),
                *(
                    _("%(categories)s: within %(limit)s.") % {"categories": one.what, "limit": one.limit}
                    for one in limits.of_categories(ClockKind.FOLLOW_UP)
                ),
                _("There are three questions: were you contacted, is it solved, are you satisfied?"),
                _("If you are not satisfied, it is handled again, by somebody else."),
            ],
        ),
        Stage(
            _("Archive"),
            _("It is closed when you have said how it was, and stays on record."),
            [
                _("What was said, done and decided stays on record, in a form that nobody can change afterwards."),
                _("With your tracking code you can look it up at any time."),
            ],
        ),
    ]


def complaint_lines(limits: Limits) -> list[str]:
    """What holds for complaints besides."""
    what = {"nature": Nature.COMPLAINT}
    return [
        *limits.said(
            _("Within %(limit)s we confirm with you what you complain about; what we got wrong is corrected."),
            ClockKind.CONFIRM,
            **what,
        ),
        _("A department and an investigator are named. Whoever the complaint is about has no part in handling it."),
        *limits.said(_("The investigation begins within %(limit)s."), ClockKind.INVESTIGATE, **what),
        *limits.said(
            _("You are told the result, and what is done so that it does not happen again, within %(limit)s."),
            ClockKind.FEEDBACK,
            **what,
        ),
        _(
            "You may stay anonymous, or have your identity hidden: "
            "then only the director, the investigator and one contact know it."
        ),
    ]


def natures() -> list[Pair]:
    """What residents can bring."""
    words = {
        Nature.CONSULTATION: _("You would like to know how something is done, or what you are entitled to."),
        Nature.REQUEST: _("Something is broken or you need help: a leak, a dark staircase, care for somebody old."),
        Nature.COMPLAINT: _("A service of the community was not as it should be."),
        Nature.REPORT: _("Somebody breaks a rule: illegal building, a fire escape that is blocked, misused money."),
        Nature.SUGGESTION: _("You have an idea how something could be better."),
        Nature.PRAISE: _("Somebody has done well and should hear it."),
    }
    return [Pair(str(nature.label), text) for nature, text in words.items()]


def grounds() -> list[Pair]:
    """What cannot be accepted, and where to go then."""
    words = {
        DeclineGround.COURT: _(
            "Go to the court, the arbitration body or the reviewing authority. Legal advice is free at 12348."
        ),
        DeclineGround.OTHER_AUTHORITY: _(
            "We tell you which authority it is and how to reach it; 12345 puts you through as well."
        ),
        DeclineGround.IN_PROGRESS: _(
            "Please wait for the answer of the office that has accepted it; when its time is over, come to us."
        ),
        DeclineGround.FINAL_ANSWER: _(
            "A final answer is not taken up again. If there are new facts, bring them: they make a new matter."
        ),
        DeclineGround.NO_FACTS: _(
            "Tell us when and where it was, and what happened; with that we can accept it. We help you write it down."
        ),
    }
    return [Pair(str(ground.label), text) for ground, text in words.items()]
