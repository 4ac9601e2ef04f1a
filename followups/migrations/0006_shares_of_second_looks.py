"""Halls that stand already get the shares a new one begins with."""

from typing import Any

from django.db import migrations

DEFAULTS = {"director": 10, "head": 30}


def give_shares(apps: Any, schema_editor: Any) -> None:
    share = apps.get_model("followups", "SecondLookShare")
    for hall in apps.get_model("organization", "Hall").objects.all():
        for role, percent in DEFAULTS.items():
            share.objects.get_or_create(hall=hall, role=role, defaults={"percent": percent})


class Migration(migrations.Migration):
    dependencies = [("followups", "0005_notice_board")]

    operations = [migrations.RunPython(give_shares, migrations.RunPython.noop, elidable=True)]
