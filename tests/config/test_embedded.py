"""The embedded servers: they start, keep to themselves, and never end a process that is not theirs."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from config import server_files
from config.embedded import Servers
from config.secrets_file import read
from config.server_files import ServerError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers under another account")


def ask_both(environment: dict[str, str]) -> None:
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with redis.Redis.from_url(environment["REDIS_URL"]) as broker:
        assert broker.ping()


def everything_below(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


@contextmanager
def supervisor(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "config.embedded", "servers", "--data", str(folder)])
    try:
        deadline = time.monotonic() + 60
        while not (folder / "environment").exists() or not read(folder / "environment"):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(60)


def test_both_servers_answer_and_their_addresses_are_written_for_their_owner_only(folder):
    with Servers(folder, fast=True) as servers:
        ask_both(servers.environment)
        assert read(folder / "environment") == servers.environment
        assert stat.S_IMODE((folder / "environment").stat().st_mode) == 0o600
    assert not (folder / "environment").exists()


def test_the_database_is_sorted_by_code_point_in_utf8_and_can_serve_many(folder):
    with Servers(folder, fast=True) as servers, psycopg.connect(servers.environment["DATABASE_URL"]) as connection:
        row = connection.execute(
            "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'hall'"
        ).fetchone()
        assert row == ("b", "C.UTF-8", "UTF8")
        allowed = connection.execute("SELECT current_setting('max_connections')::int").fetchone()
        assert allowed is not None
        assert allowed[0] >= 200


def test_sockets_lie_in_a_folder_only_the_servers_account_may_enter(folder):
    with Servers(folder, fast=True) as servers:
        assert servers.sockets
        status = servers.sockets.stat()
        assert stat.S_IMODE(status.st_mode) == 0o700
        assert status.st_uid == servers.owner.uid
        for server in servers.servers:
            assert server.process
            assert psutil.Process(server.process.pid).uids().real == servers.owner.uid != 0
        assert stat.S_IMODE((folder / "postgres").stat().st_mode) == 0o700
        sockets = servers.sockets
    assert not sockets.exists()


@as_root
def test_another_account_can_reach_neither_server(folder):
    with Servers(folder, fast=True) as servers:
        for path in (f"{servers.sockets}/.s.PGSQL.5432", f"{servers.sockets}/redis.sock"):
            attempt = subprocess.run(
                [
                    "/usr/bin/perl",
                    "-MSocket",
                    "-e",
                    "socket(S,AF_UNIX,SOCK_STREAM,0); connect(S,sockaddr_un(shift)) or die",
                    path,
                ],
                user="daemon",
                cwd="/",
                capture_output=True,
            )
            assert attempt.returncode != 0
            assert b"Died" in attempt.stderr


@as_root
def test_no_account_but_the_owner_and_the_servers_own_may_log_in(folder):
    with Servers(folder, fast=True):
        assert (folder / "postgres" / "pg_hba.conf").read_text() == "local all hall peer map=accounts\n"
        identities = (folder / "postgres" / "pg_ident.conf").read_text().splitlines()
        assert identities == ["accounts nobody hall", "accounts root hall"]


@as_root
def test_a_private_folder_above_is_not_opened_but_gone_around(folder, monkeypatch):
    private = folder / "private"
    private.mkdir(mode=0o700)
    monkeypatch.setattr(server_files, "ELSEWHERE", folder / "elsewhere")
    with Servers(private / "data", fast=True) as servers:
        ask_both(servers.environment)
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert list((folder / "elsewhere").glob("*/postgres/PG_VERSION"))


@as_root
def test_programs_that_the_servers_account_cannot_reach_are_copied(folder, monkeypatch):
    monkeypatch.setattr(server_files.Owner, "reaches", lambda owner, path: "site-packages" not in str(path))
    with Servers(folder, fast=True) as servers:
        ask_both(servers.environment)
        assert servers.servers[0].command[0].startswith(str(folder))


def test_a_second_start_is_refused_and_leaves_the_first_one_alone(folder):
    with Servers(folder, fast=True) as first:
        with pytest.raises(ServerError, match=f"already run \\(process {os.getpid()}\\)"):
            Servers(folder, fast=True).start()
        ask_both(first.environment)


def test_data_survives_a_restart(folder):
    with Servers(folder) as servers, psycopg.connect(servers.environment["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE visitor AS SELECT 'Li' AS name")
    with Servers(folder) as servers, psycopg.connect(servers.environment["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT name FROM visitor").fetchone() == ("Li",)


def test_an_initdb_that_was_cut_short_is_done_again(folder):
    (folder / "postgres.unfinished").mkdir()
    (folder / "postgres.unfinished" / "PG_VERSION").write_text("18\n")
    with Servers(folder, fast=True) as servers:
        ask_both(servers.environment)


def test_a_stale_pid_file_never_kills_the_process_that_has_the_id_now(folder):
    with Servers(folder, fast=True) as servers:
        cluster, broker = folder / "postgres", folder / "redis"
        pid_file = (cluster / "postmaster.pid").read_text().splitlines()
        record = (broker / "server.json").read_text()
        assert servers.servers[1].process
        redis_pid = servers.servers[1].process.pid
    stranger = subprocess.Popen(["sleep", "120"], **servers.owner.process_arguments())
    try:
        (cluster / "postmaster.pid").write_text("\n".join([str(stranger.pid), *pid_file[1:]]) + "\n")
        (broker / "server.json").write_text(record.replace(str(redis_pid), str(stranger.pid)))
        with Servers(folder, fast=True) as servers:
            ask_both(servers.environment)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_even_a_process_of_the_same_name_and_folder_is_spared_if_it_started_at_another_time(folder):
    with Servers(folder, fast=True):
        pid_file = (folder / "postgres" / "postmaster.pid").read_text().splitlines()
    # An unrelated program that calls itself postgres, in that very folder, begun an hour "later".
    (folder / "bin").mkdir()
    (folder / "bin" / "postgres").symlink_to("/bin/sleep")
    stranger = subprocess.Popen([str(folder / "bin" / "postgres"), "120"], cwd=folder / "postgres")
    try:
        pid_file[0], pid_file[2] = str(stranger.pid), str(int(time.time()) - 3600)
        (folder / "postgres" / "postmaster.pid").write_text("\n".join(pid_file) + "\n")
        with Servers(folder, fast=True) as servers:
            ask_both(servers.environment)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_end_everything(folder, ending):
    with supervisor(folder) as process:
        children = everything_below(process.pid)
        sockets = Path(read(folder / "environment")["DATABASE_URL"].partition("host=")[2])
        process.send_signal(ending)
        assert process.wait(60) == 0
    assert len(children) > 2
    assert not [child for child in children if child.is_running()]
    assert not sockets.exists()
    assert not (folder / "environment").exists()
    assert not (folder / "postgres" / "postmaster.pid").exists()


def test_after_a_kill_of_the_supervisor_the_next_start_works(folder):
    with supervisor(folder) as process:
        children = everything_below(process.pid)
        process.kill()
        process.wait()
    with Servers(folder) as servers:
        ask_both(servers.environment)
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


def test_servers_that_were_killed_are_started_again_on_the_same_addresses(folder):
    with Servers(folder) as servers:
        for server in servers.servers:
            assert server.process
            server.process.kill()
            server.process.wait()
        servers.revive()
        ask_both(servers.environment)


def test_a_command_finds_both_servers_and_its_exit_status_is_passed_on(folder):
    look = "import os, sys; sys.exit(7 if os.environ['DATABASE_URL'] and os.environ['REDIS_URL'] else 1)"
    command = [sys.executable, "-m", "config.embedded", "during", "--data", str(folder / "x"), "--fresh", "--"]
    assert subprocess.run([*command, sys.executable, "-c", look]).returncode == 7
    assert not (folder / "x").exists()


def test_a_folder_in_use_is_not_thrown_away(folder):
    with Servers(folder, fast=True) as servers:
        command = [sys.executable, "-m", "config.embedded", "during", "--data", str(folder), "--fresh", "--", "true"]
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 1
        assert "is in use" in result.stderr
        ask_both(servers.environment)
