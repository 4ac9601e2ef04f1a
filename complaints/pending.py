"""Files of a public form that is not sent yet: looked into, kept for a day under the form's own key, then forgotten."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.core.files.base import ContentFile
from django.db import models, transaction

from cases.uploads import MOST_FILES, CleanFile
from complaints.public_files import has_room, no_room
from foundation.organization.models import Hall

KEPT = timedelta(days=1)
MOST_WAITING = 4 * 1024**3  # bytes
"""Of all forms together. Strangers fill it at most; without it they would fill the disk, and everything would stop."""


def stored_name(pending: PendingFile, filename: str) -> str:
    """A random path: nothing of the sender's file name reaches the disk."""
    return f"pending/{pending.public_id.hex[:2]}/{pending.public_id.hex}"


class PendingFile(models.Model):
    """No row says whose it is: only who holds the form's key finds it."""

    hall = models.ForeignKey(Hall, on_delete=models.CASCADE, related_name="+")
    submission_key = models.UUIDField()
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.FileField(upload_to=stored_name, max_length=120)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["submission_key", "sha256"], name="pending_file_once")]
        indexes = [models.Index(fields=["uploaded_at"], name="pending_file_by_age")]

    def __str__(self) -> str:
        return self.name

    def clean_file(self) -> CleanFile:
        with self.file.open("rb") as stored:
            return CleanFile(self.name, self.content_type, stored.read())


def pending(hall: Hall, key: uuid.UUID) -> list[PendingFile]:
    """What waits under this key, in the order it came."""
    return list(PendingFile.objects.filter(hall=hall, submission_key=key))


def keep(*, hall: Hall, key: uuid.UUID, files: Sequence[CleanFile], now: datetime) -> list[str]:
    """Adds files, each once; returns the names of those for which there was no room among the nine.

    Raises NoRoom, having kept what fits, where too much waits already, or came in today.
    """
    held = set(PendingFile.objects.filter(hall=hall, submission_key=key).values_list("sha256", flat=True))
    fresh = {hashlib.sha256(file.content).hexdigest(): file for file in files}
    added = [(digest, file) for digest, file in fresh.items() if digest not in held]
    room = max(MOST_FILES - len(held), 0)
    rows = []
    has_no_room = False
    waiting = PendingFile.objects.aggregate(size=models.Sum("size"))["size"] or 0
    for digest, file in added[:room]:
        size = len(file.content)
        waiting += size
        if has_no_room := waiting > MOST_WAITING or not has_room(hall=hall, size=size, now=now):
            break
        row = PendingFile(
            hall=hall,
            submission_key=key,
            name=file.name,
            content_type=file.content_type,
            size=size,
            sha256=digest,
            uploaded_at=now,
        )
        row.file.save(file.name, ContentFile(file.content), save=False)
        rows.append(row)
    # Two presses at once bring the same files: the second finds them there.
    PendingFile.objects.bulk_create(rows, ignore_conflicts=True)
    if has_no_room:
        raise no_room(hall=hall, now=now)
    return [file.name for _digest, file in added[room:]]


def remove(*, hall: Hall, key: uuid.UUID, public_id: uuid.UUID) -> None:
    """Whoever filled in the form took this file out again."""
    forget(PendingFile.objects.filter(hall=hall, submission_key=key, public_id=public_id))


def forget_old(*, now: datetime) -> int:
    """Files of forms that were never sent."""
    return forget(PendingFile.objects.filter(uploaded_at__lte=now - KEPT))


def forget(rows: Iterable[PendingFile]) -> int:
    """The rows, and once that is committed the files; what a stop in between leaves behind, tidying finds."""
    gone = list(rows)
    paths = [(row.file.storage, str(row.file.name)) for row in gone]
    with transaction.atomic():
        PendingFile.objects.filter(pk__in=[row.pk for row in gone]).delete()
        for storage, path in paths:
            transaction.on_commit(partial(storage.delete, path))
    return len(gone)
