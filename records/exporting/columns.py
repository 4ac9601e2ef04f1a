"""The register as offices know it: its columns, and a batch of cases as rows of them, in a handful of queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Answer, CaseDeadline, CaseVisit, TransferSlip
from cases.vocabulary import HELD_SLIP_STATES, CaseState, ClockOutcome, Nature, SlipKind
from followups.models import Evaluation, NotEvaluatedBecause, Satisfaction, Solved, UnevaluatedRound
from foundation.deadlines.models import ClockKind
from foundation.residents.models import Resident
from reception.models import Channel

HEADINGS = (
    (gettext_lazy("Case number"), 20),
    (gettext_lazy("Received"), 17),
    (gettext_lazy("By which door"), 12),
    (gettext_lazy("Resident"), 12),
    (gettext_lazy("Phone"), 15),
    (gettext_lazy("People"), 7),
    (gettext_lazy("Kind of matter"), 10),
    (gettext_lazy("Theme"), 14),
    (gettext_lazy("Category"), 18),
    (gettext_lazy("Title"), 30),
    (gettext_lazy("The matter"), 50),
    (gettext_lazy("Met first"), 12),
    (gettext_lazy("Lead department"), 18),
    (gettext_lazy("Assisting departments"), 18),
    (gettext_lazy("Stage"), 10),
    (gettext_lazy("Round"), 7),
    (gettext_lazy("Promised by"), 17),
    (gettext_lazy("Answered on"), 17),
    (gettext_lazy("In time"), 10),
    (gettext_lazy("Answer"), 50),
    (gettext_lazy("Solved"), 10),
    (gettext_lazy("Satisfied"), 14),
    (gettext_lazy("Closed on"), 17),
    (gettext_lazy("Number given from outside"), 18),
)
"""Each with its width."""

FACTS = (
    "pk",
    "number",
    "registered_at",
    "channel",
    "resident",
    "identity",
    "headcount",
    "nature",
    "category__parent__name",
    "category__name",
    "title",
    "first_contact_owner__name",
    "state",
    "round",
    "promise_due_at",
    "informed_at",
    "closed_at",
    "outside_number",
    "is_name_known",
)
Cell = str | int


def rows_of(batch: list[dict[str, Any]], *, zone: ZoneInfo) -> Iterator[list[Cell]]:
    """batch: FACTS of cases. Numbers of telephones are masked for everybody, names only shown as `is_name_known`."""
    beside = Beside(batch)
    for facts in batch:
        pk, round_ = facts["pk"], facts["round"]
        name, phone = beside.resident(facts)
        theme, category = facts["category__parent__name"] or "", facts["category__name"]
        solved, satisfied = beside.said.get((pk, round_), ("", ""))
        yield [
            facts["number"],
            _moment(beside.received.get(pk, facts["registered_at"]), zone),
            str(Channel(facts["channel"]).label),
            name,
            phone,
            facts["headcount"],
            str(Nature(facts["nature"]).label),
            theme or category,
            category if theme else "",
            facts["title"],
            beside.matters.get(pk, ""),
            facts["first_contact_owner__name"],
            beside.lead.get((pk, round_), ""),
            _(", ").join(beside.assisting.get((pk, round_), [])),
            str(CaseState(facts["state"]).label),
            round_,
            _moment(facts["promise_due_at"], zone),
            _moment(facts["informed_at"], zone),
            beside.in_time.get((pk, round_), ""),
            beside.answers.get((pk, round_), ""),
            solved,
            satisfied,
            _moment(facts["closed_at"], zone),
            facts["outside_number"],
        ]


class Beside:
    """What stands in other tables about the cases of a batch, of their present round."""

    def __init__(self, batch: Iterable[dict[str, Any]]) -> None:
        rounds = {facts["pk"]: facts["round"] for facts in batch}
        ids = list(rounds)
        wanted = {facts["resident"] for facts in batch if facts["resident"] and facts["is_name_known"]}
        self.residents = Resident.objects.only("name", "phone_sealed", "erased_at").in_bulk(wanted)
        self.received: dict[int, datetime] = {}
        self.matters: dict[int, str] = {}
        visits = CaseVisit.objects.filter(case__in=ids, ordinal=1)
        for pk, received_at, matter in visits.values_list("case", "visit__received_at", "visit__matter"):
            self.received[pk], self.matters[pk] = received_at, matter
        self.lead: dict[tuple[int, int], str] = {}
        self.assisting: dict[tuple[int, int], list[str]] = {}
        slips = TransferSlip.objects.filter(case__in=ids, state__in=HELD_SLIP_STATES).order_by("pk")
        for pk, round_, kind, department in slips.values_list("case", "round", "kind", "department__name"):
            if kind == SlipKind.LEAD:
                self.lead[pk, round_] = department
            else:
                self.assisting.setdefault((pk, round_), []).append(department)
        words = {
            ClockOutcome.RUNNING: "",
            ClockOutcome.MET: _("in time"),
            ClockOutcome.MET_LATE: _("late"),
            ClockOutcome.CANCELLED: "",
        }
        promises = CaseDeadline.objects.filter(case__in=ids, kind=ClockKind.PROMISE)
        self.in_time = {
            (pk, round_): words[ClockOutcome(outcome)]
            for pk, round_, outcome in promises.values_list("case", "round", "outcome")
        }
        reached = Answer.objects.filter(case__in=ids, is_reached=True).order_by("answered_at", "pk")
        self.answers = {(pk, round_): text for pk, round_, text in reached.values_list("case", "round", "text")}
        self.said: dict[tuple[int, int], tuple[str, str]] = {}
        unasked = UnevaluatedRound.objects.filter(case__in=ids).values_list("case", "round", "because")
        for pk, round_, because in unasked:
            self.said[pk, round_] = "", str(NotEvaluatedBecause(because).label)
        asked = Evaluation.objects.filter(case__in=ids).values_list("case", "round", "solved", "satisfaction")
        for pk, round_, solved, satisfaction in asked:
            self.said[pk, round_] = str(Solved(solved).label), str(Satisfaction(satisfaction).label)

    def resident(self, facts: dict[str, Any]) -> tuple[str, str]:
        """Name and masked phone, as far as this reader may know."""
        if facts["resident"] is None:
            return _("anonymous"), ""
        if not facts["is_name_known"]:
            return _("identity hidden"), ""
        known = self.residents[facts["resident"]]
        return known.name, known.masked_phone if known.has_phone else ""


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    """As text that sorts: what Excel makes of a date depends on whose Excel it is."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else ""
