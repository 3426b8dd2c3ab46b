# make run starts the app; make test runs every test. Both set up what they need and are quick when repeated.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8501

.PHONY: run install test benchmarks clean

run: install
	$(BIN)/python -m explorer serve --port $(PORT)

install: .venv/installed

test: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy explorer
	$(BIN)/pytest

benchmarks: .venv/installed-dev
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv .cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Embedding Explorer needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv || \
	    { rm -rf .venv; echo "A virtual environment could not be made; on Debian: apt install python3-venv"; exit 1; }

.venv/installed: requirements.txt | .venv/bin/python
	@echo "Setting up .venv; the first time takes a minute or two …"
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt requirements.txt | .venv/bin/python
	@echo "Setting up .venv; the first time takes a minute or two …"
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ .venv/installed
