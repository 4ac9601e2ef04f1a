import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that any account may walk to (pytest's own is closed to all but its owner)."""
    path = Path(tempfile.mkdtemp(prefix="hall-data-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def bare_environment() -> dict[str, str]:
    """The environment of a shell in which nobody has set anything up."""
    return {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
