"""The three rates of a hall for some days, by category as well, and whoever could not be asked counted apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, IntegerField, Q, QuerySet, Value

from followups.models import HAPPY, Conclusion, Evaluation, NotEvaluatedBecause, Satisfaction, Solved, UnevaluatedRound
from foundation.organization.models import Hall
from web.dashboard.figure import Figure, Reader, Share

SAID: dict[str, Q] = {
    "contacted": Q(is_contacted=True),
    "not_contacted": Q(is_contacted=False),
    "solved": Q(solved=Solved.YES),
    "partly_solved": Q(solved=Solved.PARTLY),
    "not_solved": Q(solved=Solved.NO),
    "satisfied": Q(satisfaction=Satisfaction.SATISFIED),
    "basically": Q(satisfaction=Satisfaction.BASICALLY),
    "content": Q(satisfaction__in=HAPPY),
    "dissatisfied": Q(satisfaction=Satisfaction.DISSATISFIED),
}
NOT_ASKED = [because.value for because in NotEvaluatedBecause]
CASES = [*SAID, "concluded", *NOT_ASKED]
"""Counted as cases, as their lists are; the rates count answers, of which a case has one each round."""
ANSWERS = ["answers", "answers_contacted", "answers_solved"]


@dataclass
class Said:
    """What residents said, counted: each name of CASES and of ANSWERS."""

    counts: Counter[str] = field(default_factory=Counter)

    def __getitem__(self, name: str) -> int:
        return self.counts[name]

    @property
    def asked(self) -> int:
        """Answers, and conclusions, which count as an answer that nothing is solved and nobody satisfied."""
        return self["answers"] + self["concluded"]

    @property
    def response(self) -> Share:
        return Share(self["answers_contacted"], self["answers"])

    @property
    def solution(self) -> Share:
        return Share(self["answers_solved"], self.asked)

    @property
    def satisfaction(self) -> Share:
        # Who is content is asked once: the case is archived then.
        return Share(self["content"], self.asked)


@dataclass(frozen=True)
class Rate:
    name: str
    share: Share
    figures: list[Figure]


def rates(said: Said, reader: Reader) -> list[Rate]:
    counts = said.counts
    return [
        Rate("response", said.response, reader.figures(counts, "contacted", "not_contacted")),
        Rate("solution", said.solution, reader.figures(counts, "solved", "partly_solved", "not_solved", "concluded")),
        Rate(
            "satisfaction",
            said.satisfaction,
            reader.figures(counts, "satisfied", "basically", "dissatisfied", "concluded"),
        ),
    ]


def said_by_category(hall: Hall, reader: Reader) -> dict[int, Said]:
    """One statement: answers, conclusions and rounds nobody was asked about."""
    return _read(_tally("case__category", hall, reader))


def said_by_hall(reader: Reader) -> dict[int, Said]:
    return _read(_tally("case__hall", None, reader))


def together(parts: Iterable[Said]) -> Said:
    whole = Said()
    for part in parts:
        whole.counts.update(part.counts)
    return whole


def _tally(key: str, hall: Hall | None, reader: Reader) -> QuerySet[Any, Any]:
    span = reader.span
    distinct: dict[str, Any] = {
        name: Count("case", filter=condition, distinct=True) for name, condition in SAID.items()
    }
    answers = {
        "answers": Count("pk"),
        "answers_contacted": Count("pk", filter=SAID["contacted"]),
        "answers_solved": Count("pk", filter=SAID["solved"]),
    }
    not_asked: dict[str, Any] = {name: Count("pk", filter=Q(because=name)) for name in NOT_ASKED}
    parts = [
        _grouped(Evaluation.objects.filter(span.holds("at")), key, hall, reader, distinct | answers),
        _grouped(Conclusion.objects.filter(span.holds("concluded_at")), key, hall, reader, {"concluded": Count("pk")}),
        _grouped(UnevaluatedRound.objects.filter(span.holds("at")), key, hall, reader, not_asked),
    ]
    whole: QuerySet[Any, Any] = parts[0].union(*parts[1:], all=True)
    return whole


def _grouped(
    rows: QuerySet[Any], key: str, hall: Hall | None, reader: Reader, counted: Mapping[str, Any]
) -> QuerySet[Any, Any]:
    if hall is not None:
        rows = rows.filter(case__hall=hall)
    nothing = Value(0, IntegerField())
    columns = {f"n_{name}": counted.get(name, nothing) for name in (*CASES, *ANSWERS)}
    grouped: QuerySet[Any, Any] = rows.filter(reader.not_barred()).order_by().values(key).annotate(**columns)
    return grouped.values(key, *columns)


def _read(rows: Iterable[dict[str, Any]]) -> dict[int, Said]:
    found: dict[int, Said] = {}
    for row in rows:
        key, *_rest = row.values()
        said = found.setdefault(key, Said())
        said.counts.update({name.removeprefix("n_"): count for name, count in row.items() if name.startswith("n_")})
    return found
