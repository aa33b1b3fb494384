# Every target sets up what it needs; Python 3.11 or later, make and a package registry suffice.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
WHEELS := $(VENV)/wheelhouse

.DEFAULT_GOAL := help
.PHONY: help setup demo preview test lint format phrases bench screenshots images browser clean

help:  ## list these commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

setup: $(READY)  ## install the project and its tools into .venv

$(READY): pyproject.toml constraints.txt
	@echo "Setting up $(VENV) (about a minute the first time) ..."
	@$(PYTHON) -c 'import sys; sys.exit("tigc_mail needs Python 3.11 or later; this is %s. Name another: make PYTHON=python3.12 ..." % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group dev --editable .
	@touch $@

# What the wheel needs, kept beside it, so that the test of the wheel installs without a network.
$(WHEELS)/.ready: $(READY)
	@$(BIN)/python -m pip download --quiet --disable-pip-version-check --constraint constraints.txt --dest $(WHEELS) . hatchling
	@rm -f $(WHEELS)/tigc_mail-*
	@touch $@

demo: setup  ## run the whole main job on the shipped workspace, into ./demo
	@rm -rf demo
	@$(BIN)/tigc-mail demo --out demo

preview: setup  ## open the shipped editions in the browser, for every audience and language
	@$(BIN)/tigc-mail preview $(ARGS)

test: setup $(WHEELS)/.ready  ## run the tests; without a Chromium, those that look at pages are left out
	@$(BIN)/python -m tests.browser.chromium || test -z "$$CI"
	@TIGC_MAIL_TEST_WHEELHOUSE=$(abspath $(WHEELS)) $(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

lint: setup  ## check style, types and the floors
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup  ## put the code into the house style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

phrases: setup  ## gather the phrases of the templates, update and compile the catalogues
	@$(BIN)/tigc-mail phrases

bench: setup  ## measure speed and memory; prints tables, writes bench.json
	@$(BIN)/python -m tests.benchmarks --json bench.json

browser: setup  ## find a Chromium for the tests, or install one; CHROMIUM=/path names yours
	@$(BIN)/python -m tests.browser.chromium

screenshots: browser  ## take pictures of every shipped message, wide and narrow, light and dark, into ./pictures
	@$(BIN)/python -m tests.browser.screenshots --out pictures

images: browser  ## take the pictures of the preview anew that docs/ shows
	@$(BIN)/python -m tests.browser.pictures --out docs/images

clean:  ## remove what the commands above made
	rm -rf $(VENV) demo pictures dist bench.json .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
