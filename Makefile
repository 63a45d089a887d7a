# Every command that works on smartlic. `make` lists them; CONTRIBUTING.md says when to use which.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

JOBS ?= $(shell nproc)
# The CMake preset that `make test` builds; CI gives `coverage`, which is the same and counts lines.
PRESET ?= default
# Seconds that `make fuzz` spends on each target.
FUZZ_SECONDS ?= 20

bin := .venv/bin
stamps := .cache/stamps
sources = $(shell find CMakeLists.txt cmake cpp bindings python pyproject.toml \
  -type f -not -path '*/__pycache__/*' -not -path 'cpp/examples/*' -not -path 'python/examples/*')
export CMAKE_BUILD_PARALLEL_LEVEL := $(JOBS)
# The presets with bindings find pybind11 and Python here.
export VIRTUAL_ENV := $(CURDIR)/.venv
export PATH := $(CURDIR)/$(bin):$(PATH)

## help: this list
.PHONY: help
help:
	@sed -n 's/^## \([a-z]*\): /  make \1|/p' $(MAKEFILE_LIST) | column -t -s '|'

## setup: install system packages (or print the command), .venv, and smartlic into it
.PHONY: setup
setup: $(stamps)/installed

.PHONY: system
system:
	@scripts/setup.sh

$(stamps)/venv: pyproject.toml scripts/requirements.py | system
	mkdir -p $(stamps)
	[ -x $(bin)/python ] || env -u VIRTUAL_ENV python3 -m venv .venv
	$(bin)/python scripts/requirements.py >.cache/requirements.txt
	$(bin)/python -m pip install -q -r .cache/requirements.txt
	touch $@

$(stamps)/installed: $(stamps)/venv $(sources)
	$(bin)/python -m pip install -q --no-build-isolation --no-deps .
	touch $@

## develop: like setup, with python/ used in place (run it again after a change in C++)
.PHONY: develop
develop: $(stamps)/venv
	$(bin)/python -m pip install -q --no-build-isolation --no-deps --editable .
	touch $(stamps)/installed

## demo: the whole story on this machine in under a minute
.PHONY: demo
demo: setup
	$(bin)/smartlic demo

## test: the C++ tests, the Python tests, the examples and the notebooks
.PHONY: test ctest pytest
test: setup ctest pytest

ctest: setup
	cmake --preset $(PRESET) >/dev/null
	cmake --build --preset $(PRESET)
	ctest --preset $(PRESET)

pytest: setup ctest
	SMARTLIC_BUILD=build/$(PRESET) $(bin)/python -m pytest
	@for notebook in $(wildcard notebooks/*.ipynb); do $(bin)/python -m pytest --nbmake "$$notebook"; done

## bench: ours and the peer in one run, with the ratio; JSON in bench-results/
.PHONY: bench
bench: setup
	cmake --preset bench >/dev/null
	cmake --build --preset bench
	$(bin)/python tests/bench/run.py

## lint: formats, types, stubs, include graph, purity, sizes, clang-tidy
.PHONY: lint format
lint: setup
	JOBS=$(JOBS) scripts/lint.sh

## format: rewrite C++ and Python in the house's format
format: setup
	git ls-files -z '*.cpp' '*.hpp' | xargs -0 clang-format-16 -i
	$(bin)/ruff format
	$(bin)/ruff check --fix

## stubs: write the type stubs of the compiled modules anew
.PHONY: stubs
stubs: setup
	$(bin)/python scripts/stubs.py

## sanitize: the C++ tests under ASan + UBSan, those with threads under TSan
.PHONY: sanitize asan tsan
sanitize: asan tsan

asan tsan: | system
	cmake --preset $@ >/dev/null
	cmake --build --preset $@
	ctest --preset $@

## coverage: line coverage of rules, message, identity and admission; fails below 90 %
.PHONY: coverage
coverage: setup
	cmake --preset coverage >/dev/null
	cmake --build --preset coverage
	find build/coverage -name '*.gcda' -delete
	ctest --preset coverage
	$(bin)/python scripts/coverage.py build/coverage

## fuzz: each libFuzzer target for FUZZ_SECONDS seconds, from its corpus
.PHONY: fuzz
fuzz: | system
	cmake --preset fuzz >/dev/null
	cmake --build --preset fuzz
	scripts/fuzz.sh build/fuzz $(FUZZ_SECONDS)

## soak: the random tests with many more examples and fresh seeds, the gate killed a hundred times
.PHONY: soak
soak: setup
	cmake --preset default >/dev/null
	cmake --build --preset default --target test_io_local
	SMARTLIC_SOAK=1 build/default/tests/cpp/test_io_local --gtest_filter='GateKill.*'
	$(bin)/python -m pytest -m soak --hypothesis-profile=soak

## fresh: demo and test in a bare Debian 12, as an ordinary user
.PHONY: fresh
fresh:
	scripts/fresh.sh

## clean: remove builds, caches and .venv
.PHONY: clean
clean:
	rm -rf build .venv .cache dist bench-results
