# What a fresh machine needs: python3 (3.11 or newer) with its venv module, and make. Nothing else, and no root.
PYTHON ?= python3
UV ?= $(shell command -v uv 2>/dev/null)
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements/constraints.txt
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo test check proto docs golden bench deep fmt lock clean

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## make .venv with everything this project needs, hashes checked

demo: $(STAMP) ## play one case between three agencies
	$(BIN)/comity demo

test: $(STAMP) ## run the tests
	$(BIN)/pytest

check: $(STAMP) ## everything a change must pass: format, lint, types, rooms, wire contract, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/buf lint
	$(BIN)/pytest -n 2

proto: $(STAMP) ## generate gateway/v1 from proto/
	$(BIN)/buf lint
	$(BIN)/python proto/generate.py .

docs: $(STAMP) ## generate what docs/ says of reason codes, rules and formats from the source
	$(BIN)/python -m docs.generate_errors
	$(BIN)/python -m docs.generate_rules
	$(BIN)/python -m docs.generate_formats

golden: $(STAMP) ## write anew what the sweep of the shipped rules keeps; read the difference before
	$(BIN)/comity policy sweep --write-golden tests/policy/golden/matrix.txt.gz

bench: $(STAMP) ## measure the straight line of a record beside the floors of this machine
	$(BIN)/python benchmarks/pipeline.py
	$(BIN)/python benchmarks/exchange.py

deep: $(STAMP) ## long and timed tests, then take every defence away and see its test fall
	$(BIN)/pytest -m "deep or timed" || test $$? -eq 5 # 5: no test waits
	$(BIN)/python -m tests.defences

fmt: $(STAMP) ## format the code and mend what can be mended by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## bring requirements/constraints.txt up to pyproject.toml (needs uv; LOCKFLAGS=--upgrade for newer versions)
	@command -v "$(UV)" >/dev/null || { echo "make lock needs uv: install it, or pass UV=path" >&2; exit 1; }
	"$(UV)" pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes --no-annotate \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(LOCKFLAGS) \
	  --output-file $(LOCK) pyproject.toml

clean: ## remove what can be made again, except .venv
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -print | xargs rm -rf

$(STAMP): pyproject.toml $(LOCK)
	@command -v "$(PYTHON)" >/dev/null || { echo "no $(PYTHON) here: install Python 3.11 or newer, or pass PYTHON=path" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than 3.11: install a newer one, or pass PYTHON=path" >&2; exit 1; }
ifneq ($(strip $(UV)),)
	@test -x $(BIN)/python || "$(UV)" venv --quiet --no-python-downloads --python "$(PYTHON)" $(VENV)
	"$(UV)" pip install --quiet --python $(BIN)/python --require-hashes -r $(LOCK)
	"$(UV)" pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
else
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) has no venv module: install it (Debian and Ubuntu: python3-venv)" >&2; exit 1; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
endif
	@touch $@
