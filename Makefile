# The first target sets up whatever a target needs; nothing is installed outside .venv.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv
READY  := $(VENV)/.ready
BENCH  := .venv-bench

# Compiled code is kept, whatever the shell says: a start that compiles its libraries anew takes three times as long.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: serve demo test check soak bench images policies clauses bundle lock clean setup

$(READY): requirements/dev.txt requirements/uv.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "需要 Python 3.11 / Python 3.11 is needed: apt-get install python3.11 python3.11-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements/dev.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# What the benchmarks measure against is installed beside, so that no test ever sees it.
$(BENCH)/.ready: $(READY) requirements/bench.txt
	@test -x $(BENCH)/bin/python || $(PYTHON) -m venv $(BENCH)
	@$(UV) pip sync --quiet --compile-bytecode --python $(BENCH)/bin/python --require-hashes requirements/bench.txt
	@$(UV) pip install --quiet --python $(BENCH)/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(READY)

serve: $(READY)  ## the service on http://127.0.0.1:8080, its database made where there is none
	@$(BIN)/liangyun migrate
	@exec $(BIN)/liangyun serve

demo: $(READY)  ## run the examples and say where to look
	@$(BIN)/python scripts/demo.py

check: $(READY)  ## style, types, floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check  ## everything CI runs
	$(BIN)/pytest -n auto --dist loadgroup -m "not soak"

soak: $(READY)  ## 20,000 cases each way, 20,000 typing mistakes, new examples for every property, planted faults; writes docs/soak.json, reliability.json, faults.json, figures.md
	$(BIN)/pytest -n auto -m soak --ignore tests/api/test_load.py tests
	$(BIN)/pytest -m soak tests/api/test_load.py
	$(BIN)/pytest -n auto -m "hypothesis and not soak" --hypothesis-profile=search tests
	$(BIN)/python tests/faults/plant.py
	$(BIN)/python -m scripts.figures

bench: $(BENCH)/.ready  ## writes docs/performance.json and docs/figures.md
	$(BENCH)/bin/python -m benchmarks
	$(BIN)/python -m scripts.figures

images: $(READY)  ## report pages as PNG into docs/images (LibreOffice, poppler-utils, fonts-noto-cjk)
	$(BIN)/python -m scripts.images

policies: $(READY)  ## docs/policies: one page per policy document, from its pack
	$(BIN)/python -m scripts.policies

clauses: $(READY)  ## fingerprints of the documents' clauses; the documents are in the folder SEEDS=…
	@test -n "$(SEEDS)" || { echo "SEEDS=<文件夹> 须写明"; exit 1; }
	$(BIN)/python -m scripts.clauses $(SEEDS)

bundle: $(READY)  ## out/bundle: what is carried to machines without a network, one folder per platform
	$(BIN)/python -m scripts.bundle

lock: $(READY)  ## renew the pinned requirements
	$(UV) pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/uv.in -o requirements/uv.txt
	$(UV) pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/run.in -o requirements/run.txt
	$(UV) pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/dev.in -o requirements/dev.txt
	$(UV) pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/dev.in requirements/bench.in -o requirements/bench.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--constraint requirements/run.txt requirements/bundle.in -o requirements/bundle.txt

clean:
	rm -rf $(VENV) $(BENCH) out build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
