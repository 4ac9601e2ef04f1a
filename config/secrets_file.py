"""Makes the secrets of an installation once, into a file that only its owner can read.

python -m config.secrets_file var/secrets.env
"""

import os
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path


def new_secrets() -> dict[str, str]:
    """Fresh values for every secret the settings ask for. The key ids name the year they were made in."""
    key_id = str(datetime.now(UTC).year)
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "LEDGER_KEYS": f"{key_id}:{secrets.token_hex(32)}",
        "PERSONAL_DATA_KEYS": f"{key_id}:{secrets.token_hex(32)}",
        "PERSONAL_DATA_INDEX_KEY": secrets.token_hex(32),
    }


def load_or_make(path: Path) -> dict[str, str]:
    """The secrets in the file, made first if there is none; a secret the file lacks is added to it."""
    known = read(path)
    missing = {name: value for name, value in new_secrets().items() if name not in known}
    if missing:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written beside it and renamed: losing these keys halfway would lose the data they encrypt.
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600, exist_ok=False)
        with unfinished.open("w") as file:
            file.writelines(f"{name}={value}\n" for name, value in (known | missing).items())
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    return known | missing


def read(path: Path) -> dict[str, str]:
    """The NAME=VALUE lines of a file; nothing if there is no file."""
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text().splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


if __name__ == "__main__":
    load_or_make(Path(sys.argv[1]))
