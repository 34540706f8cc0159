# `make demo` judges the standard library and NumPy, `make test` builds everything and runs the tests, of the slow ones a
# sample, `make test-all` runs these and tries every CPython that is there, too, `make runtimes` installs other interpreters.
#
# Both first install what is missing, and repeat nothing: each step leaves a stamp in build/stamps that
# depends on the sources.  `make -B test` ignores the stamps.  Everything else is
# `cmake --workflow --preset ...` and `.venv/bin/bufspec ...`.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# Debian's own interpreter, because only it finds Debian's _testbuffer.
PYTHON ?= /usr/bin/python3

# ON compiles several sources at once: half the work of a first build.  OFF keeps an object for each source: less work after a change.
unity ?= ON

venv := .venv
stamps := build/stamps
logs := build/logs

# New files count before `git add`, and removed ones no longer do; the list itself is a source.
listed := $(shell git ls-files --cached --others --exclude-standard 2>/dev/null || \
            find . -type f -not -path './.git/*' -not -path './build/*' -not -path './.venv/*')
sources := $(wildcard $(listed))
source_list := $(stamps)/sources.txt
cpp_sources := $(filter %.cpp %.hpp,$(sources))
package_sources := $(filter-out docs/% fuzz/% harness/fuzz/% harness/tests/% harness/examples/% suites/oracle/% %.md,$(sources)) $(source_list)
python_sources := $(filter %.py %.pyi,$(sources))

.PHONY: help demo test test-all runtimes FORCE

help:
	@echo "make demo   install what is missing, judge the standard library and NumPy"
	@echo "make test   build everything and run the tests, of the slow ones a sample"
	@echo "make test-all   the other slow tests and every CPython that is there, too, as the build server does"
	@echo "make runtimes   install other interpreters into build/runtimes, for bufspec runtimes (root)"

demo: $(stamps)/package
	@$(venv)/bin/bufspec check 'runtime.*' 'stdlib.*' 'numpy.*' --fail-on none --out build/demo --force --html build/demo/report.html
	@echo "report: build/demo/report.html"

test: $(stamps)/spec_check $(stamps)/style $(stamps)/pytest $(stamps)/ctest
	@.ci/summary

test-all: test $(stamps)/pytest_slow $(stamps)/interpreters
	@.ci/summary interpreters pytest_slow

runtimes:
	@.ci/runtimes build/runtimes

$(source_list): FORCE
	$(shell mkdir -p $(@D) $(logs))$(file >$@.new,$(sort $(sources)))
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(stamps)/packages_%: .ci/packages.txt .ci/install_packages | $(source_list)
	@.ci/install_packages $*
	@touch $@

$(venv)/bin/python: | $(stamps)/packages_demo
	$(PYTHON) -m venv $(venv)

# build-dir keeps object files, so a change recompiles only what it affects.  Several sources at once is how `pip install .` compiles
# for users; then the C++ tests are built in the same folder, so that nothing is compiled twice.  Else the extension is compiled here
# alone, so a warning in it must be an error here.
build_settings := --config-settings=build-dir=build/$(if $(filter ON,$(unity)),at_once,wheel/'{wheel_tag}') \
                  --config-settings=cmake.define.BUFSPEC_WERROR=ON \
                  --config-settings=cmake.define.BUFSPEC_TESTS=OFF \
                  --config-settings=cmake.define.BUFSPEC_UNITY=$(unity)

$(stamps)/package: $(package_sources) $(venv)/bin/python $(stamps)/packages_demo
	$(venv)/bin/python -m pip install --quiet $(build_settings) '.[test]'
	@touch $@

$(stamps)/wheel: $(stamps)/package
	@rm -rf build/wheelhouse
	$(venv)/bin/python -m pip wheel --quiet --no-deps --wheel-dir build/wheelhouse $(build_settings) .
	@touch $@

$(stamps)/spec_check: $(stamps)/package $(filter spec/%,$(sources))
	@rm -f $@
	$(venv)/bin/bufspec spec check spec 2>&1 | tee $(logs)/$(@F).log
	@touch $@

$(stamps)/style: $(stamps)/package $(stamps)/packages_test $(cpp_sources) $(python_sources) .clang-format pyproject.toml
	@rm -f $@
	.ci/check_style $(venv)/bin 2>&1 | tee $(logs)/$(@F).log
	@touch $@

pytest := $(venv)/bin/pytest -n 2 --dist worksteal --durations 30

# The examples are judged by the wheel.
$(stamps)/pytest: $(stamps)/package $(stamps)/wheel $(sources) $(source_list)
	@rm -f $@
	$(pytest) -m 'not nightly and (not slow or sampled)' 2>&1 | tee $(logs)/$(@F).log
	@touch $@

$(stamps)/pytest_slow: $(stamps)/package $(stamps)/wheel $(sources) $(source_list)
	@rm -f $@
	$(pytest) -m 'not nightly and slow and not sampled' 2>&1 | tee $(logs)/$(@F).log
	@touch $@

$(stamps)/ctest: $(stamps)/packages_test $(venv)/bin/python $(stamps)/package $(sources) $(source_list)
	@rm -f $@
	cmake --workflow --preset $(if $(filter ON,$(unity)),at_once,ci) 2>&1 | tee $(logs)/$(@F).log
	@touch $@

$(stamps)/interpreters: $(stamps)/wheel .ci/each_interpreter $(filter harness/tests/%,$(sources))
	@rm -f $@
	.ci/each_interpreter build/wheelhouse/*.whl 2>&1 | tee $(logs)/$(@F).log
	@touch $@
