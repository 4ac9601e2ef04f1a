"""What a killed supervisor leaves behind, and how its servers are recognised beyond doubt.

A process id alone proves nothing: it may have been given to an unrelated program since. A server is ours only if
its name, its data folder and the moment it started all agree; anything else is left alone.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1


def end_with_parent(ending: signal.Signals) -> Callable[[], None] | None:
    """To run in a new child: has the kernel (Linux) end it when its parent is killed without a chance to do so."""
    if not sys.platform.startswith("linux"):
        return None
    # Loaded here, in the parent: between fork and exec as little as possible may happen.
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def request() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(ending))
        if os.getppid() != parent:
            os._exit(1)

    return request


def end_orphan_postgres(folder: Path) -> None:
    """Ends a PostgreSQL that still runs on this folder without us; removes a pid file that belongs to nobody."""
    pid_file = folder / "postmaster.pid"
    try:
        lines = pid_file.read_text().splitlines()
        pid, started = int(lines[0]), float(lines[2])
    except FileNotFoundError:
        return
    except (ValueError, IndexError):
        pid, started = 0, 0.0
    process = matching(pid, "postgres", folder, started)
    if process is not None:
        end(process, signal.SIGINT)
    # PostgreSQL refuses to start while any process has that id, even one that is not PostgreSQL.
    pid_file.unlink(missing_ok=True)


def end_orphan_redis(folder: Path) -> None:
    """Ends a Redis that still runs on this folder without us."""
    record_file = folder / "server.json"
    try:
        known = json.loads(record_file.read_text())
        pid, started = int(known["pid"]), float(known["started"])
    except FileNotFoundError:
        return
    except (ValueError, KeyError, TypeError):
        pid, started = 0, 0.0
    process = matching(pid, "redis-server", folder, started)
    if process is not None:
        end(process, signal.SIGTERM)
    record_file.unlink(missing_ok=True)


def record(folder: Path, process: psutil.Process) -> None:
    """Writes down which process serves the folder (Redis keeps no such file by itself)."""
    (folder / "server.json").write_text(json.dumps({"pid": process.pid, "started": process.create_time()}))


def matching(pid: int, name: str, folder: Path, started: float) -> psutil.Process | None:
    """The process of that id if it is this very server, else nothing."""
    if pid <= 0:
        return None
    try:
        process = psutil.Process(pid)
        # PostgreSQL writes its start in whole seconds, a moment after the kernel counted it.
        same_moment = abs(process.create_time() - started) < 5
        same_folder = Path(process.cwd()) == folder.resolve()
        if process.name() == name and same_moment and same_folder and process.status() != psutil.STATUS_ZOMBIE:
            return process
    except psutil.Error:
        return None
    return None


def end(process: psutil.Process, ending: signal.Signals) -> None:
    """Ends a process that was recognised. psutil refuses if the id has changed hands meanwhile."""
    try:
        process.send_signal(ending)
        deadline = time.monotonic() + 30
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > deadline:
                process.kill()
            time.sleep(0.1)
    except psutil.NoSuchProcess:
        return
