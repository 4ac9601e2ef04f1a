"""A resident follows their matter on a telephone, adds two photos, asks to withdraw: with scripts and without."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext

from tests.browser.colleague import Colleague
from tests.browser.resident import ResidentAtPhone
from tests.running import RunningHall

SMALL = {"viewport": {"width": 360, "height": 740}}
SAID = "昨天夜里又漏了，床都湿了。"
WISH = "邻居已经修好了，不用再办。"
A_MATTER = """
import json
from django.utils import timezone
from foundation.organization.models import Hall, Staff
from foundation.residents.models import Resident
from tests import matters
from tests.builders import department
from types import SimpleNamespace
hall = Hall.objects.get(code="NTH")
people = {one.username: one for one in Staff.objects.all()}
town = SimpleNamespace(north=hall, works=department(hall), **people)
slip = matters.investigating(town, now=timezone.now(), resident=Resident.objects.get())
print(json.dumps([slip.case.number, slip.case.tracking_code]))
"""


def photo(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.mark.parametrize("has_scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_resident_looks_adds_two_photos_and_asks_to_withdraw(
    running_hall: RunningHall, new_context: Callable[..., BrowserContext], tmp_path: Path, has_scripts: bool
) -> None:
    number, code = json.loads(running_hall.manage("shell", "--verbosity=0", "--command", A_MATTER))
    resident = ResidentAtPhone.with_phone(
        new_context, running_hall.base_url, tmp_path, **SMALL, java_script_enabled=has_scripts
    )
    resident.show_matter("NTH", "-".join([code[:4], code[4:8], code[8:]]).lower(), "6021")
    assert resident.stages() == ["done", "now", "todo", "todo", "todo"]
    for name in ("Lin", "Wang", "王秀兰"):
        assert name not in resident.page.locator("main section").first.inner_text()
    assert "010-12345678" in resident.text()

    resident.tap("[formaction$='/track/add/']")
    if has_scripts:
        # A press without words is refused, and what was chosen and typed afterwards arrives.
        resident.tap("[name=send]")
        assert resident.errors()
    resident.write("text", SAID)
    resident.attach("attachments", {"wall.jpg": photo("firebrick"), "floor.jpg": photo("seagreen")})
    resident.tap("[name=send]")
    assert SAID in resident.text()
    assert "wall.jpg" in resident.text()

    resident.tap("[formaction$='/track/withdraw/']")
    resident.write("wish", WISH)
    resident.tap("[name=send]")
    assert resident.page.locator("[formaction$='/track/withdraw/']").count() == 0
    # Nothing was ended by it.
    assert resident.stages() == ["done", "now", "todo", "todo", "todo"]
    assert (resident.complaints, resident.strangers) == ([], [])
    assert not [one for one in resident.refused if not one.startswith("422")]

    lin = Colleague.at_work(new_context, "lin", f"/cases/{number}/")
    page = lin.page.locator("main").inner_text()
    assert SAID in page
    assert WISH in page
    assert lin.page.locator("main ul.files img").count() == 2
