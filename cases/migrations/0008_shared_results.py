"""Whose result a merged case was answered with becomes a fact; for those there are, it stands in the two records."""

import json

from django.db import migrations, models

SHARED, REJOINED = "case.result_shared", "case.rejoined"


def fill(apps, schema_editor):
    Case = apps.get_model("cases", "Case")
    TransferSlip = apps.get_model("cases", "TransferSlip")
    Entry = apps.get_model("ledger", "Entry")
    Shared = TransferSlip.shared_with.through
    merged = Case.objects.exclude(main_case=None).values_list("pk", "chain", "main_case", "main_case__chain")
    for case, chain, main, main_chain in merged.order_by("pk").iterator():
        last = Entry.objects.filter(chain=chain, kind__in=[SHARED, REJOINED]).order_by("-seq").first()
        if last is None or last.kind == REJOINED:
            continue
        told = Entry.objects.filter(chain=main_chain).order_by("seq").values_list("happened_at", "payload")
        numbers = _reported_when_shared(told.iterator(), last.happened_at)
        slips = TransferSlip.objects.filter(case=main, number__in=numbers)
        Shared.objects.bulk_create(
            [Shared(case_id=case, transferslip_id=slip) for slip in slips.values_list("pk", flat=True)],
            ignore_conflicts=True,
        )


def _reported_when_shared(told, shared_at):
    """The numbers of the slips whose results the main case had in hand at that moment, in the round it was in."""
    states = {}
    for happened_at, payload in told:
        facts = json.loads(payload)
        if "slip_state" in facts:
            states[facts["slip"]] = facts["round"], facts["slip_state"]
        # The entry of the step with which the main case had its result; the two share their moment.
        if happened_at == shared_at and facts.get("state") in ("feedback", "follow_up", "archived"):
            return [number for number, reported in states.items() if reported == (facts["round"], "reported")]
    return []


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0007_delays"),
        ("ledger", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="transferslip",
            name="shared_with",
            field=models.ManyToManyField(blank=True, related_name="shared_slips", to="cases.case"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
