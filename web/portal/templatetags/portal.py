"""Parts of the public pages: `{% load portal %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from web.portal.navigation import entries

register = template.Library()


@register.inclusion_tag("portal/places.html", takes_context=True)
def places(context: Context) -> dict[str, Any]:
    """The way to the other public pages of the hall; nothing on a page of no hall."""
    hall, request = context.get("hall"), context.get("request")
    match = request.resolver_match if request else None
    return {"entries": entries(hall.code, match.view_name if match else "") if hall else []}
