// An exporter of a shared library as a subject: the driver of exporters over its handle, and the fast way for answers that are
// known.
#pragma once

#include "exported.hpp"
#include "suites/engine/exporter/known_answers.hpp"

namespace bufspec::native {

// Holds the handle for a driver that is constructed after it.
struct HandleFirst {
  NativeExported exported;
};

// How the fast way asks: straight through the functions of the library.
class NativeCalls {
 public:
  using Exception = bufspec_error;

  explicit NativeCalls(const NativeExported& exported) noexcept
      : calls_(exported.calls()), object_(exported.object()) {}

  [[nodiscard]] bool ask(Buffer& view, int flags) noexcept {
    return calls_.get_buffer(object_, &reinterpret_cast<bufspec_buffer&>(view), flags) == 0;
  }
  void release(Buffer& view) noexcept {
    calls_.release(&reinterpret_cast<bufspec_buffer&>(view));
    view.obj = nullptr;
  }
  [[nodiscard]] Exception take_exception() noexcept {
    return calls_.exception == nullptr ? BUFSPEC_OK : calls_.exception();
  }
  [[nodiscard]] bool has_exception() noexcept { return take_exception() != BUFSPEC_OK; }
  [[nodiscard]] bool has_failed_itself() const noexcept { return false; }
  [[nodiscard]] long references() const noexcept {
    return calls_.references == nullptr ? 0 : calls_.references(object_);
  }

 private:
  const bufspec_exporter& calls_;
  void* object_;
};

class NativeExporterSubject final : private HandleFirst, public engine::RepeatingDriver<NativeCalls> {
 public:
  // `described` outlives it.
  explicit NativeExporterSubject(const Described& described)
      : HandleFirst{NativeExported(described)}, RepeatingDriver(HandleFirst::exported) {}

 private:
  [[nodiscard]] NativeCalls calls() override { return NativeCalls(exported); }
};

}  // namespace bufspec::native
