# The doors of the project; what they do stands in scripts/. Nothing beyond Python 3.11+, git and make is presumed.

.DEFAULT_GOAL := help
.PHONY: help setup run dagster test lint style types rooms screenshots lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## .venv with the locked versions and the command .venv/bin/sanxing
	@scripts/setup.sh

run: setup ## a synthetic province from workbooks to pages; Ctrl-C ends it
	@.venv/bin/sanxing demo

dagster: setup ## Dagster's own page on the pipeline; Ctrl-C ends it
	@.venv/bin/sanxing dagster

# Pages are driven in Debian's Chromium (libatomic1 is for playwright's driver), workbooks and papers re-saved in LibreOffice.
test: setup ## every check and test; installs what they need; ARGS="-k name" picks some
	@scripts/packages.sh chromium libatomic1 fonts-noto-cjk libreoffice-calc libreoffice-writer python3-uno
	@$(MAKE) --no-print-directory lint
	.venv/bin/pytest $(ARGS)

lint: setup ## format, style, types, and the order of the rooms
	@$(MAKE) --no-print-directory --jobs --output-sync style types rooms

style:
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .

types:
	.venv/bin/mypy

rooms:
	.venv/bin/lint-imports

screenshots: setup ## take README's pictures of the pages anew, into docs/images
	@scripts/packages.sh chromium libatomic1 fonts-noto-cjk
	.venv/bin/python -m tests.e2e.screenshots

lock: ## resolve requirements.lock anew; ARGS=--upgrade takes newer versions
	@scripts/uv.sh pip compile pyproject.toml --extra dev --universal --generate-hashes --quiet \
		--no-emit-index-url --no-header -o requirements.lock $(ARGS)

clean: ## remove all that set-up and checks have made; data/ stays
	rm -rf .venv .tools .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -path ./data -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
