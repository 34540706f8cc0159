# find_package(bufspec): the header for subjects of shared libraries, and a test that judges them.
#
#   find_package(bufspec REQUIRED)
#   add_library(mine MODULE mine.c)
#   target_link_libraries(mine PRIVATE bufspec::subject)
#   bufspec_add_conformance_test(mine)
#
# The environment that bufspec is installed in is found where its `bin` is in PATH, or by CMAKE_PREFIX_PATH.
include_guard(GLOBAL)

get_filename_component(bufspec_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
find_program(BUFSPEC_COMMAND bufspec HINTS "${bufspec_prefix}/bin" DOC "The command bufspec")

if(NOT TARGET bufspec::subject)
  add_library(bufspec::subject INTERFACE IMPORTED)
  set_target_properties(bufspec::subject PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${bufspec_prefix}/include")
endif()

# bufspec_add_conformance_test(TARGET [NAME name] [SUBJECTS glob...] [OPTIONS option...] [SUITES])
#
# A test that passes if no rule is broken: `bufspec check --native` on the library of TARGET, of all its subjects or those
# that SUBJECTS names, with further OPTIONS of check.  SUITES: bufspec-suites in its place, whose OPTIONS are GoogleTest's.
function(bufspec_add_conformance_test target)
  cmake_parse_arguments(PARSE_ARGV 1 test "SUITES" "NAME" "SUBJECTS;OPTIONS")
  if(NOT TARGET ${target})
    message(FATAL_ERROR "bufspec_add_conformance_test: ${target} is no target.  Name a shared library that exports bufspec_subjects.")
  endif()
  get_target_property(type ${target} TYPE)
  if(NOT type MATCHES "^(SHARED|MODULE)_LIBRARY$")
    message(FATAL_ERROR "bufspec_add_conformance_test: ${target} is no shared library.  Make it one: add_library(${target} MODULE ...)")
  endif()
  if(test_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "bufspec_add_conformance_test: ${test_UNPARSED_ARGUMENTS} says nothing.  There are NAME, SUBJECTS, OPTIONS and SUITES.")
  endif()
  if(NOT test_NAME)
    set(test_NAME ${target}.conformance)
  endif()
  if(test_SUITES)
    find_program(BUFSPEC_SUITES bufspec-suites HINTS "${bufspec_prefix}/bin" REQUIRED)
    list(TRANSFORM test_SUBJECTS APPEND ".*")
    list(JOIN test_SUBJECTS ":" filter)
    if(filter)
      list(PREPEND test_OPTIONS "--gtest_filter=${filter}")
    endif()
    add_test(NAME ${test_NAME} COMMAND ${BUFSPEC_SUITES} --subject $<TARGET_FILE:${target}> --isolate ${test_OPTIONS})
    return()
  endif()
  if(NOT BUFSPEC_COMMAND)
    message(FATAL_ERROR "bufspec_add_conformance_test: the command bufspec is not found.  Install it (pip install bufspec), or set BUFSPEC_COMMAND.")
  endif()
  add_test(NAME ${test_NAME} COMMAND ${BUFSPEC_COMMAND} check ${test_SUBJECTS} --native $<TARGET_FILE:${target}> --no-config ${test_OPTIONS})
endfunction()
