"""What receptionist Lin types into the registration form, and how she presses its buttons."""

from __future__ import annotations

import base64
import io
import uuid
from typing import Any

from django.test import Client
from django.urls import reverse
from PIL import Image, ImageDraw

from cases.models import Case
from foundation.residents.models import Resident
from reception.models import Visit
from tests.builders import Town, category

ROOF = "屋面与外墙渗漏"  # its usual department is the works department
ELECTRIC_BIKES = "电动自行车停放与充电"


def contact(town: Town, **changes: Any) -> dict[str, Any]:
    """A walk-in about a leaking roof, filled in completely; None takes a field out."""
    data = {
        "submission_key": str(uuid.uuid4()),
        "channel": "walk_in",
        "name": "王秀兰",
        "sex": "female",
        "birth_date": "1959-03-02",
        "phone": "13805716021",
        "estate": "桂花苑",
        "building": "3",
        "unit": "2",
        "room": "501",
        "employer": "退休",
        "identity": "named",
        "matter": "楼顶漏水，卧室墙面大片发霉，已经跟物业说过两次。",
        "nature": "request",
        "category": category(town.north, ROOF).pk,
        "urgency": "normal",
        "headcount": "1",
    } | changes
    return {name: value for name, value in data.items() if value is not None}


def press(client: Client, button: str, data: dict[str, Any], *, htmx: bool = False) -> Any:
    headers = {"HX-Request": "true"} if htmx else {}
    response: Any = client.post(reverse("desk:register"), data | {"do": button}, headers=headers)
    return response


def only_case() -> Case:
    return Case.objects.get()


def nothing_is_written() -> bool:
    return not (Resident.objects.exists() or Visit.objects.exists() or Case.objects.exists())


def drawn_signature() -> str:
    """A stroke on white, as the signing field sends it."""
    picture = Image.new("RGB", (300, 100), "white")
    ImageDraw.Draw(picture).line([(20, 70), (120, 20), (260, 80)], fill="black", width=4)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def photo(side: int = 40) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), "grey").save(buffer, "JPEG")
    return buffer.getvalue()


def clock_outcomes(case: Case) -> dict[str, str]:
    return {clock.kind: clock.outcome for clock in case.deadlines.all()}
