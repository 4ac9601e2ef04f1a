"""What `make run` does once everything is installed: servers, database, first content, then all processes together."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg

from config import leftovers
from config.embedded import Servers, Stopped, stop_on_signals
from config.secrets_file import load_or_make
from config.server_files import ROLE, ServerError

BASE_DIR = Path(__file__).resolve().parent.parent


class Launch:
    """One run of the whole hall on this machine, from nothing to Ctrl-C."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.var = Path(environment.get("VAR_DIR") or BASE_DIR / "var").resolve()
        self.var.mkdir(parents=True, exist_ok=True)
        # What is set outside wins over the file; the file alone makes a complete installation.
        self.environment = load_or_make(self.var / "secrets.env") | environment
        self.environment.setdefault("PORT", "8000")
        self.environment.setdefault("PUBLIC_BASE_URL", f"http://localhost:{self.environment['PORT']}")
        self.environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
        self.environment["PYTHONUNBUFFERED"] = "1"
        self.servers: Servers | None = None
        self.processes: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://localhost:{self.environment['PORT']}/"

    def run(self) -> int:
        self.check_port()
        try:
            self.start_servers()
            self.manage("migrate", "--noinput", "--verbosity", "0")
            self.manage("collectstatic", "--noinput", "--verbosity", "0")
            self.fill()
            self.start_processes()
            return self.watch()
        finally:
            self.stop()

    def check_port(self) -> None:
        port = int(self.environment["PORT"])
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.environment.get("HOST", "127.0.0.1"), port))
            except OSError:
                raise ServerError(f"Port {port} is taken; choose another one: make run PORT=8001") from None

    def start_servers(self) -> None:
        """The embedded ones stand in for whichever address is not given."""
        if self.environment.get("DATABASE_URL") and self.environment.get("REDIS_URL"):
            return
        self.servers = Servers(self.var / "servers")
        self.servers.start()
        for name, value in self.servers.environment.items():
            self.environment[name] = self.environment.get(name) or value

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, str(BASE_DIR / "manage.py"), *arguments]
        result = subprocess.run(command, cwd=BASE_DIR, env=self.environment)
        if result.returncode:
            raise ServerError(f"`manage.py {arguments[0]}` failed; its message is above.")

    def fill(self) -> None:
        """An empty database gets the demonstration, or the first hall that is really to be used."""
        if not self.is_empty():
            return
        unfinished = self.unfinished_mark()
        if self.environment.get("DEMO", "1") == "0":
            self.manage("create_first_hall")
        else:
            print("The database is empty: a demonstration is played into it, which takes a little while.", flush=True)
            unfinished.touch()
            # Kept in a file, to be shown again at every start.
            self.manage("play_demonstration", "--logins-to", str(self.var / "demonstration-logins"))
        unfinished.unlink(missing_ok=True)

    def unfinished_mark(self) -> Path:
        return self.var / "demonstration-unfinished"

    def is_empty(self) -> bool:
        """No hall yet. A demonstration cut short counts as nothing: it is thrown away, if the database is ours."""
        if (
            self.unfinished_mark().exists()
            and self.servers
            and self.environment["DATABASE_URL"] == (self.servers.database_url())
        ):
            with psycopg.connect(self.servers.database_url("postgres"), autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {ROLE} WITH (FORCE)")
                connection.execute(f"CREATE DATABASE {ROLE}")
            # What left the database with it: files nobody points at, seals of a ledger that is gone.
            for folder in ("media", "seals"):
                shutil.rmtree(self.var / folder, ignore_errors=True)
            self.manage("migrate", "--noinput", "--verbosity", "0")
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            return connection.execute("SELECT 1 FROM organization_hall LIMIT 1").fetchone() is None

    def start_processes(self) -> None:
        # A session of its own: Ctrl-C reaches only us, and the servers are ended after those who use them.
        self.processes = subprocess.Popen(
            [sys.executable, "-m", "honcho", "start", "--env", os.devnull],
            cwd=BASE_DIR,
            env=self.environment,
            start_new_session=True,
            preexec_fn=leftovers.end_with_parent(signal.SIGTERM),
        )

    def watch(self) -> int:
        """Until one of the processes ends or we are told to stop. Servers that were killed are started again."""
        assert self.processes is not None
        announced = False
        while self.processes.poll() is None:
            if not announced and self.is_up():
                announced = True
                self.announce()
            if self.servers:
                self.servers.revive()
            time.sleep(0.5)
        print("A process of the hall has ended, and the others with it; the reason is above.", file=sys.stderr)
        return 1

    def is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}healthz", timeout=2):  # noqa: S310
                return True
        except (urllib.error.URLError, OSError):
            return False

    def announce(self) -> None:
        logins = self.var / "demonstration-logins"
        if logins.exists() and self.environment.get("DEMO", "1") != "0":
            print(f"\n{logins.read_text()}")
        print(f"\nThe hall is open at {self.address}  (Ctrl-C closes it)\n", flush=True)

    def stop(self) -> None:
        if self.processes is not None:
            if self.processes.poll() is None:
                self.processes.send_signal(signal.SIGTERM)
            self.processes.wait()
        if self.servers is not None:
            self.servers.stop()


def main() -> int:
    stop_on_signals()
    try:
        return Launch(dict(os.environ)).run()
    except Stopped:
        print("The hall is closed.", flush=True)
        return 0
    except ServerError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
