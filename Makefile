# `make` alone lists what there is. Everything is installed and cached inside this folder, nothing in your home.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
SHELL := /bin/bash

# The locked packages come ready-built for these versions. PYTHON=... chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
            $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null && echo $$p && break; done)
RUN   := -m flows.nightly --sample
JOBS  ?= 2# tests at once; 0 runs them one after another in one process
SCENARIOS ?=# of `make chaos`: revision, first, resource, uploaded; none: all
TESTS ?=# what to give pytest, such as TESTS='-k lake'

BIN       := .venv/bin
LOCK      := requirements.lock
DEV_LOCK  := .ci/requirements-dev.lock
CKAN_LOCK := tests/live/stack/requirements.lock
LOCK_TOOL := uv>=0.13,<0.14

export PIP_CACHE_DIR := $(CURDIR)/.cache/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_ROOT_USER_ACTION := ignore
export PREFECT_HOME := $(CURDIR)/.prefect
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1

# The sample and the tests must give the same answer for everyone: what else is set in your shell stays out of them.
# A server of your own is no stranger to `make run`.
SERVER = PREFECT_API_URL PREFECT_API_KEY PREFECT_API_AUTH_STRING
strangers = $(filter-out PREFECT_HOME PREFECT_SERVER_ANALYTICS_ENABLED APENDATA_CHROMIUM PYTHONUNBUFFERED \
              APENDATA_REAL_EXPORTS APENDATA_SDC_CASES APENDATA_ORACLE_CASES, \
              $(filter PYTHON% PREFECT_% APENDATA_%,$(.VARIABLES)))
BROWSER_HOME = XDG_CONFIG_HOME=$(CURDIR)/.cache/xdg XDG_CACHE_HOME=$(CURDIR)/.cache/xdg
ALONE = env $(strangers:%=-u %)

# --no-deps: the lock is complete, and older pips stumble over a locked package's extras. `pip check` below is the proof.
PIP     = $(ALONE) $(BIN)/python -m pip
INSTALL = $(PIP) install --quiet --no-deps

.PHONY: help
help:  ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*  ## /  make \1\t/p' Makefile | expand -t 16

# ------------------------------------------------------------------------------------------------------------- use

.PHONY: run
run: .venv/.installed  ## the whole night on the small samples: read, validate, protect, commit, release
	@env $(patsubst %,-u %,$(filter-out $(SERVER),$(strangers))) PREFECT_LOGGING_LEVEL=ERROR $(BIN)/python $(RUN)

.PHONY: real
real: .venv/.dev  ## the real exports in ../shared, where there are any, to a lake and portal of their own
	@eval "$$($(BIN)/python tests/real/prepare.py)" && $(BIN)/apendata run

.PHONY: bench
bench: .venv/.installed  ## the build of a million rows beside bare pyarrow: ratios and memory
	@$(ALONE) $(BIN)/python -m benchmarks.build

.PHONY: bench-validate
bench-validate: .venv/.dev  ## `apendata validate` beside frictionless on a million rows, valid and not: ratios and memory
	@$(ALONE) PYTHONPATH=$(CURDIR) $(BIN)/python -m benchmarks.validate

.PHONY: bench-drift
bench-drift: .venv/.installed  ## a million rows held against their last version, beside pandas: ratios
	@$(ALONE) $(BIN)/python -m benchmarks.drift

.PHONY: bench-gate
bench-gate: .venv/.installed  ## random texts that the gate takes for identifiers, and a million cells beside one by one
	@$(ALONE) $(BIN)/python -m benchmarks.gate

.PHONY: bench-sdc
bench-sdc: .venv/.installed  ## staff tables protected and audited, twelve dates audited together: seconds and published share
	@$(ALONE) $(BIN)/python -m benchmarks.disclosure --large

.PHONY: bench-ckan
bench-ckan: .venv/.dev  ## 200 000 rows into a real CKAN, then one per cent of them changed: ratio, rows/s and memory
	@$(ALONE) $(BIN)/python -m benchmarks.ckan

# ------------------------------------------------------------------------------------------------------------ work

