# `make demo` and `make test` are all that a fresh machine needs: both set up $(VENV) first.

VENV ?= .venv
PYTHON ?= python3
JOBS ?= 2
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install

.PHONY: help demo test lint types check test-model prove bench bench-cases bench-agents docs format clean
.DELETE_ON_ERROR:

help:
	@echo "make demo    set up, compile and verify examples/, print the table"
	@echo "make test    set up, lint, type-check, run the tests"
	@echo "make test-model MODEL=FOLDER SERVER=PYTHON   set up, serve a model (ENDPOINT=URL: use a server), let agents fill a place"
	@echo "make prove   set up, prove every rule against TensorFlow"
	@echo "make bench   set up, measure the compiler"
	@echo "make bench-cases CASES=FILE   set up, compile and verify public models (benchmarks/cases)"
	@echo "make bench-agents AGENTS='--endpoint URL'   set up, measure agents with a model (--truth: without)"
	@echo "make docs    write the generated pages"
	@echo "make format  sort imports, format"

demo: $(VENV)/.verify
	$(BIN)/tfjax-compile examples -o out/examples --verify --report out/examples.json

test: lint types check

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/pyright --pythonpath $(BIN)/python

check: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(TESTS)

test-model: $(VENV)/.dev
	TFJAX_TEST_ENDPOINT=$(ENDPOINT) TFJAX_TEST_MODEL=$(MODEL) TFJAX_TEST_PYTHON=$(SERVER) \
		$(BIN)/python -m pytest tests/agents/test_real_model.py

prove: $(VENV)/.verify
	$(BIN)/tfjax-compile rules prove --jobs $(JOBS) $(PROVE)

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.compile_speed $(BENCH)
	$(BIN)/python -m benchmarks.rules_speed

bench-cases: $(VENV)/.dev
	$(BIN)/python -m benchmarks.cases $(if $(CASES),--cases $(CASES)) --jobs $(JOBS) $(BENCH)

bench-agents: $(VENV)/.dev
	$(BIN)/python -m benchmarks.agents $(AGENTS)

docs: $(VENV)/.dev
	$(BIN)/python -m tfjax.transpiler.diagnostics > docs/diagnostics.md
	$(BIN)/python -m tfjax.transpiler.catalogue docs/catalogue

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache out

# TensorFlow, which the verify extra needs, has wheels for Python 3.11 to 3.13.
$(VENV)/.created:
	@for python in $(PYTHON) python3.13 python3.12 python3.11; do \
	  if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; \
	  then $$python -m venv $(VENV) && touch $@; exit; fi; \
	done; \
	echo "error: Python 3.11, 3.12 or 3.13 is needed; set PYTHON=/path/to/python" >&2; exit 1

$(VENV)/.verify: pyproject.toml setup.py $(VENV)/.created
	@echo "installing into $(VENV) ..."
	@$(PIP) -e '.[verify]'
	@touch $@

$(VENV)/.dev: pyproject.toml setup.py $(VENV)/.created
	@echo "installing into $(VENV) ..."
	@$(PIP) -e '.[verify,dev]'
	@touch $(VENV)/.verify $@
