"""One command of manage.py on the hall of this folder, whether `make run` is running or not.

python -m config.manage verify_ledger
make manage DO="import_cases register.xlsx --hall GHP --dry-run"
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from config.embedded import Servers, stop_on_signals
from config.secrets_file import load_or_make
from config.server_files import ServerError

BASE_DIR = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Uses the servers that run; where none do, starts them for the time of the command. Returns its exit status."""
    if not arguments:
        print('Say what to do: make manage DO="verify_ledger"', file=sys.stderr)
        return 2
    var = Path(os.environ.get("VAR_DIR") or BASE_DIR / "var").resolve()
    environment = load_or_make(var / "secrets.env") | dict(os.environ)
    environment.setdefault("PUBLIC_BASE_URL", f"http://localhost:{environment.get('PORT', '8000')}")
    if environment.get("DATABASE_URL") and environment.get("REDIS_URL"):
        return run(arguments, environment)
    stop_on_signals()
    servers = Servers(var / "servers")
    try:
        servers.start()
    except ServerError:
        # Most likely because they run already; then their addresses lie beside them.
        running = var / "servers" / "environment"
        if not running.exists():
            raise
        addresses = dict(line.split("=", 1) for line in running.read_text().splitlines())
        return run(arguments, addresses | environment)
    try:
        return run(arguments, servers.environment | environment)
    finally:
        servers.stop()


def run(arguments: list[str], environment: dict[str, str]) -> int:
    return subprocess.run([sys.executable, str(BASE_DIR / "manage.py"), *arguments], env=environment).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ServerError as error:
        sys.exit(str(error))