.PHONY: test
test: .venv/.dev  ## all tests; JOBS=0 for one process, TESTS='-k lake' for some
	@chromium=$$(.ci/chromium) && export APENDATA_CHROMIUM=$$chromium $(BROWSER_HOME) && \
	$(ALONE) $(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(TESTS)

.PHONY: live
live: .venv/.dev  ## the tests against a real CKAN on loopback, which they bring up themselves
	@chromium=$$(.ci/chromium) && export APENDATA_CHROMIUM=$$chromium $(BROWSER_HOME) && \
	$(ALONE) $(BIN)/python -m pytest -n $(JOBS) --dist loadfile tests/live $(TESTS)

.PHONY: chaos
chaos: .venv/.dev  ## every fault at every request of a release on a real CKAN: the whole table, most of an hour
	@$(ALONE) $(BIN)/python -m tests.live.chaos $(SCENARIOS)

# All are run even when one fails. A dataset's id is no Python name, so mypy takes each transform by itself.
.PHONY: check
check: .venv/.dev  ## style, format and types; changes nothing
	@failed=; \
	$(BIN)/ruff check --quiet --output-format concise . || failed=1; \
	$(BIN)/ruff format --quiet --diff . || failed=1; \
	$(BIN)/mypy --no-error-summary || failed=1; \
	for f in datasets/*/transform.py; do [ ! -e "$$f" ] || $(BIN)/mypy --no-error-summary "$$f" || failed=1; done; \
	if grep -n '://' $(LOCK) $(DEV_LOCK) $(CKAN_LOCK); then echo "The locks must name no host." >&2; failed=1; fi; \
	[ -z "$$failed" ] || { echo "make check: see above; \`make fix\` mends what can be mended by itself." >&2; exit 1; }; \
	echo "Style, format and types are in order."

.PHONY: fix
fix: .venv/.dev  ## mend style and format where that can be done by itself
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

.PHONY: clean
clean:  ## remove what was installed and cached here, and Prefect's history; never the lake
	@rm -rf .venv .cache .prefect .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ------------------------------------------------------------------------------------------------------ setting up

.PHONY: setup
setup: .venv/.dev  ## install everything now: for use, tests and checks
	@:

# A changed lock makes the environment anew: what it no longer names must not stay importable. setuptools goes first:
# one package has no wheel (docopt, of ckanapi), and is so built with what the lock names, not with what is newest.
.venv/.locked: $(LOCK)
	@[ -n "$(PYTHON)" ] || { echo "apendata needs Python 3.11 to 3.14, and finds none. Elsewhere? make PYTHON=/where/it/is" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "apendata needs Python 3.11 or newer; $(PYTHON) is not." >&2; exit 1; }
	@echo "Installing what apendata needs in .venv: a minute or two, only the first time and when the lock changes." >&2
	@$(ALONE) $(PYTHON) -m venv --clear .venv
	@$(INSTALL) --require-hashes -r <(awk '/^[^ ]/ {on = /^setuptools==/} on' $(LOCK))
	@$(INSTALL) --require-hashes --no-build-isolation --use-pep517 -r $(LOCK)
	@touch $@

.venv/.installed: .venv/.locked pyproject.toml
	@$(INSTALL) --no-build-isolation --editable .
	@problems=$$($(PIP) check) || { echo "The lock does not fit pyproject.toml; \`make lock\`?" >&2; echo "$$problems" >&2; exit 1; }
	@touch $@

.venv/.dev: .venv/.installed $(DEV_LOCK)
	@$(INSTALL) --require-hashes -r $(DEV_LOCK)
	@touch $@

# requirements.lock is what runs, $(DEV_LOCK) what tests and checks need beside it: no package stands in both.
# Pins stay as they are where they still fit. `make lock UPGRADE=--upgrade` renews all, UPGRADE='-P rich' one.
COMPILE = UV_NO_CONFIG=1 UV_CACHE_DIR=.cache/uv .cache/lock/bin/uv pip compile --quiet --universal --python-version 3.11 \
    --fork-strategy fewest --generate-hashes --no-header --no-emit-index-url --no-emit-find-links $(UPGRADE)

.PHONY: lock
lock:  ## resolve pyproject.toml anew into the two locks
	@[ -x .cache/lock/bin/uv ] || { $(ALONE) $(PYTHON) -m venv --clear .cache/lock && \
	    $(ALONE) .cache/lock/bin/python -m pip --quiet install '$(LOCK_TOOL)'; }
	@$(COMPILE) --group build -o $(LOCK) pyproject.toml
	@$(COMPILE) --group build -o $(DEV_LOCK) --extra dev -c $(LOCK) $$(sed -n 's/^\([a-z0-9-]*\)==.*/--no-emit-package \1/p' $(LOCK)) pyproject.toml
	@sed -i '/^# The following packages were excluded/,$$d' $(DEV_LOCK)
	@$(COMPILE) -o $(CKAN_LOCK) $(CKAN_LOCK:.lock=.in)
	@! grep -n '://' $(LOCK) $(DEV_LOCK) $(CKAN_LOCK) || { echo "The locks must name no host." >&2; exit 1; }
