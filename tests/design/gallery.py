"""Draws pages out of the parts, in the words and order of the mockups, without a view or a row behind them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.contrib.staticfiles import finders
from django.template import engines
from django.test import RequestFactory, override_settings
from django.utils import translation
from playwright.sync_api import Browser, ConsoleMessage, Page, Route

from foundation.organization.models import Hall, Staff
from tests.design.forms import InformForm, RegisterForm

PAGES = Path(__file__).parent / "pages"
HOST = "http://localhost"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=SHANGHAI)
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
WIDTHS = (1366, 360)


def names() -> list[str]:
    return sorted(path.stem for path in PAGES.glob("*.html"))


def draw(name: str, language: str = "zh-hans", **more: Any) -> str:
    hall = Hall(code="GHP", name="桂花坪社区居民接待厅", phone="0571-88886021", address="桂花路 8 号")
    request = RequestFactory().get("/cases/", SERVER_NAME="localhost")
    request.user = AnonymousUser() if name in ("login", "track") else Staff(pk=1, username="lin", name="林静")
    request.hall = hall  # type: ignore[attr-defined]
    with override_settings(ROOT_URLCONF="tests.design.urls"), translation.override(language):
        template = engines["django"].from_string((PAGES / f"{name}.html").read_text())
        return template.render({**_context(hall), **more}, request)


def _context(hall: Hall) -> dict[str, Any]:
    def clock(hours: float, warn: float) -> SimpleNamespace:
        return SimpleNamespace(due_at=NOW + timedelta(hours=hours), warn_at=NOW + timedelta(hours=warn))

    wrong = RegisterForm({"email": "lin@", "age": "-3"})
    wrong.is_valid()
    return {
        "hall": hall,
        "halls": [hall, Hall(code="QSY", name="青山园社区居民接待厅")],
        "navigation": [
            {"label": label, "url": "/cases/", "active": label == "工作台"}
            for label in ("工作台", "登记", "事项", "回访", "预约", "值班")
        ],
        "unread_alerts": 3,
        "may_search": True,
        "messages": [
            Message(constants.SUCCESS, "已登记，编号 GHP-2026-000432。"),
            Message(constants.ERROR, "何军刚刚已经签收。"),
        ],
        "now": NOW,
        "over": clock(-25, -50),
        "soon": clock(2.4, -1),
        "today": clock(6.5, 4),
        "tomorrow": clock(31, 28),
        "stages": [
            {"state": "done", "title": "受理", "lines": ["11月12日 09:20", "林静 首问"]},
            {"state": "done", "title": "转办", "lines": ["第 2 轮 11月18日", "物业部 何军"]},
            {
                "state": "now",
                "title": "反馈",
                "lines": ["结果已回，等答复居民"],
                **vars(clock(28.5, -1)),
            },
            {"state": "todo", "title": "回访", "lines": ["告知后 7 天内"]},
            {"state": "todo", "title": "归档", "lines": []},
        ],
        "duties": [("首问", "林静"), ("当前责任人", "林静（答复居民）"), ("回访", "不得由何军、孙伟进行"), ("空", "")],
        "story": [
            {"by": "物业部 何军", "title": "办结反馈", "when": NOW, "text": "更换 2 号排水泵及浮球开关……", "big": True},
            {"title": "时限：办理 按时完成", "when": "5 个工作日，跳过周六、周日"},
            {
                "title": "居民不满意，重办",
                "when": NOW - timedelta(days=6),
                "text": "“抽完水就走了，泵没修。”",
                "big": True,
            },
        ],
        "papers": [{"label": "受理单", "url": "/"}, {"label": "反馈单", "url": "/"}],
        "form": RegisterForm(initial={"nature": "request"}),
        "wrong": wrong,
        "inform": InformForm(initial={"signature_mode": "tablet"}),
    }


@dataclass
class Seen:
    """What the browser complained about and what it asked for, as (method, path)."""

    complaints: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def shown(
    browser: Browser, html: str, width: int = 1366, others: dict[str, str] | None = None, seen: Seen | None = None
) -> Iterator[Page]:
    """The page in a browser under our content security policy; nothing is served, every answer comes from here.

    `others` are the pages at further paths; any path not named shows the page itself.
    """
    seen = seen or Seen()
    context = browser.new_context(
        viewport={"width": width, "height": 860}, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
    )
    page = context.new_page()

    def listen(line: ConsoleMessage) -> None:
        if line.type in ("error", "warning"):
            seen.complaints.append(line.text)

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(HOST).partition("?")[0]
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            assert isinstance(found, str), f"{path} is not there"
            route.fulfill(path=found, content_type=TYPES.get(Path(found).suffix, "text/plain"))
            return
        seen.asked.append((route.request.method, path))
        body = (others or {}).get(path, html)
        route.fulfill(body=body, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": POLICY})

    page.on("console", listen)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.route("**/*", answer)
    page.goto(f"{HOST}/page")
    yield page
    context.close()
