"""`make run`: from nothing to an open hall, again in seconds, and closed without a trace."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from config.secrets_file import read
from tests.running import BASE_DIR, free_port

# What create_first_hall would ask a person.
FIRST_HALL = {
    "HALL_NAME": "Chenguang Road",
    "HALL_CODE": "CGL",
    "DIRECTOR_USERNAME": "zhao",
    "DIRECTOR_NAME": "Zhao Min",
    "DIRECTOR_PASSWORD": "long-enough-for-a-hall-1",
}


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """One installation for the whole file: the second start is as worth testing as the first."""
    path = Path(tempfile.mkdtemp(prefix="hall-var-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def launched(var: Path, bare_environment: dict[str, str], **settings: str) -> Iterator[subprocess.Popen[str]]:
    environment = bare_environment | FIRST_HALL | {"VAR_DIR": str(var), "DEMO": "0"} | settings
    process = subprocess.Popen(
        [sys.executable, "-m", "config.launch"],
        cwd=BASE_DIR,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        print(process.communicate(timeout=90)[0])


def until_open(process: subprocess.Popen[str], port: int) -> float:
    began = time.monotonic()
    while time.monotonic() < began + 120:
        assert process.poll() is None, process.communicate()[0]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return time.monotonic() - began
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("The hall did not open within two minutes.")


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_opens_and_one_signal_ends_everything(var, bare_environment, ending):
    port = free_port()
    with launched(var, bare_environment, PORT=str(port)) as process:
        until_open(process, port)
        everything = psutil.Process(process.pid).children(recursive=True)
        names = {child.name() for child in everything}
        assert {"postgres", "redis-server"} <= names
        assert len([child for child in everything if "celery" in " ".join(child.cmdline())]) >= 2
        process.send_signal(ending)
        assert process.wait(90) == 0
    assert not [child for child in everything if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


def test_the_second_start_is_a_matter_of_seconds_and_keeps_keys_and_data(var, bare_environment):
    keys = read(var / "secrets.env")
    port = free_port()
    with launched(var, bare_environment, PORT=str(port)) as process:
        assert until_open(process, port) < 30
    assert read(var / "secrets.env") == keys


def managed(var: Path, bare_environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    environment = bare_environment | {"VAR_DIR": str(var)}
    return subprocess.run(
        [sys.executable, "-m", "config.manage", *command],
        cwd=BASE_DIR,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_command_finds_the_hall_whether_it_is_open_or_not(var, bare_environment):
    port = free_port()
    with launched(var, bare_environment, PORT=str(port)) as process:
        until_open(process, port)
        while_open = managed(var, bare_environment, "verify_ledger")
    assert while_open.returncode == 0, while_open.stderr
    once_closed = managed(var, bare_environment, "verify_ledger")
    assert once_closed.returncode == 0, once_closed.stderr
    assert managed(var, bare_environment, "no_such_command").returncode != 0


def test_a_taken_port_is_said_before_anything_starts(var, bare_environment):
    import socket

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with launched(var, bare_environment, PORT=str(holder.getsockname()[1])) as process:
            output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "is taken; choose another one: make run PORT=8001" in output


def test_a_hall_already_running_on_the_folder_is_said(var, bare_environment):
    first, second = free_port(), free_port()
    with launched(var, bare_environment, PORT=str(first)) as running:
        until_open(running, first)
        with launched(var, bare_environment, PORT=str(second)) as process:
            output, _ = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "its servers already run" in output
        assert running.poll() is None


def test_a_demonstration_cut_short_is_played_anew_from_the_start(var, bare_environment):
    """The mark of an unfinished play makes the embedded database count as empty, but never a database given."""
    port = free_port()
    (var / "demonstration-unfinished").touch()
    with launched(var, bare_environment, PORT=str(port)) as process:
        until_open(process, port)
    assert not (var / "demonstration-unfinished").exists()


def test_no_database_but_the_embedded_one_is_ever_dropped():
    assert os.environ["DATABASE_URL"]
    source = (BASE_DIR / "config" / "launch.py").read_text()
    assert source.count("DROP DATABASE") == 1
