# Can bufspec be built here?  A platform that cannot gets a sentence and what to do, before a compiler reports anything.
#
# Reads variables of CMake alone, so a test says them: cmake -DCMAKE_SIZEOF_VOID_P=4 -P cmake/platform.cmake.  Included three
# times, each time with more variables set: by project(), by the compiler, by the interpreter.
macro(bufspec_refuse what instead)
  message(FATAL_ERROR "bufspec cannot be built here: ${what}.  ${instead}  Platforms: spec/decisions/platforms.md")
endmacro()

if(CMAKE_SYSTEM_NAME AND NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
  bufspec_refuse("the system is ${CMAKE_SYSTEM_NAME}, and only Linux is supported"
                 "Use Linux, on Windows in WSL 2 or a container, on macOS in a container or a virtual machine.")
endif()
if(CMAKE_SIZEOF_VOID_P AND NOT CMAKE_SIZEOF_VOID_P EQUAL 8)
  math(EXPR bits "8 * ${CMAKE_SIZEOF_VOID_P}")
  bufspec_refuse("pointers have ${bits} bits, and the tables of formats are those of 64 bits"
                 "Use a 64-bit compiler and a 64-bit Python.")
endif()
if(CMAKE_CXX_BYTE_ORDER AND NOT CMAKE_CXX_BYTE_ORDER STREQUAL "LITTLE_ENDIAN")
  bufspec_refuse("the byte order is ${CMAKE_CXX_BYTE_ORDER}, and nothing was ever tried on such a machine"
                 "Use a little-endian machine.")
endif()
foreach(compiler "GNU 12 g++" "Clang 14 clang++")
  separate_arguments(compiler)
  list(POP_FRONT compiler id oldest command)
  if(CMAKE_CXX_COMPILER_ID STREQUAL id AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS oldest)
    bufspec_refuse("${command} ${CMAKE_CXX_COMPILER_VERSION} is too old for the C++20 of the sources"
                   "Use g++ 12 or clang++ 14, or later: CXX=${command}-${oldest} pip install .")
  endif()
endforeach()
if(Python_VERSION AND Python_VERSION VERSION_LESS 3.11)
  bufspec_refuse("the interpreter is Python ${Python_VERSION}, and the limited API of 3.11 is the oldest with buffers"
                 "Use CPython 3.11 or later.")
endif()
if(Python_SOABI AND BUFSPEC_STABLE_ABI AND NOT Python_SOABI MATCHES "^cpython-3[0-9]+(d?)(-|$)")
  bufspec_refuse("${Python_SOABI} loads no extension for the stable ABI (abi3)"
                 "Build for this interpreter alone: pip install . --config-settings=cmake.define.BUFSPEC_STABLE_ABI=OFF --config-settings=wheel.py-api=")
endif()
