"""What in a text could tell who somebody is. Snippets are of the kind residents write."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followups.board.privacy import Known, Person, Reason, find

WANG = Person(
    name="王秀兰",
    initials="wxl",
    building="3",
    unit="2",
    room="501",
    others=("红星造纸厂", "wang@example.com"),
    phone_tails=frozenset({"6021"}),
)
KNOWN = Known(
    residents=(WANG,),
    staff=("赵建国", "Lin"),
    numbers=("NTH-2026-000012", "7K2MQ9ZXW4T1A"),
    public=("010-12345678", "北苑路 8 号"),
)


NOTHING = Known()


def marked(text: str, known: Known = NOTHING) -> list[tuple[str, str]]:
    return [(hit.words, hit.reason.value) for hit in find(text, known)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("王秀兰反映楼顶漏水", "王秀兰"),
        ("住户秀兰来电", "秀兰"),
        ("王某来电反映", "王某"),
        ("王某某来电反映", "王某某"),
        ("王××来电反映", "王××"),
        ("王阿姨说还在漏", "王阿姨"),
        ("老王说还在漏", "老王"),
        ("联系人 WXL，已答复", "WXL"),
        ("手机尾号6021的居民", "6021"),
        ("在红星造纸厂上班", "红星造纸厂"),
        ("回信到wang@example.com", "wang@example.com"),
    ],
)
def test_the_resident_of_the_case_is_found_however_they_are_called(text: str, words: str) -> None:
    assert (words, "resident") in marked(text, KNOWN)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("三栋顶楼漏水", "三栋"),
        ("3号楼楼顶漏水", "3号楼"),
        ("３幢顶楼漏水", "３幢"),
        ("二单元门禁坏了", "二单元"),
        ("501室漏水", "501室"),
        ("就在501漏水", "501"),
        ("3-2-501漏水", "3-2-501"),
    ],
)
def test_where_this_resident_lives_is_told_from_any_other_address(text: str, words: str) -> None:
    assert (words, "own_address") in marked(text, KNOWN)
    assert all(reason != "own_address" for _words, reason in marked(text))


@pytest.mark.parametrize(
    ("text", "words", "reason"),
    [
        ("电话13805716021联系", "13805716021", "phone"),
        ("电话138 0571 6021联系", "138 0571 6021", "phone"),
        ("电话１３８０５７１６０２１联系", "１３８０５７１６０２１", "phone"),
        ("电话138****6021联系", "138****6021", "phone"),
        ("电话0571-88886666联系", "0571-88886666", "phone"),
        ("监测站8413602也来过", "8413602", "phone"),
        ("身份证330106195203071226", "330106195203071226", "id_number"),
        ("身份证33010619520307122X", "33010619520307122X", "id_number"),
        ("身份证330106********1226", "330106********1226", "id_number"),
        ("车牌湘A12B45的小车", "湘A12B45", "plate"),
        ("车牌浙A·D12345的电车", "浙A·D12345", "plate"),
        ("写信到a.b@mail.example.cn", "a.b@mail.example.cn", "email"),
        ("微信号：lin_2020x", "微信号：lin_2020x", "account"),
        ("工商银行卡6222021001112223334", "6222021001112223334", "number"),
        ("住在17栋3楼", "17栋", "address"),
        ("7栋1005室业主", "1005室", "address"),
        ("十二单元楼道灯不亮", "十二单元", "address"),
        ("A座电梯困人", "A座", "address"),
        ("枫林路36号门前", "路36号", "address"),
        ("12-3-401楼上漏水", "12-3-401", "address"),
        ("保安队的李师傅来过", "李师傅", "name"),
        ("业主张伟民说", "业主张伟民", "name"),
        ("物业经理张伟民来过", "经理张伟民", "name"),
        ("司马先生来电", "司马先生", "name"),
        ("漏水已久，请处理。\n朱琼会", "朱琼会", "name"),
        ("又见STH-2025-000345", "STH-2025-000345", "case"),
    ],
)
def test_what_looks_like_a_person_is_found_without_knowing_anybody(text: str, words: str, reason: str) -> None:
    assert (words, reason) in marked(text)


def test_names_of_staff_are_found_whole_or_by_the_given_name_and_latin_ones_only_as_words() -> None:
    assert marked("赵建国到场，建国又来", KNOWN) == [("赵建国", "staff"), ("建国", "staff")]
    assert marked("handled by lin, online", KNOWN) == [("lin", "staff")]


def test_number_and_code_of_the_case_are_found() -> None:
    found = marked("见NTH-2026-000012，查询码7K2MQ9ZXW4T1A", KNOWN)
    assert found == [("NTH-2026-000012", "case"), ("7K2MQ9ZXW4T1A", "case")]


@pytest.mark.parametrize(
    "text",
    [
        "路灯已经修好，共更换灯具12盏，感谢大家的建议。",
        "2026年3月5日起，每周二晚上延长开放到20:00。",
        "两座石桥已经加固，三天内完工。",
        "办公经费3133669.34元已公示。",
        "本月受理 42 件，按时答复 95 %。",
        "物业公司已经整改，街道将继续督促。",
        "如遇紧急情况请拨打110、119或120。",
    ],
)
def test_plain_sentences_have_no_mark(text: str) -> None:
    assert marked(text, KNOWN) == []


def test_the_halls_own_telephone_and_address_may_stand_in_any_text() -> None:
    assert marked("咨询电话010-12345678，地址北苑路 8 号。", KNOWN) == []
    assert marked("咨询电话010-12345678。") == [("010-12345678", "phone")]


def test_a_mark_says_the_sentence_it_stands_in_and_another_sentence_is_another_mark() -> None:
    [first, second] = find("李师傅来过。第二天李师傅没来。", Known())
    assert (first.sentence, second.sentence) == ("李师傅来过", "第二天李师傅没来")
    assert first.key("text") != second.key("text")
    assert first.key("text") != first.key("raised")
    [again] = find("物业说明如下。李师傅来过。", Known())
    assert again.key("text") == first.key("text")


def test_the_weightier_reason_stays_where_two_meet() -> None:
    assert marked("王秀兰女士来电", KNOWN) == [("王秀兰", "resident")]
    assert marked("3栋2单元501室", KNOWN) == [
        ("3栋", "own_address"),
        ("2单元", "own_address"),
        ("501室", "own_address"),
    ]


@settings(max_examples=60, deadline=None)
@given(st.text("王秀兰某师傅三十2栋单元室号138057160*-AX。\n 路", max_size=40))
def test_marks_come_in_order_never_overlap_and_quote_the_text(text: str) -> None:
    hits = find(text, KNOWN)
    assert [text[hit.start : hit.end] for hit in hits] == [hit.words for hit in hits]
    assert all(before.end <= after.start for before, after in pairwise(hits))
    assert all(isinstance(hit.reason, Reason) and hit.words.strip() for hit in hits)
