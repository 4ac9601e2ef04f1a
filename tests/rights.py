"""Who may open what: every URL × every person × own, other department, other hall → the expected status, by hand.

The law, not a photograph of the code: a row is written from the rules (docs/process, the roles), then the code has to
agree. 302 for nobody logged in is the way to the log-in; 403 a page with words; 404 what is not there for this person.

A new URL needs
- a row per method it answers (get, post; every other method must be refused with 405);
- where its address names an object: a row for `own`, `hall` (the same object of the other hall) and, where departments
  matter, `department` (of another department in the own hall), and a function in ARGUMENTS that makes the object;
- several kinds of object, or several verbs, under one URL: `name[variant]`; the function is told the variant.

`data[…]` for a post is empty unless POSTED names some: an empty form that is refused as incomplete (422, or 302 with a
message) has passed the question of rights, which is all that is asked here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from foundation.notifications.actions import notify
from foundation.notifications.models import Alert, Delivery
from foundation.organization.models import Hall, Staff
from tests.builders import Town, on_shift

PEOPLE = {
    "anon": None,
    "recp": "lin",  # receptionist
    "hand": "wang",  # handler of the works department
    "head": "zhao",  # its head
    "dire": "chen",  # director
    "supe": "feng",  # supervisor of the hall
    "stre": "tang",  # supervisor of the street office, over both halls; begins in the first
    "moni": "gu",  # resident monitor
    "admi": "he",  # administrator of the hall
}

TABLE = """
url                          method  place       anon recp hand head dire supe stre moni admi

home                         get     -            302  302  302  302  302  302  302  302  302
login                        get     -            200  302  302  302  302  302  302  302  302
login                        post    -            422  302  302  302  302  302  302  302  302
logout                       post    -            302  302  302  302  302  302  302  302  302
password_change              get     -            302  200  200  200  200  200  200  200  200
password_change              post    -            302  422  422  422  422  422  422  422  422
session_state                get     -            401  204  204  204  204  204  204  204  204
set_language                 post    -            302  302  302  302  302  302  302  302  302
healthz                      get     -            200  200  200  200  200  200  200  200  200

desk:hall_switch             post    own          302  302  302  302  302  302  302  302  302
desk:hall_switch             post    hall         302  403  403  403  403  403  302  403  403
desk:shortcuts_switch        post    -            302  302  302  302  302  302  302  302  302

desk:duty_list               get     -            302  200  403  403  200  403  403  403  403
desk:duty_add                post    -            302  403  403  403  422  403  403  403  403
desk:duty_copy               post    -            302  403  403  403  302  403  403  403  403
desk:duty_remove             post    own          302  403  403  403  302  403  403  403  403
desk:duty_remove             post    hall         302  403  403  403  404  403  403  403  403
desk:duty_hand_over          post    own          302  403  403  403  302  403  403  403  403
desk:duty_hand_over          post    hall         302  403  403  403  404  403  403  403  403

desk:alert_list              get     -            302  200  200  200  200  200  200  200  200
desk:alert_read_all          post    -            302  302  302  302  302  302  302  302  302
desk:alert_open[mine]        get     own          302  302  302  302  302  302  302  302  302
desk:alert_open[another's]   get     own          302  404  404  404  404  404  404  404  404
desk:alert_open[another's]   get     hall         302  404  404  404  404  404  404  404  404
desk:alert_read[mine]        post    own          302  302  302  302  302  302  302  302  302
desk:alert_read[another's]   post    own          302  404  404  404  404  404  404  404  404
desk:alert_read[another's]   post    hall         302  404  404  404  404  404  404  404  404
desk:delivery_list           get     -            302  403  403  403  200  200  200  403  200
desk:delivery_retry          post    own          302  403  403  403  302  302  302  403  302
desk:delivery_retry          post    hall         302  403  403  403  404  404  404  403  404
"""

MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Asked:
    """One cell of the table: who asks for what, in a town made for this one question."""

    town: Town
    place: str
    """own, department, hall, or - for none."""
    variant: str
    asker: Staff | None
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def hall(self) -> Hall:
        return self.town.south if self.place == "hall" else self.town.north


def _shift(asked: Asked) -> list[object]:
    staff = asked.town.lu if asked.place == "hall" else asked.town.mei
    return [on_shift(staff, asked.hall, timezone.now() + timedelta(days=1)).pk]


def _alert(asked: Asked) -> list[object]:
    recipient = asked.asker if asked.variant == "mine" and asked.asker else asked.town.mei
    notify(recipients=[recipient], key="asked", level="info", text="Something happened", hall=asked.hall, now=MORNING)
    return [Alert.objects.get(recipient=recipient).pk]


def _failed_message(asked: Asked) -> list[object]:
    _alert(asked)
    alert = Alert.objects.get(recipient=asked.town.mei)
    failed = Delivery.objects.create(
        hall=asked.hall, alert=alert, channel="email", state="dead", attempts=8, next_attempt_at=MORNING
    )
    return [failed.pk]


ARGUMENTS: dict[str, Callable[[Asked], list[object]]] = {
    "desk:duty_remove": _shift,
    "desk:duty_hand_over": _shift,
    "desk:alert_open": _alert,
    "desk:alert_read": _alert,
    "desk:delivery_retry": _failed_message,
}

POSTED: dict[str, Callable[[Asked], dict[str, Any]]] = {
    "desk:hall_switch": lambda asked: {"hall": asked.hall.pk},
}
