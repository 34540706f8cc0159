#include "foreign.hpp"

#include <cstring>
#include <memory>
#include <utility>

#include "harness/adapters/native/buffer.hpp"

namespace bufspec::native {

Error& last_error() noexcept {
  thread_local Error error = Error::none;
  return error;
}

Status ForeignObject::get_buffer(int word, Buffer& view, Edition, std::uint32_t) noexcept {
  auto given = std::make_unique<bufspec_buffer>();
  if (!is_exporter()) return {Error::type_error, "not an exporter"};
  if (object_.type->get_buffer(&object_, given.get(), word) != 0) {
    view.obj = nullptr;
    // An object of bufspec's says why by set_exception(); one of the library's own, too.
    const Error why = std::exchange(last_error(), Error::none);
    return {why == Error::none ? Error::buffer_error : why, "the object refuses"};
  }
  std::memcpy(&view, given.get(), sizeof view);
  view.obj = static_cast<Object*>(this);
  view.internal = given.release();
  add_reference();
  return {};
}

void ForeignObject::unwrap(Buffer& view) noexcept {
  const std::unique_ptr<bufspec_buffer> given(static_cast<bufspec_buffer*>(view.internal));
  std::memcpy(&view, given.get(), sizeof view);
}

void ForeignObject::release_buffer(Buffer& view) noexcept {
  const std::unique_ptr<bufspec_buffer> given(static_cast<bufspec_buffer*>(view.internal));
  bufspec_release(given.get());
}

}  // namespace bufspec::native
