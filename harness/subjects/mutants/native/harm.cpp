#include "harm.hpp"

#include <csignal>
#include <cstdlib>

namespace bufspec::mutants {

void add_references(PyObject* object, Py_ssize_t number) noexcept {
  for (Py_ssize_t i = 0; i < number; ++i) Py_INCREF(object);
  for (Py_ssize_t i = 0; i > number; --i) Py_DECREF(object);
}

void end_process(std::string_view how) {
  constexpr int status = 7;
  if (how == "exit") std::_Exit(status);
  if (how == "abort") std::abort();
  std::raise(SIGSEGV);
}

}  // namespace bufspec::mutants
