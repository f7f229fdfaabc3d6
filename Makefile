# `make book` and `make test` are all a fresh machine needs. The work is done by tasks.py, which
# needs no make: `python tasks.py book`.
PYTHON ?= python3
TASKS := book site book-sphinx pdf links publish-as test lint test-unit chromium test-browser \
	test-all-pages test-notebooks test-notebooks-full benchmark benchmark-quality benchmark-chapter \
	benchmark-language notebooks notebooks-seeds refresh exercises exercises-run lab assignments \
	grades feedback slides requirements test-colab wheel clean

.PHONY: help $(TASKS)

help: ## List the tasks
	@$(PYTHON) tasks.py

$(TASKS):
	@$(PYTHON) tasks.py $@
