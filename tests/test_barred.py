"""Whoever a complaint is about finds nothing of it: every page is walked, with each of their roles and with all.

The pages are walked twice, before the matters about this person exist and after: not a figure, not a link may differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from cases.actions.attach import attach
from cases.actions.bar import bar
from cases.models import Case
from cases.uploads import CleanFile
from foundation.organization.models import Membership, Role, Staff
from tests import matters, postings
from tests.builders import Town, on_shift, person
from tests.cases import steps
from tests.matters import MONDAY, SHANGHAI
from tests.test_rights import URLS

MATTER = "三栋紫藤花廊边的窗口人员推诿，跑了四趟。"
RESIDENT = "欧阳青禾"
REASON = "来信点名反映此人。"
MARKS = ("紫藤花廊", RESIDENT, "跑了四趟", REASON)
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=SHANGHAI)

HALL_ROLES = (Role.RECEPTIONIST, Role.DIRECTOR, Role.SUPERVISOR, Role.MONITOR, Role.ADMINISTRATOR)
DEPARTMENT_ROLES = (Role.HANDLER, Role.HEAD)
EVERYTHING = "every role at once"
STREET = "street supervisor"
WHO = [*(role.value for role in (*HALL_ROLES, *DEPARTMENT_ROLES)), STREET, EVERYTHING]

LINK = re.compile(r'(?:href|hx-get|action)="(/[^"#]*)')
# What differs each time a page is drawn.
ONCE = re.compile(r'name="(csrfmiddlewaretoken|submission_key)" value="[^"]*"|nonce="[^"]*"|X-CSRFToken[^}]*}')
SEARCHED = ("desk:case_list", "desk:search")
# Opening an alert reads it: a second walk would find another page. What is in use cannot be deleted, and the number of
# rows that stand against it is the whole hall's.
ELSEWHERE = ("/static/", "/media/", "/jsi18n", "/logout", "/alerts/", "/delete/")


def bao_as(who: str, town: Town) -> Staff:
    """Bao, whom it is about."""
    wanted = (*HALL_ROLES, *DEPARTMENT_ROLES) if who == EVERYTHING else () if who == STREET else (Role(who),)
    bao = person("bao", *(role for role in wanted if role in HALL_ROLES), hall=town.north)
    for role in wanted:
        if role in DEPARTMENT_ROLES:
            Membership.objects.create(staff=bao, role=role, hall=town.north, department=town.works)
    if who in (STREET, EVERYTHING):
        Membership.objects.create(staff=bao, role=Role.SUPERVISOR)
    return bao


def in_every_stage(town: Town, now: datetime, **more: Any) -> list[Case]:
    cases = [
        matters.registered(town, now=now, **more),
        matters.accepted(town, now=now, **more),
        steps.decline(matters.registered(town, now=now, **more), town.lin, now),
        matters.reported(town, now=now, **more),
        matters.informed(town, now=now, **more),
        steps.reopen(matters.informed(town, now=now, **more), town.mei, now + timedelta(hours=3)),
        steps.archive(matters.informed(town, now=now, **more), town.mei, now + timedelta(hours=3)),
    ]
    slips = [
        matters.transferred(town, now=now, **more),
        matters.signed(town, now=now, **more),
        matters.investigating(town, now=now, **more),
        steps.give_back(matters.transferred(town, now=now, **more), town.zhao, now),
    ]
    return [Case.objects.get(pk=case.pk) for case in cases] + [Case.objects.get(pk=slip.case_id) for slip in slips]


def matters_about(bao: Staff, town: Town) -> list[Case]:
    """Matters in every stage that Bao may have known of, until it was written down whom they are about."""
    resident = matters.a_resident(town, name=RESIDENT, phone="13905716688")
    cases = in_every_stage(town, MONDAY, resident=resident, matter=MATTER, nature="complaint")
    attach(
        case_id=cases[0].pk,
        files=[CleanFile("紫藤花廊.png", "image/png", b"\x89PNG\r\n\x1a\n")],
        kind="resident",
        actor=town.lin,
        now=MONDAY,
    )
    # Worded for the board, and not published.
    postings.drafted(town, case=cases[4], title=MATTER, text=RESIDENT)
    postings.handed_in(town, case=cases[6], title=MATTER, text=RESIDENT)
    for case in cases:
        bar(case_id=case.pk, staff=bao, reason=REASON, actor=town.lin, now=MONDAY + timedelta(hours=4))
    return [Case.objects.get(pk=case.pk) for case in cases]


def typed_by_hand() -> Iterator[str]:
    """What somebody who is looking for it would type."""
    for name in SEARCHED:
        for words in ("紫藤花廊", RESIDENT, "oyqh", "13905716688", "6688", "NTH-2026-", "000012", "12"):
            yield f"{reverse(name)}?{urlencode({'q': words})}"
    for query in ("state=open", "card=red", "card=yellow", "period=due_today", "state=archived", "order=due"):
        yield f"{reverse('desk:case_list')}?{query}"


def walk(client: Client) -> dict[str, str]:
    """Every page that can be reached from the first one by links, and what is typed by hand, as text."""
    waiting = ["/", *typed_by_hand()]
    seen: dict[str, str] = {}
    while waiting:
        address = waiting.pop()
        if address in seen or (any(part in address for part in ELSEWHERE) and address != reverse("desk:alert_list")):
            continue
        answer = client.get(address, follow=True)
        kind = answer.headers.get("Content-Type", "")
        text = answer.content.decode() if kind.startswith("text/") else ""
        seen[address] = f"{answer.status_code} {ONCE.sub('', text)}"
        found = [link.replace("&amp;", "&") for link in LINK.findall(text)]
        # Filters of a list can be combined without end: one at a time is enough.
        waiting += [link for link in found if not ("?" in address and "?" in link)]
        assert len(seen) < 1500
    return seen


def addresses_of(case: Case) -> Iterator[str]:
    """Each address that names the case, one of its slips, clocks or files."""
    named: dict[str, list[Any]] = {
        "number": [case.number],
        "slip": list(case.slips.values_list("pk", flat=True)),
        "clock": list(case.deadlines.values_list("pk", flat=True)),
        "public_id": list(case.attachments.values_list("public_id", flat=True)),
    }
    for name, pattern in URLS.items():
        converters = pattern.pattern.converters
        first = next((word for word in ("number", "public_id") if word in converters), "")
        if not first and "pk" in converters:
            first = next((word for word in ("slip", "clock") if name.removeprefix("desk:").startswith(word)), "")
            first = first or ("slip" if name == "desk:print_slip" else "")
        if not first:
            continue
        own = "pk" if first in ("slip", "clock") else first
        for value in named[first]:
            arguments = {word: value if word == own else "accept" for word in converters}
            yield reverse(name, kwargs=arguments)


@pytest.mark.django_db
@pytest.mark.parametrize("who", WHO)
def test_the_person_complained_about_finds_nothing_of_it(who: str, town: Town) -> None:
    bao = bao_as(who, town)
    on_shift(town.lin, town.north, MONDAY)
    client = Client()
    with time_machine.travel(MONDAY - timedelta(days=3), tick=False):
        in_every_stage(town, MONDAY - timedelta(days=3))
    with time_machine.travel(NOON, tick=False):
        client.force_login(bao)
        before = walk(client)
    with time_machine.travel(MONDAY + timedelta(hours=4), tick=False):
        about = matters_about(bao, town)
    with time_machine.travel(NOON, tick=False):
        client.force_login(bao)
        after = walk(client)
        assert len(before) > 5
        marks = [*MARKS, *(case.number for case in about), *(case.tracking_code for case in about)]
        for address, text in after.items():
            typed = address.startswith(tuple(map(reverse, SEARCHED))) and "q=" in address
            for mark in marks:
                assert mark not in text or typed, (address, mark)
            if typed:
                assert all(case.title not in text and case.number not in text for case in about), address
        assert after.keys() == before.keys()
        assert {address: after[address] for address in after if after[address] != before[address]} == {}
        was = {case.pk: (case.state, case.transition_no) for case in about}
        for case in about:
            for address in addresses_of(case):
                for method in ("get", "post"):
                    answer = getattr(client, method)(address)
                    assert answer.status_code in (403, 404, 405), (method, address, answer.status_code)
                    assert not any(mark in answer.content.decode() for mark in marks if mark not in address)
        assert {case.pk: (case.state, case.transition_no) for case in Case.objects.filter(pk__in=was)} == was
