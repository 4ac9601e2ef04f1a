"""A town with a matter in every stage, and a hall that has just opened: what axe is shown, and a first look at pages.

Smaller than the demonstration and made in seconds. Moments are counted back from now, so that clocks run, warn and
are overdue as they would on a working day.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.utils import timezone
from PIL import Image

from cases.actions.attach import attach
from cases.actions.decline import decline, tell_declined
from cases.actions.handle import note, report
from cases.actions.inform import record_unreached
from cases.actions.return_slip import return_unsigned
from cases.actions.transfer import transfer
from cases.models import Case, TransferSlip
from cases.sweep import sweep
from cases.uploads import CleanFile
from followups.actions.attempt import record_attempt
from followups.actions.evaluate import record_evaluation
from foundation.notifications.models import Alert, Delivery, SmsGateway
from foundation.organization.models import Category, Hall, Role
from tests import complaint_matters, coordination_matters, course_matters, limits, matters, postings
from tests.after_matters import answered_late
from tests.builders import Town, department, make_hall, make_town, on_shift, person
from tests.desk import papers

Told = TypeVar("Told", Case, TransferSlip)

NEW_HALL = "NEW"
"""The code of the hall in which nothing has happened yet."""

LONG = (
    "地下车库从上个月起每逢下雨就积水约十厘米，十几辆车被泡，物业上周抽过一次水，但昨天下雨又满了，"
    "说明排水泵根本没有修好。已经向物业值班室反映三次，每次都说已经登记。希望彻底解决，不要再来回推。"
)


def fill() -> None:
    now = timezone.now()
    town = make_town()
    town.north.address = "北苑路 8 号"
    town.north.save()
    for receptionist in (town.lin, town.mei):
        on_shift(receptionist, town.north, now - timedelta(hours=2), hours=24)
    _matters(town, now)
    sweep(now=now)
    _undelivered_message(town, now)
    # The discard port: nobody listens there.
    SmsGateway.objects.create(hall=town.north, url="json://127.0.0.1:9/{phone}")
    open_new_hall()


def open_new_hall() -> Hall:
    """A furnished hall with somebody in every role, and not one visit."""
    hall = make_hall(NEW_HALL, "新湖社区居民接待厅")
    for role in (Role.RECEPTIONIST, Role.DIRECTOR, Role.SUPERVISOR, Role.MONITOR, Role.ADMINISTRATOR):
        person(f"new-{role}", role, hall=hall)
    for role in (Role.HANDLER, Role.HEAD):
        person(f"new-{role}", role, department=department(hall))
    return hall


RESIDENTS = (("王秀兰", "13805716021"), ("陈国强", "13800010002"), ("阿依古丽·买买提", "13800010003"))


class Story:
    """Tells matters of days gone by; the residents take turns."""

    def __init__(self, town: Town, now: datetime) -> None:
        self.town, self.now = town, now
        long_ago = now - timedelta(days=30)
        place = {"estate": "北苑小区", "building": "3", "unit": "2", "room": "501"}
        self.residents = itertools.cycle(
            [matters.a_resident(town, now=long_ago, name=name, phone=phone, **place) for name, phone in RESIDENTS]
        )

    def days_ago(self, days: float) -> datetime:
        return self.now - timedelta(days=days)

    def tell(self, make: Callable[..., Told], days: float, matter: str, **more: Any) -> Told:
        """make: one of tests.matters, told that many days ago."""
        if more.get("identity") != "anonymous":
            more["resident"] = next(self.residents)
        return make(self.town, now=self.days_ago(days), matter=matter, **more)


def _matters(town: Town, now: datetime) -> None:
    story = Story(town, now)
    tell, days_ago = story.tell, story.days_ago
    tell(matters.registered, 0.05, "三栋二单元楼顶漏水，卧室墙面大片发霉。")
    tell(matters.registered, 0.1, "电梯困人，需要马上处理。", urgency="urgent")
    tell(matters.registered, 0.2, "小区北门保安态度恶劣。", nature="complaint", channel="web")
    tell(matters.registered, 0.3, "举报楼上违规住改商。", nature="report", identity="hidden")
    tell(matters.accepted, 0.4, LONG)
    tell(matters.transferred, 0.5, "搅拌站夜间施工噪音，老人无法入睡。")
    tell(matters.transferred, 3, "占道经营堵塞消防通道。", department=town.property)
    tell(matters.signed, 2, "独居老人申请适老化改造补贴。")
    _with_files(town, tell(matters.investigating, 6, "电梯年检逾期，高层住户担心安全。"), now)
    approved = _category(town, needs_approval=True)
    tell(matters.investigating, 1.5, "楼道照明损坏。", category=approved)
    _submitted(town, tell(matters.investigating, 1, "外墙瓷砖脱落。", category=approved), days_ago(0.9))
    _returned(town, tell(matters.transferred, 1, "变压器噪音扰民。"), days_ago(0.9))
    _unreached(tell(matters.reported, 4, "暖气不热。"), town, days_ago(0.5))
    tell(matters.reported, 1, "健身器材松动。", identity="anonymous", channel="web")
    _tried(tell(matters.informed, 5, "路灯不亮。"), town, days_ago(1))
    tell(matters.informed, 2, "垃圾清运不及时。", identity="anonymous", channel="web")
    _evaluated(tell(matters.informed, 9, "咨询居住证办理。", nature="consultation"), town, days_ago(7))
    _second_round(town, tell(matters.informed, 8, LONG), days_ago)
    closed = _evaluated(tell(matters.informed, 7, "门禁卡刷不开。"), town, days_ago(6))
    answered_late(closed, days_ago(2), reasons="换了新卡，两天后又刷不开。")
    _declined(town, tell(matters.registered, 1, "与邻居的借款纠纷。"), days_ago(0.9))
    tell(coordination_matters.asked_to_return, 1.2, "地下管网渗水，路面塌陷。")
    tell(coordination_matters.lead_waits, 2.5, "外墙渗漏，房屋和物业互相推诿三个月。")
    tell(coordination_matters.lead_signed, 1.1, "车库进水口改造，需几家会商。")
    tell(matters.referred, 0.6, "加装电梯引起楼上楼下争议。")
    tell(limits.pause_asked, 1.2, "单元门禁失灵。")
    tell(limits.paused, 1.3, "楼上业主在外地，卫生间漏水。")
    tell(limits.desk_asks_pause, 1.4, "阳台栏杆松动。")
    tell(limits.desk_paused, 1.5, "信报箱损坏。")
    tell(limits.to_be_told_of_delay, 0.3, "围墙倒塌后一直没有重建。")
    tell(limits.extension_asked, 1.6, "电梯门机异响。")
    tell(course_matters.about_staff, 0.7, "窗口人员态度生硬。", nature="complaint")
    tell(course_matters.wish_waits, 0.8, "办证时被推来推去。", nature="complaint")
    tell(complaint_matters.looked_into, 0.75, "维修收费没有收据。")
    tell(complaint_matters.asked, 0.85, "上门师傅说话难听。")
    tell(complaint_matters.reported, 1.05, "活动室经常不开门。")
    tell(complaint_matters.found, 1.15, "窗口中午无人。")
    tell(complaint_matters.whole, 1.25, "维修多收费用。")
    tell(complaint_matters.to_be_corrected, 1.35, "收费标准没有公示。")
    tell(course_matters.merged, 0.9, "十二号楼晚上水压太小。")
    tell(course_matters.second_round, 4.5, "楼下餐馆油烟扰民。")
    tell(course_matters.desk_pressed, 0.6, "残疾人坡道被占。")
    tell(course_matters.department_pressed, 0.9, "儿童滑梯踏板开裂。")
    _with_papers(town, story)
    _board(town, story)
    told = _declined(town, tell(matters.registered, 3, "劳动合同争议。"), days_ago(2.9))
    tell_declined(
        case_id=told.pk,
        transition_no=told.transition_no,
        actor=town.lin,
        now=days_ago(2),
        means="phone",
        told_at=days_ago(2),
        told_to="本人",
    )


def _board(town: Town, story: Story) -> None:
    """One posting in each state; the one to be reviewed still has marks."""
    for make, title in (
        (postings.drafted, "路灯已经修好"),
        (postings.handed_in, "三栋楼顶漏水已修好"),
        (postings.published, "楼道堆物已清理"),
        (postings.taken_down, "电梯已恢复运行"),
    ):
        case = matters.informed(town, now=story.days_ago(9), matter=title, resident=next(story.residents))
        make(town, case=case, title=title)


def _with_papers(town: Town, story: Story) -> None:
    """Put off, answered to who pressed, ended by a letter: each leaves a paper."""
    who = story.residents
    papers.extended(town, now=story.days_ago(2), matter="楼道渗水。", resident=next(who))
    papers.answered(town, now=story.days_ago(2), matter="楼梯扶手松动。", resident=next(who))
    papers.concluded(town, now=story.days_ago(9), matter=LONG, resident=next(who))


def _category(town: Town, *, needs_approval: bool) -> Category:
    return Category.objects.filter(hall=town.north, parent__isnull=False, needs_approval=needs_approval)[0]


def _with_files(town: Town, slip: TransferSlip, now: datetime) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), (150, 170, 190)).save(picture, "JPEG")
    files = [
        CleanFile("电梯年检标志.jpg", "image/jpeg", picture.getvalue()),
        CleanFile("年检报告.pdf", "application/pdf", b"%PDF-1.4 report"),
    ]
    attach(case_id=slip.case_id, files=files, kind="resident", actor=town.lin, now=now)
    note(
        slip_id=slip.pk,
        transition_no=slip.transition_no,
        actor=town.wang,
        now=now,
        text="已联系维保单位，等待检测机构排期。",
    )


def _submitted(town: Town, slip: TransferSlip, now: datetime) -> None:
    report(
        slip_id=slip.pk,
        transition_no=slip.transition_no,
        actor=town.wang,
        now=now,
        result="西山墙三处空鼓。",
        remedy="已围挡并清除松动瓷砖。",
        prevention="每季度检查一次外墙。",
    )


def _returned(town: Town, slip: TransferSlip, now: datetime) -> None:
    return_unsigned(
        slip_id=slip.pk,
        transition_no=slip.transition_no,
        actor=town.wang,
        now=now,
        reason="不属于本办公室，应转供电所。",
    )


def _unreached(case: Case, town: Town, now: datetime) -> None:
    record_unreached(
        case_id=case.pk, transition_no=case.transition_no, actor=town.lin, now=now, means="phone", remark="无人接听"
    )


def _tried(case: Case, town: Town, now: datetime) -> None:
    record_attempt(case_id=case.pk, transition_no=case.transition_no, actor=town.mei, now=now, means="phone")


def _evaluated(case: Case, town: Town, now: datetime, **said: Any) -> Case:
    answers: dict[str, Any] = {
        "channel": "phone",
        "contacted": True,
        "solved": "yes",
        "satisfaction": "satisfied",
    } | said
    return record_evaluation(case_id=case.pk, transition_no=case.transition_no, actor=town.mei, now=now, **answers)


def _second_round(town: Town, case: Case, days_ago: Callable[[float], datetime]) -> None:
    case = _evaluated(
        case, town, days_ago(4), solved="no", satisfaction="dissatisfied", reasons="只抽了一次水，下雨又满了。"
    )
    transfer(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=days_ago(3.5),
        department=town.works,
        instruction="请更换排水泵，不要只抽水。",
    )


def _declined(town: Town, case: Case, now: datetime) -> Case:
    return decline(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=now,
        ground="court",
        advice="请到人民法院提起诉讼。",
    )


def _undelivered_message(town: Town, now: datetime) -> None:
    alert = Alert.objects.filter(hall=town.north)[0]
    Delivery.objects.create(
        hall=town.north,
        alert=alert,
        channel="email",
        state="dead",
        attempts=8,
        next_attempt_at=now,
        last_error="550 no such user",
    )
