"""The public form: three short steps at one address, complete without scripts.

What was typed travels in the page itself and is stored only once it is sent; files wait under the form's own key.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from cases.suggestion import usual_category
from complaints import pending
from complaints.actions.submit import Consent, owner_for, submit, told
from complaints.public_files import NoRoom
from foundation.deadlines.terms import calendar_for
from foundation.organization.models import Category, Hall
from foundation.refusals import Refused
from foundation.throttling.actions import Limit, TooMany, spend, take, take_in_turn
from reception.actions import AlreadyRegistered
from reception.models import Identity, Visit
from web.bodies import LARGEST_BODY, length_of
from web.portal import challenge, sent
from web.portal.hall import public_hall
from web.portal.opening import open_now
from web.portal.tell_form import CONSENT_VERSION, IDENTITIES, NATURES, STEPS, StepForm
from web.portal.upload_limit import EndsAtLimit
from web.portal.visitor import address_of, come_back_later
from web.session import keep_language

HOUR: Final = timedelta(hours=1)
# A whole street may stand behind one address; a telephone company puts thousands there.
FROM_ADDRESS: Final = {
    True: Limit("tell.puzzle.address", 30, HOUR),
    False: Limit("tell.question.address", 6, HOUR),
}
IN_HALL: Final = {True: Limit("tell.puzzle.hall", 600, HOUR), False: Limit("tell.question.hall", 60, HOUR)}
UPLOADS: Final = Limit("tell.upload", 120, HOUR)
"""Presses that bring files: each picture is drawn anew, which costs the computer more than anything else here."""

TRAP: Final = "website"
NOT_CARRIED: Final = ("files", "consent", "answer")


@dataclass
class Telling:
    """One press of a button on the form."""

    request: HttpRequest
    hall: Hall
    now: datetime
    data: QueryDict
    key: uuid.UUID
    step: str
    forms: dict[str, StepForm] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    """What is to be said above the form besides the errors."""
    language: str = ""
    """The one the page is to be shown in from now on; empty where another button was pressed."""

    def form(self, step: str) -> StepForm:
        if step not in self.forms:
            self.forms[step] = STEPS[step](self.data, self.request.FILES if step == self.step else None)
        return self.forms[step]

    def first_incomplete(self) -> str:
        return next((step for step in STEPS if step != "check" and not self.form(step).is_valid()), "check")


@csrf_exempt  # Checked below: an old page is drawn again with all that was typed, not refused.
@never_cache
@sensitive_post_parameters("name", "phone", "email", "matter", "about", "place", "when")
@require_http_methods(["GET", "HEAD", "POST"])
def tell(request: HttpRequest, hall_code: str) -> HttpResponse:
    hall = public_hall(hall_code)
    now = timezone.now()
    with timezone.override(hall.zone):
        if request.method != "POST":
            return _draw(Telling(request, hall, now, QueryDict(), uuid.uuid4(), "what"), "what", fresh=True)
        if length_of(request) > LARGEST_BODY:
            return _too_large(request, hall)
        too_large: list[str] = []
        request.upload_handlers.insert(0, EndsAtLimit(request, too_large))
        telling = Telling(request, hall, now, request.POST, _key_of(request), _step_of(request))
        telling.language = _language_of(request)
        if not telling.language:
            return _answer(telling, too_large)
        translation.activate(telling.language)
        response = _answer(telling, too_large)
        keep_language(response, telling.language)
        return response


def _answer(telling: Telling, too_large: list[str]) -> HttpResponse:
    reason = _Csrf(lambda _request: HttpResponse()).why_refused(telling.request)
    try:
        _take_files(telling, too_large)
    except TooMany as refusal:
        return _wait(telling, telling.step, refusal)
    if reason:
        telling.notes.append(_("The page had grown old. Everything is still here: please press the button once more."))
        return _draw(telling, telling.step, status=403)
    return _draw_anew(telling) if telling.language else _pressed(telling)


def _draw_anew(telling: Telling) -> HttpResponse:
    """The same step in the language asked for: nobody wanted to go on yet, so of its errors only files' are told."""
    if "what" in telling.forms:
        telling.notes += [str(error) for error in telling.form("what").errors.get("files", [])]
    # Agreed was to other words than stand there now.
    telling.data = telling.data.copy()
    telling.data.pop("consent", None)
    return _draw(telling, telling.step)


def _pressed(telling: Telling) -> HttpResponse:
    wish = telling.data.get("do", "")
    if wish in STEPS:
        # Back, or to a step whose answers are to be changed: nothing is checked on the way there.
        return _draw(telling, wish)
    if telling.data.get(TRAP):
        telling.notes.append(
            _("A field that nobody sees was filled in, perhaps by your browser. It is empty again: please go on.")
        )
        return _draw(telling, telling.step, status=422)
    if telling.step == "check" and wish == "send":
        return _send(telling)
    if not telling.form(telling.step).is_valid():
        return _draw(telling, telling.step, status=422)
    return _draw(telling, telling.first_incomplete())


