"""Postings in each state, made by the real actions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cases.models import Case
from followups.board.drafting import draft_posting, hand_in
from followups.board.publishing import publish, take_down
from followups.posting import Posting
from foundation.organization.models import Staff
from tests import matters
from tests.builders import Town
from tests.matters import MONDAY

TUESDAY = MONDAY + timedelta(days=1)
CLEAN = {"title": "楼顶漏水已修好", "raised": "楼顶漏水，墙面发霉。", "text": "防水层已经重做。"}


def press(verb: Callable[..., Any], posting: Posting, by: Staff, **more: Any) -> Any:
    given = {"now": TUESDAY} | more
    return verb(posting_id=posting.pk, transition_no=posting.transition_no, actor=by, **given)


def drafted(town: Town, by: Staff | None = None, case: Case | None = None, **words: Any) -> Posting:
    """Lin, unless said otherwise, has drafted it from a matter that was answered."""
    case = Case.objects.get(pk=case.pk) if case else matters.informed(town)
    texts: dict[str, Any] = {"kind": "outcome"} | CLEAN | words
    return draft_posting(case_id=case.pk, transition_no=case.transition_no, actor=by or town.lin, now=TUESDAY, **texts)


def handed_in(town: Town, by: Staff | None = None, **how: Any) -> Posting:
    posting: Posting = press(hand_in, drafted(town, by, **how), by or town.lin)
    return posting


def published(town: Town, **how: Any) -> Posting:
    """Chen has published it."""
    posting: Posting = press(publish, handed_in(town, **how), town.chen)
    return posting


def taken_down(town: Town, **how: Any) -> Posting:
    posting: Posting = press(take_down, published(town, **how), town.chen, because="over")
    return posting
