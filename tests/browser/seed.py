"""What the browser tests' database holds: a town with everybody in it, the desk on duty, one resident known before.

Run once by `manage.py shell` on the template database; tests then clone it.
"""

from datetime import timedelta

from django.utils import timezone

from foundation.residents.actions import register_resident
from tests.builders import make_town, on_shift

now = timezone.now()
town = make_town()
for receptionist in (town.lin, town.mei):
    on_shift(receptionist, town.north, now - timedelta(hours=2), hours=24)
register_resident(
    hall=town.north,
    actor=town.lin,
    now=now,
    name="王秀兰",
    sex="female",
    phone="13805716021",
    estate="和平里小区",
    building="3",
    unit="2",
    room="602",
    grid="2",
)
