# `make help` lists the targets. Variables: PYTHON (3.11 or newer), PORT, ONCE=1, CI=true or REQUIRE=all.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
PORT ?= 5555
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python
STATIC := src/foundations_server/static/index.html
GUI_SOURCES := $(shell find gui -path gui/node_modules -prune -o -type f -print 2>/dev/null)
# The seed's workflow installs into an environment of the developer's own; ours is used when it is there.
DEV_PYTHON ?= $(if $(wildcard $(RUN)),$(RUN),$(PYTHON))

.PHONY: help setup demo check format gui gui-check gui-test test test-all test-faults unit-tests \
  integration-tests browser-tests bench bench-peers docs wheel devenv-start devenv-stop pin openapi clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.dev gui ## Make the environment and the GUI; run nothing

demo: $(VENV)/.runtime $(STATIC) ## Start Atlas, run the sample jobs, serve until Ctrl-C (ONCE=1: stop at the end)
	@$(RUN) tools/demo.py --port $(PORT) $(if $(ONCE),--once)

check: $(VENV)/.dev ## Format, lint, types, imports, sizes
	$(BIN)/ruff format --check src tests tools examples
	$(BIN)/ruff check src tests tools examples
	$(BIN)/mypy src tests tools
	$(BIN)/lint-imports
	$(RUN) tools/check_sizes.py

format: $(VENV)/.dev ## Rewrite the code in its format
	$(BIN)/ruff format src tests tools examples
	$(BIN)/ruff check --fix src tests tools examples

gui: $(STATIC) ## Build the GUI into the server's package

gui-check: openapi ## Lint and types of the GUI, and whether they are the server's
	@git diff --exit-code -- gui/src/api/schema.d.ts || \
	  { echo "The GUI's types were behind the server's routes; commit what \`make openapi\` wrote."; exit 1; }
	cd gui && npm run --silent check

gui-test: gui/node_modules/.installed ## Tests of the GUI
	cd gui && npm test --silent

test: check gui-check gui-test $(STATIC) ## All checks and tests, about 15 minutes on two cores
	$(RUN) -m pytest -n 2 -m "not slow" tests

test-all: check gui-check gui-test $(STATIC) ## The same and the slow tests
	$(RUN) -m pytest -n 2 tests

test-faults: $(VENV)/.dev $(STATIC) ## The long tests that break things
	ATLAS_FAULT_ROUNDS=200 $(RUN) -m pytest tests/faults

unit-tests: $(VENV)/.dev ## Tests that need no service
	$(RUN) -m pytest -n 2 tests/unit tests/contract

integration-tests: $(VENV)/.dev $(STATIC) ## Tests with the real server, worker and database
	$(RUN) -m pytest -n 2 -m "not slow" tests/integration tests/migration

browser-tests: $(VENV)/.dev $(STATIC) ## The stories in the browser
	$(RUN) -m pytest tests/system

bench: $(VENV)/.dev $(STATIC) ## Measure; prints one table, 25 minutes (BENCH="--quick", "--only calls", …)
	@PYTHONPATH=src:tests $(RUN) -m benchmarks $(BENCH)

bench-peers: $(VENV)/.dev ## Install the trackers that Atlas is measured against into .peers/
	@$(RUN) tools/install_peers.py

docs: $(VENV)/.dev ## Build the documentation site into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

wheel: $(VENV)/.dev $(STATIC) ## Build one wheel with the GUI inside into dist/
	rm -rf dist
	$(RUN) -m build --wheel --no-isolation
	@ls dist/*.whl

devenv-start: gui/node_modules/.installed ## Server with reload and Vite on localhost:3000, detached
	$(DEV_PYTHON) tools/devenv.py start

devenv-stop: ## Stop what devenv-start started
	$(DEV_PYTHON) tools/devenv.py stop

pin: $(VENV)/.dev ## Resolve the dependencies anew
	tools/pin.sh

openapi: $(VENV)/.dev gui/node_modules/.installed ## Generate the GUI's types from the server's routes
	@$(RUN) tools/export_openapi.py gui/openapi.json
	@cd gui && npm run --silent gen

clean: ## Remove what was built
	rm -rf $(VENV) gui/node_modules src/foundations_server/static dist build site

$(RUN):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Atlas needs Python 3.11 or newer; $$($(PYTHON) -V) is too old. Name another with PYTHON=python3.11."; exit 1; }
	@echo "Making the environment $(VENV) with $$($(PYTHON) -V) …"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt pyproject.toml | $(RUN)
	@echo "Installing the pinned Python packages that Atlas runs with …"
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(call link-checkout)
	@touch $@

$(VENV)/.dev: requirements_dev.txt pyproject.toml | $(RUN)
	@echo "Installing the pinned Python packages and tools (a minute) …"
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements_dev.txt
	@$(call link-checkout)
	@touch $@ $(VENV)/.runtime

# An editable install by hand: no build tool is needed for a demo, and the commands are real.
define link-checkout
$(RUN) tools/link_checkout.py
endef

gui/node_modules/.installed: gui/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: the GUI needs Node 20 to be built."; exit 1; }
	@echo "Installing the pinned packages of the GUI (half a minute) …"
	@cd gui && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STATIC): gui/node_modules/.installed $(GUI_SOURCES)
	@echo "Building the GUI …"
	@cd gui && npm run --silent build
