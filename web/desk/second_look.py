"""What the hall looks at once more after the archive: its second looks, how far they have come, and late answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from cases.models import Answer, Part
from cases.powers import acts_as_director, knows_identity
from cases.vocabulary import PartRole
from followups.models import Evaluation, LateAnswer, SecondLook, UnevaluatedRound
from followups.second_look import Shares, quarter_of, shares_of, to_count, worklist
from foundation.organization.models import Role, Staff
from foundation.refusals import Refused
from foundation.residents.rights import may_reveal
from web.access import StaffRequest, roles_required, staff_required
from web.case_filters import identity_known, shown_name
from web.desk.case import visible_case
from web.desk.personal import RevealForm
from web.desk.verbs.follow_up import SECOND_LOOK, SecondLookForm
from web.desk.verbs.offer import offered
from web.figures import count_all, in_words
from web.keyset import page_of
from web.refused import show_refusal, status_of
from web.tabs import Tab

QUARTERS: dict[str, tuple[str | Promise, int]] = {
    "this": (gettext_lazy("this quarter"), 0),
    "last": (gettext_lazy("last quarter"), 1),
}
DECIDED: dict[str, tuple[str | Promise, Q]] = {
    "waiting": (gettext_lazy("wait for the director"), Q(decision=LateAnswer.Decision.WAITS)),
    "decided": (gettext_lazy("decided"), Q(decided_at__isnull=False)),
    "content": (gettext_lazy("nothing to decide"), Q(decision=LateAnswer.Decision.NOT_NEEDED)),
}


@dataclass(frozen=True)
class Covered:
    """So many of so many: of the rounds drawn for a role that anybody may look at, or of those residents were told."""

    label: str | Promise
    done: int
    of: int
    hint: str

    @property
    def percent(self) -> int | None:
        return round(100 * self.done / self.of) if self.of else None


@require_safe
@roles_required(Role.HEAD, Role.DIRECTOR, Role.SUPERVISOR)
def second_look_list(request: StaffRequest) -> HttpResponse:
    asked = request.GET.get("quarter", "")
    quarter = asked if asked in QUARTERS else "this"
    now = timezone.now()
    days = quarter_of(request.hall, now, back=QUARTERS[quarter][1])
    shares = shares_of(request.hall)
    waiting = worklist(request.hall, request.user, days, shares)
    page = page_of(waiting.annotate(is_name_known=identity_known(request.user)), request.GET, by="closed_at")
    figures = count_all({"list": waiting, **to_count(request.hall, request.user, days, shares)}, cap=None)
    return render(
        request,
        "desk/second_look_list.html",
        {
            "now": now,
            "page": page,
            "rows": [{"case": case, "who": _who(case)} for case in page.rows],
            "count": in_words(figures["list"]),
            "tabs": [Tab(label, f"?quarter={name}", name == quarter) for name, (label, _back) in QUARTERS.items()],
            "coverage": _coverage(shares, figures),
        },
    )


def _who(case: Any) -> Any:
    return shown_name(case, is_known=case.is_name_known)


def _apart(percent: int, above: int, nobody: int) -> Iterator[str]:
    yield _("%(percent)s %% of what was archived is drawn") % {"percent": percent}
    if above:
        yield _("%(count)s done by the next level") % {"count": above}
    if nobody:
        yield _("for %(count)s more nobody is left") % {"count": nobody}


def _coverage(shares: Shares, figures: dict[str, int]) -> list[Covered]:
    looks = [
        Covered(
            Role(role).label,
            figures[f"{role}_done"],
            figures[f"{role}_drawn"] - figures[f"{role}_nobody"],
            " · ".join(_apart(percent, figures[f"{role}_above"], figures[f"{role}_nobody"])),
        )
        for role, percent in sorted(shares.items())
    ]
    waiting = _("%(count)s still wait") % {"count": figures["waiting"]}
    return [*looks, Covered(_("Follow-ups"), figures["followed_up"], figures["told"], waiting)]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
def second_look(request: StaffRequest, number: str) -> HttpResponse:
    case = visible_case(request, number)
    if SECOND_LOOK not in offered(case, request.user, [SECOND_LOOK]):
        sentence = _("“%(verb)s” cannot be done here now.") % {"verb": SECOND_LOOK.label}
        if request.method == "POST":
            raise PermissionDenied(sentence)
        messages.error(request, sentence)
        return redirect("desk:case_detail", case.number)
    now, status = timezone.now(), 200
    form = SecondLookForm(request.POST if request.method == "POST" else None, subject=case, staff=request.user, now=now)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                SECOND_LOOK.run(form, now)
            except Refused as refusal:
                status = status_of(refusal)
                show_refusal(form, refusal)
            else:
                messages.success(request, str(SECOND_LOOK.done))
                return redirect("desk:second_look_list")
    knows = knows_identity(case, request.user)
    page = {
        "case": case,
        "now": now,
        "form": form,
        "knows_identity": knows,
        "answer": Answer.objects.filter(case=case, is_reached=True, round=case.round).order_by("-answered_at").first(),
        "said": Evaluation.objects.filter(case=case, round=case.round).select_related("recorded_by").first(),
        "unasked": UnevaluatedRound.objects.filter(case=case, round=case.round).select_related("closed_by").first(),
        "looks": list(SecondLook.objects.filter(case=case, round=case.round).select_related("by").order_by("-at")),
        "script": [
            _("Good day, this is %(name)s of %(hall)s.") % {"name": request.user.name, "hall": request.hall.name},
            _("We ask some residents once more whether a matter was really settled."),
            _("You told us about “%(title)s”. Is it as we have written it down?") % {"title": case.title},
        ],
        "reveal_form": RevealForm(initial={"field": "phone", "reason": _("second look")})
        if knows and case.resident and case.resident.has_phone and may_reveal(request.user, case.resident, case.chain)
        else None,
    }
    return render(request, "desk/second_look_form.html", page, status=status)


@require_safe
@roles_required(Role.DIRECTOR, Role.SUPERVISOR)
def late_answer_list(request: StaffRequest) -> HttpResponse:
    answers = LateAnswer.objects.visible_to(request.user).filter(case__hall=request.hall)
    asked = request.GET.get("state", "")
    state = asked if asked in DECIDED else "waiting"
    counts = count_all({name: answers.filter(condition) for name, (_label, condition) in DECIDED.items()})
    barred = Part.objects.filter(case=OuterRef("case"), role=PartRole.BARRED, ended_at=None)
    rows = answers.filter(DECIDED[state][1]).select_related("case__hall", "decided_by").defer("case__search")
    rows = rows.annotate(is_about_staff=Exists(barred))
    page = page_of(rows, request.GET, by="at", descending=state != "waiting")
    return render(
        request,
        "desk/late_answer_list.html",
        {
            "page": page,
            "rows": page.rows,
            "state": state,
            "decides": _decided_by(request.user, page.rows) if state == "waiting" else set(),
            "tabs": [
                Tab(label, f"?state={name}", name == state, in_words(counts[name]))
                for name, (label, _condition) in DECIDED.items()
            ],
        },
    )


def _decided_by(staff: Staff, rows: Sequence[Any]) -> set[int]:
    """The answers this person decides about. Where nobody is barred it hangs on the hall alone and is asked once."""
    decided: set[int] = set()
    plain: bool | None = None
    for late in rows:
        if late.is_about_staff:
            decides = acts_as_director(late.case, staff)
        else:
            plain = decides = acts_as_director(late.case, staff) if plain is None else plain
        if decides:
            decided.add(late.pk)
    return decided
