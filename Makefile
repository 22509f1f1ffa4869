# Every target sets up what it needs in .venv by itself; Python 3.11 or newer has to be there.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
BIN := .venv/bin
# The version that is tested. Serving needs no torch; training and its tests do.
TORCH := torch==2.13.0

.PHONY: install fix check test docs serve clean

install: .venv/.serve  ## What serving needs
serve: .venv/.serve  ## Answer over HTTP on this machine
	$(BIN)/sapa serve
fix: .venv/.develop  ## Mend what can be mended by itself
	$(BIN)/ruff check --fix .
check: .venv/.develop  ## Style, types, import contracts, policy
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sapa policy check
test: .venv/.develop  ## All tests
	$(BIN)/python -m pytest
docs: .venv/.develop  ## Documents that are made from the code
	$(BIN)/sapa openapi > docs/openapi.json.new
	mv docs/openapi.json.new docs/openapi.json
clean:
	rm -rf .venv

.venv/.serve: setup.cfg pyproject.toml | .venv
	@echo "installing what serving needs into .venv; this can take a few minutes"
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/.develop: setup.cfg pyproject.toml | .venv
	@echo "installing what the tests need into .venv, PyTorch among it; this can take many minutes"
	$(BIN)/python -m pip install --quiet '$(TORCH)'
	$(BIN)/python -m pip install --quiet --editable '.[train,dev]'
	touch $@ .venv/.serve

.venv:
	@test -n "$(PYTHON)" || { echo "no Python 3.11 or newer found; name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
