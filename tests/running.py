"""A whole hall for one test: a database of its own, its own Redis number, a real web process, worker and beat."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from config.embedded import REDIS_DATABASES
from config.leftovers import end_with_parent

BASE_DIR = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

# Tests on several cores share the servers: each of pytest's processes counts through a share of its own.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
SHARE = REDIS_DATABASES // 8
_numbers = itertools.count()


def procfile() -> dict[str, list[str]]:
    """The commands of the Procfile by process name, split into words (they use no shell syntax)."""
    lines = (line.partition(":") for line in (BASE_DIR / "Procfile").read_text().splitlines() if line.strip())
    return {name.strip(): command.split() for name, _, command in lines}


def database_url(name: str) -> str:
    """The address of another database on the test cluster."""
    known = conninfo_to_dict(os.environ["DATABASE_URL"])
    return f"postgresql://{known['user']}@/{name}?host={known['host']}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def execute(statement: SQL, *names: str) -> None:
    with psycopg.connect(database_url("postgres"), autocommit=True) as connection:
        connection.execute(statement.format(*map(Identifier, names)))


@contextmanager
def template_database(*seed: list[str]) -> Iterator[str]:
    """A migrated database with what these manage.py commands put into it, to be cloned; gone afterwards."""
    name = f"template_{WORKER}_{next(_numbers)}"
    execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), name)
    execute(SQL("CREATE DATABASE {}"), name)
    try:
        for arguments in (["migrate", "--noinput", "--verbosity=0"], *seed):
            manage(os.environ | {"DATABASE_URL": database_url(name)}, *arguments)
        yield name
    finally:
        execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), name)


def manage(environment: dict[str, str], *arguments: str) -> str:
    result = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=BASE_DIR, env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, f"manage.py {' '.join(arguments)}:\n{result.stdout}{result.stderr}"
    return result.stdout


class Process:
    """A process of the hall in a session of its own; ended by its id, with all it started."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], folder: Path) -> None:
        self.name = name
        self.command = [str(BIN / command[0]), *command[1:]]
        self.environment = environment
        self.log_file = folder / f"{name}.log"
        self.popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log_file.open("ab") as log:
            self.popen = subprocess.Popen(
                self.command,
                cwd=BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGTERM),
            )

    def kill(self, ending: signal.Signals = signal.SIGKILL) -> None:
        """Ends it and its children (-9 unless told otherwise) and waits until it is gone."""
        if self.popen is None:
            return
        # Only while it is unreaped does its id surely belong to it and to its group.
        if self.popen.poll() is None:
            os.killpg(self.popen.pid, ending)
            try:
                self.popen.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.popen.pid, signal.SIGKILL)
                self.popen.wait(20)
        self.popen = None

    @property
    def is_running(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def wait_for(self, text: str, seconds: float = 40) -> None:
        """Until the log holds the text, written since the test began."""
        deadline = time.monotonic() + seconds
        while text not in self.log():
            if not self.is_running or time.monotonic() > deadline:
                raise AssertionError(f"{self.name} never said {text!r}:\n{self.log()[-3000:]}")
            time.sleep(0.1)


class RunningHall:
    """Gives the address of a running hall and the means to look behind it and to kill its parts."""

    def __init__(self, template: str, **settings: str) -> None:
        number = next(_numbers)
        share = int(WORKER.removeprefix("gw")) if WORKER.startswith("gw") else 0
        self.database = f"hall_{WORKER}_{number}"
        self.folder = Path(tempfile.mkdtemp(prefix="running-hall-"))
        self.base_url = f"http://127.0.0.1:{free_port()}"
        socket_path = os.environ["REDIS_URL"].partition("?")[0]
        self.redis_url = f"{socket_path}?db={share % 8 * SHARE + number % (SHARE - 1) + 1}"
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url(self.database),
            "REDIS_URL": self.redis_url,
            "VAR_DIR": str(self.folder),
            "PORT": self.base_url.rpartition(":")[2],
            "HOST": "127.0.0.1",
            "PUBLIC_BASE_URL": self.base_url,
            # Two of each at most: several halls run at once on two cores.
            "WEB_WORKERS": "1",
            "SWEEP_SECONDS": "1",
            # One slash more than one would think: the address's own is cut off.
            "EMAIL_URL": f"filemail:///{self.folder / 'mail'}",
            "PYTHONUNBUFFERED": "1",
            **settings,
        }
        # Where pytest runs some code in this environment, it must not be taken for a unit test.
        self.environment.pop("PYTEST_CURRENT_TEST", None)
        self.processes = {
            name: Process(name, command, self.environment, self.folder) for name, command in procfile().items()
        }
        self.web, self.worker, self.beat = (self.processes[name] for name in ("web", "worker", "beat"))
        self.template = template

    def start(self, *names: str) -> None:
        """Clones the database and starts the named processes, or all; returns when the pages answer."""
        execute(SQL("CREATE DATABASE {} TEMPLATE {}"), self.database, self.template)
        with redis.Redis.from_url(self.redis_url) as connection:
            connection.flushdb()
        for name in names or self.processes:
            self.processes[name].start()
        if self.web.popen:
            self.wait_until_up()
        if self.worker.popen:
            self.worker.wait_for(" ready.")
        if self.beat.popen:
            self.beat.wait_for("beat: Starting")

    def wait_until_up(self, seconds: float = 40) -> None:
        deadline = time.monotonic() + seconds
        while True:
            try:
                with urllib.request.urlopen(self.url("/healthz"), timeout=5):
                    return
            except (urllib.error.URLError, OSError) as error:
                if not self.web.is_running or time.monotonic() > deadline:
                    raise AssertionError(f"The web process does not answer:\n{self.web.log()[-3000:]}") from error
            time.sleep(0.1)

    def stop(self) -> None:
        for process in self.processes.values():
            process.kill(signal.SIGTERM)
        execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), self.database)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, path: str) -> str:
        return f"{self.base_url}{path}"

    def manage(self, *arguments: str) -> str:
        """Runs a manage.py command on this hall's database and returns what it printed."""
        return manage(self.environment, *arguments)

    def query(self, statement: str, *parameters: object) -> list[tuple[object, ...]]:
        """Asks this hall's database directly: what a page shows is one thing, what is committed another."""
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def logs(self) -> str:
        return "\n".join(f"--- {process.name}\n{process.log()[-3000:]}" for process in self.processes.values())
