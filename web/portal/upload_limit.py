"""What is read of a file that a stranger sends: as much as any file may have, and no more of it on the disk."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from cases.uploads import LARGEST_FILE


class EndsAtLimit(FileUploadHandler):
    """Stops storing a file where it passes the limit; the rest of it is read and thrown away."""

    def __init__(self, request: HttpRequest, too_large: list[str]) -> None:
        super().__init__(request)
        self.too_large = too_large
        self.seen = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.seen += len(raw_data)
        if self.seen > LARGEST_FILE:
            self.too_large.append(self.file_name or "")
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
