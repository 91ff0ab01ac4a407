# Each habit is one command. PYTHON is the interpreter that makes the virtual environment.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo install test check format bench lessons clean

demo: install
	$(BIN)/nst-viz demo

install: $(VENV)/.installed

# The lock file pins what the tests ran with; the extra `dev` is what `make check` needs.
$(VENV)/.installed: pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable ".[dev]"
	touch $@

test: install
	$(BIN)/pytest

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install
	$(BIN)/python -m benchmarks

# About ten minutes on two cores; recorded runs are not computed again.
lessons: install
	$(BIN)/nst-viz lesson --all

clean:
	rm -rf $(VENV)
