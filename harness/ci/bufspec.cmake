# For a package that CMake builds: a test of ctest that judges it as it lies in the build folder.
#
# bufspec_add_test(NAME [TARGET extension] [PYTHONPATH folder...] [ARGUMENTS word...])
#
# Runs `bufspec check` in the current source folder, with the folder of the target and those of PYTHONPATH on the
# path; without ARGUMENTS, for what [tool.bufspec] or bufspec.toml names.  Needs find_package(Python COMPONENTS
# Interpreter) with an interpreter that has bufspec.
function(bufspec_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 gate "" "TARGET" "PYTHONPATH;ARGUMENTS")
  set(path ${gate_PYTHONPATH})
  if(gate_TARGET)
    list(PREPEND path $<TARGET_FILE_DIR:${gate_TARGET}>)
  endif()
  list(JOIN path ":" path)
  add_test(
    NAME ${name}
    COMMAND ${CMAKE_COMMAND} -E env "PYTHONPATH=${path}" ${Python_EXECUTABLE} -m bufspec.cli check ${gate_ARGUMENTS}
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
endfunction()
