"""Sees to it that a Chromium and Chinese fonts are there, or says what to install. Browser tests are never skipped."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-cjk")


def find_chromium() -> str | None:
    """The browser the tests drive: CHROMIUM if set, else the first of the usual names on the PATH."""
    given = os.environ.get("CHROMIUM")
    if given:
        return given
    return next((path for path in map(shutil.which, NAMES) if path), None)


def has_chinese_font() -> bool:
    if shutil.which("fc-list") is None:
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True).stdout.strip())


def install() -> None:
    quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    print(f"Installing {' and '.join(PACKAGES)} for the browser tests …", flush=True)
    subprocess.run(["apt-get", "update", "-qq"], **quiet)  # type: ignore[call-overload]
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES], **quiet)  # type: ignore[call-overload]


def main() -> int:
    can_install = os.geteuid() == 0 and Path("/etc/debian_version").exists() and shutil.which("apt-get")
    if (not find_chromium() or not has_chinese_font()) and can_install:
        install()
    missing = []
    if not find_chromium():
        missing.append("Chromium (set CHROMIUM, or have it on the PATH; Debian: apt-get install chromium)")
    if not has_chinese_font():
        missing.append("a Chinese font (Debian: apt-get install fonts-noto-cjk)")
    for what in missing:
        print(f"The browser tests need {what}.", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
