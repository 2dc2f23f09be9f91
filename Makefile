# Banzu's commands; `make help` lists them. Needs only Python 3.11+ and make; everything else goes into .venv.

PYTHON ?=
ARGS ?=
BIN := .venv/bin
TEST_DATABASE_URL ?= postgres://postgres@127.0.0.1:5432/postgres
TEST_REDIS_URL ?= redis://127.0.0.1:6379/9
# Settles which Python to use, or says in one line why there is none.
FIND := python=$$(PYTHON='$(PYTHON)' sh scripts/find_python.sh) || exit 1;

.DEFAULT_GOAL := help
.PHONY: help run manage test services test-services check format messages docs screenshots bench lock clean dev

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## the demo department on http://127.0.0.1:8000/ (PORT=9000 moves it)
	@$(FIND) exec "$$python" scripts/run.py

manage: ## manage.py on the data of make run (ARGS="score_month 2026-10 --department yunshan")
	@$(FIND) ARGS='$(ARGS)' exec "$$python" scripts/manage.py

test: dev ## the whole suite on the embedded engines (ARGS="tests/people -n 0" narrows it)
	@env -u DATABASE_URL -u REDIS_URL $(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

services: ## starts PostgreSQL and Redis where none answers
	@bash scripts/services.sh

test-services: dev ## all that depends on the engines, on PostgreSQL and Redis (make services first)
	@DATABASE_URL='$(TEST_DATABASE_URL)' REDIS_URL='$(TEST_REDIS_URL)' $(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

check: dev ## everything that can be judged without running (ARGS=mypy runs one)
	@$(BIN)/python scripts/check.py $(ARGS)

format: dev ## puts Python into the house's form
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

messages: dev ## brings the Chinese catalog up to date with the sources (needs gettext)
	@$(BIN)/python scripts/messages.py update

docs: dev ## writes docs/rulebook.md and its Chinese twin from the schema
	@SECRET_KEY=docs VAR_DIR=$$(mktemp -d) $(BIN)/python manage.py describe_rulebook

screenshots: dev ## takes the README's pictures from a demo at a fixed instant (needs Chromium)
	@$(BIN)/python scripts/screenshots.py

bench: dev ## prints the yardsticks: ratios measured in one run (ARGS=--write keeps them in bench/README.md)
	@$(BIN)/python -m bench $(ARGS)

lock: dev ## writes the locks anew from pyproject.toml (ARGS=--upgrade takes newer releases)
	@$(BIN)/python scripts/lock.py $(ARGS)

clean: ## removes .venv, caches and var/ with the demo's data
	@rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

dev:
	@$(FIND) "$$python" scripts/setup_venv.py dev
