"""Settings come from the environment, and what is missing or wrong is said in a sentence."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.keys import read_key, read_keys
from config.secrets_file import load_or_make, new_secrets
from config.settings import broker_url
from tests.running import BASE_DIR

KEY, OTHER = "ab" * 32, "cd" * 32
REQUIRED = [*new_secrets(), "DATABASE_URL", "REDIS_URL"]


def load(environment: dict[str, str], code: str = "import config.settings") -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, env=environment, capture_output=True, text=True)


@pytest.fixture
def complete(bare_environment) -> dict[str, str]:
    return {**bare_environment, **new_secrets(), "DATABASE_URL": "postgresql:///x", "REDIS_URL": "redis://x"}


def test_with_everything_given_the_settings_load(complete):
    assert load(complete).returncode == 0


@pytest.mark.parametrize("name", REQUIRED)
def test_each_missing_secret_or_address_is_named(complete, name):
    del complete[name]
    result = load(complete)
    assert result.returncode != 0
    assert f"ImproperlyConfigured: The environment variable {name} is missing" in result.stderr


@pytest.mark.parametrize("name", REQUIRED)
def test_an_empty_value_counts_as_missing(complete, name):
    assert f"{name} is missing" in load(complete | {name: ""}).stderr


def test_another_database_than_postgresql_is_refused(complete):
    assert "PostgreSQL" in load(complete | {"DATABASE_URL": "sqlite:///x.db"}).stderr


def test_debug_is_off_unless_asked_for(complete):
    assert load(complete, "import config.settings as s; assert s.DEBUG is False").returncode == 0


def test_the_https_switch_turns_on_all_that_belongs_to_it(complete):
    code = (
        "import config.settings as s; "
        "values = [s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0];"
        "print(all(values), any(values))"
    )
    assert load(complete | {"HTTPS": "1"}, code).stdout.strip() == "True True"
    assert load(complete, code).stdout.strip() == "False False"


def test_the_deployment_check_is_clean(complete):
    environment = complete | {"HTTPS": "1", "DATABASE_URL": os.environ["DATABASE_URL"]}
    result = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr


def test_keys_keep_their_order_because_the_first_one_signs():
    assert list(read_keys("LEDGER_KEYS", f"2026:{KEY},2025:{OTHER}").items()) == [
        ("2026", bytes.fromhex(KEY)),
        ("2025", bytes.fromhex(OTHER)),
    ]


@pytest.mark.parametrize("value", ["", KEY, f":{KEY}", "a:xyz", "a:abcd", f"a:{KEY},a:{OTHER}", f"a:{KEY},"])
def test_malformed_keys_are_refused_without_repeating_them(value):
    with pytest.raises(ImproperlyConfigured, match="LEDGER_KEYS") as raised:
        read_keys("LEDGER_KEYS", value)
    assert KEY not in str(raised.value)


def test_a_single_key_has_32_bytes():
    assert read_key("PERSONAL_DATA_INDEX_KEY", KEY) == bytes.fromhex(KEY)
    with pytest.raises(ImproperlyConfigured, match="64 hexadecimal digits"):
        read_key("PERSONAL_DATA_INDEX_KEY", KEY[:-2])


def test_secrets_are_made_once_and_for_the_owner_only(tmp_path):
    path = tmp_path / "var" / "secrets.env"
    first = load_or_make(path)
    assert load_or_make(path) == first
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_secret_the_file_lacks_is_added_and_the_others_are_kept(tmp_path):
    path = tmp_path / "secrets.env"
    path.write_text("SECRET_KEY=kept\n")
    made = load_or_make(path)
    assert made["SECRET_KEY"] == "kept"
    assert set(made) == set(new_secrets())


def test_the_broker_library_gets_its_own_spelling_of_a_socket():
    assert broker_url("unix:///tmp/x/redis.sock?db=3") == "redis+socket:///tmp/x/redis.sock?virtual_host=3"
    assert broker_url("redis://host:6379/0") == "redis://host:6379/0"