def _send(telling: Telling) -> HttpResponse:
    hall, now = telling.hall, telling.now
    earlier = Visit.objects.filter(submission_key=telling.key, hall=hall)
    # The row itself only where there is one, which is hardly ever.
    if earlier.exists():
        return _sent_before(telling, earlier.get())
    incomplete = telling.first_incomplete()
    if incomplete != "check":
        return _draw(telling, incomplete, status=422)
    check = telling.form("check")
    shown = challenge.solved(telling.data.get("altcha", ""), hall, now=now) or challenge.answered(
        telling.data.get("question", ""), telling.data.get("answer", ""), hall, now=now
    )
    if shown is None:
        check.add_error("answer", _("That was not the sum, or the question was too old. Here is a new one."))
    if shown is None or not check.is_valid():
        return _draw(telling, "check", status=422)
    try:
        from_address, in_hall = FROM_ADDRESS[shown.by_puzzle], IN_HALL[shown.by_puzzle]
        take_in_turn([(from_address, address_of(telling.request)), (in_hall, str(hall.pk))], now=now)
    except TooMany as refusal:
        return _wait(telling, "check", refusal)
    try:
        with transaction.atomic():
            # Spent with what it is spent on: whoever presses twice waits here for the first press to end.
            is_first = spend(token=shown.token, until=shown.until)
            case_id = _submit(telling) if is_first else None
    except AlreadyRegistered as refusal:
        return _sent_before(telling, refusal.visit)
    except Refused as refusal:
        step = next((step for step, form in telling.forms.items() if refusal.field in form.fields), "check")
        telling.form(step).refuse(refusal)
        return _draw(telling, step, status=422)
    if case_id is None:
        if earlier.exists():
            return _sent_before(telling, earlier.get())
        check.add_error("answer", _("This answer was used before. Here is a new question."))
        return _draw(telling, "check", status=422)
    gave_email = bool(telling.form("who").cleaned_data["email"])
    return redirect(sent.address_of(hall, case_id, gave_email=gave_email))


def _submit(telling: Telling) -> int:
    what, who = telling.form("what").cleaned_data, telling.form("who").cleaned_data
    is_anonymous = who["identity"] == Identity.ANONYMOUS
    waiting = pending.pending(telling.hall, telling.key)
    case = submit(
        hall=telling.hall,
        submission_key=telling.key,
        now=telling.now,
        **{name: what[name] for name in ("nature", "matter", "place", "when", "about")},
        identity=who["identity"],
        **({} if is_anonymous else {name: who[name] for name in ("name", "phone", "email")}),
        consent=Consent(CONSENT_VERSION, get_language() or ""),
        category=_category(telling),
        files=[file.clean_file() for file in waiting],
    )
    if waiting:
        pending.forget(waiting)
    return case.pk


def _sent_before(telling: Telling, visit: Visit) -> HttpResponse:
    """The receipt once more; or, where another matter came with the key of a page gone back to, the question which."""
    case_id = visit.case_visit.case_id
    what = telling.form("what")
    typed = told(*(telling.data.get(name, "") for name in ("matter", "place", "when")))
    if visit.hall_id == telling.hall.pk and (visit.matter == typed or not what.is_valid()):
        return redirect(sent.address_of(telling.hall, case_id))
    telling.key = uuid.uuid4()
    telling.notes.append(
        _("This form was sent before, and what stands here was changed since. Send again to tell us a second matter.")
    )
    return _draw(telling, "check", status=422)


def _take_files(telling: Telling, too_large: list[str]) -> None:
    """Files that came with this press wait under the form's key; those ticked are taken out. Raises TooMany."""
    for public_id in telling.data.getlist("drop"):
        if (one := _uuid(public_id)) is not None:
            pending.remove(hall=telling.hall, key=telling.key, public_id=one)
    form = telling.form("what")
    if telling.step == "what" and telling.request.FILES.getlist("files"):
        take(UPLOADS, who=address_of(telling.request), now=telling.now)
        form.is_valid()
        fit, wrong = form.cleaned_data.get("files") or ([], [])
        left_out: list[str] = []
        try:
            left_out = pending.keep(hall=telling.hall, key=telling.key, files=fit, now=telling.now)
        except NoRoom as refusal:
            form.add_error("files", str(refusal))
        for message in wrong:
            form.add_error("files", message)
        if left_out:
            form.add_error("files", _("At most 9 files; left out: %(names)s") % {"names": _(", ").join(left_out)})
    for name in too_large:
        form.add_error("files", _("%(name)s is larger than 10 MB.") % {"name": name})


