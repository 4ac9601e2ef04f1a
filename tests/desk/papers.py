"""A matter for each paper, brought by the real actions to the point where the paper exists."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cases.actions.decline import decline
from cases.actions.extend import ask_extension, grant_extension
from cases.actions.handle import contact, investigate, report
from cases.actions.inform import inform
from cases.actions.press import answer_press_slip, press_slip
from cases.actions.sign import Signature
from cases.actions.transfer import sign_in, transfer
from cases.models import Case, Extension, SupervisionNotice, TransferSlip
from followups.actions.conclude import conclude
from followups.actions.evaluate import record_evaluation
from followups.models import RectificationNotice
from foundation.organization.models import Staff
from tests import matters
from tests.builders import Town
from tests.followups import merged_stories
from tests.matters import MONDAY

REASON = "防水材料缺货，周五才能到。"
WANTED = "请说明为何两次抽水后仍然积水，并于周四前更换排水泵。"
ANSWER = "排水泵已订购，周三到货当天更换。"
NOT_SATISFIED = "只抽了一次水，下雨又满了。"
LETTER = "两轮办理中已更换排水泵两台，地库积水已排除；其余诉求没有依据。"
REVIEW_BODY = "北苑街道办事处信访科"
ADVICE = "请向有管辖权的人民法院提起诉讼。"


def at(now: datetime, days: float) -> datetime:
    """So many days after the morning of the first visit."""
    return now + timedelta(days=days)


def declined(town: Town, *, ground: str = "court", now: datetime = MONDAY, **how: Any) -> Case:
    case = matters.registered(town, now=now, **how)
    return decline(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.chen if ground == "final_answer" else town.lin,
        now=now,
        ground=ground,
        advice=ADVICE,
    )


def asked(town: Town, *, reason: str = REASON, now: datetime = MONDAY, **how: Any) -> Extension:
    """Wang asks on Tuesday for three working days more."""
    slip = matters.investigating(town, now=now, **how)
    ask_extension(
        slip_id=slip.pk,
        transition_no=slip.transition_no,
        actor=slip.handler or town.wang,
        now=at(now, 1),
        working_days=3,
        reason=reason,
    )
    return slip.extensions.get()


def extended(town: Town, *, now: datetime = MONDAY, **how: Any) -> Extension:
    """Director Chen agrees an hour later."""
    extension = asked(town, now=now, **how)
    slip = TransferSlip.objects.get(pk=extension.slip_id)
    grant_extension(
        slip_id=slip.pk,
        transition_no=slip.transition_no,
        actor=town.chen,
        now=at(now, 1.1),
        decision="同意，请告知居民。",
    )
    return Extension.objects.get(pk=extension.pk)


def pressed(
    town: Town, *, wanted: str = WANTED, presser: Staff | None = None, now: datetime = MONDAY, **how: Any
) -> SupervisionNotice:
    """The director presses on Tuesday and wants an answer by Thursday afternoon."""
    slip = matters.investigating(town, now=now, **how)
    return press_slip(
        slip_id=slip.pk,
        transition_no=slip.transition_no,
        actor=presser or town.chen,
        now=at(now, 0.9),
        wanted=wanted,
        due_at=at(now, 3.3),
    )


def answered(town: Town, *, now: datetime = MONDAY, **how: Any) -> SupervisionNotice:
    notice = pressed(town, now=now, **how)
    slip = TransferSlip.objects.get(supervision_notices=notice)
    answer_press_slip(
        slip_id=slip.pk,
        transition_no=slip.transition_no,
        actor=slip.handler or town.wang,
        now=at(now, 1.2),
        answer=ANSWER,
    )
    return SupervisionNotice.objects.get(pk=notice.pk)


def followed_up(town: Town, case: Case | None = None, *, now: datetime = MONDAY, **said: Any) -> Case:
    """Lin asked by phone on Wednesday; satisfied unless said otherwise."""
    case = case or matters.informed(town, now=now)
    answers: dict[str, Any] = {"contacted": True, "solved": "yes", "satisfaction": "satisfied"} | said
    return record_evaluation(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=at(now, 2),
        channel="phone",
        **answers,
    )


def dissatisfied(
    town: Town, *, reasons: str = NOT_SATISFIED, now: datetime = MONDAY, **how: Any
) -> RectificationNotice:
    """The second round has begun, and the works department has its notice."""
    case = followed_up(
        town, matters.informed(town, now=now, **how), now=now, solved="no", satisfaction="dissatisfied", reasons=reasons
    )
    return case.rectification_notices.get()


def unhappy_neighbour(town: Town, *, now: datetime = MONDAY) -> RectificationNotice:
    """Merged, and told the result of the main case."""
    neighbour, _main = merged_stories.shared(town, now=now)
    told = merged_stories.told(town, neighbour, at(now, 1))
    case = followed_up(town, told, now=now, solved="no", satisfaction="dissatisfied", reasons=NOT_SATISFIED)
    return case.rectification_notices.get()


def second_round(town: Town, *, now: datetime = MONDAY, **how: Any) -> Case:
    """Zhao handled the second round herself; its follow-up waits."""
    case = dissatisfied(town, now=now, **how).case
    case = Case.objects.get(pk=case.pk)
    slip = transfer(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=at(now, 3),
        department=town.works,
        instruction="请更换排水泵。",
    )
    zhao: dict[str, Any] = {"now": at(now, 3.1), "actor": town.zhao}
    slip = sign_in(slip_id=slip.pk, transition_no=slip.transition_no, handler=town.zhao, **zhao)
    slip = contact(
        slip_id=slip.pk,
        transition_no=slip.transition_no,
        means="phone",
        contacted_at=at(now, 3.1),
        summary="约好。",
        **zhao,
    )
    slip = investigate(slip_id=slip.pk, transition_no=slip.transition_no, plan="拆泵检查。", **zhao)
    slip = report(
        slip_id=slip.pk,
        transition_no=slip.transition_no,
        result="排水泵烧坏。",
        remedy="已更换。",
        prevention="每月检查。",
        **zhao,
    )
    case = Case.objects.get(pk=case.pk)
    return inform(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=at(now, 4),
        means="desk",
        text="排水泵已经更换。",
        signature=Signature("paper"),
    )


def concluded(town: Town, *, letter: str = LETTER, now: datetime = MONDAY, **how: Any) -> Case:
    case = second_round(town, now=now, **how)
    return conclude(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.chen,
        now=at(now, 4.2),
        letter=letter,
        review_body=REVIEW_BODY,
    )
