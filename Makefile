# `make help` lists what there is. Only python3 (3.11 or newer), python3-venv and make are needed to begin.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.made-from-lock
UV ?= uv
N ?= 1000
S ?= 1200
CASES ?= 20000

# Otherwise each of the many processes that the tests start compiles everything anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test check format simulate fuzz kills bench matching validate scenarios venv lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: venv ## watch five organisations carry an incident to each other
	$(BIN)/tocsin demo

test: check ## everything: `make check`, then the slow tests and those that start processes
	$(BIN)/pytest -n auto --dist worksteal -m "slow or process" --durations=20

check: venv ## format, lint, types, layers, fast tests: what one runs all day
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -n auto -m "not slow and not process"

format: venv ## write the format, and what the linter can mend by itself
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

simulate: venv ## N=1000: run so many simulations, each from a new seed
	$(BIN)/python -m tests.simulation $(N)

fuzz: venv ## S=1200: feed decoders, wire and machine API anything, each for so many seconds
	TOCSIN_FUZZ_SECONDS=$(S) TOCSIN_FUZZ_FOLDER=.fuzz $(BIN)/pytest -v -m slow tests/fuzz

kills: venv ## N=1000: kill nodes under load so often, and look for what they had acknowledged
	TOCSIN_KILLS=$(N) $(BIN)/pytest -v tests/process/test_kill.py

bench: venv ## measure; writes docs/benchmarks.md and docs/benchmarks.json
	$(BIN)/python -m bench

matching: venv ## DATA=FILE [MEANING=FILE]: matching, measured on real reports; with a model, whose vectors FILE keeps
	$(BIN)/python -m tools.matching $(DATA) $(if $(MEANING),--meaning $(MEANING))

validate: venv ## [DATA=FOLDER]: whether methods of fusion give the numbers known of them; FOLDER has data that is not shipped
	$(BIN)/python -m validation $(if $(DATA),--data $(DATA))

scenarios: venv ## CASES=20000: fusion beside its rivals where sources are copied, framed, corrected, biased or nothing
	$(BIN)/python -m validation.simulating --cases $(CASES)

venv: $(STAMP) ## make .venv from requirements.lock

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Python 3.11 or newer is needed; $(PYTHON) is' "$$($(PYTHON) --version 2>&1 || true)."; \
	  echo 'Next: install one, then `make PYTHON=python3.11 venv` with its name.'; exit 1; } >&2
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo '$(PYTHON) cannot make virtual environments: its venv module is missing.'; \
	  echo 'Next: on Debian, `apt-get install python3-venv` as root, then the same command again.'; exit 1; } >&2
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation -e .
	@touch $@

lock: ## resolve requirements.lock anew (needs uv)
	$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 --upgrade \
	  --generate-hashes --no-annotate --no-header --quiet -o requirements.lock

clean: ## remove what the other targets made
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .fuzz
	find src tests -name __pycache__ -prune -exec rm -rf {} +
