// How Python code describes an exporter to the extension: the keywords that runs and traces share.
#pragma once

#include "consumer_arguments.hpp"
#include "harness/adapters/cpython/exporter/subject.hpp"

namespace bufspec::cpython {

// The arguments as they were parsed, borrowed; null for what was not given.
struct SubjectArguments {
  PyObject* what = nullptr;        // the factory, the consumer, or a function's name
  PyObject* operations = nullptr;  // a sequence of (name, callable)
  PyObject* build = nullptr;
  PyObject* expect = nullptr;
  PyObject* check = nullptr;
  int is_volatile = 0;
  int is_readonly = 0;
  ConsumerArguments consumer;
};

// The exporter that they describe; false with TypeError set if they describe none.
[[nodiscard]] bool declaration_from(const SubjectArguments& arguments, ExporterDeclaration& declared);

}  // namespace bufspec::cpython
