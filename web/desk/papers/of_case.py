"""Papers about the whole case: registration form, acceptance receipt, refusal notice, letter of conclusion."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions.write_to_resident import tracking_path
from cases.models import Answer, Case, CaseDeadline, CaseVisit
from cases.vocabulary import (
    AnswerMeans,
    CaseState,
    DeclineGround,
    Nature,
    Route,
    SignatureKind,
    Urgency,
)
from followups.models import Conclusion
from foundation.deadlines.explanation import explain
from foundation.deadlines.models import ClockKind
from foundation.ledger.models import Entry
from foundation.residents.models import Sex
from reception.models import Channel
from web.desk.papers.choices import ticked
from web.desk.papers.sheet import Found, Known, Reader, Sheet
from web.promised import corrected
from web.qr import qr_code

# How a matter was dealt with, in the order of the form.
WAYS = (Route.ON_THE_SPOT, Route.TRANSFERRED, Route.COORDINATED, Route.HANDED_UP)


def find_registration(known: Known, reader: Reader) -> list[Found]:
    return [Found(known.case.number)] if reader.is_of_hall(known.case) else []


def load_registration(sheets: list[Sheet], reader: Reader) -> None:
    cases = [sheet.case for sheet in sheets]
    visits: dict[int, list[CaseVisit]] = {case.pk: [] for case in cases}
    for visit in CaseVisit.objects.filter(case__in=cases).select_related("visit__registered_by"):
        visits[visit.case_id].append(visit)
    answers = last_answers(cases)
    for sheet in sheets:
        case, contacts = sheet.case, visits[sheet.case.pk]
        first = contacts[0].visit
        knows = reader.knows_identity(case)
        resident = case.resident if knows else None
        answer = answers.get((case.pk, case.round))
        sheet.facts = {
            **choices_of_registration(case, resident.sex if resident else ""),
            "first": first,
            "contacts": contacts,
            "resident": resident,
            "age": resident.age(timezone.localdate(first.received_at)) if resident else None,
            "knows_identity": knows,
            "answer": answer,
            **signature_of(answer, knows),
            "is_empty": False,
        }


def choices_of_registration(case: Case | None = None, sex: str = "") -> dict[str, Any]:
    """The boxes of the form; without a case all of them are left to the pen."""
    declined = (CaseState.DECLINED.label, case is not None and case.state == CaseState.DECLINED)
    return {
        "sexes": ticked(Sex, sex),
        "doors": ticked(Channel, case.channel if case else ""),
        "natures": ticked(Nature, case.nature if case else ""),
        "urgencies": ticked(Urgency, case.urgency if case else ""),
        "ways": [*ticked(WAYS, case.route if case else ""), declined],
    }


def find_receipt(known: Known, reader: Reader) -> list[Found]:
    return [Found(known.case.number)] if known.case.accepted_at else []


def receipt_address(case: Case, found: Found) -> str:
    return reverse("desk:print_receipt", args=[case.number])


def load_receipt(sheets: list[Sheet], reader: Reader) -> None:
    cases = [sheet.case for sheet in sheets]
    promises = {
        clock.case_id: clock
        for clock in CaseDeadline.objects.filter(case__in=cases, kind=ClockKind.PROMISE)
        .select_related("case")
        .order_by("round")
    }
    firsts = {
        one.case_id: one.visit
        for one in CaseVisit.objects.filter(case__in=cases).select_related("visit").order_by("-ordinal")
    }
    moved = corrected(promises.values())
    for sheet in sheets:
        case = sheet.case
        promise = promises.get(case.pk)
        sheet.facts = {
            "first": firsts[case.pk],
            "promise": promise,
            "corrected": moved.get(promise.pk) if promise else None,
            "why": explain(promise.explanation, zone=case.hall.zone) if promise else [],
            "address": tracking_address(case),
            "qr": qr_code(tracking_address(case), _("QR code of the status page")),
            "knows_identity": reader.knows_identity(case),
        }


def find_refusal(known: Known, reader: Reader) -> list[Found]:
    is_declined = known.case.state == CaseState.DECLINED
    return [Found(known.case.number)] if is_declined and reader.is_of_hall(known.case) else []


def load_refusal(sheets: list[Sheet], reader: Reader) -> None:
    chains = {sheet.case.chain_id for sheet in sheets}
    entries: dict[tuple[int, str], Entry] = {}
    for entry in (
        Entry.objects.filter(chain__in=chains, kind__in=["case.declined", "case.decline_told"])
        .prefetch_related("texts")
        .order_by("seq")
    ):
        entries[entry.chain_id, entry.kind] = entry
    received = _received([sheet.case for sheet in sheets])
    for sheet in sheets:
        case = sheet.case
        declined, told = entries[case.chain_id, "case.declined"], entries.get((case.chain_id, "case.decline_told"))
        advice = next((text.content for text in declined.texts.all() if text.name == "advice"), None)
        sheet.facts = {
            "is_final": case.decline_ground == DeclineGround.FINAL_ANSWER,
            "received_at": received[case.pk],
            "advice": _("erased") if advice is None else advice,
            "knows_identity": reader.knows_identity(case),
            "means": ticked(AnswerMeans, told.data["means"] if told else ""),
        }


def find_conclusion(known: Known, reader: Reader) -> list[Found]:
    return [Found(known.case.number)] if known.is_concluded and reader.is_of_hall(known.case) else []


def load_conclusion(sheets: list[Sheet], reader: Reader) -> None:
    cases = [sheet.case for sheet in sheets]
    # The last one, where the director had reopened what was concluded.
    concluded = Conclusion.objects.filter(case__in=cases).select_related("concluded_by").order_by("round")
    letters = {one.case_id: one for one in concluded}
    received = _received(cases)
    for sheet in sheets:
        sheet.facts = {
            "conclusion": letters[sheet.case.pk],
            "received_at": received[sheet.case.pk],
            "knows_identity": reader.knows_identity(sheet.case),
        }


def _received(cases: list[Case]) -> dict[int, datetime]:
    """When the resident first came with it."""
    visits = CaseVisit.objects.filter(case__in=cases, ordinal=1)
    return dict(visits.values_list("case", "visit__received_at"))


def last_answers(cases: list[Case]) -> dict[tuple[int, int], Answer]:
    """What the resident was told last in each round of each case."""
    reached = Answer.objects.filter(case__in=cases, is_reached=True).select_related("answered_by", "signature")
    return {(answer.case_id, answer.round): answer for answer in reached.order_by("answered_at", "pk")}


def signature_of(answer: Answer | None, knows_identity: bool) -> dict[str, Any]:
    """What the resident drew on the tablet, and when they signed; a box left to the pen has no date yet."""
    if answer is None or answer.signature_kind == SignatureKind.NONE:
        return {"signature": "", "signed_at": None}
    drawn = answer.signature if knows_identity else None
    return {
        "signature": reverse("desk:attachment", args=[drawn.public_id]) if drawn else "",
        "signed_at": answer.answered_at,
    }


def tracking_address(case: Case) -> str:
    """The full address of the resident's status page."""
    base: str = settings.PUBLIC_BASE_URL
    return base + tracking_path(case)
