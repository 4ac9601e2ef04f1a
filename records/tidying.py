"""What nobody needs any more, once a day: files without a row, registers taken in or out, old alerts, dead look-ups."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from celery.exceptions import SoftTimeLimitExceeded
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.db.models.fields.files import FieldFile

from cases.actions.look_up_status import KEPT as LOOKUPS_KEPT
from cases.models import StatusLookup
from complaints.pending import forget_old as forget_unsent
from foundation.notifications.models import Alert, Delivery, Message
from foundation.throttling.actions import forget_old
from records.exporting.job import KEPT as EXPORTS_KEPT
from records.models import ExportJob, ImportedCase, ImportJob, ImportState

logger = logging.getLogger(__name__)

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
    """Everything of the above, each by itself; how many went. Raises at the end what kept any of it from its work."""
    steps: dict[str, Callable[[datetime], int]] = {
        "exports": forget_exports,
        "imports": forget_imports,
        "files": delete_unnamed_files,
        "alerts": delete_old_alerts,
        "messages": delete_old_messages,
        "lookups": delete_old_lookups,
        "throttling": lambda moment: forget_old(now=moment),
        "pending": lambda moment: forget_unsent(now=moment),
    }
    done: dict[str, int] = {}
    failures: list[Exception] = []
    for name, step in steps.items():
        try:
            done[name] = step(now)
        except SoftTimeLimitExceeded:
            raise
        except Exception as failure:
            logger.exception("tidying: %s", name)
            failures.append(failure)
    if failures:
        raise ExceptionGroup("tidying", failures)
    return done


def forget_exports(now: datetime) -> int:
    """The file and the words that were looked for; the hall's chain keeps who took out how much, and when."""
    old = ExportJob.objects.filter(finished_at__lte=now - EXPORTS_KEPT).exclude(file="", filters="")
    count = 0
    for pk in list(old.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            job = old.select_for_update(no_key=True).filter(pk=pk).first()
            if job is None:
                continue
            if job.file:
                _delete_on_commit(job.file)
                count += 1
            ExportJob.objects.filter(pk=pk).update(file="", filters="")
    return count


def forget_imports(now: datetime) -> int:
    """Files long in or of people erased meanwhile, and those only looked at; what was never begun goes with its row."""
    erased = ImportedCase.objects.filter(case__resident__erased_at__isnull=False).values("job")
    finished = ImportJob.objects.filter(
        Q(finished_at__lte=now - IMPORTS_KEPT) | Q(finished_at__isnull=False, pk__in=erased)
    ).exclude(file="")
    # A claim that holds: somebody is trying it at this moment.
    unbegun = ImportJob.objects.filter(state__in=UNBEGUN, created_at__lte=now - DRAFTS_KEPT).exclude(
        claimed_until__gt=now
    )
    return _forget(finished, with_row=False) + _forget(unbegun, with_row=True)


def _forget(jobs: QuerySet[ImportJob], *, with_row: bool) -> int:
    count = 0
    for pk in list(jobs.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            # Asked again under the lock: somebody may have begun with it meanwhile.
            job = jobs.select_for_update(of=("self",)).filter(pk=pk).first()
            if job is None:
                continue
            _delete_on_commit(job.file)
            if with_row:
                job.delete()
            else:
                ImportJob.objects.filter(pk=pk).update(file="")
            count += 1
    return count


def _delete_on_commit(file: FieldFile) -> None:
    """Should we be stopped in between, no row names it, and it goes with the other files of that kind."""
    storage, name = file.storage, str(file.name)
    transaction.on_commit(lambda: storage.delete(name))


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


def delete_old_messages(now: datetime) -> int:
    """What residents were written, sent or not."""
    count = 0
    old = Message.objects.filter(created_at__lt=now - ALERTS_KEPT).order_by("pk").values_list("pk", flat=True)
    while batch := list(old[:AT_A_TIME]):
        Delivery.objects.filter(message__in=batch).delete()
        count += Message.objects.filter(pk__in=batch).delete()[0]
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
