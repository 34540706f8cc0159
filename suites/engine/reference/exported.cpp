#include "exported.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "bufspec/functions.hpp"

namespace bufspec::engine {

namespace {

// READ and WRITE alone are reserved by the library's function since the version after this one; by no slot.
constexpr std::uint32_t nothing_reserved = 0x030c0000;

thread_local bool has_turn = false;

}  // namespace

unsigned ReferenceExported::observes() const noexcept {
  return observation::structure | observation::canaries | observation::references | observation::exception |
         observation::memory | observation::result | observation::mutation | observation::content;
}

std::span<const Allocator> ReferenceExported::allocators() const noexcept {
  static constexpr std::array all{Allocator{std::malloc, std::free}};
  return all;
}

bool ReferenceExported::make(const Layout* layout) {
  if (layout == nullptr && !own_) return false;
  built_ = layout != nullptr ? *layout : *own_;
  if (!exporter_.build(built_).ok()) return false;
  Buffer view{};
  elements_.assign(static_cast<std::size_t>(exporter_.length()), '\0');
  if (!get_buffer(exporter_, view, flag::FULL_RO).ok()) return false;
  const bool is_known = to_contiguous(elements_, view, 'C').ok();
  bufspec::release(view);
  return is_known;
}

bool ReferenceExported::make_twin() { return twin_.build(built_).ok(); }

bool ReferenceExported::use_another(const Layout* layout, std::size_t /*number*/) {
  Exporter other;
  if (!other.build(layout != nullptr ? *layout : built_).ok()) return false;
  if (layout == nullptr) static_cast<void>(other.resize(other.layout().shape[0] + 1));
  Buffer view{};
  if (get_buffer(other, view, flag::FULL_RO, edition_, runtime_).ok()) bufspec::release(view);
  return true;
}

std::optional<int> ReferenceExported::ask(Buffer& view, int flags, Route route) {
  const Status status = route == Route::slot
                            ? exporter_.get_buffer(flags, view, edition_, std::min(runtime_, nothing_reserved))
                            : get_buffer(exporter_, view, flags, edition_, runtime_);
  error_ = status.error;
  return status.ok() ? 0 : -1;
}

void ReferenceExported::release(Buffer& view) { bufspec::release(view); }

Raised ReferenceExported::exception() {
  if (error_ == Error::none) return {};
  Raised raised{true, error_, std::string(error_name(error_))};
  error_ = Error::none;
  return raised;
}

bool ReferenceExported::raise() {
  error_ = Error::memory_error;
  return true;
}

bool ReferenceExported::takes_back() { return exception().error == Error::memory_error; }

Owner ReferenceExported::owner(const void* obj) const noexcept {
  return obj == static_cast<const Object*>(&exporter_) ? Owner::exporter : Owner::other;
}

Raised ReferenceExported::operate(std::size_t /*number*/, Which which) {
  Exporter& exporter = which == Which::twin ? twin_ : exporter_;
  error_ = exporter.resize(exporter.layout().shape[0] + 1).error;
  return exception();
}

void ReferenceExported::in_thread(const std::function<void()>& work) {
  const std::lock_guard lock(turn_);
  has_turn = true;
  work();
  has_turn = false;
}

void ReferenceExported::while_others_run(const std::function<void()>& wait) {
  if (!has_turn) return wait();
  turn_.unlock();
  wait();
  turn_.lock();
}

}  // namespace bufspec::engine
