"""A real PostgreSQL and a real Redis without installing either: the binaries of two wheels, data in a folder of ours.

python -m config.embedded servers --data var/dev          in the foreground, until Ctrl-C
python -m config.embedded during --data var/x -- COMMAND  around one command, which finds both in its environment

Settings never start servers; only this module does, and it ends only what it started or can prove to be its own.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil
import psycopg

from config import leftovers
from config.server_files import ROLE, Owner, ServerError, home_for, install_binaries, prepare_cluster

MAX_CONNECTIONS = 250
REDIS_DATABASES = 256


@dataclass
class Server:
    """One child of ours: how to start it, when it is ready, which signal ends it in order."""

    name: str
    command: list[str]
    folder: Path
    log: Path
    ready: Callable[[], bool]
    stop_signal: signal.Signals
    process: subprocess.Popen[bytes] | None = None

    def start(self, owner: Owner) -> None:
        # A server that was killed leaves children that need a moment to notice; until then the next one refuses.
        deadline = time.monotonic() + 60
        while True:
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    self.command,
                    cwd=self.folder,
                    env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.environ.get("PATH", "")},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    # A session of its own: Ctrl-C in the terminal must reach us only, and we end it in order.
                    start_new_session=True,
                    preexec_fn=leftovers.end_with_parent(self.stop_signal),
                    **owner.process_arguments(),
                )
            while self.process.poll() is None:
                if self.ready():
                    return
                if time.monotonic() > deadline:
                    self.stop()
                    raise ServerError(f"{self.name} did not become ready within a minute; see {self.log}.")
                time.sleep(0.05)
            if time.monotonic() > deadline - 45:
                raise ServerError(f"{self.name} ended at once; see {self.log}.\n{tail(self.log)}")
            time.sleep(0.5)

    def stop(self) -> None:
        """Ends the child in order, harder if it does not listen, and reaps it. Never touches any other process."""
        if self.process is None:
            return
        for attempt, patience in ((self.stop_signal, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
            if self.process.poll() is None:
                self.process.send_signal(attempt)
            try:
                self.process.wait(patience)
                break
            except subprocess.TimeoutExpired:
                continue
        self.process = None


def tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])


class Servers:
    """PostgreSQL and Redis for one data folder. Only one process at a time can hold a folder (file lock)."""

    def __init__(self, data: Path, *, fast: bool = False) -> None:
        self.data = data.resolve()
        # Without waiting for the disk: for tests, whose data nobody misses.
        self.fast = fast
        self.owner = Owner.choose()
        self.lock: IO[str] | None = None
        self.sockets: Path | None = None
        self.servers: list[Server] = []
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Servers:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        self.take_lock()
        try:
            home = home_for(self.data, self.owner)
            binaries = install_binaries(home, self.owner)
            leftovers.end_orphan_postgres(home / "postgres")
            leftovers.end_orphan_redis(home / "redis")
            prepare_cluster(binaries, home, self.owner, fast=self.fast)
            # Short (a socket's path ends at about 100 characters), private, and never a name known beforehand.
            self.sockets = Path(tempfile.mkdtemp(prefix="hall-"))
            self.owner.give(self.sockets)
            self.servers = [
                self.postgres(binaries.postgres, home, self.sockets),
                self.redis(binaries.redis, home, self.sockets),
            ]
            for server in self.servers:
                server.start(self.owner)
            self.record_redis(home)
            self.create_database()
            self.environment = {
                "DATABASE_URL": self.database_url(),
                "REDIS_URL": f"unix://{self.sockets}/redis.sock?db=0",
            }
            self.write_environment()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        (self.data / "environment").unlink(missing_ok=True) if self.environment else None
        for server in reversed(self.servers):
            server.stop()
        self.servers = []
        if self.sockets:
            shutil.rmtree(self.sockets, ignore_errors=True)
            self.sockets = None
        self.environment = {}
        if self.lock:
            self.lock.close()
            self.lock = None

    def revive(self) -> None:
        """Starts again whichever server has ended; a hall must not stand still because a server was killed."""
        for server in self.servers:
            if server.process is not None and server.process.poll() is not None:
                print(f"{server.name} ended unexpectedly and is started again.", flush=True)
                server.start(self.owner)

    def take_lock(self) -> None:
        path = self.data / "lock"
        path.touch(mode=0o600)
        self.lock = path.open("r+")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = self.lock.read().strip() or "unknown"
            self.lock.close()
            self.lock = None
            raise ServerError(f"{self.data} is in use: its servers already run (process {holder}).") from None
        self.lock.truncate(0)
        self.lock.write(str(os.getpid()))
        self.lock.flush()

    def postgres(self, binaries: Path, home: Path, sockets: Path) -> Server:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(sockets),
            "unix_socket_permissions": "0700",
            "max_connections": str(MAX_CONNECTIONS),
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if self.fast:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Server(
            name="PostgreSQL",
            command=[str(binaries / "postgres"), "-D", str(home / "postgres"), *options],
            folder=home / "postgres",
            log=fresh_log(home / "postgres.log"),
            ready=self.postgres_ready,
            # SIGINT is PostgreSQL's fast shutdown: open transactions are rolled back, nothing committed is lost.
            stop_signal=signal.SIGINT,
        )

    def redis(self, binary: Path, home: Path, sockets: Path) -> Server:
        settings = {
            "port": "0",
            "unixsocket": str(sockets / "redis.sock"),
            "unixsocketperm": "700",
            "dir": str(home / "redis"),
            "databases": str(REDIS_DATABASES),
            "appendonly": "no" if self.fast else "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return Server(
            name="Redis",
            command=[str(binary), *options],
            folder=home / "redis",
            log=fresh_log(home / "redis.log"),
            ready=(sockets / "redis.sock").is_socket,
            stop_signal=signal.SIGTERM,
        )

    def database_url(self, database: str = ROLE) -> str:
        return f"postgresql://{ROLE}@/{database}?host={self.sockets}"

    def postgres_ready(self) -> bool:
        try:
            psycopg.connect(self.database_url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def create_database(self) -> None:
        with psycopg.connect(self.database_url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [ROLE]).fetchone():
                connection.execute(f"CREATE DATABASE {ROLE}")

    def record_redis(self, home: Path) -> None:
        process = self.servers[1].process
        assert process is not None
        leftovers.record(home / "redis", psutil.Process(process.pid))

    def write_environment(self) -> None:
        lines = "".join(f"{name}={value}\n" for name, value in self.environment.items())
        path = self.data / "environment"
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(lines)


def fresh_log(path: Path) -> Path:
    """Keeps a log from growing for ever: a large one is moved aside, over the one before it."""
    if path.exists() and path.stat().st_size > 10_000_000:
        path.replace(path.with_suffix(".log.old"))
    return path


class Stopped(BaseException):
    """Raised by SIGTERM and Ctrl-C in the main program."""


def stop_on_signals() -> None:
    def stop(signum: int, frame: object) -> None:
        # Once is enough: a second Ctrl-C must not interrupt the orderly end.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Stopped

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def serve(data: Path) -> int:
    stop_on_signals()
    servers = Servers(data)
    try:
        servers.start()
        print(f"PostgreSQL and Redis are running; their addresses are in {servers.data / 'environment'}", flush=True)
        while True:
            time.sleep(1)
            servers.revive()
    except Stopped:
        return 0
    finally:
        servers.stop()


def during(data: Path, command: list[str], *, fresh: bool) -> int:
    """Runs the command with both servers in its environment and returns its exit status."""
    if fresh:
        throw_away(data)
    stop_on_signals()
    child: subprocess.Popen[bytes] | None = None
    servers = Servers(data, fast=fresh)
    try:
        servers.start()
        child = subprocess.Popen(command, env=os.environ | servers.environment)
        return child.wait()
    except Stopped:
        return 130
    finally:
        if child is not None and child.poll() is None:
            # Ctrl-C reached it as well, so it may be ending already; it has a moment to do so by itself.
            child.terminate()
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        servers.stop()
        if fresh:
            throw_away(data)


def throw_away(data: Path) -> None:
    """Removes a folder's servers and their data, unless they are in use."""
    if not data.exists():
        return
    servers = Servers(data)
    servers.take_lock()
    home = home_for(servers.data, servers.owner)
    leftovers.end_orphan_postgres(home / "postgres")
    leftovers.end_orphan_redis(home / "redis")
    for folder in {home, servers.data}:
        shutil.rmtree(folder, ignore_errors=True)
    servers.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description="PostgreSQL and Redis from the installed wheels")
    actions = parser.add_subparsers(dest="action", required=True)
    for name in ("servers", "during"):
        action = actions.add_parser(name)
        action.add_argument("--data", type=Path, required=True)
        if name == "during":
            action.add_argument("--fresh", action="store_true", help="throw the folder's old data away; do not sync")
            action.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    try:
        if arguments.action == "servers":
            return serve(arguments.data)
        return during(arguments.data, arguments.command, fresh=arguments.fresh)
    except ServerError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
