"""Every check of `make test`, one after the other, each to its end, with a summary a person can read."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from config.secrets_file import new_secrets

BASE_DIR = Path(__file__).resolve().parent.parent
PYTHON = sys.executable


def steps(tests: list[str]) -> dict[str, list[str]]:
    """What is run, by the name the summary shows. With tests named, only these are run."""
    pytest = [PYTHON, "-m", "config.embedded", "during", "--data", "var/test", "--fresh", "--"]
    # The tools' own colours, where somebody is looking.
    colour = "yes" if sys.stdout.isatty() else "auto"
    pytest += [PYTHON, "-m", "pytest", f"--color={colour}"]
    if tests:
        return {"tests": [*pytest, *tests]}
    return {
        "style": ["ruff", "check"],
        "format": ["ruff", "format", "--check"],
        "types": ["mypy", "."],
        "layers": ["lint-imports"],
        "migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
        "messages": [PYTHON, "-m", "tools.messages", "check"],
        # One process per core; a file's tests stay together, because they share what they set up. Files are taken in
        # the order of tests/conftest.py: xdist's own begins with many tests, and ends with few that take minutes.
        "tests": [*pytest, "--numprocesses=2", "--dist=loadfile", "--no-loadscope-reorder"],
    }


def environment() -> dict[str, str]:
    """Throwaway secrets, and no address of a real database: nothing here may touch a working hall."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "REDIS_"))}
    return {
        **kept,
        **new_secrets(),
        "PATH": f"{Path(PYTHON).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        # For the checks that only read the code; the tests get servers of their own.
        "DATABASE_URL": "postgresql:///none",
        "REDIS_URL": "unix:///nowhere",
        "PYTHONWARNINGS": "ignore::RuntimeWarning:django.core.management.commands.makemigrations",
    }


def main() -> int:
    results: dict[str, tuple[bool, float]] = {}
    for name, command in steps(sys.argv[1:]).items():
        print(bold(f"\n== {name}: {' '.join(Path(part).name for part in command[:4])}"), flush=True)
        began = time.monotonic()
        status = subprocess.run(command, cwd=BASE_DIR, env=environment()).returncode
        results[name] = (status == 0, time.monotonic() - began)
        if status == 130:
            break
    print()
    for name, (passed, seconds) in results.items():
        word = colour("ok    ", 32) if passed else colour("FAILED", 31)
        print(f"{word}  {name:<12} {seconds:6.1f} s")
    return 0 if all(passed for passed, _ in results.values()) else 1


def colour(text: str, code: int) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if sys.stdout.isatty() else text


def bold(text: str) -> str:
    return colour(text, 1)


if __name__ == "__main__":
    sys.exit(main())
