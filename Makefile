# Two commands for a machine that has only Python, make and the package registries:
#   make demo    the two half-years of a simulated province, from county feeds to reports in an outbox, and its namings
#   make test    the tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test test-pythons test-full test-integration test-browser lint bench airflow fonts lock clean

help: ## What can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

$(READY): constraints.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check uv==0.13.9
	$(BIN)/uv pip install -q --python $(BIN)/python --compile-bytecode --require-hashes -r constraints.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## A whole year of a simulated province, feeds to outbox and namings (a few minutes)
	$(BIN)/sanji demo

test: $(READY) ## The tests that need no server
	$(BIN)/pytest -n auto --dist worksteal

test-pythons: $(READY) ## The same tests on each other supported Python that the machine has
	bash .ci/pythons

test-full: $(READY) ## A whole province at full scale, and the how-tos line by line
	$(BIN)/pytest -m full -n auto --dist worksteal

test-integration: $(READY) ## Real PostgreSQL, Airflow, Postfix and Dovecot (installs nothing: .ci/run does)
	$(BIN)/pytest -m integration

test-browser: $(READY) ## The maintainers' page in Chromium
	$(BIN)/pytest -m browser

lint: $(READY) ## ruff, mypy, the import contract
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) .sanji/peers/.ready ## Speed as ratios, side by side with peers (about ten minutes)
	$(BIN)/python -m benchmarks .sanji/peers/bin/python

# Peers have bounds that do not fit beside ours.
.sanji/peers/.ready: benchmarks/peers.txt $(READY)
	$(PYTHON) -m venv .sanji/peers
	$(BIN)/uv pip install -q --python .sanji/peers/bin/python --compile-bytecode -r benchmarks/peers.txt
	@touch $@

airflow: $(READY) ## Start Airflow on this machine with the DAGs and demo users
	bash docker/airflow.sh

fonts: ## Fetch better fonts from Debian's packages into .sanji/fonts
	bash docker/fonts.sh .sanji/fonts

lock: $(READY) ## Resolve constraints.txt anew
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --all-extras pyproject.toml constraints.in -o constraints.txt

# .sanji and .airflow may be an office's own store, landing and runs: no target removes them.
clean: ## Remove the demo and the tools' caches; no home, no environment
	rm -rf demo .hypothesis .import_linter_cache .pytest_cache .mypy_cache .ruff_cache
