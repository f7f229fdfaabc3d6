# `make book` and `make test` are all a fresh machine needs: both create what they use.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CHAPTERS := $(sort $(wildcard book/*.ipynb))
# where a class's notebooks and grades lie
COURSE ?= course
ASSIGNMENTS := $(sort $(notdir $(patsubst %/,%,$(wildcard book/exercises/source/*/))))
EXERCISES := $(sort $(wildcard book/exercises/source/*/*.ipynb))
# what tests and notebooks compute on: make test DEVICE=cuda
DEVICE ?= cpu
test-unit test-browser test-notebooks test-notebooks-full: export AE_COURSE_DEVICE = $(DEVICE)
# Two notebooks run side by side: each gets one thread, because more threads than cores slow torch tenfold.
FAST := AE_COURSE_FAST=1 AE_COURSE_DATA= OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 TQDM_DISABLE=1
CACHE := XDG_CACHE_HOME="$(CURDIR)/$(VENV)/cache"

.PHONY: help book test test-unit chromium test-browser test-notebooks test-notebooks-full benchmark benchmark-quality benchmark-language lint notebooks refresh exercises exercises-run assignments grades lab pdf links wheel publish-as clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 22

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

book: $(READY) ## Build the site into _build/html (from the stored outputs, in seconds)
	$(BIN)/jupyter-book build . -W -n --keep-going --all
	@echo "Open _build/html/index.html"

test: lint test-unit test-notebooks ## Check style and types, then run all tests and every notebook (fast)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check ae_course tests book/_tools book/_ext
	$(BIN)/mypy
	$(BIN)/lint-imports

test-unit: $(READY)
	OMP_NUM_THREADS=1 TQDM_DISABLE=1 $(BIN)/pytest -n 2 --ignore=tests/browser
	OMP_NUM_THREADS=2 TQDM_DISABLE=1 $(BIN)/pytest tests/browser

chromium: $(READY) ## Install a Chromium for the browser tests, if none is found
	$(BIN)/python tests/browser/chromium.py

test-browser: chromium ## Drive the interactive figures and every page in a browser
	TQDM_DISABLE=1 $(BIN)/pytest tests/browser

.PHONY: test-all-pages
test-all-pages: chromium ## Try every page for accessibility in light and dark, and each lesson's speed (weekly)
	AE_COURSE_ALL_PAGES=1 TQDM_DISABLE=1 $(BIN)/pytest tests/browser/test_pages.py tests/browser/test_speed.py

test-notebooks: $(READY) ## Run every notebook on little data, without a network, against its stored outputs
	$(CACHE) $(BIN)/python -c "import matplotlib.pyplot" # it lists the fonts once, and says so
	$(FAST) $(CACHE) PYTHONPATH="$(CURDIR)/tests/offline" $(BIN)/pytest -c tests/notebooks.ini --rootdir . --nbval --nbval-current-env \
		--nbval-sanitize-with tests/nbval.cfg -n 2 --dist loadfile $(CHAPTERS) $(EXERCISES)

test-notebooks-full: $(READY) ## The same on all of MNIST: minutes
	AE_COURSE_FAST=0 TQDM_DISABLE=1 $(BIN)/pytest -c tests/notebooks.ini --rootdir . --nbval --nbval-current-env \
		--nbval-sanitize-with tests/nbval.cfg $(CHAPTERS) $(EXERCISES)

benchmark: $(READY) ## Compare speed and memory with the textbook way (on a quiet machine)
	$(BIN)/python tests/benchmarks/bench_training.py

benchmark-quality: $(READY) ## Time to the quality of ten textbook epochs (half an hour, on a quiet machine)
	$(BIN)/python tests/benchmarks/bench_quality.py

benchmark-language: $(READY) ## Character models: speed, then five seeds to the quality targets (ten minutes)
	$(BIN)/python tests/benchmarks/bench_language.py quality

notebooks: $(READY) ## Run every notebook in full and store normalised outputs
	$(BIN)/python book/_tools/notebooks.py run $(CHAPTERS)

refresh: $(READY) ## Put the present scripts of the interactive figures into the stored notebooks
	$(BIN)/python book/_tools/notebooks.py refresh $(CHAPTERS)

exercises: $(READY) ## Write the exercises and their solutions from the sources in book/exercises/source
	$(BIN)/python book/_tools/exercises.py

exercises-run: $(READY) ## The same, after running every source in full
	$(BIN)/python book/_tools/exercises.py run

assignments: $(READY) ## Make the class's notebooks with nbgrader: see course/release
	mkdir -p "$(COURSE)"
	test -d "$(COURSE)/source" || cp -r book/exercises/source "$(COURSE)/source"
	test -f "$(COURSE)/nbgrader_config.py" || cp book/_tools/nbgrader_config.py "$(COURSE)/"
	bin="$$(cd $(BIN) && pwd)"; cd "$(COURSE)" && export PATH="$$bin:$$PATH" && for name in $(ASSIGNMENTS); do \
		nbgrader generate_assignment $$name --force --log-level=WARN || exit 1; done

grades: $(READY) ## Grade what lies in course/submitted/<student>/<exercise>/, into course/grades.csv
	bin="$$(cd $(BIN) && pwd)"; cd "$(COURSE)" || exit 1; export PATH="$$bin:$$PATH"; failed=0; for name in $(ASSIGNMENTS); do \
		if ls -d submitted/*/$$name >/dev/null 2>&1; then nbgrader autograde $$name --log-level=WARN || failed=1; fi; done; \
		nbgrader export --to grades.csv --log-level=WARN && exit $$failed

lab: $(READY) ## Open the notebooks in JupyterLab
	$(BIN)/jupyter lab --notebook-dir=book

pdf: chromium ## The whole book as one PDF, in _build; the next make book links it
	$(BIN)/python book/_tools/pdf.py

links: $(READY) ## Ask every address that the book names whether it is there (needs a network)
	$(BIN)/jupyter-book build . --builder linkcheck

wheel: $(READY) ## Build the package's wheel into dist/
	rm -rf dist build
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

publish-as: $(READY) ## Write the repository's address everywhere: make publish-as REPO=owner/name
	$(BIN)/python book/_tools/stamp.py "$(REPO)"

clean: ## Remove everything that the other targets made
	rm -rf _build build dist $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
