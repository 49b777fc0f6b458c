# Zanjar. The two commands are `make run` and `make test`; both install what they need.

NEW_ENOUGH = -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
FOUND := $(shell for p in python3 python3.13 python3.12 python3.11; do $$p $(NEW_ENOUGH) && echo $$p && break; done)
PYTHON ?= $(or $(FOUND),python3)
BOOTSTRAP = "$(PYTHON)" -I config/bootstrap.py
MANAGE = .venv/bin/python manage.py

# Where it is set, every process would compile thousands of files again: ten seconds each.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test nightly lint lock messages doctor clean

help:  ## shows this
	@grep -hE '^[a-z]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18
	@echo "  make run takes PORT=8000 BIND=127.0.0.1 WORKERS=1 DEMO=0 VAR_DIR=var; variables: .env.example"

run:  ## installs what is missing and runs Zanjar (Ctrl-C stops it)
	@$(BOOTSTRAP) run
	@exec $(MANAGE) up

test:  ## installs what is missing and checks everything: ruff, mypy, pytest on its own servers
	@$(BOOTSTRAP) dev
	@.venv/bin/python -m tests.everything

nightly:  ## the long versions of the tests that kill servers and play at random (an hour)
	@$(BOOTSTRAP) dev
	FAULT_ROUNDS=30 PLAY_FACTOR=30 .venv/bin/python -m tests.everything --timeout 7200 -k "test_faults or walks or visibility"

lint:  ## ruff and mypy
	@$(BOOTSTRAP) dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy .

lock:  ## resolves requirements*.in again, with hashes
	@$(BOOTSTRAP) dev
	.venv/bin/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url requirements.in -o requirements.lock
	.venv/bin/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url requirements-dev.in -o requirements-dev.lock

messages:  ## collects new texts into locale/*/LC_MESSAGES/django.po (needs gettext)
	@$(BOOTSTRAP) dev
	$(MANAGE) makemessages -l es -l fr -l en --no-obsolete --no-location --no-wrap

doctor:  ## says what is configured, reachable and missing
	@$(BOOTSTRAP) run
	@$(MANAGE) doctor

clean:  ## removes the virtual environment and caches (not your data in var/)
	rm -rf .venv .ruff_cache .mypy_cache .pytest_cache .hypothesis
