"""Signatures as a tablet would send them, and pictures as a telephone would."""

from __future__ import annotations

import io
from random import Random

from PIL import Image, ImageDraw

SIZE = (480, 160)
PHOTO = (960, 720)


def scribble(chance: Random) -> bytes:
    """A PNG of a few strokes of the pen."""
    picture = Image.new("RGBA", SIZE, (255, 255, 255, 0))
    pen = ImageDraw.Draw(picture)
    left = 40
    for _character in range(chance.randint(2, 3)):
        for _stroke in range(chance.randint(4, 6)):
            points = [(left + chance.randint(0, 100), 20 + chance.randint(0, 120)) for _point in range(3)]
            pen.line(points, fill=(20, 30, 60, 255), width=3, joint="curve")
        left += 125
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def snapshot(chance: Random) -> bytes:
    """A JPEG of a wall with a stain on it."""
    picture = Image.new("RGB", PHOTO, (206, 200, 188))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 560, *PHOTO), fill=(150, 140, 126))
    for _drop in range(24):
        left, top, size = chance.randint(180, 640), chance.randint(60, 420), chance.randint(20, 130)
        shade = chance.randint(96, 150)
        pen.ellipse((left, top, left + size, top + size), fill=(shade, shade - 12, shade - 30))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()
