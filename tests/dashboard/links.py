"""Every figure on a page and the list it opens."""

from __future__ import annotations

import re
from html import unescape

from django.test import Client

LINK = re.compile(r'<a href="([^"]*)">(\d+)<')
POSTED = re.compile(r'name="next" value="([^"]*)"><button type="submit" name="hall" value="(\d+)">(\d+)<')


def figures_on(page: str) -> list[tuple[str, int]]:
    """The address and the number of every link of the page's main part whose words begin with a number."""
    main = page[page.index("<main") : page.index("</main>")]
    return [(unescape(address), int(number)) for address, number in LINK.findall(main)]


def buttons_on(page: str) -> list[tuple[str, str, int]]:
    """Where a button leads, in which hall, and its number."""
    return [(unescape(wanted), hall, int(number)) for wanted, hall, number in POSTED.findall(page)]


def found_by(client: Client, address: str) -> int:
    """How many cases a list says it has, and shows."""
    context = client.get(address).context
    assert not context["notes"], address
    rows = len(context["rows"])
    count = int(context["count"])
    assert rows == min(count, 25), address
    return count


def differing(client: Client, page: str) -> list[tuple[str, int, int]]:
    """Figures that do not equal their lists."""
    found = [(address, number, found_by(client, address)) for address, number in dict(figures_on(page)).items()]
    return [one for one in found if one[1] != one[2]]
