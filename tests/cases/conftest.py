"""A town, and a matter in each stage, made by the real actions."""

from __future__ import annotations

import pytest

from tests.builders import Town, make_town


@pytest.fixture
def town(db: None) -> Town:
    return make_town()
