// How Python code describes a consumer to the extension: the keywords that runs and traces share.
#pragma once

#include "harness/adapters/cpython/consumer/result.hpp"

namespace bufspec::cpython {

// The keywords, borrowed as they were parsed.
struct ConsumerArguments {
  const char* kind = "reads";
  const char* returns = "";
  PyObject* accepts = nullptr;  // an iterable of names of capability::*
  int has_fallback = 0;
  PyObject* also = nullptr;  // a dict of what is rarely said: order, refuses, reentrant, threads
};

// The consumer that they describe; false with TypeError or ValueError set, which says what is allowed.
[[nodiscard]] bool consumer_from(PyObject* callable, const ConsumerArguments& arguments, ConsumerDeclaration& declared);

}  // namespace bufspec::cpython
