#include "guarded.hpp"

#include <cerrno>
#include <exception>
#include <new>
#include <system_error>
#include <utility>

namespace bufspec::cpython {

namespace {

thread_local bool has_request_failed = false;

}  // namespace

bool take_failed_request() noexcept { return std::exchange(has_request_failed, false); }
void note_failed_request() noexcept { has_request_failed = true; }

void raise_caught() noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::system_error& error) {
    errno = error.code().value();
    PyErr_SetFromErrno(PyExc_OSError);
  } catch (const std::exception& error) {
    PyErr_Format(PyExc_SystemError, "the engine failed: %s", error.what());
  } catch (...) {
    PyErr_SetString(PyExc_SystemError, "the engine failed");
  }
}

}  // namespace bufspec::cpython
