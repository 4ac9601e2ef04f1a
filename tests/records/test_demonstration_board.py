"""The demonstration hangs postings on the board by the real actions, in every state a page shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
import time_machine

from followups.board import postings
from followups.board.privacy import find
from followups.board.review import known_of
from followups.posting import Posting
from foundation.organization.models import Hall, Role, Staff
from records.demonstration.player import Player
from records.demonstration.script import read_script
from tests.records.test_demonstration import PRESENT

FROM = ("g-street-lamp", "g-shared-bikes", "g-roof-leak", "g-pothole")


@pytest.mark.django_db
def test_the_board_of_the_demonstration_holds_every_kind_and_names_nobody() -> None:
    script = read_script()
    few = {code: [matter for matter in rows if matter.key in FROM] for code, rows in script.matters.items()}
    # Further contacts need residents of their own; the matters alone are enough here.
    few = {code: [replace(matter, further=[]) for matter in rows] for code, rows in few.items()}
    with time_machine.travel(PRESENT, tick=False):
        Player(replace(script, matters=few), present=PRESENT).play()
    assert Counter(Posting.objects.values_list("state", flat=True)) == {"published": 4, "in_review": 1, "draft": 1}
    hall = Hall.objects.get(code="GHP")
    hanging = postings(hall)
    assert {posting.kind for posting in hanging} == {"outcome", "improvement", "figures", "notice"}
    director = Staff.objects.holding(Role.DIRECTOR, hall=hall)[0]
    for posting in hanging:
        known = known_of(hall=hall, case=posting.case, reader=director, texts=posting.texts.values())
        assert [hit for text in posting.texts.values() for hit in find(text, known)] == []
    [waiting] = Posting.objects.filter(state="in_review")
    known = known_of(hall=hall, case=waiting.case, reader=director, texts=waiting.texts.values())
    assert find(waiting.raised, known)
