"""Every paper as Chromium prints it: text, fonts, pages, and boxes large enough for a hand to sign in.

The papers are drawn first, all of them, and then printed by one browser, which is closed before the tests ask.
"""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page
from pypdf import PdfReader
from pytest_django import DjangoDbBlocker

from cases.models import Case, TransferSlip
from foundation.organization.models import Staff
from tests import matters
from tests.browser.conftest import launched
from tests.builders import Town, make_town
from tests.design.gallery import HOST, shown
from tests.desk import papers

# The mark also makes pytest-django set up a test database for this file alone.
pytestmark = pytest.mark.django_db

MILLIMETRE = 96 / 25.4
INSIDE_A4 = round((210 - 24 - 18) * MILLIMETRE)
A_LONG_STORY = "地下车库从上个月起每逢下雨就积水约十厘米，十几辆车被泡，物业上周抽过一次水，但昨天下雨又满了。" * 34
"""About 1,600 characters: more than a page of one row."""
PLACE: dict[str, Any] = {
    "sex": "female",
    "estate": "北苑小区",
    "building": "3",
    "unit": "2",
    "room": "501",
    "employer": "北苑小学",
}


@dataclass(frozen=True)
class Drawn:
    html: str
    texts: list[str]
    """What must stand on the paper."""
    boxes: int
    """Hands that sign."""
    pages: tuple[int, int] = (1, 1)


@pytest.fixture(scope="module")
def drawn(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> dict[str, Drawn]:
    with django_db_blocker.unblock(), transaction.atomic():
        sheets = draw_all(make_town())
        transaction.set_rollback(True)
    return sheets


def draw_all(town: Town) -> dict[str, Drawn]:
    resident = matters.a_resident(town, **PLACE)
    who: dict[str, Any] = {"resident": resident}
    concluded = papers.concluded(town, **who)
    declined = papers.declined(town, **who)
    extension, notice = papers.extended(town, **who), papers.answered(town, **who)
    rectified = concluded.rectification_notices.get()
    waiting = matters.informed(town, **who)
    long = papers.concluded(town, matter=A_LONG_STORY, letter=A_LONG_STORY, reasons=A_LONG_STORY, **who)
    told = ["王秀兰", "138****6021"]

    def paper(case: Case, name: str, **more: str) -> str:
        return page(town.chen, reverse("desk:print_paper", args=[case.number, name]), **more)

    def slip(of: Case) -> str:
        leg = TransferSlip.objects.filter(case=of).order_by("pk")[0]
        return page(town.chen, reverse("desk:print_slip", args=[leg.pk]))

    def notice_page(number: str) -> str:
        return page(town.chen, reverse("desk:print_notice", args=[number]))

    receipts = f"paper=receipt&case={waiting.number}&case={concluded.number}&case={extension.case.number}"
    forms = f"paper=registration&case={long.number}&case={waiting.number}&case={declined.number}"
    return {
        "registration": Drawn(
            paper(concluded, "registration"), [*told, "北苑小学", matters.LEAK, "排水泵已经更换。"], 2
        ),
        "receipt": Drawn(paper(extension.case, "receipt"), ["王秀兰", extension.case.number], 2),
        "refusal": Drawn(paper(declined, "refusal"), ["王秀兰", papers.ADVICE, "北苑社区居民接待厅"], 2),
        "slip": Drawn(slip(waiting), [*told, "请上门查看并答复。", "屋面防水层破损。", "已重做防水层。"], 3),
        "extension": Drawn(paper(extension.case, "extension"), [papers.REASON, "同意，请告知居民。"], 2),
        "supervision": Drawn(notice_page(notice.number), [notice.number, papers.WANTED, papers.ANSWER], 2),
        "feedback": Drawn(paper(concluded, "feedback"), [*told, "排水泵烧坏。", "每月检查。", "排水泵已经更换。"], 2),
        "follow-up": Drawn(paper(concluded, "follow-up"), [*told, papers.NOT_SATISFIED], 2),
        "follow-up-to-be-asked": Drawn(paper(waiting, "follow-up"), ["屋顶已经修好。"], 2),
        "rectification": Drawn(notice_page(rectified.number), [rectified.number, papers.NOT_SATISFIED], 2),
        "conclusion": Drawn(paper(concluded, "conclusion"), ["王秀兰", papers.LETTER, papers.REVIEW_BODY], 2),
        "empty": Drawn(page(town.lin, reverse("desk:print_empty")), ["北苑社区居民接待厅"], 2),
        "english": Drawn(paper(concluded, "feedback", language="en"), ["Feedback sheet", "Answer given"], 2),
        "selection": Drawn(page(town.chen, f"{reverse('desk:print_selection')}?{receipts}"), ["王秀兰"], 6, (3, 3)),
        "long-selection": Drawn(
            page(town.chen, f"{reverse('desk:print_selection')}?{forms}"), [A_LONG_STORY], 6, (4, 5)
        ),
        "english-selection": Drawn(
            page(town.chen, f"{reverse('desk:print_selection')}?{forms}", "en"), [A_LONG_STORY], 6, (4, 5)
        ),
        "long-registration": Drawn(paper(long, "registration"), [A_LONG_STORY], 2, (2, 3)),
        "long-slip": Drawn(slip(long), [A_LONG_STORY], 3, (2, 3)),
        "long-rectification": Drawn(notice_page(f"{long.number}-R1"), [A_LONG_STORY], 2, (2, 3)),
        "long-conclusion": Drawn(paper(long, "conclusion"), [A_LONG_STORY], 2, (2, 3)),
    }


def page(staff: Staff, address: str, language: str = "zh-hans") -> str:
    client = Client()
    client.force_login(staff)
    client.cookies["django_language"] = language
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@dataclass(frozen=True)
class Printed:
    texts: list[str]
    """Of each page, without white space: where a line breaks is not asked."""
    fonts: dict[str, bool]
    """Whether each is embedded."""
    size: tuple[int, int]
    boxes: list[tuple[float, float]]
    """Width and height of where hands sign, in millimetres."""
    cut: list[str]


@pytest.fixture(scope="module")
def printed(drawn: dict[str, Drawn]) -> dict[str, Printed]:
    others = {f"/{name}": one.html for name, one in drawn.items()}
    with launched() as browser, shown(browser, "", INSIDE_A4, others=others) as tab:
        return {name: print_one(tab, name) for name in drawn}


# Fonts hold some characters as radicals too, and a reader of PDF may give back these: the same to the eye.
RADICALS = str.maketrans("⻚⺠⻋⻔⻓⻛⻘⻅⻜⻢⻩⻬⻮⻰", "页民车门长风青见飞马黄齐齿龙")


def plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text.translate(RADICALS)))


