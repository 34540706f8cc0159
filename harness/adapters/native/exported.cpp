#include "exported.hpp"

#include <array>
#include <cstdlib>

#include "buffer.hpp"
#include "bufspec/functions.hpp"
#include "suites/engine/observe/probe.hpp"

namespace bufspec::native {

namespace {

// READ and WRITE alone are reserved since the version after this one.
constexpr std::uint32_t nothing_reserved = 0x030c0000;

thread_local bool has_turn = false;

engine::Raised raised_of(bufspec_error error) {
  const Error found = error_from(error);
  if (found == Error::none) return {};
  return {true, found, std::string(error_name(found))};
}

}  // namespace

unsigned NativeExported::observes() const noexcept {
  unsigned seen = observation::structure | observation::canaries | observation::memory | observation::result;
  if (calls_.references != nullptr) seen |= observation::references;
  if (calls_.exception != nullptr) seen |= observation::exception;
  if (calls_.operation_count > 0) seen |= observation::mutation;
  if (!has(BUFSPEC_IS_VOLATILE)) seen |= observation::content;
  return seen;
}

std::uint32_t NativeExported::runtime() const noexcept {
  return calls_.runtime != 0 ? calls_.runtime : nothing_reserved;
}

std::span<const engine::Allocator> NativeExported::allocators() const noexcept {
  static constexpr std::array all{engine::Allocator{std::malloc, std::free}};
  return all;
}

void* NativeExported::made() {
  void* const object = calls_.make();
  has_failed_ = has_failed_ || object == nullptr;
  return object;
}

void* NativeExported::built(const Layout& layout, Exporter& memory, std::string& elements) {
  // The reference's memory says how the bytes lie; a layout that it cannot make is no layout for anybody.
  if (calls_.build == nullptr || !memory.build(layout).ok()) return nullptr;
  Buffer view{};
  if (!get_buffer(memory, view, flag::FULL_RO).ok()) return nullptr;
  elements.resize(static_cast<std::size_t>(memory.length()));
  const bool is_known = to_contiguous(elements, view, 'C').ok();
  bufspec::release(view);
  if (!is_known) return nullptr;
  const bool is_indirect = memory.layout().has_suboffsets;
  bufspec_layout asked{};
  asked.format = layout.format.c_str();
  asked.itemsize = layout.itemsize;
  asked.ndim = layout.ndim;
  asked.readonly = layout.readonly ? 1 : 0;
  asked.shape = layout.shape.data();
  asked.strides = layout.has_strides ? layout.strides.data() : nullptr;
  asked.suboffsets = is_indirect ? layout.suboffsets.data() : nullptr;
  asked.offset = is_indirect ? 0 : layout.offset;
  asked.memory = is_indirect ? nullptr : memory.block().data();
  asked.memory_len = is_indirect ? 0 : static_cast<bufspec_ssize>(memory.block().size());
  asked.elements = elements.data();
  asked.elements_len = static_cast<bufspec_ssize>(elements.size());
  return calls_.build(&asked);
}

void NativeExported::let_go() {
  if (object_ != nullptr) calls_.drop(object_);
  if (twin_ != nullptr) calls_.drop(twin_);
  object_ = twin_ = nullptr;
}

bool NativeExported::make(const Layout* layout) {
  let_go();
  forget_exception();
  is_built_ = layout != nullptr;
  if (is_built_) layout_ = *layout;
  object_ = is_built_ ? built(layout_, memory_, elements_) : made();
  asked_ = object_;
  forget_exception();
  return object_ != nullptr;
}

bool NativeExported::makes_another(bool) {
  void* const another = made();
  const bool is_another = another != nullptr && another != object_;
  if (another != nullptr) calls_.drop(another);
  forget_exception();
  return is_another;
}

bool NativeExported::make_twin() {
  if (twin_ != nullptr) calls_.drop(twin_);
  twin_ = is_built_ ? built(layout_, memory_, elements_) : made();
  forget_exception();
  return twin_ != nullptr;
}

bool NativeExported::use_another(const Layout* layout, std::size_t number) {
  Exporter memory;
  std::string elements;
  void* const other = layout != nullptr ? built(*layout, memory, elements) : made();
  forget_exception();
  if (other == nullptr || other == object_) return false;
  if (layout == nullptr && number < calls_.operation_count) static_cast<void>(calls_.operations[number].run(other));
  Buffer view{};
  if (calls_.get_buffer(other, &native_buffer(view), flag::FULL_RO) == 0 && view.obj != nullptr &&
      (view.obj == other || owner(view.obj) != Owner::garbage))
    calls_.release(&native_buffer(view));
  calls_.drop(other);
  forget_exception();
  return true;
}

std::optional<std::string_view> NativeExported::expected() const noexcept {
  if (is_built_) return elements_;
  if (calls_.elements == nullptr) return std::nullopt;
  return std::string_view(static_cast<const char*>(calls_.elements), static_cast<std::size_t>(calls_.elements_len));
}

std::optional<int> NativeExported::ask(Buffer& view, int flags, engine::Route route) {
  if (route == engine::Route::library) return calls_.get_buffer(object_, &native_buffer(view), flags);
  if (calls_.get_buffer_slot == nullptr) return std::nullopt;
  return calls_.get_buffer_slot(object_, &native_buffer(view), flags);
}

void NativeExported::release(Buffer& view) {
  calls_.release(&native_buffer(view));
  view.obj = nullptr;  // as the library's function does, whatever the type's slot left there
}

engine::Raised NativeExported::exception() {
  return calls_.exception == nullptr ? engine::Raised{} : raised_of(calls_.exception());
}

void NativeExported::forget_exception() noexcept {
  if (calls_.exception != nullptr) static_cast<void>(calls_.exception());
}

bool NativeExported::raise() {
  if (calls_.exception == nullptr || calls_.set_exception == nullptr) return false;
  calls_.set_exception(BUFSPEC_MEMORY_ERROR);
  return true;
}

bool NativeExported::takes_back() { return exception().error == Error::memory_error; }

std::optional<long> NativeExported::references() const noexcept {
  if (object_ == nullptr || calls_.references == nullptr) return std::nullopt;
  return calls_.references(object_);
}

Owner NativeExported::owner(const void* obj) const noexcept {
  if (obj == asked_) return Owner::exporter;
  if (calls_.is_object != nullptr) return calls_.is_object(obj) != 0 ? Owner::other : Owner::garbage;
  char byte = 0;
  return engine::read_safely(obj, {&byte, 1}) == 1 ? Owner::other : Owner::garbage;
}

engine::Raised NativeExported::operate(std::size_t number, engine::Which which) {
  const bufspec_error error = calls_.operations[number].run(which == engine::Which::twin ? twin_ : object_);
  forget_exception();
  return raised_of(error);
}

void NativeExported::drop() { let_go(); }

void NativeExported::collect() {
  if (calls_.collect != nullptr) calls_.collect();
}

void NativeExported::re_enter(const std::function<void()>& inside) {
  if (calls_.use == nullptr || object_ == nullptr) return;
  calls_.use(
      object_, [](void* context) { (*static_cast<const std::function<void()>*>(context))(); },
      const_cast<std::function<void()>*>(&inside));
}

void NativeExported::in_thread(const std::function<void()>& work) {
  if (has(BUFSPEC_FREE_THREADED)) return work();
  const std::lock_guard lock(turn_);
  has_turn = true;
  work();
  has_turn = false;
}

void NativeExported::while_others_run(const std::function<void()>& wait) {
  if (!has_turn) return wait();
  turn_.unlock();
  wait();
  turn_.lock();
}

}  // namespace bufspec::native
