"""What is played: the people, the residents and their matters, read from records/data/demonstration_*.json."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True, kw_only=True)
class Post:
    """Somebody who works there. Without a hall: in the street office."""

    username: str
    name: str
    roles: list[str]
    department: str = ""
    phone: str = ""
    login: bool = False
    """Whether they are named among the log-ins printed at the end."""


@dataclass(frozen=True, kw_only=True)
class House:
    """One hall."""

    code: str
    name: str
    phone: str
    address: str
    on_call_phone: str
    people: list[Post]


@dataclass(frozen=True, kw_only=True)
class Late:
    """What a resident says over the link after the archive; they are not satisfied."""

    reasons: str
    solved: str = "no"
    decision: str = ""
    """The director's words; empty: not decided yet."""
    is_reopened: bool = False


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """How the round's follow-up goes."""

    how: str = "phone"
    """phone, visit, desk (the resident fills it in there), link, unreachable, anonymous, concluded (by the director).
    """
    missed: int = 0
    """Attempts that reach nobody before."""
    contacted: bool = True
    solved: str = "yes"
    satisfaction: str = "satisfied"
    reasons: str = ""
    remark: str = ""
    late: Late | None = None


@dataclass(frozen=True, kw_only=True)
class Aside:
    """Something beside the five stages, right before a step of the round; see asides.py."""

    before: str
    do: str
    """A method of asides.Beside."""
    text: str = ""
    answer: str = ""
    """What was decided or answered; empty: nobody has yet."""
    is_refused: bool = False
    days: int = 0
    reason: str = ""
    who: str = ""


@dataclass(frozen=True, kw_only=True)
class Assisting:
    """A department that helps the lead of a coordinated case."""

    department: str
    result: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class LookedInto:
    """What a round of a complaint or report holds besides; what is left empty is taken from the phrases."""

    kind: str = "service"
    """A class of complaints.models.ComplaintKind."""
    records: list[dict[str, str]] = field(default_factory=list)
    """kind, text, and place or heard of each record."""
    allegations: str = ""
    account: str = ""
    verdict: str = "founded"
    reasons: str = ""
    """Empty: the result."""
    sanction: dict[str, str] = field(default_factory=dict)
    apology: dict[str, str] = field(default_factory=dict)
    """kind and text of what the director decides; empty: not decided. A correction: within how many days, and, where
    it was confirmed, the note (corrected)."""


@dataclass(frozen=True, kw_only=True)
class Round:
    """What is done and said in one round; what is left empty is taken from the phrases."""

    department: str = ""
    """Empty: the usual one of the category."""
    handler: str = ""
    instruction: str = ""
    contact: str = ""
    plan: str = ""
    notes: list[str] = field(default_factory=list)
    result: str = ""
    remedy: str = ""
    prevention: str = ""
    rejected: str = ""
    """Why the head gives the result back once."""
    sent_back: str = ""
    """What the desk finds missing once."""
    returns: list[dict[str, str]] = field(default_factory=list)
    """Departments that had the slip first, each with the reason why it went back, and how: unsigned (the usual way),
    signed (with the director's consent) or recalled."""
    refer: str = ""
    """Why the director coordinates."""
    assisting: list[Assisting] = field(default_factory=list)
    joins_later: list[Assisting] = field(default_factory=list)
    """Assisting departments that the director adds once the work has begun."""
    asides: list[Aside] = field(default_factory=list)
    unreached: int = 0
    """Attempts to tell the resident that reach nobody."""
    means: str = ""
    answer: str = ""
    follow_up: FollowUp = field(default_factory=FollowUp)
    looked_into: LookedInto = field(default_factory=LookedInto)


@dataclass(frozen=True, kw_only=True)
class Further:
    """A further contact about the same matter, some working days after the first. Web: on the tracking page."""

    after: float
    channel: str
    matter: str
    resident: str
    headcount: int = 1
    photos: int = 0


@dataclass(frozen=True, kw_only=True)
class Matter:
    key: str
    begins: float
    """Working days before the present."""
    channel: str
    matter: str
    nature: str
    category: str
    course: str = "transferred"
    """transferred, on_the_spot, evaluated (on the spot, with the resident's own evaluation), declined, merged."""
    main: str = ""
    """Merged: the key of the matter it joins."""
    unmerged: str = ""
    """Why the director takes it out again."""
    resident: str = ""
    identity: str = "named"
    urgency: str = "normal"
    headcount: int = 1
    screened: dict[str, str] = field(default_factory=dict)
    """What acceptance puts right of nature, category, urgency."""
    received_hours_before: int = 0
    photos: int = 0
    """Sent along by the public form."""
    about: str = ""
    about_staff: list[str] = field(default_factory=list)
    outside_number: str = ""
    outside_days: int = 0
    desk: str = ""
    """Who receives it; empty: whoever is on duty."""
    ground: str = ""
    advice: str = ""
    further: list[Further] = field(default_factory=list)
    pace: dict[str, float] = field(default_factory=dict)
    """Working days before a step, where it is not the usual pace. Steps of later rounds: "2:report"."""
    stops_before: str = ""
    """The step that nobody has taken yet at the present."""
    rounds: list[Round] = field(default_factory=lambda: [Round()])


@dataclass(frozen=True, kw_only=True)
class Script:
    password: str
    houses: list[House]
    street: list[Post]
    residents: dict[str, dict[str, dict[str, str]]]
    """By hall code and key: the fields of register_resident."""
    matters: dict[str, list[Matter]]
    """By hall code."""
    phrases: dict[str, list[str]]


def read_script() -> Script:
    people = _read("demonstration_people.json")
    matters = {house["code"]: _read(f"demonstration_matters_{house['code'].lower()}.json") for house in people["halls"]}
    return Script(
        password=people["password"],
        houses=[House(**house | {"people": [Post(**post) for post in house["people"]]}) for house in people["halls"]],
        street=[Post(**post) for post in people["street"]],
        residents=_read("demonstration_residents.json"),
        matters={code: [_matter(row) for row in rows] for code, rows in matters.items()},
        phrases=_read("demonstration_phrases.json"),
    )


def _matter(row: dict[str, Any]) -> Matter:
    values = dict(row)
    if "further" in row:
        values["further"] = [Further(**one) for one in row["further"]]
    if "rounds" in row:
        values["rounds"] = [_round(one) for one in row["rounds"]]
    return Matter(**values)


def _round(row: dict[str, Any]) -> Round:
    values = dict(row)
    values["asides"] = [Aside(**one) for one in row.get("asides", [])]
    for name in ("assisting", "joins_later"):
        values[name] = [Assisting(**one) for one in row.get(name, [])]
    if "follow_up" in row:
        follow_up = dict(row["follow_up"])
        if "late" in follow_up:
            follow_up["late"] = Late(**follow_up["late"])
        values["follow_up"] = FollowUp(**follow_up)
    if "looked_into" in row:
        values["looked_into"] = LookedInto(**row["looked_into"])
    return Round(**values)


def _read(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))
