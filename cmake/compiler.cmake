# How all our targets are compiled: the language, the warnings, the sanitizers.
# Included once, before any target; a target adds nothing of this kind itself.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
# The static libraries end up in the extension.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

get_property(is_multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(NOT is_multi_config AND NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug, RelWithDebInfo" FORCE)
endif()

find_program(CCACHE ccache)
# What afl-clang-fast makes depends on its environment, which ccache does not know.
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER AND NOT CMAKE_CXX_COMPILER MATCHES "afl-")
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# Most of what compiling costs is headers, so a build that is made once compiles twelve sources at a time.  Builds that are
# made again after each change keep an object for each source.
if(BUFSPEC_UNITY)
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 12)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wconversion)
if(NOT BUFSPEC_UNITY)
  # In one source a parameter may have the name of a function that is private to another.
  add_compile_options(-Wshadow)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 reports "text" + std::string as an overlapping copy (GCC bug 105651).
  add_compile_options(-Wno-restrict)
  if(BUFSPEC_UNITY)
    # The same of texts that are assigned or joined, once <string> comes precompiled.
    add_compile_options(-Wno-stringop-overflow -Wno-array-bounds)
  endif()
endif()
if(BUFSPEC_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT BUFSPEC_SANITIZE)
  # GCC inlines less the more there is in a source: without this a judged request takes a fifth longer.  With a sanitizer's
  # checks in each function it would compile for minutes.
  add_compile_options(--param=inline-unit-growth=400)
endif()
if(BUFSPEC_WERROR)
  add_compile_options(-Werror)
endif()
if(BUFSPEC_SANITIZE)
  # A finding ends the process: if a sanitizer only printed it, the tests would still pass.
  add_compile_options(-fsanitize=${BUFSPEC_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${BUFSPEC_SANITIZE})
endif()
if(BUFSPEC_FUZZERS)
  # The library under test needs coverage instrumentation, but no main, which -fsanitize=fuzzer would add.  Comparisons are not
  # traced: that is half of the time, and the dictionaries and mutators have the words.  OSS-Fuzz has options of its own.
  set(BUFSPEC_FUZZ_INSTRUMENT "-fsanitize=fuzzer-no-link -fno-sanitize-coverage=trace-cmp" CACHE STRING
    "How what is fuzzed is compiled; empty where CXXFLAGS say so")
  separate_arguments(instrument UNIX_COMMAND "${BUFSPEC_FUZZ_INSTRUMENT}")
  add_compile_options(${instrument})
endif()

# For tests, which take longer to compile than to run.  What they test is optimised all the same.
function(bufspec_compile_quickly target)
  target_compile_options(${target} PRIVATE $<$<NOT:$<CONFIG:Debug>>:-O1>)
endfunction()

# The headers that nearly every source reads, compiled once for all targets of the same flags:
#   bufspec_headers_first(TARGET)              makes them
#   bufspec_headers_first(TARGET FROM OTHER)   takes those of another target
# Of the standard library alone: a header of ours would show a source names that it does not include.
# Again for a build that is made once.
function(bufspec_headers_first target)
  cmake_parse_arguments(PARSE_ARGV 1 headers "" "FROM" "")
  if(BUFSPEC_UNITY AND headers_FROM)
    target_precompile_headers(${target} REUSE_FROM ${headers_FROM})
  elseif(BUFSPEC_UNITY)
    target_precompile_headers(${target} PRIVATE
      <algorithm> <array> <cstdint> <cstring> <functional> <memory> <optional> <span> <string> <string_view> <utility> <vector>)
  endif()
endfunction()

# What an installed package runs seldom, and never in a loop that matters.
function(bufspec_compile_cold target)
  if(BUFSPEC_UNITY)
    bufspec_compile_quickly(${target})
  endif()
endfunction()

# Sources whose private names are those of another source of their target, such as the slots of a type, are compiled alone.
function(bufspec_compile_apart)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
