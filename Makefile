# Every target works in a clean clone: the first use makes .venv and installs what it needs, pinned
# by constraints.txt. Needs GNU make, Python 3.11 or newer with its venv module, and a package index.
#
#   make demo     judge the sample fly-off and write its report
#   make test     all tests
#   make help     the rest

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Two workers at least, four at most: more only fight over the kernels' compilation.
JOBS   ?= $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -gt 4 ] && n=4; echo $$n)

# What is installed is stamped with a hash of what was asked for, so a changed pin installs anew.
KEY    := $(shell cat pyproject.toml constraints.txt | cksum | cut -d' ' -f1)
CORE   := $(VENV)/.installed-core-$(KEY)
DEV    := $(VENV)/.installed-dev-$(KEY)
DOCS   := $(VENV)/.installed-docs-$(KEY)

# Caches live in the tree: nothing is written to $HOME, which may be read-only or absent.
export NUMBA_CACHE_DIR ?= $(CURDIR)/$(VENV)/var/numba
export MPLCONFIGDIR ?= $(CURDIR)/$(VENV)/var/matplotlib
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PIP_INSTALL = $(BIN)/python -m pip install --quiet --constraint constraints.txt

# How long each decoder is fuzzed by `make fuzz` [s]; the name is make's own, so it is read once.
SECONDS ?= 60

.PHONY: help demo web test lint format bench compare fuzz docs clean
.DEFAULT_GOAL := help

help:
	@echo "make demo     judge the sample fly-off in samples/ and write its report to demo/"
	@echo "make web      the page of \`flyoff serve\`, where Node 20.19 or newer is here"
	@echo "make test     all tests (those that need shared flight data are skipped without it)"
	@echo "make lint     ruff and mypy"
	@echo "make format   let ruff rewrite what it can"
	@echo "make bench    speed against the peers, as ratios in one run"
	@echo "make compare  value for value against pyulog and pymavlink, every shared log"
	@echo "make fuzz     coverage-guided fuzzing of every decoder and reader, SECONDS=60 each"
	@echo "make docs     the documentation, to site/"
	@echo "make clean    remove .venv and everything built"

demo: $(CORE) web
	@echo "== the sample fly-off"
	$(BIN)/flyoff demo

# The page needs Node; where there is none, or no npm registry, that is said and all else goes on.
web: | $(BIN)/pip
	@$(BIN)/python web/build.py || echo "== without the page: flyoff serve answers its API only"

test: $(DEV) web
	@echo "== tests, $(JOBS) workers"
	$(BIN)/python -m pytest --quiet --numprocesses $(JOBS) --dist loadfile $(ARGS)

lint: $(DEV)
	@failed=; \
	echo "== ruff check";  $(BIN)/ruff check . || failed="$$failed ruff-check"; \
	echo "== ruff format"; $(BIN)/ruff format --check . || failed="$$failed ruff-format"; \
	echo "== mypy";        $(BIN)/mypy || failed="$$failed mypy"; \
	if [ -n "$$failed" ]; then echo "failed:$$failed" >&2; exit 1; fi

format: $(DEV)
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(DEV)
	@echo "== against the peers, to docs/benchmarks.md"
	$(BIN)/python bench/page.py

compare: $(DEV)
	@echo "== value for value, every shared log"
	$(BIN)/python -m tests.compare

fuzz: $(DEV)
	$(PIP_INSTALL) atheris
	@for name in $$($(BIN)/python fuzz/decode.py --list 2>/dev/null); do \
		echo "== $$name, $(SECONDS) s"; \
		$(BIN)/python fuzz/decode.py $$name --seconds $(SECONDS) || exit 1; \
	done

docs: $(DOCS)
	@echo "== documentation, to site/"
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

clean:
	rm -rf $(VENV) site demo build dist web/node_modules src/flyoff/server/static .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/pip:
	@echo "== making $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "error: $(PYTHON) is missing or older than 3.11; on Debian 12 or newer:" >&2; \
		echo "  apt-get install python3 python3-venv" >&2; \
		echo "or name another one: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		version=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "error: $(PYTHON) cannot make a virtual environment; on Debian:" >&2; \
		echo "  apt-get install python$$version-venv" >&2; exit 1; }

$(CORE): | $(BIN)/pip
	@echo "== installing flyoff (once; several hundred MB)"
	@$(PIP_INSTALL) hatchling editables
	@$(PIP_INSTALL) --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q src  # what a wheel has: else PYTHONDONTWRITEBYTECODE=1 costs 0.25 s a start
	@rm -f $(VENV)/.installed-*
	@touch $@

$(DEV): $(CORE)
	@echo "== installing what tests and lint need (once)"
	@$(PIP_INSTALL) --no-build-isolation --editable '.[dev]'
	@touch $@

$(DOCS): $(CORE)
	@echo "== installing what the documentation needs (once)"
	@$(PIP_INSTALL) --no-build-isolation --editable '.[docs]'
	@touch $@
