"""The Chinese catalogue: brought up to date from the sources (`update`), or checked to be complete (`check`)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")
PROGRAMS = Path(sys.executable).parent
# Their texts are for those who develop, or are data; neither is translated.
OUTSIDE = ("tests/", "tools/", "bench/", "docs/", "locale/", ".ci/")
# Ideographs, kana, and the punctuation and full-width forms that come with them.
CHINESE = re.compile("[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]")


def sources() -> list[Path]:
    """The files of the work tree that may hold texts: committed ones and new ones, nothing ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names = [name for name in listed.split("\0") if name.endswith((".py", ".html", ".txt"))]
    inside = [name for name in names if not name.startswith(OUTSIDE) and "/" in name and "requirements/" not in name]
    return [Path(name) for name in sorted(set(inside)) if (BASE_DIR / name).is_file()]


def extract(target: Path) -> subprocess.CompletedProcess[str]:
    """Runs makemessages over a copy of the sources in that folder, with the catalogue as it is now."""
    for path in [*sources(), Path("manage.py")]:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(BASE_DIR / path, target / path)
    (target / CATALOGUE).parent.mkdir(parents=True)
    if (BASE_DIR / CATALOGUE).exists():
        shutil.copy2(BASE_DIR / CATALOGUE, target / CATALOGUE)
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "django",
            "makemessages",
            "--locale=zh_Hans",
            "--keep-pot",
            # Without line numbers and old entries the catalogue changes only when a text does.
            "--add-location=file",
            "--no-obsolete",
            "--no-wrap",
        ],
        cwd=target,
        # makemessages needs no settings beyond the folder it stands in, and so no secrets either.
        env={"PATH": f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', '')}", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
    )


def update() -> int:
    """Takes over new and changed texts; what is new is left to translate, what was similar is marked fuzzy."""
    with tempfile.TemporaryDirectory() as folder:
        result = extract(Path(folder))
        if result.returncode:
            print(result.stdout, result.stderr, sep="\n")
            return 1
        (BASE_DIR / CATALOGUE).parent.mkdir(parents=True, exist_ok=True)
        lines = (Path(folder) / CATALOGUE).read_text().splitlines(keepends=True)
        # Dates would differ in every branch and say nothing that the history doesn't.
        kept = (line for line in lines if not line.startswith('"POT-Creation-Date:'))
        (BASE_DIR / CATALOGUE).write_text("".join(kept))
    subprocess.run([PROGRAMS / "msgfmt", "--statistics", "--output-file=/dev/null", BASE_DIR / CATALOGUE])
    return 0


def catalogue_faults() -> list[str]:
    """Untranslated, doubtful, missing, unused or ill-formatted entries, as gettext words them."""
    if not (BASE_DIR / CATALOGUE).exists():
        return [f"{CATALOGUE} is missing"]
    with tempfile.TemporaryDirectory() as folder:
        result = extract(Path(folder))
        if result.returncode:
            return [result.stdout + result.stderr]
        template = Path(folder) / "locale" / "django.pot"
        compared = run("msgcmp", BASE_DIR / CATALOGUE, template)
        formatted = run("msgfmt", "--check", "--output-file=/dev/null", BASE_DIR / CATALOGUE)
    faults = compared.stderr + (formatted.stderr if formatted.returncode else "")
    return [line for line in faults.splitlines() if line.strip()]


def run(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAMS / program, *arguments], capture_output=True, text=True, env={"LC_ALL": "C.UTF-8"})


def chinese_outside_catalogue() -> list[str]:
    """Lines of code or templates with Chinese in them; it belongs into the catalogue, English into the code."""
    return [
        f"{path}:{number}: Chinese outside the catalogue"
        for path in sources()
        for number, line in enumerate((BASE_DIR / path).read_text().splitlines(), 1)
        if CHINESE.search(line)
    ]


def check() -> int:
    faults = catalogue_faults() + chinese_outside_catalogue()
    for fault in faults:
        print(fault)
    if faults:
        print(f"{len(faults)} faults. `make update-messages` takes new texts into {CATALOGUE} for translation.")
        return 1
    print("Every text is translated.")
    return 0


if __name__ == "__main__":
    sys.exit({"update": update, "check": check}[sys.argv[1]]())
