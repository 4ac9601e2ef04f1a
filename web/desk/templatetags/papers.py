"""Rows of a list that can be ticked, and one kind of paper printed for all of them: `{% load papers %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from foundation.organization.models import Staff
from web.desk.papers.table import FOR_DEPARTMENTS, PAPERS

register = template.Library()


@register.inclusion_tag("desk/print_ticked.html", takes_context=True)
def print_ticked(context: Context, chosen: str = "") -> dict[str, Any]:
    """The form below the rows; chosen: the paper mostly wanted on this list. Each row includes desk/tick.html."""
    staff = context["request"].user
    assert isinstance(staff, Staff)
    reads_all = staff.sees_all_content or staff.content_hall_ids
    return {"papers": PAPERS if reads_all else FOR_DEPARTMENTS, "chosen": chosen}
