"""What the files of the project promise to whoever clones it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import BASE_DIR
from tools.messages import CHINESE

LOCKS = sorted((BASE_DIR / "requirements").glob("*.txt"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_hashes_and_no_place_to_come_from(lock):
    text = lock.read_text()
    for block in re.split(r"\n(?=[a-z0-9])", text):
        if not block.startswith("#"):
            assert "==" in block
            assert "--hash=sha256:" in block
    assert "://" not in text
    assert "--index-url" not in text


def test_what_runs_is_locked_to_what_is_tested():
    def pins(name: str) -> set[str]:
        return set(
            re.findall(r"^[a-z0-9_.-]+(?:\[[^]]*\])?==\S+", (BASE_DIR / "requirements" / name).read_text(), re.M)
        )

    assert pins("base.txt") <= pins("run.txt") <= pins("test.txt")


def test_npm_packages_have_hashes_and_no_place_to_come_from():
    packages = json.loads((BASE_DIR / "package-lock.json").read_text())["packages"]
    for name, package in packages.items():
        assert "resolved" not in package
        assert not name or package["integrity"].startswith("sha512-")


def test_an_unfit_python_ends_in_a_clear_message(tmp_path):
    folder = tmp_path / "clone"
    folder.mkdir()
    shutil.copy(BASE_DIR / "Makefile", folder)
    shutil.copytree(BASE_DIR / "requirements", folder / "requirements")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("python3.12", "python3.11", "python3", "python"):
        (programs / name).write_text("#!/bin/sh\nexit 1\n")
        (programs / name).chmod(0o755)
    environment = os.environ | {"PATH": f"{programs}:/usr/bin:/bin"}
    for variable in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
        environment.pop(variable, None)
    result = subprocess.run(["make", "install"], cwd=folder, env=environment, capture_output=True, text=True)
    assert result.returncode != 0
    assert "Python 3.11 or 3.12 is needed" in result.stdout


def test_without_a_browser_the_tests_stop_and_say_what_to_install(tmp_path):
    code = (
        "import tools.chromium as c, sys; c.os.geteuid = lambda: 1000; "
        "c.find_chromium = lambda: None; c.has_chinese_font = lambda: False; sys.exit(c.main())"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, capture_output=True, text=True)
    assert result.returncode == 1
    assert "apt-get install chromium" in result.stderr
    assert "fonts-noto-cjk" in result.stderr


def test_ci_runs_the_test_command_and_nothing_else():
    assert (BASE_DIR / ".ci" / "run").read_text() == "#!/bin/sh\nexec make test\n"
    assert os.access(BASE_DIR / ".ci" / "run", os.X_OK)


@pytest.mark.parametrize("text", ["\u63a5\u5f85", "a\uff0cb", "\u3002"])
def test_chinese_is_recognised(text):
    assert CHINESE.search(text)


@pytest.mark.parametrize("text", ["plain", "caf\u00e9 \u2014 \u201cquoted\u201d \u2026 \u2192"])
def test_typography_is_not_taken_for_chinese(text):
    assert not CHINESE.search(text)


def test_no_file_is_a_drawer_for_leftovers():
    listed = subprocess.run(["git", "ls-files"], cwd=BASE_DIR, capture_output=True, text=True, check=True).stdout
    drawers = {"utils", "helpers", "common", "services"}
    assert not [name for name in listed.splitlines() if Path(name).stem in drawers]
