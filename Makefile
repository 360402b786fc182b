# The developer's actions. `make demo` and `make test` set up what they need by themselves.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
READY := $(VENV)/.ready
BUILT := qjobwidgets/static/.built
FRONT := $(shell find js/src -type f) js/build.mjs js/package.json js/tsconfig.json
ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
# The notebooks are for the embedded runtime, whatever account is saved on this machine.
HERE := QISKIT_IBM_CHANNEL=local
DESKTOP := $(or $(DISPLAY),$(WAYLAND_DISPLAY),$(filter Darwin,$(shell uname)))

.PHONY: help setup demo quickstart test lint test-js test-python test-again browser clients screenshots \
	chaos explore live-check \
	benchmark-server benchmark-client benchmark-watch benchmark-views docs docs-site clean

help:  ## what there is to make
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(READY)  ## virtual environment, dependencies, front end

js/node_modules/.ready: js/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js 20 or later is needed: https://nodejs.org"; exit 1; }
	cd js && npm ci --no-audit --no-fund
	@touch $@

$(BUILT): js/node_modules/.ready $(FRONT)
	cd js && npm run --silent build
	@touch $@

# The front end comes first: an installation that finds it does not build it again.
$(READY): pyproject.toml | $(BUILT)
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: https://www.python.org"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: setup $(BUILT)  ## JupyterLab on the quickstart notebook
	$(HERE) $(BIN)/jupyter lab $(ROOT) $(if $(DESKTOP),,--no-browser) --LabApp.default_url=/lab/tree/notebooks/quickstart.ipynb

quickstart: setup $(BUILT)  ## run the quickstart headless, write build/quickstart.html
	$(HERE) $(BIN)/jupyter nbconvert --log-level WARN --execute --to html --output-dir build notebooks/quickstart.ipynb
	@echo "build/quickstart.html"

# What asks for one processor goes two at a time, before the tests that ask for all.
test: setup  ## everything CI asks for
	$(MAKE) --no-print-directory -j2 lint test-js clients browser
	$(MAKE) --no-print-directory test-python

lint: setup $(BUILT)  ## style, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd js && npm run --silent typecheck && npm run --silent lint

test-js: setup $(BUILT)
	cd js && npm test --silent

browser: setup
	$(BIN)/python -m scripts.ensure_browser

clients: setup  ## environments of the official clients, for tests/official
	$(BIN)/python scripts/client_environments.py

# Most tests wait for processes; a file's tests stay together, for they share what they start. Files
# begin in the order of tests/conftest.py; what is compiled here no process has to compile again.
test-python: browser clients $(BUILT)
	$(BIN)/python -m compileall -q qjobwidgets
	$(BIN)/python -m pytest -n 6 --dist loadfile --no-loadscope-reorder || $(MAKE) --no-print-directory test-again

# As CPython's own runner does. The first failure here is the last word.
test-again:
	@echo "What failed is run once more, by itself. What passes now is a race, to be found and mended."
	$(BIN)/python -m pytest --last-failed --last-failed-no-failures none --maxfail 1

explore: clients  ## the property-based tests, with other examples each time
	$(BIN)/python -m pytest -n 2 --dist loadfile -m hypothesis --hypothesis-profile explore

chaos: setup  ## kill the runtime again and again under load, for some minutes
	CHAOS_KILLS=30 CHAOS_JOBS=200 CHAOS_STREAMS=40 $(BIN)/python -m pytest tests/chaos

benchmark-server: setup  ## what the runtime costs, beside its targets; on a machine at rest
	$(BIN)/python benchmarks/server.py

benchmark-client: clients  ## what the client costs, beside the official one; on a machine at rest
	$(BIN)/python benchmarks/client.py

benchmark-watch: clients  ## what watching costs, by lists and told, beside the official client; on a machine at rest
	$(BIN)/python benchmarks/watch.py

benchmark-views: setup browser $(BUILT)  ## what the views cost in JupyterLab, beside others; on a machine at rest
	$(BIN)/python benchmarks/views.py

screenshots: browser $(BUILT)  ## the pictures of README and pages
	$(BIN)/python scripts/screenshots.py
	$(BIN)/python scripts/widget_pictures.py

live-check: setup  ## compare IBM Quantum with the contract, read only; needs QISKIT_IBM_TOKEN and QISKIT_IBM_INSTANCE
	$(BIN)/python scripts/live_check.py

docs: setup  ## write the parts of the pages that are made of the code
	$(BIN)/python -m scripts.job_docs
	$(BIN)/python -m scripts.command_docs
	$(BIN)/python -m scripts.page_docs

docs-site: setup  ## the pages as a site, build/site/index.html; a broken link is an error
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet docs build/site
	@echo "build/site/index.html"

clean:  ## remove what was built and installed
	rm -rf $(VENV) js/node_modules qjobwidgets/static build dist