def print_one(tab: Page, name: str) -> Printed:
    tab.emulate_media(media="null")
    tab.goto(f"{HOST}/{name}")
    pdf = PdfReader(io.BytesIO(tab.pdf(prefer_css_page_size=True)))
    fonts: dict[str, bool] = {}
    for sheet in pdf.pages:
        resources: Any = sheet["/Resources"]
        for reference in resources.get("/Font", {}).values():
            font = reference.get_object()
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            about = inner["/FontDescriptor"].get_object()
            # Outlines of OpenType fonts are embedded letter by letter.
            embedded = "/CharProcs" in font or any(key in about for key in ("/FontFile2", "/FontFile3"))
            fonts[str(about["/FontName"])] = embedded
    tab.emulate_media(media="print")
    boxes = [box for one in tab.locator(".sign-space").all() if (box := one.bounding_box())]
    media = pdf.pages[0].mediabox
    return Printed(
        texts=[plain(sheet.extract_text()) for sheet in pdf.pages],
        fonts=fonts,
        size=(round(float(media.width)), round(float(media.height))),
        boxes=[(box["width"] / MILLIMETRE, box["height"] / MILLIMETRE) for box in boxes],
        cut=tab.evaluate("""() => [...document.querySelectorAll("article *")]
            .filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline")
            .map(one => one.outerHTML.slice(0, 90))"""),
    )


