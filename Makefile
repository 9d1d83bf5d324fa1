# The commands of this project: `make help` lists them. All paths are relative, so that the
# project works in any folder. PYTHON chooses the Python for .venv; ARGS goes to the command.
.PHONY: help book pdf test test-oldest test-newest check lint clean environment
.DELETE_ON_ERROR:
.NOTPARALLEL: # with -j too: two installations into one .venv would spoil each other

PY := .venv/bin/python
# A process takes up to 3 GB. ARGS="-n 0" runs the tests in one.
SIDE_BY_SIDE := -n logical --maxprocesses 3 --dist worksteal
FILE_BY_FILE := -n logical --maxprocesses 2 --dist loadfile --no-loadscope-reorder
READY := .venv/.installed-

help: ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile

book: $(READY)book ## Build the book into _build/html
	@echo "Building the book: the first time 3 to 20 minutes, most of it training; later seconds to minutes."
	@$(PY) tools/book.py build book $(ARGS)

pdf: book $(READY)browser ## Build the book, and print it into one PDF
	$(PY) tools/pdf.py _build/html -o _build/flatten-or-filter.pdf

test: $(READY)test ## Run the fast tests, in as many processes as there are cores, up to 3
	$(PY) -m pytest $(SIDE_BY_SIDE) $(ARGS)

check: $(READY)book $(READY)test $(READY)browser $(READY)scale ## Run the slow tests, and those of the built book, in up to 2 processes
	$(PY) -m pytest -m "book or browser or slow" $(FILE_BY_FILE) $(ARGS)

test-oldest: environment ## Run the fast tests with the lowest declared versions
	@$(PY) tools/range.py oldest $(ARGS)

test-newest: environment ## Run the fast tests with the newest versions there are
	@$(PY) tools/range.py newest $(ARGS)

lint: $(READY)test $(READY)lint ## Check the style of the code, its types and the workflows
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/zizmor --offline --quiet .github/workflows

clean: ## Remove the built book and the caches, not .venv, data or runs
	rm -rf _build book/_build .pytest_cache .ruff_cache .hypothesis

# One stamp for each extra: installed again only when the versions may have changed.
$(READY)%: pyproject.toml constraints.txt | environment
	@$(PY) tools/install.py $*
	@touch $@

# Looked at each time: a folder may have been moved. Line ends of Windows do not get in the way.
environment:
	@sh -c "$$(tr -d '\r' < tools/environment.sh)" environment
