VENV ?= .venv
PORT ?= 8000
PYTHON ?= python3
BIN := $(VENV)/bin

.PHONY: run test lint format bench soak lock check-lock messages

# What running needs, and what developing needs on top of it.
$(VENV)/.run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Madang needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make a virtual environment. On Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing what Madang needs (once) ..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "Installing what the tests need (once) ..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

run: $(VENV)/.run
	@exec $(BIN)/python manage.py run --port $(PORT)

test: $(VENV)/.dev
	@$(BIN)/python -m tests.suite

lint: $(VENV)/.dev check-lock
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports --no-cache
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/python manage.py makemigrations --check --dry-run

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	-$(BIN)/djlint --reformat --quiet templates

bench: $(VENV)/.dev
	@$(BIN)/python -m tests.bench $(if $(FULL),--full) $(BENCH)

soak: $(VENV)/.dev
	@STORIES=100000 $(BIN)/python -m pytest tests/routing/test_stories.py tests/soak/business_api.py --timeout 0

lock:
	uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header -o requirements.txt
	uv pip compile -q pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header -o requirements-dev.txt

check-lock:
	@! grep -nE '://|index-url|find-links' requirements.txt requirements-dev.txt

messages: $(VENV)/.dev
	$(BIN)/python manage.py makemessages --all --no-obsolete --ignore .venv
	$(BIN)/python manage.py compilemessages --ignore .venv
