# Needs Python 3.11 or 3.12, git and make; everything else is locked and installed here, below this folder.
#   make run    the whole hall on this machine (PORT, DATABASE_URL, REDIS_URL, DEMO=0 … may be given)
#   make test   every check and every test
#   make soak   the tests that take many minutes: scale, long random runs (and prints their figures)

# The first interpreter of a fitting version; tried by running it, because a name on the PATH promises nothing.
FITTING := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))
SYSTEM_PYTHON := $(shell for name in python3.12 python3.11 python3 python; do \
	if "$$name" -c '$(FITTING)' >/dev/null 2>&1; then echo "$$name"; break; fi; done)

VENV := .venv
PYTHON := $(VENV)/bin/python
MESSAGES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))

.DEFAULT_GOAL := run
.PHONY: run manage test soak install install-test messages update-messages chromium screenshots lock clean

run: install node_modules/.installed $(MESSAGES)
	@$(PYTHON) -m config.launch

# One command on the hall of this folder, open or closed: make manage DO="verify_ledger"
manage: install node_modules/.installed $(MESSAGES)
	@$(PYTHON) -m config.manage $(DO)

test: install-test node_modules/.installed $(MESSAGES) chromium
	@$(PYTHON) -m tools.check $(TESTS)

soak: install-test node_modules/.installed $(MESSAGES) chromium
	@$(PYTHON) -m tools.check -m soak -s $(TESTS)

install: $(VENV)/run.installed
install-test: $(VENV)/test.installed
messages: install $(MESSAGES)

# Written last, so an interrupted step is done again.
$(VENV)/made:
	@test -n "$(SYSTEM_PYTHON)" || { echo "Python 3.11 or 3.12 is needed, and none was found on the PATH."; exit 1; }
	@$(SYSTEM_PYTHON) -m venv $(VENV) || { echo "Making a virtual environment failed; on Debian install python3-venv."; exit 1; }
	@touch $@

$(VENV)/%.installed: requirements/%.txt | $(VENV)/made
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

node_modules/.installed: package-lock.json | install
	$(VENV)/bin/npm ci --no-fund --no-audit --loglevel=error
	@touch $@

# Compiled here and never committed.
%.mo: %.po | install
	$(VENV)/bin/msgfmt --check-format --output-file=$@ $<

# Takes new and changed texts from the sources into the catalogue, for translation.
update-messages: install
	$(PYTHON) -m tools.messages update

chromium: install-test
	@$(PYTHON) -m tools.chromium

# Every distinct page at both widths, into var/screenshots/.
screenshots: install-test node_modules/.installed $(MESSAGES) chromium
	$(PYTHON) -m config.embedded during --data var/screenshots-servers --fresh -- $(PYTHON) -m tools.screenshots

# Renews the locks after a change of requirements/*.in or package.json.
LOCK := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock"
lock: install-test
	$(LOCK) $(UPGRADE) requirements/test.in --output-file requirements/test.txt
	$(LOCK) --constraints requirements/test.txt requirements/run.in --output-file requirements/run.txt
	$(LOCK) --constraints requirements/test.txt requirements/base.in --output-file requirements/base.txt
	$(VENV)/bin/npm install --package-lock-only

# What can be made again; never var/, where the hall's data and keys are.
clean:
	rm -rf $(VENV) node_modules locale/*/LC_MESSAGES/*.mo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
