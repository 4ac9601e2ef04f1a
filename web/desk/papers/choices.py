"""Boxes to tick: all choices stand on the paper, the one that applies is ticked."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import TextChoices
from django.utils.functional import Promise

Choice = tuple[str | Promise, bool]


def ticked(choices: Iterable[TextChoices], chosen: str) -> list[Choice]:
    return [(choice.label, choice.value == chosen) for choice in choices]
