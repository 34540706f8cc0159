// What the C header and the engine both have, seen as the other's: the struct of a view, and errors.
#pragma once

#include "bufspec/errors.hpp"
#include "bufspec/view.hpp"
#include "bufspec_subject.h"

namespace bufspec::native {

static_assert(sizeof(bufspec_buffer) == sizeof(Buffer) && alignof(bufspec_buffer) == alignof(Buffer));
static_assert(offsetof(bufspec_buffer, buf) == offsetof(Buffer, buf) &&
              offsetof(bufspec_buffer, obj) == offsetof(Buffer, obj) &&
              offsetof(bufspec_buffer, readonly) == offsetof(Buffer, readonly) &&
              offsetof(bufspec_buffer, ndim) == offsetof(Buffer, ndim) &&
              offsetof(bufspec_buffer, format) == offsetof(Buffer, format) &&
              offsetof(bufspec_buffer, shape) == offsetof(Buffer, shape) &&
              offsetof(bufspec_buffer, strides) == offsetof(Buffer, strides) &&
              offsetof(bufspec_buffer, suboffsets) == offsetof(Buffer, suboffsets) &&
              offsetof(bufspec_buffer, internal) == offsetof(Buffer, internal));
static_assert(BUFSPEC_BUFFER_ERROR == static_cast<int>(Error::buffer_error) &&
              BUFSPEC_SYSTEM_ERROR == static_cast<int>(Error::system_error) &&
              BUFSPEC_MEMORY_ERROR == static_cast<int>(Error::memory_error) &&
              BUFSPEC_OTHER_ERROR == static_cast<int>(Error::other));
static_assert(BUFSPEC_FULL == flag::FULL && BUFSPEC_FULL_RO == flag::FULL_RO && BUFSPEC_WRITE == flag::WRITE);

[[nodiscard]] inline bufspec_buffer& native_buffer(Buffer& view) noexcept {
  return reinterpret_cast<bufspec_buffer&>(view);
}

[[nodiscard]] inline Buffer& engine_buffer(bufspec_buffer& view) noexcept { return reinterpret_cast<Buffer&>(view); }

// What a library returns may be any number.
[[nodiscard]] inline Error error_from(int error) noexcept {
  return error >= BUFSPEC_OK && error <= BUFSPEC_OTHER_ERROR ? static_cast<Error>(error) : Error::other;
}

}  // namespace bufspec::native
