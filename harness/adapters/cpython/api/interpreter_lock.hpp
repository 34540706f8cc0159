// Who holds the interpreter's lock?  Taken and let go for as long as one of these lives, whatever is thrown.
#pragma once

#include "python_api.hpp"

namespace bufspec::cpython {

// Other threads of the interpreter run while this lives; made with the lock held.
class LockReleased {
 public:
  LockReleased() noexcept : saved_(PyEval_SaveThread()) {}
  ~LockReleased() { PyEval_RestoreThread(saved_); }
  LockReleased(const LockReleased&) = delete;
  LockReleased& operator=(const LockReleased&) = delete;

 private:
  PyThreadState* saved_;
};

// This thread holds the lock while this lives, one that the interpreter did not start too.
class LockHeld {
 public:
  LockHeld() noexcept : state_(PyGILState_Ensure()) {}
  ~LockHeld() { PyGILState_Release(state_); }
  LockHeld(const LockHeld&) = delete;
  LockHeld& operator=(const LockHeld&) = delete;

 private:
  PyGILState_STATE state_;
};

}  // namespace bufspec::cpython
