#include "guarded.hpp"

#include <cerrno>
#include <exception>
#include <new>
#include <system_error>

namespace bufspec::cpython {

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
