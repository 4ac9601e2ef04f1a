"""Seals personal data again under the first key of PERSONAL_DATA_KEYS and indexes it again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from foundation.residents import crypto
from foundation.residents.rotation import keys_in_ledger, rotate_keys


class Command(BaseCommand):
    help = (
        "Seals phones and ID numbers again under the first key of PERSONAL_DATA_KEYS and renews the look-up tokens. "
        "Put the new key first, keep the old ones behind it, run this, then read what it says about the old keys."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        rotation = rotate_keys(actor=None, now=timezone.now())
        self.stdout.write(f"Residents sealed again under {crypto.current_key_id()!r}: {rotation.moved}")
        for key_id, count in sorted(keys_in_ledger().items()):
            if key_id != crypto.current_key_id():
                self.stdout.write(
                    f"Key {key_id!r} is still needed to read {count} earlier numbers in the ledger: keep it."
                )
        if rotation.unreadable:
            ids = ", ".join(map(str, rotation.unreadable))
            raise CommandError(f"These residents have a value that no key opens; they were left as they are: {ids}")