def _draw(telling: Telling, step: str, *, status: int = 200, fresh: bool = False) -> HttpResponse:
    hall, request = telling.hall, telling.request
    form = telling.forms.get(step)
    if form is None or status == 200:
        # Not bound: what is still empty on a step that opens is no mistake yet.
        form = STEPS[step](initial={name: telling.data.get(name, "") for name in STEPS[step].base_fields})
    context: dict[str, Any] = {
        "hall": hall,
        "now": telling.now,
        "step": step,
        "place": list(STEPS).index(step) + 1,
        "places": len(STEPS),
        "form": form,
        "notes": telling.notes,
        "key": telling.key,
        "trap": TRAP,
        "carried": _carried(telling, step),
        "waiting": [] if fresh else pending.pending(hall, telling.key),
        "opening": open_now(calendar_for(hall), telling.now),
    }
    if step == "check":
        question = _question(telling, form)
        form.fields["answer"].label = question.words
        context |= {
            "question": question,
            "answers": _answers(telling),
            "is_anonymous": telling.data.get("identity") == Identity.ANONYMOUS,
        }
    return render(request, "portal/tell.html", context, status=status)


def _question(telling: Telling, form: StepForm) -> challenge.Question:
    """The same again where its answer was not the trouble; else a new one, and the field for it empty."""
    known = challenge.asked_before(telling.data.get("question", ""), telling.hall)
    if known is not None and (form.is_bound or telling.language) and "answer" not in form.errors:
        return known
    if form.is_bound:
        data = telling.data.copy()
        data["answer"] = ""
        form.data = data
    else:
        form.initial["answer"] = ""
    return challenge.new_question(telling.hall)


def _carried(telling: Telling, step: str) -> list[tuple[str, str]]:
    """What was typed on the other steps, and what the form was given to take along."""
    names = [
        name for other, form in STEPS.items() if other != step for name in form.base_fields if name not in NOT_CARRIED
    ]
    carried = [(name, telling.data.get(name, "")) for name in names if telling.data.get(name)]
    if step == "check":
        carried.append(("category", telling.data.get("category") or _suggested(telling)))
    return carried


def _answers(telling: Telling) -> dict[str, str]:
    """What was given, in words, for reading it once more."""
    data = {name: telling.data.get(name, "").strip() for name in telling.data}
    return data | {
        "nature": str(dict(NATURES).get(data.get("nature", ""), "")),
        "identity": str(dict(IDENTITIES).get(data.get("identity", ""), "")),
    }


def _suggested(telling: Telling) -> str:
    """The category that matters like this one have, as far as they agree; asked before sending, not while."""
    try:
        staff = owner_for(telling.hall, now=telling.now)
    except Refused:
        return ""
    found = usual_category(hall=telling.hall, text=telling.data.get("matter", ""), staff=staff)
    return str(found.category_id) if found else ""


def _category(telling: Telling) -> Category | None:
    key = telling.data.get("category", "")
    if not (key.isascii() and key.isdecimal() and len(key) < 18):
        return None
    return Category.objects.select_related("parent").filter(hall=telling.hall, is_active=True, pk=int(key)).first()


def _wait(telling: Telling, step: str, refusal: TooMany) -> HttpResponse:
    """429: in words how long to wait, whom to call, and everything that was typed."""
    minutes = -(-refusal.retry_after // 60)
    telling.notes.append(
        ngettext(
            "Very much came in from this connection. Please wait about %(minutes)d minute and press once more; "
            "what you typed stays on this page.",
            "Very much came in from this connection. Please wait about %(minutes)d minutes and press once more; "
            "what you typed stays on this page.",
            minutes,
        )
        % {"minutes": minutes}
    )
    if telling.hall.phone:
        telling.notes.append(_("If it cannot wait, call us: %(phone)s.") % {"phone": telling.hall.phone})
    return come_back_later(_draw(telling, step, status=429), refusal)


def _too_large(request: HttpRequest, hall: Hall) -> HttpResponse:
    response = render(request, "portal/tell_too_large.html", {"hall": hall}, status=413)
    # Nobody waits for the rest of it.
    response["Connection"] = "close"
    return response


def _key_of(request: HttpRequest) -> uuid.UUID:
    return _uuid(request.POST.get("submission_key", "")) or uuid.uuid4()


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _language_of(request: HttpRequest) -> str:
    language = request.POST.get("language", "")
    return language if language in dict(settings.LANGUAGES) else ""


def _step_of(request: HttpRequest) -> str:
    step = request.POST.get("step", "")
    return step if step in STEPS else "what"


class _Csrf(CsrfViewMiddleware):
    def why_refused(self, request: HttpRequest) -> str:
        """Empty where the form came from a page of ours."""
        refused = self.process_view(request, _pressed, (), {})
        return str(refused) if refused else ""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason
