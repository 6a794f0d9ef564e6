# Everything a developer does here. `make` alone lists it; every target builds .venv first when it is missing.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTHON := PYTHONPATH=plugins:tests $(BIN)/python
SOURCES := plugins tests $(wildcard dags)
DOCS := build/docs-env
DOCS_READY := $(DOCS)/.ready
CLIENTS := .clients
TENDENCI := build/tendenci
TENDENCI_PYTHON ?= python3.12
SECRETS := $(if $(wildcard $(READY)),$(VENV),build/secrets-env)
NPM ?= $(shell command -v npm)
ARGS ?=

.PHONY: help venv browser redis pgbouncer mariadb demo demo-stop test coverage test-unit test-celery test-watch test-airflow test-clients crm-tendenci check bench bench-live bench-peers prove mutate docs provider crm secrets mwaa clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(READY) ## Build .venv: needs Python 3.11, 3.12 or 3.13 and nothing else (PYTHON3=... to choose one)
	@echo "$(VENV) is ready: $$($(BIN)/python --version)."

demo: $(READY) ## Start CRM, stand-ins and Airflow here, run a first synchronization, say where to look
	@$(PYTHON) -m local.demo start

demo-stop: ## Stop what `make demo` started; the data in .demo/ stays for the next one
	@if [[ -x $(BIN)/python ]]; then $(PYTHON) -m local.demo stop; else echo "Nothing to stop: there is no $(VENV)."; fi

browser: $(READY) ## Install Chromium (Debian and Ubuntu; needs root) and axe-core for the tests of the sync page
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement requirements-browser.txt
	@test -x /usr/bin/chromium || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; }

redis: ## Install Redis for the test with Celery (Debian and Ubuntu; needs root); it is not started
	@test -x /usr/bin/redis-server || { apt-get update -qq && RUNLEVEL=1 apt-get install -y -qq --no-install-recommends redis-server; }

pgbouncer: ## Install PgBouncer for the test behind a pooler (Debian and Ubuntu; needs root); it is not started
	@test -x /usr/sbin/pgbouncer || { apt-get update -qq && RUNLEVEL=1 apt-get install -y -qq --no-install-recommends pgbouncer; }

mariadb: ## Install MariaDB for the tests of CRMs in it (Debian and Ubuntu; needs root); it is not started
	@test -x /usr/sbin/mariadbd && test -x /usr/bin/my_print_defaults || { apt-get update -qq && apt-get install -y -qq --no-install-recommends mariadb-server-core mariadb-client-core; }

test: $(READY) ## Run every test but those of test-celery and test-watch, in random order; the seed is printed (ARGS="..." goes to pytest)
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 $(ARGS)

coverage: $(READY) ## Run the same tests with coverage, which takes twice as long; fails under 100 % of the pipeline or 90 % of the rest
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --cov --cov-report= $(ARGS)
	@echo "== pipeline"; $(BIN)/coverage report --include '*/crm_sync/pipeline/*' --fail-under 100
	@echo "== the rest"; $(BIN)/coverage report --omit '*/crm_sync/pipeline/*' --fail-under 90

test-unit: $(READY) ## Run unit and architecture tests alone: about a minute
	@$(BIN)/python -m pytest tests/unit tests/architecture $(ARGS)

test-celery: $(READY) ## Kill one of two Celery workers in the middle of a load: three minutes; needs redis-server
	@$(BIN)/python -m pytest tests/workers -m celery $(ARGS)

test-watch: $(READY) ## Clear failed runs of all providers on a real Airflow, and let them be late: some minutes
	@$(BIN)/python -m pytest tests/system/test_watched_runs.py -m watch -p no:randomly $(ARGS)

test-airflow: $(READY) ## Install the wheel beside Airflow VERSION (3.3.2) in an environment of its own, and synchronize all: five minutes (WITH="sqlalchemy<2.1" narrows what pip takes)
	@CRM_SYNC_TEST_AIRFLOW=$(or $(VERSION),3.3.2) CRM_SYNC_TEST_AIRFLOW_WITH="$(WITH)" $(BIN)/python -m pytest tests/installed -m airflow -p no:randomly --capture=no $(ARGS)

test-clients: $(READY) $(CLIENTS)/python/.ready $(if $(NPM),$(CLIENTS)/node/.ready) ## Drive the stand-ins with real client libraries of the vendors, in a folder of their own: half a minute (NPM= leaves out those for Node)
	@$(PYTHON) -m clients.run $(if $(NPM),,--without-node)

crm-tendenci: $(READY) $(TENDENCI)/.ready ## Install Tendenci 16.30 in an environment of its own and synchronize it: ten minutes; needs Python 3.12 (TENDENCI_PYTHON=/path/to/it)
	@$(BIN)/python -m pytest tests/tendenci -m tendenci $(ARGS)

check: $(READY) ## Lint, format, type and spelling check; changes nothing
	@echo "== ruff check"; $(BIN)/ruff check $(SOURCES)
	@echo "== ruff format --check"; $(BIN)/ruff format --check $(SOURCES)
	@echo "== mypy"; $(BIN)/mypy
	@echo "== codespell"; $(BIN)/codespell --skip ./.clients

bench: $(READY) ## Measure a synchronization of N people against the stand-in (N=100000 PROVIDER=mailchimp, or all), or reading a CRM that is compared (SOURCE=mariadb, or reference)
	@$(if $(SOURCE),$(PYTHON) -m benchmarks.source $(SOURCE) $(N) $(ARGS),$(PYTHON) -m benchmarks.run $(if $(PROVIDER),--provider $(PROVIDER)) $(if $(N),$(N)) $(ARGS))

bench-live: $(READY) ## Measure how long a change in the CRM takes to be at Mailchimp, by a real Airflow, N times (N=50), half a minute each; then, in fifteen minutes, what an idle day costs
	@$(PYTHON) -m benchmarks.live $(N) $(ARGS)

bench-peers: $(READY) ## Measure other tools beside ours, N people against the stand-in (N=10000); they get a venv of their own for it
	@$(PYTHON) -m benchmarks.peers.run $(N) $(ARGS)

prove: $(READY) ## Play N random histories of an association and compare CRM and provider after each (N=200)
	@CRMSYNC_PROVE_HISTORIES=$(or $(N),200) $(BIN)/python -m pytest tests/convergence --timeout=0 $(ARGS)

mutate: $(READY) ## Put small faults into copies of the pipeline, a sample of N (300), and say which its tests do not notice: hours
	@$(PYTHON) -m mutations.run $(if $(N),--sample $(N)) $(ARGS)

docs: $(DOCS_READY) ## Build the documentation site, build/docs/site; a broken link fails
	@$(PYTHON) -m docsite.stage build/docs
	@cd build/docs && ../../$(DOCS)/bin/zensical build --strict
	@echo "The site is build/docs/site; to read it: $(BIN)/python -m http.server --directory build/docs/site"

provider: $(READY) ## Write a provider that runs, its stand-in and its page, to start from (NAME=x, TITLE="X")
	@$(PYTHON) -m scaffold.make "$${NAME:-}" --title "$${TITLE:-}"

crm: $(READY) ## Write a CRM on PostgreSQL that can be synchronized, its tests and its page, to start from (NAME=x, TITLE="X")
	@$(PYTHON) -m scaffold.make_crm "$${NAME:-}" --title "$${TITLE:-}"

secrets: $(SECRETS)/.ready ## Write the files that docker-compose.yml reads passwords and keys from, into secrets/; needs no .venv
	@PYTHONPATH=tests $(SECRETS)/bin/python -m local.bootstrap

mwaa: $(READY) ## Write the files that Amazon MWAA installs the package from, into build/mwaa (VERSION=3.2.2, its Airflow)
	@$(PYTHON) -m local.mwaa build/mwaa --airflow $(or $(VERSION),3.2.2)

clean: demo-stop ## Remove .venv, the demo's data and all caches
	@rm -rf $(VENV) $(CLIENTS) .demo build .pytest_cache .ruff_cache .mypy_cache .hypothesis plugins/*.egg-info
	@find plugins tests $(wildcard dags) -name __pycache__ -type d -prune -exec rm -rf {} +

# Leaves in python3 the first of those that the project runs on.
define FIND_PYTHON
python3=""; \
for candidate in $(or $(PYTHON3),python3.12 python3.11 python3.13 python3); do \
  if $$candidate -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
      >/dev/null 2>&1; then python3=$$candidate; break; fi; \
done; \
if [[ -z "$$python3" ]]; then \
  echo "No Python 3.11, 3.12 or 3.13 with its venv module among: $(or $(PYTHON3),python3.12 python3.11 python3.13 python3)." >&2; \
  echo "Install one (Debian and Ubuntu: apt install python3 python3-venv) or name it: make venv PYTHON3=/path/to/python3.12" >&2; \
  exit 1; \
fi;
endef

# Bytecode is compiled even where PYTHONDONTWRITEBYTECODE is set: without it Airflow takes twice as long to start.
$(READY): requirements.txt requirements-dev.txt pyproject.toml
	@$(FIND_PYTHON) \
	echo "Building $(VENV) with $$($$python3 --version) ($$python3): about 200 packages, 900 MB, one or two minutes."; \
	unset PYTHONDONTWRITEBYTECODE PYTHONPATH; \
	$$python3 -m venv --clear $(VENV); \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --compile --requirement requirements-dev.txt; \
	echo "Packages installed after $$SECONDS s; installing the project itself, editable."; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	$(BIN)/python -m pip check; \
	touch $(READY); \
	echo "Done after $$SECONDS s."

# The stand-ins say which accounts they know; that takes three packages, not all.
build/secrets-env/.ready: requirements.txt
	@$(FIND_PYTHON) \
	$$python3 -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --constraint requirements.txt aiohttp msgspec requests
	@touch $@

$(DOCS_READY): requirements-docs.txt $(READY)
	@$(BIN)/python -m venv --clear $(DOCS)
	@$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements-docs.txt
	@touch $(DOCS_READY)

$(CLIENTS)/python/.ready: tests/clients/requirements.txt | $(READY)
	@$(BIN)/python -m venv --clear $(CLIENTS)/python
	@$(CLIENTS)/python/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# It does not run on other versions of Python. What its own tables need is pinned, and taken as it is.
$(TENDENCI)/.ready: tests/tendenci/requirements.txt | $(READY)
	@$(TENDENCI_PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 12))' || { echo "Tendenci needs Python 3.12; name it: make crm-tendenci TENDENCI_PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(TENDENCI_PYTHON) -m venv --clear $(TENDENCI)
	@$(TENDENCI)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement $<
	@touch $@

$(CLIENTS)/node/.ready: tests/clients/package-lock.json tests/clients/package.json
	@mkdir -p $(CLIENTS)/node
	@cp $^ $(CLIENTS)/node
	@cd $(CLIENTS)/node && $(NPM) ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@
