# The commands of this project; each works from a fresh clone with nothing but Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo demo-call test lint bench queue-model serve clean

demo: $(VENV)/.run
	$(BIN)/ivr demo

demo-call: $(VENV)/.run
	$(BIN)/ivr demo --call-only

serve: $(VENV)/.run
	$(BIN)/ivr serve

test: $(VENV)/.test tests/node/node_modules/.done
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/ivr lint

bench: $(VENV)/.test
	$(BIN)/ivr bench $(ARGS)

# Random events on the real queue in Redis against a plain model of it.
EVENTS ?= 100000
queue-model: $(VENV)/.test
	$(BIN)/python tests/queuemodel/queuerun.py --events $(EVENTS) $(ARGS)

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@

$(VENV)/.lint: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[lint]'
	@touch $@

# Two tools of the tests come from npm; without npm their tests say so and are skipped.
tests/node/node_modules/.done: tests/node/package-lock.json
	@if command -v npm >/dev/null; then npm ci --prefix tests/node --silent --no-audit --no-fund && touch $@; \
	else echo "npm is not here: the checks against Twilio's OpenAPI document and the page checks by axe are skipped"; fi

clean:
	rm -rf $(VENV) var tests/node/node_modules *.egg-info
