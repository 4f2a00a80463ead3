# Every command sets up what it needs first: .venv, Node.js, packages, bundles, and for the tests a
# browser. The work is done by the scripts in tools/.

PORT ?= 8888
BROWSER ?= 1
PYTEST_ARGS ?=

# The first Python that is new enough; name another one with `make PYTHON=... `.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do \
	  "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && echo "$$name" && break; \
	done)

SET_UP = @if [ -z "$(PYTHON)" ]; then echo "No Python 3.10 or later found. Install one, or name it: make PYTHON=/path/to/python3"; exit 1; fi; \
	"$(PYTHON)" -m tools.bootstrap
RUN = @.venv/bin/python -m

.DEFAULT_GOAL := help
.PHONY: help demo test check build bench fuzz format lock clean

help: ## Show these commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## Open two notebooks that share a table (PORT=8888, BROWSER=0 for no browser)
	$(SET_UP) demo
	$(RUN) tools.demo --port=$(PORT) $(if $(filter 0 no false,$(BROWSER)),--no-browser)

test: ## Run all checks and tests (PYTEST_ARGS="-k rooms" goes to pytest)
	$(SET_UP) test
	$(RUN) tools.verify all $(PYTEST_ARGS)

check: ## Run the linters and type checkers
	$(SET_UP) check
	$(RUN) tools.verify static

build: ## Build the JavaScript, then the sdist and the wheel into dist/
	$(SET_UP) build
	@rm -rf dist
	$(RUN) build --no-isolation

bench: ## Measure latency, bytes on the wire and time to the first painted row
	$(SET_UP) bench
	$(RUN) tools.run python -m bench

fuzz: ## Run the property and interop tests with long counts
	$(SET_UP) test
	$(RUN) tools.verify fuzz $(PYTEST_ARGS)

format: ## Format the Python and the TypeScript, with the linters' safe fixes
	$(SET_UP) check
	$(RUN) tools.run sh -c 'ruff check --fix --quiet; ruff format --quiet && cd js && node_modules/.bin/biome check --write'

lock: ## Resolve requirements/dev.txt anew (LOCK_ARGS=--upgrade for the newest versions)
	$(SET_UP) lock
	$(RUN) tools.lock $(LOCK_ARGS)

clean: ## Remove all that these commands have made
	rm -rf .venv js/node_modules tinybase_widget/widgets/static
	rm -rf dist build test-results .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
