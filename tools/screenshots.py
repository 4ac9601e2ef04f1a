"""Every distinct page once per width into var/screenshots/, drawn from the demonstration, and papers on A4.

Pages stand in tests/pages/table.py. `make screenshots` gives this program servers of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pypdfium2
from playwright.sync_api import Page, sync_playwright

from config.secrets_file import new_secrets
from tests.pages.row import COMMAND, Row, read
from tests.pages.visiting import CHINESE, DESK, ENGLISH, PHONE, new_tab, visit
from tests.running import BASE_DIR, RunningHall, template_database
from tools.chromium import find_chromium

PICTURES = BASE_DIR / "var" / "screenshots"
PLAY = ["play_demonstration"]
# A hall without a visit yet, and an example of whatever the demonstration happens to have none of today.
TOWN = ["shell", "--verbosity=0", "--command", "from tests.pages.town import fill; fill()"]
DOTS_PER_INCH = 96


def main() -> int:
    os.environ.update(new_secrets())
    began = time.monotonic()
    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"VAR_DIR": folder, "STATIC_HASHED": "1", "LOG_LEVEL": "WARNING"}
        subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"], check=True)
        print("Playing the demonstration …", flush=True)
        with template_database(PLAY, TOWN) as template:
            hall = RunningHall(template, VAR_DIR=folder)
            try:
                hall.start("web")
                faults = draw(hall, wanted)
            finally:
                hall.stop()
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(list(PICTURES.glob('*.png')))} pictures in {PICTURES}, {time.monotonic() - began:.0f} s.")
    return 1 if faults else 0


def draw(hall: RunningHall, wanted: list[str]) -> list[str]:
    """Draws all pages, or those whose names begin as wanted, and returns what is wrong with them."""
    rows, faults = read(hall.manage(*COMMAND))
    if wanted:
        rows = [row for row in rows if row.name.startswith(tuple(wanted))]
    else:
        shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for language, width in (CHINESE, DESK), (CHINESE, PHONE), (ENGLISH, DESK):
            tab = new_tab(browser, hall.base_url, language=language, width=width)
            for row in rows:
                if language == CHINESE or row.english:
                    faults += picture(tab, hall.base_url, row, language, width)
        browser.close()
    return faults


def picture(tab: Page, base_url: str, row: Row, language: str, width: int) -> list[str]:
    name = f"{row}-{language}-{width}" if language != CHINESE else f"{row}-{width}"
    tab.set_viewport_size({"width": width, "height": 860})
    response = visit(tab, base_url, row)
    # As high as the page: what sticks to the bottom of the window would otherwise stand across the picture.
    tab.set_viewport_size({"width": width, "height": tab.evaluate("document.documentElement.scrollHeight")})
    tab.screenshot(path=PICTURES / f"{name}.png")
    faults = []
    if response.status >= 500:
        faults.append(f"{name}: the server failed")
    if tab.evaluate("document.documentElement.scrollWidth") > width and not row.name.startswith("admin"):
        faults.append(f"{name}: sticks out at the side")
    if row.paper and width == DESK:
        paper(tab.pdf(prefer_css_page_size=True), PICTURES / f"{name}-a4")
    return faults


def paper(pdf: bytes, path: Path) -> None:
    """The printed pages, each as a picture."""
    path.with_suffix(".pdf").write_bytes(pdf)
    document = pypdfium2.PdfDocument(pdf)
    for number, page in enumerate(document, 1):
        page.render(scale=DOTS_PER_INCH / 72).to_pil().save(path.with_name(f"{path.name}-{number}.png"))


if __name__ == "__main__":
    sys.exit(main())
