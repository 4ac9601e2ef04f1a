"""Open cases that say nearly the same are found while the matter is typed, however many came in since."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases import search
from cases.actions.bar import bar
from cases.search import similar_open_cases
from tests.builders import Town
from tests.matters import MONDAY, a_resident, registered

GATE = "小区东门道闸坏了三天，车辆进出困难，请尽快维修道闸。"


def test_an_older_case_about_the_same_is_found_behind_many_newer_ones_that_share_a_common_word(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As few as a small test can exceed: what is not weighed is not found.
    monkeypatch.setattr(search, "CANDIDATES", 5)
    resident = a_resident(town)
    gate = registered(town, resident=resident, matter=GATE)
    for number in range(8):
        registered(
            town,
            resident=resident,
            now=MONDAY + timedelta(hours=number + 1),
            matter=f"小区{number}号楼有人在楼道堆放杂物，影响通行。",
        )
    found = similar_open_cases(hall=town.north, text="小区东门的道闸坏了，车辆进出困难", staff=town.lin)
    assert found[0].case == gate
    assert {"道闸", "车辆"} <= set(found[0].shared)


def test_what_everybody_writes_is_still_looked_for_where_nothing_else_was_typed(town: Town) -> None:
    resident = a_resident(town)
    cases = [registered(town, resident=resident, matter="楼道堆物无人清理") for _number in range(3)]
    found = similar_open_cases(hall=town.north, text="楼道堆物", staff=town.lin)
    assert {one.case for one in found} == set(cases)


def test_a_case_one_is_barred_from_is_not_among_the_similar_ones(town: Town) -> None:
    case = registered(town, matter=GATE)
    assert [one.case for one in similar_open_cases(hall=town.north, text=GATE, staff=town.mei)] == [case]
    bar(case_id=case.pk, staff=town.mei, reason="被投诉", actor=town.lin, now=MONDAY)
    assert similar_open_cases(hall=town.north, text=GATE, staff=town.mei) == []
