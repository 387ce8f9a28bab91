# Every target is a thin line over uv and steelyard, works from a bare checkout and needs no root.
# The second run of `make setup` does no work.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.steelyard-setup
export UV_COMPILE_BYTECODE := 1
export UV_LINK_MODE := copy
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-smoke serve test check format bench vectors docs test-crash test-fuzz test-browser lock clean

help: ## show the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

setup: $(STAMP) ## make .venv with the pinned requirements

$(STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.5"
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q src || true
	@touch $(STAMP)

demo: setup ## build the ten-member world, send a business day through it, prove the books
	$(BIN)/steelyard demo --out out/demo --force

demo-smoke: setup
	$(BIN)/steelyard demo --out out/demo-smoke --force --fast

serve: setup ## the same world live, with API and explorer
	$(BIN)/steelyard serve

test: setup ## run the tests
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

check: setup ## format, lint, types, house
	$(BIN)/ruff format --check src tests bench
	$(BIN)/ruff check src tests bench
	$(BIN)/mypy src/steelyard
	$(BIN)/python -m pytest -q tests/house

format: setup ## put the source into its standard form
	$(BIN)/ruff check --fix-only src tests bench
	$(BIN)/ruff format src tests bench

bench: setup ## print the table of benchmarks
	$(BIN)/python -m bench

vectors: setup ## run cases with known answers: make vectors DIR=tests/vectors
	$(BIN)/steelyard vectors $(or $(DIR),tests/vectors)

test-crash: setup ## kill a node under load, 100 rounds on each database; 40 over batches, cycles and markets
	STEELYARD_CRASH_ROUNDS=100 $(BIN)/python -m pytest -q -m crash --timeout 7200 tests/crash tests/node

test-fuzz: setup ## send every route of the API the edges of each field, and 50 drawn requests
	STEELYARD_FUZZ_WHOLE=1 STEELYARD_FUZZ_EXAMPLES=50 $(BIN)/python -m pytest -q -n 2 --dist worksteal --timeout 3600 tests/api/test_fuzz.py

test-browser: setup ## try the pages in Debian's chromium; without it: apt-get install chromium
	$(BIN)/python -m pytest -q -rs tests/browser

docs: setup ## build the documentation into site/
	$(BIN)/zensical build --clean

lock: ## renew requirements.lock from pyproject.toml
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 \
		--all-extras --output-file requirements.lock pyproject.toml requirements.build.in

clean: ## remove what was made
	rm -rf $(VENV) out site .mypy_cache .ruff_cache .pytest_cache .hypothesis
