"""Loaded by pytest before the settings: throwaway secrets, and servers that are never those of a working hall."""

import os
import tempfile

from config.secrets_file import new_secrets

os.environ.update(new_secrets())
os.environ["PUBLIC_BASE_URL"] = "http://testserver"
# Unit tests name static files without a collectstatic first; browser tests turn this on again.
os.environ["STATIC_HASHED"] = "0"
os.environ["EMAIL_URL"] = "memorymail://"
# Files and seals of tests never lie among those of a working hall. Browser tests have a folder of their own each.
_folder = tempfile.TemporaryDirectory(prefix="hall-tests-")
os.environ["VAR_DIR"] = _folder.name
# Tests that publish seals name a folder; the digests of one test say nothing about the database of the next.
os.environ["SEAL_DIRECTORY"] = ""

if "DATABASE_URL" not in os.environ or "REDIS_URL" not in os.environ:
    raise SystemExit(
        "The tests need a PostgreSQL and a Redis of their own: run `make test`, "
        "or `python -m config.embedded during --data var/test --fresh -- pytest …`."
    )
