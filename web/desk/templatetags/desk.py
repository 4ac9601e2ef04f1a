"""The parts pages are made of, as template tags: `{% load desk %}`. docs/look.md shows each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import template
from django.forms import BaseForm, BaseFormSet, BoundField
from django.template.context import Context
from django.utils import timezone

from web.time_left import time_left as compute_time_left

register = template.Library()

TONES = {"": "", "blue": "b", "green": "g", "yellow": "y", "red": "r"}


@register.inclusion_tag("parts/time_left.html", takes_context=True, name="time_left")
def time_left_tag(
    context: Context,
    due_at: datetime | None,
    warn_at: datetime | None = None,
    now: datetime | None = None,
    label: str = "",
    paused: datetime | bool | None = False,
) -> dict[str, Any]:
    """Time left and its card. Without `now`, the page's own `now` is taken, so that all rows agree.

    paused: since when it stands still, where that is known.
    """
    at = now or context.get("now") or timezone.now()
    left = compute_time_left(due_at, warn_at, at) if due_at and not paused else None
    return {"left": left, "label": label, "paused": paused}


@register.inclusion_tag("parts/rail.html", takes_context=True)
def rail(context: Context, stages: Iterable[Any]) -> dict[str, Any]:
    """Stages with `state` ("done", "now", "todo"), `title`, `lines`, and for the present one `due_at`, `warn_at`."""
    return {"stages": stages, "now": context.get("now")}


@register.inclusion_tag("parts/tag.html")
def tag(text: str, tone: str = "") -> dict[str, str]:
    """A small label. Yellow and red are for what the clocks say, nothing else."""
    return {"text": text, "tone": TONES[tone]}


@register.inclusion_tag("parts/seal.html")
def seal(text: str = "") -> dict[str, str]:
    return {"text": text}


@register.inclusion_tag("parts/why_then.html")
def why_then(url: str = "", sentence: str = "") -> dict[str, str]:
    """Why this moment: a link to the page that explains it, or the sentence itself to unfold."""
    return {"url": url, "sentence": sentence}


@register.inclusion_tag("parts/kv.html")
def kv(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Pairs of a word and its value; pairs without a value are left out."""
    return {"pairs": [(word, value) for word, value in pairs if value not in (None, "")]}


@register.inclusion_tag("parts/timeline.html")
def timeline(entries: Iterable[Any]) -> dict[str, Any]:
    """Entries with `title`, `when` (datetime or text) and optionally `by`, `text`, `big` (stands out)."""
    return {"entries": entries}


@register.inclusion_tag("parts/signature.html")
def signature_pad(
    image: BoundField, mode: BoundField | None = None, reason: BoundField | None = None
) -> dict[str, Any]:
    """Signing on the screen (mode "tablet"), or on paper ("paper"), or why there is no signature ("none")."""
    return {"image": image, "mode": mode, "reason": reason}


@dataclass(frozen=True)
class FormError:
    message: str
    label: str = ""
    target: str = ""


@register.inclusion_tag("parts/error_summary.html")
def error_summary(*forms: BaseForm | BaseFormSet[Any]) -> dict[str, Any]:
    """All errors of the forms, linked to their fields. A form shows its summary once: where it is first asked for."""
    errors: list[FormError] = []
    for form in forms:
        if getattr(form, "summary_was_shown", False):
            continue
        found = list(_errors_of(form))
        if found:
            form.summary_was_shown = True  # type: ignore[union-attr]
        errors += found
    return {"errors": errors}


def _errors_of(form: BaseForm | BaseFormSet[Any]) -> Iterable[FormError]:
    if isinstance(form, BaseFormSet):
        for message in form.non_form_errors():
            yield FormError(str(message))
        for member in form.forms:
            yield from _errors_of(member)
        return
    for message in form.non_field_errors():
        yield FormError(str(message))
    for field in form:
        for message in field.errors:
            if field.is_hidden:
                yield FormError(str(message))
            else:
                yield FormError(str(message), str(field.label), _first_input(field))


def _first_input(field: BoundField) -> str:
    # Groups of radios and boxes have no input of their own id, only numbered ones.
    return field.id_for_label or f"{field.auto_id}_0"
