#!/usr/bin/env bash
# Builds the targets of fuzz/ as OSS-Fuzz and ClusterFuzzLite run it: with their CC, CXX, CFLAGS, CXXFLAGS and LIB_FUZZING_ENGINE,
# from SRC into OUT.  Beside each target: its seed corpus, its dictionary, its options.
# BUFSPEC_FUZZ_TARGETS names those to build; all that need nothing but C++ if it is not set.
set -euo pipefail
: "${SRC:?}" "${OUT:?}" "${CC:?}" "${CXX:?}" "${LIB_FUZZING_ENGINE:?}"
project=${SRC}/bufspec
work=${WORK:-${SRC}/work}
read -ra targets <<<"${BUFSPEC_FUZZ_TARGETS:-arguments copy format json judge layout memoryview scenario table}"

form_of() {
  case $1 in
    format) echo formats ;;
    json) echo json ;;
    judge) echo traces ;;
    scenario) echo scenarios ;;
    table) echo tables ;;
    *) echo decisions ;;
  esac
}

# Of their C++ library, where the Dockerfile has put its sources; else the system's.
prefix=${work}/prefix
if [[ -d ${SRC}/yaml-cpp ]]; then
  cmake -S "${SRC}/yaml-cpp" -B "${work}/yaml-cpp" -G Ninja -DYAML_CPP_BUILD_TESTS=OFF -DYAML_CPP_BUILD_TOOLS=OFF \
    -DCMAKE_INSTALL_PREFIX="${prefix}"
  ninja -C "${work}/yaml-cpp" install
fi

# The instrumentation is in CFLAGS and CXXFLAGS, which CMake takes from the environment; none of ours is added.
cmake -S "${project}" -B "${work}/bufspec" -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_PREFIX_PATH="${prefix}" \
  -DBUFSPEC_FUZZERS=ON -DBUFSPEC_FUZZ_PYTHON=OFF -DBUFSPEC_FUZZ_INSTRUMENT= "-DBUFSPEC_FUZZ_ENGINE=${LIB_FUZZING_ENGINE}"
built=()
for target in "${targets[@]}"; do built+=("${target}_fuzz" "bufspec_fuzz_dictionary_$(form_of "${target}")"); done
ninja -C "${work}/bufspec" "${built[@]}"

for target in "${targets[@]}"; do
  cp "${work}/bufspec/fuzz/${target}_fuzz" "${OUT}/"
  cp "${work}/bufspec/fuzz/$(form_of "${target}").dict" "${OUT}/${target}_fuzz.dict"
  (cd "${project}/fuzz/corpus/${target}_fuzz" && python3 -m zipfile -c "${OUT}/${target}_fuzz_seed_corpus.zip" ./*)
  printf '[libfuzzer]\nmax_len = 2048\n' >"${OUT}/${target}_fuzz.options"
done
