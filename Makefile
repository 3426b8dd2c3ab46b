# make run starts the app; make test runs every test. Both set up what they need and are quick when repeated.
# make check is for between two commits: lint, types and what of the tests is quick, in less than two minutes. make nightly
# runs the tests that take too long for make test; they are marked nightly.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8501

# Of each room the tests that take no browser and train nothing for long.
QUICK := tests/data tests/service tests/ui tests/transformer tests/embeddings tests/test_cli.py tests/test_doctor.py \
    tests/test_features.py tests/test_places.py
LONG := tests/embeddings/training $(addprefix tests/embeddings/test_, evaluation.py formula.py patterns.py \
    shipped_model.py store.py) $(addprefix tests/transformer/test_, decoding.py transformer.py)

.PHONY: run install test check nightly lint benchmarks clean

run: install
	$(BIN)/python -m explorer serve --port $(PORT)

install: .venv/installed

# A file's tests share what they set up, so one worker has them all, in the order of their names: those in a browser, of
# which each takes long, come early. Three workers keep two cores busy while a browser waits.
test: lint
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

check: lint
	$(BIN)/pytest -q $(QUICK) $(addprefix --ignore=, $(LONG))

# pytest ends with status 5 where no test has the mark.
nightly: .venv/installed-dev
	$(BIN)/pytest -m nightly || [ $$? -eq 5 ]

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy explorer tools pages tests benchmarks streamlit_app.py

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
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt --editable .
	@touch $@

.venv/installed-dev: requirements-dev.txt requirements.txt | .venv/bin/python
	@echo "Setting up .venv; the first time takes a minute or two …"
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt --editable .
	@touch $@ .venv/installed
