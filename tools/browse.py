"""A browser without a screen: keeps cookies, follows redirects, sends the forms of a page with what stands in them."""

from __future__ import annotations

import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar

Values = list[tuple[str, str]]
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
COMPLAINING = ({"error-summary"}, {"notice", "error"})
"""Classes of the places where a page says what it refuses."""


@dataclass
class Option:
    value: str
    label: str = ""


@dataclass
class Form:
    """One form as it was drawn: the values a browser would send untouched, and the buttons to send it with."""

    action: str
    method: str
    multipart: bool
    values: Values = field(default_factory=list)
    buttons: Values = field(default_factory=list)
    options: dict[str, list[Option]] = field(default_factory=dict)

    def filled(self, changes: dict[str, str], button: tuple[str, str] | None = None) -> Values:
        kept = [(name, value) for name, value in self.values if name not in changes]
        return [*kept, *changes.items(), *([button] if button else [])]

    def chosen(self, name: str) -> str:
        return next((value for key, value in self.values if key == name), "")


class Page(HTMLParser):
    def __init__(self, url: str, status: int, text: str) -> None:
        super().__init__()
        self.url = url
        self.status = status
        self.text = text
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.complaints: list[str] = []
        self._form: Form | None = None
        self._textarea: str | None = None
        self._select: str | None = None
        self._complaining = 0
        self._words: list[str] = []
        self.feed(text)
        self.close()

    @property
    def path(self) -> str:
        return urllib.parse.urlsplit(self.url).path

    def form_with(self, name: str) -> Form:
        """The form that holds a field or button of this name; KeyError if there is none."""
        for form in self.forms:
            if any(key == name for key, _value in [*form.values, *form.buttons]) or name in form.options:
                return form
        raise KeyError(f"{self.url} has no form with {name!r}: {self.complaints}")

    def link_to(self, ending: str) -> str | None:
        return next((link for link in self.links if link.endswith(ending)), None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        classes = set(given.get("class", "").split())
        if self._complaining or any(wanted <= classes for wanted in COMPLAINING):
            self._complaining += tag not in VOID
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif tag == "form":
            self._form = Form(
                given.get("action", ""), given.get("method", "get").lower(), "multipart" in given.get("enctype", "")
            )
            self.forms.append(self._form)
        elif self._form is not None and "disabled" not in given:
            self._take(tag, given, self._form)

    def _take(self, tag: str, given: dict[str, str], form: Form) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "option" and self._select is not None:
            options = form.options[self._select]
            options.append(Option(value))
            if "selected" in given or len(options) == 1:
                # Until another one is found selected, the first stands.
                form.values = [pair for pair in form.values if pair[0] != self._select]
                form.values.append((self._select, value))
        elif not name:
            return
        elif tag == "textarea":
            self._textarea, self._words = name, []
        elif tag == "select":
            self._select = name
            form.options.setdefault(name, [])
        elif tag == "button":
            form.buttons.append((name, value))
        elif tag == "input":
            self._take_input(given.get("type", "text"), name, given, form)

    def _take_input(self, kind: str, name: str, given: dict[str, str], form: Form) -> None:
        if kind in ("radio", "checkbox"):
            form.options.setdefault(name, []).append(Option(given.get("value", "on")))
            if "checked" in given:
                form.values.append((name, given.get("value", "on")))
        elif kind == "submit":
            form.buttons.append((name, given.get("value", "")))
        elif kind not in ("file", "button", "image", "reset"):
            form.values.append((name, given.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._words.append(data)
        elif self._select is not None and self._form is not None and self._form.options[self._select]:
            self._form.options[self._select][-1].label += data.strip()
        if self._complaining and data.strip():
            self.complaints.append(" ".join(data.split()))

    def handle_endtag(self, tag: str) -> None:
        if self._complaining:
            self._complaining -= 1
        if tag == "textarea" and self._textarea is not None and self._form is not None:
            # A line break right after the tag belongs to the markup.
            self._form.values.append((self._textarea, "".join(self._words).removeprefix("\n")))
            self._textarea = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._form = None


@dataclass
class Tally:
    """What was asked and how long the answers took, over all browsers that share it."""

    milliseconds: list[float] = field(default_factory=list)

    def quantile(self, share: float) -> float:
        ordered = sorted(self.milliseconds) or [0.0]
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Browser:
    """One person's browser. Answers that refuse (4xx) are pages like others; 5xx and no answer raise."""

    def __init__(self, address: str, tally: Tally) -> None:
        self.address = address.rstrip("/")
        self.tally = tally
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )

    def get(self, path: str) -> Page:
        return self._ask(urllib.request.Request(self._url(path)))

    def send(self, page: Page, form: Form, changes: dict[str, str], button: tuple[str, str] | None = None) -> Page:
        values = form.filled(changes, button)
        if form.multipart:
            body, kind = _multipart(values)
        else:
            body, kind = urllib.parse.urlencode(values).encode(), "application/x-www-form-urlencoded"
        url = urllib.parse.urljoin(page.url, form.action or page.url)
        return self._ask(urllib.request.Request(url, body, {"Content-Type": kind, "Referer": page.url}))

    def ask_for_part(self, page: Page, path: str, values: Values) -> Page:
        """What htmx asks while somebody types."""
        token = next(form.chosen("csrfmiddlewaretoken") for form in page.forms if form.method == "post")
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "HX-Request": "true",
            "HX-Current-URL": page.url,
            "Referer": page.url,
            "X-CSRFToken": token,
        }
        return self._ask(urllib.request.Request(self._url(path), urllib.parse.urlencode(values).encode(), headers))

    def _url(self, path: str) -> str:
        return urllib.parse.urljoin(self.address + "/", path)

    def _ask(self, request: urllib.request.Request) -> Page:
        began = time.monotonic()
        try:
            with self.opener.open(request, timeout=60) as answer:
                url, status, text = answer.url, answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            if error.code >= 500:
                raise
            url, status, text = error.url or request.full_url, error.code, error.read().decode()
        self.tally.milliseconds.append((time.monotonic() - began) * 1000)
        return Page(url, status, text)


def _multipart(values: Values) -> tuple[bytes, str]:
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{_with_crlf(value)}\r\n'
        for name, value in values
    ]
    return ("".join(parts) + f"--{boundary}--\r\n").encode(), f"multipart/form-data; boundary={boundary}"


def _with_crlf(text: str) -> str:
    """As browsers send what stands in a text field."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n")
