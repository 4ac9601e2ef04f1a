"""Signatures as a tablet would send them."""

from __future__ import annotations

import io
from random import Random

from PIL import Image, ImageDraw

SIZE = (480, 160)


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
