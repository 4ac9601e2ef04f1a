"""Words are found where they stand: letters by three pairs of their own characters, and by nothing else."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.core.management import call_command

from cases.actions.bar import bar
from cases.find import search_for
from cases.models import Case
from cases.search import pairs
from cases.wording import Wording
from foundation.organization.models import Staff
from tests.builders import Town
from tests.matters import MONDAY, a_resident, informed, registered

LETTERS = (
    "三栋二单元电梯连坏三天，老人下不了楼，物业电话没人接。",
    "小区东门道闸常年抬着，外来车辆占满车位，业主回家没地方停。",
    "楼下烧烤店夜里两点还在划拳，油烟直接灌进卧室，孩子没法睡。",
    "想问一下低保边缘家庭怎样申请，需要准备哪些材料？",
    "地下车库积水没过脚踝，配电箱就在旁边，非常危险。",
    "隔壁装修从早上六点半敲到晚上，墙都裂了一条缝。",
    "幼儿园门口没有减速带，接送时间车开得飞快。",
    "请表扬网格员小赵，大雪天给独居老人送菜上门。",
    "自来水发黄已有一周，烧开后壶底一层沉淀。",
    "暖气片只有下面是热的，室内温度不到十六度。",
    "广场舞音响开到晚上十点，沟通多次无效。",
    "楼道里堆满纸箱和电动车，消防通道完全堵死。",
    "路灯坏了五盏，夜里走路全靠手机照明。",
    "垃圾站搬到我家窗户对面，夏天臭气熏天，苍蝇成群。",
    "请问居住证到期后还能不能补办，要本人到场吗？",
    "屋顶防水层老化，每逢下雨顶层住户家里就漏。",
    "公园健身器材锈断，小孩差点被砸到脚。",
    "有人在绿化带里种菜浇粪，整个单元都闻得到。",
    "拆迁安置款说好去年底发，到现在一分钱没有到账。",
    "社区医院配不到降压药，要跑到城南大医院去排队。",
    "施工围挡占了半幅人行道，推婴儿车只能走机动车道。",
    "快递柜放在残疾人坡道上，轮椅上不去。",
    "建议在菜市场旁边加设公共厕所，老人买菜不方便。",
    "井盖松动，汽车一压就响，整夜咣当咣当。",
    "物业费涨了三成，事先没有公示也没有开会表决。",
    "流浪狗成群，早上遛弯的老人被咬伤了小腿。",
    "邻居把监控摄像头正对我家大门，侵犯隐私。",
    "学校食堂饭菜常有异味，孩子回来拉肚子。",
    "公交站台没有顶棚，下雨天等车的人都淋湿。",
    "请解释一下医保断缴三个月以后怎么补。",
    "化粪池满溢，污水流到一楼院子里。",
    "高压线离阳台不足两米，晾衣服都害怕。",
    "老旧小区加装电梯，一楼住户不同意，怎样协商？",
    "街边餐馆把桌椅摆到盲道上，城管走了又摆出来。",
    "河道里漂着死鱼，颜色发绿，附近有作坊排水。",
    "小区快递员骑车太快，撞倒放学的孩子扬长而去。",
    "窗口人员态度冷淡，同一份材料让我跑了四趟。",
    "公租房漏雨报修两个月，维修单一直显示处理中。",
    "地铁口共享单车堆成山，早高峰根本挤不过去。",
    "希望图书室周末延长开放，孩子们放假有地方看书。",
)


def found(typed: str, staff: Staff, town: Town, *, older: bool = False) -> set[str]:
    search = search_for(typed, hall=town.north, staff=staff, now=MONDAY, older=older)
    cases = Case.objects.visible_to(staff).filter(search.condition, hall=town.north)
    return set(cases.values_list("number", flat=True))


def test_every_letter_is_found_by_three_pairs_of_its_own_characters(town: Town) -> None:
    draw = random.Random(20260302)  # the same pairs each time
    who = a_resident(town)
    letters = {registered(town, resident=who, matter=text).number: text for text in LETTERS}
    assert len(letters) == 40
    for number, text in letters.items():
        words = [pair for pair in pairs(text) if len(pair) == 2]
        assert number in found(" ".join(draw.sample(words, 3)), town.feng, town), text


def test_a_whole_sentence_finds_its_letter_alone(town: Town) -> None:
    who = a_resident(town)
    letters = {registered(town, resident=who, matter=text).number: text for text in LETTERS[:12]}
    for number, text in letters.items():
        sentence = text.split("，")[0]
        assert found(sentence, town.feng, town) == {number}, sentence


def test_pairs_that_stand_apart_are_no_word(town: Town) -> None:
    registered(town, matter="电梯停了三天，梯间没有灯，电话打不通。")
    assert found("电梯 梯间", town.feng, town) != set()
    # Every pair of it stands in the text, the word nowhere; and two that a comma keeps apart.
    assert found("电梯间", town.feng, town) == set()
    assert found("天梯", town.feng, town) == set()


def test_what_was_answered_and_reported_is_found_and_no_name_ever_is(town: Town) -> None:
    case = informed(town)
    assert found("屋顶已经修好", town.feng, town) == {case.number}
    assert found("防水层破损", town.feng, town) == {case.number}
    assert found("重做防水", town.feng, town) == {case.number}
    assert found("王秀兰", town.feng, town) == set()
    assert found("13805716021", town.feng, town) == set()


def test_whoever_is_barred_finds_nothing(town: Town) -> None:
    case = registered(town, matter=LETTERS[36])
    assert found("态度冷淡", town.mei, town) == {case.number}
    bar(case_id=case.pk, staff=town.mei, reason="被投诉", actor=town.lin, now=MONDAY)
    for typed in ("态度冷淡", "态度", case.number, case.number[-6:], case.tracking_code, "王秀兰"):
        assert found(typed, town.mei, town, older=True) == set(), typed


def test_ninety_days_are_recent_and_one_more_is_not(town: Town) -> None:
    who = a_resident(town)
    days = {
        days: registered(town, resident=who, now=MONDAY - timedelta(days=days), matter="路灯不亮").number
        for days in (0, 31, 89, 91, 400)
    }
    Case.objects.update(state="archived")
    assert found("路灯", town.feng, town) == {days[0], days[31], days[89]}
    assert found("路灯", town.feng, town, older=True) == set(days.values())


def test_the_index_can_be_written_anew(town: Town) -> None:
    case = informed(town)
    Case.objects.filter(pk=case.pk).update(search=None)
    assert found("防水层破损", town.feng, town) == set()
    call_command("index_cases", verbosity=0)
    assert found("防水层破损", town.feng, town) == {case.number}


@pytest.mark.parametrize(
    ("typed", "terms", "beginnings", "too_short"),
    [
        ("漏水", ("漏水",), (), False),
        ("屋顶漏水", ("屋顶", "顶漏", "漏水"), (), False),
        ("13号楼", ("号楼",), (), False),
        ("WiFi", (), ("wifi",), False),
        ("漏", (), (), True),
        ("漏 水", (), (), True),
        ("，。", (), (), True),
        ("漏 屋顶", ("屋顶",), (), False),
        ("", (), (), False),
        ("' | & ! :* \\", (), (), True),
    ],
)
def test_what_is_typed_is_read_as_pairs(
    typed: str, terms: tuple[str, ...], beginnings: tuple[str, ...], too_short: bool
) -> None:
    wording = Wording.of(typed)
    assert (wording.terms, wording.beginnings, wording.too_short) == (terms, beginnings, too_short)
