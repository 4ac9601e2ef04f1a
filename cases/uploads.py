"""What may be uploaded: type by content, size and count limits, pictures re-encoded without their metadata."""

from __future__ import annotations

from dataclasses import dataclass

MOST_FILES = 9
LARGEST_FILE = 10 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class CleanFile:
    """A file that was looked into and found harmless; pictures are already re-encoded."""

    name: str
    content_type: str
    content: bytes
