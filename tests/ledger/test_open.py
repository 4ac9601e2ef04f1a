from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.db import connection, transaction

from foundation.ledger.actions import hall_chain, open_chain, open_chains
from foundation.ledger.models import Chain
from foundation.organization.models import Hall


class Abandoned(Exception):
    """The registration was broken off."""


def test_each_hall_counts_its_chains_from_one(north: Hall, now: datetime) -> None:
    south = Hall.objects.create(code="STH", name="南苑")
    assert [open_chain(hall=north, now=now).number for _ in range(3)] == [1, 2, 3]
    assert open_chain(hall=south, now=now).number == 1
    assert [chain.number for chain in open_chains(hall=north, count=3, now=now)] == [4, 5, 6]


@pytest.mark.django_db(transaction=True)
def test_a_registration_broken_off_gives_its_number_back(north: Hall, now: datetime) -> None:
    open_chain(hall=north, now=now)

    def break_off() -> None:
        with transaction.atomic():
            assert open_chain(hall=north, now=now).number == 2
            raise Abandoned

    with pytest.raises(Abandoned):
        break_off()
    assert open_chain(hall=north, now=now).number == 2


@pytest.mark.django_db(transaction=True)
def test_eight_desks_registering_at_once_leave_no_gap(north: Hall, now: datetime) -> None:
    """One registration in three is broken off, so numbers are given back all the time."""

    def register(desk: int) -> None:
        try:
            for turn in range(12):
                try:
                    with transaction.atomic():
                        open_chain(hall=north, now=now)
                        if (desk + turn) % 3 == 0:
                            raise Abandoned
                except Abandoned:
                    continue
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(register, range(8)))
    assert list(Chain.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 65))


@pytest.mark.django_db(transaction=True)
def test_a_hall_gets_one_chain_however_many_ask_at_once(north: Hall) -> None:
    def ask(_desk: int) -> int:
        try:
            return hall_chain(north).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(ask, range(8)))) == 1
