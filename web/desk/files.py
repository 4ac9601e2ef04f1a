"""Attachments, served only to who may see their case, never as a page of ours."""

from __future__ import annotations

import io
import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET
from PIL import Image

from cases.models import Attachment, Case
from cases.powers import knows_identity
from cases.vocabulary import AttachmentKind
from web.access import StaffRequest, staff_required

SMALL = (360, 360)  # pixels: three times what the page shows, for sharp screens


@require_GET
@staff_required
def attachment(request: StaffRequest, public_id: uuid.UUID) -> HttpResponse:
    """The file, as a download; pictures may be shown, and small=1 makes them small."""
    file = get_object_or_404(
        Attachment.objects.filter(case__in=Case.objects.visible_to(request.user))
        # Erased with the resident it came from.
        .exclude(file="")
        .select_related("case__hall"),
        public_id=public_id,
    )
    # A signature is a name.
    if file.kind == AttachmentKind.SIGNATURE and not knows_identity(file.case, request.user):
        raise Http404
    if file.is_image and request.GET.get("small"):
        with file.file.open("rb") as opened, Image.open(opened) as picture:
            picture.thumbnail(SMALL)
            buffer = io.BytesIO()
            picture.save(buffer, picture.format)
        response = HttpResponse(buffer.getvalue(), content_type=file.content_type)
        response["Content-Disposition"] = "inline"
    else:
        # At most 10 MB, looked into when it came: small enough to be sent from memory.
        with file.file.open("rb") as opened:
            response = HttpResponse(opened.read(), content_type=file.content_type)
        shown = content_disposition_header(as_attachment=not file.is_image, filename=file.name)
        response["Content-Disposition"] = shown or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    # One counter, many people: nothing of a case stays in the browser's cache for the next.
    response["Cache-Control"] = "private, no-store"
    return response
