"""What a page makes of an action that was refused."""

from __future__ import annotations

from django import forms

from foundation.refusals import NotAllowed, Refused, Stale


def show_refusal(form: forms.Form, refusal: Refused) -> None:
    """At the field it belongs to, where the form has that; else above all of them."""
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def status_of(refusal: Refused) -> int:
    """The status of the answer that draws the form again."""
    return 403 if isinstance(refusal, NotAllowed) else 409 if isinstance(refusal, Stale) else 422
