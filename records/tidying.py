"""What nobody needs any more, once a day: files without a row, registers taken in or out, old alerts, dead look-ups."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from django.apps import apps
from django.conf import settings
from django.db import models

from cases.actions.look_up_status import KEPT as LOOKUPS_KEPT
from cases.models import StatusLookup
from foundation.notifications.models import Alert, Delivery
from records.exporting.job import KEPT as EXPORTS_KEPT
from records.models import ExportJob, ImportJob, ImportState

UNNAMED_KEPT: Final = timedelta(days=1)
"""A file is on the disk before its row is committed: younger ones may still get theirs."""
IMPORTS_KEPT: Final = timedelta(days=14)
"""Time to mend what did not come in; then the file with everybody's names goes."""
DRAFTS_KEPT: Final = timedelta(days=2)
UNBEGUN: Final = (ImportState.DRAFT, ImportState.CHECKING, ImportState.CHECKED)
ALERTS_KEPT: Final = timedelta(days=400)
"""What was told stays for a year and the month in which its figures are read."""
AT_A_TIME = 5000


def tidy(*, now: datetime) -> dict[str, int]:
    """Everything of the above, each by itself; how many went."""
    steps: dict[str, Callable[[datetime], int]] = {
        "exports": forget_exports,
        "imports": forget_imports,
        "files": delete_unnamed_files,
        "alerts": delete_old_alerts,
        "lookups": delete_old_lookups,
    }
    return {name: step(now) for name, step in steps.items()}


def forget_exports(now: datetime) -> int:
    """The file and the words that were looked for; the hall's chain keeps who took out how much, and when."""
    old = ExportJob.objects.filter(finished_at__lte=now - EXPORTS_KEPT).exclude(file="", filters="")
    count = 0
    for job in old.order_by("pk"):
        # The file first: a row that still names it is found again tomorrow.
        if job.file:
            job.file.delete(save=False)
            count += 1
        ExportJob.objects.filter(pk=job.pk).update(file="", filters="")
    return count


def forget_imports(now: datetime) -> int:
    """Files long in, and those that were only looked at; what was never begun goes with its row."""
    finished = ImportJob.objects.filter(finished_at__lte=now - IMPORTS_KEPT).exclude(file="")
    drafts = ImportJob.objects.filter(state__in=UNBEGUN, created_at__lte=now - DRAFTS_KEPT)
    count = 0
    for job in [*finished.order_by("pk"), *drafts.order_by("pk")]:
        job.file.delete(save=False)
        count += 1
        if job.state in UNBEGUN:
            job.delete()
        else:
            ImportJob.objects.filter(pk=job.pk).update(file="")
    return count


def delete_unnamed_files(now: datetime) -> int:
    """Files of transactions that were undone: older than a day, and named by no row of any table."""
    root = Path(settings.MEDIA_ROOT)
    old = [path for path in _files(root) if _changed(path) < now - UNNAMED_KEPT]
    named = _named({path.relative_to(root).as_posix() for path in old})
    count = 0
    for path in old:
        if path.relative_to(root).as_posix() not in named:
            path.unlink(missing_ok=True)
            count += 1
    return count


def delete_old_alerts(now: datetime) -> int:
    """With what was sent of them outside."""
    count = 0
    old = Alert.objects.filter(created_at__lt=now - ALERTS_KEPT).order_by("pk").values_list("pk", flat=True)
    while batch := list(old[:AT_A_TIME]):
        Delivery.objects.filter(alert__in=batch).delete()
        count += Alert.objects.filter(pk__in=batch).delete()[0]
    return count


def delete_old_lookups(now: datetime) -> int:
    return StatusLookup.objects.filter(looked_up_at__lt=now - LOOKUPS_KEPT).delete()[0]


def _files(root: Path) -> Iterator[Path]:
    for folder, _folders, names in os.walk(root):
        yield from (Path(folder) / name for name in names)


def _changed(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        # Somebody else has just taken it away.
        return datetime.max.replace(tzinfo=UTC)


def _named(paths: set[str]) -> set[str]:
    """Those of the paths that a row names, in whichever table has a column for files."""
    found: set[str] = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                ordered = sorted(paths)
                for start in range(0, len(ordered), AT_A_TIME):
                    some = ordered[start : start + AT_A_TIME]
                    rows = model._default_manager.filter(**{f"{field.name}__in": some})
                    found.update(rows.values_list(field.name, flat=True))
    return found
