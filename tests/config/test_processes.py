"""The Procfile's commands run here as they are; compose and Dockerfile name the same ones."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import yaml

from tests.running import BASE_DIR, RunningHall, procfile, template_database

COMPOSE = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())["services"]
DOCKERFILE = (BASE_DIR / "Dockerfile").read_text()
OURS = ("web", "worker", "beat")


@pytest.fixture(scope="module")
def template() -> Iterator[str]:
    with template_database() as name:
        yield name


@pytest.fixture
def hall(template: str) -> Iterator[RunningHall]:
    hall = RunningHall(template, STATIC_HASHED="0")
    yield hall
    print(hall.logs())
    hall.stop()


def healthy(hall: RunningHall, name: str) -> bool:
    """Asks the way compose does."""
    check = COMPOSE[name]["healthcheck"]["test"]
    assert check[:2] == ["CMD", "python"]
    return subprocess.run([sys.executable, *check[2:]], cwd=BASE_DIR, env=hall.environment).returncode == 0


def test_each_process_is_healthy_while_it_runs_and_not_afterwards(hall):
    hall.start()
    for name in OURS:
        assert healthy(hall, name), name
    hall.worker.kill()
    hall.web.kill()
    assert not healthy(hall, "web")
    assert not healthy(hall, "worker")


def test_beat_sends_the_sweep_and_the_worker_receives_it(hall):
    hall.start("worker", "beat")
    hall.worker.wait_for("cases.tasks.sweep")


def test_the_web_process_needs_no_redis(hall):
    hall.environment["REDIS_URL"] = "unix:///nowhere/redis.sock"
    hall.start("web")
    assert healthy(hall, "web")


def test_compose_runs_the_commands_of_the_procfile():
    assert {name: COMPOSE[name]["command"].split() for name in OURS} == procfile()
    assert str(procfile()["web"]).replace("'", '"') in DOCKERFILE


def test_every_service_of_compose_is_checked_and_none_runs_as_root():
    for name, service in COMPOSE.items():
        if name != "migrate":
            assert service["healthcheck"]["test"][0] == "CMD", name
        assert service.get("image") == "reception-hall" or service.get("user") not in (None, "root"), name
    assert DOCKERFILE.rstrip().split("USER ")[1].startswith("hall\n")


def test_compose_passes_every_secret_and_gives_none_a_default():
    for name in ("SECRET_KEY", "LEDGER_KEYS", "PERSONAL_DATA_KEYS", "PERSONAL_DATA_INDEX_KEY"):
        assert COMPOSE["web"]["environment"][name] == f"${{{name}:?}}"
    assert {str(COMPOSE[name]["environment"]) for name in OURS} == {str(COMPOSE["web"]["environment"])}


def test_what_the_image_copies_exists():
    copied = [line.split()[1:-1] for line in DOCKERFILE.splitlines() if line.startswith("COPY ") and "--" not in line]
    for names in copied:
        for name in names:
            assert (BASE_DIR / name).exists(), name