NAMES = [
    "registration", "receipt", "refusal", "slip", "extension", "supervision", "feedback", "follow-up",
    "follow-up-to-be-asked", "rectification", "conclusion", "empty", "english", "selection",
    "long-selection", "english-selection",
    "long-registration", "long-slip", "long-rectification", "long-conclusion",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_paper_prints_on_a4_with_all_that_belongs_on_it(
    name: str, drawn: dict[str, Drawn], printed: dict[str, Printed]
) -> None:
    expected, paper = drawn[name], printed[name]
    assert paper.size == (595, 842)
    least, most = expected.pages
    assert least <= len(paper.texts) <= most
    whole = "".join(re.sub(r"第\d+页(共\d+页)?", "", text) for text in paper.texts)
    for text in expected.texts:
        assert stands_in(plain(text), whole), text
    # A page that holds its own number alone is as good as blank.
    assert [len(text) > 40 for text in paper.texts] == [True] * len(paper.texts)


def stands_in(text: str, whole: str) -> bool:
    """A text that goes on over the page has the heading of the next page between its parts."""
    if text in whole:
        return True
    cuts = range(1, len(text))
    return len(text) > 300 and any(text[:cut] in whole and text[cut:] in whole for cut in cuts)


@pytest.mark.parametrize("name", NAMES)
def test_its_fonts_are_embedded_and_know_chinese(name: str, printed: dict[str, Printed]) -> None:
    fonts = printed[name].fonts
    assert fonts
    assert [font for font, is_embedded in fonts.items() if not is_embedded] == []
    assert any(re.search("CJK|Song|SimSun|SourceHan|FangSong", font) for font in fonts), fonts


@pytest.mark.parametrize("name", NAMES)
def test_every_hand_that_signs_has_a_box_to_sign_in(
    name: str, drawn: dict[str, Drawn], printed: dict[str, Printed]
) -> None:
    boxes = printed[name].boxes
    assert len(boxes) == drawn[name].boxes
    assert [(width >= 40, height >= 15) for width, height in boxes] == [(True, True)] * len(boxes)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_sticks_out_of_the_paper(name: str, printed: dict[str, Printed]) -> None:
    assert printed[name].cut == []


@pytest.mark.parametrize("name", ["long-registration", "long-slip", "long-rectification"])
def test_the_next_page_begins_with_the_head_of_the_form_again(
    name: str, drawn: dict[str, Drawn], printed: dict[str, Printed]
) -> None:
    pages = printed[name].texts
    number = re.search(r"NTH-2026-\d{6}(-[A-Z]?\d)?", drawn[name].texts[-1] + pages[0])
    assert number
    for text in pages[:-1]:
        assert "北苑社区居民接待厅" in text
    assert [number.group() in text for text in pages] == [True] * len(pages)


def test_pages_are_numbered_in_the_language_of_the_paper(printed: dict[str, Printed]) -> None:
    first, *_rest, last = printed["long-conclusion"].texts
    count = len(printed["long-conclusion"].texts)
    assert f"第1页共{count}页" in first
    assert f"第{count}页共{count}页" in last
    assert "Page1of1" in printed["english"].texts[0]


def test_each_paper_of_a_selection_begins_on_a_page_of_its_own_and_counts_its_pages_from_one(
    printed: dict[str, Printed],
) -> None:
    """The first one is long, two of one page follow: nobody's page says a number that counts others' papers."""
    assert [numbers(text, r"第(\d+)页") for text in printed["selection"].texts] == [["1"], ["1"], ["1"]]
    pages = printed["long-selection"].texts
    first = len(pages) - 2
    assert [numbers(text, r"第(\d+)页") for text in pages] == [[str(at + 1)] for at in range(first)] + [["1"], ["1"]]
    assert first >= 2
    assert not any("共" in text[-12:] for text in pages)
    assert [numbers(text, r"Page(\d+)")[-1] for text in printed["english-selection"].texts][-3:] == [
        str(len(printed["english-selection"].texts) - 2), "1", "1",
    ]  # fmt: skip


def numbers(text: str, form: str) -> list[str]:
    return re.findall(form, text)
