// The reference exporter as a Python object that writes down what it is asked and behaves in every way that the
// protocol allows: what a consumer is given.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "harness/adapters/cpython/api/python_api.hpp"
#include "instrumented_log.hpp"
#include "suites/engine/memory/handed_memory.hpp"

namespace bufspec::cpython {

// What an instrumented exporter does, beside keeping every rule.
struct InstrumentedHabits {
  std::uint32_t behaviours = 0;  // behaviour::*
  std::uint8_t refused_requests = 0;  // bit k: request number k is refused
  Ref consumer;  // what behaviour::reenters_consumer calls; null: nothing
};

// What lies behind the object, and outlives it while somebody looks.
class Instrumented {
 public:
  Instrumented(std::shared_ptr<engine::PlannedMemory> plan, InstrumentedHabits habits);
  ~Instrumented();
  Instrumented(const Instrumented&) = delete;
  Instrumented& operator=(const Instrumented&) = delete;

  // An object that exports `plan`, and what is behind it; null with an exception set on failure.  The object is of `type`,
  // a class derived from InstrumentedExporter, or of that.
  [[nodiscard]] static std::shared_ptr<Instrumented> make(std::shared_ptr<engine::PlannedMemory> plan,
                                                          InstrumentedHabits habits, Ref& object,
                                                          PyTypeObject* type = nullptr);

  // The slots of the object.
  int get_buffer(PyObject* self, Py_buffer* view, int flags);
  void release_buffer(PyObject* self, Py_buffer* view);
  void object_is_gone(PyObject* object) noexcept;

  // While it is not watched, requests are answered plainly and not written down; releases of what was handed out
  // before are.
  void watch(bool is_watched) noexcept { is_watched_ = is_watched; }

  // The watched requests so far, at most max_logged_requests.
  [[nodiscard]] std::vector<Consumed::Request> requests() const;
  [[nodiscard]] const RequestLog& log() const noexcept { return log_; }
  [[nodiscard]] int stray_releases() const noexcept { return stray_releases_; }
  [[nodiscard]] int views_held() const noexcept;

  // What consumers have written since renew_memory().
  [[nodiscard]] engine::MemoryChange change() const;
  // The elements in C order; of the view with a memory of its own that was handed out last, if one is held.
  [[nodiscard]] std::string elements() const;
  // The same memory as it lies, where it is one segment in Fortran order and in no other.
  [[nodiscard]] std::optional<std::string> segment() const;
  // Writes the memory anew, where it was changed.  Not while a view is held.
  void renew_memory();

  // Begins anew, as if nothing had been asked; false if a view is held, or something was written or released that should
  // not have been.
  [[nodiscard]] bool restart();

  // References to the object and to the one that stands in for it, beyond our own; absent where they are not counted.
  // `ours` is whether our reference to the object is still there.
  [[nodiscard]] std::optional<long> references_kept(bool ours) const noexcept;

  [[nodiscard]] const engine::PlannedMemory& plan() const noexcept { return memory_.plan(); }
  [[nodiscard]] const InstrumentedHabits& habits() const noexcept { return habits_; }
  // Where the memory lies that the last view shows.
  [[nodiscard]] const char* memory() const noexcept { return shown_ != nullptr ? shown_ : memory_.data(); }

 private:
  [[nodiscard]] bool has(std::uint32_t behaviour) const noexcept { return (habits_.behaviours & behaviour) != 0; }
  // The memory of the view that was handed out last and is held, or that of all. Requires: the lock.
  [[nodiscard]] char* memory_held() const noexcept;
  int refuse(PyObject* self, Py_buffer* view, Error error, const char* reason);
  int grant(PyObject* self, Py_buffer* view, LoggedRequest& request);

  InstrumentedHabits habits_;
  engine::HandedMemory memory_;
  mutable std::mutex mutex_;  // of memory and log, where threads run beside each other
  RequestLog log_;
  const char* shown_ = nullptr;
  PyObject* object_ = nullptr;  // while it lives
  PyObject* stand_in_ = nullptr;  // while it lives: the owner of redirected views, and of refusals that lie
  long lent_ = 0;  // references to it that a lie was told with
  int stray_releases_ = 0;
  bool is_watched_ = false;
};

// Adds the type `InstrumentedExporter` to `module`; false with an exception set on failure.
[[nodiscard]] bool add_instrumented_exporter(PyObject* module);

// behaviours(): the names of all behaviours.  A method table entry.
PyObject* list_behaviours(PyObject* module, PyObject* arguments);

// A new object that exports `layout` and does nothing else; null with an exception if no such memory can be made.
[[nodiscard]] Ref plain_exporter_of(const Layout& layout);

// What an object made by plain_exporter_of() was asked so far.
[[nodiscard]] std::vector<Consumed::Request> requests_of(PyObject* exporter);

}  // namespace bufspec::cpython
